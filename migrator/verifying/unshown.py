"""Verbs: what a trial cannot show of one migration, as sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING

from migrator.recordplan import Converted, ConvertedTo, Filled, GivenBy, GivenFrom, Renamed
from migrator.terms import atom_text
from migrator.wholes import HandPlan, by_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from migrator.plan import Plan
    from migrator.recordplan import RecordPlan, Source
    from migrator.verifying.findings import Outcome
    from migrator.verifying.subjects import Subject

_MOST = 6


def unshown(plan: Plan, subject: Subject, outcome: Outcome) -> tuple[str, ...]:
    """What was not looked at, or cannot be judged, on the way from and to that old version."""
    return tuple(dict.fromkeys((*_of_decisions(subject), *_of_types(subject), *_of_notes(outcome), *_of_own(plan))))


def _of_decisions(subject: Subject) -> Iterator[str]:
    if isinstance(subject.migration.state, HandPlan):
        names = list(functions_of(subject))
        meaning = f"what {_listed(names)} {_verb(names, 'means', 'mean')}"
        yield f"{meaning}: only that a state of the other version comes out"
    elif functions_of(subject):
        names = list(functions_of(subject))
        yield f"what {_listed(names)} {_verb(names, 'means', 'mean')}: only the types of what comes out are judged"
    renames = [
        f"{each.source.field} -> {each.field}"
        for record in subject.migration.records
        for each in record.up
        if isinstance(each.source, Renamed)
    ]
    if renames:
        meant = _verb(renames, "is the rename that is", "are the renames that are")
        yield f"whether {_listed(renames)} {meant} meant"


def functions_of(subject: Subject) -> tuple[str, ...]:
    """The functions and expressions of decisions that convert something on that way, as text."""
    state = subject.migration.state
    if isinstance(state, HandPlan):
        return tuple(by_text(each) for each in (state.up, state.down) if each is not None)
    return tuple(dict.fromkeys(text for each in _sources(subject) if (text := _function(each))))


def _sources(subject: Subject) -> Iterator[Source]:
    for record in subject.migration.records:
        yield from _of_record(record)


def _of_record(record: RecordPlan) -> Iterator[Source]:
    for each in (*record.up, *record.down):
        yield each.source
        if isinstance(each.source, Filled):
            yield from _of_record(each.source.record)


def _function(source: Source) -> str:
    match source:
        case Converted(_, function) | GivenBy(function):
            return str(function)
        case ConvertedTo(_, text) | GivenFrom(text):
            return " ".join(text.split())
    return ""


def _of_types(subject: Subject) -> Iterator[str]:
    unknown = sorted({*subject.old_states.unknown, *subject.new_states.unknown})
    if unknown:
        yield f"values of {_listed(unknown)}: that type is not at hand, and any term was tried"
    guessed = {*subject.old_states.guessed, *subject.new_states.guessed}
    named = [f"{atom_text(record)}.{atom_text(field)} as {kinds}" for (record, field), kinds in sorted(guessed)]
    if named:
        tried = f"{_listed(named)} {_verb(named, 'was', 'were')} tried, as the code tells"
        yield f"other values of fields that have no type and that a function reads: {tried}"


def _of_notes(outcome: Outcome) -> Iterator[str]:
    for note in outcome.notes:
        place = (
            "" if note.record is None or note.field is None else f"#{atom_text(note.record)}.{atom_text(note.field)}"
        )
        if note.kind == "not_repeatable":
            yield f"the value of {place}: it is another one each time, so that its type alone was judged"
        elif note.kind == "stopped":
            yield f"the rest of the states: {note.text}"
    if outcome.counts.skipped:
        what = f"{outcome.counts.skipped:,} conversion{'' if outcome.counts.skipped == 1 else 's'}"
        yield f"{what} that a decision's function did not take, where no type says that it must"


def _of_own(plan: Plan) -> Iterator[str]:
    if plan.own is not None:
        yield f"what the module's own {plan.callback.function} does: one that changes nothing stood in its place"


def _listed(texts: list[str]) -> str:
    shown = texts if len(texts) <= _MOST else [*texts[:_MOST], f"{len(texts) - _MOST} more"]
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"


def _verb(texts: list[str], one: str, several: str) -> str:
    return one if len(texts) == 1 else several
