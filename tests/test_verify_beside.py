"""`verify` and the code beside the module that is tried: what a decision's function calls, and what calls back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from migrator import library
from migrator.request import Request
from migrator.verifying.findings import Trial
from tests.support.cases import decided, server

if TYPE_CHECKING:
    from pathlib import Path

    from migrator.verifying.findings import Verified
    from tests.support.cases import Bench

pytest_plugins = ["tests.support.bench"]

TWENTY = Trial(20, seed=1)
FIELDS = "a = 0 :: integer(), b :: integer()"


def told(verified: list[Verified]) -> list[tuple[str, str, list[str]]]:
    """Of each module its name, what came of it, and what ends the command."""
    return [
        (
            each.planned.job.new.stem,
            each.result,
            [f"{one.code} {one.message}" for one in each.diagnostics if one.kind.exit],
        )
        for each in verified
    ]


@pytest.fixture
def olds(bench: Bench) -> Path:
    """The old version of the modules `m` and `n`."""
    for name in ("m", "n"):
        bench.compile(server("a = 0 :: integer()", vsn='"1"', name=name), "v1", name=name)
    return bench.folder / "v1"


def test_code_beside_may_call_back(bench: Bench, olds: Path) -> None:
    """A function of the module that only another module calls is there, in a run of one module and of many."""
    back = "-export([b/0, helper/1]).\nb() -> other:f(1).\nhelper(A) -> A + 1."
    for name in ("m", "n"):
        source = server(FIELDS, decided("{init, b, b}"), back, vsn='"2"', name=name)
        bench.compile(source, "v2", name=name)
    bench.compile("-module(other).\n-export([f/1]).\nf(A) -> m:helper(A) + n:helper(A).\n", "v2", name="other")
    new = bench.folder / "v2"
    for one in ("m", "n"):
        paths = ([olds / f"{one}.beam"], new / f"{one}.beam")
        assert told(library.verify(bench.helper, *paths, Request(), TWENTY)) == [(one, "holds", [])]
    assert told(library.verify(bench.helper, [olds], new, Request(), TWENTY)) == [
        ("m", "holds", []),
        ("n", "holds", []),
    ]


def test_code_that_was_tried_before_is_called_as_it_lies_there(bench: Bench, olds: Path) -> None:
    """Of a module that was tried before the next one may call any function."""
    first = "-export([b/0, helper/1]).\nb() -> 1.\nhelper(A) -> A + 1."
    second = "-export([b/0]).\nb() -> m:helper(1)."
    for name, code in (("m", first), ("n", second)):
        bench.compile(server(FIELDS, decided("{init, b, b}"), code, vsn='"2"', name=name), "v2", name=name)
    found = library.verify(bench.helper, [olds], bench.folder / "v2", Request(), TWENTY)
    assert told(found) == [("m", "holds", []), ("n", "holds", [])]


def test_a_module_is_called_by_its_own_name(bench: Bench, olds: Path) -> None:
    """What fails in the second module of a run is shown under the name that it has."""
    for name in ("m", "n"):
        code = "-export([b/0]).\nb() -> error(bad)."
        bench.compile(server(FIELDS, decided("{init, b, b}"), code, vsn='"2"', name=name), "v2", name=name)
    found = library.verify(bench.helper, [olds], bench.folder / "v2", Request(), TWENTY)
    for name, _, (message, *_) in told(found):
        assert f"function {name}:b/0" in message
