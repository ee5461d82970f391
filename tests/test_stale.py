"""A `code_change` of the module's own that was written for another version: what is said, and what happens when run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.cases import codes, one, own, server

if TYPE_CHECKING:
    from tests.support.cases import Bench

pytest_plugins = ["tests.support.bench"]

OLD = server("a, b = 0")
UP = '"1"'


def new(*clauses: str, forms: str = "") -> str:
    """The new version, of five elements, with these clauses."""
    return server("a, b = 0, c = 7, d = 8", own(*clauses), forms, vsn='"2"')


APPENDING = {
    "append_element": "(_, S, _) -> {ok, erlang:append_element(S, 1)}",
    "through a variable": "(_, S, _) -> T = erlang:append_element(S, 1), {ok, T}",
    "insert_element": "(_, S, _) -> {ok, erlang:insert_element(4, S, 1)}",
    "a list": "(_, S, _) -> {ok, list_to_tuple(tuple_to_list(S) ++ [1])}",
    "a list in steps": "(_, S, _) -> L = tuple_to_list(S), M = lists:append(L, [1]), {ok, list_to_tuple(M)}",
    "in a function": "(_, S, _) -> {ok, more(S)}",
    "in a case": "(V, S, _) -> case V of x -> {ok, S}; _ -> {ok, erlang:append_element(S, 1)} end",
}


@pytest.mark.parametrize("clause", APPENDING.values(), ids=APPENDING.keys())
def test_a_clause_that_appends(bench: Bench, clause: str) -> None:
    """It is warned of, with the size that it was written for; run, it gives a tuple of the wrong size."""
    source = new(clause, forms="more(S) -> erlang:append_element(S, 1)." if "more" in clause else "")
    planned = bench.preview(OLD, source)
    assert codes(planned) == ["M405"]
    found = one(planned, "M405")
    assert (
        "appends an element to its state: it seems to have been written for a state of 4 elements, which"
        in found.message
    )
    assert "has 5 elements already; where the clause does this, the process goes on with 6," in found.consequence
    assert 'or for one of 2, to make that of version "1"' in found.message
    assert found.help == ("code_change(_OldVsn, State, _Extra) -> {ok, State}.   % the conversion does it",)
    bench.install(OLD, source)
    assert bench.eval(f"{{ok, S}} = m:code_change({UP}, {{state, 1, 2}}, []), tuple_size(S)") == "6"


@pytest.mark.parametrize(
    "clause",
    [
        "(_, S, _) -> {ok, erlang:append_element(erlang:append_element(S, 7), 8)}",
        "(_, S, _) -> {ok, list_to_tuple(tuple_to_list(S) ++ [7, 8])}",
        "(_, S0, _) -> S1 = erlang:append_element(S0, 7), S2 = erlang:append_element(S1, 8), {ok, S2}",
    ],
)
def test_the_version_that_it_was_written_for(bench: Bench, clause: str) -> None:
    """Two elements make of the old version's state one of the new: it was written for that."""
    found = one(bench.preview(OLD, new(clause)), "M405")
    assert (
        'appends 2 elements to its state: it seems to have been written for a state of 3 elements, that of version "1"'
        in found.message
    )
    assert "goes on with 7, which is no #state{}" in found.consequence


def test_a_clause_that_appends_again_and_again(bench: Bench) -> None:
    """How often is not known, and nothing is said of it."""
    clause = "(V, S, X) when tuple_size(S) < 9 -> code_change(V, erlang:append_element(S, 0), X)"
    found = one(bench.preview(OLD, new(clause, "(_, S, _) -> {ok, S}")), "M405")
    assert "appends elements to its state again and again" in found.message


def test_its_line(bench: Bench) -> None:
    """The place is the line of the call."""
    source = new("(_, S, _) ->\n    T = erlang:append_element(S, 1),\n    {ok, T}")
    line = next(n for n, text in enumerate(source.splitlines(), start=1) if "append_element" in text)
    assert one(bench.preview(OLD, source), "M405").place.endswith(f"m.erl:{line}")


def test_a_clause_that_sets_an_element(bench: Bench) -> None:
    """The field that it really sets is named, and it is what happens."""
    source = new("(_, S, _) -> {ok, setelement(4, S, x)}")
    found = one(bench.preview(OLD, source), "M405")
    assert "sets element 4 of its state by its number: that is the field c" in found.message
    bench.install(OLD, source)
    assert bench.convert(UP, "{state,1,2}") == "{ok,{state,1,2,x,8}}"


