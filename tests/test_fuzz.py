"""Mutated beams as OLD and as NEW: only documented outcomes, a helper that lives on, and no changed file.

`MIGRATOR_FUZZ` says how many mutations of each kind; the seed is the number of the mutation.
"""

from __future__ import annotations

import os
import random
from typing import TYPE_CHECKING

import pytest

from migrator import library
from migrator.diagnostics import CATALOGUE
from tests.support.cases import built, chunks, own, server

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.support.cases import Bench

pytest_plugins = ["tests.support.bench"]

COUNT = int(os.environ.get("MIGRATOR_FUZZ", "60"))
# A mutation can make a beam that differs in more than it should: then it is refused, as an input.
PERMITTED = {0, 3, 4, 5}


def flip_bits(beam: bytes, chance: random.Random) -> bytes:
    """Some bits turned anywhere."""
    data = bytearray(beam)
    for _ in range(chance.choice([1, 1, 1, 2, 8])):
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    return bytes(data)


def truncate(beam: bytes, chance: random.Random) -> bytes:
    """Less than the whole."""
    return beam[: chance.randrange(len(beam))]


def zero(beam: bytes, chance: random.Random) -> bytes:
    """A range of zeros."""
    at = chance.randrange(len(beam))
    length = min(chance.choice([1, 4, 16, 200]), len(beam) - at)
    return beam[:at] + bytes(length) + beam[at + length :]


def swap_chunks(beam: bytes, chance: random.Random) -> bytes:
    """The contents of two chunks exchanged, or one left out, doubled or moved."""
    parts = chunks(beam)
    one, other = chance.sample(range(len(parts)), 2)
    match chance.randrange(4):
        case 0:
            (a, x), (b, y) = parts[one], parts[other]
            parts[one], parts[other] = (a, y), (b, x)
        case 1:
            del parts[one]
        case 2:
            parts.insert(other, parts[one])
        case _:
            parts.insert(other, parts.pop(one))
    return built(parts)


def spoil_chunk(beam: bytes, chance: random.Random) -> bytes:
    """One chunk's content cut, lengthened or flipped, in a container that is whole."""
    parts = chunks(beam)
    at = chance.randrange(len(parts))
    name, content = parts[at]
    match chance.randrange(3):
        case 0:
            content = content[: chance.randrange(len(content) + 1)]
        case 1:
            content += bytes(chance.randrange(256) for _ in range(chance.randrange(1, 9)))
        case _:
            content = flip_bits(content, chance) if content else b"\x83"
    parts[at] = (name, content)
    return built(parts)


MUTATIONS = (flip_bits, truncate, zero, swap_chunks, spoil_chunk)

OLD = server("a :: integer(), was = [], gone", own("(_, State, _) -> {ok, State}"))
NEW = server(
    "a :: integer(), now = [], b = lists:seq(1, 3)",
    "-state_migration([{rename, was, now}, {drop, gone}]).",
    own("({down, _}, #state{} = S, _) -> {ok, S}", "(_, State, _) -> {ok, State}"),
    vsn='"2"',
)


@pytest.fixture
def pair(bench: Bench) -> tuple[Path, Path]:
    """An old and a new beam, and the new one carries a migration already."""
    old, new = bench.beams(OLD, NEW)
    return old, new


@pytest.mark.parametrize("mutate", MUTATIONS, ids=lambda each: each.__name__)
@pytest.mark.parametrize("which", ["old", "new", "migrated"])
def test_mutated_beams(
    bench: Bench, pair: tuple[Path, Path], mutate: Callable[[bytes, random.Random], bytes], which: str
) -> None:
    """A mutated beam gives a plan or a documented refusal, and nothing else happens."""
    old, new = pair
    if which == "migrated":
        (one,) = library.inject(bench.helper, [old], new).injected
        assert one.after is not None
        new.write_bytes(one.after)
    target = old if which == "old" else new
    sound = target.read_bytes()
    for seed in range(COUNT):
        chance = random.Random(f"{mutate.__name__} {seed}")  # noqa: S311 - reproducible, not secret
        beam = mutate(sound, chance)
        target.write_bytes(beam)
        result = library.inject(bench.helper, [old], new)
        ejected = library.eject(bench.helper, target)
        found = (*result.diagnostics, *ejected.diagnostics)
        assert {each.kind.exit for each in found} <= PERMITTED, (seed, [each.message for each in found])
        assert all(each.kind == CATALOGUE[each.code] for each in found)
        assert result.exit == 0 or all(each.after is None for each in result.injected)
        assert target.read_bytes() == beam
    target.write_bytes(sound)
    assert library.inject(bench.helper, [old], new).exit == 0
