"""What the helper says of the uses of fields: places that are known again, where values come from and go to."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from migrator.modules import Module
from migrator.read import Wanted, read, read_uses
from migrator.records import FunctionName
from migrator.uses import Call, FromCall, FromField, FromRecord

if TYPE_CHECKING:
    from migrator.uses import Place, Uses
    from tests.support.cases import Bench

pytest_plugins = ["tests.support.bench"]

HEAD = """
-module(m).
-export([f/1]).
-record(state, {a, b, c}).
-record(session, {id, user}).
-compile([nowarn_unused_record, nowarn_unused_function, nowarn_unused_vars]).
"""


def _uses(bench: Bench, code: str, place: str = "m") -> Uses:
    """The uses of the fields of #state{} in a module with this code, whose f/1 is exported."""
    path = bench.compile(HEAD + code, place)
    (module,) = read(bench.helper, [Wanted(path, ("state",), "records")])
    assert isinstance(module, Module)
    (found,) = read_uses(bench.helper, [module])
    return found.uses


def _calls(uses: Uses, field: str) -> set[tuple[str, str, int]]:
    """The calls that gave a field its values, with their depth and element."""
    return {
        (each.depth, str(each.call), each.element)
        for given in uses.given
        if given.field == field
        for each in given.origins
        if isinstance(each, FromCall)
    }


def _passed(uses: Uses, field: str) -> set[tuple[str, str, int]]:
    return {(each.depth, str(each.call), each.position) for each in uses.passed if each.field == field}


def _numbers(place: Place) -> tuple[int, int, int, int, int]:
    return place.heads, place.way, place.near, place.inner, place.statement


@pytest.mark.parametrize(
    ("code", "hows"),
    [
        ("f(S) -> S#state.a.", ["read"]),
        ("f(S) -> S#state{a = 1}.", ["update"]),
        ("f(X) -> #state{a = X}.", ["new"]),
        ("f(#state{a = A}) -> A.", ["pattern", "value"]),
        ("f(#state{a = A}) when A > 1 -> ok.", ["pattern", "value"]),
        ("f(S) -> element(#state.a, S).", ["read"]),
        ("f(S) -> setelement(#state.a, S, 1).", ["update"]),
        ("f(S) -> A = S#state.a, {A, A}.", ["read", "value", "value"]),
        ("f(S) -> fun() -> S#state.a end.", ["read"]),
        ("f(S) -> [X || X <- S#state.a].", ["read"]),
        ("f(S) -> try S#state.a catch _:_ -> S#state.a end.", ["read", "read"]),
        ("f(S) -> #session{id = S#state.a}.", ["read"]),
        ("f(#session{id = A}) -> A.", []),
    ],
)
def test_every_use_has_a_place(code: str, hows: list[str], bench: Bench) -> None:
    """Reads, updates, patterns, constructions, and what is bound to a field."""
    uses = _uses(bench, code)
    assert [each.how for each in uses.places if each.field == "a"] == hows


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("f(S) -> x:g(1, S#state.a).", "\n\n\nf(State) -> x:g(1, State#state.b)."),
        ("f(#state{a = A} = S) -> {A, S}.", "f(#state{b = Bs} = State) -> {Bs, State}."),
        ("f(S) -> S#state{a = [1 | S#state.a]}.", "f(T) -> T#state{b = [1 | T#state.b]}."),
        ("f({x, S}) -> case S#state.a of 1 -> S; X -> X end.", "f({x, T}) -> case T#state.b of 1 -> T; Y -> Y end."),
    ],
)
def test_the_same_place_is_known_again(one: str, other: str, bench: Bench) -> None:
    """Lines, and the names of variables and fields, change nothing."""
    before = _uses(bench, one).places
    after = _uses(bench, other, "other").places
    assert [_numbers(each) for each in before] == [_numbers(each) for each in after]
    assert {each.field for each in before} == {"a"}
    assert {each.field for each in after} == {"b"}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("f(S) -> x:g(1, S#state.a).", "f(S) -> x:g(S#state.a, 1)."),
        ("f({x, S}) -> S#state.a.", "f({y, S}) -> S#state.a."),
        ("f(S) -> S#state{a = 1}.", "f(S) -> S#state{a = 2}."),
        ("f(S) -> {ok, S#state.a}.", "f(S) -> {error, S#state.a}."),
    ],
)
def test_another_place_is_told_apart(one: str, other: str, bench: Bench) -> None:
    """Another argument, another clause, another value, another tuple."""
    before = _uses(bench, one).places
    after = _uses(bench, other, "other").places
    assert [_numbers(each) for each in before] != [_numbers(each) for each in after]


