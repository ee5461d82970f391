"""What the commands take for many modules and for large ones, against the compiler on the same modules."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

import synthetic
from measure import (
    HERE,
    MIGRATOR,
    BenchError,
    Cost,
    Goal,
    Part,
    Point,
    Table,
    compile_into,
    cost,
    duration,
    environment,
    in_turns,
    least,
    program,
    ratio,
    run,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

# How many modules, from 80 to 1,300 lines each; and how many functions one module has: 500, 5,000, 50,000 lines.
MODULES = (25, 50, 100)
FUNCTIONS = {500: 51, 5_000: 540, 50_000: 5_420}

# Shares of what the compiler takes for the same modules, by the clock.
TARGETS = {"preview": 0.2, "inject": 2.0, "hook": 2.0}
STATES = 100


@dataclass(frozen=True, slots=True)
class Corpus:
    """Two versions of some modules, compiled; `size` is their number, or the lines of the only one."""

    what: str
    size: int
    old: Path
    new: Path


def measured(work: Path, rounds: int) -> Part:
    """All commands on all corpora."""
    node = work / "node"
    compile_into(node, HERE / "compile_node.erl")
    many = [_corpus(work, f"{count} modules", count, synthetic.pairs(count)) for count in MODULES]
    large = [_corpus(work, f"{lines:,} lines", lines, [synthetic.one(each)]) for lines, each in FUNCTIONS.items()]
    cost(MIGRATOR, "preview", many[0].old, many[0].new)  # what a first run keeps for later ones is there now
    # What takes long is steadier, and is measured less often.
    more = {MODULES[-1]: max(1, rounds - 1), min(FUNCTIONS): rounds}
    parts = [_of_corpus(work, node, each, "modules", more.get(each.size, 1)) for each in many]
    parts += [_of_corpus(work, node, each, "lines", more.get(each.size, 1)) for each in large]
    headings = (
        "command",
        "of",
        "time",
        "of compiling",
        "processors, of compiling",
        "largest process",
        "of the compiler's",
    )
    lines = tuple(line for each in parts for table in each.tables for line in table.lines)
    return Part(
        (Table("Commands, against compile:forms of each of the new modules", headings, lines),),
        tuple(goal for each in parts for goal in each.goals),
        tuple(point for each in parts for point in each.points),
    )


def _corpus(work: Path, what: str, size: int, pairs: Iterable[synthetic.Pair]) -> Corpus:
    """The sources written, and both versions compiled at the same time."""
    top = work / what.replace(" ", "_").replace(",", "")
    source = {version: top / "src" / version for version in ("old", "new")}
    for pair in pairs:
        for version, text in (("old", pair.old), ("new", pair.new)):
            source[version].mkdir(parents=True, exist_ok=True)
            (source[version] / f"{pair.module}.erl").write_text(text, encoding="utf-8")
    ebin = {version: top / version / "ebin" for version in source}
    running = []
    for version, folder in ebin.items():
        folder.mkdir(parents=True)
        command = [program("erlc"), "+debug_info", "-o", str(folder), *map(str, source[version].iterdir())]
        running.append(subprocess.Popen(command, stdin=subprocess.DEVNULL))
    ended = [process.wait() for process in running]
    if any(ended):
        raise BenchError(f"erlc does not compile the {what}")
    return Corpus(what, size, ebin["old"], ebin["new"])


def _of_corpus(work: Path, node: Path, corpus: Corpus, panel: str, rounds: int) -> Part:
    ways: dict[str, Callable[[], Cost]] = {"base": lambda: _compiled(node, corpus.new)}
    ways |= {name: _command(work, name, corpus) for name in _commands()}
    costs = {name: least(found) for name, found in in_turns(rounds, ways).items()}
    base = costs.pop("base")
    lines = tuple(
        (
            name,
            corpus.what,
            duration(each.clock),
            ratio(each.clock, base.clock),
            ratio(each.processor, base.processor),
            f"{each.memory:.0f} MiB",
            ratio(each.memory, base.memory),
        )
        for name, each in costs.items()
    )
    # What a start takes is measured by itself: the goals are for many modules and for large ones.
    goals = tuple(
        Goal(f"{name}, {corpus.what}", costs[name].clock / base.clock, most)
        for name, most in TARGETS.items()
        if corpus.size in {MODULES[-1], max(FUNCTIONS)}
    )
    points = tuple(Point(panel, name, corpus.size, each.clock / base.clock) for name, each in costs.items())
    return Part((Table("", (), lines),), goals, points)


def _compiled(node: Path, ebin: Path) -> Cost:
    """What the compiler takes for the new version, its start and the reading of forms not counted."""
    command = [program("erl"), "-noshell", "-pa", str(node), "-run", "compile_node", "compile_forms"]
    figures = run(*command, *sorted(ebin.iterdir())).split("\t")
    return Cost(float(figures[1]) / 1e9, float(figures[2]) / 1e3, float(figures[3]))


def _commands() -> list[str]:
    """The commands that there are; `verify` where this version has it."""
    known = subprocess.run(
        [MIGRATOR, "verify", "--help"], env=environment(), capture_output=True, stdin=subprocess.DEVNULL, check=False
    )
    usual = ["preview", "scan", "check", "inject", "hook"]
    return [*usual, "verify"] if known.returncode == 0 else usual


def _command(work: Path, name: str, corpus: Corpus) -> Callable[[], Cost]:
    """Runs the command; what replaces beams gets fresh ones each time, outside the clock."""
    fresh = work / "fresh" / "ebin"
    words: dict[str, list[str | Path]] = {
        "scan": ["scan", corpus.new],
        "verify": ["verify", "--states", str(STATES), "--seed", "1", corpus.old, corpus.new],
    }

    def replaced() -> Cost:
        shutil.rmtree(fresh, ignore_errors=True)
        shutil.copytree(corpus.new, fresh)
        return cost(MIGRATOR, name, corpus.old, fresh)

    if name in {"inject", "hook"}:
        return replaced
    return lambda: cost(MIGRATOR, *words.get(name, [name, corpus.old, corpus.new]))
