"""Migrates every record that changed between two trees of real beams, and runs each migration up and down.

    python scripts/real_pairs.py OLD_DIR NEW_DIR [--most N] [--only MODULE] [--decisions | --verify N]

For each record that both versions of a module have and that changed, `preview` and `inject` work on it as
`--record R --allow drop --allow retype --allow default` would; the new beam is loaded in a throw-away node, and its
conversion function is called with a tuple of the old shape, and with the result again on the way down. Ends with the
counts; exits with 1 when one of them failed. With `--decisions` it allows nothing and runs nothing: it counts what a
person would be asked. With `--verify N` the migrator's own `verify` tries each record, once, on so many states.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import pairs_verify
from pairs_decisions import decisions

from migrator import library, pipeline
from migrator.errors import EnvironmentFault, HelperFault, ProtocolError
from migrator.modules import Module
from migrator.naming import own_name
from migrator.outcomes import Injected, Job, Planned
from migrator.plan import Plan, identity
from migrator.read import Wanted, read
from migrator.recordplan import source_field
from migrator.request import Choice, Request
from migrator.terms import Atom, Term, term_text
from migrator.verifying.findings import Trial
from tests.support.node import Node, start_node

if TYPE_CHECKING:
    from collections.abc import Iterator

    from migrator.otp import Helper

ALLOW_ALL = Request(allow=frozenset({"drop", "retype", "default"}), prefer="generated")

FINE = ("converted", "unchanged")
DIED = "the node died"


@dataclass(frozen=True)
class Case:
    """One changed record of one module."""

    module: str
    record: str
    old: Path
    new: Path


def common(old: Path, new: Path) -> Iterator[tuple[str, Path, Path]]:
    """The modules that both trees have, by name; where a tree has several, the first by path."""
    before = {path.stem: path for path in sorted(old.rglob("*.beam"), reverse=True)}
    after = {path.stem: path for path in sorted(new.rglob("*.beam"), reverse=True)}
    for name in sorted(before.keys() & after.keys()):
        yield name, before[name], after[name]


def changed_records(helper: Helper, old: Path, new: Path) -> tuple[list[Case], Counter[str]]:
    """A case for each changed record, and counts of what was looked at."""
    modules = list(common(old, new))
    counts = Counter(common=len(modules))
    olds = read(helper, [Wanted(path, code="records") for _, path, _ in modules])
    news = read(helper, [Wanted(path, code="records") for _, _, path in modules])
    cases = []
    for (name, one, other), before, after in zip(modules, olds, news, strict=True):
        if not isinstance(before, Module) or not isinstance(after, Module):
            counts["unreadable"] += 1
            continue
        old_index = {shape.name: shape for shape in before.record_index}
        differing = [
            shape.name
            for shape in after.record_index
            if shape.name in old_index and old_index[shape.name].digest != shape.digest
        ]
        counts["changed modules"] += bool(differing)
        cases += [Case(name, record, one, other) for record in differing]
    return cases, counts


class Nodes:
    """Throw-away nodes, one at a time."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.node = start_node(folder)

    def renew(self) -> Node:
        """Another node in the place of one whose own modules were replaced."""
        self.close()
        self.node = start_node(self.folder)
        return self.node

    def close(self) -> None:
        """Ends the node."""
        self.node.helper.close()


def failures(helper: Helper, nodes: Nodes, cases: list[Case], counts: Counter[str]) -> Iterator[str]:
    """Migrates the cases and gives a line for each that failed."""
    by_record: dict[str, list[Case]] = {}
    for case in cases:
        by_record.setdefault(case.record, []).append(case)
    done = 0
    for record, group in by_record.items():
        jobs = [Job((case.old,), case.new) for case in group]
        planned = pipeline.plan_jobs(helper, jobs, replace(ALLOW_ALL, choice=Choice(record)))
        injected = pipeline.inject_planned(helper, planned)
        for case, plan, made in zip(group, planned, injected, strict=True):
            # A beam of the system's own, loaded and called with made-up terms, can spoil its node for those behind it.
            outcome = judged(nodes.node, plan, made)
            if not outcome.startswith(FINE):
                outcome = judged(nodes.renew(), plan, made)
            if outcome.startswith(DIED):
                nodes.renew()
            counts[outcome.split(":")[0]] += 1
            if not outcome.startswith(FINE):
                yield f"{case.module} #{record}{{}}: {outcome}"
        done += len(group)
        if sys.stderr.isatty():
            sys.stderr.write(f"\r{done}/{len(cases)} ")


def judged(node: Node, planned: Planned, made: Injected) -> str:
    """As `judge`, also when the node does not survive it."""
    try:
        return judge(node, planned, made)
    except (EnvironmentFault, ProtocolError) as fault:
        return f"{DIED}: {str(fault)[-200:]}"


