"""Verbs: where the fault of a finding is written: the decision about the field, else the field itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from migrator.decisions import (
    Convert,
    Deep,
    Downgrade,
    Drop,
    InitAsInit,
    InitBy,
    Inside,
    Keep,
    Move,
    OnlyFrom,
    Rename,
    RenameRecord,
    TakeDefault,
    WholeState,
    for_version,
)
from migrator.terms import atom_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from migrator.decisions import Decision, Written
    from migrator.modules import Module
    from migrator.plan import Plan
    from migrator.records import Record
    from migrator.verifying.findings import Finding, Lost, Note
    from migrator.verifying.subjects import Subject


@dataclass(frozen=True, slots=True)
class Blamed:
    """Where the fault of a finding is: the place as text, and the decision there, if it is one."""

    place: str
    decision: Written | None = None


def blamed(
    finding: Finding | Lost | Note, direction: str, plan: Plan, subject: Subject, decisions: Sequence[Written]
) -> Blamed:
    """The decision or the field that it is about; the new module where it is about the whole state."""
    written = _decision(finding.record, finding.field, plan, for_version(decisions, subject.migration.vsn))
    if written is not None:
        return Blamed(written.place, written)
    first, second = (subject.old, subject.new) if direction == "down" else (subject.new, subject.old)
    for module in (first, second):
        record = _record(module, finding.record)
        if record is not None:
            return Blamed(_declared(module, record, finding.field))
    return Blamed(plan.file)


def _record(module: Module, name: str | None) -> Record | None:
    return None if name is None else module.record(name)


def _declared(module: Module, record: Record, name: str | None) -> str:
    field = None if name is None else record.get(name)
    line = (field.line if field else 0) or record.line
    shown = f"#{atom_text(record.name)}" + (f".{atom_text(name)}" if name is not None else "{}")
    return f"{record.file or module.file}:{line}, {shown}"


def _decision(record: str | None, field: str | None, plan: Plan, held: Iterable[Written]) -> Written | None:
    """The decision that speaks of the field of that record, old or new; one about the whole state else."""
    found = [written for about, written in _told(held, plan.main) if about in {record, None} or record is None]
    named = [each for each in found if field is not None and field in _fields(each.decision)]
    whole = [each for each in found if isinstance(each.decision, WholeState)]
    return next(iter((*named, *whole)), None)


def _told(held: Iterable[Written], record: str | None) -> Iterator[tuple[str | None, Written]]:
    """Each decision with the record that it is about."""
    for written in held:
        match written.decision:
            case Inside(name, inner):
                yield from _told(inner, name)
            case WholeState() | Downgrade() | OnlyFrom() | RenameRecord():
                yield None, written
            case _:
                yield record, written


def _fields(decision: Decision) -> tuple[str, ...]:
    match decision:
        case Rename(old, new):
            return old, new
        case Move(old, path):
            return old, *path
        case Convert(field) | InitBy(field) | InitAsInit(field) | TakeDefault(field) | Drop(field) | Keep(field):
            return (field,)
        case Deep(field):
            return (field,)
    return ()
