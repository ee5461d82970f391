"""Writes the instructions of one application between two releases, and keeps or replaces what a person wrote."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from migrator.release.deciding import turned
from migrator.release.instructions import OfModule, Other, alone, instruction, restricted
from migrator.terms import Atom

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from migrator.release.drafts import Steps, Upgrade
    from migrator.release.instructions import Instruction
    from migrator.terms import Term

# OTP's own applications that run code which cannot be replaced under their feet.
_CORE = frozenset({"kernel", "stdlib", "sasl"})


@dataclass(frozen=True, slots=True)
class Written:
    """The instructions of ours for one application, up and down, still as values."""

    up: tuple[Instruction, ...]
    down: tuple[Instruction, ...]


def written(upgrade: Upgrade, application: str, steps: Mapping[str, Steps]) -> Written:
    """The instructions of an application: on the way up those that are needed come first, on the way down last.

    `steps` stand in the place of the instruction of their module.
    """
    if application in _CORE:
        again = (Other(Atom("restart_new_emulator")),)
        return Written(again, again)
    modules = upgrade.modules_of(application)
    up: list[Instruction] = []
    down: list[Instruction] = []
    for module in modules:
        up += _up(upgrade, module, steps)
    for module in reversed(modules):
        down += _down(upgrade, module, steps)
    return Written(tuple(up), tuple(down))


def _up(upgrade: Upgrade, module: str, steps: Mapping[str, Steps]) -> Iterator[Instruction]:
    if module in steps:
        yield from map(instruction, steps[module].up)
    else:
        yield upgrade.instructions[module]


def _down(upgrade: Upgrade, module: str, steps: Mapping[str, Steps]) -> Iterator[Instruction]:
    if module in steps:
        yield from map(instruction, steps[module].down)
    else:
        yield turned(upgrade.instructions[module])


def named_in(instructions: Iterable[Instruction]) -> Iterator[str]:
    """The modules that have an instruction on which others may depend."""
    for each in instructions:
        if isinstance(each, OfModule):
            yield each.module


def named_in_terms(instructions: Term) -> frozenset[str]:
    """The same of an entry that a person wrote."""
    flat: list[Term] = []
    left = list(instructions) if isinstance(instructions, list) else []
    while left:
        each = left.pop()
        if isinstance(each, list):
            left += each
        else:
            flat.append(each)
    return frozenset(named_in(map(instruction, flat)))


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
