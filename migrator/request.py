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
    """The options of a run: `--record`, `--allow`, `--prefer`, `--strict` as `unrevealed`, and `--rules`.

    `heads` is for the lines to paste into what `--rules` named, and is not given: what must stand before a statement at
    its end, about the state and about a record inside it.
    """

    choice: Choice | None = None
    allow: frozenset[Allowance] = frozenset()
    prefer: Preference | None = None
    unrevealed: str = "warn"
    rules: Path | None = None
    heads: tuple[str, str] = ("", "")


# As OTP allows for an atom.
_LONGEST_ATOM = 255


def parse_choice(text: str) -> Choice:
    """Reads `NAME` or `OLD:NEW`.

    Raises:
        ValueError: a name that is empty, or that no atom can have.
    """
    old, colon, new = text.rpartition(":")
    if not new or (colon and not old) or max(len(old), len(new)) > _LONGEST_ATOM:
        raise ValueError(text)
    text.encode()
    return Choice(new, old or None)
