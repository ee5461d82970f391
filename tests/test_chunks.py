"""A beam is stripped as another one was, and stripping changes nothing of its code's checksum."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from migrator.release.chunks import attributes_of, chunks_of, code_digest, has_debug_info, stripped_like
from tests.support.beams import compile_text

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.node import Node

SMALL = "-module(m).\n-vsn(1).\n-export([f/0]).\nf() -> ok.\n"
# Has literals, strings, funs and lines, none of which the small one has.
LARGE = SMALL.replace("f/0", "f/0, g/1") + (
    'g(X) -> [fun() -> {X, f(), <<"text">>, #{a => [1, 2]}} end, X + 1, [{a, "b"}]].\n'
)


def _beam(source: str, folder: Path) -> bytes:
    return compile_text(source, folder).read_bytes()


def _strip(node: Node, beam: bytes, kept: str = "Attr") -> bytes:
    answer = node.apply("beam_lib", "strip", beam, [list(kept.encode())])
    assert isinstance(answer, tuple)
    module_and_beam = answer[1]
    assert isinstance(module_and_beam, tuple)
    stripped = module_and_beam[1]
    assert isinstance(stripped, bytes)
    return stripped


@pytest.mark.parametrize(("old", "new"), [(SMALL, LARGE), (LARGE, SMALL), (LARGE, LARGE)])
def test_stripped_as_beam_lib_does(old: str, new: str, node: Node, tmp_path: Path) -> None:
    """Beside a beam that relx stripped, the bytes are those of `beam_lib:strip(Beam, ["Attr"])`."""
    before, after = _beam(old, tmp_path / "old"), _beam(new, tmp_path / "new")
    stripped = _strip(node, before)
    assert not has_debug_info(stripped)
    assert stripped_like(after, stripped) == _strip(node, after)


def test_other_ways_to_strip(node: Node, tmp_path: Path) -> None:
    """The chunks are those that the other beam has, in its order, and it is compressed only if the other is."""
    after = _beam(LARGE, tmp_path / "new")
    small = dict(chunks_of(_beam(SMALL, tmp_path / "old")) or ())
    kept = (b"Atom", b"AtU8", b"Attr", b"Code", b"StrT", b"ImpT", b"ExpT", b"Line")
    built = node.apply("beam_lib", "build_module", [(list(name), small[name]) for name in kept if name in small])
    assert isinstance(built, tuple)
    target = built[1]
    assert isinstance(target, bytes)
    made = chunks_of(stripped_like(after, target))
    assert made is not None
    assert [name for name, _ in made] == [
        b"AtU8",
        b"Attr",
        b"Code",
        b"StrT",
        b"ImpT",
        b"ExpT",
        b"FunT",
        b"LitT",
        b"Line",
    ]
    assert dict(made).items() <= dict(chunks_of(after) or ()).items()


def test_the_checksum_of_the_code(node: Node, tmp_path: Path) -> None:
    """Stripped or not, built here or there, the same code has the same checksum, and other code another."""
    here, there = _beam(LARGE, tmp_path / "here"), _beam(LARGE, tmp_path / "there")
    assert here != there
    assert code_digest(here) == code_digest(there) == code_digest(_strip(node, here))
    assert code_digest(here) != code_digest(_beam(SMALL, tmp_path / "other"))
    assert attributes_of(here) == attributes_of(_strip(node, here))


@pytest.mark.parametrize("content", [b"", b"no beam", b"\x1f\x8b\x08cut", b"FOR1\0\0\0\x0cBEAMCode\0\0\0\x09"])
def test_what_is_no_beam(content: bytes) -> None:
    """Of what is no beam there is no checksum, and nothing is said against its debug info."""
    assert chunks_of(content) is None
    assert code_digest(content) is None
    assert has_debug_info(content)
    assert stripped_like(content, content) == content
