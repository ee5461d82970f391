"""Appups as text: an entry with the mark by which we know it again, and a whole file."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from migrator.terms import Atom, is_string, term_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from migrator.terms import Term

MARK = "%% migrator appup "
_DIGITS = 12
_INDENT = "  "


def mark(vsn: Term, instructions: Term) -> str:
    """The comment before an entry of ours: the entry is ours for as long as its checksum is right."""
    digest = hashlib.sha256(term_text((vsn, instructions)).encode()).hexdigest()
    return MARK + digest[:_DIGITS]


def entry_text(vsn: str, instructions: Sequence[Term]) -> str:
    """An entry with its mark, an instruction a line; it does not end in a newline."""
    key: Term = vsn_term(vsn)
    lines = ",\n".join(f"{_INDENT}  {spaced(each)}" for each in instructions)
    body = f"[{lines.strip()}]"
    return f"{mark(key, list(instructions))}\n{_INDENT}{{{vsn_text(vsn)},\n{_INDENT} {body}}}"


def file_text(vsn: str, up: Sequence[str], down: Sequence[str]) -> str:
    """A whole appup of such entries."""
    separator = f",\n{_INDENT}"
    both = ",\n".join(f" [{separator.join(entries)}]" for entries in (up, down))
    return f"{{{vsn_text(vsn)},\n{both}}}.\n"


def vsn_text(vsn: str) -> str:
    """A version as a string in Erlang source."""
    return term_text(vsn_term(vsn)) if vsn else '""'


def vsn_term(text: str) -> Term:
    """A version as `.appup` files have it: a string."""
    return [ord(each) for each in text]


def spaced(term: Term) -> str:
    """A term as people write it in an appup: with a space behind each comma."""
    match term:
        case tuple():
            return "{" + ", ".join(map(spaced, term)) + "}"
        case list() if not is_string(term):
            return "[" + ", ".join(map(spaced, term)) + "]"
        case Atom() | _:
            return term_text(term)
