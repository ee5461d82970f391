"""From what nodes tell to what was seen: rows of processes, traces of `release_handler`, reports, ends."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

from migrator.release.rehearsal import Ended, Passage, Report, Seen, State, Touched
from migrator.terms import TRUE, Atom, Term

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_MICROSECONDS = 1e6


def seen_rows(rows: Term) -> tuple[Seen, ...]:
    """The rows of a snapshot, by module and pid."""
    found = [_seen(row) for row in rows] if isinstance(rows, list) else []
    return tuple(sorted(found, key=lambda each: (each.module, each.name or "~", each.pid)))


def _seen(row: Any) -> Seen:  # noqa: ANN401 - as our own Erlang sends it
    pid, name, module, kind, supervised, state, old_code, children = row
    has, wanted = children if isinstance(children, tuple) else ([], None)
    return Seen(
        _text(pid),
        "" if name == Atom("none") else name.name,
        module.name,
        kind.name,
        supervised.name,
        _state(state),
        old_code == TRUE,
        tuple(_text(each[1] if isinstance(each, tuple) else each) for each in has),
        tuple(_text(each[1]) for each in has if isinstance(each, tuple)),
        tuple(_text(each) for each in wanted[1]) if isinstance(wanted, tuple) else None,
    )


def _state(term: Any) -> State | None:  # noqa: ANN401 - as above
    match term:
        case (Atom("tuple"), Atom(tag), int(size), list(inside)):
            return State(tag, size, f"{{{tag}, …}}/{size}", _inside(inside))
        case (Atom("other"), bytes(text), list(inside)):
            return State(None, 0, text.decode(errors="replace"), _inside(inside))
        case Atom("busy"):
            return State(None, 0, "busy")
    return None


def _inside(found: Iterable[Any]) -> frozenset[tuple[str, int]]:
    return frozenset((tag.name, size) for tag, size in found)


def _text(term: Any) -> str:  # noqa: ANN401 - as above
    return cast("bytes", term).decode(errors="replace")


def touched(events: Iterable[Term]) -> tuple[dict[str, Touched], tuple[str, ...]]:
    """What was done to each process, by pid; and the instructions that were carried out, as they were begun."""
    done: dict[str, Touched] = {}
    instructions: list[str] = []
    suspended: dict[str, float] = {}
    open_call: tuple[str, str, str, float] | None = None
    for event in events:
        match event:
            case (Atom("traced"), Atom("call"), int(), (Atom("instruction"), bytes(text))):
                instructions.append(text.decode(errors="replace"))
            case (Atom("traced"), Atom("call"), int(at), (Atom(what), bytes(pid), *rest)):
                module = rest[0].name if rest and isinstance(rest[0], Atom) else ""
                open_call = (what, pid.decode(), module, at / _MICROSECONDS)
            case (Atom("traced"), Atom("return"), int(at), result) if open_call is not None:
                what, who, module, since = open_call
                now = at / _MICROSECONDS
                before = done.get(who, Touched(who))
                done[who] = _returned(before, what, module, now - since, _failed(result))
                if what == "suspend" and not done[who].failed:
                    suspended[who] = now
                if what == "resume" and who in suspended:
                    done[who] = replace(done[who], away=now - suspended.pop(who))
                open_call = None
    if open_call is not None and open_call[0] == "convert":
        what, who, module, _ = open_call
        done[who] = replace(done.get(who, Touched(who)), failed="its code_change did not come back")
    return done, tuple(instructions)


def _failed(result: Term) -> str:
    return _text(result[1]) if isinstance(result, tuple) else ""


def _returned(before: Touched, what: str, module: str, took: float, failed: str) -> Touched:
    match what:
        case "suspend":
            waited = max(took, before.waited or 0.0)
            return replace(before, waited=waited, failed=failed or before.failed)
        case "convert":
            converted = before.converted if failed else (*before.converted, module)
            return replace(before, converted=converted, converting=took, failed=failed or before.failed)
    return before


def passages(before: Sequence[Seen], after: Sequence[Seen], done: dict[str, Touched]) -> tuple[Passage, ...]:
    """Each process through the installation; those that came meanwhile too."""
    olds = {(each.pid, each.module): each for each in before}
    news = {(each.pid, each.module): each for each in after}
    return tuple(
        Passage(module, olds.get((pid, module)), news.get((pid, module)), done.get(pid))
        for pid, module in sorted(olds.keys() | news.keys(), key=lambda key: (key[1], key[0]))
    )


def reports(events: Iterable[tuple[str, Term]]) -> tuple[Report, ...]:
    """What was logged as an error, with the node that did."""
    found = []
    for node, event in events:
        match event:
            case (Atom("report"), Atom("crash" | "terminated" | "supervisor" | "error" as kind), bytes(text)):
                found.append(Report(node, kind, text.decode(errors="replace").strip()))
    return tuple(found)


def ends(events: Iterable[Term]) -> tuple[Ended, ...]:
    """The processes that ended, each once."""
    found: dict[tuple[str, str], Ended] = {}
    for event in events:
        match event:
            case (Atom("down"), bytes(pid), Atom(module), bytes(reason)):
                found.setdefault((pid.decode(), module), Ended(pid.decode(), module, reason.decode(errors="replace")))
    return tuple(found.values())
