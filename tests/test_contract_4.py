"""Section 4 of the contract: the state is converted first, then the module's own function runs, whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.cases import codes, injected, own, server

if TYPE_CHECKING:
    from tests.support.cases import Bench

pytest_plugins = ["tests.support.bench"]

OLD = server("a, b = 0")


def new(*forms: str) -> str:
    """A new version with a third field, and these forms."""
    return server("a, b = 0, c = 7", *forms, vsn='"2"')


SEEN = own("(OldVsn, State, Extra) -> {ok, {seen, OldVsn, State, Extra}}")


def test_the_own_function_sees_the_new_record(bench: Bench) -> None:
    """Section 4: the own function gets OldVsn as it came, the new record, and the old one in Extra."""
    bench.install(OLD, new(SEEN))
    assert bench.convert('"1"', "{state,1,2}", "[x]") == ('{ok,{seen,"1",{state,1,2,7},[x,{old_state,{state,1,2}}]}}')


@pytest.mark.parametrize(
    ("extra", "expected"),
    [
        ("[]", "[{old_state, O}]"),
        ("[a, {b, c}]", "[a, {b, c}, {old_state, O}]"),
        ("[{old_state, before}]", "[{old_state, before}, {old_state, O}]"),
        ("[a | b]", "[[a | b], {old_state, O}]"),
        ("[a, b | {c}]", "[[a, b | {c}], {old_state, O}]"),
        ("undefined", "[undefined, {old_state, O}]"),
        ("{some, tuple}", "[{some, tuple}, {old_state, O}]"),
        ("#{a => map}", "[#{a => map}, {old_state, O}]"),
        ("<<1>>", "[<<1>>, {old_state, O}]"),
        ('"text"', '"text" ++ [{old_state, O}]'),
    ],
)
def test_extra_takes_the_old_state(bench: Bench, extra: str, expected: str) -> None:
    """Section 4: a proper list gets it at its end, anything else becomes a list with it."""
    bench.install(OLD, new(own("(_, _, Extra) -> {ok, Extra}")))
    wanted = bench.eval(f"O = {{state,1,2}}, {{ok, {expected}}}")
    assert bench.convert("v", "{state,1,2}", extra) == wanted


@pytest.mark.parametrize("extra", ["[]", "[a | b]", "none", "[{x, y}]"])
def test_the_old_record_is_found_in_extra(bench: Bench, extra: str) -> None:
    """Section 4: `proplists:get_value(old_state, Extra)` is the old record, whatever Extra was."""
    bench.install(OLD, new(own("(_, _, Extra) -> {ok, proplists:get_value(old_state, Extra)}")))
    assert bench.convert("v", "{state,1,2}", extra) == "{ok,{state,1,2}}"


@pytest.mark.parametrize(
    "literal", ['"1"', "1", "one", "{one, 1}", "[1, 2]", "<<1, 2>>", "#{}", "$a", "-1", "16#ff", "1.5"]
)
def test_a_literal_of_any_kind_matches_old_vsn(bench: Bench, literal: str) -> None:
    """Section 4: a clause for one OldVsn still takes exactly that one."""
    clauses = (f"({literal}, State, _) -> {{ok, {{mine, State}}}}", "(_, State, _) -> {ok, {other, State}}")
    bench.install(OLD, new(own(*clauses)))
    assert bench.convert(literal, "{state,1,2}") == "{ok,{mine,{state,1,2,7}}}"
    assert bench.convert("another", "{state,1,2}") == "{ok,{other,{state,1,2,7}}}"


def test_guards_and_patterns_decide(bench: Bench) -> None:
    """Section 4: guards on the new record, and patterns on any argument, choose among the clauses."""
    clauses = (
        "(_, #state{c = C} = S, [go | _]) when C > 5, S#state.a > 0 -> {ok, S#state{b = guarded}}",
        "(_, #state{a = same, b = same}, _) -> {ok, both}",
        "(V, S, _) when is_list(V) -> {ok, {listed, S}}",
        "(_, S, _) -> {ok, S}",
    )
    bench.install(OLD, new(own(*clauses)))
    assert bench.convert("v", "{state,1,2}", "[go]") == "{ok,{state,1,guarded,7}}"
    assert bench.convert("v", "{state,same,same}") == "{ok,both}"
    assert bench.convert('"1"', "{state,1,2}") == "{ok,{listed,{state,1,2,7}}}"
    assert bench.convert("v", "{state,1,2}") == "{ok,{state,1,2,7}}"


def test_a_function_that_refuses_refuses(bench: Bench) -> None:
    """Section 4: `{error, no}` of the own function is the answer."""
    bench.install(OLD, new(own("(_, #state{}, _) -> {error, no}")))
    assert bench.convert("v", "{state,1,2}") == "{error,no}"


def test_a_thrown_answer_is_thrown(bench: Bench) -> None:
    """Section 4: what the own function throws is thrown, as gen_server takes it."""
    bench.install(OLD, new(own("(_, S, _) -> throw({ok, S#state{b = thrown}})")))
    thrown = "try m:code_change(v, {state,1,2}, []) catch throw:T -> {thrown, T} end"
    assert bench.eval(thrown) == "{thrown,{ok,{state,1,thrown,7}}}"


def test_a_function_without_a_fitting_clause_fails_as_ever(bench: Bench) -> None:
    """Section 4: where no clause fits the own function still raises function_clause."""
    bench.install(OLD, new(own("(one, S, _) -> {ok, S}")))
    assert bench.eval("catch element(1, element(2, (catch m:code_change(two, {state,1,2}, []))))") == "function_clause"


def test_recursion_reaches_the_own_function(bench: Bench) -> None:
    """Section 4: the own function's call of itself does not come by the conversion again."""
    clauses = (
        "({again, V}, S, Extra) -> {ok, {V, S, length(Extra)}}",
        "(V, S, Extra) -> code_change({again, V}, {state, S, rest}, Extra)",
    )
    bench.install(OLD, new(own(*clauses)))
    assert bench.convert("v", "{state,1,2}") == "{ok,{v,{state,{state,1,2,7},rest},1}}"


