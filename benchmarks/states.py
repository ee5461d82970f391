"""What a conversion takes while a process is suspended: time, memory, and the garbage that it makes."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import fields
from measure import HERE, MIGRATOR, Goal, Part, Point, Table, compile_into, duration, program, ratio, run

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

SOURCES = HERE / "states"
FIELDS = (10, 200)
SIZES = (1_000, 10_000, 100_000, 1_000_000)
KINDS = {"list": "a list", "map": "a map", "tree": "a tree of tuples"}
WAYS = {"by_hand": "by hand", "fold": "fold over positions", "generic": "lists:map of a converter"}

# 1.0 is the aim; two equal loops differ by this much on a busy machine.
NOISE = 1.1

ASKING = 100

NODES = 3

# Memory that is mapped and given back at each turn would be most of the time, and differ from turn to turn.
KEEP_MEMORY = ("+MMscs", "3072")


@dataclass(frozen=True, slots=True)
class Figures:
    """What the node said: figures by what was measured, of which kind of state, its size, and the way."""

    said: dict[tuple[str, str, int, str], list[float]]

    def least(self, what: str, kind: str, size: int, way: str) -> float:
        """The least of all rounds."""
        return min(self.said[what, kind, size, way])


def measured(work: Path, rounds: int) -> Part:
    """All that is measured of conversions."""
    node = _built(work)
    run_node = _runner(work, node)
    calls = run_node("calls", 3 * rounds, *(f"fields_{count}" for count in FIELDS))
    # Where a node's large blocks come to lie is luck that lasts as long as it does.
    large = _together(run_node("large", rounds, *SIZES) for _ in range(NODES))
    shared = run_node("shared", 20 * rounds, *SIZES)
    compared = [_of_fields(calls, count, "call") for count in FIELDS]
    compared += [_of_size(large, kind, size, "suspended", "s") for kind in KINDS for size in SIZES]
    built = [_of_fields(calls, count, "built") for count in FIELDS]
    built += [
        _of_size(large, kind, SIZES[-1], figure, unit)
        for figure, unit in (("built", "built"), ("freed", "garbage"), ("peak", "most memory"))
        for kind in KINDS
    ]
    goals = [Goal(each.what, each.ours / each.others["by_hand"], NOISE) for each in compared]
    in_words = built[: len(FIELDS) + len(KINDS)]
    goals += [Goal(each.what, each.ours / each.others["by_hand"], 1.01) for each in in_words]
    tables = (
        _table("Time that a process is suspended", compared, duration),
        _table("Words of memory", built, "{:,.0f}".format),
        _of_table(shared),
    )
    return Part(tables, (*goals, *_flat_goals(shared)), (*_points(large), *_flat(shared, large)))


def _built(work: Path) -> Path:
    """All modules compiled, those of the new version with their migration."""
    node = work / "node"
    compile_into(node, SOURCES / "states_node.erl", SOURCES / "ways.erl")
    for version in ("v1", "v2"):
        compile_into(work / version, SOURCES / version / "kept.erl")
    for count in FIELDS:
        old, new, ways = fields.write(work / "src", count)
        compile_into(work / "v1", old)
        compile_into(work / "v2", new)
        compile_into(node, ways)
    run(MIGRATOR, "inject", work / "v1", work / "v2")
    return node


def _runner(work: Path, node: Path) -> Callable[..., Figures]:
    """Runs a function of the node, and reads what it says."""

    def ask(function: str, *numbers: int | str) -> Figures:
        erl = program("erl")
        path = ("-pa", node, "-pa", work / "v2")
        said = run(erl, *KEEP_MEMORY, "-noshell", *path, "-run", "states_node", function, *map(str, numbers))
        figures: dict[tuple[str, str, int, str], list[float]] = defaultdict(list)
        for line in said.splitlines():
            what, kind, size, way, number = line.split("\t")
            figures[what, kind, int(size), way].append(float(number))
        return Figures(figures)

    return ask


def _together(each: Iterable[Figures]) -> Figures:
    """What several nodes said."""
    figures: dict[tuple[str, str, int, str], list[float]] = defaultdict(list)
    for one in each:
        for key, numbers in one.said.items():
            figures[key] += numbers
    return Figures(figures)


@dataclass(frozen=True, slots=True)
class Compared:
    """One figure of the generated code, and of the other ways."""

    what: str
    ours: float
    others: dict[str, float]


def _of_fields(calls: Figures, count: int, figure: str) -> Compared:
    """A record of so many fields, per call: the loop and the call themselves are no part of the conversion."""
    nothing = calls.least(figure, "fields", count, "nothing")

    def net(way: str) -> float:
        found = calls.least(figure, "fields", count, way)
        return (found - nothing) / 1e9 if figure == "call" else found

    what = f"a record of {count} fields" + (": built" if figure == "built" else "")
    return Compared(what, net("generated"), {way: net(way) for way in WAYS})


def _of_size(large: Figures, kind: str, size: int, figure: str, unit: str) -> Compared:
    """Records inside the state."""
    scale = 1e9 if unit == "s" else 1.0
    what = f"{size:,} records in {KINDS[kind]}" + ("" if unit == "s" else f": {unit}")
    found = {way: large.least(figure, kind, size, way) / scale for way in ("generated", *WAYS)}
    # Less than a hundred words are what asking leaves behind, and nothing of the conversion.
    found = {way: each if unit == "s" or each > ASKING else 0.0 for way, each in found.items()}
    return Compared(what, found["generated"], {way: found[way] for way in WAYS})


def _table(title: str, compared: list[Compared], written: Callable[[float], str]) -> Table:
    headings = ("state", "generated", *(text for text in WAYS.values()), "of by hand", "of the fold", "of lists:map")
    lines = tuple(
        (
            each.what,
            written(each.ours),
            *(written(each.others[way]) for way in WAYS),
            *(ratio(each.ours, each.others[way]) for way in WAYS),
        )
        for each in compared
    )
    return Table(title, headings, lines)


def _of_table(shared: Figures) -> Table:
    """A table that is copied as it is: the same time and the same words for any number of entries."""
    first = SIZES[0]

    def figures(size: int) -> tuple[float, float]:
        return (
            shared.least("suspended", "table", size, "generated") / 1e9,
            shared.least("built", "table", size, "generated"),
        )

    time, words = figures(first)
    lines = [
        (f"{size:,} entries", duration(each), ratio(each, time), f"{built:,.0f}", ratio(built, words))
        for size in SIZES
        for each, built in [figures(size)]
    ]
    headings = ("a table in the state", "suspended", f"of {first:,}", "words built", f"of {first:,}")
    title = "A state whose entries hold nothing to convert: the very table is in the new state"
    return Table(title, headings, tuple(lines))


def _flat_goals(shared: Figures) -> list[Goal]:
    first = shared.least("suspended", "table", SIZES[0], "generated")
    return [
        Goal(f"a table of {size:,} entries, shared", shared.least("suspended", "table", size, "generated") / first, 1.5)
        for size in SIZES[1:]
    ]


def _points(large: Figures) -> list[Point]:
    """How the ways compare with the hand-written one, over the size."""
    return [
        Point(
            f"records in {KINDS[kind]}",
            "generated" if way == "generated" else WAYS[way],
            size,
            large.least("suspended", kind, size, way) / large.least("suspended", kind, size, "by_hand"),
        )
        for kind in KINDS
        for way in ("generated", "by_hand", "fold", "generic")
        for size in SIZES
    ]


def _flat(shared: Figures, large: Figures) -> list[Point]:
    """How long a process is suspended, for what is walked and for what is shared."""
    walked = [
        Point("seconds suspended", f"records in {text}", size, large.least("suspended", kind, size, "generated") / 1e9)
        for kind, text in KINDS.items()
        for size in SIZES
    ]
    return walked + [
        Point("seconds suspended", "a table, shared", size, shared.least("suspended", "table", size, "generated") / 1e9)
        for size in SIZES
    ]
