"""What a person would be asked about the changed records of two trees: the table of `real_pairs.py --decisions`."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from survey_table import Table

from migrator import pipeline
from migrator.diagnostics import CATALOGUE
from migrator.outcomes import Job
from migrator.request import Choice, Request

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from migrator.otp import Helper
    from migrator.outcomes import Planned

# What most modules call the record of their state.
STATES = frozenset({"state", "st", "data", "s"})
# So many modules, with their beams, are held in memory at once.
_BATCH = 200


def decisions(helper: Helper, cases: Iterable[tuple[str, Path, Path]]) -> Table:
    """Plans each record alone, with nothing allowed; counts all records, and those that keep a behaviour's state."""
    by_record: dict[str, list[Job]] = {}
    for record, old, new in cases:
        by_record.setdefault(record, []).append(Job((old,), new))
    everything: Counter[str] = Counter()
    states: Counter[str] = Counter()
    for record, jobs in by_record.items():
        request = Request(choice=Choice(record))
        for start in range(0, len(jobs), _BATCH):
            for planned in pipeline.plan_jobs(helper, jobs[start : start + _BATCH], request):
                told = _told(planned)
                everything.update(told)
                if record in STATES and planned.new is not None and planned.new.behaviours:
                    states.update(told)
    return _table(everything, states)


def _told(planned: Planned) -> Sequence[str]:
    """What is counted for one record: how it ends, then each kind of decision, and each kind of warning."""
    codes = sorted({each.code for each in planned.diagnostics if each.severity in ("decision", "warning")})
    errors = [each.code for each in planned.diagnostics if each.severity == "error"]
    if planned.plan is None or errors:
        return ["records", f"cannot be planned: {', '.join(sorted(set(errors)))}"]
    ends = {"unchanged": "nothing to do", "migrate": "no decision needed", "blocked": "a decision needed"}
    number = sum(each.severity == "decision" for each in planned.diagnostics)
    many = "" if number == 0 else "one" if number == 1 else "two to five" if number <= 5 else "more than five"  # noqa: PLR2004 - a hand
    return ["records", ends[planned.plan.verdict], *codes, *([f"{many} to decide"] if many else [])]


def _table(everything: Counter[str], states: Counter[str]) -> Table:
    def named(word: str) -> str:
        return f"{word}: {CATALOGUE[word].title}" if word in CATALOGUE else word

    rows = [(named(word), number, states[word]) for word, number in everything.most_common()]
    return Table("what is asked", (("", "all records", "state records"), *rows))
