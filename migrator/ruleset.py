"""Nouns: what a decisions file says, before it is known whether Erlang accepts its expressions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from migrator.decisions import Written
    from migrator.request import Choice
    from migrator.terms import Term


@dataclass(frozen=True, slots=True)
class Phrase:
    """An expression as it is written, and where it begins."""

    text: str
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement of a section: its first word, the names in it, and its expressions."""

    word: str
    names: tuple[str, ...]
    text: str
    line: int
    column: int
    up: Phrase | None = None
    down: Phrase | None = None


@dataclass(frozen=True, slots=True)
class Section:
    """A `migrate` and the statements under it; `vsn` has the one version that they hold for, or nothing."""

    module: str
    vsn: tuple[Term, ...]
    file: str
    line: int
    column: int
    statements: tuple[Statement, ...]

    @property
    def place(self) -> str:
        """Where it begins."""
        return f"{self.file}:{self.line}:{self.column}"

    @property
    def records(self) -> tuple[str, ...]:
        """All records that it names."""
        return tuple(name for each in self.statements if each.word == "record" for name in each.names)


@dataclass(frozen=True, slots=True)
class Rules:
    """The sections of all files that `--rules` named, in order."""

    sections: tuple[Section, ...] = ()

    def of(self, module: str) -> tuple[Section, ...]:
        """The sections about that module."""
        return tuple(each for each in self.sections if each.module == module)

    @property
    def modules(self) -> frozenset[str]:
        """The modules that they are about."""
        return frozenset(each.module for each in self.sections)


@dataclass(frozen=True, slots=True)
class Named:
    """The state record that a section names, with its place; `vsn` as in `Section`."""

    choice: Choice
    vsn: tuple[Term, ...]
    place: str


@dataclass(frozen=True, slots=True)
class Ruled:
    """What the sections about one module come to; a line that is pasted stands at the end of the `last`."""

    decisions: tuple[Written, ...] = ()
    records: tuple[Named, ...] = ()
    last: Section | None = None
