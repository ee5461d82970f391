"""Numbers of things, as a person writes them: `1 finding`, `1,000 states`, `2 warnings and 1 note`."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from migrator.diagnostics import Diagnostic


def counted(number: int, one: str, several: str = "") -> str:
    """The number and the noun; the plural is made by an `s` where it is not given."""
    return f"{number:,} {one if number == 1 else several or f'{one}s'}"


def listed(parts: Sequence[str]) -> str:
    """`a`, `a and b`, `a, b and c`; empty without parts."""
    return " and ".join(part for part in (", ".join(parts[:-1]), *parts[-1:]) if part)


def remarks(diagnostics: Iterable[Diagnostic]) -> list[str]:
    """How many there are of each kind, most grave first: those of which there is none are left out."""
    counts: dict[str, int] = dict.fromkeys(("error", "finding", "decision", "warning", "note"), 0)
    for each in diagnostics:
        counts[_kind(each)] += 1
    return [counted(number, kind) for kind, number in counts.items() if number]


def _kind(diagnostic: Diagnostic) -> str:
    if diagnostic.severity == "error":
        return "finding" if diagnostic.kind.exit == 1 else "error"
    return "note" if diagnostic.severity == "info" else diagnostic.severity
