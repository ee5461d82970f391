"""The converter of every sample under any terms: states old, new and of other versions, foreign terms, wrapped ones.

What must come out is told by `live_models`, written by hand from the samples' sources, and by sections 3 to 5 of the
contract. `make property` tries 100,000 terms on each sample; MIGRATOR_PROPERTY_TERMS is their number, and
MIGRATOR_PROPERTY_SEED another beginning.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from migrator import library
from migrator.naming import own_name
from migrator.terms import Atom, Map
from tests.support.samples import compile_sample, expected_of, request_of, samples

if TYPE_CHECKING:
    from pathlib import Path

    from migrator.otp import Helper
    from migrator.plan import Plan
    from migrator.terms import Term
    from tests.support.node import Node
    from tests.support.samples import Expected, Sample

TERMS = int(os.environ.get("MIGRATOR_PROPERTY_TERMS", "2000"))
SEED = int(os.environ.get("MIGRATOR_PROPERTY_SEED", "1"))
CHUNK = 5_000


@pytest.mark.parametrize("sample", samples(), ids=lambda sample: sample.name)
def test_any_term_comes_out_as_the_contract_says(sample: Sample, helper: Helper, node: Node, tmp_path: Path) -> None:
    """No wrong result, no exception of ours, and what is converted twice is what is converted once."""
    beams = compile_sample(node, sample, tmp_path)
    expected = expected_of(node, sample)
    made = library.inject(helper, [beams[old] for old in sample.olds], beams[sample.new], request_of(expected, sample))
    (planned,), (injected,) = made.planned, made.injected
    assert planned.plan is not None
    assert injected.after is not None
    subject = _subject(sample, expected, planned.plan)
    node.apply("live_property", "prepare", Atom(sample.module), injected.after, subject)
    numbers = TERMS // 2
    for start in range(0, numbers, CHUNK):
        end = min(start + CHUNK, numbers)
        assert (2 * (end - start), []) == node.apply("live_property", "run", subject, SEED, start, end)


def _subject(sample: Sample, expected: Expected, plan: Plan) -> Term:
    """What the Erlang side must know: how the function is called, the versions, and the states that are shown."""
    callback = plan.callback
    others = {position for position, _ in callback.others}
    olds: list[Term] = [each.before for each in expected.up] + [each.after for each in expected.down]
    news: list[Term] = [each.after for each in expected.up] + [each.before for each in expected.down]
    versions = [(each.version, each.before) for each in expected.up] + [
        (each.version, each.after) for each in expected.down
    ]
    shown: list[tuple[str, Term]] = [*versions, *(("new", state) for state in news)]
    parts: list[Term] = list(olds) + list(news)
    for state in [*olds, *news]:
        parts += [field for field in state if field != []] if isinstance(state, tuple) else []
    vsns: list[Term] = [(Atom(version), one.vsn) for version, one in zip(sample.olds, plan.migrations, strict=True)]
    shapes: list[Term] = []
    for version, state in shown:
        records = [each for each in _tuples(state) if isinstance(each[0], Atom)]
        shapes += [(Atom(version), (each[0], len(each))) for each in records]
    named: list[Term] = [*([2] if 2 in others and len(callback.reply) > 1 else []), callback.state]
    pairs: dict[str, Term] = {
        "sample": Atom(sample.name),
        "module": Atom(sample.module),
        "function": Atom(callback.function.name),
        "arity": callback.arity,
        "state": callback.state,
        "vsn": callback.vsn,
        "extra": callback.extra,
        "own": Atom("none") if plan.own is None else (Atom(own_name(plan)), callback.arity),
        "named": named,
        "vsns": vsns,
        "new_vsn": plan.vsn,
        "olds": olds,
        "news": news,
        "parts": parts,
        "shapes": shapes,
    }
    return Map(tuple((Atom(key), value) for key, value in pairs.items()))


def _tuples(state: Term) -> list[tuple[Term, ...]]:
    """The tuple that a state is; of a wrapped one or of a map those that it holds."""
    if isinstance(state, tuple):
        return (
            [state, *(each for each in state if isinstance(each, tuple) and each)]
            if not isinstance(state[0], Atom)
            else [state]
        )
    if isinstance(state, Map):
        return [each for _, each in state.pairs if isinstance(each, tuple) and each]
    return []
