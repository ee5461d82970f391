"""Nouns: how the migrator takes part in a project's build: the files that change, and what a person types then."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from pathlib import Path

    from migrator.diagnostics import Diagnostic

Builder = Literal["rebar3", "mix", "relx", "erlang.mk", "make"]
# What is to be done with a file: made, changed in place, changed by a person, or nothing: it has it already.
How = Literal["create", "edit", "paste", "there"]


@dataclass(frozen=True, slots=True)
class Change:
    """What a file of the project needs.

    `lines` is the text that comes into it and `where` says at which place; `content` is the whole new file where it can
    be written (`create`, `edit`), and `before` what was in it then, None where it was not there.
    """

    path: Path
    how: How
    lines: str
    where: str
    content: str | None = None
    before: bytes | None = None


@dataclass(frozen=True, slots=True)
class Integration:
    """A project: what builds it, the releases that it names, its changes, and the commands to type.

    `first` are the commands of the first release, `commands` those of each later one, `tests` what brings the
    migrations into its EUnit tests. `built` is the folder with the applications that were compiled last, None where
    there is none.
    """

    folder: Path
    builder: Builder
    releases: tuple[str, ...]
    changes: tuple[Change, ...]
    first: tuple[str, ...]
    commands: tuple[str, ...]
    built: Path | None
    diagnostics: tuple[Diagnostic, ...] = ()
    tests: tuple[str, ...] = ()
