"""The door to a release that nobody else works on: a lock of the operating system, gone with whoever holds it."""

from __future__ import annotations

import errno
import fcntl
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

from migrator.diagnostics import CATALOGUE, Diagnostic, Refused
from migrator.errors import InputFault

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# File systems that cannot lock a folder (some of them over a network) say one of these.
_CANNOT = {errno.ENOLCK, errno.EBADF, errno.ENOTSUP, errno.EINVAL, errno.ENOSYS}


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """Work on that folder or file alone: another run of ours is refused meanwhile.

    The lock lies on the folder or file itself: no file is made for it, and a kill takes it away.

    Raises:
        Refused: another run has it (M209).
        InputFault: no_such_file or unreadable.
    """
    handle = _locked(path)
    try:
        yield
    finally:
        os.close(handle)


def _locked(path: Path) -> int:
    while True:
        try:
            handle = os.open(path, os.O_RDONLY)
        except FileNotFoundError as error:
            raise InputFault("no_such_file", path) from error
        except OSError as error:
            raise InputFault("unreadable", path, error.strerror or "") from error
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            os.close(handle)
            raise Refused(_taken(path)) from error
        except OSError as error:
            if error.errno not in _CANNOT:
                os.close(handle)
                raise
        if _is_still(handle, path):
            return handle
        # The run that had it put another file in its place: the lock is on one that nobody sees.
        os.close(handle)


def _is_still(handle: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(handle), path.stat())
    except FileNotFoundError:
        # Whoever uses it says so.
        return True


def _taken(path: Path) -> Diagnostic:
    return Diagnostic(
        CATALOGUE["M209"],
        f"another run of the migrator works on {path}",
        "both would replace the same beams; this one did nothing",
        str(path),
        ("run the command again when the other one is done",),
    )
