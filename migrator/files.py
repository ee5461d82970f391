"""The door to files: whole files in, and whole files out or none."""

from __future__ import annotations

import errno
import os
import secrets
import stat
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from migrator.errors import EnvironmentFault, InputFault

LARGEST_FILE = 256 * 1024 * 1024
# Of Erlang terms or decisions: a relup of 2,000 modules has half a megabyte.
LONGEST_TEXT = 2 * 1024 * 1024

_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_NOT_THERE = {errno.ENOENT, errno.ENOTDIR, errno.ENAMETOOLONG}
# Any of the bits that let somebody write.
ANY_WRITE = stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH


def read_bytes(path: Path, limit: int = LARGEST_FILE) -> bytes:
    """Give all that is in a file; a pipe without a name (``<(command)``) is read to its end.

    Args:
        path: of the file.
        limit: the most that is read, in bytes.

    Raises:
        InputFault: no_such_file, is_a_folder, no_plain_file, unreadable or too_big.
    """
    try:
        with opened_to_read(path) as file:
            # One more than allowed: what a pipe will give cannot be asked in advance.
            data = file.read(limit + 1)
    except OSError as error:
        raise _input_fault(path, error) from error
    if len(data) > limit:
        raise InputFault("too_big", path, f"more than {limit} bytes")
    return data


def read_text_bytes(path: Path) -> bytes:
    """Give all that is in a file that a parser will go through: what is too long for one is refused.

    Raises:
        InputFault: as `read_bytes`, or too_long.
    """
    data = read_bytes(path)
    if len(data) > LONGEST_TEXT:
        raise InputFault("too_long", path, f"{len(data)} bytes, and {LONGEST_TEXT} are the most")
    return data


def opened_to_read(path: Path) -> BinaryIO:
    """A file to read from, as `read_bytes` reads it.

    Raises:
        InputFault: as `read_bytes`.
    """
    try:
        return os.fdopen(_opened(path), "rb")
    except OSError as error:
        raise _input_fault(path, error) from error
    except ValueError as error:
        # A NUL in the name.
        raise InputFault("no_such_file", path, str(error)) from error


def _opened(path: Path) -> int:
    """A handle to read from. What has a name and is no file is not waited for: nobody may ever write to it."""
    handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        _check_kind(path, os.fstat(handle).st_mode)
        os.set_blocking(handle, True)
    except BaseException:
        os.close(handle)
        raise
    return handle


def _check_kind(path: Path, mode: int) -> None:
    if stat.S_ISDIR(mode):
        raise InputFault("is_a_folder", path, os.strerror(errno.EISDIR))
    # What a shell hands over in /dev/fd has no name of its own.
    if not stat.S_ISREG(mode) and Path(os.path.realpath(path)).exists():
        raise InputFault("no_plain_file", path, _KINDS.get(stat.S_IFMT(mode), ""))


