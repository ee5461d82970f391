"""Native records (OTP 29) inside states, and states of which they are a part."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.cases import decided, server
from tests.support.native import made, native, records_first

if TYPE_CHECKING:
    from tests.support.cases import Bench

pytest_plugins = ["tests.support.bench29"]


@pytest.fixture
def bench(bench29: Bench) -> Bench:
    """The bench of OTP 29, for this file alone: a plugin's would be everyone's."""
    return bench29


UP = '"1"'
DOWN = '{down, "1"}'

SESSION = "-record #session{{{}}}."


def test_native_records_inside(bench: Bench) -> None:
    """Changed native records are converted in lists, maps and tuples, below tuple records and native ones."""
    box = "-record(box, {content :: #session{}})."
    types = (
        "list = [] :: [#session{}], map = #{} :: #{atom() => #session{}}, box :: #box{}, one :: {ok, #session{}} | no"
    )
    old = native(types, SESSION.format("user, n = 0"), box)
    new = native(
        f"{types}, more = 1",
        SESSION.format("owner, n = 0, x = y"),
        box,
        decided("{in, session, [{rename, user, owner}]}"),
        vsn='"2"',
    )
    bench.install(old, new)
    one_ = made("session", user="u", n="1")
    state = made(
        "state", list=f"[{one_}, other]", map=f"#{{k => {one_}}}", box=f"{{box, {one_}}}", one=f"{{ok, {one_}}}"
    )
    session = "#m:session{owner = u,n = 1,x = y}"
    expected = (
        f"{{ok,#m:state{{list = [{session},other],map = #{{k => {session}}},"
        f"box = {{box,{session}}},one = {{ok,{session}}},more = 1}}}}"
    )
    printed = bench.convert(UP, state).replace("\n", "").replace("  ", "")
    assert printed.replace(" ", "") == expected.replace(" ", "")
    back = f"begin {{ok, S}} = live_node:convert(m, {UP}, {state}, []), live_node:convert(m, {DOWN}, S, []) end"
    assert bench.eval(f"{back} =:= {{ok, {state}}}") == "true"


def test_native_records_inside_a_tuple_state(bench: Bench) -> None:
    """A tuple record may hold native ones, and a record inside may become native while the state stays a tuple."""
    old = records_first(server("s :: #session{} | undefined", "-record(session, {user})."))
    new = records_first(server("s :: #session{} | undefined", SESSION.format("user, n = 0"), vsn='"2"'))
    bench.install(old, new)
    assert bench.convert(UP, "{state, {session, u}}") == "{ok,{state,#m:session{user = u,n = 0}}}"
    assert bench.convert(UP, "{state, undefined}") == "{ok,{state,undefined}}"
    assert bench.convert(DOWN, f"{{state, {made('session', user='u', n='2')}}}") == "{ok,{state,{session,u}}}"
    same = f"{{state, {made('session', user='u', n='2')}}}"
    assert bench.eval(f"live_node:convert(m, {UP}, {same}, []) =:= {{ok, {same}}}") == "true"


def test_deep_finds_native_records(bench: Bench) -> None:
    """`deep` converts changed native records wherever they lie in an untyped field, in other native records too."""
    wrap = "-record #wrap{inner}."
    old = native("cache", SESSION.format("user"), wrap)
    new = native("cache, hits = 0", SESSION.format("user, n = 0"), wrap, decided("{deep, cache}"), vsn='"2"')
    bench.install(old, new)
    session = made("session", user="u")
    cache = f"[{{k, {session}}}, #{{k => {session}}}, {made('wrap', inner=f'[{session}]')}, x]"
    new_session = made("session", user="u", n="0")
    expected = f"[{{k, {new_session}}}, #{{k => {new_session}}}, {made('wrap', inner=f'[{new_session}]')}, x]"
    up = f"live_node:convert(m, {UP}, {made('state', cache=cache)}, [])"
    assert bench.eval(f"{up} =:= {{ok, {made('state', cache=expected, hits='0')}}}") == "true"
    down = f"live_node:convert(m, {DOWN}, {made('state', cache=expected, hits='0')}, [])"
    assert bench.eval(f"{down} =:= {{ok, {made('state', cache=cache)}}}") == "true"


def test_move_into_a_native_record(bench: Bench) -> None:
    """A field moves into a native record inside the state, and back."""
    old = native("conf :: #conf{}, timeout = 1", "-record #conf{host}.")
    new = native(
        "conf :: #conf{}", "-record #conf{host, timeout = 0}.", decided("{move, timeout, [conf, timeout]}"), vsn='"2"'
    )
    bench.install(old, new)
    before = made("state", conf=made("conf", host="h"), timeout="9")
    after = made("state", conf=made("conf", host="h", timeout="9"))
    assert bench.eval(f"live_node:convert(m, {UP}, {before}, []) =:= {{ok, {after}}}") == "true"
    assert bench.eval(f"live_node:convert(m, {DOWN}, {after}, []) =:= {{ok, {before}}}") == "true"


def test_a_state_type_with_native_records(bench: Bench) -> None:
    """A state along a type: a native record in a wrapper, or one of several native records."""

    def source(fields: str, vsn: str) -> str:
        text = server(
            "",
            f"-record #conn{{{fields}}}.",
            "-type conns() :: {#conn{}, integer()} | #conn{}.",
            "init(S) -> {ok, S}.",
            vsn=vsn,
        )
        return text.replace("-record(state, {}).", "").replace("-state_record(state).", "-state_type(conns).")

    bench.install(source("a", '"1"'), source("a, b = 2", '"2"'))
    old, new = made("conn", a="1"), made("conn", a="1", b="2")
    for wrap in ("{{{}, 5}}", "{}"):
        before, after = wrap.format(old), wrap.format(new)
        assert bench.eval(f"live_node:convert(m, {UP}, {before}, []) =:= {{ok, {after}}}") == "true"
        assert bench.eval(f"live_node:convert(m, {DOWN}, {after}, []) =:= {{ok, {before}}}") == "true"
        assert bench.eval(f"live_node:convert(m, {UP}, {after}, []) =:= {{ok, {after}}}") == "true"


WRAPPED = (
    "-type conns() :: {#conn{}, integer()} | #{main := {wrapped, #conn{}}, atom() => term()} | [#conn{}].",
    "-type conns() :: {#conn{}, #conn{} | none} | #conn{}.",
)


@pytest.mark.parametrize(
    ("type_", "state", "outcome"),
    [
        (WRAPPED[0], "{STRANGE, 5}", "refused"),
        (WRAPPED[0], "{NOT_OURS, 5}", "passed"),
        (WRAPPED[0], "#{main => {wrapped, STRANGE}}", "refused"),
        (WRAPPED[0], "#{main => {other, STRANGE}}", "passed"),
        (WRAPPED[1], "{KNOWN, STRANGE}", "refused"),
        (WRAPPED[1], "{STRANGE, none}", "refused"),
        (WRAPPED[1], "{STRANGE, none, more}", "passed"),
        (WRAPPED[1], "STRANGE", "refused"),
    ],
)
@pytest.mark.parametrize("own_function", ["", "code_change(_, S, _) -> {ok, S}."])
def test_an_unknown_definition_in_a_wrapper_is_refused(
    type_: str, state: str, outcome: str, own_function: str, bench: Bench
) -> None:
    """Section 3: as a tuple of the record's tag and of an unknown size is; both ways, and no other state."""

    def source(fields: str, vsn: str) -> str:
        forms = (f"-record #conn{{{fields}}}.", type_, "init(S) -> {ok, S}.")
        exported = ("-export([code_change/3]).", own_function) if own_function else ()
        text = server("", *exported, *forms, vsn=vsn)
        return text.replace("-record(state, {}).", "").replace("-state_record(state).", "-state_type(conns).")

    bench.install(source("a", '"1"'), source("a, b = 2", '"2"'))
    for vsn, known in ((UP, made("conn", a="1")), (DOWN, made("conn", a="1", b="2"))):
        given = state.replace("STRANGE", made("conn", z="1")).replace("KNOWN", known)
        given = given.replace("NOT_OURS", made("other", z="1"))
        answer = (
            "{error, {state_migration, {unknown_shape, conn, [z]}}}" if outcome == "refused" else f"{{ok, {given}}}"
        )
        assert bench.eval(f"live_node:convert(m, {vsn}, {given}, []) =:= {answer}") == "true"


