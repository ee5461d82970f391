"""Verbs: what was found in a trial, as diagnostics."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import TYPE_CHECKING

from migrator.diagnostics import CATALOGUE, Diagnostic
from migrator.recordplan import source_field
from migrator.terms import atom_text, term_text
from migrator.verifying.places import blamed
from migrator.verifying.reading import fields_read
from migrator.verifying.states import readable
from migrator.verifying.unshown import functions_of
from migrator.wholes import HandPlan

if TYPE_CHECKING:
    from collections.abc import Sequence

    from migrator.decisions import Written
    from migrator.plan import Plan
    from migrator.verifying.findings import Finding, Note, Outcome
    from migrator.verifying.subjects import Subject

# The helper's words for what is wrong: code, and what is said of a field (or of all of the state).
_WRONG = {
    **dict.fromkeys(
        ("copied", "renamed", "nested", "converted", "given", "default", "moved"),
        ("M630", "has the wrong value"),
    ),
    "type": ("M631", "is given a value that its type does not admit"),
    "old_left": ("M632", "lies there in its old shape still"),
    "shape": ("M633", "has another tag or another size than its record"),
    "state": ("M633", "is not the one that the plan says"),
    "lost": ("M634", "does not come back, and the plan says that it does"),
    "changed": ("M635", "is changed, and had to pass as it is"),
    "refused": ("M636", "is refused"),
    "not_refused": ("M637", "is taken, and had to be refused"),
    "raised": ("M638", "cannot be converted: it raises an exception"),
    "timeout": ("M638", "cannot be converted in time"),
    "heap": ("M638", "cannot be converted in the memory that it may take"),
    "old_state": ("M639", "does not stand as {old_state, …} in the Extra that the module's own function gets"),
    "own": ("M639", "reaches the module's own function otherwise than it should"),
}

_CONSEQUENCE = {
    "M630": "the process goes on with a wrong value",
    "M631": "the process goes on with a value that its code does not expect",
    "M632": "the new code fails when it comes to it",
    "M633": "the process fails with its next message",
    "M634": "an upgrade that is taken back loses it",
    "M635": "a state that is converted twice is a wrong one",
    "M636": "sys keeps the old state; under release_handler the installation fails",
    "M637": "the process goes on with a state that nobody knows",
    "M638": "sys keeps the old state; under release_handler the installation fails",
    "M639": "what the module's own function does then is not what was written for",
}

# What a decision's function can do wrong; all else is done by the generated code alone.
_OF_FUNCTIONS = frozenset({"type", "raised", "timeout", "heap", "refused", "old_left"})
# Of these there is nothing to compare.
_ALONE = frozenset({"raised", "timeout", "heap", "old_left"})
# Longer terms nobody reads; the dump has them whole.
_LONGEST = 2000
# In a headline.
_SHORT = 300


@dataclass(frozen=True, slots=True)
class Run:
    """What repeats a run, and whether the beam had the migration before."""

    seed: int
    states: int
    origin: str


def judged(
    outcome: Outcome, plan: Plan, subject: Subject, decisions: Sequence[Written], run: Run
) -> tuple[Diagnostic, ...]:
    """A diagnostic for each finding, and for each note that a person should know of."""
    found = [_finding(each, outcome, plan, subject, decisions, run) for each in outcome.findings]
    found += [_note(each, plan, subject, decisions) for each in outcome.notes if each.kind in _NOTES]
    return (*found, *_nothing(outcome, plan, subject))


def _nothing(outcome: Outcome, plan: Plan, subject: Subject) -> tuple[Diagnostic, ...]:
    """That no state at all was converted in a direction: then nothing is known of it."""
    old, new = term_text(subject.migration.vsn), term_text(plan.vsn)
    counts = outcome.counts
    none = [
        way
        for way, came in (
            (f"an upgrade {old} -> {new}", counts.came_up),
            (f"a downgrade {new} -> {old}", counts.came_down),
        )
        if counts.skipped and not came
    ]
    return tuple(
        Diagnostic(
            CATALOGUE["M652"],
            f"{plan.module}: on {way} no state at all could be converted: a decision's function took none",
            "nothing was shown of the migration",
            plan.file,
            (
                "give the fields that the function reads a type: then values of it are tried",
                "migrator verify --state dump.bin …   # or a state of a process, which it must take",
            ),
            module=plan.module,
        )
        for way in none
    )


def _finding(  # noqa: PLR0913, PLR0917 - a finding, and all that it is told with
    finding: Finding, outcome: Outcome, plan: Plan, subject: Subject, decisions: Sequence[Written], run: Run
) -> Diagnostic:
    code, wrong = _WRONG.get(finding.kind, ("M630", f"is wrong ({finding.kind})"))
    guessed = _guessed(finding, outcome, subject) if finding.kind in _OF_FUNCTIONS else ""
    blame = blamed(finding, finding.direction, plan, subject, decisions)
    said = f", by {blame.decision.text}" if blame.decision is not None else ""
    at = f" (at {finding.path})" if finding.path else ""
    headline = f"{plan.module}: {_way(finding, plan, subject)} {_what(finding)}{at} {wrong}{said}"
    if guessed:
        return Diagnostic(
            CATALOGUE["M651"],
            f"{headline}: {_short(finding.got)}; {guessed}",
            "a process that holds such a value there would keep its old state",
            blame.place,
            _repeat(finding, run),
            module=plan.module,
        )
    return Diagnostic(
        CATALOGUE[code],
        headline + _compared(finding, subject),
        _CONSEQUENCE[code],
        blame.place,
        (*_repeat(finding, run), *_cure(finding, blame.decision, subject, run)),
        module=plan.module,
    )


def _compared(finding: Finding, subject: Subject) -> str:
    """What was expected, and what came."""
    came = _short(finding.got)
    if finding.kind in _ALONE or not finding.expected:
        return f": {came}"
    expected = _short(finding.expected)
    if finding.kind == "type":
        module = subject.old if finding.direction == "down" else subject.new
        record = None if finding.record is None else module.record(finding.record)
        field = None if record is None or finding.field is None else record.get(finding.field)
        expected = (None if field is None else field.type_text) or expected
    return f"; {expected} was expected, {came} came"


def _what(finding: Finding) -> str:
    record = "the state" if finding.record is None else f"#{atom_text(finding.record)}"
    what = record if finding.record is None or finding.field is None else f"{record}.{atom_text(finding.field)}"
    named = f"{what}{{}}" if finding.record is not None and finding.field is None else what
    match finding.direction:
        case "foreign":
            return "a term of no known version" if finding.record is None else f"{named} of no known version"
        case "again":
            return f"{named} of a state that is converted already"
    return named


def _way(finding: Finding, plan: Plan, subject: Subject) -> str:
    old, new = term_text(subject.migration.vsn), term_text(plan.vsn)
    match finding.direction:
        case "up":
            return f"on an upgrade {old} -> {new}"
        case "down":
            return f"on a downgrade {new} -> {old}"
    return f"{old} <-> {new}:"


def _short(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= _SHORT else f"{flat[:_SHORT]}…"


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def _repeat(finding: Finding, run: Run) -> tuple[str, ...]:
    """The smallest state, as a line for `--state`, and the options that give the same states again."""
    if len(finding.text) <= _LONGEST and readable(finding.text):
        line = f"{finding.text}.   % the smallest such state: --state FILE, with this line in it"
    else:
        dump = base64.b64encode(finding.state).decode()
        line = f"{_cut(finding.text)}   % the smallest such state, which text cannot say whole"
        if len(dump) <= _LONGEST:
            line += f"\necho {dump} | base64 -d > state.bin   # for --state state.bin"
    return (*line.split("\n"), f"migrator verify --seed {run.seed} --states {run.states} …   # the same states again")


def _cure(finding: Finding, decision: Written | None, subject: Subject, run: Run) -> tuple[str, ...]:
    if finding.kind in _OF_FUNCTIONS and (decision is not None or functions_of(subject)):
        return ()
    if run.origin == "carried":
        return ("migrator inject OLD NEW   # writes the migration anew",)
    return ("please report it with both beams, as the README says (Reporting a bug)",)


def _guessed(finding: Finding, outcome: Outcome, subject: Subject) -> str:
    """What was only guessed of the values that the field's function reads: then what it cannot do is no fault."""
    down = finding.direction == "down"
    places = dict((subject.new_states if down else subject.old_states).guessed)
    told_of = {(each.record, each.field): each.read for each in outcome.reads if each.direction == finding.direction}
    if isinstance(subject.migration.state, HandPlan):
        return next((_as_tried(field, kinds) for (_, field), kinds in places.items()), "")
    for each in subject.migration.records:
        own, other = (each.record, each.new) if down else (each.new, each.record)
        fields = each.new_fields if down else each.fields
        planned = [
            one
            for one in (each.down if down else each.up)
            if finding.record in {own, None} and finding.field in {one.field, None}
        ]
        for one in planned:
            read = told_of.get((own, one.field)) or {source_field(one.source), *fields_read(one.source, fields)}
            told = [field for field in fields if field in read and (other, field) in places]
            if told:
                return _as_tried(told[0], places[other, told[0]])
    return ""


def _as_tried(field: str, kinds: str) -> str:
    return f"{atom_text(field)} has no type, and was tried as {kinds}, as the code tells"


_NOTES = {
    "not_taken": ("M651", "a decision's function does not take each value that was tried, and no type says it must"),
    "not_of_type": (
        "M651",
        "a decision's function makes something else than the field's type says, of values that no type says it takes",
    ),
    "stopped": ("M652", "not all states were tried"),
}


_TYPES = (
    "give the fields that it reads a type: then only its values are tried",
    "migrator verify --state dump.bin …   # where only its own module makes such values: a state of a process",
)


def _note(note: Note, plan: Plan, subject: Subject, decisions: Sequence[Written]) -> Diagnostic:
    code, said = _NOTES[note.kind]
    record = "" if note.record is None else f" #{atom_text(note.record)}"
    field = "" if note.field is None else f".{atom_text(note.field)}"
    return Diagnostic(
        CATALOGUE[code],
        f"{plan.module}{record}{field}: {said}: {_short(note.text)}",
        "such a process would keep its old state" if code == "M651" else "",
        blamed(note, "up", plan, subject, decisions).place,
        _TYPES if code == "M651" else (),
        module=plan.module,
    )
