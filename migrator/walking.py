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

from migrator.conversion import Route, downward, upward
from migrator.defining import by_definition
from migrator.filling import takes_handed
from migrator.forms import Application, Clause, Cons, Function, Match, Text, Tuple, Variable
from migrator.naming import built_in
from migrator.records import FunctionName
from migrator.routes import group_of, single_keys
from migrator.seeking import seeking
from migrator.terms import atom_text
from migrator.walks import (
    STAY,
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
    from migrator.plan import Plan
    from migrator.recordplan import RecordPlan, Shape
    from migrator.routes import Direction, Routes, WalkKey

VALUE = Variable("Value")


def nested_functions(plan: Plan, routes: Routes, taken: frozenset[str]) -> tuple[Function, ...]:
    """One function for each record and direction, and those for the walks that lead there."""
    functions = [each for key, name in routes.walks.items() for each in _walk_functions(plan, routes, key, name)]
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
            shapes = {each: _shape(plan, key.direction, key.version, each) for each in records}
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
            ordered = sorted(members, key=vagueness)
            return tuple(clause for each in ordered for clause in _clauses(plan, routes, key, each))
        case IntoRecord(record):
            shape = _shape(plan, key.direction, key.version, record)
            if shape.definition is not None:
                native = Match(Text(shape.definition.pattern), VALUE)
                return (Clause((native,), (), (routes.walked(_at(key, walk), VALUE),)),)
            tests = _is_record(plan, atom_text(shape.tag), shape.size)
            return (Clause((VALUE,), (tests,), (routes.walked(_at(key, walk), VALUE),)),)
        case IntoList():
            return (Clause((Match(Text("[_ | _]"), VALUE),), (), (routes.walked(_at(key, walk), VALUE),)),)
        case IntoTuple(elements):
            return (_tuple(routes, key, elements),)
        case IntoMap():
            return (_map(plan, routes, key, walk),)
        case IntoContainer():
            return _container(plan, routes, key, walk)
    return ()


def _shape(plan: Plan, direction: Direction, version: int, name: str) -> Shape:
    """The shape of a record inside the state, on the side that values come from."""
    for record in plan.migrations[version].nested:
        if direction == "up" and record.record == name:
            return record.shape
        if direction == "down" and record.new == name:
            return record.new_shape
    raise KeyError(name)


def _is_record(plan: Plan, tag: str, size: int) -> tuple[str, ...]:
    """The tests for a record of that tag (as text) and size.

    Where the module has its own `is_record/3`, `erl_lint` takes `erlang:is_record/3` in a guard for that one.
    """
    if FunctionName("is_record", 3) not in plan.hidden:
        return (f"is_record(Value, {tag}, {size})",)
    return (
        f"{built_in(plan, 'tuple_size', 1)}(Value) =:= {size}",
        f"{built_in(plan, 'element', 2)}(1, Value) =:= {tag}",
    )


def _tuple(routes: Routes, key: WalkKey, elements: tuple[Walk, ...]) -> Clause:
    pattern: list[Expression] = []
    result: list[Expression] = []
    for number, walk in enumerate(elements, start=1):
        element = Text(walk.text) if isinstance(walk, Only) else Variable(f"Element{number}")
        pattern.append(element)
        result.append(routes.walked(_at(key, walk), element))
    return Clause((Tuple(tuple(pattern)),), (), (Tuple(tuple(result)),))


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


def _container(plan: Plan, routes: Routes, key: WalkKey, walk: IntoContainer) -> tuple[Clause, ...]:
    """A container is rebuilt by its own module's functions; a gb_tree's node has four elements, a gb_set's three."""
    said, name = _said(routes, key, walk.value, "Old"), _said(routes, key, walk.key, "Key")
    integer, lists, size = (built_in(plan, each, 1) for each in ("is_integer", "is_list", "tuple_size"))
    whole, pair = Variable("Value"), Match(Tuple((Variable("One"), Variable("Other"))), VALUE)
    pairs = f"[{{{name}, {said}}} || {{Key, Old}} <- "
    each = f"[{said} || Old <- "
    keyed = walk.key != STAY
    # The second of each are alternatives.
    rows: dict[str, tuple[tuple[Expression, tuple[tuple[str, ...], ...], str], ...]] = {
        "dict": (
            (
                whole,
                (_is_record(plan, "dict", 9),),
                f"dict:from_list({pairs}dict:to_list(Value)])"
                if keyed
                else f"dict:map(fun (_, Old) -> {said} end, Value)",
            ),
        ),
        # Of five elements until OTP 28, of nine since.
        "array": (
            (
                whole,
                (_is_record(plan, "array", 5), _is_record(plan, "array", 9)),
                _array(said, _said(routes, key, walk.value, "Default")),
            ),
        ),
        "gb_tree": (
            (
                pair,
                ((f"{integer}(One)", f"{size}(Other) =:= 4"),),
                f"gb_trees:from_orddict(lists:ukeysort(1, {pairs}gb_trees:to_list(Value)]))"
                if keyed
                else f"gb_trees:map(fun (_, Old) -> {said} end, Value)",
            ),
        ),
        "gb_set": (
            (
                pair,
                ((f"{integer}(One)", f"{size}(Other) =:= 3"),),
                f"gb_sets:from_list({each}gb_sets:to_list(Value)])",
            ),
        ),
        "set": (
            (whole, (_is_record(plan, "set", 9),), f"sets:from_list({each}sets:to_list(Value)], [{{version, 1}}])"),
            (
                whole,
                ((f"{built_in(plan, 'is_map', 1)}(Value)",),),
                f"sets:from_list({each}sets:to_list(Value)], [{{version, 2}}])",
            ),
        ),
        "queue": ((pair, ((f"{lists}(One)", f"{lists}(Other)"),), f"queue:from_list({each}queue:to_list(Value)])"),),
    }
    return tuple(Clause((pattern,), tests, (Text(text),)) for pattern, tests, text in rows[walk.kind])


def _array(said: str, default: str) -> str:
    """What an array gives where nothing was set may be a record too; its size and whether it grows stay."""
    options = "{size, array:size(Value)}, {fixed, array:is_fix(Value)}, {default, New}"
    rebuilt = f"array:sparse_foldl(fun (At, Old, All) -> array:set(At, {said}, All) end, array:new([{options}]), Value)"
    return (
        f"case [{{Default, {default}}} || Default <- [array:default(Value)]] of "
        f"[{{Same, Same}}] -> array:sparse_map(fun (_, Old) -> {said} end, Value); [{{_, New}}] -> {rebuilt} end"
    )
