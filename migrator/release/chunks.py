"""The chunks of a beam file: which of them stay when it is stripped, and whether two beams have the same code."""

from __future__ import annotations

import hashlib
import zlib
from typing import TypeAlias

# A beam's chunks in their order: names of four bytes, and their data.
Chunks: TypeAlias = tuple[tuple[bytes, bytes], ...]

_LARGEST = 256 * 1024 * 1024
_GZIP = 16 + zlib.MAX_WBITS
_GZIPPED = b"\x1f\x8b"
_DEBUG = frozenset((b"Dbgi", b"Abst"))
# What the code is made of, in the order of `beam_lib:md5/1`; without them a stripped beam would not run. `Meta` is not
# among them: it says how the module was compiled, and mix strips it.
_CODE = (b"Atom", b"AtU8", b"Code", b"StrT", b"ImpT", b"ExpT", b"FunT", b"LitT")
# In `FunT`, of each fun: where the checksum of its module stands.
_FUN, _UNIQUE = 24, 20


def chunks_of(beam: bytes) -> Chunks | None:
    """The chunks of a beam, compressed or not; None where it is no whole beam."""
    content = _unpacked(beam)
    if content[:4] != b"FOR1" or content[8:12] != b"BEAM" or int.from_bytes(content[4:8]) + 8 != len(content):
        return None
    found: list[tuple[bytes, bytes]] = []
    at = 12
    while at < len(content):
        name, size = content[at : at + 4], int.from_bytes(content[at + 4 : at + 8])
        data = content[at + 8 : at + 8 + size]
        if len(name) < len(b"Code") or len(data) < size:
            return None
        found.append((name, data))
        at += 8 + size + -size % 4
    return tuple(found)


def _unpacked(beam: bytes) -> bytes:
    if not beam.startswith(_GZIPPED):
        return beam
    try:
        return zlib.decompressobj(wbits=_GZIP).decompress(beam, _LARGEST)
    except zlib.error:
        return b""


def has_debug_info(beam: bytes) -> bool:
    """Whether there is a chunk for it; whether it can be read is for Erlang to say. True of what is no beam."""
    chunks = chunks_of(beam)
    return chunks is None or any(name in _DEBUG for name, _ in chunks)


def code_digest(beam: bytes) -> bytes | None:
    """A checksum of what runs: the same whether stripped, compressed, or built in another folder. None of no beam.

    It is `beam_lib:md5/1` but for the chunk `Meta`.
    """
    chunks = chunks_of(beam)
    if chunks is None:
        return None
    known = dict(chunks)
    digest = hashlib.md5(usedforsecurity=False)
    for name in _CODE:
        digest.update(_without_checksums(known[name]) if name == b"FunT" and name in known else known.get(name, b""))
    return digest.digest()


def _without_checksums(funs: bytes) -> bytes:
    rows = [funs[at : at + _FUN] for at in range(4, len(funs), _FUN)]
    return funs[:4] + b"".join(row[:_UNIQUE] + bytes(4) if len(row) == _FUN else row for row in rows)


def attributes_of(beam: bytes) -> bytes | None:
    """The chunk of the module's attributes, a term in the external format; None where there is none."""
    return dict(chunks_of(beam) or ()).get(b"Attr")


def stripped_like(beam: bytes, stripped: bytes) -> bytes:
    """The beam as the `stripped` one is: with the kinds of chunks that it has, in their order, and compressed if it is.

    What the code needs and the other code did not need is kept too. Where the other was made by `beam_lib:strip/2`, the
    bytes are what that would make of this one.

    Args:
        beam: with all chunks.
        stripped: an earlier version of the same module.
    """
    chunks, wanted = chunks_of(beam), chunks_of(stripped)
    if chunks is None or wanted is None:
        return beam
    known = dict(chunks)
    order = _merged([name for name, _ in wanted], [name for name in _CODE if name in known])
    content = b"".join(
        name + len(data).to_bytes(4) + data + bytes(-len(data) % 4)
        for name in order
        if (data := known.get(name)) is not None
    )
    whole = b"FOR1" + (len(content) + 4).to_bytes(4) + b"BEAM" + content
    return _packed(whole) if stripped.startswith(_GZIPPED) else whole


def _merged(order: list[bytes], needed: list[bytes]) -> list[bytes]:
    """The names of `order`, and those that are `needed` too, where stripping would have put them."""
    merged = list(order)
    for name in needed:
        if name not in merged:
            before = [merged.index(each) for each in _CODE[: _CODE.index(name)] if each in merged]
            merged.insert(max(before) + 1 if before else len(merged), name)
    return merged


def _packed(content: bytes) -> bytes:
    """As Erlang's `zlib:gzip/1`: no name and no time in it."""
    packer = zlib.compressobj(wbits=_GZIP)
    return packer.compress(content) + packer.flush()
