"""What all measurements share: programs that are run and timed, and rows of figures.

Seconds say more about the machine than about us, so every figure is a ratio of two things that are measured in the
same run, in turns. What else the machine does only ever adds time: the least of all rounds is what counts.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

HERE = Path(__file__).resolve().parent
MIGRATOR = Path(sys.executable).parent / "migrator"

T = TypeVar("T")


class BenchError(Exception):
    """A measurement cannot be made; the text says why."""


@dataclass(frozen=True, slots=True)
class Goal:
    """A ratio that is aimed at, and the one that was measured."""

    what: str
    ratio: float
    most: float

    @property
    def met(self) -> bool:
        """Whether it is met."""
        return self.ratio <= self.most


@dataclass(frozen=True, slots=True)
class Table:
    """Figures as text, each line as long as the headings."""

    title: str
    headings: tuple[str, ...]
    lines: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Point:
    """One point of the plot: a panel, a line in it, and where."""

    panel: str
    line: str
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Part:
    """What one part of the measurement came to."""

    tables: tuple[Table, ...]
    goals: tuple[Goal, ...]
    points: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class Cost:
    """What one run of a program took: seconds by the clock and of all processors, and its largest process in MiB."""

    clock: float
    processor: float
    memory: float


def program(name: str) -> str:
    """Where a program of Erlang's is."""
    if found := shutil.which(name):
        return found
    raise BenchError(f"no {name} on the PATH; `make setup` installs Erlang")


def environment() -> dict[str, str]:
    """Ours, but that Python keeps its compiled modules, as it does for users."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def run(*command: str | Path, env: Mapping[str, str] | None = None) -> str:
    """Run a program to its end and return what it printed."""
    texts = [str(part) for part in command]
    if not Path(texts[0]).exists():
        raise BenchError(f"no {texts[0]}; `make setup` builds .venv")
    done = subprocess.run(
        texts, check=False, stdin=subprocess.DEVNULL, capture_output=True, text=True, env=env or environment()
    )
    if done.returncode:
        raise BenchError(f"`{' '.join(texts)[:200]}` ended with exit {done.returncode}:\n{done.stderr[-2000:]}")
    return done.stdout


def cost(*command: str | Path) -> Cost:
    """Run a program to its end, its output thrown away, and tell what it took, its own children included."""
    texts = [str(part) for part in command]
    start = time.perf_counter()
    process = subprocess.Popen(
        texts, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment()
    )
    _, status, used = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise BenchError(f"`{' '.join(texts)[:300]}` ended with exit {process.returncode}")
    return Cost(seconds, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


def in_turns(rounds: int, ways: Mapping[str, Callable[[], T]]) -> dict[str, list[T]]:
    """What all ways give in each round, each round beginning with another one."""
    names = list(ways)
    found: dict[str, list[T]] = {name: [] for name in names}
    for number in range(rounds):
        shift = number % len(names)
        for name in names[shift:] + names[:shift]:
            found[name].append(ways[name]())
    return found


def least(costs: list[Cost]) -> Cost:
    """The least of each figure."""
    return Cost(
        min(each.clock for each in costs),
        min(each.processor for each in costs),
        min(each.memory for each in costs),
    )


def compile_into(folder: Path, *sources: Path) -> None:
    """Compile Erlang sources with debug info."""
    folder.mkdir(parents=True, exist_ok=True)
    run(program("erlc"), "+debug_info", "-o", folder, *sources)


def duration(seconds: float) -> str:
    """Write a time in the unit that suits it."""
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("us", 1e-6)):
        if seconds >= size:
            return f"{seconds / size:.2f} {unit}"
    return f"{seconds * 1e9:.1f} ns"


def ratio(ours: float, base: float) -> str:
    """Write what one is of the other."""
    return f"{ours / base:.2f}" if base else "-"
