"""Erlang terms spoiled at random: one place in them becomes something else, the same for the same seed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from migrator.terms import Atom, Improper, Map

if TYPE_CHECKING:
    import random

    from migrator.terms import Term

_TEXTS: list[Term] = [list(each) for each in (b"1.0", b"../up", b"/etc", b"*")]
ODD: list[Term] = [
    *_TEXTS,
    *(0, -1, 1 << 70, 1.5, b"", b"\xff", b"(a+)+$", b"(", b".*", (), Map(()), Map(((Atom("k"), 1),))),
    [],
    [1],
    [0xD800],
    [0x110000],
    [()],
    [[]],
    [[], ()],
    [Atom("a")],
    [(Atom("update"), 1)],
    ([], [], []),
    *(Atom("a"), Atom(""), Atom("undefined"), Atom("\0"), (Atom("a"),), Improper((1,), 2), (1, 2, 3, 4), ((), ())),
    *((Atom("apply"), ()), (Atom("code_change"),), (Atom("update"),), (Atom("load"), ()), (Atom("release"), ())),
    (Atom("code_change"), Atom("up"), [()]),
    (Atom("suspend"), [()]),
]


def size(term: Term) -> int:
    """In how many places a term can be spoiled."""
    return 1 + sum(map(size, term)) if isinstance(term, tuple | list) else 1


def spoilt(term: Term, chance: random.Random) -> Term:
    """The term with one to three places in it changed: replaced, taken out, doubled, wrapped."""
    for _ in range(chance.choice((1, 1, 2, 3))):
        term = _at(term, chance, [chance.randrange(1, size(term) + 1)])
    return term


def _at(term: Term, chance: random.Random, left: list[int]) -> Term:
    left[0] -= 1
    if left[0] == 0:
        return _other(term, chance)
    if isinstance(term, tuple):
        return tuple(_at(each, chance, left) for each in term)
    if isinstance(term, list):
        return [_at(each, chance, left) for each in term]
    return term


def _other(term: Term, chance: random.Random) -> Term:
    items = list(term) if isinstance(term, tuple | list) else []
    number = chance.randrange(len(items)) if items else 0
    match chance.randrange(8):
        case 0 if items:
            del items[number]
        case 1 if items:
            items.insert(number, items[number])
        case 2 if items:
            items.append(chance.choice(ODD))
        case 3:
            return [term]
        case 4:
            return (term, term)
        case 5:
            return Improper((term,), Atom("tail"))
        case _:
            return chance.choice(ODD)
    return tuple(items) if isinstance(term, tuple) else items
