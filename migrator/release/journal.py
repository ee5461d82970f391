"""The door to many files at once: all of them are replaced, or none, also when we are killed half-way.

Beside the files lies a folder of ours while this runs, on the same file system:

    .migrator-hook/new.N      the new file, synced, with the mode and owner of what it replaces
    .migrator-hook/old.N      the old one, as a second name of the same file
    .migrator-hook/journal    what goes where; from its appearance on the change counts as made
    .migrator-hook/undo       the change is being taken back

Without a journal nothing was changed and the folder is rubbish. With one, each `new.N` that is still there has not been
put in its place: `recover` does that, or puts each `old.N` back where `undo` is there. Both can be done many times.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Literal

from migrator.diagnostics import CATALOGUE, Diagnostic, Refused
from migrator.errors import EnvironmentFault, InputFault
from migrator.files import ANY_WRITE, output_fault, read_bytes, sync_folder, write_new

if TYPE_CHECKING:
    from collections.abc import Sequence

FOLDER = ".migrator-hook"

_FORMAT = 1
_JOURNAL, _UNDO = "journal", "undo"
# What a journal may name: a release from elsewhere must not make us write anything else.
_KINDS = frozenset((".beam", ".appup"))


@dataclass(frozen=True, slots=True)
class Replacement:
    """A file and what shall be in it; `before` is what was read from it."""

    path: Path
    before: bytes
    after: bytes


@dataclass(frozen=True, slots=True)
class Recovered:
    """What was done about a run that did not come to its end; `left` are files that others had changed meanwhile."""

    outcome: Literal["completed", "undone"]
    paths: tuple[Path, ...]
    left: tuple[Path, ...] = ()


@dataclass(frozen=True, slots=True)
class _Entry:
    number: int
    path: str
    before: str
    after: str


def replace_all(home: Path, replacements: Sequence[Replacement]) -> None:
    """Replaces all these files. Whoever calls is alone in `home` and has called `recover`.

    A link stays, and what it names is replaced; mode and owner are kept; the time is that of now.

    Args:
        home: a folder above all of them.
        replacements: the files, each once.

    Raises:
        InputFault: read_only_target, changed or no_such_file; then nothing was changed.
        EnvironmentFault: no_room or cannot_write; then all files have their old bytes.
    """
    if not replacements:
        return
    staging = home / FOLDER
    try:
        staging.mkdir()
        entries = [_staged(home, staging, number, each) for number, each in enumerate(replacements)]
        sync_folder(staging)
        _write_journal(staging, entries)
    except BaseException as error:
        shutil.rmtree(staging, ignore_errors=True)
        if isinstance(error, OSError):
            raise output_fault(home, error) from error
        raise
    try:
        _put(home, staging, entries, "new")
    except BaseException as error:
        (staging / _UNDO).touch()
        _put(home, staging, entries, "old")
        _removed(staging)
        if isinstance(error, OSError):
            raise output_fault(home, error) from error
        raise
    _removed(staging)


def recover(home: Path) -> Recovered | None:
    """Completes or takes back what a killed run left; None where none was, or where it had changed nothing yet.

    Raises:
        Refused: the journal cannot be read (M150).
        EnvironmentFault: a file cannot be written.
    """
    staging = home / FOLDER
    try:
        if not (staging / _JOURNAL).exists():
            if staging.exists():
                shutil.rmtree(staging)
            return None
        entries = _read_journal(staging)
        kind: Literal["old", "new"] = "old" if (staging / _UNDO).exists() else "new"
        left = _put(home, staging, entries, kind)
        _removed(staging)
    except OSError as error:
        raise output_fault(home, error) from error
    paths = tuple(path for each in entries if (path := home / each.path) not in left)
    return Recovered("completed" if kind == "new" else "undone", paths, left)


def finished(path: Path) -> None:
    """Does nothing where no killed run has left a release of which that path is a part, or which it names.

    Args:
        path: a beam, an `ebin`, a `lib` folder or a release root, whatever way a run was given the same release.

    Raises:
        Refused: one has (M154).
    """
    places = (path.absolute(), Path(os.path.realpath(path)))
    homes = dict.fromkeys(each for place in places for each in (place / "lib", place, *place.parents))
    for home in homes:
        if (home / FOLDER / _JOURNAL).exists():
            raise Refused(
                Diagnostic(
                    CATALOGUE["M154"],
                    f"a run of `migrator hook` on {home} was ended before it was done",
                    "some of its beams have their migration and some do not; nothing was done",
                    str(home),
                    (f"migrator hook OLD {home}   # ends it, then this can be done",),
                )
            )


def _staged(home: Path, staging: Path, number: int, wanted: Replacement) -> _Entry:
    target = Path(os.path.realpath(wanted.path))
    try:
        status = target.stat()
    except FileNotFoundError as error:
        raise InputFault("no_such_file", wanted.path, error.strerror or "") from error
    if not status.st_mode & ANY_WRITE:
        raise InputFault("read_only_target", wanted.path)
    if not os.access(target, os.W_OK) or not os.access(target.parent, os.W_OK):
        raise EnvironmentFault("cannot_write", wanted.path, os.strerror(errno.EACCES))
    if read_bytes(target) != wanted.before:
        raise InputFault("changed", wanted.path)
    write_new(staging / f"new.{number}", wanted.after, status)
    _second_name(target, staging / f"old.{number}")
    return _Entry(
        number,
        PurePosixPath(os.path.relpath(wanted.path, home)).as_posix(),
        _digest(wanted.before),
        _digest(wanted.after),
    )


def _second_name(target: Path, name: Path) -> None:
    try:
        os.link(target, name)
    except OSError:
        # Another file system, or one without such links.
        shutil.copy2(target, name)


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _write_journal(staging: Path, entries: Sequence[_Entry]) -> None:
    rows = [[each.path, each.before, each.after] for each in entries]
    temporary = staging / f"{_JOURNAL}.tmp"
    write_new(temporary, json.dumps({"format": _FORMAT, "files": rows}).encode(), None)
    temporary.rename(staging / _JOURNAL)
    sync_folder(staging)
    sync_folder(staging.parent)


def _read_journal(staging: Path) -> list[_Entry]:
    path = staging / _JOURNAL
    try:
        content = json.loads(read_bytes(path))
        if content["format"] != _FORMAT:
            raise Refused(_unreadable(path, f"its format is {content['format']!r}, and this version knows {_FORMAT}"))
        entries = [_Entry(number, *map(str, row)) for number, row in enumerate(content["files"])]
    except (ValueError, TypeError, KeyError) as error:
        raise Refused(_unreadable(path, str(error))) from error
    for each in entries:
        named = PurePosixPath(each.path)
        if named.is_absolute() or ".." in named.parts or named.suffix not in _KINDS:
            raise Refused(_unreadable(path, f"it names {each.path}, which is no file of a release"))
    return entries


def _unreadable(path: Path, why: str) -> Diagnostic:
    return Diagnostic(
        CATALOGUE["M150"],
        f"{path} is no journal of the migrator's: {why}",
        "it cannot be told which beams an earlier run had replaced when it was ended; nothing was done",
        str(path),
        (f"rm -r {path.parent}   # and build the release again",),
    )


def _put(home: Path, staging: Path, entries: Sequence[_Entry], kind: Literal["old", "new"]) -> tuple[Path, ...]:
    """Puts each file that is still in the folder in its place; gives those places that others changed meanwhile."""
    left: list[Path] = []
    folders: dict[Path, None] = {}
    for each in entries:
        staged = staging / f"{kind}.{each.number}"
        if not staged.exists():
            continue
        target = Path(os.path.realpath(home / each.path))
        if _is_one_of(target, each):
            _moved(staged, target)
            folders[target.parent] = None
        else:
            left.append(home / each.path)
    for folder in folders:
        sync_folder(folder)
    return tuple(left)


def _is_one_of(target: Path, entry: _Entry) -> bool:
    try:
        return _digest(target.read_bytes()) in {entry.before, entry.after}
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        return False


def _moved(staged: Path, target: Path) -> None:
    try:
        staged.replace(target)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        # A link out of the file system; the name is always the same, so that what a kill leaves is overwritten.
        beside = target.parent / f".migrator-{target.name}.tmp"
        beside.unlink(missing_ok=True)
        write_new(beside, staged.read_bytes(), staged.stat())
        beside.replace(target)
        staged.unlink()


def _removed(staging: Path) -> None:
    """Ends the run: without its journal the folder means nothing."""
    (staging / _JOURNAL).unlink()
    sync_folder(staging)
    with suppress(OSError):
        shutil.rmtree(staging)
