"""The tables as text: for a terminal, and in docs/SPEED.md between two marks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from measure import HERE, BenchError

if TYPE_CHECKING:
    from measure import Goal, Part, Table

PAGE = HERE.parent / "docs" / "SPEED.md"
PICTURE = "![The figures below as curves](speed.svg)"
BEGIN, END = "<!-- make bench: -->\n", "<!-- :make bench -->\n"


def plain(parts: list[Part]) -> str:
    """For a terminal."""
    return "\n".join([*(_plain(table) for part in parts for table in part.tables), _goals(parts)])


def _plain(table: Table) -> str:
    rows = (table.headings, *table.lines)
    widths = [max(len(row[column]) for row in rows) for column in range(len(table.headings))]
    return "\n".join([table.title, "", *(_line(row, widths) for row in rows), ""])


def _line(row: tuple[str, ...], widths: list[int]) -> str:
    """What it is to the left, and the figures to the right."""
    cells = [f"{cell:>{wide}}" for cell, wide in zip(row[1:], widths[1:], strict=True)]
    return "  ".join([f"{row[0]:<{widths[0]}}", *cells])


def missed(parts: list[Part]) -> list[Goal]:
    """The goals that are not met."""
    return [goal for part in parts for goal in part.goals if not goal.met]


def _goals(parts: list[Part]) -> str:
    count = sum(len(part.goals) for part in parts)
    wrong = missed(parts)
    said = [f"{each.what}: {each.ratio:.2f}, and {each.most} is the goal" for each in wrong]
    return "\n".join([f"goals met: {count - len(wrong)} of {count}", *said, ""])


def write(parts: list[Part]) -> None:
    """Replaces what stands between the marks of the page.

    Raises:
        BenchError: the page has no such marks.
    """
    text = PAGE.read_text(encoding="utf-8")
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise BenchError(f"{PAGE} has not both marks")
    tables = "\n".join(_markdown(table) for part in parts for table in part.tables)
    goals = _goals(parts).strip().replace("\n", "\n- ")
    PAGE.write_text(f"{before}{BEGIN}\n{PICTURE}\n\n{tables}\n{goals}\n\n{END}{after}", encoding="utf-8")


def _markdown(table: Table) -> str:
    rows = [table.headings, tuple("---" for _ in table.headings), *table.lines]
    return "\n".join([f"### {table.title}", "", *("| " + " | ".join(row) + " |" for row in rows), ""])
