"""Appups that do not lie beside their `.app`: in another `lib`, or side by side as `migrator appup -o` writes them."""

from __future__ import annotations

import tempfile
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from migrator.diagnostics import Refused
from migrator.release.open import opened

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from migrator.diagnostics import Diagnostic
    from migrator.release.model import Application, Release


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Applications with appups, and the pairs of the path of such a file and the one that a person knows."""

    release: Release
    shown: tuple[tuple[str, str], ...] = ()

    def told(self, found: Sequence[Diagnostic]) -> tuple[Diagnostic, ...]:
        """The diagnostics with the paths that a person knows."""
        return tuple(
            replace(
                each,
                message=self._told(each.message),
                place=self._told(each.place),
                help=tuple(map(self._told, each.help)),
            )
            for each in found
        )

    def _told(self, text: str) -> str:
        for path, known in self.shown:
            text = text.replace(path, known)
        return text


@contextmanager
def appups_in(path: Path, new: Release) -> Iterator[Elsewhere]:
    """The applications with appups that a path holds: a release as `opened` takes it, or a folder of `APP.appup` files.

    systools finds an appup beside its `.app`: for the files of a folder each application of `new` is laid out without
    its beams, in a folder that is gone afterwards.

    Raises:
        InputFault: there is no such path.
        Refused: it cannot be used, as `opened` says; and what is refused inside, with the paths that a person knows.
    """
    files = {each.stem: each for each in sorted(path.glob("*.appup"))} if path.is_dir() else {}
    if not files or any(path.glob("*.beam")):
        with opened(path) as release:
            yield Elsewhere(release)
        return
    with tempfile.TemporaryDirectory(prefix="migrator-") as folder:
        laid = [_laid(each, files[each.name], Path(folder)) for each in new.applications if each.name in files]
        shown = tuple((str(each.ebin / files[each.name].name), str(files[each.name])) for each in laid)
        elsewhere = Elsewhere(replace(new, given=path, applications=tuple(laid)), shown)
        try:
            yield elsewhere
        except Refused as refused:
            raise Refused(*elsewhere.told(refused.diagnostics)) from refused


def _laid(application: Application, appup: Path, folder: Path) -> Application:
    ebin = folder / application.name / "ebin"
    ebin.mkdir(parents=True)
    (ebin / appup.name).write_bytes(appup.read_bytes())
    app_file = ebin / f"{application.name}.app"
    if application.app_file is not None:
        app_file.write_bytes(application.app_file.read_bytes())
    return replace(application, ebin=ebin, app_file=app_file if application.app_file else None)
