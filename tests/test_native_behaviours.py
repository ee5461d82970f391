"""Native records (OTP 29) as the data of running state machines and as the states of event handlers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.cases import decided, injected

if TYPE_CHECKING:
    from tests.support.cases import Bench

pytest_plugins = ["tests.support.bench29"]


@pytest.fixture
def bench(bench29: Bench) -> Bench:
    """The bench of OTP 29, for this file alone: a plugin's would be everyone's."""
    return bench29


MACHINE = """
-module(m).
-vsn("{vsn}").
-behaviour(gen_statem).
-export([init/1, callback_mode/0, handle_event/4, use/1]).
-record #state{{{fields}}}.
-state_record(state).
{decisions}
init(Name) -> {{ok, idle, #state{{{name} = Name}}}}.
callback_mode() -> handle_event_function.
handle_event({{call, From}}, use, _, Data) -> {{next_state, used, use(Data), [{{reply, From, ok}}]}}.
use({body}.
"""
OLD_MACHINE = MACHINE.format(
    vsn="1",
    fields="name, count = 0",
    decisions="",
    name="name",
    body="#state{name = N, count = C} = S) -> S#state{name = [N], count = C + 1}",
)
NEW_MACHINE = MACHINE.format(
    vsn="2",
    fields="title, count = 0, limit = 10",
    decisions=decided("{rename, name, title}"),
    name="title",
    body="#state{count = C, limit = L} = S) -> S#state{count = C + L}",
)
HANDLER = """
-module(m).
-vsn("{vsn}").
-behaviour(gen_event).
-export([init/1, handle_event/2, handle_call/2]).
-record #state{{{fields}}}.
-state_record(state).
{decisions}
init(Name) -> {{ok, #state{{{name} = Name}}}}.
handle_event({{add, N}}, #state{{count = C}} = S) -> {{ok, S#state{{count = C + N}}}}.
handle_call(get, #state{{{name} = Name, count = C}} = S) -> {{ok, {{Name, C}}, S}}.
"""
OLD_HANDLER = HANDLER.format(vsn="1", fields="name, count = 0", decisions="", name="name")
NEW_HANDLER = HANDLER.format(
    vsn="2", fields="title, limit = 10, count = 0", decisions=decided("{rename, name, title}"), name="title"
)


def test_a_running_state_machine(bench: Bench) -> None:
    """Its data is upgraded, used, downgraded and used again; the name of its state stays."""
    new = injected(bench.inject(OLD_MACHINE, NEW_MACHINE))
    old = bench.compile(OLD_MACHINE, "running").read_bytes()
    bench.node.load("m", old)
    name = bench.eval("live_node:start(gen_statem, m, x)")
    use = f"gen_statem:call({name}, use), sys:get_state({name})"
    assert bench.eval(use) == "{used,#m:state{name = [x],count = 1}}"
    assert bench.upgrade(name, new, '"1"') == "{ok,{used,#m:state{title = [x],count = 1,limit = 10}}}"
    assert bench.eval(use) == "{used,#m:state{title = [x],count = 11,limit = 10}}"
    assert bench.downgrade(name, old, '"1"') == "{ok,{used,#m:state{name = [x],count = 11}}}"
    assert bench.eval(use) == "{used,#m:state{name = [[x]],count = 12}}"


def test_running_event_handlers(bench: Bench) -> None:
    """All handlers of a manager are upgraded, notified, downgraded and notified again."""
    new = injected(bench.inject(OLD_HANDLER, NEW_HANDLER))
    old = bench.compile(OLD_HANDLER, "running").read_bytes()
    bench.node.load("m", old)
    name = "live_events_of_natives"
    bench.eval(f"begin {{ok, _}} = gen_event:start({{local, {name}}}), ok end")
    added = ", ".join(f"ok = gen_event:add_handler({name}, {{m, {each}}}, {each})" for each in ("x", "y"))
    bench.eval(f"begin {added} end")
    called = ", ".join(f"gen_event:call({name}, {{m, {each}}}, get)" for each in ("x", "y"))
    notified = f"begin ok = gen_event:sync_notify({name}, {{add, 2}}), [{called}] end"
    assert bench.eval(notified) == "[{x,2},{y,2}]"
    assert "#m:state{title = x,limit = 10,count = 2}" in bench.upgrade(name, new, '"1"')
    assert bench.eval(notified) == "[{x,4},{y,4}]"
    assert "#m:state{name = y,count = 4}" in bench.downgrade(name, old, '"1"')
    assert bench.eval(notified) == "[{x,6},{y,6}]"
    bench.eval(f"gen_event:stop({name})")
