"""Writes the instructions of one application between two releases, and keeps or replaces what a person wrote."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from migrator.release.deciding import turned
from migrator.release.instructions import OfModule, Other, alone, instruction, restricted
from migrator.terms import Atom

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from migrator.release.drafts import Steps, Upgrade
    from migrator.release.instructions import Instruction
    from migrator.terms import Term

# Those of OTP's own applications that run code which cannot be replaced under their feet.
_CORE = frozenset({"erts", "kernel", "stdlib", "sasl"})
# All of them: each brings an appup of its own, as those who wrote its code want it upgraded.
OTP = _CORE | frozenset(
    "asn1 common_test compiler crypto debugger dialyzer diameter edoc eldap erl_docgen erl_interface et eunit ftp "  # noqa: SIM905 - read as the list it is
    "hipe inets jinterface megaco mnesia observer odbc os_mon parsetools public_key reltool runtime_tools snmp ssh ssl "
    "syntax_tools tftp tools wx xmerl".split()
)


@dataclass(frozen=True, slots=True)
class Written:
    """The instructions of ours for one application, up and down, still as values."""

    up: tuple[Instruction, ...]
    down: tuple[Instruction, ...]


def written(upgrade: Upgrade, application: str, steps: Steps) -> Written:
    """The instructions of an application: on the way up those that are needed come first, on the way down last.

    One of OTP's own whose appup has no entry is started anew, as OTP's own appups do.
    """
    if application in OTP:
        again = Atom("restart_new_emulator")
        anew = Other(again if application in _CORE else (Atom("restart_application"), Atom(application)))
        return Written((anew,), (anew,))
    made = [upgrade.instructions[module] for module in upgrade.modules_of(application)]
    return Written(
        _around(steps.up_first, made, steps.up_last),
        _around(steps.down_first, [turned(each) for each in reversed(made)], steps.down_last),
    )


def _around(first: Iterable[Term], made: Iterable[Instruction], last: Iterable[Term]) -> tuple[Instruction, ...]:
    """All three; a module that has an instruction before or behind has none of ours: systools takes one."""
    before, behind = tuple(map(instruction, first)), tuple(map(instruction, last))
    theirs = modules_in((*before, *behind))
    ours = (each for each in made if not isinstance(each, OfModule) or each.module not in theirs)
    return (*before, *ours, *behind)


def modules_in(instructions: Iterable[Instruction]) -> frozenset[str]:
    """The modules that have an instruction on which others may depend."""
    return frozenset(each.module for each in instructions if isinstance(each, OfModule))


def is_alone(instructions: Iterable[Instruction]) -> bool:
    """Whether something there must keep its place: then no other application may depend on a module of this one.

    systools does all that hangs together by dependencies in one go, where the first of it stands in any application.
    """
    return any(isinstance(each, Other) for each in instructions)


def common(scripts: Sequence[tuple[Instruction, ...]]) -> tuple[Instruction, ...] | None:
    """The instructions that lead from several releases with the same version of an application; None where they differ.

    A dependency that does not hold in all of them is left out.
    """
    first, *others = scripts
    deps = [{each.module: set(each.deps) for each in other if isinstance(each, OfModule)} for other in others]
    if any(_by_module(other) != _by_module(first) for other in others):
        return None
    made = []
    for each in first:
        if isinstance(each, OfModule):
            held = set(each.deps)
            for other in deps:
                held &= other.get(each.module, set())
            made.append(restricted(each, held))
        else:
            made.append(each)
    return tuple(made)


def _by_module(instructions: Sequence[Instruction]) -> dict[str, Instruction]:
    return {each.module: alone(each) for each in instructions if isinstance(each, OfModule)}
