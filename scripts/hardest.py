"""Upgrades and downgrades ten real servers of two trees of beams, live.

    python scripts/hardest.py OLD_DIR NEW_DIR [--only MODULE]

The ten are those of `scripts/hardest/`: a decisions file each, as the module's author would write it. The old module's
process is started, upgraded with the new beam that `inject` makes, downgraded, and upgraded again; after each step each
field of its state is checked, and it answers a call. Exits with 1 when something was not as it should be.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from survey_table import Table

from migrator import library
from migrator.diagnostics import Diagnostic, Refused
from migrator.errors import HelperFault
from migrator.request import Choice, Request
from migrator.terms import Atom, Term
from tests.support.node import Node, start_node

if TYPE_CHECKING:
    from collections.abc import Iterable

    from migrator.otp import Helper
    from migrator.plan import Plan

DECISIONS = Path(__file__).parent / "hardest"
STEPS = ("up", "down", "up again")


@dataclass(frozen=True, slots=True)
class Case:
    """One module: its beams, and the decisions."""

    module: str
    old: Path
    new: Path
    rules: Path

    @property
    def record(self) -> str:
        """The record of the state: the first that the decisions name."""
        lines = self.rules.read_text(encoding="utf-8").splitlines()
        return next(line.removeprefix("record ").rstrip(".") for line in lines if line.startswith("record "))


def cases(old: Path, new: Path) -> list[Case]:
    """The modules with decisions that both trees have."""
    found = []
    for rules in sorted(DECISIONS.glob("*.migration")):
        olds, news = (sorted(tree.rglob(f"{rules.stem}.beam")) for tree in (old, new))
        if olds and news:
            found.append(Case(rules.stem, olds[0], news[0], rules))
    return found


def line(helper: Helper, node: Node, case: Case) -> tuple[object, ...]:
    """The case's line of the table: what is asked without its decisions, and what came of each step with them."""
    undecided = library.preview(helper, [case.old], case.new, Request(choice=_choice(case)))
    asked = _codes(each for planned in undecided for each in planned.diagnostics)
    try:
        injection = library.inject(helper, [case.old], case.new, Request(rules=case.rules))
    except Refused as refused:
        return (case.module, asked, str(refused), "", "")
    open_ = _codes(injection.diagnostics)
    plan, after = injection.planned[0].plan, injection.injected[0].after if injection.injected else None
    if open_ != "-" or plan is None or after is None:
        return (case.module, asked, f"stopped: {open_}", "", "")
    steps = _steps(node, case, plan, after)
    return (case.module, asked, *(steps.get(each, "not reached") for each in STEPS))


def _choice(case: Case) -> Choice:
    return Choice(case.record)


def _codes(diagnostics: Iterable[Diagnostic]) -> str:
    return ", ".join(sorted({each.code for each in diagnostics if each.kind.exit})) or "-"


def _steps(node: Node, case: Case, plan: Plan, after: bytes) -> dict[str, str]:
    (migration,) = plan.migrations
    names: Term = (
        Atom(migration.record or ""),
        [Atom(each) for each in migration.fields],
        [Atom(each.field) for each in migration.up],
        migration.vsn,
    )
    try:
        results = node.apply("hardest_node", "run", Atom(case.module), case.old.read_bytes(), after, names)
    except HelperFault as fault:
        return {STEPS[0]: fault.text[:300]}
    steps: dict[str, str] = {}
    for each in results if isinstance(results, list) else []:
        match each:
            case (Atom(step), Atom("ok")):
                steps[step] = "ok"
            case (Atom(step), bytes(why)):
                steps[step] = why.decode()
    return steps


def main() -> int:
    """Runs the whole; gives the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("old", type=Path)
    parser.add_argument("new", type=Path)
    parser.add_argument("--only", help="this module alone")
    arguments = parser.parse_args()
    found = [each for each in cases(arguments.old, arguments.new) if arguments.only in (None, each.module)]
    # What the modules call of other applications, and behind it what only the old version of their own has.
    libraries = sorted({str(beam.parent) for beam in arguments.new.rglob("p1_fsm.beam")})
    rows = []
    with tempfile.TemporaryDirectory() as folder, library.start() as helper:
        sources = sorted(Path(__file__).parent.glob("hardest_*.erl"))
        subprocess.run(["erlc", "-o", folder, *map(str, sources)], check=True)  # noqa: S607 - erlc as on the PATH
        for case in found:
            # A node for each: some of the ten are modules that a node itself runs on.
            node = start_node(Path(folder))
            paths: list[Term] = [list(each.encode()) for each in (*libraries, str(case.old.parent))]
            node.apply("code", "add_pathsz", paths)
            rows.append(line(helper, node, case))
            node.helper.close()
    print(Table("ten servers, live", (("module", "asked without decisions", *STEPS), *rows)).text())
    fine = sum(row[2:] == ("ok",) * len(STEPS) for row in rows)
    print(f"\n{fine} of {len(rows)} up, down and up again")
    return 0 if fine == len(rows) else 1


if __name__ == "__main__":
    sys.exit(main())
