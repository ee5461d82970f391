"""Write the locks anew: what pyproject.toml asks for, each package in its newest exact version.

What only `make bench` needs is in a lock of its own, so that nobody else installs it.

The build backend is locked too: the checkout is installed with it, without fetching anything else.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import tomllib
import venv
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent

HEADER = """\
# Everything that .venv holds beside the checkout itself. Written by `make lock` from pyproject.toml.
"""

BENCH_HEADER = """\
# What `make bench` needs besides, to draw its plot. Written by `make lock` from pyproject.toml.
"""
BENCH = "bench"

# What hatchling needs for an editable install; it says so only when asked at build time.
EDITABLE = ["editables~=0.3"]


def requirements() -> tuple[list[str], list[str]]:
    """What is asked for: to build, to run and to test; and what measuring needs besides."""
    with (TOP / "pyproject.toml").open("rb") as file:
        settings = tomllib.load(file)
    project = settings["project"]
    extras = project["optional-dependencies"]
    others = [line for name, lines in extras.items() if name != BENCH for line in lines]
    return [*settings["build-system"]["requires"], *EDITABLE, *project["dependencies"], *others], extras[BENCH]


def resolve(wanted: list[str]) -> list[str]:
    """The exact versions that pip chooses in an empty environment."""
    with tempfile.TemporaryDirectory() as folder:
        venv.create(folder, with_pip=True)
        pip = [str(Path(folder) / "bin" / "python"), "-m", "pip"]
        subprocess.run([*pip, "install", "-qq", *wanted], check=True)
        frozen = subprocess.run([*pip, "freeze"], check=True, capture_output=True, text=True)
    return frozen.stdout.splitlines()


def main() -> int:
    """Resolve, and replace the files."""
    usual, bench = requirements()
    lines = resolve(usual)
    # Together with the others, since they are installed together.
    more = [line for line in resolve([*lines, *bench]) if line not in lines]
    # "name @ file:///…" would be an address of this machine.
    if strange := [line for line in (*lines, *more) if "==" not in line]:
        print(f"not locked by a version alone: {strange}", file=sys.stderr)
        return 1
    (TOP / "requirements.lock").write_text(HEADER + "\n".join(lines) + "\n", encoding="utf-8")
    (TOP / "requirements-bench.lock").write_text(BENCH_HEADER + "\n".join(more) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
