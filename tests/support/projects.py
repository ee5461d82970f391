"""Projects that are built as their users build them: in a folder of their own, offline, our command on the PATH."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

# What of the environment would steer a build, a node or a start script of ours.
_OURS = ("REBAR", "ERL", "ESCRIPT", "RELX", "RELEASE", "ROOTDIR", "BINDIR", "EMU", "PROGNAME", "PIPE_", "MIX_")
LONGEST = 300.0


@dataclass(frozen=True)
class Project:
    """A project's working copy, and the environment that its commands run in."""

    folder: Path
    environment: Mapping[str, str]

    def run(self, *command: str | Path) -> str:
        """What a command prints, stdout and stderr together; AssertionError with all of it where it fails."""
        done = self.attempt(*command)
        assert done.returncode == 0, f"{' '.join(map(str, command))}: exit {done.returncode}\n{done.stdout}"
        return done.stdout

    def attempt(self, *command: str | Path) -> subprocess.CompletedProcess[str]:
        """How a command ends, and all that it prints as its stdout."""
        return subprocess.run(
            [str(part) for part in command],
            cwd=self.folder,
            env=dict(self.environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            timeout=LONGEST,
            check=False,
        )

    def lay(self, files: Path) -> None:
        """Lays a version's files over what is there, as a checkout of it does.

        rebar3 compiles a source again that is newer than its beam, in whole seconds: the files are newer than all that
        was built.
        """
        built = [path.stat().st_mtime for path in self.folder.glob("_build/*/lib/*/ebin/*")]
        newer = int(max(built)) + 1 if built else 0
        for source in sorted(path for path in files.rglob("*") if path.is_file()):
            target = self.folder / source.relative_to(files)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, target)
            when = max(newer, target.stat().st_mtime)
            os.utime(target, (when, when))


def start_project(work: Path, tools: Path | None = None, **more: str) -> Project:
    """An empty project below `work`, with its own HOME; programs from `tools` before those of the PATH.

    `more` goes into the environment of its commands.
    """
    folder = work / "project"
    home = work / "home"
    folder.mkdir()
    home.mkdir()
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_OURS)}
    first = [*([tools] if tools else []), Path(sys.executable).parent]
    path = os.pathsep.join([*map(str, first), kept.get("PATH", os.defpath)])
    # A dumb terminal: rebar3 colours its lines else.
    return Project(folder, {**kept, "PATH": path, "HOME": str(home), "REBAR_OFFLINE": "1", "TERM": "dumb", **more})