def test_the_whole_state_by_hand(bench: Bench) -> None:
    """A map becomes a native record by hand, and a native record another kind of state."""
    old = server("", "-type st() :: #{n := integer()}.", "init(S) -> {ok, S}.")
    old = old.replace("-record(state, {}).", "").replace("-state_record(state).", "-state_type(st).")
    new = native(
        "n",
        decided("{state, up, down}"),
        "up(#{n := N}) -> #state{n = N}.\ndown(#state{n = N}) -> #{n => N}.",
        vsn='"2"',
    )
    bench.install(old, new)
    assert bench.convert(UP, "#{n => 1}") == "{ok,#m:state{n = 1}}"
    assert bench.convert(UP, made("state", n="1")) == "{ok,#m:state{n = 1}}"
    assert bench.convert(DOWN, made("state", n="1")) == "{ok,#{n => 1}}"


def test_an_old_default_is_that_of_the_old_definition(bench: Bench) -> None:
    """The old default of a tuple record that makes a native one gives it the old definition, whatever is loaded."""
    old = records_first(server("a, s = #session{user = u}", SESSION.format("user")))
    made_ = "-export([s/0]).\ns() -> #session{user = 1}."
    new = records_first(server("a", SESSION.format("user, n = 0"), decided("{drop, s}"), made_, vsn='"2"'))
    bench.install(old, new)
    assert bench.convert(DOWN, "{state, 1}") == "{ok,{state,1,#m:session{user = u}}}"


def test_a_native_state_by_hand(bench: Bench) -> None:
    """Between two definitions of one record functions may convert the whole state: each is told by its definition."""
    functions = "up(#_{a = A}) -> #state{b = {A}}.\ndown(#state{b = {A}}) -> {was, A}."
    bench.install(native("a"), native("b", decided("{state, up, down}"), functions, vsn='"2"'))
    assert bench.convert(UP, made("state", a="1")) == "{ok,#m:state{b = {1}}}"
    assert bench.convert(UP, made("state", b="1")) == "{ok,#m:state{b = 1}}"
    assert bench.convert(DOWN, made("state", b="{1}")) == "{ok,{was,1}}"
    assert bench.convert(UP, made("state", c="1")) == "{error,{state_migration,{unknown_shape,state,[c]}}}"
    assert bench.convert(UP, "other") == "{ok,other}"
