"""`make bench`: how fast the migrator is, as ratios to what Erlang itself needs on the same machine.

A full run prints its tables, and writes them into docs/SPEED.md and the plot docs/speed.svg.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import commands
import page
import starting
import states
from measure import BenchError

if TYPE_CHECKING:
    from collections.abc import Callable

    from measure import Part

PARTS: dict[str, Callable[[Path, int], Part]] = {
    "start": starting.measured,
    "states": states.measured,
    "commands": commands.measured,
}


def arguments() -> argparse.Namespace:
    """What was asked for."""
    parser = argparse.ArgumentParser(description="Measure the migrator against Erlang itself.")
    parser.add_argument("--rounds", type=int, default=3, help="more is steadier and longer (default: 3)")
    parser.add_argument("--only", choices=list(PARTS), help="only this part, and nothing is written")
    parser.add_argument("--strict", action="store_true", help="exit 1 when a goal is missed")
    return parser.parse_args()


def main() -> int:
    """Measure, print the tables, and write page and plot."""
    asked = arguments()
    chosen = [asked.only] if asked.only else list(PARTS)
    parts = []
    try:
        for name in chosen:
            print(f"bench: {name}", file=sys.stderr, flush=True)
            with tempfile.TemporaryDirectory(prefix="migrator-bench-") as folder:
                parts.append(PARTS[name](Path(folder), asked.rounds))
        if not asked.only:
            from chart import draw  # noqa: PLC0415 - a part alone needs no plotting library

            page.write(parts)
            draw(parts)
    except BenchError as error:
        print(f"bench: {error}", file=sys.stderr)
        return 2
    print(page.plain(parts))
    return 1 if asked.strict and page.missed(parts) else 0


if __name__ == "__main__":
    sys.exit(main())
