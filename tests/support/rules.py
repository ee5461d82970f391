"""Decisions files for tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from migrator.request import Request
from tests.support.cases import server

if TYPE_CHECKING:
    from pathlib import Path

    from migrator.outcomes import Planned
    from tests.support.cases import Bench


def rules(bench: Bench, *statements: str, head: str = "migrate m.", name: str = "m.migration") -> Path:
    """A decisions file of these statements, one a line, the first on line 2."""
    path = bench.folder / name
    path.write_text("\n".join([head, *statements, ""]), encoding="utf-8")
    return path


def asking(bench: Bench, *statements: str, head: str = "migrate m.") -> Request:
    """A request with such a file."""
    return Request(rules=rules(bench, *statements, head=head))


def said(planned: Planned) -> list[tuple[str, str]]:
    """The code and the place of each thing said, the place without its folder."""
    return [(each.code, each.place.rpartition("/")[2]) for each in planned.diagnostics if each.severity != "info"]


def written_beams(bench: Bench, count: int = 2) -> list[Path]:
    """The beams of the versions that the bench compiled last."""
    return [bench.folder / f"v{number}" / "m.beam" for number in range(1, count + 1)]


def holding(fields: str, *records: str, vsn: str = '"1"') -> str:
    """A server whose state's types name these records, which are declared before it."""
    declared = "".join(f"-record({each}).\n" for each in records)
    return server(fields, vsn=vsn).replace("-record(state", f"{declared}-record(state", 1)
