"""Tries the migrations of a file of state-record changes with `verify`, and shows what it finds fault with.

    python scripts/survey_verify.py DATA [--limit N] [--only PROJECT] [--states N] [--seed N] [--json FILE]

The modules and the decisions are those of `survey.py`, with functions that give values of the fields' types; each
migration that can be decided by machine is tried on generated states, up and down. Ends with a table; exits with 1
where something is found wrong that no function of the survey's own is at fault for.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from survey import planned_rows
from survey_build import Workshop
from survey_data import load
from survey_judge import asked
from survey_table import Table
from survey_typed import typed

from migrator import library
from migrator.terms import Atom
from migrator.verifying.findings import Trial

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from survey_data import Row
    from survey_found import Found

    from migrator.diagnostics import Diagnostic
    from migrator.otp import Helper
    from migrator.terms import Term
    from migrator.verifying.findings import Verified

# So many rows are worked on at once.
_BATCH = 200
# Code of the projects that defaults and init call, which the data do not have; found again where its stubs call more.
_MISSING = re.compile(r"undefined function ('[^']*'|\w+):('[^']*'|\w+)/(\d+)")
_ROUNDS = 3

HOLDS, UNCHANGED, OPEN = "holds", "unchanged: nothing to try", "still to decide: not tried"
BY_HAND = "a function of the survey's for the whole state takes one state alone"
BY_STUB = "a function of the survey's, or a stub, gives what the type does not admit"
WRONG = "found fault with"


@dataclass(slots=True)
class Told:
    """What is to be shown at the end."""

    results: Counter[str] = field(default_factory=Counter)
    codes: Counter[str] = field(default_factory=Counter)
    states: int = 0
    calls: int = 0
    wrong: list[tuple[object, ...]] = field(default_factory=list)
    rows: list[dict[str, object]] = field(default_factory=list)


def verified_rows(
    helper: Helper, shop: Workshop, found: Sequence[Found], trial: Trial
) -> Iterator[tuple[Found, Verified]]:
    """What `verify` finds of each row, those again that lacked code of their project's with stubs of it."""
    left = {each.row.name: each for each in found}
    missing: list[Term] = []
    for last in range(_ROUNDS):
        with shop.folders(f"verify_{last}") as (old, new):
            decided = {name: typed(each) for name, each in left.items()}
            shop.make([each.row for each in left.values()], decided, (old, new))
            shop.call("survey_modules", "stubs", missing, str(new).encode())
            tried = library.verify(helper, [old], new, None, trial)
        lacking = {}
        for one in tried:
            name = one.planned.job.new.stem
            more = [each for said in one.diagnostics for each in _MISSING.findall(said.message)]
            if not more or last == _ROUNDS - 1:
                yield left[name], one
                continue
            lacking[name] = left[name]
            missing += [(Atom(m.strip("'")), Atom(f.strip("'")), int(a)) for m, f, a in more]
        left = lacking
        if not left:
            return


def add(told: Told, found: Found, one: Verified) -> None:
    """Counts a row, and keeps what is to be shown of it."""
    said = [each for each in one.diagnostics if "M630" <= each.code < "M660"]
    result = _result(found, one, [each for each in said if each.kind.exit])
    told.results[result] += 1
    told.codes.update({each.code for each in said})
    told.states += sum(each.outcome.counts.states for each in one.tried)
    told.calls += sum(each.outcome.counts.calls for each in one.tried)
    if result == WRONG:
        told.wrong.append((found.row.called, found.row.name, "; ".join(f"{each.code} {each.message}" for each in said)))
    told.rows.append(
        {
            "row": found.row.called,
            "name": found.row.name,
            "result": result,
            "decisions": found.decided,
            "said": [(each.code, each.message, *each.help[:1]) for each in said],
        }
    )


def _result(found: Found, one: Verified, said: Sequence[Diagnostic]) -> str:
    plan = one.planned.plan
    if plan is None or plan.verdict == "blocked":
        return OPEN
    if plan.verdict == "unchanged":
        return UNCHANGED
    if one.result == "holds":
        return HOLDS
    if found.row.other_kind:
        return BY_HAND
    return BY_STUB if said and all("survey_" in each.message for each in said) else WRONG


def main() -> int:
    """Runs the whole; gives the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path, help="lines of JSON, plain or compressed by xz")
    parser.add_argument("--limit", type=int, help="so many rows, spread over the file")
    parser.add_argument("--only", help="the rows of this project")
    parser.add_argument("--states", type=int, default=200, help="so many states of each version [default: 200]")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", type=Path, help="what came of each row, as JSON")
    arguments = parser.parse_args()
    started = time.monotonic()
    trial = Trial(states=arguments.states, seed=arguments.seed)
    told = Told()
    rows: list[Row] = load(arguments.data, arguments.only, arguments.limit)
    with tempfile.TemporaryDirectory() as folder, library.start() as helper, Workshop(Path(folder)) as shop:
        for start in range(0, len(rows), _BATCH):
            found = planned_rows(helper, shop, rows[start : start + _BATCH]).values()
            ready = [each for each in found if each.final is not None and not asked(each.final)]
            told.results[OPEN] += len(found) - len(ready)
            for each, one in verified_rows(helper, shop, ready, trial):
                add(told, each, one)
            if arguments.json:
                arguments.json.write_text(json.dumps(told.rows, indent=1), encoding="utf-8")
            sys.stderr.write(f"{start + len(found)}/{len(rows)} {time.monotonic() - started:.0f} s\n")
    print(Table("verify", (("", "changes"), *told.results.most_common())).text())
    print(Table("what is said", (("", "changes"), *sorted(told.codes.items()))).text())
    if told.wrong:
        print(Table("found fault with", (("change", "row", "what"), *told.wrong)).text())
    print(f"\n{told.states:,} states, {told.calls:,} calls, {time.monotonic() - started:.0f} s")
    return 1 if told.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
