"""Diagnostics as text for a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from migrator.diagnostics import Diagnostic, Severity

_LABEL: dict[Severity, str] = {"error": "error", "decision": "decide", "warning": "warning", "info": "note"}


def plain(text: str, _: str) -> str:
    """Paints nothing."""
    return text


def render_report(diagnostics: Sequence[Diagnostic], paint: Callable[[str, str], str] = plain) -> str:
    """One paragraph for each diagnostic; `paint` colours a text by the name of a part (a severity, place, help)."""
    return "".join(_paragraph(each, paint) for each in diagnostics)


def _paragraph(diagnostic: Diagnostic, paint: Callable[[str, str], str]) -> str:
    label = paint(f"{_LABEL[diagnostic.severity]}[{diagnostic.code}]", diagnostic.severity)
    lines = [f"{label} {diagnostic.message}"]
    if diagnostic.place and diagnostic.place not in diagnostic.message:
        lines.append(paint(f"  at {diagnostic.place}", "place"))
    if diagnostic.consequence:
        lines.append(f"  {diagnostic.consequence}")
    lines += [f"    {paint(line, 'help')}" for line in diagnostic.help]
    return "\n".join(lines) + "\n"
