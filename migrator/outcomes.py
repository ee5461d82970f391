"""Nouns: what a run works on, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from migrator.states import called

if TYPE_CHECKING:
    from pathlib import Path

    from migrator.diagnostics import Diagnostic
    from migrator.modules import Module
    from migrator.plan import Plan


@dataclass(frozen=True, slots=True)
class Job:
    """One module: the beams of its old versions, and of its new one."""

    olds: tuple[Path, ...]
    new: Path


@dataclass(frozen=True, slots=True)
class Planned:
    """What came of planning a job: a plan and the modules that it is for, or why there is none."""

    job: Job
    plan: Plan | None
    olds: tuple[Module, ...]
    new: Module | None
    refusals: tuple[Diagnostic, ...] = ()

    @property
    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """All that is to be said of this job."""
        return self.refusals + (self.plan.diagnostics if self.plan else ())

    @property
    def verdict(self) -> Literal["unchanged", "migrate", "blocked"]:
        """What comes of it: nothing to do, a migration, or neither until what stands in the way is settled."""
        if self.plan is not None:
            return self.plan.verdict
        return "blocked" if any(each.kind.exit for each in self.refusals) else "unchanged"


@dataclass(frozen=True, slots=True)
class Injected:
    """A beam before and after, with what speaks against writing it.

    `after` is None where there is nothing to write.
    """

    path: Path
    module: str
    before: bytes
    after: bytes | None
    diagnostics: tuple[Diagnostic, ...] = ()


@dataclass(frozen=True, slots=True)
class Candidate:
    """A record that seems to keep the state, and why it seems so."""

    record: str
    why: str
    line: int


@dataclass(frozen=True, slots=True)
class Scanned:
    """One beam: what its module says of its state, and what it seems to keep; `type` is the one in `-state_type`."""

    application: str
    path: Path
    module: str
    file: str
    behaviours: tuple[str, ...]
    says: tuple[str, ...]
    carries: bool
    candidates: tuple[Candidate, ...]
    debug_info: bool
    type: str | None = None

    @property
    def named(self) -> tuple[str, ...]:
        """What it says, for a person: `#state{}`, or `conns()` where it is a type."""
        types = () if self.type is None else (called("type", self.type),)
        return (*(called("record", each) for each in self.says), *types)
