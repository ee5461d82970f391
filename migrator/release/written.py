"""Nouns: what people wrote for appups beside an application's source."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from migrator.diagnostics import Diagnostic
    from migrator.terms import Term


@dataclass(frozen=True, slots=True)
class Sources:
    """The files for one application, None where there is none: `.appup.src`, `.appup.pre.src` and `.appup.post.src`."""

    appup: Path | None = None
    pre: Path | None = None
    post: Path | None = None


@dataclass(frozen=True, slots=True)
class Around:
    """Instructions to put before or after those of an upgrade, and of a downgrade, in this order."""

    up: tuple[Term, ...] = ()
    down: tuple[Term, ...] = ()


@dataclass(frozen=True, slots=True)
class Prescribed:
    """What is written for an application between two versions.

    `appup` is the text of a whole appup for the new version, and None where none is written; `before` and `after` go
    around the instructions that are generated.
    """

    application: str
    sources: Sources = Sources()
    appup: str | None = None
    before: Around = Around()
    after: Around = Around()
    diagnostics: tuple[Diagnostic, ...] = field(default=())
