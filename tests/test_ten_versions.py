"""Many old versions of one module in one beam: from each, to each, in code that grows with their number."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from migrator import library
from tests.support.cases import injected

if TYPE_CHECKING:
    from tests.support.cases import Bench

pytest_plugins = ["tests.support.bench"]

VERSIONS = 11
NEWEST = VERSIONS


def _source(number: int) -> str:
    """Version `number`: as many fields f1, f2 … whose defaults are their numbers, and items that grow too."""
    fields = "".join(f", f{each} = {each}" for each in range(1, number + 1))
    inner = ", ".join(f"i{each} = {each}" for each in range(1, number // 2 + 2))
    return f"""
-module(m).
-behaviour(gen_server).
-vsn("{number}").
-export([init/1, handle_call/3, handle_cast/2]).
-record(item, {{{inner}}}).
-record(state, {{items = [] :: [#item{{}}]{fields}}}).
-state_record(state).
init(State) -> {{ok, State}}.
handle_call(get, _, State) -> {{reply, State, State}}.
handle_cast(_, State) -> {{noreply, State}}.
"""


def _state(number: int) -> str:
    """A state of that version: each field holds what tells it from its default."""
    item = ", ".join(["item", *(str(100 + each) for each in range(1, number // 2 + 2))])
    return f"{{state, [{{{item}}}]{''.join(f', {200 + each}' for each in range(1, number + 1))}}}".replace(" ", "")


def _upgraded(number: int) -> str:
    """What the newest version makes of it: kept values, then defaults."""
    kept = number // 2 + 1
    item = [100 + each if each <= kept else each for each in range(1, NEWEST // 2 + 2)]
    fields = [200 + each if each <= number else each for each in range(1, NEWEST + 1)]
    return f"{{state,[{{item,{','.join(map(str, item))}}}],{','.join(map(str, fields))}}}"


def test_from_each_and_to_each(bench: Bench) -> None:
    """States of ten old versions are converted, whatever OldVsn is, and come back to the version that Vsn names."""
    bench.install(*map(_source, range(1, VERSIONS + 1)))
    for number in range(1, VERSIONS):
        assert bench.eval(f"m:code_change(undefined, {_state(number)}, [])") == f"{{ok,{_upgraded(number)}}}"
        down = f'm:code_change({{down, "{number}"}}, {_upgraded(number)}, [])'
        assert bench.eval(down) == f"{{ok,{_state(number)}}}"
    assert bench.eval(f"m:code_change(undefined, {_state(NEWEST)}, [])") == f"{{ok,{_state(NEWEST)}}}"


@pytest.mark.parametrize("number", [1, 6, 10])
def test_live(bench: Bench, number: int) -> None:
    """A process of an old version is upgraded by the beam of all, and downgraded to its own version."""
    beam = bench.install(*map(_source, range(1, VERSIONS + 1)))
    source = _source(number)
    name = bench.start(source, _state(number))
    bench.upgrade(name, beam, f'"{number}"')
    assert bench.eval(f"live_node:state({name})") == _upgraded(number)
    bench.downgrade(name, bench.compile(source, "running").read_bytes(), f'"{number}"')
    assert bench.eval(f"live_node:state({name})") == _state(number)


def test_any_order_and_one_by_one(bench: Bench) -> None:
    """The beam is the same in whatever order the versions are given, and when each is added to what is there."""
    paths = bench.beams(*map(_source, range(1, VERSIONS + 1)))
    *olds, new = paths
    at_once = injected(library.inject(bench.helper, olds, new))
    assert injected(library.inject(bench.helper, olds[::-1], new)) == at_once
    for old in [*olds[5:], *olds[:5]]:
        new.write_bytes(injected(library.inject(bench.helper, [old], new)))
    assert new.read_bytes() == at_once


def test_the_code_grows_with_the_versions_and_not_with_their_pairs(bench: Bench) -> None:
    """Twice the versions make twice the code."""
    *olds, new = bench.beams(*map(_source, range(1, VERSIONS + 1)))
    sizes = []
    for count in (2, 4, 8):
        (planned,) = library.preview(bench.helper, olds[-count:], new)
        assert planned.plan is not None
        sizes.append(len(library.generated(planned.plan).splitlines()))
    two, four, eight = sizes
    assert eight - four <= 2.2 * (four - two)
