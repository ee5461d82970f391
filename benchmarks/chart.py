"""The plot of a full run: docs/speed.svg, the same bytes for the same figures, and right in light and in dark."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import matplotlib as mpl
from matplotlib.figure import Figure
from measure import HERE

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from measure import Part, Point

PLOT = HERE.parent / "docs" / "speed.svg"

# Colours that the picture's own style sheet replaces: paper, ink and lines hang on the reader's scheme.
PAPER, INK, GRID = "#fffffe", "#1f2329", "#d0d7df"
STYLE = """\
<style>
:root { --paper: #ffffff; --ink: #1f2328; --grid: #d0d7de }
@media (prefers-color-scheme: dark) { :root { --paper: #0d1117; --ink: #e6edf3; --grid: #30363d } }
</style>
"""

# By Okabe and Ito: told apart by eyes that see few colours, and on both papers.
COLOURS = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#d55e00", "#56b4e9")
MARKS = ("o", "s", "^", "D", "v", "P")

PANELS = {
    "records in a list": ("records in a list", "time, by hand = 1", "linear"),
    "records in a map": ("records in a map", "time, by hand = 1", "linear"),
    "records in a tree of tuples": ("records in a tree", "time, by hand = 1", "linear"),
    "seconds suspended": ("entries of the state", "seconds suspended", "log"),
    "modules": ("modules", "time, compiling = 1", "linear"),
    "lines": ("lines of one module", "time, compiling = 1", "linear"),
}


def draw(parts: list[Part]) -> None:
    """Writes the plot."""
    points = [point for part in parts for point in part.points]
    settings = {
        "svg.hashsalt": "migrator",
        "svg.fonttype": "none",
        "font.family": "sans-serif",
        "font.sans-serif": ["DejaVu Sans"],
        "font.size": 9,
        "figure.facecolor": PAPER,
        "axes.facecolor": PAPER,
        "axes.edgecolor": GRID,
        "axes.labelcolor": INK,
        "text.color": INK,
        "xtick.color": INK,
        "ytick.color": INK,
        "grid.color": GRID,
        "legend.frameon": False,
    }
    with mpl.rc_context(settings):
        figure = Figure(figsize=(11, 7.2), layout="constrained")
        for axes, (panel, (below, beside, scale)) in zip(figure.subplots(2, 3).flat, PANELS.items(), strict=True):
            _panel(axes, [point for point in points if point.panel == panel], scale)
            axes.set_xlabel(below)
            axes.set_ylabel(beside)
        written = io.StringIO()
        figure.savefig(written, format="svg", metadata={"Date": None, "Creator": None})
    PLOT.write_text(_themed(written.getvalue()), encoding="utf-8")


def _panel(axes: Axes, points: list[Point], scale: str) -> None:
    for number, line in enumerate(dict.fromkeys(point.line for point in points)):
        chosen = sorted((point.x, point.y) for point in points if point.line == line)
        xs, ys = [x for x, _ in chosen], [y for _, y in chosen]
        axes.plot(xs, ys, color=COLOURS[number], marker=MARKS[number], markersize=4, linewidth=1.4, label=line)
    axes.set_xscale("log")
    axes.set_yscale(scale)
    axes.set_xticks(sorted({point.x for point in points}))
    axes.minorticks_off()
    if scale == "linear":
        axes.set_ylim(bottom=0)
    axes.xaxis.set_major_formatter("{x:,.0f}")
    axes.yaxis.set_major_formatter("{x:g}")
    axes.grid(visible=True, which="major", linewidth=0.6)
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(fontsize=7.5)


def _themed(svg: str) -> str:
    """The picture with its style sheet, and without spaces at the ends of lines."""
    for colour, name in ((PAPER, "paper"), (INK, "ink"), (GRID, "grid")):
        svg = svg.replace(colour, f"var(--{name})")
    head, start, body = svg.partition("<defs>")
    return "\n".join(line.rstrip() for line in (head + STYLE + start + body).splitlines()) + "\n"
