"""The functions that look for changed records in any term and convert them where they lie.

For a field `cache` with `{deep, cache}`, where `#item{}` got a field:

    'inside cache 1 up of kv'(Value) ->
        case 'anywhere 1 up of kv'(Value) of
            {} -> Value;
            {New} -> New
        end.

    'anywhere 1 up of kv'(Value) when tuple_size(Value) =:= 2, element(1, Value) =:= item ->
        {'item up of kv'(Value)};
    'anywhere 1 up of kv'([Head | Tail]) ->
        …

What holds no such record is `{}` and the very same term goes on: nothing is rebuilt that did not change.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from migrator.forms import Clause, Cons, Function, Match, Text, Variable
from migrator.naming import built_in
from migrator.telling import has_natives
from migrator.terms import atom_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from migrator.plan import Plan
    from migrator.recordplan import Shape
    from migrator.routes import Routes, WalkKey

_VALUE = Variable("Value")


def seeking(plan: Plan, routes: Routes, key: WalkKey, shapes: Mapping[str, Shape]) -> tuple[Function, ...]:
    """The function for a field's value, and the one that looks through it; `shapes` are those of the records."""
    name = routes.seekers[key]
    seek = atom_text(name)
    size, element, is_tuple, is_map, to_list, to_tuple = (
        built_in(plan, each, arity)
        for each, arity in (
            ("tuple_size", 1),
            ("element", 2),
            ("is_tuple", 1),
            ("is_map", 1),
            ("tuple_to_list", 1),
            ("list_to_tuple", 1),
        )
    )
    found = []
    for record, shape in shapes.items():
        converted = (Text(f"{{{atom_text(routes.records[key.direction, key.version, record])}(Value)}}"),)
        told = ((f"{size}(Value) =:= {shape.size}", f"{element}(1, Value) =:= {atom_text(shape.tag)}"),)
        if shape.definition is None:
            found.append(Clause((_VALUE,), told, converted))
        else:
            found.append(Clause((Match(Text(shape.definition.pattern), _VALUE),), (), converted))
    both = _cases(
        f"{{{seek}(Head), {seek}(Tail)}}",
        "{{}, {}} -> {}",
        "{{}, {New}} -> {[Head | New]}",
        "{{New}, {}} -> {[New | Tail]}",
        "{{New}, {Rest}} -> {[New | Rest]}",
    )
    elements = _cases(f"{seek}({to_list}(Value))", "{} -> {}", f"{{New}} -> {{{to_tuple}(New)}}")
    # Not as pairs: `{item, Value}` may well look like a record.
    pairs = _cases(
        f"{seek}([[Key | Old] || {{Key, Old}} <- maps:to_list(Value)])",
        "{} -> {}",
        "{New} -> {maps:from_list([{Key, Old} || [Key | Old] <- New])}",
    )
    looked = Function(
        name,
        (
            *found,
            *(_in_natives(seek) if has_natives(plan) else ()),
            Clause((Cons(Variable("Head"), Variable("Tail")),), (), (both,)),
            Clause((_VALUE,), ((f"{is_tuple}(Value)",),), (elements,)),
            Clause((_VALUE,), ((f"{is_map}(Value)",),), (pairs,)),
            Clause((Variable("_"),), (), (Text("{}"),)),
        ),
    )
    whole = _cases(f"{seek}(Value)", "{} -> Value", "{New} -> New")
    return Function(routes.walks[key], (Clause((_VALUE,), (), (whole,)),)), looked


def _in_natives(seek: str) -> tuple[Clause, ...]:
    """The clause for what lies in native records of any kind; each keeps its definition, whatever is loaded."""
    named = "records:get_module(Value), records:get_name(Value)"
    fields = _cases(
        f"{seek}([[Field | records:get(Field, Value)] || Field <- records:get_field_names(Value)])",
        "{} -> {}",
        f"{{New}} -> {{records:update(Value, {named}, maps:from_list([{{Field, Old}} || [Field | Old] <- New]))}}",
    )
    return (Clause((Match(Text("#_{}"), _VALUE),), (), (fields,)),)


def _cases(value: str, *clauses: str) -> Text:
    """A `case` as the body of a clause."""
    lines = ";\n        ".join(clauses)
    return Text(f"case {value} of\n        {lines}\n    end")
