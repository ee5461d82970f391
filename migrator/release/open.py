"""Opens a release, whatever it is given as: an `ebin`, a `lib` folder, a release root, `DIR@VSN`, a tarball."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from migrator.diagnostics import Refused
from migrator.errors import InputFault
from migrator.release.archive import is_archive, unpacked
from migrator.release.find import release_in, split

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from migrator.diagnostics import Diagnostic
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
        try:
            yield release_in(folder if vsn is None else folder.with_name(f"{folder.name}@{vsn}"), path)
        except Refused as refusal:
            # Nobody but us knows that folder.
            raise Refused(*(_shown(each, str(folder), str(place)) for each in refusal.diagnostics)) from refusal


def _shown(said: Diagnostic, ours: str, theirs: str) -> Diagnostic:
    return replace(
        said,
        message=said.message.replace(ours, theirs),
        consequence=said.consequence.replace(ours, theirs),
        place=said.place.replace(ours, theirs),
        help=tuple(each.replace(ours, theirs) for each in said.help),
    )
