"""Nouns: what a person asks of `appup`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias

from migrator.release.instructions import BRUTAL, DEFAULT

if TYPE_CHECKING:
    from collections.abc import Mapping

    from migrator.release.instructions import Purge
    from migrator.terms import Term

Preference: TypeAlias = Literal["generated", "handwritten", "ask"]


@dataclass(frozen=True, slots=True)
class Wishes:
    """What a person asked for: for all modules, and by module, which goes before it.

    `purge` stands for both purge methods; `timeout` is in milliseconds, or `infinity`; `extra` is what `code_change`
    gets as its last argument. `prefer` says which of the two stays where an entry that a person wrote leaves something
    out; to `ask` is to write nothing then.
    """

    purge: Purge = BRUTAL
    timeout: Term = DEFAULT
    purges: Mapping[str, Purge] = field(default_factory=dict)
    timeouts: Mapping[str, Term] = field(default_factory=dict)
    extras: Mapping[str, Term] = field(default_factory=dict)
    prefer: Preference = "ask"
