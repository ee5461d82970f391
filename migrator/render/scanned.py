"""The outcome of `scan`, as text and as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from migrator.render.counting import counted
from migrator.render.json import diagnostics_json
from migrator.terms import atom_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from migrator.diagnostics import Diagnostic
    from migrator.outcomes import Scanned


def render_scan(scanned: Sequence[Scanned]) -> str:
    """Those that say so, those that seem to with the line to add, and a count; ends in a newline."""
    says = [each for each in scanned if each.named]
    seems = [each for each in scanned if not each.named and each.candidates]
    silent = [each for each in scanned if not each.debug_info and not each.named]
    lines: list[str] = []
    if says:
        lines += ["These modules name their state record:"]
        lines += _aligned(
            [
                (each.module, _record(each), "carries a migration" if each.carries else "", str(each.path))
                for each in says
            ]
        )
        lines.append("")
    if seems:
        lines += ["These seem to keep one and do not say so; the line to add to each:"]
        lines += _aligned(
            [
                (
                    each.module,
                    f"-state_record({atom_text(each.candidates[0].record)}).",
                    _why(each),
                    str(each.path),
                )
                for each in seems
            ]
        )
        lines.append("")
    if silent:
        several = len(silent) > 1
        lines += [
            f"{_none(silent)} no debug info, so that {'their' if several else 'its'} records cannot be known.",
            "",
        ]
    lines.append(
        f"{counted(len(scanned), 'module')}: {counted(len(says), 'names', 'name')} a state record,"
        f" {counted(len(seems), 'seems', 'seem')} to keep one."
    )
    return "\n".join(lines) + "\n"


def _none(silent: Sequence[Scanned]) -> str:
    return counted(len(silent), "of them has", "of them have")


def _record(each: Scanned) -> str:
    return ", ".join(each.named)


def _why(each: Scanned) -> str:
    first = each.candidates[0]
    return f"{first.why} (line {first.line})" if first.line else first.why


def _aligned(rows: Sequence[tuple[str, str, str, str]]) -> list[str]:
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    return [
        "  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    ]


def scan_json(scanned: Sequence[Scanned], unreadable: Sequence[Diagnostic]) -> dict[str, Any]:
    """All of it; every key is always there."""
    return {
        "modules": [
            {
                "application": each.application or None,
                "module": each.module,
                "path": str(each.path),
                "behaviours": list(each.behaviours),
                "state_record": each.says[0] if each.says else None,
                "state_type": each.type,
                "carries_migration": each.carries,
                "candidates": [{"record": c.record, "why": c.why, "line": c.line} for c in each.candidates],
                "debug_info": each.debug_info,
            }
            for each in scanned
        ],
        "diagnostics": diagnostics_json(unreadable),
    }
