"""Native records (OTP 29) as states: up and down, as the code of an OTP 29 node finds them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from migrator.request import Request
from tests.support.cases import codes, decided, one, own, server
from tests.support.native import made, native

if TYPE_CHECKING:
    from tests.support.cases import Bench

pytest_plugins = ["tests.support.bench29"]


@pytest.fixture
def bench(bench29: Bench) -> Bench:
    """The bench of OTP 29, for this file alone: a plugin's would be everyone's."""
    return bench29


UP = '"1"'
DOWN = '{down, "1"}'


def test_a_field_is_added_up_and_down(bench: Bench) -> None:
    """An old native state becomes one of the new definition, and the way back gives one of the old definition."""
    bench.install(native("a, b = 1"), native("a, b = 1, c = 7", vsn='"2"'))
    old, new = made("state", a="x", b="2"), made("state", a="x", b="2", c="7")
    assert bench.convert(UP, old) == "{ok,#m:state{a = x,b = 2,c = 7}}"
    assert bench.eval(f"live_node:convert(m, {UP}, {old}, []) =:= {{ok, {new}}}") == "true"
    assert bench.eval(f"live_node:convert(m, {DOWN}, {new}, []) =:= {{ok, {old}}}") == "true"


def test_twice_is_once(bench: Bench) -> None:
    """A state of the new definition passes as it is, whatever OldVsn says."""
    bench.install(native("a"), native("a, c = 7", vsn='"2"'))
    new = made("state", a="x", c="8")
    for vsn in (UP, '"2"', "undefined"):
        assert bench.convert(vsn, new) == "{ok,#m:state{a = x,c = 8}}"
    assert bench.convert(DOWN, made("state", a="x")) == "{ok,#m:state{a = x}}"


@pytest.mark.parametrize(
    ("old", "new", "decisions"),
    [
        ("a, b", "b, a", ()),
        ("a, b", "a", ("{drop, b, 2}",)),
        ("a, b", "a, b, c = 1", ()),
        ("a, b", "c, b", ("{rename, a, c}",)),
        ("a = 1, b = 2", "x = 3", ("{drop, a}", "{drop, b}")),
        ("a, b", "", ("{drop, a, 1}", "{drop, b, 2}")),
        ("", "a = 1", ()),
        ("'A b', 'end'", "'end', '_x' = {1, [2]}", ("{drop, 'A b', 1}",)),
    ],
)
def test_a_state_made_by_the_new_code_is_like_a_converted_one(
    bench: Bench, old: str, new: str, decisions: tuple[str, ...]
) -> None:
    """What comes out of an upgrade keeps the very definition that the new code gives its own states, and so back."""
    before = native(old, "-export([made/0]).", f"made() -> #state{{{_all(old)}}}.")
    after = native(new, "-export([made/0]).", f"made() -> #state{{{_all(new)}}}.", decided(*decisions), vsn='"2"')
    beam = bench.install(before, after)
    told = (
        "fun(R) -> {records:get_module(R), records:get_name(R), records:is_exported(R), records:get_field_names(R)} end"
    )
    fields = bench.eval(f"records:get_definition(m, state), ({told})(m:made())")
    bench.node.load("m", bench.compile(before, "v1").read_bytes())
    old_state = bench.eval("m:made()")
    back = bench.eval(f"({told})(m:made())")
    kept = "persistent_term:put(kept, m:made())"
    bench.eval(kept)
    bench.node.load("m", beam)
    up = f"begin {{ok, S}} = live_node:convert(m, {UP}, persistent_term:get(kept), []), S end"
    assert bench.eval(f"({told})({up})") == fields
    down = f"begin {{ok, D}} = live_node:convert(m, {DOWN}, {up}, []), D end"
    assert bench.eval(f"({told})({down})") == back
    if not decisions:
        assert bench.eval(down) == old_state


def _all(fields: str) -> str:
    names = [each.split("=")[0].strip() for each in fields.replace("{1, [2]}", "0").split(",") if each.strip()]
    return ", ".join(f"{name} = {number}" for number, name in enumerate(names))


def test_a_definition_that_no_version_has_is_refused(bench: Bench) -> None:
    """A state of another definition is refused with its name and its fields; other terms go on as they came."""
    bench.install(native("a, b"), native("a, c = 1", decided("{drop, b, 2}"), vsn='"2"'))
    more = made("state", a="1", b="2", d="3")
    refused = "{error,{state_migration,{unknown_shape,state,[a,b,d]}}}"
    assert bench.convert(UP, more) == refused
    assert bench.convert(DOWN, more) == refused
    assert bench.convert(UP, made("state", "true", a="1", b="2")) == (
        "{error,{state_migration,{unknown_shape,state,[a,b]}}}"
    )
    for other in ("{state,1,2}", "#{}", made("other", a="1")):
        assert bench.eval(f"{{ok, {other}}} =:= live_node:convert(m, {UP}, {other}, [])") == "true"


def test_a_tuple_record_becomes_native_and_back(bench: Bench) -> None:
    """A running state moves from a tuple record to a native one of the same name, and back."""
    bench.install(server("a, b = 1"), native("a, b = 1, c = 7", vsn='"2"'))
    assert bench.convert(UP, "{state, x, 2}") == "{ok,#m:state{a = x,b = 2,c = 7}}"
    assert bench.convert(DOWN, made("state", a="x", b="2", c="9")) == "{ok,{state,x,2}}"
    assert bench.convert(UP, "{state, x, 2, 3}") == "{error,{state_migration,{unknown_shape,state,4}}}"
    assert bench.convert(UP, made("state", a="1")) == "{error,{state_migration,{unknown_shape,state,[a]}}}"


def test_a_tuple_record_with_the_same_fields_becomes_native(bench: Bench) -> None:
    """The fields may all be the same: the value is another one all the same."""
    bench.install(server("a, b"), native("a, b", vsn='"2"'))
    assert bench.convert(UP, "{state, x, 2}") == "{ok,#m:state{a = x,b = 2}}"
    assert bench.convert(DOWN, made("state", a="x", b="2")) == "{ok,{state,x,2}}"


def test_a_native_record_becomes_a_tuple_and_back(bench: Bench) -> None:
    """The other way round."""
    bench.install(native("a, b"), server("b, a, c = 3", vsn='"2"'))
    assert bench.convert(UP, made("state", a="x", b="2")) == "{ok,{state,2,x,3}}"
    assert (
        bench.eval(f"{{ok, {made('state', a='x', b='2')}}} =:= live_node:convert(m, {DOWN}, {{state, 2, x, 3}}, [])")
        == "true"
    )


def test_a_renamed_native_state(bench: Bench) -> None:
    """The new version's record may have another name."""
    bench.install(native("a", record="old"), native("a, b = 2", vsn='"2"', record="new"))
    assert bench.convert(UP, made("old", a="x")) == "{ok,#m:new{a = x,b = 2}}"
    assert bench.convert(DOWN, made("new", a="x", b="3")) == "{ok,#m:old{a = x}}"


