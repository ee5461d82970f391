"""The door to a release's tarball: some of its files are replaced, and every other byte of it stays.

Only the changed files' contents and the sizes in their headers differ: what else the headers say (names, modes, owners,
times, links), the order, and how the archive is written (GNU, POSIX) is copied as it stands.
"""

from __future__ import annotations

import gzip
import os
import zlib
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING

from migrator.diagnostics import CATALOGUE, Diagnostic, Refused
from migrator.errors import InputFault
from migrator.files import ANY_WRITE, output_fault, sync_folder
from migrator.release.members import UNREADABLE, each_member, opened_tar, why

if TYPE_CHECKING:
    import tarfile
    from collections.abc import Callable, Mapping

_BLOCK, _RECORD = 512, 10240
_PIECE = 1 << 20
_GZIPPED = b"\x1f\x8b\x08"
_TEXT, _CHECKED, _EXTRA, _NAME, _COMMENT = 1, 2, 4, 8, 16
# Where a header has the size and its own checksum; see tar(5).
_SIZE, _SUM = slice(124, 136), slice(148, 156)
_LARGEST_SIZE = 8**11


@dataclass(frozen=True, slots=True)
class _Change:
    """A member to be replaced: where its last header begins, where its content ends, and what comes in its place."""

    header: int
    end: int
    content: bytes


def rewrite(
    archive: Path, before: os.stat_result, wanted: Mapping[str, bytes], path_of: Callable[[str], str | None]
) -> None:
    """Replaces files in a tarball, which is written beside itself and renamed. Without files nothing is touched.

    Args:
        archive: the tarball; a link stays one.
        before: what the system said of it when it was read.
        wanted: new contents by the paths in the release.
        path_of: the path in the release that a member's name means, None for what is no part of it.

    Raises:
        Refused: it cannot be done in this tarball (M151).
        InputFault: read_only_target; changed, another program wrote it meanwhile.
        EnvironmentFault: no_room or cannot_write; then it is as it was.
    """
    if not wanted:
        return
    target = Path(os.path.realpath(archive))
    temporary = leftover(archive)
    try:
        if not before.st_mode & ANY_WRITE:
            raise InputFault("read_only_target", archive)
        _check(archive, before)
        try:
            head = _gzip_header(target, archive)
            changes, end = _changes(target, archive, wanted, path_of)
            _write(target, temporary, head, changes, end)
        except (*UNREADABLE, IndexError) as error:
            raise Refused(_cannot(archive, why(error))) from error
        _as_before(temporary, before)
        _check(archive, before)
        temporary.replace(target)
        sync_folder(target.parent)
    except OSError as error:
        raise output_fault(archive, error) from error
    finally:
        temporary.unlink(missing_ok=True)


def leftover(archive: Path) -> Path:
    """What a run that was killed leaves beside the tarball: always the same name, for the next one to take away."""
    target = Path(os.path.realpath(archive))
    return target.parent / f".migrator-{target.name}.tmp"


def _check(archive: Path, before: os.stat_result) -> None:
    now = archive.stat()
    if (now.st_ino, now.st_size, now.st_mtime_ns) != (before.st_ino, before.st_size, before.st_mtime_ns):
        raise InputFault("changed", archive)


def _as_before(temporary: Path, before: os.stat_result) -> None:
    with suppress(PermissionError):
        os.chown(temporary, before.st_uid, before.st_gid)
    temporary.chmod(before.st_mode & 0o7777)


def _gzip_header(target: Path, archive: Path) -> bytes:
    """The gzip header as it stands: its name, its time, and the system that made it are kept.

    Raises:
        Refused: it is compressed by another program, or not at all.
    """
    with target.open("rb") as file:
        start = file.read(1 << 16)
    if not start.startswith(_GZIPPED):
        raise Refused(_cannot(archive, "it is not compressed by gzip"))
    flags, at = start[3], 10
    if flags & _EXTRA:
        at += 2 + int.from_bytes(start[at : at + 2], "little")
    for flag in (_NAME, _COMMENT):
        if flags & flag:
            at = start.index(b"\0", at) + 1
    if flags & _CHECKED:
        at += 2
    return start[:at]


