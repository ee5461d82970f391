"""Dropped fields that held what lives on (a timer, a table, a process), and changed records that only code reveals."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from migrator import library
from migrator.request import Request
from tests.support.cases import codes, injected, own, server

if TYPE_CHECKING:
    from migrator.diagnostics import Diagnostic
    from tests.support.cases import Bench

pytest_plugins = ["tests.support.bench"]

NEW = server("kept = 1", "-state_migration([{drop, gone}]).", vsn='"2"')


def _old(field: str, *forms: str) -> str:
    return server(f"kept = 1, {field}", "-export([f/1]).", *forms, *([] if forms else ["f(_) -> ok."]))


def _leaks(bench: Bench, old: str, new: str = NEW) -> list[Diagnostic]:
    return [each for each in bench.preview(old, new).diagnostics if each.code == "M414"]


@pytest.mark.parametrize(
    ("field", "code", "what", "sign"),
    [
        ("gone :: reference() | undefined", "", "a reference", "its type is"),
        ("gone :: timer:tref()", "", "a timer of the module timer", "its type is"),
        ("gone :: [port()]", "", "a port", "its type is"),
        ("gone :: {ok, [reference()]} | #{x => [reference()]}", "", "a reference", "its type is"),
        ("gone :: pid()", "", "a process", "its type is pid()"),
        ("gone :: ets:tid()", "", "an ETS table", "its type is"),
        ("gone :: gen_tcp:socket()", "", "a socket", "its type is"),
        ("gone :: file:io_device()", "", "an open file", "its type is"),
        ("gone = make_ref()", "", "a reference", "its default is make_ref()"),
        ("gone = ets:new(t, [])", "", "an ETS table", "its default is ets:new(t, [])"),
        ("gone", "f(S) -> S#state{gone = erlang:send_after(9, self(), x)}.", "a timer", "erlang:send_after/3 gives it"),
        (
            "gone",
            "f(S) -> {ok, R} = timer:send_interval(9, x), S#state{gone = R}.",
            "a timer of",
            "timer:send_interval/2",
        ),
        ("gone", "f(S) -> S#state{gone = monitor(process, x)}.", "a monitor", "erlang:monitor/2 gives it (f/1, line "),
        ("gone", "f(S) -> {ok, P} = gen_server:start_link(x, [], []), S#state{gone = P}.", "a process", "start_link/3"),
        ("gone", "f(S) -> S#state{gone = spawn_link(fun() -> ok end)}.", "a process", "erlang:spawn_link/1"),
        ("gone", "f(S) -> {_, R} = spawn_monitor(fun() -> ok end), S#state{gone = R}.", "a monitor", "spawn_monitor"),
        ("gone", "f(S) -> {ok, L} = gen_tcp:listen(0, []), S#state{gone = L}.", "a socket", "gen_tcp:listen/2"),
        ("gone", "f(S) -> S#state{gone = open_port({spawn, x}, [])}.", "a port", "erlang:open_port/2"),
        ("gone", "f(S) -> {ok, D} = file:open(x, []), S#state{gone = D}.", "an open file", "file:open/2"),
        ("gone", "f(S) -> erlang:cancel_timer(S#state.gone).", "a timer", "it is passed to erlang:cancel_timer/1"),
        ("gone", "f(#state{gone = R}) -> demonitor(R, [flush]).", "a monitor", "erlang:demonitor/2"),
        ("gone", "f(#state{gone = T}) -> ets:lookup(T, k).", "an ETS table", "it is passed to ets:lookup/2"),
        ("gone", "f(#state{gone = P}) -> exit(P, kill).", "a process", "it is passed to erlang:exit/2"),
        ("gone", "f(#state{gone = P}) -> unlink(P).", "a process", "it is passed to erlang:unlink/1"),
        ("gone", "f(S) -> [demonitor(R) || {R, _} <- S#state.gone].", "a monitor", "erlang:demonitor/1"),
        ("gone = #{}", "f(S) -> S#state{gone = (S#state.gone)#{monitor(process, x) => 1}}.", "a monitor", "monitor/2"),
        (
            "gone",
            "f(S) -> S#state{gone = later()}.\nlater() -> erlang:start_timer(9, self(), x).",
            "a timer",
            "start_timer",
        ),
        ("gone :: reference()", "f(S) -> erlang:cancel_timer(S#state.gone).", "a timer", "erlang:cancel_timer/1"),
        ("'gone'", "f(S) -> ssl:send(S#state.gone, x).", "a TLS socket", "ssl:send/2"),
    ],
)
def test_what_lives_on_is_warned_of(field: str, code: str, what: str, sign: str, bench: Bench) -> None:
    """The issue: by its type, its default, or what the code does with it; a drop that is asked for is warned of too."""
    (found,) = _leaks(bench, _old(field, *([code] if code else [])))
    assert found.severity == "warning"
    assert found.message.startswith(f"the old field gone held {what}")
    assert sign in found.message
    assert found.consequence
    assert found.help[0].startswith("-state_migration([{rename, gone, FIELD}]).")


@pytest.mark.parametrize(
    ("field", "code"),
    [
        ("gone = 0 :: integer()", "f(S) -> S#state{gone = S#state.gone + 1}."),
        ("gone = 5000", "f(S) -> erlang:send_after(S#state.gone, self(), x)."),
        ("gone", "f(S) -> ets:insert(t, {k, S#state.gone})."),
        ("gone", "f(S) -> ets:lookup(t, S#state.gone)."),
        ("gone = my_table", "f(S) -> ets:lookup(S#state.gone, x)."),
        ("gone", "f(S) -> exit(S#state.gone)."),
        ("gone", "f(S) -> S#state{gone = length(erlang:ports())}."),
        ("gone", "f(S) -> {ok, D} = gen_tcp:recv(x, 0), S#state{gone = D}."),
        ("gone", "f(S) -> S#state{gone = ets:info(ets:new(t, []), size)}."),
        ("gone :: [pid()]", "f(S) -> S."),
        ("gone :: #{pid() => {pid(), integer()}}", "f(S) -> S."),
        ("gone", "f(S) -> file:read_file(S#state.gone)."),
        ("gone", "f(S) -> S#state{kept = monitor(process, x)}."),
    ],
)
def test_nothing_else_is(field: str, code: str, bench: Bench) -> None:
    """No alarm for what only is called like it, stands beside it, or is another argument."""
    assert _leaks(bench, _old(field, code)) == []


@pytest.mark.parametrize("name", ["timer", "monitor", "socket", "table", "pid"])
def test_a_name_alone_is_no_sign(name: str, bench: Bench) -> None:
    """A counter may be called as it likes."""
    new = server("kept = 1", f"-state_migration([{{drop, {name}}}]).", vsn='"2"')
    old = server(f"kept = 1, {name} = 0", f"-export([f/1]).\nf(S) -> S#state{{{name} = S#state.{name} + 1}}.")
    assert _leaks(bench, old, new) == []


def test_undecided_and_allowed_drops_are_warned_of_too(bench: Bench) -> None:
    """The warning stands beside the question, and beside what --allow drop permits."""
    old = _old("gone :: reference()")
    bare = server("kept = 1", vsn='"2"')
    assert codes(bench.preview(old, bare)) == ["M301", "M414"]
    assert codes(bench.preview(old, bare, request=Request(allow=frozenset({"drop"})))) == ["M414"]


def test_a_renamed_field_is_kept(bench: Bench) -> None:
    """What goes along does not leak."""
    new = server("kept = 1, later :: reference()", "-state_migration([{rename, gone, later}]).", vsn='"2"')
    assert codes(bench.preview(_old("gone :: reference()"), new)) == []


def test_the_pasted_line_stops_the_timer(bench: Bench) -> None:
    """The clean-up that is shown works as it stands, and silences the warning."""
    old = _old("gone", "f(S) -> S#state{gone = erlang:send_after(9, self(), x)}.")
    (found,) = _leaks(bench, old)
    line = found.help[1].split("   %")[0]
    new = server(
        "kept = 1",
        "-state_migration([{drop, gone}]).",
        own(f"(_, State, Extra) -> _ = {line}, {{ok, State}}"),
        vsn='"2"',
    )
    assert _leaks(bench, old, new) == []
    beam = injected(bench.inject(old, new))
    bench.node.load("m", beam)
    timer = "erlang:start_timer(60000, self(), x)"
    assert bench.eval(
        f'T = {timer}, {{ok, S}} = m:code_change("1", {{state, 1, T}}, []), {{S, erlang:read_timer(T)}}'
    ) == ("{{state,1},false}")
    assert bench.eval('m:code_change("1", {state, 1, undefined}, [])') == "{ok,{state,1}}"
    assert bench.eval('m:code_change("1", {state, 1}, [])') == "{ok,{state,1}}"


@pytest.mark.parametrize(
    ("body", "count"),
    [
        ("{state, _, T} = proplists:get_value(old_state, Extra), erlang:cancel_timer(T)", 0),
        ("{_, Old} = lists:keyfind(old_state, 1, Extra), erlang:cancel_timer(element(3, Old))", 0),
        ("{old_state, {state, _, T}} = lists:last(Extra), erlang:cancel_timer(T)", 0),
        ("stop(proplists:get_value(old_state, Extra))", 0),
        ("logger:info(proplists:get_value(old_state, Extra))", 1),
        ("erlang:cancel_timer(Extra)", 1),
        ("{state, T, _} = proplists:get_value(old_state, Extra), ets:delete(T)", 1),
    ],
)
def test_only_an_end_silences(body: str, count: int, bench: Bench) -> None:
    """Looking at the old state is not enough: the code must end what the field held."""
    old = _old("gone", "f(S) -> S#state{gone = erlang:send_after(9, self(), x)}.")
    stop = "-export([stop/1]).\nstop({state, _, T}) -> erlang:cancel_timer(T)."
    change = own(f"(_, State, Extra) -> _ = begin {body} end, {{ok, State}}")
    new = server("kept = 1", "-state_migration([{drop, gone}]).", change, stop, vsn='"2"')
    assert len(_leaks(bench, old, new)) == count


def test_a_new_field_on_the_way_down(bench: Bench) -> None:
    """What a new field holds lives on after a downgrade: that is told."""
    new = server(
        "kept = 1, timer = undefined",
        "-export([f/1]).\nf(S) -> S#state{timer = erlang:send_after(9, self(), x)}.",
        vsn='"2"',
    )
    (found,) = [each for each in bench.preview(server("kept = 1"), new).diagnostics if each.code == "M513"]
    assert "the new field timer holds a timer" in found.message
    assert codes(bench.preview(server("kept = 1"), new)) == []


def test_a_value_inside_is_not_ended_as_if_it_were_the_whole(bench: Bench) -> None:
    """Where the field only holds such things the line to paste leaves the way to them to a person."""
    (found,) = _leaks(bench, _old("gone = [] :: [ets:tid()]"))
    assert "-> CLEAN_UP(element(3, Old)); _ -> ok end" in found.help[1]


def test_types_that_name_themselves(bench: Bench) -> None:
    """A recursive type is looked into once."""
    (found,) = _leaks(
        bench, _old("gone :: tree()", "-type tree() :: nil | {tree(), reference(), tree()}.", "f(_) -> ok.")
    )
    assert "a reference" in found.message


def test_a_field_of_a_record_inside(bench: Bench) -> None:
    """A record inside the state loses a timer: its field is named with its record."""
    record, state = "-record(in, {a, t :: reference()}).\n", "i :: #in{}"
    old = server(state).replace("-record(state", record + "-record(state", 1)
    new = server(state, "-state_migration([{in, in, [{drop, t}]}]).", vsn='"2"').replace(
        "-record(state", record.replace(", t :: reference()", "") + "-record(state", 1
    )
    (found,) = _leaks(bench, old, new)
    assert found.message.startswith("the old field t of #in{} held a reference")
    assert found.help == ("-state_migration([{in, in, [{rename, t, FIELD}]}]).   % or keep the field",)


def test_the_same_bytes_with_and_without_warning(bench: Bench) -> None:
    """A warning changes nothing that is written, and a second inject into the result is the same."""
    old = _old("gone :: reference()")
    beam = injected(bench.inject(old, NEW))
    again = bench.folder / "again"
    again.mkdir()
    (again / "m.beam").write_bytes(beam)
    result = library.inject(bench.helper, [bench.folder / "v1" / "m.beam"], again / "m.beam")
    assert [each.after or each.before for each in result.injected] == [beam]


# --- changed records that no type reveals ---

SESSION = ("-record(session, {id}).\n", "-record(session, {id, user}).\n")


def _hidden(bench: Bench, fields: str, code: str, new_code: str | None = None) -> list[Diagnostic]:
    """What is said where only #session{} changed."""
    sources = [
        server(
            fields, "-export([f/1, f/2]).", text, *([] if "f(" in text else ["f(_) -> ok."]), "f(_, _) -> ok.", vsn=vsn
        ).replace("-record(state", record + "-record(state", 1)
        for record, text, vsn in zip(SESSION, (code, new_code or code), ('"1"', '"2"'), strict=True)
    ]
    return [each for each in bench.preview(*sources).diagnostics if each.code == "M401"]


