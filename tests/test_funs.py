"""Funs of the old code in the state: what is said of them, and what becomes of them when run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.cases import codes, decided, one, server
from tests.support.rules import asking

if TYPE_CHECKING:
    from tests.support.cases import Bench

pytest_plugins = ["tests.support.bench"]


def old(field: str, *forms: str) -> str:
    """The old version, with this field."""
    return server(f"a, {field}", "-export([f/1]).", *forms, "f(X) -> X.")


def new(field: str, *forms: str) -> str:
    """The new version, with this field and one more."""
    return server(f"a, {field}, more = 1", "-export([f/1]).", *forms, "f(X) -> {new, X}.", vsn='"2"')


WARNED = {
    "a local fun as default": ("x = fun f/1", "its default is fun f/1"),
    "a fun as default": ("x = fun(Y) -> Y end", "its default is fun(Y) -> Y end"),
    "in a tuple": ("x = {fun f/1, []}", "its default is fun f/1"),
    "in a map in a list": ("x = [#{k => fun f/1}]", "its default is fun f/1"),
    "a type": ("x :: fun((term()) -> term())", "its type is fun((term()) -> term())"),
    "a bare type": ("x :: fun()", "its type is fun()"),
    "function()": ("x :: function()", "its type is "),
    "a type in a union in a list": ("x = [] :: [undefined | {atom(), fun(() -> ok)}]", "its type is [undefined |"),
}


@pytest.mark.parametrize(("field", "evidence"), WARNED.values(), ids=WARNED.keys())
def test_a_field_that_holds_a_fun(bench: Bench, field: str, evidence: str) -> None:
    """A warning, once, with what says so."""
    planned = bench.preview(old(field), new(field))
    assert codes(planned) == ["M412"]
    found = one(planned, "M412")
    assert found.message.startswith(f"the kept field x holds a fun of the old code: {evidence}")
    assert "badfun" in found.consequence


BY_INIT = {
    "a local fun": ("init(_) -> {ok, #state{x = fun f/1}}.", "gives it fun f/1"),
    "a fun": ("init(A) -> {ok, #state{x = fun() -> A end}}.", "gives it fun() -> A end"),
    "through a variable": ("init(A) -> F = fun f/1, {ok, #state{x = F, a = A}}.", "gives it fun f/1"),
    "through a function": ("init(_) -> {ok, #state{x = g()}}.\ng() -> fun f/1.", "gives it fun f/1"),
    "in a branch": ("init(A) -> {ok, #state{x = case A of b -> fun f/1; _ -> undefined end}}.", "gives it fun f/1"),
    "an update": ("init(_) -> S = #state{}, {ok, S#state{x = fun f/1}}.", "gives it fun f/1"),
    "a named one": ("init(_) -> {ok, #state{x = fun G(0) -> 0; G(N) -> G(N - 1) end}}.", "gives it fun G(0) -> 0; "),
}


@pytest.mark.parametrize(("init", "evidence"), BY_INIT.values(), ids=BY_INIT.keys())
def test_what_init_gives(bench: Bench, init: str, evidence: str) -> None:
    """Where init makes the fun, its place is told."""
    found = one(bench.preview(old("x", init), new("x", init)), "M412")
    assert evidence in found.message


SILENT = {
    "an external fun": ("x = fun m:f/1", ""),
    "another module's": ("x = fun lists:sort/1", ""),
    "an external fun of a fun type": ("x = fun lists:sort/1 :: fun(([term()]) -> [term()])", ""),
    "a fun for something else": ("x = lists:map(fun(Y) -> Y end, [1])", ""),
    "no fun": ("x = []", ""),
    "converted": ("x = fun f/1", "{convert, x, f, f}"),
    "said to be right": ("x = fun f/1", "{copy, x}"),
}


@pytest.mark.parametrize(("field", "decision"), SILENT.values(), ids=SILENT.keys())
def test_no_false_alarm(bench: Bench, field: str, decision: str) -> None:
    """External funs mean the code of the day, and a decision settles it."""
    said = [decided(decision)] if decision else []
    assert codes(bench.preview(old(field), new(field, *said))) == []


def test_a_field_that_is_dropped(bench: Bench) -> None:
    """It is not kept."""
    planned = bench.preview(old("x = fun f/1"), server("a, b = 1", decided("{drop, x, none}"), "f(X) -> X.", vsn='"2"'))
    assert codes(planned) == []


def test_the_same_code(bench: Bench) -> None:
    """Where nothing is loaded, nothing dies."""
    source = old("x = fun f/1")
    assert codes(bench.preview(source, source)) == []


def _holding(fields: str, vsn: str, *forms: str) -> str:
    return server("a, all = [] :: [#s{}]", "-export([f/1]).", *forms, f"f(X) -> {{X, {vsn}}}.", vsn=vsn).replace(
        "-record(state", f"-record(s, {{{fields}}}).\n-record(state", 1
    )


@pytest.mark.parametrize("fields", ["u, x :: fun()", "u, x :: fun(), since = 0"])
def test_a_record_inside_the_state(bench: Bench, fields: str) -> None:
    """Its fields are looked at as well, changed or not; once each."""
    planned = bench.preview(_holding("u, x :: fun()", '"1"'), _holding(fields, '"2"'))
    found = one(planned, "M412")
    assert "the kept field x of #s{} holds a fun" in found.message
    assert found.help[0] == "-state_migration([{in, s, [{convert, x, UP_FUNCTION, DOWN_FUNCTION}]}])."


def test_a_new_field_is_given_one_of_the_new_code(bench: Bench) -> None:
    """It holds no fun of the old code."""
    assert codes(bench.preview(old("x"), server("a, x, y = fun f/1", "f(X) -> X.", vsn='"2"'))) == []


# The fun of a process is made by the code that it runs, so a state is made in the module.
MAKER = "init(_) -> {ok, #state{x = fun f/1}}."


def test_the_fun_dies_with_the_old_code(bench: Bench) -> None:
    """As the warning says: after the upgrade it runs the old code, after the purge it is a badfun."""
    before, after = old("x", MAKER), new("x", MAKER)
    first = bench.compile(before, "first")
    bench.node.load("m", first.read_bytes())
    beam = bench.install(before, after)
    path = bench.folder / "given.beam"
    path.write_bytes(beam)
    seen = bench.eval(
        f'{{ok, Old}} = file:read_file("{first}"), {{ok, New}} = file:read_file("{path}"), code:purge(m), '
        "code:load_binary(m, m, Old), code:purge(m), {ok, S0} = m:init([]), "
        'code:load_binary(m, m, New), {ok, S1} = m:code_change("1", S0, []), '
        "Held = element(3, S1), Before = Held(1), code:purge(m), "
        "After = try Held(1) catch error:{badfun, _} -> badfun end, {Before, After}"
    )
    assert seen == "{1,badfun}"


def test_the_lines_to_paste_keep_it_alive(bench: Bench) -> None:
    """With the conversion that is offered the field holds the exported function of the new code."""
    before, after = old("x", MAKER), new("x", MAKER)
    found = one(bench.preview(before, after), "M412")
    assert found.help[:2] == ("-state_migration([{convert, x, x_up, x_down}]).", "-export([x_up/1, x_down/1]).")
    assert found.help[4].startswith("% fun m:f/1 instead of fun f/1")
    fixed = new("x", *found.help[:4], MAKER.replace("fun f/1", "fun m:f/1"))
    assert codes(bench.preview(before, fixed)) == []
    bench.install(before, fixed)
    assert bench.eval('{ok, S} = m:code_change("1", {state, a, fun() -> old end}, []), element(3, S)') == "fun m:f/1"
    assert bench.convert('"1"', "{state,a,undefined}") == "{ok,{state,a,undefined,1}}"


def test_the_line_of_a_file(bench: Bench) -> None:
    """The same for a decisions file."""
    before, after = old("x", MAKER), new("x", MAKER)
    line = one(bench.preview(before, after, request=asking(bench)), "M412").help[0]
    assert codes(bench.preview(before, after, request=asking(bench, line))) == []
