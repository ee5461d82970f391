"""The terminal: colour where there is one and nobody objects, progress for long work, and streams that may be gone."""

from __future__ import annotations

import errno
import os
import sys
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, NoReturn

import click

from migrator.diagnostics import CATALOGUE, MOST_SHOWN, Diagnostic, bounded, exit_code
from migrator.render.report import render_report

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from migrator.commands import Answer

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


def coloured(stream: IO[str] | None) -> bool:
    """Whether text for that stream may be coloured: a terminal, and no `NO_COLOR` (https://no-color.org).

    A stream that was closed before the start is None.
    """
    if stream is None or not stream.isatty():
        return False
    return not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def paint(text: str, part: str) -> str:
    """The text in the colour of that part, for stderr."""
    return click.style(text, fg=_COLOURS[part]) if coloured(sys.stderr) else text


def coloured_out(text: str, part: str) -> str:
    """The text in the colour of that part, for stdout."""
    return click.style(text, fg=_COLOURS[part]) if coloured(sys.stdout) else text


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
    if sys.stderr is None or not sys.stderr.isatty():
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


def talk(text: str) -> None:
    """Text for stderr. Where nobody can read it the exit code still tells what came of the run."""
    try:
        click.echo(text, nl=False, err=True)
    except OSError:
        sys.stderr = None


def say(diagnostics: Sequence[Diagnostic]) -> None:
    """The diagnostics, on stderr; of one code no more than anybody reads."""
    talk(render_report(bounded(diagnostics, MOST_SHOWN), paint))


def put(text: str) -> None:
    """Text for stdout. A reader that went away, as `head` does, changes nothing; a full disk is told."""
    try:
        click.echo(text, nl=False)
    except BrokenPipeError:
        sys.stdout = None
    except OSError as error:
        lose(error)


def lose(error: OSError) -> NoReturn:
    """Tells that stdout cannot be written, and ends with the exit code for it."""
    sys.stdout = None
    lost = Diagnostic(
        CATALOGUE["M205" if error.errno == errno.ENOSPC else "M206"],
        f"stdout cannot be written: {error.strerror}",
        "what was to be printed is lost; beams that were written stay written",
        help=("run the command again with its output elsewhere",),
    )
    say([lost])
    sys.exit(exit_code([lost]))


def finish(answer: Answer) -> None:
    """Says all of an answer, and ends with its exit code where that is not 0."""
    say(answer.diagnostics)
    talk(answer.talk)
    put(answer.text)
    if answer.exit:
        sys.exit(answer.exit)
