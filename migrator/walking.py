"""The functions that reach changed records inside a value and convert them where they lie.

For a state with `sessions :: [#session{}] | undefined`:

    'inside sessions 1 up of kv'([_ | _] = Value) ->
        'inside sessions 2 up of kv'(Value);
    'inside sessions 1 up of kv'(Value) ->
        Value.

    'inside sessions 2 up of kv'([Head | Tail]) ->
        ['session up of kv'(Head) | 'inside sessions 2 up of kv'(Tail)];
    'inside sessions 2 up of kv'(Tail) ->
        Tail.

    'session up of kv'({session, User}) ->
        #session{owner = User};
    'session up of kv'(Value) ->
        Value.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from migrator.containing import broken_functions, container
from migrator.conversion import Route, downward, upward
from migrator.defining import by_definition
from migrator.filling import takes_handed
from migrator.forms import Application, Clause, Cons, Function, Match, Text, Tuple, Variable
from migrator.naming import built_in
from migrator.routes import group_of, single_keys
from migrator.seeking import seeking
from migrator.terms import atom_text
from migrator.walkguards import converts, is_record, overlap, shape_of
from migrator.walks import (
    STAY,
    Again,
    AnyOf,
    Anywhere,
    IntoContainer,
    IntoList,
    IntoMap,
    IntoRecord,
    IntoTuple,
    Only,
    Walk,
    vagueness,
)

if TYPE_CHECKING:
    from migrator.forms import Expression
    from migrator.guarding import Guards
    from migrator.plan import Plan
    from migrator.recordplan import RecordPlan
    from migrator.routes import Routes, WalkKey

VALUE = Variable("Value")


def nested_functions(plan: Plan, routes: Routes, taken: frozenset[str]) -> tuple[Function, ...]:
    """One function for each record and direction, and those for the walks that lead there."""
    functions = [each for key, name in routes.walks.items() for each in _walk_functions(plan, routes, key, name)]
    functions += broken_functions(plan, functions)
    done: set[str] = set()
    for migration in plan.migrations:
        group = group_of(plan, migration)
        for record in migration.nested:
            up = routes.records["up", group, record.record]
            down = routes.records["down", group, record.new]
            if up not in done:
                if not takes_handed(record):
                    functions += _record_function(plan, record, Route(routes, "up", group), taken, up)
                functions += _record_function(plan, record, Route(routes, "down", group), taken, down)
                done.add(up)
    return tuple(functions)


def _record_function(
    plan: Plan, record: RecordPlan, route: Route, taken: frozenset[str], name: str
) -> tuple[Function, ...]:
    convert = upward if route.direction == "up" else downward
    conversion = convert(plan, record, taken, route)
    value = Variable(next(each for each in ("Value", "Other", "Passed") if each not in taken))
    clauses = (Clause((conversion.pattern,), (), conversion.body), Clause((value,), (), (value,)))
    return by_definition(plan, Function(name, clauses))


def _walk_functions(plan: Plan, routes: Routes, key: WalkKey, name: str) -> tuple[Function, ...]:
    match key.walk:
        case IntoList():
            return (Function(name, _list(routes, key, name, key.walk)),)
        case Anywhere(records):
            shapes = {each: shape_of(plan, key, each) for each in records}
            return seeking(plan, routes, key, shapes)
    return (Function(name, (*_clauses(plan, routes, key, key.walk), Clause((VALUE,), (), (VALUE,)))),)


def _list(routes: Routes, key: WalkKey, name: str, walk: IntoList) -> tuple[Clause, ...]:
    """`[w(Head) | self(Tail)]`, and what an improper list ends in."""
    head, tail = Variable("Head"), Variable("Tail")
    rest = Text(f"{atom_text(name)}(Tail)")
    return (
        Clause((Cons(head, tail),), (), (Cons(routes.walked(_at(key, walk.element), head), rest),)),
        Clause((tail,), (), (routes.walked(_at(key, walk.tail), tail),)),
    )


def _at(key: WalkKey, walk: Walk) -> WalkKey:
    return replace(key, walk=walk)


def _clauses(plan: Plan, routes: Routes, key: WalkKey, walk: Walk) -> tuple[Clause, ...]:
    """The clauses that take values of the walk's shape, and no others."""
    match walk:
        case AnyOf(members):
            return _any(plan, routes, key, members)
        case Again(name):
            # Left in a union of more recursive types than are opened.
            again = next(each.walk for each in key.named if each.name == name)
            return _clauses(plan, routes, key, again)
        case IntoRecord(record):
            shape = shape_of(plan, key, record)
            if shape.definition is not None:
                native = Match(Text(shape.definition.pattern), VALUE)
                return (Clause((native,), (), (routes.walked(_at(key, walk), VALUE),)),)
            tests = is_record(plan, atom_text(shape.tag), shape.size)
            return (Clause((VALUE,), (tests,), (routes.walked(_at(key, walk), VALUE),)),)
        case IntoList():
            return (Clause((Match(Text("[_ | _]"), VALUE),), (), (routes.walked(_at(key, walk), VALUE),)),)
        case IntoTuple(elements):
            return (_tuple(routes, key, elements, ()),)
        case IntoMap():
            return (_map(plan, routes, key, walk),)
        case IntoContainer():
            old, default = (_said(routes, key, walk.value, each) for each in ("Old", "Default"))
            return (container(plan, walk, old, _said(routes, key, walk.key, "Key"), default),)
    return ()


