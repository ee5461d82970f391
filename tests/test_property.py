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
from migrator.terms import Atom
from tests.support.properties import subject_of
from tests.support.samples import compile_sample, expected_of, request_of, samples

if TYPE_CHECKING:
    from pathlib import Path

    from migrator.otp import Helper
    from tests.support.node import Node
    from tests.support.samples import Sample

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
    subject = subject_of(sample, expected, planned.plan)
    node.apply("live_property", "prepare", Atom(sample.module), injected.after, subject)
    numbers = TERMS // 2
    for start in range(0, numbers, CHUNK):
        end = min(start + CHUNK, numbers)
        assert (2 * (end - start), []) == node.apply("live_property", "run", subject, SEED, start, end)
