"""Whether an entry that a person wrote stays: it does where it does all that is needed, or where a person says so."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from migrator.release.covering import lacks
from migrator.release.remarks import kept, left_out, overruled

if TYPE_CHECKING:
    from migrator.diagnostics import Diagnostic
    from migrator.otp import Helper
    from migrator.release.drafts import Upgrade
    from migrator.release.merging import Entry
    from migrator.release.wishes import Wishes

Direction: TypeAlias = Literal["up", "down"]


@dataclass(frozen=True, slots=True)
class Asked:
    """An entry that answers now for an old version of an application, and the upgrades that it would serve."""

    path: str
    entry: Entry
    application: str
    vsn: str
    direction: Direction
    upgrades: tuple[Upgrade, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """Whether the entry stays, and what is to be said of it."""

    entry: Entry
    fate: Literal["stays", "goes"]
    diagnostics: tuple[Diagnostic, ...] = ()

    @property
    def stays(self) -> bool:
        """Whether it goes on answering."""
        return self.fate == "stays"


def answers(helper: Helper, asked: Asked, wishes: Wishes) -> Answer:
    """Whether that entry stays.

    One for exactly that version that leaves something out is asked about. A regular expression that does needs no
    question: it stays for all other versions, behind an entry of ours for this one.

    Raises:
        EnvironmentFault, ProtocolError: the helper cannot serve.
    """
    entry = asked.entry
    if wishes.prefer == "generated":
        return Answer(entry, "goes")
    by_module = {
        each.module: each
        for upgrade in asked.upgrades
        for each in lacks(helper, entry.instructions, upgrade, asked.application, asked.direction)
    }
    found = tuple(by_module.values())
    if not found:
        return Answer(entry, "stays")
    if wishes.prefer == "handwritten":
        return Answer(entry, "stays", (kept(asked.path, entry, asked.direction, found),))
    if entry.is_pattern:
        return Answer(entry, "goes", (overruled(asked.path, entry, asked.vsn, asked.direction, found),))
    return Answer(entry, "stays", (left_out(asked.path, entry, asked.direction, found),))
