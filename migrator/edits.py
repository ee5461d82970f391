"""Nouns: what is done to a module's forms."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from migrator.forms import Function
    from migrator.migrated import Traces
    from migrator.terms import Term


@dataclass(frozen=True, slots=True)
class Edits:
    """The functions that are put in, what is renamed and exported for them, and the attribute that says so."""

    functions: tuple[Function, ...]
    traces: Traces
    migrated: Term
