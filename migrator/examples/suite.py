"""Nouns: what a generated test module checks of one module's migrations."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from migrator.callbacks import Callback
    from migrator.decisions import Mode
    from migrator.examples.values import Value
    from migrator.recordplan import RecordPlan
    from migrator.terms import Term


WayBack: TypeAlias = Literal["generated", "refused", "another"]


@dataclass(frozen=True, slots=True)
class Example:
    """A state, what becomes of it, and what becomes of that on the way back (None: that is not asked).

    `about` says which values it has: a function's name is made of it.
    """

    about: str
    before: Value
    after: Value
    back: Value | None = None


@dataclass(frozen=True, slots=True)
class Kept:
    """What a version keeps: the tag and the fields of a bare record; neither where it is something else."""

    tag: str | None
    fields: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class VersionSuite:
    """What is checked of the way between one old version and the new one.

    `answer` is a new state of variables alone, and the old one that it becomes: for what the module's own function
    answers on a downgrade; None where a variable is not all that it takes.

    `record` is the plan where both keep a bare record. `told` are remarks on what is not checked. `way_back` is
    `refused` where no decision says how, `another` where an older version of the same vsn is what a downgrade leads to.
    """

    vsn: Term
    label: str
    kept: Kept
    converts: Literal["generated", "handwritten", "nothing"]
    way_back: WayBack
    record: RecordPlan | None
    ups: tuple[Example, ...]
    downs: tuple[Example, ...]
    answer: tuple[Value, Value] | None
    told: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Unknown:
    """A shape that no version has and the module's own function does not take, so that it is refused."""

    tag: str
    size: int


@dataclass(frozen=True, slots=True)
class Suite:
    """The checks of one module.

    `own` is the name of the module's own conversion function in the beam, None where it has none; `mode` which runs
    first on a downgrade. `passes`: what is no tuple is none of ours.
    """

    module: str
    vsn: Term
    kept: Kept
    callback: Callback
    own: str | None
    mode: Mode
    versions: tuple[VersionSuite, ...]
    unknown: Unknown | None
    foreign: Literal["passes", "unclear"]
