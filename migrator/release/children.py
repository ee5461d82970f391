"""Compares the child specs of one supervisor in two versions: which children come, go, and start anew."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from migrator.release.supervisors import Gap, Place, Steps, is_known, shown, without_lines
from migrator.terms import Atom, Improper, Map, term_text

if TYPE_CHECKING:
    from migrator.release.supervisors import Child, Supervisor
    from migrator.terms import Term

# What was found. Of a child: it starts anew (`restarted`); its spec is taken over as it runs; it cannot be told whether
# its start changed (`unclear`) or whether it is still there (`kept`); its siblings would be restarted with it by OTP.
# Of a supervisor: children that cannot be told (`gap`), or alike in both versions; no name, or perhaps it does not
# run (`unsure`): children change, and it cannot be called; it becomes
# simple_one_for_one or is it no more (`other_kind`); what it starts from now on starts otherwise (`later`).
Kind = Literal[
    "restarted",
    "taken_over",
    "unclear",
    "kept",
    "gap",
    "same_gap",
    "unnamed",
    "unsure",
    "other_kind",
    "later",
    "siblings",
]


@dataclass(frozen=True, slots=True)
class Finding:
    """Something to be said of a supervisor or of one of its children, as text; `gap` is what cannot be told."""

    kind: Kind
    child: str = ""
    was: str = ""
    becomes: str = ""
    gap: Gap | None = None


@dataclass(frozen=True, slots=True)
class Comparison:
    """What one direction needs, what is to be said of it, and which children end with it."""

    steps: Steps
    findings: tuple[Finding, ...]
    ended: tuple[Place, ...]


_NOTHING = Comparison(Steps(), (), ())
_SUPERVISOR = Atom("supervisor")


def compared(runs: Supervisor, comes: Supervisor) -> Comparison:
    """What must be done for the children of the supervisor that runs when the other version of it comes."""
    if runs.unread or comes.unread:
        return Comparison(Steps(), (Finding("gap", gap=Gap(0, runs.unread or comes.unread)),), ())
    if runs.flags and comes.flags and runs.simple != comes.simple:
        return _other_kind(runs, comes)
    gaps = _gaps(runs, comes)
    if runs.simple and comes.simple:
        return Comparison(Steps(), (*gaps, *_later(runs, comes)), ())
    return _children(runs, comes, gaps)


def _other_kind(runs: Supervisor, comes: Supervisor) -> Comparison:
    """A supervisor cannot become simple_one_for_one while it runs: it forgets its children."""
    strategies = (shown((runs.flags or ())[0]), shown((comes.flags or ())[0]))
    if runs.above is None:
        return Comparison(Steps(), (Finding("other_kind", "", *strategies),), ())
    place = runs.above
    steps = Steps(
        (_call("terminate_child", place.name, place.id),), None, (_call("restart_child", place.name, place.id),)
    )
    return Comparison(steps, (Finding("other_kind", shown(place.id), *strategies),), (place,))


def _gaps(runs: Supervisor, comes: Supervisor) -> tuple[Finding, ...]:
    """What cannot be told, once for each expression."""
    before, after = {each.text for each in runs.gaps}, {each.text for each in comes.gaps}
    found = [
        Finding("same_gap" if gap.text in before and gap.text in after else "gap", gap=gap)
        for gap in (*comes.gaps, *runs.gaps)
    ]
    for one, other in ((runs, comes), (comes, runs)):
        open_ = [each for each in one.children if not each.known]
        twins = {_bare(each) for each in other.children} if open_ else set[str]()
        found += [
            Finding("gap", shown(each.id), gap=Gap(0, shown(each.id))) for each in open_ if _bare(each) not in twins
        ]
    return tuple({(each.kind, each.gap.text if each.gap else ""): each for each in found}.values())


def _bare(child: Child) -> str:
    return repr(without_lines((child.id, child.start, child.modules)))


def _later(runs: Supervisor, comes: Supervisor) -> tuple[Finding, ...]:
    if not runs.children or not comes.children:
        return ()
    one, other = runs.children[0], comes.children[0]
    if without_lines(one.start) == without_lines(other.start):
        return ()
    return (Finding("later", shown(other.id), shown(one.start), shown(other.start)),)


def _children(runs: Supervisor, comes: Supervisor, gaps: tuple[Finding, ...]) -> Comparison:
    before = {term_text(each.id): each for each in runs.children if each.known}
    after = {term_text(each.id): each for each in comes.children if each.known}
    removed = [key for key in before if key not in after]
    findings = list(gaps)
    if comes.gaps and removed:
        # It may still be there, in the part that cannot be told.
        findings += [Finding("kept", key, gap=comes.gaps[0]) for key in removed]
        removed = []
    both = [(key, before[key], after[key]) for key in after if key in before]
    restarted = [key for key, one, other in both if differ(one.start, other.start)]
    waking = [key for key, one, other in both if one.hangs_on and _condition(one) != _condition(other)]
    started = [key for key in after if key not in before or key in restarted or key in waking]
    ending = [key for key in reversed(before) if key in removed or key in restarted]
    findings += [finding for key, one, other in both for finding in _of_child(key, one, other)]
    findings += _siblings(comes, [*before], restarted)
    specs = [(one, other) for key, one, other in both if key not in restarted]
    before_modules = tuple(name for one, other in specs for name in other.names if name not in one.names)
    behind_modules = tuple(name for one, other in specs for name in one.names if name not in other.names)
    if runs.name is None or runs.runs != "sure":
        if started or ending:
            what = ", ".join(dict.fromkeys((*ending, *started)))
            # What is said of children that begin anew does not hold then.
            findings = [each for each in findings if each.kind not in {"restarted", "siblings"}]
            findings.append(Finding("unnamed" if runs.name is None else "unsure", what))
        return Comparison(Steps(before=before_modules, behind=behind_modules), tuple(findings), ())
    name = runs.name
    first = [call for key in ending for call in _ended(name, before[key].id, _ENDINGS[key in removed])]
    last = [_call("restart_child", name, after[key].id) for key in started]
    ended = tuple(Place(name, before[key].id) for key in ending)
    return Comparison(Steps(tuple(first), None, tuple(last), before_modules, behind_modules), tuple(findings), ended)


def _condition(child: Child) -> str:
    return child.hangs_on.text if child.hangs_on else ""


def _of_child(key: str, one: Child, other: Child) -> list[Finding]:
    found = []
    if differ(one.start, other.start):
        found.append(Finding("restarted", key, shown(one.start), shown(other.start)))
    elif without_lines(one.start) != without_lines(other.start):
        found.append(Finding("unclear", key, shown(one.start), shown(other.start)))
    if other.hangs_on and not one.hangs_on:
        found.append(Finding("kept", key, gap=other.hangs_on))
    changed: list[tuple[str, Term, Term]] = [
        (name, getattr(one, name), getattr(other, name))
        for name in ("restart", "shutdown", "type", "modules", "significant")
        if without_lines(getattr(one, name)) != without_lines(getattr(other, name))
    ]
    if changed and not differ(one.start, other.start):
        was = ", ".join(f"{what} {shown(term)}" for what, term, _ in changed)
        becomes = ", ".join(f"{what} {shown(term)}" for what, _, term in changed)
        found.append(Finding("taken_over", key, was, becomes))
    return found


def _siblings(comes: Supervisor, order: list[str], restarted: list[str]) -> list[Finding]:
    """Those that OTP would restart with a child that ends by itself."""
    strategy = comes.flags[0] if comes.flags else None
    found = []
    for key in restarted:
        others = order if strategy == Atom("one_for_all") else order[order.index(key) + 1 :]
        left = [each for each in others if each not in restarted]
        if strategy in (Atom("one_for_all"), Atom("rest_for_one")) and left:
            found.append(Finding("siblings", key, shown(strategy), ", ".join(left)))
    return found


# What is called for a child that begins anew, and for one that goes for good.
_ENDINGS = {False: ("terminate_child",), True: ("terminate_child", "delete_child")}


def _ended(name: Term, identity: Term, calls: tuple[str, ...]) -> list[Term]:
    return [_call(each, name, identity) for each in calls]


def _call(function: str, name: Term, identity: Term) -> Term:
    return (Atom("apply"), (_SUPERVISOR, Atom(function), [name, identity]))


def differ(one: Term, other: Term) -> bool:
    """Whether two terms are known to be different, whatever their open parts come to."""
    if is_known(one) and is_known(other):
        return one != other
    match one, other:
        case (tuple(), tuple()) if not _open(one) and not _open(other):
            return len(one) != len(other) or any(differ(*pair) for pair in zip(one, other, strict=True))
        case (list(), list()):
            return len(one) != len(other) or any(differ(*pair) for pair in zip(one, other, strict=True))
        case (Improper(), _) | (_, Improper()) | (Map(), Map()):
            return False
    return not _open(one) and not _open(other) and type(one) is not type(other)


def _open(term: Term) -> bool:
    """Whether nothing is known of it, not even its form."""
    return isinstance(term, tuple) and bool(term) and isinstance(term[0], Atom) and term[0].name[:1] == "$"
