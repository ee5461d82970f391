"""Nouns: types of modules that lie neither in a release nor beside a beam, as the Erlang in use declares them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from migrator.types import Type


@dataclass(frozen=True, slots=True)
class Declaration:
    """What a type stands for. `body` means the same in any module: types and records in it are named with theirs."""

    parameters: tuple[str, ...]
    body: Type
    opaque: bool


@dataclass(frozen=True, slots=True)
class Kept:
    """A record of such a module: its tag, and its fields' types."""

    tag: str
    fields: tuple[tuple[str, Type], ...]


@dataclass(frozen=True, slots=True)
class Beyond:
    """Types by module, name and arity; records by the name that `called_there` gives them."""

    types: dict[tuple[str, str, int], Declaration] = field(default_factory=dict)
    records: dict[str, Kept] = field(default_factory=dict)


NOTHING = Beyond()


def called_there(module: str, record: str) -> str:
    """The name of another module's record."""
    return f"{module}:{record}"
