"""Opens a release, whatever it is given as: an `ebin`, a `lib` folder, a release root, `DIR@VSN`, a tarball."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from migrator.errors import InputFault
from migrator.release.archive import is_archive, unpacked
from migrator.release.find import release_in, split

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from migrator.release.model import Release


@contextmanager
def opened(path: Path) -> Iterator[Release]:
    """The release; of a tarball, what is read of it lies in a folder that is gone afterwards.

    Raises:
        InputFault: there is no such path, or it is a file and no tarball.
        Refused: it cannot be used, as `release_in` and `unpacked` say.
    """
    place, vsn = split(path)
    if not place.exists():
        raise InputFault("no_such_file", path)
    if not is_archive(place):
        yield release_in(path)
        return
    with unpacked((place,)) as (folder,):
        yield release_in(folder if vsn is None else folder.with_name(f"{folder.name}@{vsn}"), path)
