"""What a check says, module by module, for a person."""

from __future__ import annotations

from textwrap import indent
from typing import TYPE_CHECKING

from migrator.diagnostics import MOST_SHOWN, bounded
from migrator.render.report import plain, render_report

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from migrator.diagnostics import Diagnostic

_VERDICT = {
    "unchanged": "nothing to migrate",
    "migrate": "can be migrated",
    "blocked": "cannot be migrated as it is",
}


def render_module(
    module: str,
    verdict: str,
    way: str,
    diagnostics: Sequence[Diagnostic],
    paint: Callable[[str, str], str] = plain,
) -> str:
    """One line with the verdict, and under it what there is to say."""
    return f"{module}: {_VERDICT[verdict]}{f' ({way})' if way else ''}\n" + indent(
        render_report(bounded(diagnostics, MOST_SHOWN), paint), "  "
    )
