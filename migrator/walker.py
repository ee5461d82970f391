"""From a type to the walk that reaches the changed records in its values."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from migrator import types as t
from migrator.terms import atom_text
from migrator.typenames import Side, parts_of, substitute
from migrator.unfolding import unfolded
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
    NamedWalk,
    Only,
    Stay,
    Walk,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

# The containers of OTP whose elements can be reached through their own functions: module, type: kind, parameters.
# Source: the types that the modules of stdlib export.
CONTAINERS = {
    ("dict", "dict"): "dict",
    ("array", "array"): "array",
    ("gb_trees", "tree"): "gb_tree",
    ("gb_sets", "set"): "gb_set",
    ("sets", "set"): "set",
    ("queue", "queue"): "queue",
    ("orddict", "orddict"): "orddict",
    ("ordsets", "ordset"): "ordset",
}


# A type whose parameter grows with each turn never comes back to itself: it is left after so many turns.
_MOST_TURNS = 4


@dataclass(slots=True)
class _Names:
    """The recursive types under way, and the walks of those that are finished."""

    side: Side
    affected: frozenset[str]
    open: dict[t.Type, str] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)
    done: list[NamedWalk] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Guide:
    """The types of the side that values come from, and which of its records must be converted.

    `anywhere` are those that a `deep` looks for.
    """

    side: Side
    affected: frozenset[str]
    anywhere: tuple[str, ...] = ()

    def walk(self, type_: t.Type | None) -> tuple[Walk, tuple[NamedWalk, ...]]:
        """The walk through values of that type, and the named walks that it needs; `Stay` where nothing is to do."""
        if type_ is None or not self.reaches(type_):
            return STAY, ()
        names = _Names(self.side, self.affected)
        walk = _walk(type_, names, self)
        return unfolded(walk, tuple(names.done), any_of)

    def reaches(self, type_: t.Type) -> bool:
        """Whether a value of that type can hold a record that must be converted."""
        return any(name in self.affected for name in records_in(type_, self.side))


def records_in(type_: t.Type, side: Side) -> frozenset[str]:
    """The records that a value of the type may hold, where a walk can reach them; not those inside records.

    Each user type is looked into once, and what stands for its parameters apart: more rather than less.
    """
    found: set[str] = set()
    seen: set[tuple[str, int]] = set()
    open_ = [type_]
    while open_:
        inner = open_.pop()
        match inner:
            case t.RecordOf(name):
                found.add(name)
            case t.UserType(name, arguments):
                open_.extend(arguments)
                definition = side.types.get((name, len(arguments)))
                if definition is not None and (name, len(arguments)) not in seen:
                    seen.add((name, len(arguments)))
                    open_.append(definition.body)
            case t.RemoteType(module, name, arguments):
                open_.extend(arguments if (module, name) in CONTAINERS else ())
            case t.FunOf():
                pass
            case _:
                open_.extend(parts_of(inner))
    return frozenset(found)


def _walk(type_: t.Type, names: _Names, guide: Guide) -> Walk:
    if _turns(type_, names) >= _MOST_TURNS or not guide.reaches(type_):
        return Only(_literal(type_)) if isinstance(type_, t.Literal) else STAY
    if type_ in names.open:
        names.used.add(names.open[type_])
        return Again(names.open[type_])
    match type_:
        case t.RecordOf(name):
            return IntoRecord(name)
        case t.UserType(name, arguments) if (name, len(arguments)) in names.side.types:
            return _user(type_, names, guide)
        case t.Union(members):
            return any_of([_walk(member, names, guide) for member in members])
        case t.ListOf(element, tail):
            return IntoList(_inner(element, names, guide), STAY if tail is None else _inner(tail, names, guide))
        case t.TupleOf(elements):
            return IntoTuple(tuple(_walk(element, names, guide) for element in elements))
        case t.MapOf(associations):
            return _map(associations, names, guide)
        case t.RemoteType(module, name, arguments):
            return _container(CONTAINERS.get((module, name), ""), [_inner(each, names, guide) for each in arguments])
    return STAY


def _turns(type_: t.Type, names: _Names) -> int:
    """How often a user type is under way already, with whatever parameters."""
    if not isinstance(type_, t.UserType) or type_ in names.open:
        return 0
    return sum(1 for each in names.open if isinstance(each, t.UserType) and each.name == type_.name)


def _inner(type_: t.Type, names: _Names, guide: Guide) -> Walk:
    """As `_walk`, where a literal need not be told."""
    walk = _walk(type_, names, guide)
    return STAY if isinstance(walk, Only) else walk


def _literal(literal: t.Literal) -> str:
    return atom_text(literal.value) if isinstance(literal.value, str) else str(literal.value)


def _user(type_: t.UserType, names: _Names, guide: Guide) -> Walk:
    """A user type is walked as what it stands for; one that comes back to itself gets a name."""
    definition = names.side.types[type_.name, len(type_.arguments)]
    label = f"{type_.name}{len(names.open) + len(names.done) + 1}"
    names.open[type_] = label
    body = substitute(definition.body, dict(zip(definition.parameters, type_.arguments, strict=True)))
    walk = _walk(body, names, guide)
    del names.open[type_]
    if label not in names.used:
        return walk
    # A type that stands bare in its own union says nothing there.
    members = tuple(each for each in walk.members if each != Again(label)) if isinstance(walk, AnyOf) else (walk,)
    names.done.append(NamedWalk(label, any_of(members)))
    return Again(label)


def _map(associations: tuple[t.Association, ...], names: _Names, guide: Guide) -> Walk:
    known: list[tuple[str, Walk]] = []
    keys: list[Walk] = []
    values: list[Walk] = []
    for each in associations:
        key, value = _walk(each.key, names, guide), _inner(each.value, names, guide)
        if isinstance(key, Only):
            known.append((key.text, value))
        else:
            keys.append(key)
            values.append(value)
    needed = tuple((key, value) for key, value in known if not isinstance(value, Stay))
    return IntoMap(needed, any_of(keys), any_of(values))


def _container(kind: str, arguments: list[Walk]) -> Walk:
    if kind == "orddict":
        return IntoList(IntoTuple(tuple(arguments)), STAY)
    if kind == "ordset":
        return IntoList(arguments[0], STAY)
    if kind == "set":
        # One of version 2 is a map, #{Element => []}: in a union it is walked as all other maps there.
        return any_of([IntoContainer(kind, STAY, arguments[0]), IntoMap((), arguments[0], STAY)])
    if len(arguments) == 1:
        return IntoContainer(kind, STAY, arguments[0])
    return IntoContainer(kind, arguments[0], arguments[1]) if kind else STAY


def without(walk: Walk, named: Iterable[NamedWalk], record: str) -> Walk:
    """The walk for a value that is not that record itself; one may lie in it all the same."""
    match walk:
        case IntoRecord(name) if name == record:
            return STAY
        case Again(name):
            return without(next(each.walk for each in named if each.name == name), named, record)
        case AnyOf(members):
            return any_of(each for each in members if each != IntoRecord(record))
    return walk


def records_of(walk: Walk, named: Iterable[NamedWalk]) -> frozenset[str]:
    """The records that the walk leads to, not those inside them."""
    walks = {each.name: each.walk for each in named}
    found: set[str] = set()
    seen: set[str] = set()
    open_ = [walk]
    while open_:
        match open_.pop():
            case IntoRecord(name):
                found.add(name)
            case Anywhere(names):
                found.update(names)
            case IntoList(one, other) | IntoContainer(_, one, other):
                open_ += [one, other]
            case IntoTuple(several) | AnyOf(several):
                open_ += several
            case IntoMap(known, key, value):
                open_ += [key, value, *(each for _, each in known)]
            case Again(name) if name not in seen:
                seen.add(name)
                open_.append(walks[name])
    return frozenset(found)


def any_of(walks: Iterable[Walk]) -> Walk:
    """One walk for a value that is one of several, those of like shape made one."""
    merged: list[Walk] = []
    for walk in walks:
        for each in walk.members if isinstance(walk, AnyOf) else (walk,):
            if isinstance(each, Stay | Only) or each in merged:
                continue
            merged = _merge(merged, each)
    if not merged:
        return STAY
    return merged[0] if len(merged) == 1 else AnyOf(tuple(merged))


def _merge(walks: list[Walk], new: Walk) -> list[Walk]:
    for number, walk in enumerate(walks):
        both = _joined(walk, new)
        if both is not None:
            # Two in one may have the shape of a third, which neither of them had.
            others = [*walks[:number], *walks[number + 1 :]]
            if any(_joined(each, both) is not None for each in others):
                return _merge(others, both)
            return [*walks[:number], both, *walks[number + 1 :]]
    return [*walks, new]


def _joined(one: Walk, other: Walk) -> Walk | None:
    """Two walks as one where a value could have the shape of both; None where it cannot."""
    match one, other:
        case IntoList(e1, t1), IntoList(e2, t2):
            return IntoList(any_of([e1, e2]), any_of([t1, t2]))
        case IntoMap(known1, k1, v1), IntoMap(known2, k2, v2):
            keys = dict.fromkeys([key for key, _ in (*known1, *known2)])
            known = tuple((key, any_of([dict(known1).get(key, v1), dict(known2).get(key, v2)])) for key in keys)
            return IntoMap(known, any_of([k1, k2]), any_of([v1, v2]))
        case IntoTuple(e1), IntoTuple(e2) if len(e1) == len(e2) and not _apart(e1, e2):
            return IntoTuple(tuple(_element(a, b) for a, b in zip(e1, e2, strict=True)))
        case (IntoContainer("queue", _, v), IntoTuple((a, b))) | (
            IntoTuple((a, b)),
            IntoContainer("queue", _, v),
        ) if not (isinstance(a, Only) or isinstance(b, Only)):
            # A queue is a pair of lists.
            return IntoTuple((any_of([a, IntoList(v, STAY)]), any_of([b, IntoList(v, STAY)])))
        case IntoContainer(k1, a1, b1), IntoContainer(k2, a2, b2) if k1 == k2:
            return IntoContainer(k1, any_of([a1, a2]), any_of([b1, b2]))
    return None


def _apart(one: tuple[Walk, ...], other: tuple[Walk, ...]) -> bool:
    """Whether an element that must be one thing here must be another thing there."""
    return any(isinstance(a, Only) and isinstance(b, Only) and a != b for a, b in zip(one, other, strict=True))


def _element(one: Walk, other: Walk) -> Walk:
    return one if isinstance(one, Only) and one == other else any_of([one, other])
