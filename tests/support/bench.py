"""The fixtures of the tests of the contract: a pytest plugin that they name."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.beams import compile_text
from tests.support.cases import BENCH, Bench

if TYPE_CHECKING:
    from pathlib import Path

    from migrator.otp import Helper
    from tests.support.node import Node


@pytest.fixture(scope="session")
def bench_node(node: Node, tmp_path_factory: pytest.TempPathFactory) -> Node:
    """The node with what a bench needs in it."""
    beam = compile_text(BENCH, tmp_path_factory.mktemp("bench"), module="case_bench")
    node.load("case_bench", beam.read_bytes())
    return node


@pytest.fixture
def bench(helper: Helper, bench_node: Node, tmp_path: Path) -> Bench:
    """A bench with an empty folder."""
    return Bench(helper, bench_node, tmp_path)
