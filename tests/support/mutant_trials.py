"""Mutants of a module's migration: compiled, told apart from the original, and tried."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from migrator.errors import HelperFault
from migrator.splice import Splice, splice
from migrator.synthesise import synthesise
from tests.support.mutation_operators import mutants

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from migrator.modules import Module
    from migrator.otp import Helper
    from migrator.plan import Plan
    from tests.support.mutation_operators import Mutant

# Of one beam's code, by the helper.
_BATCH = 64

Fate = Literal["killed", "same code", "no difference", "survived", "does not compile"]


@dataclass(frozen=True)
class Target:
    """A module whose migration is mutated: its plan, and the versions that it is planned from."""

    name: str
    plan: Plan
    olds: tuple[Module, ...]
    new: Module


@dataclass(frozen=True)
class Trial:
    """What came of one mutant; `how` is what was found, or the term that tells it from the original."""

    target: str
    mutant: Mutant
    fate: Fate
    how: str = ""


@dataclass
class Score:
    """How many of each operator came to which fate; `wronged` are originals with which fault is found."""

    by_operator: dict[str, Counter[Fate]] = field(default_factory=lambda: defaultdict(Counter))
    survivors: list[Trial] = field(default_factory=list)
    wronged: list[str] = field(default_factory=list)

    def add(self, trial: Trial) -> None:
        """Counts it."""
        self.by_operator[trial.mutant.operator][trial.fate] += 1
        if trial.fate in {"survived", "no difference"}:
            self.survivors.append(trial)

    @property
    def killed(self) -> int:
        """How many were found out."""
        return sum(each["killed"] for each in self.by_operator.values())

    @property
    def survived(self) -> int:
        """How many were not, though a term tells them from the original."""
        return sum(each["survived"] for each in self.by_operator.values())


def chosen(target: Target, most: int, seed: int) -> list[Mutant]:
    """The mutants of a target, of each operator so many at the most, always the same ones for a seed."""
    by_operator: dict[str, list[Mutant]] = defaultdict(list)
    for each in mutants(target.plan, synthesise(target.plan)):
        by_operator[each.operator].append(each)
    found = []
    for operator, made in by_operator.items():
        picked = random.Random(f"{seed} {target.name} {operator}")  # noqa: S311 - no secret
        found += made if len(made) <= most else picked.sample(made, most)
    return found


def compiled(helper: Helper, target: Target, made: Sequence[Mutant]) -> Iterator[tuple[Mutant, bytes | None]]:
    """Each mutant's beam; None where it does not compile."""
    for start in range(0, len(made), _BATCH):
        batch = made[start : start + _BATCH]
        beams = splice(helper, [Splice(target.new.beam, each.edits) for each in batch])
        for each, beam in zip(batch, beams, strict=True):
            yield each, None if isinstance(beam, HelperFault) else beam


def original(helper: Helper, target: Target) -> bytes:
    """The beam as `inject` writes it.

    Raises:
        HelperFault: it does not compile.
    """
    (beam,) = splice(helper, [Splice(target.new.beam, synthesise(target.plan))])
    if isinstance(beam, HelperFault):
        raise beam
    return beam


def code_of(beam: bytes) -> tuple[bytes, ...]:
    """What is the same for two beams that do the same by the same instructions: their places may differ."""
    found: dict[bytes, bytes] = {}
    at = 12
    while at < len(beam):
        size = int.from_bytes(beam[at + 4 : at + 8], "big")
        found[beam[at : at + 4]] = beam[at + 8 : at + 8 + size]
        at += 8 + (size + 3) // 4 * 4
    return tuple(found.get(each, b"") for each in (b"Code", b"AtU8", b"LitT", b"ImpT", b"ExpT", b"FunT", b"StrT"))


def tried(
    helper: Helper,
    target: Target,
    made: Iterable[Mutant],
    found_out: Callable[[bytes], str],
    apart: Callable[[bytes], str],
) -> Iterator[Trial]:
    """What comes of each mutant.

    Args:
        helper: compiles.
        target: whose they are.
        made: the mutants.
        found_out: what a trial of that beam finds; nothing where it finds nothing.
        apart: a term of which that beam makes something else than the original; nothing where none was found.
    """
    whole = code_of(original(helper, target))
    for mutant, beam in compiled(helper, target, list(made)):
        if beam is None:
            yield Trial(target.name, mutant, "does not compile")
        elif code_of(beam) == whole:
            yield Trial(target.name, mutant, "same code")
        elif how := found_out(beam):
            yield Trial(target.name, mutant, "killed", how)
        else:
            term = apart(beam)
            yield Trial(target.name, mutant, "survived" if term else "no difference", term)
