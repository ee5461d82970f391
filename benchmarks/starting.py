"""What it takes until the first beam is read: the phases of a start, against an Erlang that starts and stops."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import fields
from measure import MIGRATOR, Goal, Part, Point, Table, compile_into, cost, duration, in_turns, program, ratio, run

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

# The helper by itself: seconds from its start to its hello, and from there to its first answer about a beam.
HELPER = """\
import sys, time
from pathlib import Path
from migrator import otp
from migrator.terms import Atom
beam = Path(sys.argv[1]).read_bytes()
start = time.perf_counter()
with otp.start(otp.find_erl(None)) as helper:
    helper.hello()
    hello = time.perf_counter()
    helper.call((Atom("scan"), beam), 60.0)
    first = time.perf_counter()
    helper.call((Atom("scan"), beam), 60.0)
    print(hello - start, first - hello, time.perf_counter() - first)
"""

PHASES = {
    "python": "Python alone",
    "command line": "Python, and the command line imported",
    "imports": "Python, and all that preview needs imported",
    "hello": "the helper, from its start to its hello",
    "first": "the helper's first answer",
    "second": "the same once more",
    "help": "migrator preview --help",
    "preview": "migrator preview of one small module",
}
TARGETS = {"preview": 3.0}


def measured(work: Path, rounds: int) -> Part:
    """All phases, in turns."""
    old, new, _ = fields.write(work / "src", 10)
    compile_into(work / "v1", old)
    compile_into(work / "v2", new)
    beams = [work / version / "fields_10.beam" for version in ("v1", "v2")]
    python = sys.executable
    helper: dict[str, list[float]] = {name: [] for name in ("hello", "first", "second")}

    def helped() -> float:
        for name, seconds in zip(helper, run(python, "-c", HELPER, beams[1]).split(), strict=True):
            helper[name].append(float(seconds))
        return 0.0

    def clock(*command: str | Path) -> Callable[[], float]:
        return lambda: cost(*command).clock

    ways: dict[str, Callable[[], float]] = {
        "erl": clock(program("erl"), "-noshell", "-eval", "halt()."),
        "python": clock(python, "-c", ""),
        "command line": clock(python, "-c", "import migrator.cli"),
        "imports": clock(python, "-c", "import migrator.cli, migrator.commands"),
        "help": clock(MIGRATOR, "preview", "--help"),
        "preview": clock(MIGRATOR, "preview", *beams),
        "helper": helped,
    }
    for way in ways.values():
        way()  # Python writes what it compiled, and the helper comes into its cache
    for times in helper.values():
        times.clear()
    found = in_turns(4 * rounds, ways)
    found |= helper
    base = min(found["erl"])
    least = {text: min(found[name]) for name, text in PHASES.items()}
    lines = [("erl, start and stop", duration(base), ratio(base, base))]
    lines += [(text, duration(each), ratio(each, base)) for text, each in least.items()]
    return Part(
        (Table("A start", ("phase", "time", "of erl"), tuple(lines)),),
        tuple(Goal(PHASES[name], min(found[name]) / base, most) for name, most in TARGETS.items()),
        tuple(Point("a start", text, 0, each / base) for text, each in least.items()),
    )
