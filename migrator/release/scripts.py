"""Writes the instructions of one application between two releases, and keeps or replaces what a person wrote."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from migrator.release.deciding import turned
from migrator.release.drafts import Steps
from migrator.release.instructions import OfModule, Other, alone, instruction, restricted
from migrator.terms import Atom

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from migrator.release.drafts import Move, Prepared, Upgrade
    from migrator.release.instructions import Instruction

# Those of OTP's own applications that run code which cannot be replaced under their feet.
CORE = frozenset({"erts", "kernel", "stdlib", "sasl"})
# All of them: each brings an appup of its own, as those who wrote its code want it upgraded.
OTP = CORE | frozenset(
    "asn1 common_test compiler crypto debugger dialyzer diameter edoc eldap erl_docgen erl_interface et eunit ftp "  # noqa: SIM905 - read as the list it is
    "hipe inets jinterface megaco mnesia observer odbc os_mon parsetools public_key reltool runtime_tools snmp ssh ssl "
    "syntax_tools tftp tools wx xmerl".split()
)


@dataclass(frozen=True, slots=True)
class Written:
    """The instructions of ours for one application, up and down, still as values."""

    up: tuple[Instruction, ...]
    down: tuple[Instruction, ...]


def written(upgrade: Upgrade, application: str, prepared: Prepared) -> Written:
    """The instructions of an application: on the way up those that are needed come first, on the way down last.

    One of OTP's own whose appup has no entry is started anew, as OTP's own appups do.
    """
    if application in OTP:
        again = Atom("restart_new_emulator")
        anew = Other(again if application in CORE else (Atom("restart_application"), Atom(application)))
        return Written((anew,), (anew,))
    made = [upgrade.instructions[module] for module in upgrade.modules_of(application)]
    none = Steps()
    return Written(
        _around(prepared.up.get(application, none), made),
        _around(prepared.down.get(application, none), [turned(each) for each in reversed(made)]),
    )


def _around(steps: Steps, made: Sequence[Instruction]) -> tuple[Instruction, ...]:
    """The instructions with their steps; a module of the steps has no other instruction: systools takes one."""
    before, behind = tuple(map(instruction, steps.first)), tuple(map(instruction, steps.last))
    theirs = modules_in((*before, *behind))
    ours = [each for each in made if not isinstance(each, OfModule) or each.module not in theirs]
    for move in steps.moves:
        ours = _moved(ours, move)
    return (*before, *ours, *behind)


def _moved(made: Sequence[Instruction], move: Move) -> list[Instruction]:
    """The instructions with one in its place, and nothing that hangs together with it by dependencies.

    What must be behind it is put there, where that was not so; what must be before it stays as far as it can.
    """
    apart = {move.module, *move.before, *move.behind}
    freed = [_freed(each, apart) for each in made]
    own = [each for each in freed if isinstance(each, OfModule) and each.module == move.module]
    later = [each for each in freed if isinstance(each, OfModule) and each.module in move.before]
    sooner = [each for each in freed if isinstance(each, OfModule) and each.module in move.behind]
    group = [*sooner, *own, *later]
    if not own or [each for each in freed if each in group] == group:
        return freed
    place = min(freed.index(each) for each in group)
    rest = [each for each in freed if each not in group]
    return [*rest[:place], *group, *rest[place:]]


def _freed(given: Instruction, apart: Collection[str]) -> Instruction:
    if not isinstance(given, OfModule):
        return given
    return restricted(given, () if given.module in apart else [each for each in given.deps if each not in apart])


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