def _any(plan: Plan, routes: Routes, key: WalkKey, members: tuple[Walk, ...]) -> tuple[Clause, ...]:
    """The clauses of all, first those for tuples that look like another one: where something in them is converted."""
    alike = [
        each
        for each in members
        if isinstance(each, IntoTuple) and any(overlap(plan, key, each.elements, other) for other in members)
    ]
    first = [_tuple(routes, key, each.elements, converts(plan, key, each.elements)) for each in alike]
    others = sorted((each for each in members if each not in alike), key=vagueness)
    return (*first, *(clause for each in others for clause in _clauses(plan, routes, key, each)))


def _tuple(routes: Routes, key: WalkKey, elements: tuple[Walk, ...], guards: Guards) -> Clause:
    pattern: list[Expression] = []
    result: list[Expression] = []
    for number, walk in enumerate(elements, start=1):
        element = Text(walk.text) if isinstance(walk, Only) else Variable(f"Element{number}")
        pattern.append(element)
        result.append(routes.walked(_at(key, walk), element))
    return Clause((Tuple(tuple(pattern)),), guards, (Tuple(tuple(result)),))


def _said(routes: Routes, key: WalkKey, walk: Walk, variable: str) -> str:
    """The walk of a variable's value, as text."""
    match routes.walked(_at(key, walk), Variable(variable)):
        case Application(function, (Variable(name),)):
            return f"{atom_text(function)}({name})"
    return variable


def _map(plan: Plan, routes: Routes, key: WalkKey, walk: IntoMap) -> Clause:
    """Under keys that are known alone, the other keys are not looked at."""
    is_map = ((f"{built_in(plan, 'is_map', 1)}(Value)",),)
    if walk.key == STAY and walk.value == STAY:
        if len(walk.known) == 1:
            ((text, inner),) = walk.known
            pattern = Match(Text(f"#{{{text} := Old}}"), VALUE)
            return Clause((pattern,), (), (Text(f"Value#{{{text} := {_said(routes, key, inner, 'Old')}}}"),))
        result: Expression = VALUE
        for one in single_keys(walk):
            result = Application(routes.walks[_at(key, one)], (result,))
        return Clause((VALUE,), is_map, (result,))
    value = _said(routes, key, walk.value, "Old")
    known = [(text, _said(routes, key, each, "Old")) for text, each in walk.known]
    if walk.key == STAY:
        clauses = "".join(f"({text}, Old) -> {said}; " for text, said in known)
        return Clause((VALUE,), is_map, (Text(f"maps:map(fun {clauses}(_, Old) -> {value} end, Value)"),))
    cases = "".join(f"{text} -> {{Key, {said}}}; " for text, said in known)
    pair = f"{{{_said(routes, key, walk.key, 'Key')}, {value}}}"
    made = f"case Key of {cases}_ -> {pair} end" if known else pair
    return Clause((VALUE,), is_map, (Text(f"maps:from_list([{made} || {{Key, Old}} <- maps:to_list(Value)])"),))
