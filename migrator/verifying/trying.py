"""Verbs: a throw-away node that tries one module's migration on states, a chunk of them at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from migrator.errors import HelperFault, ProtocolError
from migrator.terms import Atom, path_bytes, text_of
from migrator.verifying.findings import Counts, Finding, Lost, Note, Outcome, Reads
from migrator.verifying.subjects import callback_term, own_term

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from migrator.otp import Helper
    from migrator.plan import Plan
    from migrator.terms import Term
    from migrator.verifying.subjects import Subject

# States in one request: enough for what the request itself costs, few enough for the bar to move.
CHUNK = 50
# Chunks that are asked for at once, where they do not meet: when so many found something, no more are asked for.
_AT_ONCE = 4
# Of one chunk, in seconds. Each call has its own limit, and the helper gives up where many reach it.
DEADLINE = 300.0


def loaded(node: Helper, plan: Plan, beam: bytes, folders: Sequence[Path]) -> Term:
    """Loads the beam to try; gives what it is called there.

    Raises:
        HelperFault: it cannot be loaded.
        EnvironmentFault, ProtocolError: the node cannot serve.
    """
    where: list[Term] = [path_bytes(each) for each in folders]
    return node.call((Atom("verify_load"), beam, callback_term(plan.callback), own_term(plan), where), DEADLINE)


def tried(  # noqa: PLR0913, PLR0917 - a run of the helper's
    node: Helper, name: Term, subject: Subject, seed: int, states: int, progress: Callable[[int], None]
) -> Outcome | HelperFault:
    """What comes of so many generated states; `progress` is told how many were tried.

    Some more are tried after the first that came out wrong, for what else there is, and then no more.

    Raises:
        EnvironmentFault, ProtocolError: the node cannot serve: the code that was tried may have ended it.
    """
    parts: list[Outcome] = []
    end = 0
    while end < states:
        # Code of decisions and defaults may register names: no two processes ever run it at once.
        at_once = _AT_ONCE if parts and parts[0].pure else 1
        begin, end = end, min(states, end + CHUNK * at_once)
        starts = range(begin, end, CHUNK)
        requests: list[Term] = [
            (Atom("verify_run"), name, subject.request, seed, start, min(end, start + CHUNK)) for start in starts
        ]

        def told(done: int, _total: int, begin: int = begin, end: int = end) -> None:
            progress(min(end, begin + CHUNK * done))

        answers = node.call_many(requests, DEADLINE, told)
        for each in answers:
            if isinstance(each, HelperFault):
                return each
            parts.append(outcome_of(each))
        if any(note.kind == "stopped" for part in parts for note in part.notes):
            break
        if end >= CHUNK * _AT_ONCE and any(part.findings for part in parts):
            break
    return together(parts)


def tried_given(node: Helper, name: Term, subject: Subject, given: Sequence[bytes]) -> Outcome | HelperFault:
    """What comes of states that were given.

    Raises:
        EnvironmentFault, ProtocolError: as `tried`.
    """
    try:
        return outcome_of(node.call((Atom("verify_given"), name, subject.request, list(given)), DEADLINE))
    except HelperFault as fault:
        return fault


def together(parts: Sequence[Outcome]) -> Outcome:
    """All as one: of findings that say the same the smallest, of losses and notes the first."""
    counts = Counts()
    findings: dict[tuple[str, str, str | None, str | None], Finding] = {}
    lost: dict[tuple[str, str, str], Lost] = {}
    notes: dict[tuple[str, str | None, str | None], Note] = {}
    for part in parts:
        counts += part.counts
        for finding in part.findings:
            known = findings.get(finding.about)
            if known is None or len(finding.text) < len(known.text):
                findings[finding.about] = finding
        for loss in part.lost:
            lost.setdefault((loss.direction, loss.record, loss.field), loss)
        for note in part.notes:
            notes.setdefault((note.kind, note.record, note.field), note)
    # The same for all of one way.
    reads, pure = (parts[0].reads, parts[0].pure) if parts else ((), False)
    return Outcome(counts, tuple(findings.values()), tuple(lost.values()), tuple(notes.values()), reads, pure)


def outcome_of(term: Any) -> Outcome:  # noqa: ANN401 - the wire's terms are of any type
    """What the helper's answer to `verify_run` or `verify_given` says.

    Raises:
        ProtocolError: it is no such answer.
    """
    try:
        stats, findings = term
        facts = {key.name: value for key, value in stats}
        old, new, foreign = facts.get("given", (0, 0, 0))
        came = facts.get("came", (0, 0))
        counts = Counts(facts["states"], facts["calls"], facts.get("skipped", 0), old, new, foreign, *came)
        return Outcome(
            counts,
            tuple(map(_finding, findings)),
            tuple(_lost(each) for each in facts.get("lost", ())),
            tuple(_note(each) for each in facts.get("notes", ())),
            tuple(_reads(each) for each in facts.get("reads", ())),
            facts.get("pure") == Atom("true"),
        )
    except (TypeError, ValueError, KeyError, AttributeError) as error:
        raise ProtocolError(f"no outcome of a trial: {term!r:.200}") from error


def _finding(term: Any) -> Finding:  # noqa: ANN401 - as above
    kind, direction, record, field, (state, text), expected, got, path = term
    return Finding(
        kind.name,
        direction.name,
        _name(record),
        _name(field),
        state,
        _text(text),
        _text(expected),
        _text(got),
        _text(path),
    )


def _lost(term: Any) -> Lost:  # noqa: ANN401 - as above
    direction, record, field, value, back = term
    return Lost(direction.name, record.name, field.name, _text(value), _text(back))


def _reads(term: Any) -> Reads:  # noqa: ANN401 - as above
    direction, record, field, read = term
    return Reads(direction.name, record.name, field.name, frozenset(each.name for each in read))


def _note(term: Any) -> Note:  # noqa: ANN401 - as above
    kind, record, field, text = term
    return Note(kind.name, _name(record), _name(field), _text(text))


def _name(atom: Atom) -> str | None:
    return None if atom.name == "none" else atom.name


def _text(term: Term) -> str:
    return text_of(term) or ""
