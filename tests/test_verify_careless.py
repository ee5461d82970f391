"""`verify` and decisions whose code is wrong, or careless of the node that it runs in."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from migrator import library
from migrator.render.verified import render_verified
from migrator.request import Request
from migrator.verifying.findings import Trial, Verified
from tests.support.cases import Bench, decided, run, server

if TYPE_CHECKING:
    from pathlib import Path

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
    assert "holds" not in render_verified(verified)


def test_what_comes_back_of_no_type_excuses_and_accuses_nothing(bench: Bench) -> None:
    """A new state may hold there what no old one did: after its downgrade the way up need not take it."""
    old = server("a = 0", vsn='"1"')
    up = "-export([up/1]).\nup(#{a := A}) -> A + 1."
    new = server("a = 0, b :: integer()", decided("{init, b, up}"), up, vsn='"2"')
    (verified,) = library.verify(bench.helper, bench.beams(old, new)[:1], bench.folder / "v2/m.beam", Request(), SIXTY)
    assert (verified.result, [each.outcome.findings for each in verified.tried]) == ("holds", [()])


def test_nothing_holds_where_nothing_was_tried(bench: Bench) -> None:
    """No states, or only one that is of no version, show nothing of a migration."""
    terms = bench.folder / "foreign.terms"
    terms.write_text("{other, 1}.\n", encoding="utf-8")
    old, new = bench.beams(server("a", vsn='"1"'), server("a, b", vsn='"2"'))
    for trial in (Trial(0, seed=1), Trial(0, seed=1, given=(terms,))):
        (verified,) = library.verify(bench.helper, [old], new, Request(), trial)
        assert (verified.result, "holds" in render_verified(verified)) == ("untried", False)


def test_every_key_is_there_where_nothing_could_be_begun(tmp_path: Path) -> None:
    """The one document says what the others say, also where no beam is found."""
    done = run("verify", "--format", "json", "--seed", "7", tmp_path / "old.beam", tmp_path / "new.beam")
    told = json.loads(done.stdout)
    shown = [told[key] for key in ("result", "seed", "seconds", "from")]
    assert (done.returncode, shown) == (4, ["untried", 7, 0.0, []])


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


def test_two_states_are_not_tried_at_once_where_code_runs(bench: Bench) -> None:
    """A function that makes a named table works for each process, as no two of them run it at a time."""
    work = "[] = lists:seq(1, 30000) -- lists:seq(1, 30000)"
    table = f"-export([table/0]).\ntable() -> T = ets:new(m_table, [named_table]), {work}, T."
    new = server("a, t", decided("{init, t, table}"), table, vsn='"2"')
    before, after = bench.beams(server("a", vsn='"1"'), new)
    (verified,) = library.verify(bench.helper, [before], after, Request(), Trial(300, seed=1))
    assert [each.message for each in found(verified)] == []


# --- right migrations that were said to be wrong ---


def test_a_type_is_believed_where_no_code_here_builds_the_record(bench: Bench) -> None:
    """Records from a header are built in other modules: that a field has no default says nothing against its type."""
    job = "-record(job, {{at :: integer(){}}}).\n"
    old = server("jobs = [] :: [#job{}]", vsn='"1"').replace("-record(state", job.format("") + "-record(state")
    code = "-export([up/1, down/1]).\nup(S) -> S * 1000.\ndown(M) -> M div 1000."
    new = server("jobs = [] :: [#job{}]", decided("{in, job, [{convert, at, up, down}]}"), code, vsn='"2"')
    new = new.replace("-record(state", job.format(", low = true :: boolean()") + "-record(state")
    (verified,) = library.verify(bench.helper, bench.beams(old, new)[:1], bench.folder / "v2/m.beam", Request(), SIXTY)
    assert [each.code for each in verified.diagnostics if each.code in {"M638", "M651"}] == []


def test_a_default_may_call_its_own_module_by_its_name(bench: Bench) -> None:
    """Also where OTP has another module of that name, which is another one then."""
    code = "-export([biggest/1]).\nbiggest([A | _]) -> A."
    sources = (
        server("a", vsn='"1"', name="lists"),
        server("a, b = lists:biggest([1, 2])", code, vsn='"2"', name="lists"),
    )
    beams: list[Path] = []
    for number, each in enumerate(sources):
        folder = bench.folder / str(number)
        folder.mkdir()
        (folder / "lists.erl").write_text(each, encoding="utf-8")
        bench.eval(f'compile:file("{folder}/lists.erl", [debug_info, {{outdir, "{folder}"}}])')
        beams.append(folder / "lists.beam")
    (verified,) = library.verify(bench.helper, beams[:1], beams[1], Request(), SIXTY)
    assert ([each.message for each in found(verified)], verified.result) == ([], "holds")


def test_a_conversion_that_the_own_function_refused_is_not_judged(bench: Bench) -> None:
    """Where the module's own function answers with an error nothing is converted: that shows nothing of a decision."""
    first = "code_change({down, _}, #state{ttl = T} = S, _) when T > 0 -> {ok, S};"
    own = f"-export([code_change/3]).\n{first}\ncode_change(_, S, _) -> {{ok, S}}."
    code = f"-export([up/1, down/1]).\nup(S) -> S + 1.\ndown(S) -> S + ok.\n{own}"
    old = server("ttl = 1 :: integer()", vsn='"1"')
    new = server("ttl = 1 :: integer()", decided("{convert, ttl, up, down}"), code, vsn='"2"')
    (verified,) = library.verify(bench.helper, bench.beams(old, new)[:1], bench.folder / "v2/m.beam", Request(), SIXTY)
    assert {"M638"} == {each.code for each in verified.diagnostics if each.code in {"M638", "M651"}}


@pytest.mark.parametrize("value", ["erlang:md5_init()", "term_to_binary(self())"])
def test_what_hangs_on_the_process_that_runs_it_is_not_compared(value: str, bench: Bench) -> None:
    """A function that gives another value the second time is not repeatable, also where each process begins anew."""
    if value == "erlang:md5_init()" and bench.eval("erlang:md5_init() =:= erlang:md5_init()") == "true":
        pytest.skip("there is no rubbish in it on this OTP: it gives the same each time")
    old = server("a = 0 :: integer()", vsn='"1"')
    code = f"-export([b/0]).\nb() -> {value}."
    new = server("a = 0 :: integer(), b :: binary()", decided("{init, b, b}"), code, vsn='"2"')
    (verified,) = library.verify(bench.helper, bench.beams(old, new)[:1], bench.folder / "v2/m.beam", Request(), SIXTY)
    assert found(verified) == []
    assert any("b" in each and "each time" in each for each in verified.tried[0].unshown), verified.tried[0].unshown


@pytest.mark.parametrize("default", ["fun(X) -> X end", "[{k, fun(_, _) -> ok end}]", "fun f/1"])
def test_a_fun_that_a_record_declares_is_the_one_that_is_made(default: str, bench: Bench) -> None:
    """A default that makes a fun is evaluated elsewhere for the plan: that fun is of another module, and right."""
    old, new = server("a", vsn='"1"'), server(f"a, b = {default}", "-export([f/1]).\nf(X) -> X.", vsn='"2"')
    (verified,) = library.verify(bench.helper, bench.beams(old, new)[:1], bench.folder / "v2/m.beam", Request(), SIXTY)
    assert ([each.message for each in found(verified)], verified.result) == ([], "holds")
