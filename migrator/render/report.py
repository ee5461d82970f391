"""Diagnostics as text for a terminal."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from migrator.diagnostics import Diagnostic, Severity

# All but the end of a line and a tab.
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_LABEL: dict[Severity, str] = {"error": "error", "decision": "decide", "warning": "warning", "info": "note"}


def plain(text: str, _: str) -> str:
    """Paints nothing."""
    return text


def render_report(diagnostics: Sequence[Diagnostic], paint: Callable[[str, str], str] = plain) -> str:
    """One paragraph for each diagnostic; `paint` colours a text by the name of a part (a severity, place, help)."""
    return "".join(_paragraph(each, paint) for each in diagnostics)


def _paragraph(diagnostic: Diagnostic, paint: Callable[[str, str], str]) -> str:
    message, place, consequence = map(_visible, (diagnostic.message, diagnostic.place, diagnostic.consequence))
    label = paint(f"{_LABEL[diagnostic.severity]}[{diagnostic.code}]", diagnostic.severity)
    lines = [f"{label} {message}"]
    if place and place not in message:
        lines.append(paint(f"  at {place}", "place"))
    if consequence:
        lines.append(f"  {consequence}")
    lines += [f"    {paint(_visible(line), 'help')}" for line in diagnostic.help]
    return "\n".join(lines) + "\n"


def _visible(text: str) -> str:
    """The text without what a terminal obeys: names of files and of what stands in them may hold anything."""
    return text if text.isprintable() else _CONTROL.sub(lambda found: f"\\x{ord(found[0]):02x}", text)