def _changes(
    target: Path, archive: Path, wanted: Mapping[str, bytes], path_of: Callable[[str], str | None]
) -> tuple[list[_Change], int]:
    """The members to be replaced, in their order, and where the last member ends."""
    found: dict[str, tarfile.TarInfo] = {}
    links: dict[str, str] = {}
    with opened_tar(target) as tar:
        for member in each_member(archive, tar):
            path = path_of(member.name)
            if member.islnk() and (linked := path_of(member.linkname)) is not None:
                links[linked] = member.name
            if path is not None and path in wanted and member.isreg():
                # Unpacked, the last of several counts.
                found[path] = member
        end = tar.offset
    for path, content in wanted.items():
        if (why := _obstacle(path, found.get(path), links.get(path), len(content))) is not None:
            raise Refused(_cannot(archive, why))
    changes = [
        _Change(each.offset_data - _BLOCK, each.offset_data + _padded(each.size), wanted[path])
        for path, each in found.items()
    ]
    return sorted(changes, key=lambda each: each.header), end


def _obstacle(path: str, member: tarfile.TarInfo | None, link: str | None, size: int) -> str | None:
    if member is None:
        return f"it has no {path}"
    if member.issparse() or "size" in member.pax_headers or size >= _LARGEST_SIZE:
        return f"{path} is written in it in a way that is not known here"
    return f"{link} is a hard link to {path}: both would change" if link else None


def _padded(size: int) -> int:
    return size + -size % _BLOCK


def _write(target: Path, temporary: Path, head: bytes, changes: list[_Change], end: int) -> None:
    temporary.unlink(missing_ok=True)
    # Whoever may not read the old one must not read this one while it is made.
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as out, gzip.open(target, "rb") as source:
        packer = _Packer(out, head)
        at = grown = 0
        for each in changes:
            _copy(source, packer, each.header - at)
            packer.write(_header(source.read(_BLOCK), len(each.content)))
            packer.write(each.content + bytes(-len(each.content) % _BLOCK))
            _copy(source, None, each.end - each.header - _BLOCK)
            grown += _padded(len(each.content)) - (each.end - each.header - _BLOCK)
            at = each.end
        _copy(source, packer, end - at)
        rest = source.read(_PIECE)
        packer.write(_trailer(rest, end, grown) if len(rest) < _PIECE else rest)
        while rest := source.read(_PIECE):
            packer.write(rest)
        packer.close()
        out.flush()
        os.fsync(out.fileno())


def _header(block: bytes, size: int) -> bytes:
    """The header with another size, and the checksum that goes with it."""
    changed = bytearray(block)
    changed[_SIZE] = b"%011o\0" % size
    changed[_SUM] = b" " * 8
    changed[_SUM] = b"%06o\0 " % sum(changed)
    return bytes(changed)


def _trailer(rest: bytes, end: int, grown: int) -> bytes:
    """What stands behind the last member: zeros up to a whole record, where the archive ended with one."""
    if rest.strip(b"\0") or (end + len(rest)) % _RECORD:
        return rest
    least = 2 * _BLOCK
    return bytes(least + -(end + grown + least) % _RECORD)


def _copy(source: IO[bytes] | gzip.GzipFile, packer: _Packer | None, size: int) -> None:
    while size > 0:
        piece = source.read(min(size, _PIECE))
        if not piece:
            raise EOFError("it ends too early")
        if packer is not None:
            packer.write(piece)
        size -= len(piece)


class _Packer:
    """Compresses what is written to it, behind a header that was there before."""

    def __init__(self, out: IO[bytes], head: bytes) -> None:
        self._out = out
        self._deflate = zlib.compressobj(wbits=-zlib.MAX_WBITS)
        self._sum = zlib.crc32(b"")
        self._size = 0
        out.write(head)

    def write(self, data: bytes) -> None:
        """Adds these bytes."""
        self._sum = zlib.crc32(data, self._sum)
        self._size += len(data)
        self._out.write(self._deflate.compress(data))

    def close(self) -> None:
        """Writes what is left, and the checksum."""
        self._out.write(self._deflate.flush())
        self._out.write(self._sum.to_bytes(4, "little") + (self._size & 0xFFFFFFFF).to_bytes(4, "little"))


def _cannot(archive: Path, why: str) -> Diagnostic:
    return Diagnostic(
        CATALOGUE["M151"],
        f"the beams in {archive} cannot be replaced: {why}",
        "it is left as it is",
        str(archive),
        (f"mkdir release && tar xf {archive} -C release   # then give release/ as NEW, and pack it again",),
    )
