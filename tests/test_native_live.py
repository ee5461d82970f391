"""Native records (OTP 29) in running processes: why they need a conversion, and that old and new code go on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from migrator import library
from migrator.lockfile import text_of
from migrator.locks import locked_release
from migrator.request import Request
from tests.support.cases import ROOT, decided, injected
from tests.support.native import made, native

if TYPE_CHECKING:
    from tests.support.cases import Bench

pytest_plugins = ["tests.support.bench29"]


@pytest.fixture
def bench(bench29: Bench) -> Bench:
    """The bench of OTP 29, for this file alone: a plugin's would be everyone's."""
    return bench29


SESSION = "-record #session{user}."
INIT = "init(_) -> {{ok, #state{{{}}}}}."
OLD = native(
    "name, count = 0, legacy = []",
    INIT.format("name = n"),
    "-export([use/1]).\nuse(S) -> S#state{legacy = [S#state.name | S#state.legacy], count = S#state.count + 1}.",
)
NEW = native(
    "title, count = 0, limit = 10",
    INIT.format("title = n"),
    "-export([use/1]).\nuse(S) -> S#state{count = S#state.count + S#state.limit}.",
    decided("{rename, name, title}", "{drop, legacy}"),
    vsn='"2"',
)


def test_new_code_fails_at_an_old_state(bench: Bench) -> None:
    """Without a conversion new code that reads a new field of an old state fails: a value keeps its definition."""
    old, new = bench.beams(OLD, NEW)
    bench.node.load("m", old.read_bytes())
    bench.eval("element(2, {ok, _} = m:init(x)), persistent_term:put(state, element(2, m:init(x)))")
    bench.node.load("m", new.read_bytes())
    assert bench.eval("try m:use(persistent_term:get(state)) catch error:R -> R end") == "{badfield,{{m,state},limit}}"


def test_both_codes_work_with_what_they_get(bench: Bench) -> None:
    """A process is upgraded, used, downgraded and used again: each code reads and updates the states as its own."""
    old, new = bench.beams(OLD, NEW)
    after = injected(library.inject(bench.helper, [old], new))
    name = bench.start(OLD, "x")
    assert bench.upgrade(name, after, '"1"') == "{ok,#m:state{title = n,count = 0,limit = 10}}"
    used = f"sys:replace_state({name}, fun m:use/1)"
    assert bench.eval(used) == "#m:state{title = n,count = 10,limit = 10}"
    assert bench.downgrade(name, old.read_bytes(), '"1"') == "{ok,#m:state{name = n,count = 10,legacy = []}}"
    assert bench.eval(used) == "#m:state{name = n,count = 11,legacy = [n]}"
    assert bench.eval(f"sys:get_state({name}) =:= m:use(m:use(element(2, m:init(x))))") == "false"
    assert bench.upgrade(name, after, '"1"') == "{ok,#m:state{title = n,count = 11,limit = 10}}"


def test_a_state_machine(bench: Bench) -> None:
    """The data of a gen_statem is converted like the state of a server."""
    forms = "-export([callback_mode/0]).\ncallback_mode() -> handle_event_function."
    olds, news = (
        native(fields, forms, decided(*decisions), vsn=vsn).replace("gen_server", "gen_statem")
        for fields, vsn, decisions in (("a", '"1"', ()), ("b, c = 1", '"2"', ("{rename, a, b}",)))
    )
    bench.install(olds, news)
    state = "records:create(m, state, [{a, x}], #{is_exported => false})"
    assert bench.eval(f'm:code_change("1", on, {state}, [])') == "{ok,on,#m:state{b = x,c = 1}}"
    back = f'begin {{ok, on, S}} = m:code_change("1", on, {state}, []), m:code_change({{down, "1"}}, off, S, []) end'
    assert bench.eval(back) == "{ok,off,#m:state{a = x}}"


def test_a_decisions_file(bench: Bench) -> None:
    """Expressions in a file read the old fields and the new ones as of any record."""
    old, new = native("a, b"), native("a, sum, c = 1", vsn='"2"')
    rules = bench.folder / "m.migration"
    rules.write_text(
        "migrate m.\nrecord state.\nconvert a = Value + 1 down Value - 1.\n"
        "init sum = Old#state.a + Old#state.b.\ndrop b down New#state.sum - New#state.a.\n"
    )
    bench.install(old, new, request=Request(rules=rules))
    state = "records:create(m, state, [{a, 1}, {b, 2}], #{is_exported => false})"
    assert bench.convert('"1"', state) == "{ok,#m:state{a = 2,sum = 3,c = 1}}"
    back = f'begin {{ok, S}} = m:code_change("1", {state}, []), m:code_change({{down, "1"}}, S, []) end'
    assert bench.eval(back) == "{ok,#m:state{a = 1,b = 1}}"


def test_only_what_lies_inside_changed(bench: Bench) -> None:
    """A native state whose own definition is the same is told by the records inside it."""
    inner = "-record #item{{{}}}."
    old = native("items :: [#item{}]", inner.format("a"))
    new = native("items :: [#item{}]", inner.format("a, b = 1"), vsn='"2"')
    bench.install(old, new)
    before, after = (made("state", items=f"[{each}]") for each in (made("item", a="1"), made("item", a="1", b="1")))
    for vsn in ('"1"', '"2"', "x"):
        assert bench.eval(f"m:code_change({vsn}, {before}, []) =:= {{ok, {after}}}") == "true"
        assert bench.eval(f"m:code_change({vsn}, {after}, []) =:= {{ok, {after}}}") == "true"
    assert bench.eval(f'm:code_change({{down, "1"}}, {after}, []) =:= {{ok, {before}}}') == "true"


def test_a_special_process(bench: Bench) -> None:
    """The function of a special process has its state first: the definition is asked for all the same."""
    olds, news = (
        native(fields, *decisions, vsn=vsn).replace("-behaviour(gen_server).", "-export([system_code_change/4]).")
        + "system_code_change(State, _, _, _) -> {ok, State}.\n"
        for fields, vsn, decisions in (("a", '"1"', ()), ("a, c = 1", '"2"', ()))
    )
    bench.install(olds, news)
    state = made("state", a="x")
    assert bench.eval(f'm:system_code_change({state}, m, "1", [])') == "{ok,#m:state{a = x,c = 1}}"
    back = f'm:system_code_change({made("state", a="x", c="2")}, m, {{down, "1"}}, [])'
    assert bench.eval(back) == "{ok,#m:state{a = x}}"


def test_a_lock_of_native_records(bench: Bench) -> None:
    """A lock keeps which records are native, which are exported, and types that name those of other modules."""
    types = "-type other() :: #sess:session{} | undefined."
    old = native("a :: other(), b = 1", types, "-export_record([state]).", SESSION)
    new = native("a :: other(), c = #{}", types, SESSION, decided("{drop, b}"), vsn='"2"')
    beams = bench.beams(old, new)
    entries = locked_release(bench.helper, beams[0], Request()).entries
    lock = bench.folder / "states.lock"
    lock.write_text(text_of(entries), encoding="utf-8")
    assert "  {native_record, state, exported}.\n" in lock.read_text(encoding="utf-8")
    assert '  {type, "other() :: #sess:session{} | undefined"}.\n' in lock.read_text(encoding="utf-8")
    made_of = [injected(library.inject(bench.helper, [source], beams[1])) for source in (lock, beams[0])]
    assert made_of[0] == made_of[1]


def test_a_rehearsed_node_tells_native_states(bench: Bench) -> None:
    """What runs in a rehearsed node tells a native state by its name and its fields, and those inside it."""
    source = ROOT / "erlang_helpers" / "migrator_rehearsal_processes.erl"
    match bench.node.apply("live_compile", "source", str(source).encode(), []):
        case (bytes(beam), _):
            bench.node.load(source.stem, beam)
    server = native("items, more = 1", "-record #item{a}.")
    name = bench.start(server, made("state", items=f"[{made('item', a='{x, 1}')}]", more="2"))
    rows = f"[element(6, Row) || Row <- {source.stem}:snapshot([m], 5000), element(2, Row) =:= {name}]"
    assert bench.eval(rows) == "[{tuple,state,3,[{item,2},{x,2}]}]"
