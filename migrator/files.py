"""The door to files: whole files in, and whole files out or none."""

from __future__ import annotations

import errno
import os
import secrets
import stat
from contextlib import suppress
from pathlib import Path

from migrator.errors import EnvironmentFault, InputFault

LARGEST_FILE = 256 * 1024 * 1024

_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_NOT_THERE = {errno.ENOENT, errno.ENOTDIR, errno.ENAMETOOLONG}
# Any of the bits that let somebody write.
ANY_WRITE = stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH


def read_bytes(path: Path, limit: int = LARGEST_FILE) -> bytes:
    """Give all that is in a file; a pipe is read to its end.

    Args:
        path: of the file.
        limit: the most that is read, in bytes.

    Raises:
        InputFault: no_such_file, is_a_folder, unreadable or too_big.
    """
    try:
        with path.open("rb") as file:
            # One more than allowed: what a pipe will give cannot be asked in advance.
            data = file.read(limit + 1)
    except OSError as error:
        raise _input_fault(path, error) from error
    except ValueError as error:
        # A NUL in the name.
        raise InputFault("no_such_file", path, str(error)) from error
    if len(data) > limit:
        raise InputFault("too_big", path, f"more than {limit} bytes")
    return data


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


def _input_fault(path: Path, error: OSError) -> InputFault:
    said = error.strerror or str(error)
    if error.errno in _NOT_THERE:
        return InputFault("no_such_file", path, said)
    return InputFault("is_a_folder" if error.errno == errno.EISDIR else "unreadable", path, said)


def output_fault(path: Path, error: OSError) -> InputFault | EnvironmentFault:
    """The fault that an error of the system is, when something was to be written there."""
    said = error.strerror or str(error)
    if error.errno in _NOT_THERE:
        return InputFault("no_such_file", path, said)
    if error.errno == errno.EISDIR:
        return InputFault("is_a_folder", path, said)
    return EnvironmentFault("no_room" if error.errno in _NO_ROOM else "cannot_write", path, said)
