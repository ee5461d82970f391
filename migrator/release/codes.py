"""Reads what modules are to OTP when they are upgraded, and what they call or name, through the helper."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from migrator.diagnostics import Refused
from migrator.errors import HelperFault
from migrator.faults import of_beam
from migrator.files import read_bytes
from migrator.read import DEADLINE
from migrator.release.codefacts import CodeFacts, Reference
from migrator.terms import Atom

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from migrator.otp import Helper
    from migrator.terms import Term

# Beams are handed over in portions, so that a whole installation need not be in memory at once.
_PORTION = 200


def code_facts(
    helper: Helper, paths: Sequence[Path], progress: Callable[[int, int], None] | None = None
) -> dict[Path, CodeFacts]:
    """The facts of these beams.

    Raises:
        Refused: some of them cannot be read.
        InputFault: a file is not there (any more).
        EnvironmentFault, ProtocolError: the helper cannot serve.
    """
    found: dict[Path, CodeFacts] = {}
    wrong = []
    for start in range(0, len(paths), _PORTION):
        portion = paths[start : start + _PORTION]
        requests: list[Term] = [(Atom("upgrade"), read_bytes(path)) for path in portion]
        for path, reply in zip(portion, helper.call_many(requests, DEADLINE), strict=True):
            if isinstance(reply, HelperFault):
                wrong.append(of_beam(reply, path))
            else:
                found[path] = _facts(reply)
        if progress:
            progress(len(found), len(paths))
    if wrong:
        raise Refused(*wrong)
    return found


def _facts(reply: Any) -> CodeFacts:  # noqa: ANN401 - the wire's terms are of any type
    facts: dict[str, Any] = {key.name: value for key, value in reply}
    attributes = tuple((name.name, value) for name, value in facts["attributes"])
    return CodeFacts(
        module=facts["module"].name,
        behaviours=tuple(
            each.name
            for name, value in attributes
            if name in ("behaviour", "behavior") and isinstance(value, list)
            for each in value
            if isinstance(each, Atom)
        ),
        attributes=attributes,
        exports=frozenset((name.name, arity) for name, arity in facts["exports"]),
        calls=_references(facts["calls"]),
        named=_references(facts["named"]),
    )


def _references(given: Any) -> frozenset[Reference]:  # noqa: ANN401 - as above
    return frozenset(
        Reference(
            module.name,
            None if function == Atom("none") else function.name,
            arity if isinstance(arity, int) else None,
        )
        for module, function, arity in given
    )
