"""Verbs: states that a user gives, from files of terms and from dumps, as bytes that Erlang reads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from migrator.diagnostics import CATALOGUE, Diagnostic, Refused
from migrator.errors import ProtocolError
from migrator.etf import external
from migrator.files import read_bytes
from migrator.termtext import parse_terms
from migrator.verifying.dumps import NoTermError, check

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

# The first byte of the external term format; no text of terms begins with it.
_EXTERNAL = 131
# A state may be large: that of a process with a million entries.
_LARGEST = 1 << 30


@dataclass(frozen=True, slots=True)
class Given:
    """A state in the external term format, and where it stands."""

    state: bytes
    place: str


def given_states(paths: Iterable[Path]) -> tuple[Given, ...]:
    """The states in these files, each in the external term format.

    A dump is passed on untouched, so that pids, funs and references in it stay what they are.

    Raises:
        InputFault: a file cannot be read.
        Refused: a file holds no terms (M140), none at all, or one that has no bytes (M650).
    """
    return tuple(state for path in paths for state in _states(path))


def _states(path: Path) -> list[Given]:
    content = read_bytes(path, _LARGEST)
    if content[:1] == bytes([_EXTERNAL]):
        try:
            check(content)
        except NoTermError as error:
            raise Refused(_useless(f"{path} begins as a dump and is none: {error}", str(path))) from error
        return [Given(content, str(path))]
    try:
        text = content.decode()
    except UnicodeDecodeError:
        text = content.decode("latin-1")
    written = parse_terms(text, str(path))
    if not written:
        raise Refused(_useless(f"{path} holds no state", str(path)))
    found = []
    for each in written:
        place = f"{path}:{each.line}:{each.column}"
        try:
            found.append(Given(external(each.term), place))
        except ProtocolError as error:
            headline = f"{path}: a state there has something that text cannot say (a fun, an atom that is too long)"
            raise Refused(_useless(headline, place)) from error
    return found


def readable(text: str) -> bool:
    """Whether the text of a term, as Erlang prints it, can stand in a file of states: pids and funs cannot."""
    try:
        (written,) = parse_terms(f"{text}.", "")
        external(written.term)
    except (Refused, ProtocolError, ValueError):
        return False
    return True


def _useless(headline: str, place: str) -> Diagnostic:
    return Diagnostic(
        CATALOGUE["M650"],
        headline,
        "no state was tried",
        place,
        (
            "{state, …}.   % a state in a line, with a full stop",
            'file:write_file("dump.bin", term_to_binary(sys:get_state(Pid))).   % in a shell of the node',
        ),
    )
