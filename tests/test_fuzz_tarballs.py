"""Mutated tarballs, read and rewritten: only documented outcomes, bounded memory, and nothing written anywhere else.

`MIGRATOR_FUZZ` says how many mutations of each kind; the seed is the number of the mutation.
"""

from __future__ import annotations

import gzip
import io
import os
import random
import tarfile
from typing import TYPE_CHECKING

import pytest

from migrator import library
from migrator.diagnostics import Refused
from migrator.errors import InputFault
from migrator.release.archive import read_name, unpack
from migrator.release.tarball import rewrite
from tests.support.cases import contents
from tests.support.hostile import header

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

COUNT = int(os.environ.get("MIGRATOR_FUZZ", "60"))
BEAM = "lib/shop-1/ebin/m.beam"
_BLOCK = 512
# Where a header's fields begin and how long they are, without its checksum.
_FIELDS = (
    (0, 100),
    (100, 8),
    (108, 8),
    (116, 8),
    (124, 12),
    (136, 12),
    (156, 1),
    (157, 100),
    (257, 8),
    (329, 16),
    (345, 155),
)
_NAMES = (
    "/etc/passwd",
    "../../up",
    "lib/../../up.beam",
    BEAM,
    "lib/shop-1/ebin",
    "",
    ".",
    "lib/shop-1/ebin/" + "n" * 80,
    "\\\0x",
)
_KINDS = b"01234567xgLKSDMNVAX\0"


def _plain(form: int) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=form) as tar:
        for name, content in (
            ("lib/shop-1/ebin/a.beam", b"a" * 700),
            (BEAM, b"old" * 300),
            (
                "lib/shop-1/ebin/" + "long" * 30 + "/" + "x" * 90 + ".app"
                if form == tarfile.GNU_FORMAT
                else "lib/shop-1/ebin/shop.app",
                b"x",
            ),
            ("bin/shop", b"#!/bin/sh\n"),
        ):
            info = tarfile.TarInfo(name)
            info.size, info.mtime = len(content), 1_234_567_890
            info.pax_headers = {"comment": "é" * 10} if form == tarfile.PAX_FORMAT else {}
            tar.addfile(info, io.BytesIO(content))
    return packed.getvalue()


SOUND = [_plain(form) for form in (tarfile.GNU_FORMAT, tarfile.PAX_FORMAT, tarfile.USTAR_FORMAT)]


def _summed(block: bytes) -> bytes:
    """The header with the checksum that goes with it."""
    changed = bytearray(block)
    changed[148:156] = b" " * 8
    changed[148:156] = b"%06o\0 " % sum(changed)
    return bytes(changed)


def headers(plain: bytes, chance: random.Random) -> bytes:
    """Fields of headers that say anything, with checksums that are right."""
    data = bytearray(plain)
    blocks = [at for at in range(0, len(data), _BLOCK) if data[at + 257 : at + 262] == b"ustar"]
    for _ in range(chance.choice([1, 2, 4])):
        at = chance.choice(blocks)
        start, size = chance.choice(_FIELDS)
        match chance.randrange(3):
            case 0:
                value = bytes(chance.randrange(256) for _ in range(size))
            case 1:
                value = chance.choice(_NAMES).encode()[:size]
            case _:
                value = chance.choice([b"\x80" + b"\xff" * 11, b"\xff" * 12, b"77777777777\0", b"-0000001\0", b"0"])[
                    :size
                ]
        if start == 156:
            value = bytes([chance.choice(_KINDS)])
        data[at + start : at + start + size] = value.ljust(size, b"\0")
        data[at : at + _BLOCK] = _summed(bytes(data[at : at + _BLOCK]))
    return bytes(data)


def members(plain: bytes, chance: random.Random) -> bytes:
    """Members put in that no release has: links, devices, long names, sizes that are not true, members twice."""
    more = [
        header(chance.choice(_NAMES), chance.choice([0, 0, 512, -512, 1 << 33]), bytes([kind]), chance.choice(_NAMES))
        for kind in chance.choices(_KINDS, k=chance.randrange(1, 6))
    ]
    at = chance.choice([at for at in range(0, len(plain), _BLOCK) if plain[at + 257 : at + 262] == b"ustar"])
    return plain[:at] + b"".join(more) + plain[at:]


