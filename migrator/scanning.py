"""Looks through many beams for modules that keep a state record."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from migrator.errors import HelperFault, InputFault
from migrator.faults import of_beam, of_fault
from migrator.files import read_bytes
from migrator.outcomes import Candidate, Scanned
from migrator.read import DEADLINE, sense_of
from migrator.terms import Atom, term_text

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from migrator.diagnostics import Diagnostic
    from migrator.otp import Helper
    from migrator.terms import Term


# Beams are handed over in portions, so that a whole installation need not be in memory at once.
_PORTION = 200


def scan_beams(
    helper: Helper, beams: Sequence[tuple[str, Path]], progress: Callable[[int, int], None] | None = None
) -> tuple[list[Scanned], list[Diagnostic]]:
    """What is found in each beam, given with its application; and a diagnostic for each that cannot be read.

    Raises:
        EnvironmentFault, ProtocolError: the helper cannot serve.
    """
    scanned: list[Scanned] = []
    unreadable: list[Diagnostic] = []
    for start in range(0, len(beams), _PORTION):
        contents: list[tuple[str, Path, bytes]] = []
        for application, path in beams[start : start + _PORTION]:
            try:
                contents.append((application, path, read_bytes(path)))
            except InputFault as fault:
                unreadable.append(of_fault(fault))
        replies = helper.call_many([(Atom("scan"), content) for _, _, content in contents], DEADLINE)
        for (application, path, content), reply in zip(contents, replies, strict=True):
            found = _told(helper, application, path, content, reply)
            if isinstance(found, Scanned):
                scanned.append(found)
            else:
                unreadable.append(found)
        if progress:
            progress(min(start + _PORTION, len(beams)), len(beams))
    return scanned, unreadable


def _told(helper: Helper, application: str, path: Path, beam: bytes, reply: Term | HelperFault) -> Scanned | Diagnostic:
    if isinstance(reply, HelperFault):
        return of_beam(reply, path)
    return sense_of(helper, path, beam, lambda: _scanned(application, path, reply))


def _scanned(application: str, path: Path, reply: Term) -> Scanned:
    facts: dict[str, Any] = {}
    for pair in reply if isinstance(reply, list) else []:
        match pair:
            case (Atom(key), value):
                facts[key] = value
    attributes = facts["attributes"]
    name = facts["module"].name
    return Scanned(
        application=application,
        path=path,
        module=name,
        # A module that was compiled from forms alone names no file.
        file=f"{name}.erl" if facts["file"] == Atom("none") else facts["file"].decode(),
        behaviours=tuple(each.name for each in facts["behaviours"]),
        says=_named(attributes, "state_record"),
        carries=any(attribute.name == "state_migrated" for attribute, _, _, _ in attributes),
        candidates=tuple(Candidate(record.name, why.decode(), line) for record, why, line in facts["candidates"]),
        debug_info=facts.get("debug_info") != Atom("none"),
        type=next(iter(_named(attributes, "state_type")), None),
    )


def _named(attributes: Any, name: str) -> tuple[str, ...]:  # noqa: ANN401 - the wire's terms are of any type
    return tuple(
        value.name if isinstance(value, Atom) else term_text(value)
        for attribute, value, _, _ in attributes
        if attribute.name == name
    )
