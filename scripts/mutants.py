"""Measures `verify` by wrong migrations: how many of those made on purpose it finds out.

    python scripts/mutants.py [--pairs OLD_DIR NEW_DIR] [--most N] [--states N] [--seed N] [--only NAME]

Mutates the migrations of all samples, and with `--pairs` those of records that changed between two trees of real
beams. Each mutant that compiles to other code than the original is tried by `verify`; what it lets pass is looked at
with states of every shape, versions and Extras, and with random terms. Ends with a table, and with the survivors.
Exits with 1 when fewer than 95 of 100 were found out of those that something tells from the original.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from mutant_pairs import pairs

from migrator import library
from migrator.terms import Atom, text_of
from tests.support.mutant_trials import Score, Target, chosen, original, tried
from tests.support.mutant_verify import Verifier
from tests.support.node import start_node
from tests.support.properties import subject_of, subject_of_plan
from tests.support.samples import compile_sample, expected_of, request_of, samples

if TYPE_CHECKING:
    from collections.abc import Iterator

    from migrator.otp import Helper
    from migrator.terms import Term
    from tests.support.mutant_trials import Fate, Trial
    from tests.support.node import Node

GOAL = 0.95
# Random terms that must not tell a mutant from the original before it counts as the same.
TERMS = 2_000


def of_samples(helper: Helper, node: Node, folder: Path) -> Iterator[tuple[Target, Term]]:
    """Every sample."""
    for sample in samples():
        beams = compile_sample(node, sample, folder / sample.name)
        expected = expected_of(node, sample)
        olds = [beams[old] for old in sample.olds]
        (planned,) = library.preview(helper, olds, beams[sample.new], request_of(expected, sample))
        if planned.plan is not None and planned.new is not None:
            target = Target(sample.name, planned.plan, planned.olds, planned.new)
            yield target, subject_of(sample, expected, planned.plan)


def _targets(
    helper: Helper, node: Node, folder: Path, arguments: argparse.Namespace
) -> Iterator[tuple[Target, Term, int]]:
    """All that is asked for, and how many mutants of an operator each gets: real modules take longer to compile."""
    if not arguments.no_samples:
        yield from ((target, subject, arguments.most) for target, subject in of_samples(helper, node, folder))
    if arguments.pairs:
        old, new = arguments.pairs
        for target in pairs(helper, old, new, arguments.modules):
            yield target, subject_of_plan(target.plan), max(1, arguments.most // 2)


def measured(  # noqa: PLR0913 - what a run is made of
    helper: Helper, node: Node, verifier: Verifier, target: Target, subject: Term, *, most: int, score: Score
) -> None:
    """Tries the mutants of one target."""
    begun = time.monotonic()
    module = Atom(target.plan.module)
    whole = original(helper, target)
    if wrong := verifier.fault_of_original(target, whole):
        score.wronged.append(f"{target.name}: {wrong}")
        return
    node.apply("live_property", "as", Atom("live_original"), module, whole, subject)

    def apart(beam: bytes) -> str:
        node.apply("live_property", "as", Atom("live_mutant"), module, beam, subject)
        names = (Atom("live_original"), Atom("live_mutant"))
        return text_of(node.apply("live_property", "apart", subject, *names, verifier.seed, 0, TERMS)) or ""

    made = chosen(target, most, verifier.seed)
    for trial in tried(helper, target, made, lambda beam: verifier.found_out(target, beam), apart):
        score.add(trial)
        if trial.fate == "survived":
            sys.stderr.write(f"survived: {_said(trial)}\n")
    sys.stderr.write(f"{target.name}: {len(made)} in {time.monotonic() - begun:.1f} s\n")


def _said(trial: Trial) -> str:
    return f"{trial.target}, {trial.mutant.operator}: {trial.mutant.where}: {trial.how[:400]}"


def table(score: Score) -> str:
    """Operators by fates, as Markdown."""
    fates: tuple[Fate, ...] = ("killed", "same code", "no difference", "survived")
    lines = [f"| operator | made | {' | '.join(fates)} |", "| --- | ---: | ---: | ---: | ---: | ---: |"]
    rows = {name: [counts[fate] for fate in fates] for name, counts in score.by_operator.items()}
    rows["all"] = [sum(column) for column in zip(*rows.values(), strict=True)]
    lines += [f"| {name} | {sum(row)} | {' | '.join(map(str, row))} |" for name, row in rows.items()]
    return "\n".join(lines)


def told(score: Score) -> bool:
    """Prints what came of it; whether that is good enough."""
    print(table(score))
    for trial in score.survivors:
        if trial.fate == "survived":
            print(f"survived: {_said(trial)}")
    for line in score.wronged:
        print(f"the original is found fault with: {line}")
    share = score.killed / max(1, score.killed + score.survived)
    print(f"{score.killed} of {score.killed + score.survived} found out: {100 * share:.1f} %")
    return share >= GOAL and not score.wronged


def main() -> int:
    """Runs the whole; gives the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pairs", nargs=2, type=Path, metavar=("OLD_DIR", "NEW_DIR"), help="two trees of real beams")
    parser.add_argument("--modules", type=int, default=50, help="so many modules of those [default: 50]")
    parser.add_argument("--most", type=int, default=8, help="so many mutants of an operator and a module [default: 8]")
    parser.add_argument("--states", type=int, default=1000, help="so many states for each mutant [default: 1000]")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", action="append", default=[], help="this sample or module alone; several times")
    parser.add_argument("--no-samples", action="store_true", help="the pairs alone")
    arguments = parser.parse_args()
    score = Score()
    verifier = Verifier(arguments.seed, arguments.states)
    with tempfile.TemporaryDirectory() as text, library.start() as helper:
        folder = Path(text)
        node = start_node(folder)
        try:
            for target, subject, most in _targets(helper, node, folder, arguments):
                if not arguments.only or target.name in arguments.only:
                    measured(helper, node, verifier, target, subject, most=most, score=score)
        except KeyboardInterrupt:
            print("stopped; so far:")
        finally:
            verifier.close()
            node.helper.close()
    return 0 if told(score) else 1


if __name__ == "__main__":
    sys.exit(main())
