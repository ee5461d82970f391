"""Nouns: what changed between two records, before anyone decided anything."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RenameCandidate:
    """A removed field that an added one could be, with what speaks for it; the likelier, the higher the `score`."""

    old: str
    new: str
    score: float
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Diff:
    """Two versions of a record compared by name.

    `kept` are the fields of both, in the new order; `default_changed` those of them with another default;
    `candidates` the likely renames, the likeliest first.
    """

    kept: tuple[str, ...]
    added: tuple[str, ...]
    removed: tuple[str, ...]
    default_changed: tuple[str, ...]
    candidates: tuple[RenameCandidate, ...]
    changed_records: tuple[str, ...]