def test_an_exported_record_is_told_from_a_private_one(bench: Bench) -> None:
    """Values keep whether other modules may read them: where that alone changed, they are made anew."""
    old, new = native("a"), native("a", "-export_record([state]).", vsn='"2"')
    bench.install(old, new)
    for vsn, before, after in ((UP, "false", "true"), (DOWN, "true", "false")):
        converted = f"begin {{ok, S}} = live_node:convert(m, {vsn}, {made('state', before, a='x')}, []), S end"
        told = f"(fun(Made) -> {{records:is_exported(Made), Made}} end)({converted})"
        assert bench.eval(told) == f"{{{after},#m:state{{a = x}}}}"


def test_every_decision(bench: Bench) -> None:
    """Decisions of every kind hold for native records as for tuple records."""
    decisions = (
        "{rename, users, clients}",
        "{convert, ttl, up, down}",
        "{init, since, started}",
        "{init, total, sum}",
        "{default, cache}",
        "{drop, ticket, <<>>}",
        "{drop, legacy}",
        "{copy, count}",
        "{init, seen, as_init}",
    )
    new = native(
        "clients, ttl, since, total, cache = none, count :: integer(), seen = 1",
        decided(*decisions),
        "up(V) -> V * 1000.\ndown(V) -> V div 1000.\nstarted() -> now.\nsum(#{ttl := T, legacy := L}) -> {T, L}.",
        "init(_) -> {ok, #state{clients = [], ttl = 1, since = a, total = 1, count = 1, seen = [seen]}}.",
        vsn='"2"',
    )
    bench.install(native("users, ttl, ticket, legacy = old, count :: term()"), new)
    old = made("state", users="[u]", ttl="5", ticket="t", legacy="l", count="3")
    assert bench.convert(UP, old) == (
        "{ok,#m:state{clients = [u],ttl = 5000,since = now,total = {5,l},cache = none,count = 3,seen = [seen]}}"
    )
    state = made("state", clients="[u]", ttl="7000", since="now", total="0", cache="none", count="3", seen="1")
    assert bench.convert(DOWN, state) == "{ok,#m:state{users = [u],ttl = 7,ticket = <<>>,legacy = old,count = 3}}"


