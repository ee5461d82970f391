"""The attributes of a beam, as its own chunk has them: also of a stripped one, and of one that is not Erlang's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from migrator.errors import ProtocolError
from migrator.etf import decode
from migrator.release.chunks import attributes_of

if TYPE_CHECKING:
    from migrator.terms import Term


def attributes(beam: bytes) -> list[tuple[Term, Term]]:
    """The names and values of a beam's attributes, each value in a list as the compiler puts it; none of no beam."""
    try:
        term = decode(attributes_of(beam) or b"")
    except ProtocolError:
        return []
    found = term if isinstance(term, list) else []
    return [(each[0], each[1]) for each in found if isinstance(each, tuple) and len(each) == 2]  # noqa: PLR2004 - a pair
