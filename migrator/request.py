"""Nouns: what a run was asked for besides its inputs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from migrator.decisions import Allowance, Preference


@dataclass(frozen=True, slots=True)
class Choice:
    """What `--record` said: the new record's name, and the old one's where it has another."""

    new: str
    old: str | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """The options of a run: `--record`, `--allow`, `--prefer`, `--strict` as `unrevealed`, and `--rules`."""

    choice: Choice | None = None
    allow: frozenset[Allowance] = frozenset()
    prefer: Preference | None = None
    unrevealed: str = "warn"
    rules: Path | None = None
