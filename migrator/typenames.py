"""What the names in types mean: user types and records, on one side of a comparison."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from migrator import types as t
from migrator.typeforms import union

if TYPE_CHECKING:
    from collections.abc import Callable

    from migrator.records import Record


@dataclass(frozen=True, slots=True)
class Side:
    """What the names in one version's types mean."""

    records: dict[str, Record] = field(default_factory=dict)
    types: dict[tuple[str, int], t.TypeDefinition] = field(default_factory=dict)


def names_in(type_: t.Type, side: Side) -> tuple[frozenset[str], frozenset[tuple[str, int]]]:
    """The records and the user types that a type names, through user types and records, each looked into once."""
    records: set[str] = set()
    types: set[tuple[str, int]] = set()
    open_ = [type_]
    while open_:
        inner = open_.pop()
        open_.extend(parts_of(inner))
        match inner:
            case t.RecordOf(name) if name not in records:
                records.add(name)
                declared = side.records[name].fields if name in side.records else ()
                open_.extend(each.type for each in declared if each.type is not None)
            case t.UserType(name, arguments) if (name, len(arguments)) not in types:
                types.add((name, len(arguments)))
                definition = side.types.get((name, len(arguments)))
                if definition is not None:
                    open_.append(definition.body)
    return frozenset(records), frozenset(types)


def parts_of(type_: t.Type) -> tuple[t.Type, ...]:
    """The types that stand in a type itself."""
    match type_:
        case t.Union(members):
            return members
        case t.TupleOf(elements):
            return elements
        case t.ListOf(element, tail):
            return (element,) if tail is None else (element, tail)
        case t.MapOf(associations):
            return tuple(part for each in associations for part in (each.key, each.value))
        case t.FunOf(arguments, result):
            return (*(arguments or ()), *(() if result is None else (result,)))
        case t.RecordOf(_, narrowed):
            return tuple(inner for _, inner in narrowed)
        case t.UserType(_, arguments) | t.RemoteType(_, _, arguments):
            return arguments
    return ()


# A type whose parameter grows with each turn (`grow(A) :: A | grow([A])`) never comes back to itself.
_MOST_TURNS = 16


def resolve(type_: t.Type, side: Side, seen: frozenset[t.Type] = frozenset()) -> t.Type:
    """The type with user types at its top (and in its unions) replaced by what they stand for on that side.

    One that never comes to an end stays as it is after so many turns.
    """
    match type_:
        case t.Union(members):
            return union(*(resolve(member, side, seen) for member in members))
        case t.UserType(name, arguments) if type_ not in seen and len(seen) < _MOST_TURNS:
            definition = side.types.get((name, len(arguments)))
            if definition is None:
                return type_
            bound = dict(zip(definition.parameters, arguments, strict=True))
            return resolve(substitute(definition.body, bound), side, seen | {type_})
    return type_


def substitute(type_: t.Type, bound: dict[str, t.Type]) -> t.Type:
    """The type with its variables replaced."""
    if isinstance(type_, t.TypeVariable):
        return bound.get(type_.name, type_)
    return rebuilt(type_, lambda inner: substitute(inner, bound)) if bound else type_


def rebuilt(type_: t.Type, go: Callable[[t.Type], t.Type]) -> t.Type:
    """The type with `go` applied to each type that it is made of."""
    match type_:
        case t.Union(members):
            return union(*map(go, members))
        case t.TupleOf(elements):
            return t.TupleOf(tuple(map(go, elements)))
        case t.ListOf(element, tail, nonempty):
            return t.ListOf(go(element), None if tail is None else go(tail), nonempty)
        case t.MapOf(associations):
            return t.MapOf(tuple(t.Association(go(a.key), go(a.value), a.required) for a in associations))
        case t.FunOf(arguments, result):
            taken = None if arguments is None else tuple(map(go, arguments))
            return t.FunOf(taken, None if result is None else go(result))
        case t.UserType(name, arguments):
            return t.UserType(name, tuple(map(go, arguments)))
        case t.RemoteType(module, name, arguments):
            return t.RemoteType(module, name, tuple(map(go, arguments)))
        case t.RecordOf(name, narrowed):
            return t.RecordOf(name, tuple((field_, go(inner)) for field_, inner in narrowed))
    return type_
