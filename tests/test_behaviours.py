"""State machines, event handlers and special processes, live, with conversion functions of their own and without."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.beams import compile_file
from tests.support.cases import codes, injected
from tests.support.samples import ROOT as SAMPLES

if TYPE_CHECKING:
    from tests.support.cases import Bench

pytest_plugins = ["tests.support.bench"]

STATEM = """
-module(m).
-vsn("{vsn}").
-{behaviour}(gen_statem).
-export([init/1, callback_mode/0, handle_event/4]).
-record(data, {{{fields}}}).
-state_record(data).
{more}
init(Argument) -> {{ok, Argument, #data{{}}}}.
callback_mode() -> handle_event_function.
handle_event({{call, From}}, get, Name, Data) -> {{keep_state_and_data, [{{reply, From, {{Name, Data}}}}]}}.
"""
FSM = """
-module(m).
-vsn("{vsn}").
-{behaviour}(gen_fsm).
-compile(nowarn_deprecated_function).
-export([init/1, handle_event/3, handle_sync_event/4]).
-record(data, {{{fields}}}).
-state_record(data).
{more}
init(Argument) -> {{ok, Argument, #data{{}}}}.
handle_event(_, Name, Data) -> {{next_state, Name, Data}}.
handle_sync_event(_, _, Name, Data) -> {{reply, ok, Name, Data}}.
"""
EXPORT = "-export([code_change/4]).\n"
MACHINES = [("gen_statem", STATEM), ("gen_fsm", FSM)]
machines = pytest.mark.parametrize(("kind", "source"), MACHINES, ids=[kind for kind, _ in MACHINES])


def versions(source: str, more: str, behaviour: str = "behaviour") -> tuple[str, str]:
    """Two versions of a machine, the second with a field more and these functions."""
    return (
        source.format(vsn="1", fields="a = 1", more="", behaviour="behaviour"),
        source.format(vsn="2", fields="a = 1, b = 2", more=more, behaviour=behaviour),
    )


def there_and_back(
    bench: Bench, kind: str, sources: tuple[str, str], start: str, extra: str = "[]"
) -> tuple[str, str, str]:
    """What the upgrade answers, the machine with its data after it, and after the downgrade."""
    old, new = sources
    beam = injected(bench.inject(old, new))
    running = bench.compile(old, "running").read_bytes()
    bench.node.load("m", running)
    name = bench.eval(f"live_kinds:start({kind}, m, {start})")
    up = bench.upgrade(name, beam, '"1"', extra)
    upgraded = bench.eval(f"sys:get_state({name})")
    bench.downgrade(name, running, '"1"')
    downgraded = bench.eval(f"sys:get_state({name})")
    bench.eval(f"live_node:stop({name})")
    return up, upgraded, downgraded


@machines
@pytest.mark.parametrize("start", ["on", "{on,[1,two]}", "data", "{data,1}"])
def test_the_machine_keeps_its_own_state(bench: Bench, kind: str, source: str, start: str) -> None:
    """Section 6: what is made passes the machine's state, of whatever form, and converts the data alone."""
    _, up, down = there_and_back(bench, kind, versions(source, ""), start)
    assert (up, down) == (f"{{{start},{{data,1,2}}}}", f"{{{start},{{data,1}}}}")


@machines
def test_the_american_spelling(bench: Bench, kind: str, source: str) -> None:
    """Section 1: `-behavior` is `-behaviour`."""
    _, up, down = there_and_back(bench, kind, versions(source, "", "behavior"), "on")
    assert (up, down) == ("{on,{data,1,2}}", "{on,{data,1}}")


@machines
def test_an_own_function_sees_the_new_record_and_the_old_one(bench: Bench, kind: str, source: str) -> None:
    """Section 4: state, data and Extra are those of the contract; what the function answers is the machine's."""
    own = EXPORT + (
        "code_change({down, _}, Name, Data, _) -> {ok, Name, Data};\n"
        "code_change(Vsn, on, #data{b = 2} = Data, [x, {old_state, {data, A}}]) -> {ok, off, Data#data{b = {Vsn, A}}}."
    )
    _, up, down = there_and_back(bench, kind, versions(source, own), "on", "[x]")
    assert (up, down) == ('{off,{data,1,{"1",1}}}', "{off,{data,1}}")


@machines
def test_an_own_downgrade_that_speaks_of_the_new_record(bench: Bench, kind: str, source: str) -> None:
    """Section 5: it runs first, on the new record; the data that it answers is converted, the state is not."""
    own = EXPORT + (
        "code_change({down, _}, Name, #data{a = A, b = B} = Data, []) -> {ok, {Name, was}, Data#data{a = A + B}};\n"
        "code_change(_, Name, Data, _) -> {ok, Name, Data}."
    )
    _, up, down = there_and_back(bench, kind, versions(source, own), "on")
    assert (up, down) == ("{on,{data,1,2}}", "{{on,was},{data,3}}")


@machines
def test_an_own_function_that_refuses(bench: Bench, kind: str, source: str) -> None:
    """Section 4: its refusal is the answer; the machine lives on as it was."""
    own = EXPORT + "code_change(_, _, _, _) -> {error, not_today}."
    answer, up, _ = there_and_back(bench, kind, versions(source, own), "on")
    assert "not_today" in answer
    assert up == "{on,{data,1}}"


@machines
def test_a_private_function_is_wrapped(bench: Bench, kind: str, source: str) -> None:
    """Section 6: one that is not exported is called by what is exported."""
    own = "-export([keep/0]).\ncode_change(_, _, Data, _) -> {ok, private, Data}.\nkeep() -> code_change(a, b, c, d).\n"
    _, up, _ = there_and_back(bench, kind, versions(source, own), "on")
    assert up == "{private,{data,1,2}}"


def test_a_thrown_answer_of_a_state_machine(bench: Bench) -> None:
    """Section 5: gen_statem takes a thrown `{ok, …}`, and so does what wraps it."""
    own = EXPORT + (
        "code_change({down, _}, Name, #data{} = Data, _) -> throw({ok, Name, Data#data{a = 9}});\n"
        "code_change(_, _, Data, _) -> throw({ok, thrown, Data})."
    )
    _, up, down = there_and_back(bench, "gen_statem", versions(STATEM, own), "on")
    assert (up, down) == ("{thrown,{data,1,2}}", "{thrown,{data,9}}")


HANDLER = """
-module(m).
-vsn("{vsn}").
-behaviour(gen_event).
-export([init/1, handle_event/2, handle_call/2]).
-record(state, {{{fields}}}).
-state_record(state).
{more}
init(_) -> {{ok, #state{{}}}}.
handle_event(_, State) -> {{ok, State}}.
handle_call(_, State) -> {{ok, State, State}}.
"""


def handler(more: str) -> tuple[str, str]:
    """Two versions of an event handler."""
    return HANDLER.format(vsn="1", fields="a = 1", more=""), HANDLER.format(vsn="2", fields="a = 1, b = 2", more=more)


def test_two_handlers_of_one_module(bench: Bench) -> None:
    """Section 1: each handler of the module in the manager is converted, also one that was added with an id."""
    old, new = handler("")
    beam = injected(bench.inject(old, new))
    running = bench.compile(old, "running").read_bytes()
    bench.node.load("m", running)
    name = bench.eval("live_kinds:start(gen_event, m, [])")
    bench.eval(f"gen_event:add_handler({name}, {{m, second}}, [])")
    bench.upgrade(name, beam, '"1"')
    assert bench.eval(f"lists:sort(sys:get_state({name}))") == "[{m,false,{state,1,2}},{m,second,{state,1,2}}]"
    bench.downgrade(name, running, '"1"')
    assert bench.eval(f"lists:sort(sys:get_state({name}))") == "[{m,false,{state,1}},{m,second,{state,1}}]"


def test_an_own_downgrade_of_a_handler_runs_first(bench: Bench) -> None:
    """Section 5: as in a gen_server."""
    own = (
        "-export([code_change/3]).\ncode_change({down, _}, #state{a = A, b = B}, _) -> {ok, #state{a = A + B}};\n"
        "code_change(_, State, _) -> {ok, State}."
    )
    beam = injected(bench.inject(*handler(own)))
    bench.node.load("m", beam)
    assert bench.convert('{down,"1"}', "{state,5,7}") == "{ok,{state,12}}"
    assert bench.convert('"1"', "{state,5}") == "{ok,{state,5,2}}"


SPECIAL = """
-module(m).
-vsn("{vsn}").
-export([system_continue/3, system_terminate/4]).
-record(state, {{{fields}}}).
-state_record(state).
{more}
system_continue(_, _, #state{{}} = State) -> exit(State).
system_terminate(_, _, _, _) -> ok.
"""


def test_a_special_process_whose_versions_share_a_shape(bench: Bench) -> None:
    """Section 3: where the shapes are the same OldVsn decides, wherever it stands among the arguments."""
    old = SPECIAL.format(vsn="1", fields="a, b", more="")
    new = SPECIAL.format(vsn="2", fields="b, a", more="")
    bench.node.load("m", injected(bench.inject(old, new)))
    change = "live_node:code_change(m, system_code_change, [{{state,1,2}}, m, {}, []])"
    assert bench.eval(change.format('"1"')) == "{ok,{state,2,1}}"
    assert bench.eval(change.format('"2"')) == "{ok,{state,1,2}}"
    assert bench.eval(change.format('{down,"1"}')) == "{ok,{state,2,1}}"
    assert bench.eval(change.format('"3"')).startswith('{error,{state_migration,{ambiguous_version,"3",')


def test_a_special_process_of_several_versions(bench: Bench) -> None:
    """Section 5: the downgrade's target is told by the version in the third argument."""
    fields = ("a", "a, b = 0", "a, b = 0, c = 0")
    sources = [SPECIAL.format(vsn=n, fields=text, more="") for n, text in enumerate(fields, start=1)]
    bench.node.load("m", injected(bench.inject(*sources)))
    change = "live_node:code_change(m, system_code_change, [{}, m, {}, []])"
    assert bench.eval(change.format("{state,1}", '"1"')) == "{ok,{state,1,0,0}}"
    assert bench.eval(change.format("{state,1,2}", '"2"')) == "{ok,{state,1,2,0}}"
    assert bench.eval(change.format("{state,1,2,3}", '{down,"1"}')) == "{ok,{state,1}}"
    assert bench.eval(change.format("{state,1,2,3}", '{down,"2"}')) == "{ok,{state,1,2}}"


def test_a_behaviour_with_a_state_comes_before_a_special_process(bench: Bench) -> None:
    """Section 1: a gen_server that also exports `system_continue/3` is a gen_server."""
    own = """-behaviour(gen_server).
-export([init/1, handle_call/3, handle_cast/2]).
init(_) -> {ok, #state{}}.
handle_call(_, _, State) -> {reply, State, State}.
handle_cast(_, State) -> {noreply, State}."""
    new = SPECIAL.format(vsn="2", fields="a, b = 2", more=own)
    bench.node.load("m", injected(bench.inject(SPECIAL.format(vsn="1", fields="a", more=""), new)))
    assert bench.convert('"1"', "{state,1}") == "{ok,{state,1,2}}"


WORKED = """
-module(m).
-vsn("{vsn}").
-behaviour(worker).
-export([start_link/1, start/1, work/2{export}]).
-record(state, {{{fields}}}).
-state_record(state).
-state_callback({{migrate, 3, 2}}).
start_link(Argument) -> worker:start_link(?MODULE, Argument).
start(A) -> #state{{a = A}}.
work(_, State) -> State.
{more}
"""


def test_a_behaviour_of_its_own_with_a_function_of_its_own(bench: Bench) -> None:
    """Sections 1 and 4: the function that `-state_callback` names runs after the conversion, live, up and down."""
    bench.node.load("worker", compile_file(SAMPLES / "state_callback" / "worker.erl", bench.folder).read_bytes())
    own = (
        "migrate({down, _}, S, _) -> {ok, S};\n"
        "migrate(V, #state{} = S, [x, {old_state, O}]) -> {ok, S#state{b = {V, O}}}."
    )
    old = WORKED.format(vsn="1", export="", fields="a", more="")
    new = WORKED.format(vsn="2", export=", migrate/3", fields="a, b = 2", more=own)
    beam = injected(bench.inject(old, new))
    running = bench.compile(old, "running").read_bytes()
    bench.node.load("m", running)
    name = bench.eval("live_kinds:start(special, m, 7)")
    assert bench.upgrade(name, beam, '"1"', "[x]") == '{ok,{state,7,{"1",{state,7}}}}'
    assert bench.downgrade(name, running, '"1"') == "{ok,{state,7}}"


@pytest.mark.parametrize(
    ("more", "warned"),
    [
        ("-behaviour(ours).", ["M417"]),
        ("-behaviour(supervisor).", ["M417"]),
        ("-behaviour(ours).\n-state_callback({migrate, 3, 2}).", []),
        ("-behaviour(ours).\n-behaviour(gen_event).", []),
        ("-behaviour(ours).\n-export([code_change/3]).\ncode_change(_, State, _) -> {ok, State}.", []),
        ("-behaviour(ours).\n-export([system_continue/3]).\nsystem_continue(_, _, State) -> exit(State).", []),
        ("", []),
    ],
)
def test_a_behaviour_that_nothing_is_known_of(bench: Bench, more: str, warned: list[str]) -> None:
    """Section 1: where no attribute names the function of another behaviour, it is said that one is guessed."""
    versions = [
        f'-module(m).\n-vsn("{n}").\n-record(state, {{{f}}}).\n-state_record(state).\n{more}\n'
        for n, f in ((1, "a"), (2, "a, b = 0"))
    ]
    assert codes(bench.inject(*versions)) == warned
    assert codes(bench.inject(versions[0], versions[0].replace('"1"', '"2"'))) == []
