"""Nouns: values as they stand in Erlang source, so that a person can read what a test is about.

A term that Python could hold says too little here: a `dict` is to be read as `dict:from_list([…])`, a pid as `self()`,
and of what a function gives nothing is known.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from migrator import terms
from migrator.terms import atom_text, term_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from migrator.terms import Term


@dataclass(frozen=True, slots=True)
class Plain:
    """Source text that gives the same term whenever it is evaluated: a literal, `self()`, `queue:new()`."""

    text: str


@dataclass(frozen=True, slots=True)
class Tuple:
    """`{…}`."""

    elements: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Items:
    """`[…]`, or `[… | Tail]` where it ends in something else than a list."""

    items: tuple[Value, ...]
    tail: Value | None = None


@dataclass(frozen=True, slots=True)
class Pairs:
    """`#{…}`."""

    pairs: tuple[tuple[Value, Value], ...]


@dataclass(frozen=True, slots=True)
class Container:
    """One of OTP's containers, by its kind in `walks.IntoContainer`; those with keys have pairs as entries."""

    kind: str
    entries: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Open:
    """A value of which nothing is known before a function ran; `why` names the function or the expression."""

    why: str


Value: TypeAlias = Plain | Tuple | Items | Pairs | Container | Open

UNDEFINED = Plain("undefined")
EMPTY = Items(())


def atom(name: str) -> Plain:
    """An atom."""
    return Plain(atom_text(name))


def opened(value: Value) -> str | None:
    """Why not all of a value is known; None where all of it is."""
    if isinstance(value, Open):
        return value.why
    return next((why for part in parts(value) if (why := opened(part)) is not None), None)


def parts(value: Value) -> Iterator[Value]:
    """The values that lie in a value itself."""
    match value:
        case Tuple(several) | Container(_, several):
            yield from several
        case Items(items, tail):
            yield from items
            if tail is not None:
                yield tail
        case Pairs(pairs):
            for key, one in pairs:
                yield from (key, one)


def of_term(term: Term) -> Value:
    """The value that a term is."""
    if isinstance(term, tuple):
        return Tuple(tuple(map(of_term, term)))
    if isinstance(term, list) and not terms.is_string(term):
        return Items(tuple(map(of_term, term)))
    if isinstance(term, terms.Improper):
        return Items(tuple(map(of_term, term.items)), of_term(term.tail))
    if isinstance(term, terms.Map):
        return Pairs(tuple((of_term(key), of_term(value)) for key, value in term.pairs))
    return Plain(term_text(term))
