"""Plans every change of a file of state-record changes, and shows what the migrator makes of them.

    python scripts/survey.py DATA [--human FILE] [--limit N] [--only PROJECT] [--no-run] [--json FILE]

From each row two modules are made and planned in one run; what a person is asked is decided as the data says, the rest
is compiled and run up and down. Ends with tables; exits with 1 where a value is wrong in silence or a run failed.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import survey_table
from survey_build import Workshop
from survey_data import load
from survey_decide import decisions
from survey_found import Found
from survey_judge import asked, warned
from survey_run import run

from migrator import library

if TYPE_CHECKING:
    from survey_data import Row

    from migrator.otp import Helper
    from migrator.outcomes import Planned

# How often what was decided is planned again: a rename can show a type that changed, and so on.
ROUNDS = 5


def planned_rows(helper: Helper, shop: Workshop, rows: list[Row]) -> dict[str, Found]:
    """Plans the rows, and again with the decisions that they need."""
    with shop.folders("first") as (old, new):
        made = shop.make(rows, {}, (old, new))
        first = _preview(helper, old, new) if any(each.failed is None for each in made.values()) else {}
    final: dict[str, Planned] = dict(first)
    decided: dict[str, tuple[str, ...]] = dict.fromkeys(first, ())
    ever = {name: _told(planned) for name, planned in first.items()}
    for round_ in range(ROUNDS):
        more = {row.name: decisions(row, final[row.name], decided[row.name]) for row in rows if row.name in final}
        again = [row for row in rows if row.name in final and more[row.name] != decided[row.name]]
        if not again:
            break
        decided.update(more)
        with shop.folders(f"round_{round_}") as (old, new):
            shop.make(again, decided, (old, new))
            final.update(_preview(helper, old, new))
        for row in again:
            ever[row.name] |= _told(final[row.name])
    return {
        row.name: Found(
            row,
            made[row.name],
            first.get(row.name),
            final.get(row.name),
            decided.get(row.name, ()),
            ever.get(row.name, frozenset()),
        )
        for row in rows
    }


def _told(planned: Planned) -> frozenset[str]:
    return warned(planned) | {each.field for each in asked(planned) if each.field}


def _preview(helper: Helper, old: Path, new: Path) -> dict[str, Planned]:
    return {each.job.new.stem: each for each in library.preview(helper, [old], new)}


def main() -> int:
    """Runs the whole; gives the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path, help="lines of JSON, plain or compressed by xz")
    parser.add_argument("--human", type=Path, help="migrations written by hand, to compare with ours")
    parser.add_argument("--limit", type=int, help="so many rows, spread over the file")
    parser.add_argument("--only", help="the rows of this project")
    parser.add_argument("--no-run", action="store_true", help="plan only")
    parser.add_argument("--json", type=Path, help="what is shown, and a line for each row, as JSON")
    arguments = parser.parse_args()
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as folder, library.start() as helper, Workshop(Path(folder)) as shop:
        found = planned_rows(helper, shop, load(arguments.data, arguments.only, arguments.limit))
        ready = [each for each in found.values() if each.final is not None and not asked(each.final)]
        outcomes = {}
        if not arguments.no_run:
            outcomes = run(helper, shop, [each.row for each in ready], {each.row.name: each.decided for each in ready})
    tables = survey_table.tables(list(found.values()), outcomes)
    for table in tables:
        print(table.text())
    print(f"{time.monotonic() - started:.0f} s")
    if arguments.json:
        rows = [survey_table.row_json(each, outcomes) for each in found.values()]
        told = {"tables": {each.title: each.rows for each in tables}, "rows": rows}
        arguments.json.write_text(json.dumps(told, indent=1), encoding="utf-8")
    return survey_table.verdict(list(found.values()), outcomes)


if __name__ == "__main__":
    sys.exit(main())
