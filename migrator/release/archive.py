"""Releases in tarballs, as `systools:make_tar/2`, relx and mix write them, unpacked for reading."""

from __future__ import annotations

import errno
import re
import shutil
import tarfile
import tempfile
from contextlib import ExitStack, contextmanager
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from migrator.diagnostics import CATALOGUE, Diagnostic, Refused
from migrator.errors import EnvironmentFault
from migrator.release.members import UNREADABLE, each_member, opened_tar, why

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_ENDINGS = (".tar.gz", ".tgz")

# What is read of a release: beams and the files about them, and what the release says of itself.
_READ = re.compile(r"(?:lib/[^/]+/ebin/[^/]+|releases/(?:[^/]+/)?[^/]+)")
# In an archive that somebody made of a folder all lies one level deeper.
_TOP = re.compile(r"(?P<top>[^/]+)/(?:lib|releases)/.+")


def is_archive(path: Path) -> bool:
    """Whether the path is a release's tarball, by its name."""
    return path.name.endswith(_ENDINGS) and not path.is_dir()


@contextmanager
def unpacked(paths: Sequence[Path]) -> Iterator[tuple[Path, ...]]:
    """The paths, each tarball's in the place of it a folder with what is read of it, which is gone afterwards.

    Raises:
        Refused: a tarball is damaged (M104), or larger than a release can be (M157).
    """
    with ExitStack() as stack:
        yield tuple(_folder(path, stack) if is_archive(path) else path for path in paths)


def _folder(archive: Path, stack: ExitStack) -> Path:
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="migrator-"))) / archive.name
    folder.mkdir()
    unpack(archive, folder)
    return folder


def unpack(archive: Path, folder: Path) -> None:
    """Unpacks into the folder what is read of a release: regular files alone, none of them anywhere else.

    Raises:
        Refused: the tarball is damaged (M104), or larger than a release can be (M157).
        InputFault: it is no plain file.
        EnvironmentFault: no_room.
    """
    try:
        _unpack(archive, folder)
    except OSError as error:
        if error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}:
            raise EnvironmentFault("no_room", folder, str(error)) from error
        raise Refused(_damaged(archive, why(error))) from error
    except UNREADABLE as error:
        raise Refused(_damaged(archive, why(error))) from error


def _unpack(archive: Path, folder: Path) -> None:
    with opened_tar(archive) as tar:
        for member in each_member(archive, tar):
            name = read_name(member.name)
            content = tar.extractfile(member) if name and member.isreg() else None
            if name is None or content is None:
                continue
            if member.issparse():
                # Its holes are in no byte of the tarball, and nothing else bounds them.
                raise tarfile.ReadError(f"{name:.200} is a sparse file")
            target = folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            with target.open("wb") as file:
                shutil.copyfileobj(content, file)


def read_name(member: str) -> str | None:
    """Where a member lies in a release, if it is read: below that folder, whatever its name says."""
    parts = PurePosixPath(member).parts
    name = "/".join(part for part in parts if part != ".")
    deeper = _TOP.fullmatch(name)
    if deeper and deeper["top"] != "lib":
        name = name.removeprefix(deeper["top"] + "/")
    return name if ".." not in parts and _READ.fullmatch(name) else None


def _damaged(archive: Path, why: str) -> Diagnostic:
    return Diagnostic(
        CATALOGUE["M104"],
        f"{archive} is no tarball of a release: {why}",
        "nothing can be read from it",
        str(archive),
        (f"tar tzf {archive}",),
    )