@pytest.mark.parametrize(
    ("code", "sign"),
    [
        ("f(S) -> S#state{here = #session{id = 1}}.", "here (f/1 puts one into it, line "),
        ("f(S) -> S#state{here = (S#state.here)#{x => #session{}}}.", "here (f/1 puts one into it, line "),
        ("f(S) -> S#state{here = maps:put(x, new(), S#state.here)}.\nnew() -> #session{}.", "here (f/1 puts one"),
        ("f(S) -> add(S, #session{}).\nadd(S, X) -> S#state{here = [X | S#state.here]}.", "here (add/2 puts one"),
        (
            "f(S) -> case lists:keyfind(1, #session.id, S#state.here) of #session{} -> 1; _ -> 2 end.",
            "here (f/1 takes one",
        ),
        ("f(#state{here = H}) -> maps:fold(fun(_, #session{id = I}, _) -> I end, 0, H).", "here (f/1 takes one"),
    ],
)
def test_the_field_that_the_code_shows_comes_first(code: str, sign: str, bench: Bench) -> None:
    """The issue: the fields that could hold the record are judged by the code that builds and reads them."""
    (found,) = _hidden(bench, "before, here = #{}, count = 0", code)
    assert f"the code shows it in {sign}" in found.message
    assert found.help[0] == "-state_migration([{deep, here}])."
    assert any(line.startswith("here :: ") for line in found.help)


