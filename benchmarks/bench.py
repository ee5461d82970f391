"""`make bench`: how fast the migrator is, as ratios to what Erlang itself needs on the same machine.

Seconds say more about the machine than about us, so every figure is a ratio of two things that are measured
in the same run, in turns, many times; what is shown is the median.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import synthetic

if TYPE_CHECKING:
    from collections.abc import Callable

HERE = Path(__file__).resolve().parent
MIGRATOR = Path(sys.executable).parent / "migrator"

Measure = dict[str, list[float]]


class BenchError(Exception):
    """A measurement cannot be made; the text says why."""


@dataclass(frozen=True)
class Row:
    """One line of the table: what was measured against what, and the ratio that is aimed at."""

    what: str
    against: str
    seconds: float
    base: float
    ratio: float
    target: float | None

    @property
    def met(self) -> bool:
        """Whether the target is met; without one, always."""
        return self.target is None or self.ratio <= self.target


def program(name: str) -> str:
    """Where a program of Erlang's is."""
    if found := shutil.which(name):
        return found
    raise BenchError(f"no {name} on the PATH; `make setup` installs Erlang")


def run(*command: str | Path) -> str:
    """Run a program to its end and return what it printed."""
    texts = [str(part) for part in command]
    if not Path(texts[0]).exists():
        raise BenchError(f"no {texts[0]}; `make setup` builds .venv")
    done = subprocess.run(texts, check=False, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if done.returncode:
        raise BenchError(f"`{' '.join(texts)[:200]}` ended with exit {done.returncode}:\n{done.stderr[-2000:]}")
    return done.stdout


def timed(*command: str | Path) -> float:
    """The seconds that a program takes, its start included."""
    start = time.perf_counter()
    run(*command)
    return time.perf_counter() - start


def in_turns(rounds: int, ways: dict[str, Callable[[], float]], *, warm_up: bool = True) -> Measure:
    """Measure all ways in each round, each round beginning with another one; the warm-up does not count."""
    names = list(ways)
    measure: Measure = {name: [] for name in names}
    for number in range(0 if warm_up else 1, rounds + 1):
        shift = number % len(names)
        for name in names[shift:] + names[:shift]:
            seconds = ways[name]()
            if number:
                measure[name].append(seconds)
    return measure


def row(what: str, against: str, measure: tuple[list[float], list[float]], target: float | None) -> Row:
    """The medians of both sides, and of the ratios within each round."""
    ours, base = measure
    ratio = statistics.median(a / b for a, b in zip(ours, base, strict=True))
    return Row(what, against, statistics.median(ours), statistics.median(base), ratio, target)


def compile_into(folder: Path, *sources: Path) -> None:
    """Compile Erlang sources with debug info."""
    folder.mkdir(parents=True, exist_ok=True)
    run(program("erlc"), "+debug_info", "-o", folder, *sources)


def start(work: Path, rounds: int) -> list[Row]:
    """One module's preview against an Erlang that starts and stops."""
    for version in ("v1", "v2"):
        compile_into(work / version, HERE / "conversion" / version / "wide.erl")
    erl = program("erl")
    beams = [work / version / "wide.beam" for version in ("v1", "v2")]
    measure = in_turns(
        rounds,
        {
            "preview": lambda: timed(MIGRATOR, "preview", *beams),
            "erl": lambda: timed(erl, "-noshell", "-eval", "halt()."),
        },
    )
    return [row("preview of one module", "erl, start and stop", (measure["preview"], measure["erl"]), 3.0)]


def many(work: Path, rounds: int, modules: int) -> list[Row]:
    """Many modules in one run against the compiler on each of them."""
    sources = {version: work / "src" / version for version in ("old", "new")}
    for folder in sources.values():
        folder.mkdir(parents=True)
    for pair in synthetic.pairs(modules):
        (sources["old"] / f"{pair.module}.erl").write_text(pair.old, encoding="utf-8")
        (sources["new"] / f"{pair.module}.erl").write_text(pair.new, encoding="utf-8")
    old, new, target = work / "old" / "ebin", work / "new" / "ebin", work / "target" / "ebin"
    compile_into(old, *sources["old"].iterdir())
    compile_into(new, *sources["new"].iterdir())
    node = work / "node"
    compile_into(node, HERE / "bench_node.erl")
    beams = sorted(new.iterdir())
    erl: list[str | Path] = [program("erl"), "-noshell", "-pa", node, "-run", "bench_node", "compile_forms"]

    def inject() -> float:
        # inject replaces its beams: each time it gets fresh ones, outside the clock.
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(new, target)
        return timed(MIGRATOR, "inject", old, target)

    measure = in_turns(
        rounds,
        {
            "base": lambda: float(run(*erl, *beams).split("\t")[1]) / 1e9,
            "preview": lambda: timed(MIGRATOR, "preview", old, new),
            "inject": inject,
        },
        warm_up=False,
    )
    against = "compile:forms of each"
    return [
        row(f"inject of {modules} modules, with proof", against, (measure["inject"], measure["base"]), 2.0),
        row(f"preview of {modules} modules", against, (measure["preview"], measure["base"]), 0.2),
    ]


def conversion(work: Path, rounds: int) -> list[Row]:
    """The generated conversion of ten fields against the same by hand, per call."""
    for version in ("v1", "v2"):
        compile_into(work / version, HERE / "conversion" / version / "wide.erl")
    node = work / "node"
    compile_into(node, HERE / "bench_node.erl", HERE / "conversion" / "by_hand.erl")
    run(MIGRATOR, "inject", work / "v1" / "wide.beam", work / "v2" / "wide.beam")
    erl: list[str | Path] = [
        program("erl"),
        "-noshell",
        "-pa",
        node,
        "-pa",
        work / "v2",
        "-run",
        "bench_node",
        "conversion",
    ]
    measure: Measure = {}
    for line in run(*erl, str(rounds)).splitlines():
        name, nanoseconds = line.split("\t")
        measure.setdefault(name, []).append(float(nanoseconds) / 1e9)
    # What the loop and the call cost is no part of the conversion.
    empty = statistics.median(measure.pop("nothing"))
    net = {name: [seconds - empty for seconds in times] for name, times in measure.items()}
    # 1.0 is the aim; two equal loops differ by this much on a busy machine.
    noise = 1.1
    return [
        row(
            "generated conversion, 10 fields",
            "pattern match by hand",
            (net["generated"], net["match"]),
            noise,
        ),
        row("generated conversion, 10 fields", "fold over positions", (net["generated"], net["fold"]), 1.0),
    ]


def duration(seconds: float) -> str:
    """Write a time in the unit that suits it."""
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("us", 1e-6)):
        if seconds >= size:
            return f"{seconds / size:.2f} {unit}"
    return f"{seconds * 1e9:.1f} ns"