_KINDS = {
    stat.S_IFIFO: "a pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}


def write_bytes(path: Path, data: bytes, expect: bytes | None = None) -> None:
    """Replace a file whole, or make it; whatever happens, the old bytes are there or the new ones.

    A symbolic link stays, and what it names is replaced. An existing file keeps its mode, and its owner where
    we may set it. What is no file (a pipe, ``/dev/null``) is written to as it is.

    Args:
        path: of the file.
        data: all that shall be in it.
        expect: what must be in the file now, as it was read; None where that does not matter.

    Raises:
        InputFault: is_a_folder; no_such_file, the folder is missing; read_only_target; changed, it is not as
            expected (any more).
        EnvironmentFault: no_room or cannot_write.
    """
    try:
        # What the link says now; a loop of links stays as it is and cannot be opened.
        target = Path(os.path.realpath(path))
        before = _status(path)
        if before is not None and not stat.S_ISREG(before.st_mode):
            _write_through(path, data)
        else:
            _replace(path, target, before, data, expect)
    except OSError as error:
        raise output_fault(path, error) from error
    except ValueError as error:
        raise InputFault("no_such_file", path, str(error)) from error


def make_folder(path: Path) -> None:
    """Make a folder and those above it, where they are missing.

    Raises:
        InputFault: no_such_file, a file stands in its place or above it.
        EnvironmentFault: no_room or cannot_write.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
    except FileExistsError as error:
        raise InputFault("no_such_file", path, "a file stands there, and no folder") from error
    except OSError as error:
        raise output_fault(path, error) from error


def _status(path: Path) -> os.stat_result | None:
    try:
        return path.stat()
    except FileNotFoundError:
        return None


def _write_through(path: Path, data: bytes) -> None:
    with path.open("wb") as file:
        file.write(data)


def _replace(path: Path, target: Path, before: os.stat_result | None, data: bytes, expect: bytes | None) -> None:
    if before is not None:
        # Asked of the bits, not of the system: root may write all, and the bits still say that nobody should.
        if not before.st_mode & ANY_WRITE:
            raise InputFault("read_only_target", path)
        # Whether we may write it is for the system to say, in its own words; nothing is written here.
        os.close(os.open(target, os.O_WRONLY))
    # Named before it is made: an interrupt at any moment finds it.
    temporary = target.parent / f".migrator-{secrets.token_hex(8)}.tmp"
    try:
        write_new(temporary, data, before)
        if expect is not None:
            _check_unchanged(path, target, expect)
        temporary.replace(target)
    finally:
        with suppress(OSError):
            temporary.unlink()
    sync_folder(target.parent)


def write_new(temporary: Path, data: bytes, before: os.stat_result | None) -> None:
    """Make a file, synced, with the mode of what it shall replace, and its owner where we may set it."""
    # The system takes the umask off a new file's mode; what replaces a private file is never seen by others.
    first_mode = 0o666 if before is None else 0o600
    with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, first_mode), "wb") as file:
        file.write(data)
        file.flush()
        if before is not None:
            # First the owner: a change of owner takes bits off the mode.
            with suppress(PermissionError):
                os.fchown(file.fileno(), before.st_uid, before.st_gid)
            os.fchmod(file.fileno(), stat.S_IMODE(before.st_mode))
        os.fsync(file.fileno())


def _check_unchanged(path: Path, target: Path, expect: bytes) -> None:
    try:
        now = target.read_bytes()
    except FileNotFoundError as error:
        raise InputFault("changed", path, str(error)) from error
    if now != expect:
        raise InputFault("changed", path)


def sync_folder(folder: Path) -> None:
    """Have the names in a folder on the disk, where the file system can."""
    # The file is in its place already; not every file system can sync a folder, and one may not be readable.
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def fault_of(error: OSError) -> InputFault | EnvironmentFault:
    """The fault that an error of the system is, where all that is known is the file that it names."""
    path = Path(os.fsdecode(error.filename)) if isinstance(error.filename, str | bytes) else Path()
    if error.errno in _NO_ROOM or error.errno == errno.EROFS:
        return output_fault(path, error)
    return _input_fault(path, error)


def _input_fault(path: Path, error: OSError) -> InputFault:
    said = error.strerror or str(error)
    if error.errno in _NOT_THERE:
        return InputFault("no_such_file", path, said)
    if error.errno == errno.ENXIO:
        return InputFault("no_plain_file", path, "a socket")
    return InputFault("is_a_folder" if error.errno == errno.EISDIR else "unreadable", path, said)


def output_fault(path: Path, error: OSError) -> InputFault | EnvironmentFault:
    """The fault that an error of the system is, when something was to be written there."""
    said = error.strerror or str(error)
    if error.errno in _NOT_THERE:
        return InputFault("no_such_file", path, said)
    if error.errno == errno.EISDIR:
        return InputFault("is_a_folder", path, said)
    return EnvironmentFault("no_room" if error.errno in _NO_ROOM else "cannot_write", path, said)
