"""Verbs: which fields the functions and expressions of a plan's decisions read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from migrator.conversion import reads_all
from migrator.recordplan import Converted, ConvertedTo, Filled, GivenFrom, Taken, source_reads
from migrator.states import StateRecord
from migrator.wholes import HandPlan

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from migrator.plan import Migration, Plan
    from migrator.recordplan import FieldPlan, RecordPlan, Source

# A record's name and a field's.
Place = tuple[str, str]


def read_on_the_way_up(migration: Migration) -> frozenset[Place]:
    """The fields of old records whose values a function or an expression gets on the way up."""
    if isinstance(migration.state, HandPlan):
        return frozenset(_all_of(migration.kept))
    pairs = [(each.record, each.fields, each.up) for each in _records(migration.records)]
    return frozenset(place for pair in pairs for place in _read(*pair))


def read_on_the_way_down(plan: Plan, migration: Migration) -> frozenset[Place]:
    """The fields of new records whose values a function or an expression gets on the way down."""
    if isinstance(migration.state, HandPlan):
        return frozenset(_all_of(plan.state))
    pairs = [(each.new, each.new_fields, each.down) for each in _records(migration.records)]
    return frozenset(place for pair in pairs for place in _read(*pair))


def _all_of(state: object) -> Iterator[Place]:
    if isinstance(state, StateRecord):
        yield from ((state.name, field) for field in state.fields)


def _records(records: Iterable[RecordPlan]) -> Iterator[RecordPlan]:
    """The records, and those that are filled inside their fields."""
    for each in records:
        yield each
        inner = [field.source.record for field in each.up if isinstance(field.source, Filled)]
        yield from _records(inner)


def _read(record: str, fields: tuple[str, ...], planned: tuple[FieldPlan, ...]) -> Iterator[Place]:
    for each in planned:
        for field in fields_read(each.source, fields):
            yield record, field


def fields_read(source: Source, fields: tuple[str, ...]) -> frozenset[str]:
    """The fields of the other record, which has these, that the source's function or expression reads."""
    match source:
        case Filled(value) if value is not None:
            return fields_read(value, fields)
        case Taken(_, _, _, _, otherwise):
            return fields_read(otherwise, fields)
    if reads_all(source):
        return frozenset(fields)
    match source:
        case Converted(field):
            return frozenset({field})
        case ConvertedTo() | GivenFrom():
            return frozenset(field for _, field in source_reads(source))
    return frozenset()
