"""OTP's containers on the way to changed records: each is rebuilt by its own module's functions.

    'inside tree 1 up of kv'({One, Other} = Value) when is_integer(One), tuple_size(Other) =:= 4 ->
        try
            gb_trees:map(fun (_, Old) -> 'session up of kv'(Old) end, Value)
        catch
            Class:Reason:Stack ->
                'broken container of kv'(Value, fun gb_trees:to_list/1, Class, Reason, Stack)
        end;

A guard sees little of a container: what only begins like one makes those functions fail, and passes on as it is. What
fails in a whole one is a conversion of the user's own.

    'broken container of kv'(Value, Read, Class, Reason, Stack) ->
        try Read(Value) of
            _ -> erlang:raise(Class, Reason, Stack)
        catch
            _:_ -> Value
        end.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from migrator.forms import Clause, Function, Match, Text, Tuple, Variable
from migrator.naming import broken_name, built_in
from migrator.terms import atom_text
from migrator.walkguards import NODES, TAGGED, is_container
from migrator.walks import STAY

if TYPE_CHECKING:
    from collections.abc import Iterable

    from migrator.plan import Plan
    from migrator.walks import IntoContainer

# What reads all of each, and fails where the value is no such container.
_READ = {
    "dict": "dict:to_list",
    "gb_tree": "gb_trees:to_list",
    "gb_set": "gb_sets:to_list",
    "set": "sets:to_list",
    "queue": "queue:to_list",
}
_READ_ARRAY = (
    "fun (Array) -> array:sparse_foldl(fun array:set/3, "
    "array:new([{size, array:size(Array)}, {default, array:default(Array)}]), "
    "array:sparse_map(fun (_, Old) -> Old end, Array)) end"
)

_MAPS = {"dict": "dict:map", "gb_tree": "gb_trees:map"}
_MADE = {
    "dict": "dict:from_list(New)",
    "gb_tree": "gb_trees:from_orddict(lists:ukeysort(1, New))",
    "gb_set": "gb_sets:from_list(New)",
    "set": "sets:from_list(New, [{version, 1}])",
    "queue": "queue:from_list(New)",
}


def container(plan: Plan, walk: IntoContainer, said: str, name: str, default: str) -> Clause:
    """The clause for a container.

    `said` is what becomes of the value `Old` in it, `name` of the key `Key`, `default` of what an array gives where
    nothing was set, `Default`.
    """
    body = Text(_tried(plan, _rebuilt(walk, said, name, default), walk.kind))
    if walk.kind in TAGGED:
        return Clause((Variable("Value"),), is_container(plan, walk.kind), (body,))
    pair = Match(Tuple((Variable("One"), Variable("Other"))), Variable("Value"))
    integer, is_list, size = (built_in(plan, each, 1) for each in ("is_integer", "is_list", "tuple_size"))
    tests = (
        (f"{integer}(One)", f"{size}(Other) =:= {NODES[walk.kind]}")
        if walk.kind in NODES
        else (f"{is_list}(One)", f"{is_list}(Other)")
    )
    return Clause((pair,), (tests,), (body,))


def _rebuilt(walk: IntoContainer, said: str, name: str, default: str) -> str:
    match walk.kind:
        case "dict" | "gb_tree" as kind if walk.key == STAY:
            return f"{_MAPS[kind]}(fun (_, Old) -> {said} end, Value)"
        case "dict" | "gb_tree" as kind:
            return _from_list(kind, f"{{{name}, {said}}} || {{Key, Old}} <- All")
        case "gb_set" | "set" | "queue" as kind:
            return _from_list(kind, f"{said} || Old <- All")
    return _array(said, default)


def _from_list(kind: str, converted: str) -> str:
    """Where nothing in it changes it stays the very one: made anew its elements might lie otherwise in it."""
    return f"""All = {_READ[kind]}(Value),
        case [{converted}] of
            All -> Value;
            New -> {_MADE[kind]}
        end"""


def _array(said: str, default: str) -> str:
    """What an array gives where nothing was set may be a record too; its size and whether it grows stay."""
    options = "{size, array:size(Value)}, {fixed, array:is_fix(Value)}, {default, New}"
    rebuilt = f"array:sparse_foldl(fun (At, Old, All) -> array:set(At, {said}, All) end, array:new([{options}]), Value)"
    return (
        f"case [{{Default, {default}}} || Default <- [array:default(Value)]] of "
        f"[{{Same, Same}}] -> array:sparse_map(fun (_, Old) -> {said} end, Value); [{{_, New}}] -> {rebuilt} end"
    )


def _tried(plan: Plan, rebuilt: str, kind: str) -> str:
    read = f"fun {_READ[kind]}/1" if kind in _READ else _READ_ARRAY
    broken = f"{atom_text(broken_name(plan))}(Value, {read}, Class, Reason, Stack)"
    return f"""try
        {rebuilt}
    catch
        Class:Reason:Stack ->
            {broken}
    end"""


def broken_functions(plan: Plan, functions: Iterable[Function]) -> tuple[Function, ...]:
    """The function that tells a broken container from one in which something fails, where one of these calls it."""
    name = broken_name(plan)
    bodies = (body for function in functions for clause in function.clauses for body in clause.body)
    if not any(isinstance(body, Text) and atom_text(name) in body.text for body in bodies):
        return ()
    arguments = tuple(map(Variable, ("Value", "Read", "Class", "Reason", "Stack")))
    return (Function(name, (Clause(arguments, (), (Text(_TOLD),)),)),)


_TOLD = """try Read(Value) of
        _ -> erlang:raise(Class, Reason, Stack)
    catch
        _:_ -> Value
    end"""