def test_a_clause_that_sets_an_element_that_is_not_there(bench: Bench) -> None:
    """It raises, and the upgrade fails."""
    source = new("(_, S, _) -> {ok, setelement(9, S, x)}")
    found = one(bench.preview(OLD, source), "M405")
    assert "#state{} has 5 elements" in found.message
    assert "badarg" in found.consequence
    bench.install(OLD, source)
    assert bench.eval(f"try m:code_change({UP}, {{state,1,2}}, []) catch error:badarg -> raised end") == "raised"


def test_a_pattern_of_no_known_size(bench: Bench) -> None:
    """It was written for another version; states of the known ones never match, one of that size does."""
    source = new("(_, {state, A}, _) -> {ok, {state, A, 0, 0, 0}}", "(_, S, _) -> {ok, S}")
    planned = bench.preview(OLD, source)
    assert codes(planned) == ["M405"]
    found = one(planned, "M405")
    assert (
        'a {state, …} of 2 elements: it seems to have been written for a version that is none of "1", "2"'
        in found.message
    )
    bench.install(OLD, source)
    assert bench.convert(UP, "{state,1,2}") == "{ok,{state,1,2,7,8}}"
    assert bench.convert('"0"', "{state,1}") == "{ok,{state,1,0,0,0}}"


def test_a_downgrade_clause_that_shortens(bench: Bench) -> None:
    """On a downgrade the state has the old shape already."""
    source = new(
        "({down, _}, S, _) -> {ok, erlang:delete_element(5, erlang:delete_element(4, S))}", "(_, S, _) -> {ok, S}"
    )
    found = one(bench.preview(OLD, source), "M405")
    assert (
        "takes 2 elements away from its state: it seems to have been written for a state of 5 elements" in found.message
    )
    assert 'that of version "2"' in found.message


FINE = {
    "nothing": "(_, S, _) -> {ok, S}",
    "record syntax": "(_, #state{} = S, _) -> {ok, S#state{c = 1}}",
    "an index by name": "(_, S, _) -> {ok, setelement(#state.c, S, 1)}",
    "another tuple": "(_, S, X) -> {ok, S#state{a = erlang:append_element(X, 1), b = setelement(1, X, 2)}}",
    "a part of it": "(_, #state{a = A} = S, _) -> {ok, S#state{a = erlang:append_element(A, 1)}}",
    "there and back": "(_, S, _) -> {ok, list_to_tuple(tuple_to_list(S))}",
    "the new shape": "(_, {state, _, _, _, _} = S, _) -> {ok, S}",
    "another tag": "(_, {old, A}, _) -> {ok, #state{a = A}}; code_change(_, S, _) -> {ok, S}",
    "the old shape for a downgrade": "({down, _}, {state, _, _} = S, _) -> {ok, S}; code_change(_, S, _) -> {ok, S}",
    "never reached": "(_, S, _) -> {ok, S}; code_change(_, S, _) -> {ok, erlang:append_element(S, 1)}",
}


@pytest.mark.parametrize("clause", FINE.values(), ids=FINE.keys())
def test_what_is_not_stale(bench: Bench, clause: str) -> None:
    """A clause that fits the state that it gets is not warned of."""
    assert "M405" not in codes(bench.preview(OLD, new(clause)))


def test_a_record_that_did_not_change(bench: Bench) -> None:
    """A leftover that appends is as wrong where there is nothing to convert."""
    source = server("a, b = 0", own(APPENDING["append_element"]), vsn='"2"')
    planned = bench.preview(OLD, source)
    assert codes(planned) == ["M405"]
    assert one(planned, "M405").consequence.startswith("the state that it gets has 3 elements already")


@pytest.mark.parametrize("behaviour", ["gen_statem", "gen_fsm"])
def test_data_of_state_machines(bench: Bench, behaviour: str) -> None:
    """Their data is another argument, and the answer has another form."""
    clause = "code_change(_, N, D, _) -> {ok, N, erlang:append_element(D, 1)}."
    source = server("a, b = 0, c = 7", f"-export([code_change/4]).\n{clause}", vsn='"2"')
    planned = bench.preview(*(each.replace("gen_server", behaviour) for each in (OLD, source)))
    assert one(planned, "M405").help == (
        "code_change(_OldVsn, StateName, State, _Extra) -> {ok, StateName, State}.   % the conversion does it",
    )


def test_the_help_is_right(bench: Bench) -> None:
    """With what is offered the state is what it should be."""
    found = one(bench.preview(OLD, new(APPENDING["a list"])), "M405")
    clause = found.help[0].split("%")[0].strip().removeprefix("code_change").removesuffix(".")
    bench.install(OLD, new(clause))
    assert bench.convert(UP, "{state,1,2}") == "{ok,{state,1,2,7,8}}"
