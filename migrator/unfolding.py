"""Recursive types beside others in a union: each is opened, so that all of the union's members have a shape.

`chain() | [#item{}]`, where `chain()` may be a list too, is walked as one list of both.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from migrator.walks import (
    Again,
    AnyOf,
    IntoContainer,
    IntoList,
    IntoMap,
    IntoTuple,
    NamedWalk,
    Walk,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

# More unions of recursive types than these no person wrote; the next ones stay as they are.
_MOST = 200


@dataclass(slots=True)
class _Opening:
    """The walks by name, the unions under way by label, what became of others; `united` makes one walk of several.

    `used` are the labels that something comes back to, `wanted` the names that what is finished uses.
    """

    walks: dict[str, Walk]
    united: Callable[[Iterable[Walk]], Walk]
    open: dict[Walk, str] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)
    wanted: dict[str, None] = field(default_factory=dict)
    known: dict[Walk, Walk] = field(default_factory=dict)
    done: list[NamedWalk] = field(default_factory=list)
    count: int = 0


def unfolded(
    walk: Walk, named: tuple[NamedWalk, ...], united: Callable[[Iterable[Walk]], Walk]
) -> tuple[Walk, tuple[NamedWalk, ...]]:
    """The walk and those that it names, without recursive ones among the members of a union; the same where none is."""
    if not any(_recursive(each) for part in (walk, *(other.walk for other in named)) for each in _unions(part)):
        return walk, named
    opening = _Opening({each.name: each.walk for each in named}, united)
    top = _go(walk, opening)
    finished: dict[str, NamedWalk] = {}
    while True:
        missing = next((name for name in opening.wanted if name not in finished), None)
        if missing is None:
            return top, (*finished.values(), *opening.done)
        finished[missing] = NamedWalk(missing, _go(opening.walks[missing], opening))


def _recursive(walk: AnyOf) -> bool:
    return any(isinstance(each, Again) for each in walk.members)


def _unions(walk: Walk) -> Iterable[AnyOf]:
    if isinstance(walk, AnyOf):
        yield walk
    for each in _parts(walk):
        yield from _unions(each)


def _parts(walk: Walk) -> tuple[Walk, ...]:
    match walk:
        case IntoList(one, other) | IntoContainer(_, one, other):
            return one, other
        case IntoTuple(several) | AnyOf(several):
            return several
        case IntoMap(known, key, value):
            return (*(each for _, each in known), key, value)
    return ()


def _go(walk: Walk, opening: _Opening) -> Walk:
    match walk:
        case Again(name):
            opening.wanted[name] = None
            return walk
        case IntoList(element, tail):
            return IntoList(_go(element, opening), _go(tail, opening))
        case IntoContainer(kind, key, value):
            return IntoContainer(kind, _go(key, opening), _go(value, opening))
        case IntoTuple(elements):
            return IntoTuple(tuple(_go(each, opening) for each in elements))
        case IntoMap(known, key, value):
            inner = tuple((name, _go(each, opening)) for name, each in known)
            return IntoMap(inner, _go(key, opening), _go(value, opening))
        case AnyOf() if _recursive(walk) and (walk in opening.known or walk in opening.open or opening.count < _MOST):
            return _opened(walk, opening)
        case AnyOf(members):
            return AnyOf(tuple(_go(each, opening) for each in members))
    return walk


def _opened(walk: AnyOf, opening: _Opening) -> Walk:
    """The union with its recursive members as what they stand for; one that comes back to itself gets a name."""
    if walk in opening.known:
        return opening.known[walk]
    if walk in opening.open:
        opening.used.add(opening.open[walk])
        return Again(opening.open[walk])
    opening.count += 1
    label = f"either{opening.count}"
    opening.open[walk] = label
    result = _go(opening.united(_heads(walk, opening)), opening)
    del opening.open[walk]
    if label in opening.used:
        opening.done.append(NamedWalk(label, result))
        result = Again(label)
    opening.known[walk] = result
    return result


def _heads(walk: AnyOf, opening: _Opening) -> list[Walk]:
    found: list[Walk] = []
    seen: set[str] = set()
    open_: list[Walk] = list(walk.members)
    while open_:
        match open_.pop(0):
            case Again(name) if name not in seen:
                seen.add(name)
                open_.insert(0, opening.walks[name])
            case Again():
                pass
            case AnyOf(members):
                open_[:0] = members
            case other:
                found.append(other)
    return found
