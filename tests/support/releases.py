"""Releases on disk for tests: `lib` folders, release roots with `.rel` files, tarballs; made without a build tool."""

from __future__ import annotations

import tarfile
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.support.beams import compile_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class App:
    """An application to make: its modules by name, each with its source."""

    name: str
    vsn: str
    sources: Mapping[str, str]

    @property
    def folder(self) -> str:
        """As it is called in a release."""
        return f"{self.name}-{self.vsn}"


def app_file(app: App) -> str:
    """The `.app` of the application."""
    modules = ", ".join(sorted(app.sources))
    return (
        f'{{application, {app.name}, [{{description, "for tests"}}, {{vsn, "{app.vsn}"}}, {{modules, [{modules}]}},'
        " {registered, []}, {applications, [kernel, stdlib]}]}.\n"
    )


def make_app(lib: Path, app: App, folder: str | None = None) -> Path:
    """The `ebin` of the application in that `lib`, in a folder called `NAME-VSN` or as given."""
    ebin = lib / (folder or app.folder) / "ebin"
    ebin.mkdir(parents=True, exist_ok=True)
    for module, source in app.sources.items():
        compile_text(source, ebin, module=module)
        (ebin / f"{module}.erl").unlink()
    (ebin / f"{app.name}.app").write_text(app_file(app), encoding="utf-8")
    return ebin


def make_root(root: Path, vsn: str, apps: Sequence[App], name: str = "shop") -> Path:
    """A version in a release root: its applications, those that are not there yet, and `releases/VSN/NAME.rel`."""
    for app in apps:
        if not (root / "lib" / app.folder).exists():
            make_app(root / "lib", app)
    place = root / "releases" / vsn
    place.mkdir(parents=True)
    listed = ", ".join(f'{{{app.name}, "{app.vsn}"}}' for app in apps)
    rel = f'{{release, {{"{name}", "{vsn}"}}, {{erts, "13.1.5"}}, [{listed}]}}.\n'
    (place / f"{name}.rel").write_text(rel, encoding="utf-8")
    return root


def make_tar(root: Path, path: Path, top: str = "") -> Path:
    """A tarball of the folder's content, all of it below `top`."""
    with tarfile.open(path, "w:gz") as tar:
        for each in sorted(root.iterdir()):
            tar.add(each, f"{top}{each.name}")
    return path
