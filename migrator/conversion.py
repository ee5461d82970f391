"""Expressions that turn one record's tuple into the other's, in both directions.

Up, for each old version:    {state, Name, Users, _Legacy} -> #state{name = Name, clients = Users}
Down, for each old version:  {state, Name, Clients, _Timeout} -> {state, Name, Clients, []}
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from migrator.forms import (
    Application,
    Clause,
    Function,
    MapExpression,
    Match,
    NativePattern,
    NativeRecord,
    RecordExpression,
    RecordField,
    Text,
    Tuple,
    Variable,
)
from migrator.naming import field_variables, fresh
from migrator.recordplan import (
    Converted,
    ConvertedTo,
    Copy,
    Filled,
    Given,
    GivenBy,
    GivenFrom,
    Handed,
    Nested,
    Renamed,
    Taken,
    TakenDefault,
)
from migrator.routes import WalkKey, fill_key
from migrator.terms import atom_text
from migrator.tidy import names_in

if TYPE_CHECKING:
    from collections.abc import Sequence

    from migrator.forms import Expression
    from migrator.plan import Plan
    from migrator.recordplan import FieldPlan, RecordPlan, Shape, Source
    from migrator.routes import Direction, Routes


@dataclass(frozen=True, slots=True)
class Conversion:
    """A pattern that takes a tuple apart and the expression that builds the other one from it.

    `before` stands before that: what no pattern reads.
    """

    pattern: Expression
    result: Expression
    before: tuple[Expression, ...] = ()

    @property
    def body(self) -> tuple[Expression, ...]:
        """What a clause with that pattern does."""
        return *self.before, self.result


@dataclass(frozen=True, slots=True)
class Route:
    """Where values go on the way of one direction and version; `handed` are those that move into the record."""

    routes: Routes
    direction: Direction
    version: int
    handed: tuple[Expression, ...] = ()

    def walked(self, source: Nested, value: Expression) -> Expression:
        """The value with the changed records inside it converted."""
        return self.routes.walked(WalkKey(self.direction, self.version, source.walk, source.named), value)


def value_functions(routes: Routes) -> tuple[Function, ...]:
    """One for each expression, with nothing bound around it but what it reads.

    'value 1 of table of kv'() -> ets:new(kv, []).
    'value 2 of ttl of kv'(Value, Hits) -> Value * Hits.
    """
    return tuple(
        Function(name, (Clause(tuple(map(Variable, reads)), (), (Text(text),)),))
        for (text, reads), name in routes.texts.items()
    )


def upward(plan: Plan, record: RecordPlan, taken: frozenset[str], route: Route) -> Conversion:
    """From the old tuple to the new record; to a tuple where the module has no syntax for that record."""
    variables = field_variables(record.fields, taken)
    whole = _map(record.fields, variables)
    pattern = _pattern(record.shape, record.fields, variables)
    if not record.declared_here:
        elements = tuple(_value(each.source, variables, whole, route) for each in record.up)
        return _read_first(plan, Conversion(pattern, _built(record.new_shape, elements)), taken)
    asked = _asked(plan) if record.new == plan.main else {}
    fields = tuple(_record_field(each, variables, whole, route, asked) for each in record.up)
    return _read_first(plan, Conversion(pattern, RecordExpression(record.new_shape.tag, fields)), taken)


def downward(plan: Plan, record: RecordPlan, taken: frozenset[str], route: Route) -> Conversion:
    """From the new tuple to the old one."""
    variables = field_variables(record.new_fields, taken)
    whole = _map(record.new_fields, variables)
    elements = tuple(_value(each.source, variables, whole, route) for each in record.down)
    pattern = _pattern(record.new_shape, record.new_fields, variables)
    return _read_first(plan, Conversion(pattern, _built(record.shape, elements)), taken)


def _read_first(plan: Plan, conversion: Conversion, taken: frozenset[str]) -> Conversion:
    """Where it takes a private native record of another module apart, no pattern may read its fields.

    'session up of kv'(#_{} = Whole, {sess, session, false, [user]}) ->
        User = records:get(user, Whole),
    """
    match conversion.pattern:
        case NativePattern(definition, fields) if not definition.exported and definition.module != plan.module:
            used = frozenset(names_in(conversion.result))
            names = {name for _, each in fields if isinstance(each, Variable) for name in (each.name,)}
            whole = Variable(fresh("Whole", {*taken, *names}))
            read = tuple(
                Match(each, Text(f"records:get({atom_text(field)}, {whole.name})"))
                for field, each in fields
                if isinstance(each, Variable) and each.name in used
            )
            return Conversion(Match(NativePattern(definition, ()), whole), conversion.result, read)
    return conversion


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


def _pattern(shape: Shape, fields: Sequence[str], variables: dict[str, str]) -> Expression:
    """What takes a record's value apart: a tuple, or a native record."""
    taken = tuple((field, Variable(variables[field])) for field in fields)
    if shape.definition is not None:
        return NativePattern(shape.definition, taken)
    return Tuple((Text(atom_text(shape.tag)), *(variable for _, variable in taken)))


def _built(shape: Shape, values: tuple[Expression, ...]) -> Expression:
    """A record's value, of a version of which the module has no record syntax."""
    if shape.definition is not None:
        return NativeRecord(shape.definition, values)
    return Tuple((Text(atom_text(shape.tag)), *values))


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
    route: Route,
    asked: dict[str, str],
) -> RecordField:
    """The field in the new record's construction; a default is the record's to supply, and a note stands there."""
    value = _value(each.source, variables, whole, route)
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