def test_the_own_function_gets_the_new_record(bench: Bench) -> None:
    """After an upgrade's conversion the module's own function runs, with the old record in Extra."""
    new = native("a, b = 1", own("(_, #state{a = A} = S, X) -> {ok, {S#state{b = A}, X}}"), vsn='"2"')
    bench.install(native("a"), new)
    assert bench.convert(UP, made("state", a="x"), "[e]") == (
        "{ok,{#m:state{a = x,b = x},[e,{old_state,#m:state{a = x}}]}}"
    )


def test_the_own_function_runs_first_on_a_downgrade(bench: Bench) -> None:
    """Where it treats its state as the new record it runs first, and what it returns or throws is converted."""
    new = native(
        "a, b = 1",
        own("({down, _}, #state{b = x} = S, _) -> throw({ok, S#state{a = thrown}})", "(_, S, _) -> {ok, S}"),
        vsn='"2"',
    )
    bench.install(native("a"), new)
    assert bench.convert(DOWN, made("state", a="1", b="2")) == "{ok,#m:state{a = 1}}"
    assert bench.convert(DOWN, made("state", a="1", b="x")) == "{ok,#m:state{a = thrown}}"
    assert bench.convert(DOWN, made("state", a="1")) == "{ok,#m:state{a = 1}}"


def test_a_clause_for_the_old_definition_is_a_conflict(bench: Bench) -> None:
    """A clause that an upgrade reaches, with a field that only the old definition has, is asked about."""
    new = native(
        "a, c = 1",
        decided("{drop, b, 2}"),
        "-compile(nowarn_undefined_field).",
        own("(_, #state{b = B}, _) -> {ok, B}", "(_, S, _) -> {ok, S}"),
        vsn='"2"',
    )
    planned = bench.preview(native("a, b"), new)
    assert codes(planned) == ["M304"]
    assert "#state{b = …}" in one(planned, "M304").message
    beam = bench.install(native("a, b"), new, request=Request(prefer="handwritten"))
    assert beam
    assert bench.convert(UP, made("state", a="1", b="2")) == "{ok,2}"
    assert bench.convert(DOWN, made("state", a="1", c="2")) == "{ok,#m:state{a = 1,b = 2}}"


def test_several_versions(bench: Bench) -> None:
    """Each old version's states are told by what they keep, whatever OldVsn says; down, Vsn tells the target."""
    bench.install(
        native("a"),
        native("a, b = 1", vsn='"1.1"'),
        native("b = 1, a", vsn='"1.2"'),
        native("a, b = 1, c = 7", vsn='"2"'),
    )
    for old in (made("state", a="x"), made("state", a="x", b="1"), made("state", b="1", a="x")):
        assert bench.convert("whatever", old) == "{ok,#m:state{a = x,b = 1,c = 7}}"
    new = made("state", a="x", b="2", c="7")
    assert bench.convert('{down, "1"}', new) == "{ok,#m:state{a = x}}"
    assert bench.convert('{down, "1.1"}', new) == "{ok,#m:state{a = x,b = 2}}"
    assert bench.convert('{down, "1.2"}', new) == "{ok,#m:state{b = 2,a = x}}"
    assert bench.convert('{down, "9"}', new).startswith("{error,{state_migration,{ambiguous_version,")


