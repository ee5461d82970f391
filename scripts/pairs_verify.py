"""Tries with `verify` the migrations of records that changed between two trees of real beams."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from pairs_decisions import STATES

from migrator import pipeline
from migrator.outcomes import Job
from migrator.request import Choice
from migrator.ruleset import Rules
from migrator.verifying.verify import verify_planned

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from real_pairs import Case

    from migrator.otp import Helper
    from migrator.request import Request
    from migrator.verifying.findings import Trial, Verified

# So many modules, with their beams, are held in memory at once.
_BATCH = 100


def tried(
    helper: Helper, cases: Sequence[tuple[str, Path, Path]], request: Request, trial: Trial
) -> Iterator[Verified]:
    """What comes of each record, its old module and its new one, with what the request allows."""
    by_record: dict[str, list[Job]] = {}
    for record, old, new in cases:
        by_record.setdefault(record, []).append(Job((old,), new))
    for record, jobs in by_record.items():
        for start in range(0, len(jobs), _BATCH):
            batch = jobs[start : start + _BATCH]
            planned = pipeline.plan_jobs(helper, batch, replace(request, choice=Choice(record)))
            folders = tuple(dict.fromkeys(job.new.absolute().parent for job in batch))
            yield from verify_planned(helper, planned, trial, Rules(), folders)


def chosen(cases: Sequence[Case]) -> list[tuple[str, Path, Path]]:
    """Each record once, since those of a header change in all modules that use it; what is called as a state always."""
    once = {case.record: case for case in reversed(cases)}
    kept = {(case.module, case.record): case for case in cases if case.record in STATES or once[case.record] is case}
    return [(case.record, case.old, case.new) for case in kept.values()]


def counted(found: Iterator[Verified]) -> tuple[Counter[str], list[str]]:
    """Counts of what came of them, and a line for each thing that ends `verify` with 1."""
    counts: Counter[str] = Counter()
    lines: list[str] = []
    for each in found:
        plan = each.planned.plan
        counts["records"] += 1
        counts[each.result if plan is None or plan.verdict == "migrate" else plan.verdict] += 1
        counts["states"] += sum(one.outcome.counts.states for one in each.tried)
        counts["calls"] += sum(one.outcome.counts.calls for one in each.tried)
        said = [one for one in each.diagnostics if "M630" <= one.code < "M660"]
        counts.update({one.code for one in said})
        lines += [f"{one.code} {one.message}" for one in said if one.kind.exit]
    return counts, lines
