"""Section 6 of the contract: no `code_change` of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.support.cases import injected, server

if TYPE_CHECKING:
    from tests.support.cases import Bench

pytest_plugins = ["tests.support.bench"]

OLD = server("a, b = 0", "init(State) -> {ok, State}.")
NEW = server("a, b = 0, c = 7", vsn='"2"')


def test_one_is_synthesised_and_exported(bench: Bench) -> None:
    """Section 6: where none is there, one is synthesised and exported: `{ok, NewState}`."""
    bench.install(OLD, NEW)
    assert bench.eval("erlang:function_exported(m, code_change, 3)") == "true"
    assert bench.convert('"1"', "{state,1,2}", "[x | y]") == "{ok,{state,1,2,7}}"
    assert bench.convert('{down, "1"}', "{state,1,2,3}", "x") == "{ok,{state,1,2}}"


def test_one_that_is_not_exported_is_wrapped_and_exported(bench: Bench) -> None:
    """Section 6: a function that the module calls by itself and does not export is wrapped, and ours exported."""
    forms = "code_change(_, State, Extra) -> {ok, {mine, State, Extra}}.\ninit(S) -> code_change(v, S, [])."
    bench.install(OLD, server("a, b = 0, c = 7", forms, vsn='"2"'))
    assert bench.convert("v", "{state,1,2}") == "{ok,{mine,{state,1,2,7},[{old_state,{state,1,2}}]}}"
    assert bench.eval("m:init(x)") == "{ok,{mine,x,[]}}"


def test_a_function_of_that_name_and_another_arity_is_left_alone(bench: Bench) -> None:
    """Section 6: `code_change/2` is none of ours."""
    forms = "-export([code_change/2]).\ncode_change(A, B) -> {mine, A, B}."
    bench.install(OLD, server("a, b = 0, c = 7", forms, vsn='"2"'))
    assert bench.eval("m:code_change(1, 2)") == "{mine,1,2}"
    assert bench.convert("v", "{state,1,2}") == "{ok,{state,1,2,7}}"


def statem(fields: str, vsn: str, *forms: str) -> str:
    """A gen_statem with such data."""
    text = "\n".join(forms)
    return f"""
-module(m).
-behaviour(gen_statem).
-vsn({vsn}).
-export([init/1, callback_mode/0, idle/3]).
-record(data, {{{fields}}}).
-state_record(data).
{text}
callback_mode() -> state_functions.
init(Data) -> {{ok, idle, Data}}.
idle({{call, From}}, get, Data) -> {{keep_state, Data, [{{reply, From, Data}}]}}.
"""


def test_a_gen_statem_answers_its_state_name(bench: Bench) -> None:
    """Section 6: for gen_statem it is `{ok, StateName, NewData}`, with the data as argument 3."""
    bench.install(statem("a", '"1"'), statem("a, b = 5", '"2"'))
    assert bench.eval('m:code_change("1", idle, {data,1}, [])') == "{ok,idle,{data,1,5}}"
    assert bench.eval('m:code_change({down, "1"}, idle, {data,1,2}, [])') == "{ok,idle,{data,1}}"


def test_a_running_gen_statem_is_upgraded(bench: Bench) -> None:
    """Section 6: a gen_statem process goes up and down between the versions."""
    old = statem("a", '"1"')
    beam = injected(bench.inject(old, statem("a, b = 5", '"2"')))
    before = bench.compile(old, "running").read_bytes()
    bench.node.load("m", before)
    name = bench.eval("live_node:start(gen_statem, m, {data, 1})")
    assert bench.upgrade(name, beam, '"1"') == "{ok,{idle,{data,1,5}}}"
    assert bench.downgrade(name, before, '"1"') == "{ok,{idle,{data,1}}}"
    bench.eval(f"live_node:stop({name})")


def test_an_own_function_of_a_gen_statem_is_wrapped(bench: Bench) -> None:
    """Section 6: the own code_change/4 gets the new data, and may change the state's name."""
    own = "-export([code_change/4]).\ncode_change(_, Name, Data, Extra) -> {ok, {was, Name}, {Data, Extra}}."
    bench.install(statem("a", '"1"'), statem("a, b = 5", '"2"', own))
    assert bench.eval("m:code_change(v, idle, {data,1}, [])") == ("{ok,{was,idle},{{data,1,5},[{old_state,{data,1}}]}}")


def handler(fields: str, vsn: str) -> str:
    """A gen_event handler with such a state."""
    return f"""
-module(m).
-behaviour(gen_event).
-vsn({vsn}).
-export([init/1, handle_event/2, handle_call/2]).
-record(state, {{{fields}}}).
-state_record(state).
init(State) -> {{ok, State}}.
handle_event(_, State) -> {{ok, State}}.
handle_call(get, State) -> {{ok, State, State}}.
"""


def test_a_gen_event_handler_is_upgraded(bench: Bench) -> None:
    """Section 6: a handler's state goes up and down inside its manager."""
    old = handler("a", '"1"')
    beam = injected(bench.inject(old, handler("a, b = 5", '"2"')))
    before = bench.compile(old, "running").read_bytes()
    bench.node.load("m", before)
    path = bench.folder / "up.beam"
    path.write_bytes(beam)
    answer = bench.eval(
        "{ok, P} = gen_event:start(), ok = gen_event:add_handler(P, m, {state, 1}), ok = sys:suspend(P),"
        f'{{ok, B}} = file:read_file("{path}"), live_node:load(m, B), ok = sys:change_code(P, m, "1", []),'
        "ok = sys:resume(P), Up = gen_event:call(P, m, get), ok = sys:suspend(P),"
        'ok = sys:change_code(P, m, {down, "1"}, []), ok = sys:resume(P), Down = gen_event:call(P, m, get),'
        "gen_event:stop(P), {Up, Down}"
    )
    assert answer == "{{state,1,5},{state,1}}"


def special(fields: str, vsn: str, *forms: str) -> str:
    """A special process, whose loop is its own."""
    text = "\n".join(forms)
    return f"""
-module(m).
-vsn({vsn}).
-export([init/1, system_code_change/4]).
-record(state, {{{fields}}}).
-state_record(state).
{text}
init(_) -> #state{{}}.
system_code_change(Misc, Module, OldVsn, Extra) -> {{ok, {{Misc, Module, OldVsn, Extra}}}}.
"""


def test_a_special_process_is_asked_by_system_code_change(bench: Bench) -> None:
    """Section 6: of a special process the state is argument 1 and OldVsn argument 3."""
    bench.install(special("a", '"1"'), special("a, b = 5", '"2"'))
    assert bench.eval('m:system_code_change({state,1}, m, "1", [x])') == (
        '{ok,{{state,1,5},m,"1",[x,{old_state,{state,1}}]}}'
    )
    assert bench.eval('m:system_code_change({state,1,2}, m, {down, "1"}, [])') == (
        '{ok,{{state,1},m,{down,"1"},[{old_state,{state,1,2}}]}}'
    )
