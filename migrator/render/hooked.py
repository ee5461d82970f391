"""What `hook` did, module by module, for a person and for a program."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from migrator.render.counting import counted
from migrator.render.json import diagnostics_json, planned_json
from migrator.terms import term_text

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from migrator.diagnostics import Diagnostic
    from migrator.outcomes import Planned
    from migrator.plan import Plan

# A module's application, its beam in the release, what was done, and its plan.
Row = tuple[str, "Path", str, "Planned"]

_SILENT = "that does not say that its state changed"
_SILENT_ONES = "that do not say that their state changed"
_DONE = {
    "injected": "is in {path}",
    "already": "is in {path} already",
    "unchanged": "the state is the same, nothing to do",
}


def render_hooked(rows: Sequence[Row], mended: Sequence[Path]) -> str:
    """A line for each module that has a plan, one for each appup that was mended, and the sum."""
    lines = [
        f"{plan.module}: {_versions(plan)}{' ' if outcome != 'unchanged' else ': '}{_DONE[outcome].format(path=path)}"
        for _, path, outcome, planned in rows
        if (plan := planned.plan) is not None and outcome in _DONE
    ]
    lines += [f"{path}: mended" for path in mended]
    counts = {word: sum(outcome == word for _, _, outcome, _ in rows) for word in _DONE}
    if rows:
        silent = sum(outcome == "silent" for _, _, outcome, _ in rows)
        lines.append(
            f"{counts['injected']:,} injected, {counts['already']:,} already there, "
            f"{counts['unchanged']:,} without a changed state"
            + (f", {counted(silent, _SILENT, _SILENT_ONES)}" if silent else "")
        )
    return "".join(f"{line}\n" for line in lines)


def _versions(plan: Plan) -> str:
    return f"{', '.join(term_text(each.vsn) for each in plan.migrations)} <-> {term_text(plan.vsn)}"


def hooked_json(
    rows: Sequence[Row], mended: Sequence[Path], diagnostics: Sequence[Diagnostic], code: int
) -> dict[str, Any]:
    """The object for the run. `modules` are those of `preview`, with what was done to each."""
    return {
        "exit": code,
        "modules": [
            {"application": application, "path": str(path), "outcome": outcome, **planned_json(planned)}
            for application, path, outcome, planned in rows
        ],
        "mended": [str(path) for path in mended],
        "diagnostics": diagnostics_json(diagnostics),
    }
