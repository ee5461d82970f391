"""Releases in tarballs, as `systools:make_tar/2`, relx and mix write them: their beams, unpacked for reading."""

from __future__ import annotations

import re
import tarfile
import tempfile
import zlib
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from migrator.diagnostics import CATALOGUE, Diagnostic, Refused

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_BEAM = re.compile(r"(?:.*/)?(?P<application>[^/]+)/ebin/(?P<beam>[^/]+\.beam)")
_ENDINGS = (".tar.gz", ".tgz")

# What all beams of a release may take, in bytes: a small file can hold the zeros of a whole disk.
_LARGEST = 4 << 30


def is_archive(path: Path) -> bool:
    """Whether the path is a release's tarball, by its name."""
    return path.name.endswith(_ENDINGS) and not path.is_dir()


@contextmanager
def unpacked(paths: Sequence[Path]) -> Iterator[tuple[Path, ...]]:
    """The paths, each tarball's in the place of it a folder with its beams, which is gone afterwards.

    Nothing is written but beams, by names that we make: what links or `..` in the tarball mean does not matter.

    Raises:
        Refused: a tarball is damaged, or larger than a release can be (M104).
    """
    with ExitStack() as stack:
        yield tuple(_folder(path, stack) if is_archive(path) else path for path in paths)


def _folder(archive: Path, stack: ExitStack) -> Path:
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="migrator-"))) / archive.name
    try:
        _unpack(archive, folder)
    except (tarfile.TarError, EOFError, zlib.error, OSError) as error:
        raise Refused(_damaged(archive, str(error))) from error
    return folder


def _unpack(archive: Path, folder: Path) -> None:
    left = _LARGEST
    folder.mkdir()
    with tarfile.open(archive) as tar:
        for member in tar:
            matched = _BEAM.fullmatch(member.name)
            content = tar.extractfile(member) if matched and member.isreg() else None
            if matched is None or content is None:
                continue
            left -= member.size
            if left < 0:
                raise Refused(_damaged(archive, "its beams are larger than a release can be"))
            ebin = folder / "lib" / matched["application"] / "ebin"
            ebin.mkdir(parents=True, exist_ok=True)
            (ebin / matched["beam"]).write_bytes(content.read())


def _damaged(archive: Path, why: str) -> Diagnostic:
    return Diagnostic(
        CATALOGUE["M104"],
        f"{archive} is no tarball of a release: {why}",
        "nothing can be read from it",
        str(archive),
        (f"tar tzf {archive}",),
    )
