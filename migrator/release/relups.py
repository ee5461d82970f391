"""Nouns: a relup, as systools makes it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from migrator.diagnostics import Diagnostic

# The emulator ends and starts again: every process and every connection is lost.
RESTARTS = ("restart_new_emulator", "restart_emulator")


@dataclass(frozen=True, slots=True)
class Script:
    """The way from another version of the release, or back to it; `instructions` are release_handler's own, as text."""

    direction: Literal["up", "down"]
    vsn: str
    instructions: tuple[str, ...]

    @property
    def restarts(self) -> tuple[str, ...]:
        """Those of its instructions that restart the emulator."""
        return tuple(each for each in self.instructions if each in RESTARTS)

    @property
    def empty(self) -> bool:
        """Whether it does nothing."""
        return all(each == "point_of_no_return" for each in self.instructions)


@dataclass(frozen=True, slots=True)
class Relup:
    """A relup for the release `name` `vsn`: its text, as it stands in the file, and what it does."""

    name: str
    vsn: str
    text: bytes
    scripts: tuple[Script, ...]
    diagnostics: tuple[Diagnostic, ...]