def test_a_hidden_record_of_the_same_size(bench: Bench) -> None:
    """A record whose fields have other names means something else, whatever its size."""
    old = server("a", "-record(session, {id, user}).", vsn='"1"')
    new = server("a, b = 0", "-record(session, {user, id}).", vsn='"2"')
    assert "M401" in codes(bench.preview(old, new))
    assert "M401" not in codes(bench.preview(old, server("a, b = 0", "-record(session, {id, user = 1}).", vsn='"2"')))


def test_fields_that_hold_something_else_are_left_out(bench: Bench) -> None:
    """Numbers, atoms, texts and references alone: not worth a name; what is unknown stays so."""
    code = """
f(S) -> S#state{count = S#state.count + 1, name = <<"x">>, ref = make_ref(), unknown = x:y()}.
"""
    (found,) = _hidden(bench, "count = 0, name, ref, unknown", code)
    assert found.message.endswith("; it could lie in unknown")


def test_no_field_that_could_hold_it(bench: Bench) -> None:
    """Where the code shows that every field holds something else there is nothing to warn of."""
    assert _hidden(bench, "count = 0", "f(S) -> S#state{count = S#state.count + 1}.") == []


@pytest.mark.parametrize(
    "code",
    [
        "f(S) -> setelement(2, S, x:y()).",
        "f(L) -> list_to_tuple([state | L]).",
        "f(X) -> {state, X}.",
        "f(X) -> #state{count = X}.",
        "f(S) -> S#state{count = binary_to_term(<<>>)}.",
        "f(S) -> S#state{count = get(x)}.",
        "f(S) -> S.",
    ],
)
def test_what_the_code_does_not_tell_stays_unknown(code: str, bench: Bench) -> None:
    """Values from outside, and states that are built by position."""
    (found,) = _hidden(bench, "count = 0", code)
    assert found.message.endswith("; it could lie in count")


def test_the_new_code_tells_where_the_old_is_silent(bench: Bench) -> None:
    """What the new code expects in a field is a sign too."""
    (found,) = _hidden(
        bench, "a, b", "f(X) -> #state{a = X, b = X}.", "f(#state{b = #session{}} = S) -> S#state{a = x:y()}."
    )
    assert "the code shows it in b (in the new code f/1 takes one out of it, line " in found.message
