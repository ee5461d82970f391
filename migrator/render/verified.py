"""What came of trying migrations on states, for a person and as JSON."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

from migrator.render.counting import counted, listed, remarks
from migrator.render.json import diagnostics_json
from migrator.render.report import plain
from migrator.terms import atom_text, term_text

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from migrator.diagnostics import Diagnostic
    from migrator.verifying.findings import Finding, Lost, Result, Tried, Verified

_RESULT = {"holds": "help", "broken": "error", "untried": "info"}
_RESULTS: tuple[tuple[Result, str, str], ...] = (
    ("holds", "holds", "hold"),
    ("broken", "does not hold", "do not hold"),
    ("untried", "was not tried", "were not tried"),
)
_SHORT = 60

STANDING = """\
Not shown by any trial: that a decision names the right field; what functions of decisions mean; what the processes' own
code does with the states, and when; and fields that no state here holds, since nothing says what may be in them.
"""


def render_verified(verified: Verified, paint: Callable[[str, str], str] = plain) -> str:
    """A paragraph for one module: what was tried, what holds, what is lost on the way back, what is not shown."""
    name = _name(verified)
    if not verified.tried:
        return f"{name}: {paint(_untried(verified), 'info')}\n"
    lines = []
    for each in verified.tried:
        verdict = _verdict(each, verified)
        counts = each.outcome.counts
        lines.append(
            f"{name}: {term_text(each.vsn)} <-> {term_text(_vsn(verified))}: {paint(verdict, _RESULT[each.result])}"
            f" ({counted(counts.states, 'state')}, {counted(counts.calls, 'call')}, up and down"
            f"{_given(each)}; {verified.seconds:.1f} s, seed {verified.seed})"
        )
        lines += [f"  {line}" for line in _under(each)]
    return "\n".join(lines) + "\n"


def render_standing(verified: Sequence[Verified]) -> str:
    """The sum, where it is not all in one line, and what no trial shows, once, where something was tried."""
    lines = sum(max(1, len(each.tried)) for each in verified)
    return (_sum(verified) if lines > 1 else "") + (f"\n{STANDING}" if any(each.tried for each in verified) else "")


def _sum(verified: Sequence[Verified]) -> str:
    results = [each.result for each in verified]
    told = [
        f"{number:,} {one if number == 1 else several}"
        for result, one, several in _RESULTS
        if (number := results.count(result))
    ]
    said = listed(remarks(each for one in verified for each in one.diagnostics))
    return f"{counted(len(verified), 'module')}: {listed(told)}{f'; {said}' if said else ''}\n"


def _name(verified: Verified) -> str:
    planned = verified.planned
    return planned.plan.module if planned.plan else planned.new.name if planned.new else planned.job.new.stem


def _vsn(verified: Verified) -> Any:  # noqa: ANN401 - a term
    plan = verified.planned.plan
    return "" if plan is None else plan.vsn


def _untried(verified: Verified) -> str:
    if verified.result == "broken":
        return "the trial was ended"
    match verified.planned.verdict:
        case "unchanged":
            return "its state is the same in all versions: nothing is generated, and nothing was tried"
        case "blocked":
            return "not tried: first it must be decided or mended what stands in the way"
    return "not tried"


def _verdict(tried: Tried, verified: Verified) -> str:
    """Whether it holds, and how much is said of it: all that is said of the module, where this way is the only one."""
    said = remarks(tried.said if len(verified.tried) > 1 else verified.diagnostics)
    match tried.result:
        case "broken":
            return listed(said)
        case "untried":
            return ", ".join(("no state was converted", *([listed(said)] if said else [])))
    return f"holds, with {listed(said)}" if said else "holds"


def _given(tried: Tried) -> str:
    counts = tried.outcome.counts
    given = counts.given_old + counts.given_new
    return f", {counted(given, 'given one')} among them" if given else ""


def _under(tried: Tried) -> list[str]:
    lines = []
    back = [each for each in tried.outcome.lost if each.direction == "down"]
    if tried.lossless and not back and tried.result == "holds":
        lines.append("comes back whole: a downgrade after the upgrade gives every field as it was")
    elif back:
        lines.append("lost when an upgrade is taken back:")
        lines += [f"  {_loss(each)}" for each in back]
    forth = [each for each in tried.outcome.lost if each.direction == "up"]
    if forth:
        lines.append("lost when a downgrade is followed by an upgrade:")
        lines += [f"  {_loss(each)}" for each in forth]
    lines += [f"not shown: {each}" for each in tried.unshown]
    return lines


def _loss(lost: Lost) -> str:
    return f"#{atom_text(lost.record)}.{atom_text(lost.field)}: {_cut(lost.value)} comes back as {_cut(lost.back)}"


def _cut(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= _SHORT else f"{flat[:_SHORT]}…"


def verified_json(verified: Verified) -> dict[str, Any]:
    """The object for one module. Every key is always there."""
    plan = verified.planned.plan
    return {
        "module": _name(verified),
        "record": (plan.main or plan.state.name) if plan else None,
        "verdict": verified.planned.verdict,
        "result": verified.result,
        "seed": verified.seed,
        "seconds": round(verified.seconds, 3),
        "from": [_tried_json(each) for each in verified.tried],
        "diagnostics": diagnostics_json(verified.diagnostics),
    }


def _tried_json(tried: Tried) -> dict[str, Any]:
    counts = tried.outcome.counts
    return {
        "vsn": term_text(tried.vsn),
        "state": tried.kept,
        "states": counts.states,
        "calls": counts.calls,
        "skipped": counts.skipped,
        "given": {"old": counts.given_old, "new": counts.given_new, "foreign": counts.given_foreign},
        "result": tried.result,
        "lossless": tried.lossless,
        "lost": [_lost_json(each) for each in tried.outcome.lost],
        "not_shown": list(tried.unshown),
        "findings": [_finding_json(each, said) for each, said in zip(tried.outcome.findings, tried.said, strict=False)],
    }


def _lost_json(lost: Lost) -> dict[str, Any]:
    return {
        "direction": lost.direction,
        "record": lost.record,
        "field": lost.field,
        "value": lost.value,
        "back": lost.back,
    }


def _finding_json(finding: Finding, said: Diagnostic) -> dict[str, Any]:
    return {
        "code": said.code,
        "severity": said.severity,
        "kind": finding.kind,
        "direction": finding.direction,
        "record": finding.record,
        "field": finding.field,
        "path": finding.path,
        "state": finding.text,
        "dump": base64.b64encode(finding.state).decode(),
        "expected": finding.expected,
        "got": finding.got,
    }