def _value(source: Source, variables: dict[str, str], whole: MapExpression, route: Route) -> Expression:
    match source:
        case Copy(field) | Renamed(field):
            return Variable(variables[field])
        case Nested(field):
            return route.walked(source, Variable(variables[field]))
        case Converted(field, function):
            value = Variable(variables[field])
            return Application(function.name, (value,) if function.arity == 1 else (value, whole))
        case GivenBy(function):
            return Application(function.name, () if function.arity == 0 else (whole,))
        case ConvertedTo(_, text, reads) | GivenFrom(text, reads):
            evaluated = route.routes.texts[text, tuple(variable for variable, _ in reads)]
            return Application(evaluated, tuple(Variable(variables[field]) for _, field in reads))
        case Handed(number):
            return route.handed[number]
        case Filled():
            return _filled(source, variables, whole, route)
        case Taken(field):
            return Application(route.routes.takes[route.version, source], (Variable(variables[field]),))
        case Given(text, _) | TakenDefault(text):
            own = route.routes.texts.get((text, ()))
            return Text(text) if own is None else Application(own, ())


def _filled(source: Filled, variables: dict[str, str], whole: MapExpression, route: Route) -> Expression:
    """The record with what moves into it: built here, or by the function that takes the one that is there."""
    handed = tuple(_value(each, variables, whole, route) for each in source.handed)
    if source.value is None:
        inside = replace(route, handed=handed)
        fields = tuple(_record_field(each, variables, whole, inside, {}) for each in source.record.up)
        return RecordExpression(source.record.new, fields)
    # What is no such record is walked by the function itself.
    bare = Copy(source.value.field) if isinstance(source.value, Nested) else source.value
    name = route.routes.fills[fill_key(route.version, source)]
    return Application(name, (_value(bare, variables, whole, route), *together(handed)))


# As many arguments a function may have, but one for the record.
_MOST = 254


def together(values: Sequence[Expression]) -> tuple[Expression, ...]:
    """What moves into a record, as arguments: in one tuple where there are too many."""
    return tuple(values) if len(values) <= _MOST else (Tuple(tuple(values)),)


def value_of(source: Source, route: Route) -> Expression:
    """The value of a source that reads no field."""
    return _value(source, {}, MapExpression(()), route)
