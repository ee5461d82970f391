"""Nouns: the appups of a release before they are written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping

    from migrator.diagnostics import Diagnostic
    from migrator.release.codefacts import CodeFacts
    from migrator.release.instructions import Instruction
    from migrator.release.model import Application, ModuleFile, Release
    from migrator.terms import Term

# What becomes of an entry: ours is new, or replaces ours; it stays as we wrote it; a person's stays.
Fate: TypeAlias = Literal["written", "unchanged", "kept"]


@dataclass(frozen=True, slots=True)
class Versions:
    """A module of an application in two releases, and the facts of both beams; None where it is not there.

    `application` is the one that has it in the new release, else in the old one.
    """

    module: str
    application: str
    old: CodeFacts | None
    new: CodeFacts | None
    old_file: ModuleFile | None = None
    new_file: ModuleFile | None = None


@dataclass(frozen=True, slots=True)
class Move:
    """A module whose instruction is done by itself, before those of some modules and behind those of others.

    Processes are looked for once for all instructions that hang together by dependencies: a supervisor whose new child
    specs name a module must have them before the processes of that module are looked for.
    """

    module: str
    before: tuple[str, ...] = ()
    behind: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Steps:
    """What goes with the instructions of ours for an application, in one direction.

    `first` and `last` stand before and behind them: of its supervisors, and what a person wrote.
    """

    first: tuple[Term, ...] = ()
    last: tuple[Term, ...] = ()
    moves: tuple[Move, ...] = ()


@dataclass(frozen=True, slots=True)
class Prepared:
    """The steps of an upgrade by application, up and down, and what is to be said of them."""

    up: Mapping[str, Steps]
    down: Mapping[str, Steps]
    diagnostics: tuple[Diagnostic, ...] = ()


@dataclass(frozen=True, slots=True)
class Script:
    """The instructions between one old version of an application and the new one, and those of both directions."""

    vsn: str
    up: tuple[Term, ...]
    down: tuple[Term, ...]
    up_fate: Fate
    down_fate: Fate


@dataclass(frozen=True, slots=True)
class Existing:
    """The appup of an application that is there: where it was read, and its text.

    `current` is what the file has that will be written, None where there is none: what was read may be its source.
    """

    path: str
    text: str
    current: str | None


@dataclass(frozen=True, slots=True)
class Draft:
    """The appup of one application: what its file has now, None where there is none, and what it shall have."""

    application: Application
    before: str | None
    text: str
    scripts: tuple[Script, ...]


@dataclass(frozen=True, slots=True)
class Upgrade:
    """One old release and the new one: how each module that changes is upgraded, and in which order on the way up.

    `shared` are the applications of both whose vsn is another, with their old version; `instructions` is by module,
    with all dependencies that the code shows. `added` and `removed` are applications that only one of both has,
    `nameless` those that changed and lack a vsn.
    """

    old: Release
    shared: Mapping[str, str]
    versions: Mapping[str, Versions]
    instructions: Mapping[str, Instruction]
    order: tuple[str, ...]
    added: tuple[str, ...]
    removed: tuple[str, ...]
    nameless: tuple[str, ...]
    diagnostics: tuple[Diagnostic, ...]

    def modules_of(self, application: str) -> tuple[str, ...]:
        """The changed modules of an application, in the order in which they are loaded on the way up."""
        return tuple(name for name in self.order if self.versions[name].application == application)


@dataclass(frozen=True, slots=True)
class Drafts:
    """The appups of a whole release, and what is to be said of them."""

    drafts: tuple[Draft, ...]
    upgrades: tuple[Upgrade, ...]
    diagnostics: tuple[Diagnostic, ...]