def judge(node: Node, planned: Planned, made: Injected) -> str:
    """What came of one case, its first words a class for counting."""
    plan = planned.plan
    stopped = [each for each in (*planned.diagnostics, *made.diagnostics) if each.kind.exit]
    if stopped or plan is None:
        return f"refused {stopped[0].code}: {stopped[0].message}" if stopped else "no plan"
    if plan.verdict == "unchanged":
        return "unchanged shape"
    if made.after is None:
        return "not injected"
    return convert(node, plan, made.after)


def convert(node: Node, plan: Plan, beam: bytes) -> str:
    """Runs the conversion up and down on a state whose every field is another term."""
    (migration,) = plan.migrations
    old: tuple[Term, ...] = (Atom(migration.record or ""), *((Atom("old"), Atom(field)) for field in migration.fields))
    vsn = migration.vsn
    up, seen = called(node, plan, beam, vsn, old)
    if isinstance(up, str):
        return up
    wrong = [
        each.field
        for number, each in enumerate(plan.migrations[0].up, start=1)
        if (name := source_field(each.source)) is not None and up[number] != (Atom("old"), Atom(name))
    ]
    if wrong or plan.shape is None or (len(up), up[0]) != (plan.shape.size, Atom(plan.shape.tag)):
        return f"wrong up: {wrong} {term_text(up)[:200]}"
    down, _ = called(node, plan, beam, (Atom("down"), vsn), up)
    if isinstance(down, str):
        return f"converted up; down {down}" if down.startswith("by its own") else f"down {down}"
    lost = {each.field for each in migration.dropped}
    wrong = [
        field
        for field, before, after in zip(migration.fields, old[1:], down[1:], strict=True)
        if field not in lost and before != after
    ]
    if wrong or down[0] != old[0]:
        return f"wrong down: {wrong}"
    if identity(plan, migration):
        return "unchanged shape"
    return f"converted{' before its own function' if seen else ''}"


def called(node: Node, plan: Plan, beam: bytes, vsn: Term, state: Term) -> tuple[tuple[Term, ...] | str, str]:
    """The converted state: what reached the module's own function, or what was answered."""
    callback = plan.callback
    arguments: list[Term] = [Atom("x")] * callback.arity
    arguments[callback.vsn - 1], arguments[callback.state - 1], arguments[callback.extra - 1] = vsn, state, []
    reply = node.apply(
        "real_pairs_node",
        "convert",
        Atom(plan.module),
        beam,
        Atom(callback.function.name),
        Atom(own_name(plan)),
        arguments,
    )
    outcome, seen = reply if isinstance(reply, tuple) else (reply, Atom("none"))
    down_own_first = plan.own is not None and plan.mode == "own_first" and isinstance(vsn, tuple)
    if isinstance(seen, list) and not down_own_first:
        reached = seen[callback.state - 1]
        return (reached if isinstance(reached, tuple) else "wrong: no tuple reached the own function"), "seen"
    match outcome:
        case (Atom("returned"), (Atom("ok"), *_, tuple(converted))):
            return converted, ""
        case (Atom("raised"), why) if down_own_first:
            # It runs first, on made-up terms: that it does not take them is no matter of ours.
            return f"by its own function, which raised: {term_text(why)[:200]}", ""
    return f"failed: {term_text(outcome)[:300]}", ""


def verified(helper: Helper, cases: list[Case], trial: Trial) -> int:
    """Shows what `verify` finds of each record; gives the exit code."""
    counts, lines = pairs_verify.counted(pairs_verify.tried(helper, pairs_verify.chosen(cases), ALLOW_ALL, trial))
    print("\n".join([*lines, *(f"{number:9,} {what}" for what, number in counts.items())]))
    return 1 if lines else 0


def main() -> int:
    """Runs the whole; gives the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("old", type=Path)
    parser.add_argument("new", type=Path)
    parser.add_argument("--most", type=int, default=10**9, help="stop after so many records")
    parser.add_argument("--only", help="this module alone")
    parser.add_argument("--decisions", action="store_true", help="count what is asked when nothing is allowed")
    parser.add_argument("--verify", type=int, metavar="N", help="try each record with `verify`, on N states, by seed 1")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, library.start() as helper:
        here = Path(__file__).parent / "real_pairs_node.erl"
        subprocess.run(["erlc", "-o", folder, str(here)], check=True)  # noqa: S607 - erlc as on the PATH
        nodes = Nodes(Path(folder))
        cases, counts = changed_records(helper, arguments.old, arguments.new)
        chosen = [case for case in cases if arguments.only in (None, case.module)][: arguments.most]
        counts["changed records"] = len(chosen)
        if arguments.decisions:
            nodes.close()
            print(decisions(helper, [(case.record, case.old, case.new) for case in chosen]).text())
            return 0
        if arguments.verify:
            nodes.close()
            return verified(helper, chosen, Trial(arguments.verify, seed=1))
        failed = 0
        try:
            for line in failures(helper, nodes, chosen, counts):
                failed += 1
                print(line)
        except (HelperFault, EnvironmentFault) as fault:
            print(f"stopped: {fault}")
            failed += 1
        finally:
            nodes.close()
    for what, number in counts.items():
        print(f"{number:6} {what}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
