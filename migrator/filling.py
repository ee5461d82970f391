"""The functions that carry out a `move`: into a record inside the state, and out of it on the way back.

For `{move, timeout, [conf, timeout]}`, where the state has a #conf{} in both versions:

    'move 1 into conf up of kv'({conf, Host}, Timeout) ->
        #conf{host = Host, timeout = Timeout};
    'move 1 into conf up of kv'(Value, _) ->
        Value.

    'move 1 out of conf down of kv'(#conf{timeout = Value}) ->
        Value;
    'move 1 out of conf down of kv'(_) ->
        5000.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from migrator.conversion import Route, together, upward, value_of
from migrator.defining import by_definition
from migrator.forms import Clause, Function, Text, Variable
from migrator.naming import field_variables, fresh
from migrator.recordplan import Filled, Handed
from migrator.routes import WalkKey
from migrator.terms import atom_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from migrator.plan import Plan
    from migrator.recordplan import RecordPlan, Taken
    from migrator.routes import FillKey, Routes

_VALUE = Variable("Value")


def moving_functions(plan: Plan, routes: Routes, taken: frozenset[str]) -> tuple[Function, ...]:
    """One for each record that values move into, and one for each value that moves back."""
    return (
        *(each for key, name in routes.fills.items() for each in _fill(plan, routes, key, name, taken)),
        *(_take(routes, version, source, name) for (version, source), name in routes.takes.items()),
    )


def takes_handed(record: RecordPlan) -> bool:
    """Whether values move into the record from outside."""
    return any(True for each in record.up for _ in _handed(each.source))


def _handed(source: object) -> Iterator[Handed]:
    match source:
        case Handed():
            yield source
        case Filled(_, _, handed):
            for each in handed:
                yield from _handed(each)


def _fill(plan: Plan, routes: Routes, key: FillKey, name: str, taken: frozenset[str]) -> tuple[Function, ...]:
    """The record converted, with what moves in; anything else as it is converted elsewhere."""
    names = taken | set(field_variables(key.record.fields, taken).values())
    variables: list[Variable] = []
    into = {each.number: each.field for plans in key.record.up for each in _handed(plans.source)}
    for number in range(key.count):
        (wanted,) = field_variables([into.get(number, "moved")], frozenset()).values()
        variables.append(Variable(fresh(wanted, names)))
        names |= {variables[-1].name}
    conversion = upward(plan, key.record, taken, Route(routes, "up", key.version, tuple(variables)))
    rest = routes.walked(WalkKey("up", key.version, key.walk, key.named), _VALUE)
    clauses = (
        Clause((conversion.pattern, *together(variables)), (), conversion.body),
        Clause((_VALUE, *(Variable("_") for _ in together(variables))), (), (rest,)),
    )
    return by_definition(plan, Function(name, clauses))


def _take(routes: Routes, version: int, source: Taken, name: str) -> Function:
    """What lies in the record, else what the old field has without it."""
    pattern = "Value"
    for record, field in reversed(source.path):
        pattern = f"#{atom_text(record)}{{{atom_text(field)} = {pattern}}}"
    route = Route(routes, "down", version)
    value = routes.walked(WalkKey("down", version, source.walk, source.named), _VALUE)
    otherwise = value_of(source.otherwise, route)
    return Function(
        name,
        (
            Clause((Text(pattern),), (), (value,)),
            Clause((Variable("_"),), (), (otherwise,)),
        ),
    )
