"""The pages of docs/diagnostics: their parts, and their examples run as a person would run them.

A page's example is blocks of code. One whose first line is a comment with a path (`%% v1/kv.erl`, `# bin/erl`; `#!` may
stand before it) is that file. A `console` block is a session of a shell in an empty folder with these files: a line
that begins with `$ ` is typed there, one with `> ` goes on with it, and what follows is what it prints. `…` stands for
any text, alone on a line for any lines. Every `.erl` in a folder is compiled there with debug info before.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tests.support.cases import ROOT

if TYPE_CHECKING:
    from tests.support.node import Node

FOLDER = ROOT / "docs" / "diagnostics"
SECTIONS = ("What happened", "Why it matters at run time", "How to fix it", "Example")

_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_PATH = re.compile(r"(?:%+|#) (\S+/\S+|\S+\.\w+)$")
_SECONDS = 120


@dataclass(frozen=True)
class Step:
    """One command of a session, and what the page says that it prints."""

    typed: str
    shown: str


@dataclass(frozen=True)
class Ran:
    """What a command did."""

    printed: str
    exit: int


@dataclass(frozen=True)
class Page:
    """One page."""

    path: Path

    @property
    def code(self) -> str:
        """The code that it explains."""
        return self.path.stem

    @property
    def text(self) -> str:
        """All of it."""
        return self.path.read_text(encoding="utf-8")

    def files(self) -> dict[str, str]:
        """The files of its example."""
        found: dict[str, str] = {}
        for language, text in _BLOCK.findall(self.text):
            lines = [line for line in text.splitlines() if not line.startswith("#!")]
            named = _PATH.match(lines[0]) if lines else None
            if language != "console" and named:
                found[named[1]] = text
        return found

    @property
    def native(self) -> bool:
        """Whether its example has native records, which only OTP 29 compiles."""
        return any("-record #" in text for text in self.files().values())

    def steps(self) -> list[Step]:
        """The session of its example."""
        return [step for language, text in _BLOCK.findall(self.text) if language == "console" for step in _steps(text)]


def pages() -> list[Page]:
    """All pages, by code."""
    return [Page(path) for path in sorted(FOLDER.glob("M*.md"))]


def _steps(text: str) -> list[Step]:
    found: list[tuple[list[str], list[str]]] = []
    for line in text.splitlines():
        if line.startswith("$ "):
            found.append(([line[2:]], []))
        elif line.startswith("> ") and found and not found[-1][1]:
            found[-1][0].append(line[2:])
        else:
            found[-1][1].append(line)
    return [Step("\n".join(typed), "".join(f"{line}\n" for line in shown)) for typed, shown in found]


def matches(shown: str, printed: str) -> bool:
    """Whether that was printed, up to what `…` stands for."""
    parts = [".*\n" if line == "…\n" else _line(line) for line in shown.splitlines(keepends=True)]
    return re.fullmatch("".join(f"(?:{part})*" if part == ".*\n" else part for part in parts), printed) is not None


def said_on(otp: int, shown: str) -> str:
    """What that OTP release says where the page shows what OTP 25 says."""
    if otp >= 26:
        shown = shown.replace("*** argument 1: not a map\n", "*** argument 1: not a map or an iterator\n")
    if otp >= 29:
        shown = re.sub(r"\((\S+\.erl), line (\d+)\)", r"(\1:\2)", shown)
    return shown


def _line(line: str) -> str:
    return ".*".join(map(re.escape, line.split("…")))


def run(page: Page, node: Node, folder: Path, **changes: str) -> list[Ran]:
    """Runs a page's session in that folder, which is empty, with these changes of the environment."""
    for name, text in page.files().items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        if path.suffix == ".erl" and path.parent != folder:
            _compile(node, folder, name)
    tools = folder.with_name(f"{folder.name}-tools")
    tools.mkdir(exist_ok=True)
    _program(tools / "migrator", f"#!{sys.executable}\nfrom migrator.cli import main\nmain()\n")
    # Two versions of a release, for what takes whole releases: a server kv in an application shop.
    builder = "from tests.support.rehearsals import main\nmain(sys.argv[1:])\n"
    _program(tools / "shop", f"#!{sys.executable}\nimport sys\nsys.path.insert(0, {str(ROOT)!r})\n{builder}")
    _program(tools / "python", f'#!/bin/sh\nexec {shlex.quote(sys.executable)} "$@"\n')
    # An Erlang of the page's own leaves nothing behind for others.
    alone = "bin/erl" in page.files()
    environment = os.environ | {
        "PATH": f"{tools}:{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "NO_COLOR": "1",
        "XDG_CACHE_HOME": str(tools if alone else _cache()),
        "HOME": str(tools),
        **changes,
    }
    return [_ran(step.typed, folder, environment) for step in page.steps()]


def _program(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")
    path.chmod(0o755)


def _cache() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")


def _ran(typed: str, folder: Path, environment: dict[str, str]) -> Ran:
    done = subprocess.run(
        ["sh", "-c", typed],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=_SECONDS,
    )
    return Ran(done.stdout, done.returncode)


def _compile(node: Node, folder: Path, name: str) -> None:
    match node.apply("live_compile", "source_in", str(folder).encode(), name.encode()):
        case (bytes(beam), _):
            (folder / name).with_suffix(".beam").write_bytes(beam)
