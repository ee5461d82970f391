"""`make bench-scale`: what `hook` and `appup` take on a whole release, beside building that release, and their growth.

A made-up release: for every 20 modules an application, three modules in twenty with a changed state. The base is
`rebar3 compile` of the new version from nothing, on the same machine in the same run.
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import synthetic
from measure import MIGRATOR, BenchError, duration, program

PER_APPLICATION = 20
CHANGED_OF_TWENTY = 3
SIZES = (250, 500, 1000, 2000)

APP_SRC = (
    '{application, @APP@, [{description, "made for measuring"}, {vsn, "@VSN@"}, {registered, []},'
    " {applications, [kernel, stdlib]}, {env, []}]}.\n"
)


@dataclass(frozen=True)
class Row:
    """One size of release: seconds for building it and for each command on it, and the peak of the memory in MiB."""

    modules: int
    changed: int
    compiled: float
    hook: float
    again: float
    appup: float
    peak: float


def write_project(folder: Path, modules: int, vsn: str) -> list[Path]:
    """An umbrella project of so many modules; the sources whose two versions differ are given."""
    changed = []
    for number, pair in enumerate(synthetic.pairs(modules)):
        application = f"app_{number // PER_APPLICATION:03}"
        source = folder / "apps" / application / "src" / f"{pair.module}.erl"
        source.parent.mkdir(parents=True, exist_ok=True)
        differs = number % PER_APPLICATION < CHANGED_OF_TWENTY
        source.write_text(pair.old if vsn == "1.0.0" or not differs else pair.new, encoding="utf-8")
        if differs:
            changed.append(source)
        description = APP_SRC.replace("@APP@", application).replace("@VSN@", vsn)
        (source.parent / f"{application}.app.src").write_text(description, encoding="utf-8")
    (folder / "rebar.config").write_text("{erl_opts, [debug_info]}.\n", encoding="utf-8")
    return changed


def compiled(project: Path, home: Path) -> float:
    """The seconds that `rebar3 compile` takes from nothing."""
    shutil.rmtree(project / "_build", ignore_errors=True)
    environment = {**os.environ, "HOME": str(home), "REBAR_OFFLINE": "1", "TERM": "dumb"}
    started = time.perf_counter()
    done = subprocess.run(
        [program("rebar3"), "compile"], cwd=project, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise BenchError(f"rebar3 compile failed: {done.stdout[-2000:]}{done.stderr[-2000:]}")
    return time.perf_counter() - started


def old_lib(project: Path, changed: list[Path], old: Path) -> Path:
    """The old version's `lib`: what did not change is copied, what did is compiled."""
    # rebar3 leaves links to folders that are not there.
    lib = shutil.copytree(project / "_build" / "default" / "lib", old / "lib", symlinks=True)
    for application in sorted({source.parent.parent.name for source in changed}):
        sources = [source for source in changed if source.parent.parent.name == application]
        subprocess.run([program("erlc"), "+debug_info", "-o", lib / application / "ebin", *sources], check=True)
    for resource_file in lib.glob("*/ebin/*.app"):
        resource_file.write_text(resource_file.read_text(encoding="utf-8").replace("2.0.0", "1.0.0"), encoding="utf-8")
    return lib


def timed(*command: str | Path) -> tuple[float, float]:
    """The seconds that a command takes, and the most memory that it or a child of it ever had, in MiB."""
    started = time.perf_counter()
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False)
    if done.returncode:
        raise BenchError(f"{' '.join(map(str, command))}\n{done.stdout[-1000:]}{done.stderr[-2000:]}")
    return time.perf_counter() - started, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024


def measured(work: Path, modules: int) -> Row:
    """One row of the table."""
    home = work / "home"
    home.mkdir(parents=True)
    write_project(work / "new", modules, "2.0.0")
    changed = write_project(work / "old", modules, "1.0.0")
    built = compiled(work / "new", home)
    old = old_lib(work / "new", changed, work / "kept")
    new = work / "new" / "_build" / "default" / "lib"
    first, _ = timed(MIGRATOR, "hook", old, new)
    again, _ = timed(MIGRATOR, "hook", old, new)
    appup, peak = timed(MIGRATOR, "appup", old, new)
    return Row(modules, len(changed), built, first, again, appup, peak)


def table(rows: list[Row]) -> str:
    """The rows for a person."""
    lines = [
        "modules  changed  rebar3 compile      hook  of it  hook again  of it     appup  of it  peak memory",
        *(
            f"{row.modules:7}  {row.changed:7}  {duration(row.compiled):>14}  {duration(row.hook):>8}  "
            f"{row.hook / row.compiled:5.2f}  {duration(row.again):>10}  {row.again / row.compiled:5.2f}  "
            f"{duration(row.appup):>8}  {row.appup / row.compiled:5.2f}  {row.peak:7.0f} MiB"
            for row in rows
        ),
    ]
    return "\n".join(lines)


def main() -> int:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(description="Measure hook on releases of growing size.")
    parser.add_argument("--largest", type=int, default=SIZES[-1], help="modules of the largest release (default: 2000)")
    asked = parser.parse_args()
    rows = []
    try:
        for modules in [size for size in SIZES if size <= asked.largest] or [asked.largest]:
            with tempfile.TemporaryDirectory(prefix="migrator-scale-") as folder:
                rows.append(measured(Path(folder), modules))
            # A large release takes minutes: each size is told when it is known.
            print(table(rows).splitlines()[-1], file=sys.stderr, flush=True)
    except BenchError as error:
        print(f"bench: {error}", file=sys.stderr)
        return 2
    print(table(rows))
    return 0


if __name__ == "__main__":
    sys.exit(main())
