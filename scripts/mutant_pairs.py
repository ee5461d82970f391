"""Real modules whose state records changed between two trees of beams, for the mutants."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from real_pairs import ALLOW_ALL, changed_records

from migrator import pipeline
from migrator.outcomes import Job
from migrator.request import Choice
from tests.support.mutant_trials import Target

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from migrator.otp import Helper

# Larger beams take seconds to compile, each mutant anew.
LARGEST = 40_000


def pairs(helper: Helper, old: Path, new: Path, most: int) -> Iterator[Target]:
    """So many records that changed and whose migration nothing blocks, each once, spread over all."""
    cases, _ = changed_records(helper, old, new)
    # A record of a header changed in all modules that use it: one of them is enough.
    one_each = {case.record: case for case in cases if case.new.stat().st_size <= LARGEST}
    # Every n-th of all: the names of a library's modules lie side by side.
    ordered = sorted(one_each.values(), key=lambda case: case.module)
    step = max(1, len(ordered) // max(1, most + most // 2))
    found = 0
    for case in [*ordered[::step], *(each for number, each in enumerate(ordered) if number % step)]:
        if found == most:
            return
        (planned,) = pipeline.plan_jobs(
            helper, [Job((case.old,), case.new)], replace(ALLOW_ALL, choice=Choice(case.record))
        )
        if planned.plan is not None and planned.new is not None and planned.plan.verdict == "migrate":
            found += 1
            yield Target(f"{case.module} #{case.record}{{}}", planned.plan, planned.olds, planned.new)
