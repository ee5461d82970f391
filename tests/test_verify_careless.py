"""`verify` and decisions whose code is wrong, or careless of the node that it runs in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from migrator import library
from migrator.request import Request
from migrator.verifying.findings import Trial, Verified
from tests.support.cases import Bench, decided, server

if TYPE_CHECKING:
    from migrator.diagnostics import Diagnostic

pytest_plugins = ["tests.support.bench"]

SIXTY = Trial(60, seed=1)


def tried(bench: Bench, up: str, fields: str = "ttl = 60 :: integer(), any, all = [] :: list()") -> Verified:
    """What comes of converting `ttl` by these clauses of up/2, the way down being right."""
    old = server(fields, vsn='"1"')
    code = f"-export([up/2, down/1]).\n{up}\ndown(M) -> M - 1."
    new = server(fields, decided("{convert, ttl, up, down}"), code, vsn='"2"')
    (verified,) = library.verify(bench.helper, bench.beams(old, new)[:1], bench.folder / "v2/m.beam", Request(), SIXTY)
    return verified


def found(verified: Verified) -> list[Diagnostic]:
    """What it says that ends the command with 1."""
    return [each for each in verified.diagnostics if each.kind.exit == 1]


# --- what a function reads of the map is what it can be wrong about ---

WRONG = {
    "a map that is not read": ("up(S, _) -> 1000 div S.", "M638"),
    "one field of it": ("up(S, #{ttl := T}) -> 1000 div S + T.", "M638"),
    "a field in the body": ("up(S, Old) when is_map(Old) -> 1000 div S + maps:get(ttl, Old).", "M638"),
    "another type": ("up(S, _Old) -> integer_to_list(S).", "M631"),
}


@pytest.mark.parametrize("name", WRONG)
def test_fields_without_a_type_that_are_not_read_excuse_nothing(name: str, bench: Bench) -> None:
    """A function that gets all fields as a map, and reads typed ones alone, must take all that these hold."""
    up, code = WRONG[name]
    assert code in [each.code for each in found(tried(bench, up))]


READ = {
    "in the head": "up(S, #{any := true}) -> S + 1; up(S, #{any := A}) when is_integer(A) -> S + 1.",
    "in the body": "up(S, Old) -> case maps:get(any, Old) of undefined -> S + 1; A when is_integer(A) -> S + 1 end.",
    "all of them": "up(S, Old) -> [N + 1 || {any, N} <- maps:to_list(Old)], S + 1.",
    "handed on": "up(S, Old) -> case see(Old) of N when is_integer(N); N =:= undefined -> S + 1 end.\n"
    "see(#{any := A}) -> A.",
    "by a name that is worked out": 'up(S, Old) -> K = list_to_atom("any"), 0 + maps:get(K, Old), S + 1.',
    "a part of a map": "up(S, #{all := [A | _]}) when is_integer(A) -> S + 1; up(S, #{all := []}) -> S + 1.",
}


@pytest.mark.parametrize("name", READ)
def test_fields_without_a_type_that_are_read_only_warn(name: str, bench: Bench) -> None:
    """Nobody says that the field holds what the function does not take, however it comes by the value."""
    verified = tried(bench, READ[name])
    assert [each.message for each in found(verified)] == []


def test_a_function_that_takes_no_state_is_not_said_to_hold(bench: Bench) -> None:
    """Where no state at all could be converted nothing was shown, whatever the fields may hold."""
    verified = tried(bench, "up(S, Old) -> nowhere:to_be_found(S, Old).")
    assert ([each.code for each in found(verified)], verified.result) == (["M652"], "broken")


# --- the node that it runs in ---


def test_what_is_displayed_does_not_meet_the_answers(bench: Bench) -> None:
    """`erlang:display/1` writes to stdout past all devices; that is not where the answers come."""
    verified = tried(bench, 'up(S, _) -> erlang:display(S), io:format(user, "~p", [S]), S + 1.')
    assert ([each.message for each in found(verified)], verified.result) == ([], "holds")


def test_code_that_stops_the_node_is_told_before_it_has_stopped(bench: Bench) -> None:
    """`init:stop/0` takes its time, and the trial may be over before the node is."""
    assert [each.code for each in found(tried(bench, "up(S, _) -> init:stop(), S + 1."))] == ["M640"]


def test_code_that_kills_its_caller_is_told(bench: Bench) -> None:
    """What ends the process that tries would end the one that upgrades: no fault of the beam's size."""
    kill = "up(S, _) -> {links, All} = process_info(self(), links), [exit(P, kill) || P <- All], S + 1."
    assert [each.code for each in found(tried(bench, kill))] == ["M640"]


def test_a_process_that_a_decision_starts_ends_with_its_call(bench: Bench) -> None:
    """A linked process with a registered name can be started for each state: the one before is gone."""
    start = "up(S, _) -> true = register(m_worker, spawn_link(fun() -> receive stop -> ok end end)), S + 1."
    assert [each.message for each in found(tried(bench, start))] == []
