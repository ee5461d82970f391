"""What trials with records inside the state, over several versions, found."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from migrator.request import Request
from tests.support.rules import holding

if TYPE_CHECKING:
    from tests.support.cases import Bench

pytest_plugins = ["tests.support.bench"]

UP = '"1"'
DOWN = '{down, "1"}'


def test_versions_of_one_shape_have_their_own_records_inside(bench: Bench) -> None:
    """Where the states of two old versions differ inside alone, each is converted as its own version says."""
    bench.install(
        holding("x, all :: [#s{}]", "s, {a}"),
        holding("x, all :: [#s{}]", "s, {a, b}", vsn='"2"'),
        holding("x, all :: [#s{}], z = 0", "s, {a, b, c = 3}", vsn='"3"'),
    )
    assert bench.convert(UP, "{state,1,[{s,1}]}") == "{ok,{state,1,[{s,1,undefined,3}],0}}"
    assert bench.convert('"2"', "{state,1,[{s,1,2}]}") == "{ok,{state,1,[{s,1,2,3}],0}}"
    assert bench.convert('"3"', "{state,1,[{s,1,2,3}],0}") == "{ok,{state,1,[{s,1,2,3}],0}}"
    assert bench.convert("undefined", "{state,1,[{s,1,2}]}") == (
        '{error,{state_migration,{ambiguous_version,undefined,["1","2"]}}}'
    )


def test_records_inside_that_share_a_shape(bench: Bench) -> None:
    """Where records inside two old states have one shape and not one meaning, the version decides."""
    bench.install(
        holding("x :: #s{}", "s, {a, b}"),
        holding("x :: #s{}", "s, {b, a}", vsn='"2"'),
        holding("x :: #s{}", "s, {a, b, c = 3}", vsn='"3"'),
    )
    assert bench.convert(UP, "{state,{s,1,2}}") == "{ok,{state,{s,1,2,3}}}"
    assert bench.convert('"2"', "{state,{s,1,2}}") == "{ok,{state,{s,2,1,3}}}"
    assert bench.convert('"3"', "{state,{s,1,2,3}}") == "{ok,{state,{s,1,2,3}}}"
    assert bench.convert("undefined", "{state,{s,1,2}}") == (
        '{error,{state_migration,{ambiguous_version,undefined,["1","2","3"]}}}'
    )


@pytest.mark.parametrize(
    ("before", "after"),
    [("x", "x :: [#s{}]"), ("x :: [#s{}]", "x"), ("x :: list()", "x :: [#s{}]"), ("x :: [#s{}]", "x :: list()")],
)
def test_a_type_in_one_version_is_enough(bench: Bench, before: str, after: str) -> None:
    """A changed record is converted up and down where the types of one version alone lead to it."""
    old = holding(before, "s, {a :: integer()}")
    new = holding(after, "s, {a :: integer(), b = 9 :: integer()}", vsn='"2"')
    bench.install(old, new, request=Request(allow=frozenset({"retype"})))
    assert bench.convert(UP, "{state,[{s,1}]}") == "{ok,{state,[{s,1,9}]}}"
    assert bench.convert(DOWN, "{state,[{s,1,2}]}") == "{ok,{state,[{s,1}]}}"


def test_a_type_that_one_version_alone_declares(bench: Bench) -> None:
    """A field without a type in one version is walked along the other's, also through a type that this one lacks."""
    new = holding("x :: tagged(#s{}), y :: #s{}", "s, {a, b = 9}", vsn='"2"')
    declared = new.replace("-record(state", "-type tagged(A) :: {tag, A}.\n-record(state", 1)
    bench.install(holding("x, y :: #s{}", "s, {a}"), declared)
    assert bench.convert(UP, "{state,{tag,{s,1}},{s,1}}") == "{ok,{state,{tag,{s,1,9}},{s,1,9}}}"
    assert bench.convert(DOWN, "{state,{tag,{s,1,2}},{s,1,2}}") == "{ok,{state,{tag,{s,1}},{s,1}}}"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("array:new([{default,{s,1}}])", "array:new([{default,{s,1,9}}])"),
        (
            "array:set(3, {s,2}, array:new([{size,5},{default,{s,1}}]))",
            "array:set(3, {s,2,9}, array:new([{size,5},{default,{s,1,9}}]))",
        ),
        (
            "array:set(12, {s,2}, array:new([{default,{s,1}}]))",
            "array:set(12, {s,2,9}, array:new([{default,{s,1,9}}]))",
        ),
        (
            "array:resize(30, array:from_list([undefined, undefined, {s,2}]))",
            "array:resize(30, array:from_list([undefined, undefined, {s,2,9}]))",
        ),
    ],
)
def test_the_default_of_an_array(bench: Bench, before: str, after: str) -> None:
    """What an array gives where nothing was set is converted as its elements are, and its size is kept."""
    bench.install(
        holding("x :: array:array(#s{})", "s, {a}"), holding("x :: array:array(#s{})", "s, {a, b = 9}", vsn='"2"')
    )
    old, new = bench.eval(f"{{state,{before}}}"), bench.eval(f"{{state,{after}}}")
    assert bench.convert(UP, old) == f"{{ok,{new}}}"
    assert bench.convert(DOWN, new) == f"{{ok,{old}}}"
