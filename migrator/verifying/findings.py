"""Nouns: what a trial of migrations was asked for, and what it found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from pathlib import Path

    from migrator.diagnostics import Diagnostic
    from migrator.outcomes import Planned
    from migrator.terms import Term


@dataclass(frozen=True, slots=True)
class Trial:
    """What `verify` was asked for besides a plan.

    Attributes:
        states: how many states of each old version are generated, and as many of the new one.
        seed: what they hang on; None for one that no run had.
        given: files with states to try besides (`--state`).
        erl: the Erlang of the throw-away node; None for the usual one.
    """

    states: int = 1000
    seed: int | None = None
    given: tuple[Path, ...] = ()
    erl: Path | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """A state for which the migration does not do what the plan says: the smallest one that was found.

    Attributes:
        kind: what is wrong, in the helper's word (erlang_helpers/README.md, Of trials).
        direction: `up`, `down`, `again` (converted twice), `foreign` (of no known version) or `extra`.
        record: the record that it is about: the new one's name on the way up, the old one's on the way down.
        field: its field.
        state: the state before, in Erlang's external term format.
        text: the same as Erlang text.
        expected: what the plan says, as text.
        got: what came, as text.
        path: where in the field, as text; empty for the field itself.
    """

    kind: str
    direction: str
    record: str | None
    field: str | None
    state: bytes
    text: str
    expected: str
    got: str
    path: str = ""

    @property
    def about(self) -> tuple[str, str, str | None, str | None]:
        """What it says; of two that say the same one is enough."""
        return (self.kind, self.direction, self.record, self.field)


@dataclass(frozen=True, slots=True)
class Lost:
    """A field that does not come back, with one value and what came in its place.

    `direction` is `down` where an upgrade and a downgrade after it do not give it back, `up` the other way round.
    """

    direction: str
    record: str
    field: str
    value: str
    back: str


@dataclass(frozen=True, slots=True)
class Note:
    """Something that could not be judged, in the helper's word, and the field that it is about."""

    kind: str
    record: str | None
    field: str | None
    text: str


@dataclass(frozen=True, slots=True)
class Counts:
    """How much was tried; `given_old`, `given_new` and `given_foreign` are the given states by what they were.

    Of `came_up` and `came_down` conversions it was judged what came of them: the others were skipped.
    """

    states: int = 0
    calls: int = 0
    skipped: int = 0
    given_old: int = 0
    given_new: int = 0
    given_foreign: int = 0
    came_up: int = 0
    came_down: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(
            self.states + other.states,
            self.calls + other.calls,
            self.skipped + other.skipped,
            self.given_old + other.given_old,
            self.given_new + other.given_new,
            self.given_foreign + other.given_foreign,
            self.came_up + other.came_up,
            self.came_down + other.came_down,
        )


@dataclass(frozen=True, slots=True)
class Reads:
    """The fields that the function or the expression may read which makes this field in that direction."""

    direction: str
    record: str
    field: str
    read: frozenset[str]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the helper told of some states; `pure` where nothing runs but what was generated."""

    counts: Counts = Counts()
    findings: tuple[Finding, ...] = ()
    lost: tuple[Lost, ...] = ()
    notes: tuple[Note, ...] = ()
    reads: tuple[Reads, ...] = ()
    pure: bool = False


Result = Literal["holds", "broken", "untried"]


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of trying the way between one old version and the new one.

    Attributes:
        vsn: the old version.
        kept: what it keeps, `#state{}` or `conns()`.
        lossless: whether the plan says that down after up gives back every field.
        outcome: what was found.
        unshown: what could not be shown of this way, as sentences.
        said: a diagnostic for each finding, in their order, then for what else is to be said: a finding may be a
            warning alone, where nobody says that such a state comes.
    """

    vsn: Term
    kept: str
    lossless: bool
    outcome: Outcome
    unshown: tuple[str, ...] = ()
    said: tuple[Diagnostic, ...] = ()

    @property
    def result(self) -> Result:
        """Whether what was tried came out as the plan says; `untried` where no state was, in a direction."""
        counts = self.outcome.counts
        came = (counts.came_up, counts.came_down)
        if any(each.kind.exit == 1 for each in self.said):
            return "broken"
        return "holds" if all(came) or (any(came) and not counts.skipped) else "untried"


@dataclass(frozen=True, slots=True)
class Verified:
    """What came of one module.

    Attributes:
        planned: its plan, or why there is none.
        tried: one for each old version that was given; none where nothing was tried.
        seed: what the generated states hang on.
        seconds: how long it took.
        diagnostics: all that is to be said: of the plan, and of what was found.
    """

    planned: Planned
    tried: tuple[Tried, ...]
    seed: int
    seconds: float
    diagnostics: tuple[Diagnostic, ...]

    @property
    def result(self) -> Result:
        """Whether all states came out as the plan says; `untried` where there was nothing to try or no plan."""
        if any(each.kind.exit == 1 for each in self.diagnostics):
            return "broken"
        return "holds" if any(each.result != "untried" for each in self.tried) else "untried"
