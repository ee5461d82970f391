"""Nouns: a release on disk, its applications, and their modules."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from pathlib import Path

    from migrator.terms import Term

Shape = Literal["ebin", "lib", "root", "tarball"]


@dataclass(frozen=True, slots=True)
class ModuleFile:
    """A beam of a release: its application (`` where none is told), its module by file name, and its path."""

    application: str
    module: str
    path: Path


@dataclass(frozen=True, slots=True)
class Application:
    """An application: its name and version as its `.app` says, else its folder; `vsn` is `` where neither says it.

    `app_file` is its `.app`, None where there is none; `beams` are sorted by module.
    """

    name: str
    vsn: str
    ebin: Path
    app_file: Path | None
    beams: tuple[ModuleFile, ...]

    def beam(self, module: str) -> ModuleFile | None:
        """The beam of that module."""
        return next((each for each in self.beams if each.module == module), None)


@dataclass(frozen=True, slots=True)
class Release:
    """A release, as it was `given` and where it can be read: of a tarball that is a folder for as long as it is open.

    `name` and `vsn` are the release's own (not an application's), `` where nothing says them; `erts` is the version of
    the ERTS that it brings, or that its `.rel` names.
    """

    given: Path
    shape: Shape
    root: Path
    name: str
    vsn: str
    erts: str
    applications: tuple[Application, ...]

    @property
    def beams(self) -> tuple[ModuleFile, ...]:
        """All beams, sorted by application and module."""
        return tuple(beam for application in self.applications for beam in application.beams)

    def application(self, name: str) -> Application | None:
        """The application of that name."""
        return next((each for each in self.applications if each.name == name), None)


@dataclass(frozen=True, slots=True)
class App:
    """What an `.app` file says; see app(4). `mod` is `{Module, Arguments}`, None for a library application."""

    name: str
    vsn: str
    modules: tuple[str, ...]
    registered: tuple[str, ...]
    applications: tuple[str, ...]
    included: tuple[str, ...]
    mod: Term | None
    env: Term
