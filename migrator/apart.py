"""Whether the places inside a value tell two records of one tag apart, as its type says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from migrator import types as t
from migrator.terms import atom_text
from migrator.typeforms import NIL
from migrator.typenames import Side, resolve
from migrator.walker import CONTAINERS

if TYPE_CHECKING:
    from collections.abc import Iterator

# So many places no one writes by hand; then it is not known that they are apart.
_MOST_PLACES = 2000


def together(type_: t.Type, side: Side, clashes: frozenset[tuple[str, str]]) -> tuple[str, str] | None:
    """Two of the records that clash and that may stand in the same place of a value of the type; None without any."""
    for count, members in enumerate(places_in(type_, side), start=1):
        names = {member.name for member in members if isinstance(member, t.RecordOf)}
        met = next((pair for pair in sorted(clashes) if names.issuperset(pair)), None)
        if met is not None or count > _MOST_PLACES:
            return met or next(iter(sorted(clashes)), None)
    return None


def places_in(type_: t.Type, side: Side) -> Iterator[frozenset[t.Type]]:
    """For each place inside a value of the type, and for itself, all that may stand there; not inside records.

    It ends after so many places as no one writes by hand.
    """
    open_ = [frozenset({type_})]
    seen: set[frozenset[t.Type]] = set()
    while open_ and len(seen) <= _MOST_PLACES:
        here = open_.pop()
        if here in seen:
            continue
        seen.add(here)
        members = frozenset(member for each in here for member in _members(each, side))
        yield members
        open_.extend(_places(members))


def _members(type_: t.Type, side: Side) -> tuple[t.Type, ...]:
    resolved = resolve(type_, side)
    return resolved.members if isinstance(resolved, t.Union) else (resolved,)


def _places(members: frozenset[t.Type]) -> Iterator[frozenset[t.Type]]:
    """The places one step inside a value that is any of these, each with all that may stand there."""
    inside: dict[tuple[object, ...], set[t.Type]] = {}
    tagged = _tagged(members)
    for member in members:
        for place, part in _parts(member, tagged):
            inside.setdefault(place, set()).add(part)
    yield from map(frozenset, inside.values())


def _tagged(members: frozenset[t.Type]) -> frozenset[int]:
    """The sizes of which every tuple begins with a literal, which tells them apart."""
    tuples = [member.elements for member in members if isinstance(member, t.TupleOf) and member.elements]
    free = {len(elements) for elements in tuples if not isinstance(elements[0], t.Literal)}
    return frozenset(len(elements) for elements in tuples) - free


def _parts(member: t.Type, tagged: frozenset[int]) -> Iterator[tuple[tuple[object, ...], t.Type]]:
    match member:
        case t.ListOf(element, tail):
            yield ("element",), element
            yield ("tail",), NIL if tail is None else tail
        case t.TupleOf(elements):
            head = elements[0] if len(elements) in tagged else None
            for number, element in enumerate(elements):
                yield ("tuple", len(elements), head, number), element
        case t.MapOf(associations):
            for each in associations:
                known = atom_text(str(each.key.value)) if isinstance(each.key, t.Literal) else ""
                yield ("key", known), each.key
                yield ("value", known), each.value
        case t.RemoteType("orddict", "orddict", (key, value)):
            yield ("element",), t.TupleOf((key, value))
        case t.RemoteType("ordsets", "ordset", (element,)):
            yield ("element",), element
        case t.RemoteType(module, name, arguments) if (module, name) in CONTAINERS:
            for number, argument in enumerate(arguments):
                yield ("container", module, number), argument