def test_versions_of_one_definition_are_told_by_their_vsn(bench: Bench) -> None:
    """Where the definition is the same and the meaning differs, OldVsn alone decides."""
    new = native("a", decided("{convert, a, up, down}"), "up(V) -> {up, V}.\ndown({up, V}) -> V.", vsn='"2"')
    bench.install(native("a"), new)
    state = made("state", a="1")
    assert bench.convert(UP, state) == "{ok,#m:state{a = {up,1}}}"
    assert bench.convert('"2"', state) == "{ok,#m:state{a = 1}}"
    assert "ambiguous_version" in bench.convert("other", state)


def test_a_new_field_without_default_is_asked_for(bench: Bench) -> None:
    """A field that must be given a value, and that nothing tells, is asked for; so is an old one on the way back."""
    planned = bench.preview(native("a"), native("a, b", vsn='"2"'))
    assert codes(planned) == ["M460"]
    planned = bench.preview(native("a, b"), native("a", decided("{drop, b}"), vsn='"2"'))
    assert codes(planned) == ["M461"]
    assert one(planned, "M461").help == ("-state_migration([{drop, b, VALUE}]).",)
    planned = bench.preview(native("a"), native("a, b", decided("{default, b}"), vsn='"2"'))
    assert codes(planned) == ["M113"]


def test_what_init_gives_is_taken(bench: Bench) -> None:
    """The constant that init/1 gives a field without a default is taken, `undefined` too; what it computes is asked."""
    init = "init(_) -> {{ok, #state{{a = 1, b = {}}}}}."
    bench.install(native("a"), native("a, b", init.format("undefined"), vsn='"2"'))
    assert bench.convert(UP, made("state", a="x")) == "{ok,#m:state{a = x,b = undefined}}"
    planned = bench.preview(native("a"), native("a, b", init.format("self()"), vsn='"2"'))
    assert codes(planned) == ["M302"]
    assert "{default, b}" not in "".join(one(planned, "M302").help)
    bench.install(
        native("a"), native("a, b", init.format("self()"), vsn='"2"'), request=Request(allow=frozenset({"default"}))
    )
    assert bench.convert(UP, made("state", a="x")) == "{ok,#m:state{a = x,b = undefined}}"


def test_a_definition_that_the_own_function_knows_goes_to_it(bench: Bench) -> None:
    """A clause with a field that no known version has takes states of such a definition: they are not refused."""
    new = native(
        "a, c = 1",
        "-compile(nowarn_undefined_field).",
        own("(_, #state{ancient = A}, _) -> {ok, {was, A}}", "(_, S, _) -> {ok, S}"),
        vsn='"2"',
    )
    bench.install(native("a"), new)
    assert bench.convert(UP, made("state", ancient="5")) == "{ok,{was,5}}"
    assert bench.convert(UP, made("state", a="5")) == "{ok,#m:state{a = 5,c = 1}}"
    assert "unknown_shape" in bench.convert(UP, made("state", other="5"))
    assert bench.convert(DOWN, made("state", ancient="5")) == "{ok,{was,5}}"


def test_what_ends_a_dropped_timer_can_be_pasted(bench: Bench) -> None:
    """The line that a warning of a dropped timer has reads the field of a native record by its name."""
    start = "init(_) -> {ok, #state{a = 1, timer = erlang:send_after(60000, self(), tick)}}."
    old, drop = native("a, timer", start), decided("{drop, timer, undefined}")
    planned = bench.preview(old, native("a", drop, vsn='"2"'))
    line = next(each for each in one(planned, "M414").help if each.startswith("case "))
    (expression, _) = line.split("   % ")
    bench.install(old, native("a", drop, own(f"(_, S, Extra) -> {expression}, {{ok, S}}"), vsn='"2"'))
    state = made("state", a="1", timer="Timer")
    told = f"Timer = erlang:send_after(60000, self(), tick), {{ok, _}} = m:code_change({UP}, {state}, [])"
    assert bench.eval(f"{told}, erlang:read_timer(Timer)") == "false"
