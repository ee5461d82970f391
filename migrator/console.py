"""The terminal: colour where there is one and nobody objects, and progress for long work."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_COLOURS = {
    "error": "red",
    "decision": "yellow",
    "warning": "magenta",
    "info": "blue",
    "place": "cyan",
    "help": "green",
}

# Work on fewer pieces than this is done before a bar could be read.
_WORTH_A_BAR = 20


def coloured(stream: IO[str]) -> bool:
    """Whether text for that stream may be coloured: a terminal, and no `NO_COLOR` (https://no-color.org)."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def paint(text: str, part: str) -> str:
    """The text in the colour of that part, for stderr."""
    return click.style(text, fg=_COLOURS[part]) if coloured(sys.stderr) else text


def highlighted(erlang: str) -> str:
    """Erlang source, highlighted when stdout is a terminal."""
    if not coloured(sys.stdout):
        return erlang
    # Imported here: it costs more than all else that a preview in a pipe needs.
    from pygments import highlight  # noqa: PLC0415 - as above
    from pygments.formatters import TerminalFormatter  # noqa: PLC0415 - as above
    from pygments.lexers import ErlangLexer  # noqa: PLC0415 - as above

    return str(highlight(erlang, ErlangLexer(), TerminalFormatter()))


@contextmanager
def progress(label: str) -> Iterator[Callable[[int, int], None] | None]:
    """A callback that draws a bar on stderr while the work runs; None where nobody would see it."""
    if not sys.stderr.isatty():
        yield None
        return

    def show(done: int, total: int) -> None:
        if total < _WORTH_A_BAR:
            return
        width = 30
        full = width * done // total
        sys.stderr.write(f"\r{label} [{'#' * full}{'.' * (width - full)}] {done}/{total}")
        sys.stderr.flush()

    try:
        yield show
    finally:
        sys.stderr.write("\r\x1b[K")
        sys.stderr.flush()