def test_init_reaches_the_own_function(bench: Bench) -> None:
    """Section 4: a call from `init/1` meets the own function and not the wrapper."""
    init = "init(State) -> code_change(from_init, State, extra)."
    bench.install(OLD, new(own("(V, State, Extra) -> {ok, {V, State, Extra}}"), init))
    assert bench.eval("m:init({state,1,2})") == "{ok,{from_init,{state,1,2},extra}}"


def test_a_fun_of_it_reaches_the_own_function(bench: Bench) -> None:
    """Section 4: `fun code_change/3` that the module passes around is its own function."""
    init = "init(State) -> F = fun code_change/3, hd([G(v, State, x) || G <- [F]])."
    bench.install(OLD, new(own("(V, State, Extra) -> {ok, {V, State, Extra}}"), init))
    assert bench.eval("m:init({state,1,2})") == "{ok,{v,{state,1,2},x}}"


def test_calls_from_every_kind_of_expression_reach_it(bench: Bench) -> None:
    """Section 4: calls in a comprehension, a fun, a try, a receive and a record's default are local calls too."""
    init = """init(S) ->
        F = fun() -> code_change(fn, S, x) end,
        {[code_change(V, S, x) || V <- [lc]], F(), try code_change(tr, S, x) after ok end,
         receive after 0 -> code_change(rc, S, x) end, (#other{})#other.x,
         maps:map(fun(_, V) -> code_change(V, S, x) end, #{k => mp})}."""
    record = "-record(other, {x = code_change(default, s, x)})."
    bench.install(OLD, new(record, own("(V, State, _) -> {V, State}"), init))
    state = "{state,1,2}"
    expected = f"{{[{{lc,{state}}}],{{fn,{state}}},{{tr,{state}}},{{rc,{state}}},{{default,s}},#{{k=>{{mp,{state}}}}}}}"
    assert bench.eval(f"m:init({state})") == bench.eval(expected)


def test_an_external_call_meets_the_wrapper(bench: Bench) -> None:
    """Section 4: `?MODULE:code_change(…)` is no local call: it converts."""
    init = "init(State) -> ?MODULE:code_change(v, State, [])."
    bench.install(OLD, new(own("(_, State, _) -> {ok, State}"), init))
    assert bench.eval("m:init({state,1,2})") == "{ok,{state,1,2,7}}"


def test_the_new_shape_reaches_the_own_function_as_it_came(bench: Bench) -> None:
    """Section 4: a state that needs no conversion comes with Extra as it came."""
    bench.install(OLD, new(SEEN))
    assert bench.convert("v", "{state,1,2,3}", "[x]") == "{ok,{seen,v,{state,1,2,3},[x]}}"


def test_a_running_process_is_upgraded(bench: Bench) -> None:
    """Section 4: a suspended process whose code is replaced goes on with the converted state."""
    old = server("a, b = 0", "init(State) -> {ok, State}.")
    beam = injected(bench.inject(old, new(own("(_, S, _) -> {ok, S#state{b = up}}"))))
    name = bench.start(old, "{state, 1, 2}")
    assert bench.upgrade(name, beam, '"1"') == "{ok,{state,1,up,7}}"
    assert bench.eval(f"live_node:call({name}, get)") == "{state,1,up,7}"
    bench.eval(f"live_node:stop({name})")


def test_variables_of_the_record_do_not_meet_ours(bench: Bench) -> None:
    """Section 4: defaults that bind Old, New, State or Extra are evaluated as they stand."""
    fields = "a, b = 0, old = (fun() -> Old = 5, New = 6, Extra = 7, State = 8, Old + New + Extra + State end)()"
    bench.install(OLD, server(fields, SEEN, vsn='"2"'))
    assert bench.convert("v", "{state,1,2}") == "{ok,{seen,v,{state,1,2,26},[{old_state,{state,1,2}}]}}"


def test_fields_named_like_our_variables(bench: Bench) -> None:
    """Section 4: fields called old, new, extra, state, old_vsn are carried like any other."""
    fields = "old, new, extra, state, old_vsn, 'OldVsn', 'Old', result, '_', 'a b', 'case'"
    bench.install(server(fields), server(f"{fields}, z = 0", SEEN, vsn='"2"'))
    numbers = ",".join(map(str, range(11)))
    assert bench.convert("v", f"{{state,{numbers}}}") == (
        f"{{ok,{{seen,v,{{state,{numbers},0}},[{{old_state,{{state,{numbers}}}}}]}}}}"
    )


def test_nothing_is_said_of_a_plain_own_function(bench: Bench) -> None:
    """Section 4: an own function that treats no old shape needs no decision."""
    assert codes(bench.inject(OLD, new(SEEN))) == []
