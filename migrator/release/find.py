"""Finds what a folder holds of a release: an `ebin`, a `lib` folder, a release root, one version of it (`DIR@VSN`)."""

from __future__ import annotations

import re
import stat
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from migrator.diagnostics import CATALOGUE, Diagnostic, Refused
from migrator.errors import InputFault
from migrator.release.appfile import read_app
from migrator.release.model import Application, ModuleFile, Release
from migrator.release.roots import root_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from migrator.release.model import Shape
    from migrator.release.roots import Root

_FOLDER = re.compile(r"(?P<name>.+?)(?:-(?P<vsn>\d[^/]*))?")


def split(path: Path) -> tuple[Path, str | None]:
    """`DIR@VSN` or `LOCK@VSN` in its parts; a path whose own name has an `@` is that path."""
    text = str(path)
    at = len(text)
    while not Path(text[:at]).exists():
        at = text.rfind("@", 0, at)
        if at <= 0:
            return path, None
    return Path(text[:at]), text[at + 1 :] or None


def is_folder(path: Path) -> bool:
    """Whether the path means a release in a folder, `DIR@VSN` too."""
    return split(path)[0].is_dir()


def beams_of(path: Path) -> tuple[ModuleFile, ...]:
    """The beams of a release in a folder, sorted by application and module.

    Raises:
        Refused: as `release_in`.
    """
    return release_in(path).beams


def release_in(path: Path, given: Path | None = None) -> Release:
    """The release in a folder: an `ebin`, a `lib` folder, a release root, or one version of that as `DIR@VSN`.

    Args:
        path: the folder.
        given: what a person named, where that is something else: a tarball.

    Raises:
        InputFault: there is no such folder, or an `.app` cannot be read.
        Refused: an `.app` is damaged (M140, M149), it holds no beam (M120), an application twice (M123), several
            versions of the release and none is named (M147), or not the one that is named (M148).
    """
    folder, wanted = split(path)
    if not folder.exists():
        raise InputFault("no_such_file", path)
    shown = given or path
    root = root_of(folder, wanted, shown)
    shape, ebins = _ebins(folder, root)
    applications = tuple(sorted(map(_application, ebins), key=lambda each: (each.name, str(each.ebin))))
    if not any(each.beams for each in applications):
        raise Refused(_nothing(shown))
    _once(applications, shown)
    return Release(
        shown,
        "tarball" if given is not None else shape,
        folder,
        root.name if root else "",
        root.vsn if root else "",
        root.erts if root else "",
        applications,
    )


def _ebins(folder: Path, root: Root | None) -> tuple[Shape, list[Path]]:
    if root is not None:
        return "root", [ebin for name, vsn in root.applications if (ebin := _ebin_of(folder, name, vsn)) is not None]
    lib, inner = (
        sorted(path for path in folder.glob(pattern) if path.is_dir()) for pattern in ("*/ebin", "lib/*/ebin")
    )
    # A beam that somebody left in a release's folder does not make an `ebin` of it.
    if any(folder.glob("*.beam")) and not any(any(each.glob("*.beam")) for each in (*lib, *inner)):
        return "ebin", [folder]
    return ("lib", lib) if lib else ("root", inner)


def _ebin_of(root: Path, name: str, vsn: str) -> Path | None:
    """Where a release has an application that its `.rel` names; None for one that it takes from elsewhere."""
    for folder in (f"{name}-{vsn}", name):
        ebin = root / "lib" / folder / "ebin"
        if ebin.is_dir():
            return ebin
    return None


def _application(ebin: Path) -> Application:
    """The application in an `ebin`; where no `.app` says it, or several do, the folder's name must do."""
    files = sorted(ebin.glob("*.app"))
    said = read_app(files[0]) if len(files) == 1 else None
    name, vsn = (said.name, said.vsn) if said else ("", "")
    home = _FOLDER.fullmatch(ebin.resolve().parent.name) if ebin.name == "ebin" else None
    if not name and home is not None:
        name, vsn = home["name"], home["vsn"] or ""
    beams = sorted(ebin.glob("*.beam"))
    for path in beams:
        _plain(path)
    return Application(
        name,
        vsn,
        ebin,
        files[0] if len(files) == 1 else None,
        tuple(ModuleFile(name, path.stem, path) for path in beams),
    )


def _plain(path: Path) -> None:
    """Does nothing where a beam is a file: of what is none, one look into it could take for ever.

    Raises:
        InputFault: is_a_folder, no_plain_file, or no_such_file, a link to nothing.
    """
    try:
        mode = path.stat().st_mode
    except OSError as error:
        raise InputFault("no_such_file", path, error.strerror or "") from error
    if stat.S_ISDIR(mode):
        raise InputFault("is_a_folder", path)
    if not stat.S_ISREG(mode):
        raise InputFault("no_plain_file", path)


def _once(applications: Sequence[Application], given: Path) -> None:
    for one, other in pairwise(applications):
        if one.name == other.name and one.name:
            raise Refused(
                Diagnostic(
                    CATALOGUE["M123"],
                    f"{one.name} stands in {given} twice: {one.ebin} and {other.ebin}",
                    "it cannot be told which of them the release runs",
                    str(given),
                    ("give a folder with one version of each application",),
                )
            )


def _nothing(given: Path) -> Diagnostic:
    return Diagnostic(
        CATALOGUE["M120"],
        f"{given} holds no beam, neither by itself nor in */ebin or lib/*/ebin",
        "there is nothing to work on",
        str(given),
        ("give an ebin, a lib folder or a release root",),
    )
