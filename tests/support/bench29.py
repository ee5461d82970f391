"""The fixtures of tests on OTP 29: a pytest plugin that they name."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from migrator import library
from tests.support.cases import BENCH, Bench
from tests.support.node import start_node
from tests.support.otp29 import erl29

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from migrator.otp import Helper
    from tests.support.node import Node


@pytest.fixture(scope="session")
def helper29() -> Iterator[Helper]:
    """The helper on OTP 29, for the whole run."""
    with library.start(erl29()) as started:
        yield started


@pytest.fixture(scope="session")
def node29(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    """A real node of OTP 29, for the whole run."""
    folder = tmp_path_factory.mktemp("node29")
    started = start_node(folder, erl29())
    source = folder / "case_bench.erl"
    source.write_text(BENCH, encoding="utf-8")
    match started.apply("live_compile", "source", str(source).encode(), []):
        case (bytes(beam), _):
            started.load("case_bench", beam)
    yield started
    started.helper.close()


@pytest.fixture
def bench29(helper29: Helper, node29: Node, tmp_path: Path) -> Bench:
    """A bench of OTP 29 with an empty folder."""
    return Bench(helper29, node29, tmp_path)
