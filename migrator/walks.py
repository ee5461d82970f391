"""Nouns: the way to changed records inside a value, as its type tells it.

A walk says where to go; what to do with a record that is found there is the record's own plan. A value that is not of
the shape that a walk describes is passed on as it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Stay:
    """Nothing inside is to be converted."""


@dataclass(frozen=True, slots=True)
class IntoRecord:
    """The value is a record of that name, on the side that the value comes from."""

    record: str


@dataclass(frozen=True, slots=True)
class IntoList:
    """The value is a list: its elements, and what an improper one ends in."""

    element: Walk
    tail: Walk


@dataclass(frozen=True, slots=True)
class Only:
    """An element of a tuple, or a key of a map, that is exactly this atom or integer, as Erlang source."""

    text: str


@dataclass(frozen=True, slots=True)
class IntoTuple:
    """The value is a tuple of as many elements."""

    elements: tuple[Walk, ...]


@dataclass(frozen=True, slots=True)
class IntoMap:
    """The value is a map: the values under keys that are known, then the keys and values of all others."""

    known: tuple[tuple[str, Walk], ...]
    key: Walk
    value: Walk


@dataclass(frozen=True, slots=True)
class IntoContainer:
    """The value is one of OTP's containers: `dict`, `array`, `gb_tree`, `gb_set`, `set` or `queue`.

    `key` is `Stay` for those without keys. A `set` is one of version 1, a tuple: those of version 2 are maps.
    """

    kind: str
    key: Walk
    value: Walk


@dataclass(frozen=True, slots=True)
class AnyOf:
    """The value is one of several: the first whose shape it has is walked."""

    members: tuple[Walk, ...]


@dataclass(frozen=True, slots=True)
class Anywhere:
    """The value is any term: these records, on the side that it comes from, wherever they lie in it."""

    records: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Again:
    """The value is what the walk of that name describes: a recursive type."""

    name: str


Walk: TypeAlias = Stay | IntoRecord | IntoList | Only | IntoTuple | IntoMap | IntoContainer | AnyOf | Anywhere | Again

STAY = Stay()


@dataclass(frozen=True, slots=True)
class NamedWalk:
    """The walk of a recursive type, by the name that `Again` uses."""

    name: str
    walk: Walk


def vagueness(walk: Walk) -> int:
    """A union's walks go by this: what tells its values best first, as a record is a tuple and a gb_tree a pair."""
    match walk:
        case IntoTuple((Only(), *_)):
            return 0
        case IntoRecord():
            return 1
        case IntoContainer():
            return 3
        case IntoTuple(elements) if not any(isinstance(each, Only) for each in elements):
            return 4
    return 2
