"""Renders what `relup` made: for a person, and for a program."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from migrator.render.json import diagnostics_json

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from migrator.diagnostics import Diagnostic
    from migrator.release.relups import Relup, Script


def render_relup(relup: Relup, written: Sequence[Path]) -> str:
    """A line for each way, and one for each file that was written."""
    ways = "".join(f"{_way(relup, script)}: {_count(script)}\n" for script in relup.scripts)
    return ways + "".join(f"{path}\n" for path in written)


def _way(relup: Relup, script: Script) -> str:
    one, other = (script.vsn, relup.vsn) if script.direction == "up" else (relup.vsn, script.vsn)
    return f"{relup.name} {one} -> {other}"


def _count(script: Script) -> str:
    count = len(script.instructions)
    restarts = f", {' and '.join(script.restarts)} among them" if script.restarts else ""
    return f"{count} {'instruction' if count == 1 else 'instructions'}{restarts}"


def relup_json(
    relup: Relup | None, file: Path | None, tarball: Path | None, diagnostics: Sequence[Diagnostic]
) -> dict[str, Any]:
    """The object of a run; without a relup it was refused."""
    return {
        "release": relup.name if relup else None,
        "vsn": relup.vsn if relup else None,
        "relup": str(file) if file else None,
        "tarball": str(tarball) if tarball else None,
        "ways": [
            {
                "direction": script.direction,
                "vsn": script.vsn,
                "instructions": list(script.instructions),
                "restarts": list(script.restarts),
            }
            for script in (relup.scripts if relup else ())
        ],
        "diagnostics": diagnostics_json(diagnostics),
    }
