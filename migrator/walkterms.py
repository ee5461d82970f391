"""Walks as Erlang terms, for the attribute that carries them in a beam."""

from __future__ import annotations

from typing import TYPE_CHECKING

from migrator.terms import Atom, text_of
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
    Stay,
    Walk,
)

if TYPE_CHECKING:
    from migrator.terms import Term


class NotOurs(ValueError):  # noqa: N818 - an answer, not a mishap
    """The term is no `-state_migrated` that this version wrote."""


def walk_term(walk: Walk) -> Term:  # noqa: C901 - a line for each kind
    """The walk as a term."""
    match walk:
        case Stay():
            return Atom("stay")
        case IntoRecord(record):
            return (Atom("record"), Atom(record))
        case IntoList(element, tail):
            return (Atom("list"), walk_term(element), walk_term(tail))
        case Only(text):
            return (Atom("only"), text.encode())
        case IntoTuple(elements):
            return (Atom("tuple"), [walk_term(each) for each in elements])
        case IntoMap(known, key, value):
            return (
                Atom("map"),
                [(text.encode(), walk_term(each)) for text, each in known],
                walk_term(key),
                walk_term(value),
            )
        case IntoContainer(kind, key, value):
            return (Atom(kind), walk_term(key), walk_term(value))
        case AnyOf(members):
            return (Atom("any_of"), [walk_term(each) for each in members])
        case Anywhere(records):
            return (Atom("anywhere"), [Atom(each) for each in records])
        case Again(name):
            return (Atom("again"), name.encode())


def read_walk(term: Term) -> Walk:  # noqa: C901 - as above
    """The walk that `walk_term` made the term of.

    Raises:
        NotOurs: it made no such term.
    """
    match term:
        case Atom("stay"):
            return STAY
        case (Atom("record"), Atom(record)):
            return IntoRecord(record)
        case (Atom("list"), element, tail):
            return IntoList(read_walk(element), read_walk(tail))
        case (Atom("only"), bytes(text)):
            return Only(text_of(text) or "")
        case (Atom("tuple"), list(elements)):
            return IntoTuple(tuple(map(read_walk, elements)))
        case (Atom("map"), list(known), key, value):
            return IntoMap(tuple(map(_known, known)), read_walk(key), read_walk(value))
        case (Atom("any_of"), list(members)):
            return AnyOf(tuple(map(read_walk, members)))
        case (Atom("anywhere"), list(records)):
            return Anywhere(tuple(each.name for each in records if isinstance(each, Atom)))
        case (Atom("again"), bytes(name)):
            return Again(text_of(name) or "")
        case (Atom(kind), key, value):
            return IntoContainer(kind, read_walk(key), read_walk(value))
    raise NotOurs


def _known(term: Term) -> tuple[str, Walk]:
    match term:
        case (bytes(text), walk):
            return text_of(text) or "", read_walk(walk)
    raise NotOurs
