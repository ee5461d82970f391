"""Nouns: the plans of all fields in a migration, with those of the values that a field's own value is made of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from migrator.recordplan import FieldPlan, Filled, Taken

if TYPE_CHECKING:
    from collections.abc import Iterable

    from migrator.plan import Migration


def with_inner(plan: FieldPlan) -> Iterable[FieldPlan]:
    """The field's plan, and those of the values that its own is made of."""
    yield plan
    match plan.source:
        case Filled(value, record, handed):
            for source in (*handed, *(() if value is None else (value,))):
                yield FieldPlan(plan.field, source)
            for each in record.up:
                yield from with_inner(each)
        case Taken(_, _, _, _, otherwise):
            yield FieldPlan(plan.field, otherwise)


def field_plans(migrations: Iterable[Migration]) -> Iterable[tuple[FieldPlan, bool]]:
    """Every field's plan in them, and whether it is one of the way down."""
    for migration in migrations:
        for record in migration.records:
            yield from ((inner, False) for each in record.up for inner in with_inner(each))
            yield from ((inner, True) for each in record.down for inner in with_inner(each))
