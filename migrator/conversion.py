"""Expressions that turn one record's tuple into the other's, in both directions.

Up, for each old version:    {state, Name, Users, _Legacy} -> #state{name = Name, clients = Users}
Down, for each old version:  {state, Name, Clients, _Timeout} -> {state, Name, Clients, []}
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from migrator.forms import (
    Application,
    Clause,
    Function,
    MapExpression,
    RecordExpression,
    RecordField,
    Text,
    Tuple,
    Variable,
)
from migrator.naming import field_variables, value_name, variables_in
from migrator.plan import Converted, Copy, FieldPlan, Given, GivenBy, Migration, Plan, Renamed, TakenDefault
from migrator.terms import atom_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from migrator.forms import Expression
    from migrator.plan import Source


@dataclass(frozen=True, slots=True)
class Conversion:
    """A pattern that takes a tuple apart and the expression that builds the other one from it."""

    pattern: Expression
    result: Expression


def evaluated(plan: Plan) -> dict[str, str]:
    """Which expressions need a function of their own (they bind variables), and its name; in order."""
    names: dict[str, str] = {}
    for migration in plan.migrations:
        for each in (*migration.up, *migration.down):
            text = _own_text(each, migration)
            if text is not None and text not in names and variables_in(text):
                names[text] = value_name(plan, each.field, len(names) + 1)
    return names


def _own_text(each: FieldPlan, migration: Migration) -> str | None:
    match each.source:
        case Given(text, _):
            return text
        case TakenDefault(text) if each in migration.down:
            return text
    return None


def value_functions(names: dict[str, str]) -> tuple[Function, ...]:
    """Those functions, each `'value 1 of table of kv'() -> Expression.` with nothing bound around it."""
    return tuple(Function(name, (Clause((), (), (Text(text),)),)) for text, name in names.items())


def upward(plan: Plan, migration: Migration, taken: frozenset[str], names: dict[str, str]) -> Conversion:
    """From the old tuple to the new record."""
    variables = field_variables(migration.fields, taken)
    whole = _map(migration.fields, variables)
    asked = _asked(plan)
    fields = tuple(_record_field(each, variables, whole, names, asked) for each in migration.up)
    return Conversion(
        _pattern(migration.record, migration.fields, variables), RecordExpression(plan.record.name, fields)
    )


def downward(plan: Plan, migration: Migration, taken: frozenset[str], names: dict[str, str]) -> Conversion:
    """From the new tuple to the old one."""
    variables = field_variables(plan.record.names, taken)
    whole = _map(plan.record.names, variables)
    elements = tuple(_value(each.source, variables, whole, names) for each in migration.down)
    return Conversion(
        _pattern(plan.record.name, plan.record.names, variables),
        Tuple((Text(atom_text(migration.record)), *elements)),
    )


def reads_all(source: Source) -> bool:
    """Whether the source is a function that gets all fields as a map."""
    match source:
        case Converted(_, function):
            return function.arity > 1
        case GivenBy(function):
            return function.arity > 0
    return False


def _map(fields: Sequence[str], variables: dict[str, str]) -> MapExpression:
    return MapExpression(tuple((field, Variable(variables[field])) for field in fields))


def _pattern(record: str, fields: Sequence[str], variables: dict[str, str]) -> Tuple:
    return Tuple((Text(atom_text(record)), *(Variable(variables[field]) for field in fields)))


def _asked(plan: Plan) -> dict[str, str]:
    """What a person must decide about a new field first, by field."""
    return {
        each.field: f"{each.code}: {each.message}"
        for each in plan.diagnostics
        if each.severity == "decision" and each.field is not None
    }


def _record_field(
    each: FieldPlan,
    variables: dict[str, str],
    whole: MapExpression,
    names: dict[str, str],
    asked: dict[str, str],
) -> RecordField:
    """The field in the new record's construction; a default is the record's to supply, and a note stands there."""
    value = _value(each.source, variables, whole, names)
    match each.source:
        case TakenDefault(text):
            return RecordField(each.field, None, asked.get(each.field) or f"its default, {text}")
        case Renamed(old):
            note = f"was {atom_text(old)}"
        case Given(_, origin):
            note = f"as in {origin}"
        case _:
            note = ""
    return RecordField(each.field, value, asked.get(each.field, note))


def _value(source: Source, variables: dict[str, str], whole: MapExpression, names: dict[str, str]) -> Expression:
    match source:
        case Copy(field) | Renamed(field):
            return Variable(variables[field])
        case Converted(field, function):
            value = Variable(variables[field])
            return Application(function.name, (value,) if function.arity == 1 else (value, whole))
        case GivenBy(function):
            return Application(function.name, () if function.arity == 0 else (whole,))
        case Given(text, _) | TakenDefault(text):
            return Application(names[text], ()) if text in names else Text(text)
