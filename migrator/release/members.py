"""The door to what a tarball holds, one member after the other, within the bounds of a release.

A small file can unpack to any number of bytes, members or names. What is counted here is all that is unpacked, also
what nobody asked for, and nothing of it is kept.
"""

from __future__ import annotations

import gzip
import io
import tarfile
import zlib
from contextlib import contextmanager
from typing import TYPE_CHECKING, BinaryIO, cast

from migrator.diagnostics import CATALOGUE, Diagnostic, Refused
from migrator.files import opened_to_read

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# All that anyone may mean by a release: rabbitmq with its Erlang has 110 MB in 6,000 files, and its ratio is 4.
LARGEST_RELEASE = 4 << 30
MOST_MEMBERS = 300_000
# How often what is unpacked may be larger than what is packed; zeros are 1,030 times larger.
_RATIO = 200
# What is smaller is unpacked whatever its ratio.
_HARMLESS = 256 << 20
# What tarfile reads in one piece are headers: of a name, or of attributes.
_LONGEST_HEADER = 1 << 20
_SHOWN = 200

UNREADABLE = (tarfile.TarError, gzip.BadGzipFile, EOFError, zlib.error, ValueError, RecursionError, OverflowError)


def why(error: Exception) -> str:
    """What an error that reading a tarball came to says, short."""
    return "its headers never come to an end" if isinstance(error, RecursionError) else f"{error!s:.{_SHOWN}}"


@contextmanager
def opened_tar(archive: Path) -> Iterator[tarfile.TarFile]:
    """A tarball, packed by gzip or not at all, to go through with `each_member`.

    Raises:
        InputFault: no plain file is there, or it cannot be read.
        Refused: it is larger than a release can be (M157).
        OSError, or one of `UNREADABLE`: it is damaged.
    """
    with opened_to_read(archive) as file:
        size = file.seek(0, io.SEEK_END)
        file.seek(0)
        packed = file.read(2) == b"\x1f\x8b"
        file.seek(0)
        stream = cast("BinaryIO", gzip.GzipFile(fileobj=file, mode="rb")) if packed else file
        bounded = cast("BinaryIO", _Bounded(archive, stream, size))
        with tarfile.open(fileobj=bounded, mode="r:") as tar:
            yield tar


def each_member(archive: Path, tar: tarfile.TarFile) -> Iterator[tarfile.TarInfo]:
    """The members in their order; the tarball keeps none of them.

    Raises:
        As `opened_tar`.
    """
    count = 0
    while (member := tar.next()) is not None:
        tar.members.clear()  # type: ignore[attr-defined]
        count += 1
        if count > MOST_MEMBERS:
            raise Refused(_too_large(archive, f"it has more than {MOST_MEMBERS} members"))
        if member.size < 0:
            raise tarfile.ReadError(f"a size below nothing, of {member.name:.{_SHOWN}}")
        yield member


class _Bounded:
    """A stream that is read forwards, and no further than a release goes."""

    def __init__(self, archive: Path, stream: BinaryIO, packed: int) -> None:
        self._archive = archive
        self._stream = stream
        self._most = max(_HARMLESS, min(LARGEST_RELEASE, _RATIO * packed))

    def read(self, size: int = -1) -> bytes:
        """So many bytes."""
        if not 0 <= size <= _LONGEST_HEADER:
            raise tarfile.ReadError("a header that is longer than any")
        data = self._stream.read(size)
        self._check(self._stream.tell())
        return data

    def seek(self, position: int, whence: int = io.SEEK_SET) -> int:
        """Forward to that byte."""
        if whence != io.SEEK_SET or position < self._stream.tell():
            raise tarfile.ReadError("a member that begins before the one before it ends")
        self._check(position)
        return self._stream.seek(position)

    def tell(self) -> int:
        """Where it is."""
        return self._stream.tell()

    def _check(self, position: int) -> None:
        if position > self._most:
            found = f"it unpacks to more than {self._most >> 20} MB"
            more = "" if self._most == LARGEST_RELEASE else f", which is more than {_RATIO} times its size"
            raise Refused(_too_large(self._archive, found + more))


def _too_large(archive: Path, found: str) -> Diagnostic:
    return Diagnostic(
        CATALOGUE["M157"],
        f"{archive} is larger than a release can be: {found}",
        "it would fill the disk or take for ever; nothing of it was used",
        str(archive),
        (f"tar tvzf {archive} | sort -nrk3 | head   # what is so large?",),
    )
