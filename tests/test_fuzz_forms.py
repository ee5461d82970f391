"""Beams that are whole, with debug info, attributes and compile info that no compiler writes: documented outcomes only.

`MIGRATOR_FUZZ` says how many mutations of each chunk; the seed is the number of the mutation.
"""

from __future__ import annotations

import os
import random
import zlib
from typing import TYPE_CHECKING

import pytest

from migrator import etf, library
from migrator.terms import Atom, Improper
from tests.support.cases import chunks, own, server, with_chunk

if TYPE_CHECKING:
    from migrator.terms import Term
    from tests.support.cases import Bench

pytest_plugins = ["tests.support.bench"]

COUNT = int(os.environ.get("MIGRATOR_FUZZ", "60"))
PERMITTED = {0, 3, 4, 5}
OLD = server("a :: integer(), was = [], gone", "-type t() :: #{atom() => [t()]}.", own("(_, State, _) -> {ok, State}"))
NEW = server(
    "a :: integer(), now = [], b = lists:seq(1, 3), c :: t()",
    "-type t() :: #{atom() => [t()]}.",
    "-state_migration([{rename, was, now}, {drop, gone}, {init, c, made}]).",
    "made() -> fun(X) -> X end(1).",
    own("({down, _}, #state{} = S, _) -> {ok, S}", "(_, State, _) -> {ok, State}"),
    vsn='"2"',
)
NAMES = ("state", "a", "undefined", "function", "record", "attribute", "'", "eof", "")
ODD: list[Term] = [
    0,
    -1,
    1 << 70,
    1.5,
    b"",
    b"\xff",
    [],
    (),
    (Atom("a"),),
    [1],
    [Atom("a")],
    Improper((1,), 2),
    (1, 2, 3, 4),
]
WORDS: list[Term] = [*map(Atom, NAMES), *ODD]


def _term(content: bytes) -> Term:
    return etf.decode(b"\x83" + zlib.decompress(content[6:]) if content[:2] == b"\x83\x50" else content)


def _spoilt(term: Term, chance: random.Random, left: list[int]) -> Term:
    """The term with one place in it changed: the one that `left` comes to."""
    left[0] -= 1
    if left[0] == 0:
        return chance.choice([*WORDS, [term], (term, term), [term, term]])
    if isinstance(term, tuple):
        return tuple(_spoilt(each, chance, left) for each in term)
    if isinstance(term, list):
        found = [_spoilt(each, chance, left) for each in term]
        return found[:-1] if left[0] == 1 and found else found
    return term


def _size(term: Term) -> int:
    return 1 + sum(map(_size, term)) if isinstance(term, tuple | list) else 1


@pytest.mark.parametrize("chunk", ["Dbgi", "Attr", "CInf"])
@pytest.mark.parametrize("which", ["old", "new"])
def test_mutated_terms(bench: Bench, chunk: str, which: str) -> None:
    """A plan, or a refusal that is no bug of ours; the beam keeps its bytes and the helper lives."""
    old, new = bench.beams(OLD, NEW)
    target = old if which == "old" else new
    sound = target.read_bytes()
    whole = _term(dict(chunks(sound))[chunk])
    size = _size(whole)
    for seed in range(COUNT):
        chance = random.Random(f"{chunk} {which} {seed}")  # noqa: S311 - reproducible, not secret
        spoilt = _spoilt(whole, chance, [chance.randrange(1, size + 1)])
        target.write_bytes(with_chunk(sound, chunk, etf.encode(spoilt)))
        result = library.inject(bench.helper, [old], new)
        scanned = library.scan(bench.helper, [target])[1]
        found = [*result.diagnostics, *scanned, *library.eject(bench.helper, target).diagnostics]
        assert {each.kind.exit for each in found} <= PERMITTED, (seed, [each.message for each in found])
    target.write_bytes(sound)
    assert library.inject(bench.helper, [old], new).exit == 0