def table(rows: list[Row]) -> str:
    """Lines for a person."""
    lines = [f"{'measured':<38}{'against':<24}{'ours':>10}{'base':>10}{'ratio':>8}{'target':>8}"]
    for each in rows:
        target = "" if each.target is None else f"{each.target:.1f}"
        lines.append(
            f"{each.what:<38}{each.against:<24}{duration(each.seconds):>10}{duration(each.base):>10}"
            f"{each.ratio:>8.2f}{target:>8}  {'' if each.met else 'missed'}".rstrip()
        )
    return "\n".join(lines)


def arguments() -> argparse.Namespace:
    """What was asked for."""
    parser = argparse.ArgumentParser(description="Measure the migrator against Erlang itself.")
    parser.add_argument("--rounds", type=int, default=7, help="more is steadier and longer (default: 7)")
    parser.add_argument("--modules", type=int, default=100, help="how many modules in one run (default: 100)")
    parser.add_argument("--only", choices=["start", "many", "conversion"], help="only this measurement")
    parser.add_argument("--strict", action="store_true", help="exit 1 when a target is missed")
    return parser.parse_args()


def main() -> int:
    """Measure, and print the table."""
    asked = arguments()
    measurements: dict[str, Callable[[Path], list[Row]]] = {
        "start": lambda work: start(work, 3 * asked.rounds),
        "many": lambda work: many(work, max(1, asked.rounds // 2), asked.modules),
        "conversion": lambda work: conversion(work, 5 * asked.rounds),
    }
    chosen = [asked.only] if asked.only else list(measurements)
    rows: list[Row] = []
    try:
        for name in chosen:
            with tempfile.TemporaryDirectory(prefix="migrator-bench-") as folder:
                rows += measurements[name](Path(folder))
    except BenchError as error:
        print(f"bench: {error}", file=sys.stderr)
        return 2
    print(table(rows))
    return 1 if asked.strict and not all(each.met for each in rows) else 0


if __name__ == "__main__":
    sys.exit(main())
