"""What `init/1` gives a new field in words that are seldom used: a position, a list, an event to its own name."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.cases import codes, one, server

if TYPE_CHECKING:
    from tests.support.cases import Bench

pytest_plugins = ["tests.support.bench"]

OLD = server("a, port")


def new(forms: str) -> str:
    """The new version, with these forms."""
    source = server("a, port, x", forms, vsn='"2"')
    return source.replace("\nhandle_cast(_, State) -> {noreply, State}.", "") if "\nhandle_cast(" in forms else source


SET = {
    "a position in a variable": "init(A) -> At = #state.x, S = #state{a = A}, {ok, setelement(At, S, on)}.",
    "a number": "init(A) -> S = #state{a = A}, {ok, setelement(4, S, on)}.",
    "a number in a variable": "init(A) -> At = 4, S = #state{a = A}, {ok, erlang:setelement(At, S, on)}.",
    "from a longer list": "init(A) -> {ok, list_to_tuple([state | on(A)])}.\non(A) -> [A, 80, on].\n"
    "reset() -> #state{}.\n-export([reset/0]).",
    "a fun of the module by its name": "init(A) -> {ok, lists:foldl(fun m:opt/2, #state{}, A)}.\n-export([opt/2]).\n"
    "opt(x, S) -> S#state{x = on}; opt(_, S) -> S.",
}

GOES = ".\nhandle_info(go, S) -> {noreply, S#state{x = on}}; handle_info(_, S) -> {noreply, S}."
PUT_OFF = {
    "a cast to its own name": "init(A) -> gen_server:cast(?MODULE, on), {ok, #state{a = A}}.\n"
    "handle_cast(on, S) -> {noreply, S#state{x = on}}.",
    "a message to its own name": "init(A) -> ?MODULE ! go, {ok, #state{a = A}}" + GOES,
    "a timer of now": "init(A) -> erlang:start_timer(0, self(), go), {ok, #state{a = A}}.\n"
    "handle_info({timeout, _, go}, S) -> {noreply, S#state{x = on}}; handle_info(_, S) -> {noreply, S}.",
    "timer:send_after/3": "init(A) -> timer:send_after(0, self(), go), {ok, #state{a = A}}" + GOES,
    "a timeout in a variable": "init(A) -> T = 0, {ok, #state{a = A}, T}.\n"
    "handle_info(timeout, S) -> {noreply, S#state{x = on}}; handle_info(_, S) -> {noreply, S}.",
}

MACHINES = {
    "a named timeout": "callback_mode() -> handle_event_function.\n"
    "init(A) -> {ok, idle, #state{a = A}, [{{timeout, boot}, 0, go}]}.\n"
    "handle_event({timeout, boot}, go, _, D) -> {keep_state, D#state{x = on}}.\n"
    "-export([callback_mode/0, handle_event/4]).",
    "a number for an action": "callback_mode() -> state_functions.\ninit(A) -> {ok, idle, #state{a = A}, 0}.\n"
    "idle(timeout, 0, D) -> {keep_state, D#state{x = on}}.\n-export([callback_mode/0, idle/3]).",
    "a state that is entered, whatever it is": "callback_mode() -> [state_functions, state_enter].\n"
    "init(A) -> First = first(A), {ok, First, #state{a = A}}.\nfirst(_) -> idle.\n"
    "idle(enter, _, D) -> {keep_state, D#state{x = on}}.\n-export([callback_mode/0, idle/3]).",
}


@pytest.mark.parametrize("init", [*SET.values(), *PUT_OFF.values()], ids=[*SET, *PUT_OFF])
def test_it_is_asked(bench: Bench, init: str) -> None:
    """The field is not undefined in a new process, so it is not left so in silence."""
    planned = bench.preview(OLD, new(init))
    assert codes(planned) == ["M302"]
    assert "x has no default and init/1 computes it" in one(planned, "M302").message


@pytest.mark.parametrize("forms", MACHINES.values(), ids=MACHINES.keys())
def test_it_is_asked_of_a_gen_statem(bench: Bench, forms: str) -> None:
    """What its first event does is what a new process has."""
    old, after = (each.replace("gen_server", "gen_statem") for each in (OLD, new(forms)))
    assert codes(bench.preview(old, after)) == ["M302"]


def test_a_cast_to_another_name_is_none_to_itself(bench: Bench) -> None:
    """What is sent elsewhere does nothing to this state."""
    init = "init(A) -> other ! go, erlang:start_timer(100, self(), go), {ok, #state{a = A}}" + GOES
    assert codes(bench.preview(OLD, new(init))) == []


def test_a_list_of_all_elements_is_read(bench: Bench) -> None:
    """Such a list is a record in other words; what another function builds later says nothing."""
    init = "init(A) -> {ok, list_to_tuple([state, A, 80, on])}.\nreset() -> #state{x = off}.\n-export([reset/0])."
    planned = bench.preview(OLD, new(init))
    assert codes(planned) == []
    assert "takes on, as init/1" in one(planned, "M502").message


def test_an_element_of_something_else_is_none_of_the_state(bench: Bench) -> None:
    """A number is a position in the state only where the state is built in sight."""
    init = "init({_, _, _, _} = A) -> {ok, #state{a = setelement(4, A, on), port = list_to_tuple([state | A])}}."
    assert codes(bench.preview(OLD, new(init.replace("[state | A]", "[other | A]")))) == []
