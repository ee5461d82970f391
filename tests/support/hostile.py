"""Files that mean harm, made byte by byte as no program makes them: beams and tarballs that ask for too much."""

from __future__ import annotations

import gzip
import io
import tarfile
import zlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

_NIL = b"j"


def atom(name: str) -> bytes:
    """An atom in the external format."""
    data = name.encode()
    return b"w" + bytes([len(data)]) + data


def tuple_of(*elements: bytes) -> bytes:
    """A tuple of these terms in the external format."""
    return b"h" + bytes([len(elements)]) + b"".join(elements)


def list_of(elements: Iterable[bytes]) -> bytes:
    """A list of these terms in the external format."""
    found = list(elements)
    return b"l" + len(found).to_bytes(4) + b"".join(found) + _NIL if found else _NIL


def nested(depth: int) -> bytes:
    """A list in a list in a list."""
    return b"l\0\0\0\1" * depth + _NIL + _NIL * depth


def names(count: int) -> bytes:
    """A list of so many atoms, each of its own name."""
    return list_of(atom(f"h{number:x}") for number in range(count))


def packed(term: bytes) -> bytes:
    """The term with its version, as the compiler packs it."""
    return b"\x83\x50" + len(term).to_bytes(4) + zlib.compress(term, 1)


def debug_info(*attributes: bytes, forms: tuple[bytes, ...] = ()) -> bytes:
    """A chunk `Dbgi` of a module with a state record and an attribute for each of these terms."""
    one = b"a\1"
    field = tuple_of(atom("record_field"), one, tuple_of(atom("atom"), one, atom("a")))
    all_forms = [
        tuple_of(atom("attribute"), one, atom("file"), tuple_of(b"k\0\5m.erl", one)),
        tuple_of(atom("attribute"), one, atom("module"), atom("m")),
        tuple_of(atom("attribute"), one, atom("record"), tuple_of(atom("state"), list_of([field]))),
        tuple_of(atom("attribute"), one, atom("state_record"), atom("state")),
        *(tuple_of(atom("attribute"), one, atom("state_migration"), each) for each in attributes),
        *forms,
        tuple_of(atom("eof"), one),
    ]
    return packed(tuple_of(atom("debug_info_v1"), atom("erl_abstract_code"), tuple_of(list_of(all_forms), _NIL)))


def atom_chunk(count: int) -> bytes:
    """A chunk `AtU8` of so many atoms; the first is the module's name."""
    every = ["m", *(f"g{number:x}" for number in range(count - 1))]
    return count.to_bytes(4) + b"".join(bytes([len(each)]) + each.encode() for each in every)


def header(name: str, size: int, kind: bytes = b"0", link: str = "") -> bytes:
    """A header of a tarball that says anything; a size below nothing too."""
    told = b"%011o\0" % size if size >= 0 else (size & (2**96 - 1)).to_bytes(12)
    block = bytearray(512)
    block[:100] = name.encode()[:100].ljust(100, b"\0")
    block[100:108], block[124:136], block[156:157] = b"0000644\0", told, kind
    block[157:257] = link.encode()[:100].ljust(100, b"\0")
    block[257:265] = b"ustar\x0000"
    block[148:156] = b" " * 8
    block[148:156] = b"%06o\0 " % sum(block)
    return bytes(block)


def zeros(path: Path, head: bytes, size: int) -> Path:
    """A tarball of this header and so many zeros, small as it is packed."""
    with gzip.open(path, "wb", compresslevel=1) as file:
        file.write(head)
        piece = bytes(1 << 20)
        for _ in range(size >> 20):
            file.write(piece)
    return path


def tarball(path: Path, members: Iterable[tuple[tarfile.TarInfo, bytes]]) -> Path:
    """A tarball of these members, each as it says."""
    with tarfile.open(path, "w:gz", compresslevel=1) as tar:
        for info, content in members:
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return path