@pytest.mark.parametrize(
    ("code", "calls"),
    [
        ("f(S) -> S#state{a = erlang:send_after(1, self(), x)}.", {("is", "erlang:send_after/3", 0)}),
        ("f(S) -> R = make_ref(), S#state{a = R}.", {("is", "erlang:make_ref/0", 0)}),
        ("f(S) -> {ok, L} = gen_tcp:listen(1, []), S#state{a = L}.", {("is", "gen_tcp:listen/2", 2)}),
        (
            "f(S) -> case gen_tcp:listen(1, []) of {ok, L} -> S#state{a = L}; _ -> S end.",
            {("is", "gen_tcp:listen/2", 2)},
        ),
        ("f(S) -> {P, R} = spawn_monitor(fun() -> ok end), S#state{a = R}.", {("is", "erlang:spawn_monitor/1", 2)}),
        ("f(S) -> S#state{a = h()}.\nh() -> ets:new(x, []).", {("is", "ets:new/2", 0)}),
        ("f(S) -> {ok, T} = h(), S#state{a = T}.\nh() -> {ok, ets:new(x, [])}.", {("is", "ets:new/2", 0)}),
        ("f(S) -> g(S, ets:new(x, [])).\ng(S, T) -> S#state{a = T}.", {("is", "ets:new/2", 0)}),
        ("f(S) -> S#state{a = [make_ref()]}.", {("holds", "erlang:make_ref/0", 0)}),
        ("f(S) -> S#state{a = #{x => make_ref()}}.", {("holds", "erlang:make_ref/0", 0)}),
        ("f(S) -> S#state{a = length([make_ref()])}.", {("is", "erlang:length/1", 0)}),
        ("f(S) -> {A, _} = {make_ref(), self()}, S#state{a = A}.", {("is", "erlang:make_ref/0", 0)}),
        ("f(S) -> S#state{_ = make_ref()}.", None),
    ],
)
def test_where_a_value_comes_from(code: str, calls: set[tuple[str, str, int]] | None, bench: Bench) -> None:
    """A call's result is followed through variables, patterns, tuples and the module's own functions."""
    if calls is None:
        calls, code = {("is", "erlang:make_ref/0", 0)}, code.replace("S#state{_", "#state{_")
    assert _calls(_uses(bench, code), "a") == calls


@pytest.mark.parametrize(
    ("code", "passed"),
    [
        ("f(S) -> erlang:cancel_timer(S#state.a).", {("is", "erlang:cancel_timer/1", 1)}),
        ("f(#state{a = A}) -> ets:lookup(A, x).", {("is", "ets:lookup/2", 1)}),
        ("f(#state{a = A}) -> ets:lookup(x, A).", {("is", "ets:lookup/2", 2)}),
        ("f(#state{a = A}) -> link(A).", {("is", "erlang:link/1", 1)}),
        ("f(S) -> [erlang:demonitor(R) || {R, _} <- S#state.a].", {("holds", "erlang:demonitor/1", 1)}),
        ("f(S) -> S#state.a ! x.", {("is", "erlang:!/2", 1)}),
        (
            "f(S) -> lists:foreach(fun(R) -> erlang:demonitor(R) end, S#state.a).",
            {("is", "lists:foreach/2", 2), ("holds", "erlang:demonitor/1", 1)},
        ),
        ("f(S) -> g(S#state.a, x).\ng(A, _) -> link(A).", {("is", "erlang:link/1", 1)}),
    ],
)
def test_where_a_value_goes(code: str, passed: set[tuple[str, str, int]], bench: Bench) -> None:
    """The calls that get it, and as which argument."""
    assert _passed(_uses(bench, code), "a") == passed


