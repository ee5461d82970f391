"""`verify` finds out migrations that are wrong on purpose: a few of each kind here, all of them by `make mutants`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from migrator import library
from migrator.synthesise import synthesise
from migrator.terms import Atom, text_of
from tests.support.mutant_trials import Score, Target, chosen, original, tried
from tests.support.mutant_verify import Verifier
from tests.support.mutation_operators import OPERATORS, mutants
from tests.support.properties import subject_of
from tests.support.samples import compile_sample, expected_of, request_of, samples

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from migrator.otp import Helper
    from migrator.terms import Term
    from tests.support.node import Node

SEED = 1
STATES = 400
# Between them they have all that is generated.
CHOSEN = (
    "converted_field",
    "deep_in_untyped_field",
    "moved_field",
    "nested_only",
    "own_downgrade_convert_first",
    "own_downgrade_first",
    "reordered",
    "rules_for_versions",
)


@pytest.fixture(scope="module")
def verifier() -> Iterator[Verifier]:
    """One node for all of them."""
    made = Verifier(SEED, STATES)
    yield made
    made.close()


@pytest.fixture
def target_of(helper: Helper, node: Node, tmp_path: Path) -> Callable[[str], tuple[Target, Term]]:
    """A sample by its name, and what tells terms on it apart."""

    def made(name: str) -> tuple[Target, Term]:
        (sample,) = (each for each in samples() if each.name == name)
        beams = compile_sample(node, sample, tmp_path / name)
        expected = expected_of(node, sample)
        olds = [beams[old] for old in sample.olds]
        (planned,) = library.preview(helper, olds, beams[sample.new], request_of(expected, sample))
        assert planned.plan is not None
        assert planned.new is not None
        return Target(name, planned.plan, planned.olds, planned.new), subject_of(sample, expected, planned.plan)

    return made


@pytest.mark.parametrize("name", CHOSEN)
def test_verify_finds_out_what_is_wrong(
    name: str,
    target_of: Callable[[str], tuple[Target, Term]],
    helper: Helper,
    node: Node,
    verifier: Verifier,
) -> None:
    """It finds no fault with the original, and with one mutant of each operator it does."""
    target, subject = target_of(name)
    module, whole = Atom(target.plan.module), original(helper, target)
    assert verifier.fault_of_original(target, whole) == ""
    node.apply("live_property", "as", Atom("live_original"), module, whole, subject)

    def apart(beam: bytes) -> str:
        node.apply("live_property", "as", Atom("live_mutant"), module, beam, subject)
        names = (Atom("live_original"), Atom("live_mutant"))
        return text_of(node.apply("live_property", "apart", subject, *names, SEED, 0, 1000)) or ""

    score = Score()
    for trial in tried(helper, target, chosen(target, 1, SEED), lambda beam: verifier.found_out(target, beam), apart):
        score.add(trial)
    survived = [f"{each.mutant.where}: {each.how}" for each in score.survivors if each.fate == "survived"]
    assert survived == []
    assert score.killed > 10


def test_every_operator_makes_mutants(target_of: Callable[[str], tuple[Target, Term]]) -> None:
    """None of them is left without a place where its mistake can be made."""
    plans = [target_of(name)[0].plan for name in (*CHOSEN, "containers")]
    made = {each.operator for plan in plans for each in mutants(plan, synthesise(plan))}
    assert made == set(OPERATORS)