def pieces(plain: bytes, chance: random.Random) -> bytes:
    """Cut, doubled, zeroed, exchanged blocks."""
    at, end = sorted(chance.randrange(len(plain)) for _ in range(2))
    return chance.choice(
        [plain[:at], plain[:at] + plain[end:], plain[:end] + plain[at:], plain[:at] + bytes(end - at) + plain[end:]]
    )


def packed_bytes(plain: bytes, chance: random.Random) -> bytes:
    """What is packed is spoiled."""
    data = bytearray(gzip.compress(plain, mtime=0))
    for _ in range(chance.choice([1, 2, 8])):
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    return bytes(data[: chance.choice([len(data), len(data), chance.randrange(len(data))])])


@pytest.mark.parametrize("mutate", [headers, members, pieces, packed_bytes], ids=lambda each: each.__name__)
def test_mutated_tarballs(mutate: Callable[[bytes, random.Random], bytes], tmp_path: Path) -> None:
    """Unpacked into its folder or refused by name; rewritten, or left with every byte; nothing else is written."""
    place = tmp_path / "deep" / "deeper" / "place"
    place.mkdir(parents=True)
    path = place / "shop.tar.gz"
    for seed in range(COUNT):
        chance = random.Random(f"{mutate.__name__} {seed}")  # noqa: S311 - reproducible, not secret
        data = mutate(chance.choice(SOUND), chance)
        data = data if mutate is packed_bytes else gzip.compress(data, 1, mtime=0)
        path.write_bytes(data)
        out = place / f"out{seed}"
        out.mkdir()
        codes = _tried(lambda: unpack(path, out))  # noqa: B023 - called at once
        assert codes <= {"M104", "M157"}, (seed, codes)
        assert not [each for each in out.rglob("*") if each.is_symlink()]
        codes = _tried(lambda: rewrite(path, path.stat(), {BEAM: b"new"}, read_name))
        assert codes <= {"M151", "M157"}, (seed, codes)
        assert bool(codes) == (path.read_bytes() == data), seed
        assert {each for each in contents(tmp_path) if not each.is_relative_to(out)} == {path}
        for each in sorted(out.rglob("*"), reverse=True):
            each.rmdir() if each.is_dir() else each.unlink()
        out.rmdir()


def _tried(work: Callable[[], None]) -> set[str]:
    try:
        work()
    except Exception as error:  # noqa: BLE001 - any that is none of ours is a fault
        found = library.diagnostics_of(error)
        assert all("shop.tar.gz" in each.message and len(each.message) < 1000 for each in found), found
        return {each.code for each in found}
    return set()


def test_holes_are_not_unpacked(tmp_path: Path) -> None:
    """A file of a hundred gigabytes that is one hole has no byte in the tarball, and comes to none on the disk."""
    path, out = tmp_path / "shop.tar.gz", tmp_path / "out"
    out.mkdir()
    size = 100 << 30
    with tarfile.open(path, "w:gz", format=tarfile.PAX_FORMAT) as tar:
        info = tarfile.TarInfo(BEAM)
        info.pax_headers = {"GNU.sparse.map": f"{size},0", "GNU.sparse.size": str(size)}
        tar.addfile(info)
    with pytest.raises(Refused) as refused:
        unpack(path, out)
    assert [(each.code, "sparse" in each.message) for each in refused.value.diagnostics] == [("M104", True)]
    assert not [each for each in out.rglob("*") if each.is_file()]


def test_what_is_no_file_is_not_rewritten(tmp_path: Path) -> None:
    """A pipe in the place of the tarball: said, and nobody waits."""
    path = tmp_path / "shop.tar.gz"
    os.mkfifo(path)
    with pytest.raises(InputFault) as fault:
        unpack(path, tmp_path)
    assert fault.value.reason == "no_plain_file"
