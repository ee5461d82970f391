"""Puts edits into beams, takes them out again, and proves that nothing else changed, by the helper."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from migrator.errors import HelperFault
from migrator.render.erlang import render_erlang
from migrator.terms import Atom, text_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from migrator.edits import Edits
    from migrator.otp import Helper
    from migrator.terms import Term

# The largest module of OTP takes some ten seconds to compile.
DEADLINE = 300.0


@dataclass(frozen=True, slots=True)
class Splice:
    """A beam and what to put into it; without edits, what an earlier run put in is taken out."""

    beam: bytes
    edits: Edits | None


def splice(
    helper: Helper, wanted: Sequence[Splice], progress: Callable[[int, int], None] | None = None
) -> list[bytes | HelperFault]:
    """The new beams, in order, or what the helper says against one.

    Raises:
        EnvironmentFault, ProtocolError: the helper cannot serve.
    """
    requests: list[Term] = [(Atom("splice"), each.beam, _edits(each.edits)) for each in wanted]
    replies = helper.call_many(requests, DEADLINE, progress)
    return [reply if isinstance(reply, bytes | HelperFault) else HelperFault("crash", "no beam") for reply in replies]


def _edits(edits: Edits | None) -> Term:
    if edits is None:
        return []
    traces = edits.traces
    terms: list[Term] = [(Atom("rename"), (Atom(name.name), name.arity), Atom(new)) for name, new in traces.renamed]
    if traces.exported:
        terms.append((Atom("export"), [(Atom(name.name), name.arity) for name in traces.exported]))
    terms.append((Atom("migrated"), edits.migrated))
    terms.append((Atom("functions"), traces.file.encode(), render_erlang(edits.functions).encode()))
    return terms


def prove(
    helper: Helper, pairs: Sequence[tuple[bytes, bytes]], progress: Callable[[int, int], None] | None = None
) -> list[tuple[str, ...] | HelperFault]:
    """For each pair of a beam before and after, what is not ours and differs: nothing is proof."""
    requests: list[Term] = [(Atom("prove"), before, after) for before, after in pairs]
    replies = helper.call_many(requests, DEADLINE, progress)
    return [
        reply if isinstance(reply, HelperFault) else tuple(text_of(each) or "?" for each in _items(reply))
        for reply in replies
    ]


def _items(reply: Term) -> Sequence[Term]:
    return reply if isinstance(reply, list) else [reply]