@pytest.mark.parametrize(
    "code",
    [
        "f(S) -> (S#state.a)#session.id.",
        "f(#state{a = #session{id = I}}) -> I.",
        "f(S) -> case S#state.a of {ok, #session{}} -> 1; _ -> 2 end.",
        "f(S) -> #{x := #session{id = I}} = S#state.a, I.",
        "f(S) -> maps:map(fun(_, #session{id = I}) -> I end, S#state.a).",
        "f(S) -> lists:keyfind(x, #session.id, S#state.a).",
        "f(S) -> [X#session.id || X <- S#state.a].",
        "f(S) -> [ok || X <- S#state.a, is_record(X, session)].",
        "f(S) -> h(S#state.a).\nh(L) -> [X#session.id || X <- L].",
    ],
)
def test_what_a_value_is_seen_as(code: str, bench: Bench) -> None:
    """Record syntax on the value, or on what came out of it."""
    uses = _uses(bench, code)
    assert {(each.field, each.seen) for each in uses.seen} == {("a", "session")}


def test_records_and_fields_as_origins(bench: Bench) -> None:
    """A record made in the module, one inside a map, another field, and what nobody knows."""
    code = """
f(S) -> g(S#state{a = #session{}, b = #{x => #session{}}, c = S#state.a}).
g(X) -> #state{a = X#state.b, b = x:y(X)}.
"""
    uses = _uses(bench, code)
    given = {(each.function, each.field): each.origins for each in uses.given}
    one = FunctionName("f", 1)
    assert given[one, "a"] == (FromRecord("is", "session"),)
    assert set(given[one, "b"]) == {FromRecord("holds", "session"), "plain"}
    assert given[one, "c"] == (FromField("is", "state", "a"),)
    two = FunctionName("g", 1)
    assert given[two, "a"] == (FromField("is", "state", "b"),)
    assert given[two, "b"] == (FromCall("is", Call("x", "y", 1), 0),)


def test_an_argument_of_a_private_function_is_known_by_its_callers(bench: Bench) -> None:
    """What only the module calls gets what the module gives it; one that recurs or escapes may get anything."""
    known = _uses(bench, "f(S) -> put_in(S, 1).\nput_in(S, A) -> S#state{a = A}.")
    assert {origin for each in known.given for origin in each.origins} == {"plain"}
    escaping = "f(S) -> [put_in(S, 1), fun put_in/2].\nput_in(S, A) -> S#state{a = A}."
    assert "unknown" in {o for each in _uses(bench, escaping, "escaping").given for o in each.origins}
    again = "f(S) -> put_in(S, 1).\nput_in(S, A) -> put_in(S#state{a = A}, x:y(A))."
    assert "unknown" in {o for each in _uses(bench, again, "again").given for o in each.origins}


def test_nothing_is_told_unless_wanted(bench: Bench) -> None:
    """A read without that wish has no uses: it costs time."""
    path = bench.compile(HEAD + "f(S) -> S#state.a.", "m")
    (module,) = read(bench.helper, [Wanted(path, ("state",))])
    assert isinstance(module, Module)
    assert not module.uses.places


def test_names_of_any_kind(bench: Bench) -> None:
    """Quoted and Unicode names of records, fields and functions."""
    source = """
-module(m).
-export(['Ж f'/1]).
-record('the state', {'a-b', 'ß'}).
'Ж f'(#'the state'{'ß' = X} = S) -> S#'the state'{'a-b' = 'Ж g'(X)}.
'Ж g'(X) -> ets:insert(X, {x}).
"""
    (module,) = read(bench.helper, [Wanted(bench.compile(source, "m"), ("the state",), "records")])
    assert isinstance(module, Module)
    (found,) = read_uses(bench.helper, [module])
    assert {each.field for each in found.uses.places} == {"a-b", "ß"}
    assert Call("ets", "insert", 2) in {each.call for each in found.uses.passed if each.field == "ß"}
