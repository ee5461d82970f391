"""How the new `init/1` builds the state: what is read from it, taken, offered or asked (contract, section 2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.cases import codes, decided, one, server
from tests.support.rules import asking, rules

if TYPE_CHECKING:
    from migrator.outcomes import Planned
    from tests.support.cases import Bench

pytest_plugins = ["tests.support.bench"]

OLD = server("a, port")
UP = '"1"'


def new(*forms: str, fields: str = "a, port, x") -> str:
    """The new version, with these forms."""
    return server(fields, *forms, vsn='"2"')


def of(behaviour: str, source: str) -> str:
    """The module with another behaviour."""
    return source.replace("gen_server", behaviour)


def value(planned: Planned, field: str = "x") -> tuple[str, str]:
    """The source of a new field, and the text that it is given."""
    assert planned.plan is not None
    (found,) = (each.source for each in planned.plan.migrations[0].up if each.field == field)
    return type(found).__name__, getattr(found, "text", "")


TAKEN = {
    "a literal": "init(_) -> {ok, #state{x = 5}}.",
    "with a timeout": "init(_) -> {ok, #state{x = 5}, 1000}.",
    "to be continued": "init(_) -> {ok, #state{x = 5}, {continue, go}}.\nhandle_continue(go, S) -> {noreply, S}.",
    "a local": "init(_) -> X = 5, {ok, #state{x = X}}.",
    "a local of a local": "init(_) -> Y = 5, X = Y, {ok, #state{x = X, a = {X, Y}}}.",
    "in every clause": "init(a) -> {ok, #state{x = 5}}; init(_) -> {ok, #state{x = 5, a = 1}}.",
    "in every branch": "init(A) -> case A of b -> {ok, #state{x = 5}}; _ -> {ok, #state{a = A, x = 5}} end.",
    "the wildcard": "init(_) -> {ok, #state{a = 1, _ = 5}}.",
    "a helper": "init(A) -> {ok, make(A)}.\nmake(A) -> #state{a = A, x = 5}.",
    "nested helpers": "init(A) -> do(A).\ndo(A) -> Made = make(A), {ok, Made}.\nmake(A) -> #state{a = A, x = 5}.",
    "a helper in a fun": "init(A) -> F = fun make/1, {ok, F(A)}.\nmake(A) -> #state{a = A, x = 5}.",
    "a tuple": "init(A) -> {ok, {state, A, 80, 5}}.",
    "a later reset": "init(A) -> {ok, #state{a = A, x = 5}}.\n"
    "handle_info(reset, _) -> {noreply, #state{x = 6}};\nhandle_info(_, S) -> {noreply, S#state{x = 7}}.",
    "a match pattern": "init(A) -> ets:match_object(t, #state{a = A, _ = '_'}), {ok, #state{a = A, x = 5}}.",
    "a special process": "init(P) -> proc_lib:init_ack(P, {ok, self()}), "
    "gen_server:enter_loop(?MODULE, [], #state{x = 5}).",
}


@pytest.mark.parametrize("init", TAKEN.values(), ids=TAKEN.keys())
def test_a_constant_is_taken(bench: Bench, init: str) -> None:
    """Every construction gives the field the same constant: it is taken, and the plan says where it comes from."""
    planned = bench.preview(OLD, new(init))
    assert (codes(planned), value(planned)) == ([], ("Given", "5"))
    assert "as " in one(planned, "M502").message


@pytest.mark.parametrize("init", [TAKEN["a helper"], TAKEN["a local"], TAKEN["a tuple"], TAKEN["the wildcard"]])
def test_a_taken_constant_when_run(bench: Bench, init: str) -> None:
    """The upgraded state has it."""
    bench.install(OLD, new(init))
    assert bench.convert(UP, "{state,1,2}") == "{ok,{state,1,2,5}}"


TAKEN |= {
    "apply": "init(A) -> {ok, apply(?MODULE, make, [A])}.\n-export([make/1]).\nmake(A) -> #state{a = A, x = 5}.",
    "a try": "init(A) -> try {ok, make(A)} catch _:_ -> {stop, no} end.\nmake(A) -> #state{a = A, x = 5}.",
    "a quoted atom": "init(A) -> {ok, #'state'{a = A, 'x' = 5}}.",
    "a macro": "-define(X, 5).\ninit(A) -> {ok, #state{a = A, x = ?X}}.",
}

LEFT_ALONE = {
    "init": "init(A) -> {ok, #state{a = A}}.",
    "undefined": "init(a) -> {ok, #state{x = undefined}}; init(A) -> {ok, #state{a = A}}.",
    "set later": "init(A) -> {ok, #state{a = A}}.\nhandle_info(X, S) -> {noreply, S#state{x = X}}.",
    "continued, another field": "init(A) -> {ok, #state{a = A}, {continue, go}}.\n"
    "handle_continue(go, S) -> {noreply, S#state{port = open}};\nhandle_continue(on, S) -> {noreply, S#state{x = 1}}.",
    "another timer": "init(A) -> erlang:send_after(100, self(), go), {ok, #state{a = A}}.\n"
    "handle_info(go, S) -> {noreply, S#state{x = 1}}.",
    "a pattern": "init(A) -> #state{x = 5} = f(), {ok, #state{a = A}}.\nf() -> error(x).",
}


@pytest.mark.parametrize("init", LEFT_ALONE.values(), ids=LEFT_ALONE.keys())
def test_what_init_leaves_alone_is_undefined(bench: Bench, init: str) -> None:
    """A fresh process has undefined there as well."""
    planned = bench.preview(OLD, new(init))
    assert (codes(planned), value(planned)) == ([], ("TakenDefault", "undefined"))


COMPUTED = {
    "maps:get": "init(Opts) -> {ok, #state{x = maps:get(x, Opts, 80)}}.",
    "a helper's argument": "init(A) -> {ok, make(A, 5)}.\nmake(A, X) -> #state{a = A, x = X}.",
    "a helper that updates": "init(A) -> {ok, fill(#state{a = A})}.\nfill(S) -> S#state{x = self()}.",
    "a fold": "init(Opts) -> {ok, lists:foldl(fun({x, X}, S) -> S#state{x = X} end, #state{}, Opts)}.",
    "one helper of two": "init(a) -> {ok, one()}; init(_) -> {ok, two()}.\none() -> #state{x = 1}.\ntwo() -> #state{}.",
    "handle_continue": "init(A) -> {ok, #state{a = A}, {continue, go}}.\n"
    "handle_continue(go, S) -> {noreply, S#state{x = self()}}.",
    "handle_continue by a helper": "init(A) -> {ok, #state{a = A}, {continue, {go, A}}}.\n"
    "handle_continue(Any, S) -> {noreply, do(Any, S)}.\ndo({go, _}, S) -> S#state{x = 1}.",
    "a message to itself": "init(A) -> self() ! go, {ok, #state{a = A}}.\n"
    "handle_info(go, S) -> {noreply, S#state{x = 1}}.",
    "a message to a variable": "init(A) -> Self = self(), Self ! go, {ok, #state{a = A}}.\n"
    "handle_info(go, S) -> {noreply, S#state{x = 1}}.",
    "a cast to itself": "init(A) -> gen_server:cast(self(), {go, A}), {ok, #state{a = A}}.\n"
    "handle_info(_, S) -> handle_cast(x, S).\n",
    "a timeout of 0": "init(A) -> {ok, #state{a = A}, 0}.\nhandle_info(timeout, S) -> {noreply, S#state{x = 1}}.",
    "setelement": "init(A) -> S = #state{a = A}, {ok, setelement(#state.x, S, 1)}.",
    "an update of an update": "init(A) -> S = #state{a = A}, T = S#state{x = 1}, {ok, T#state{a = 2}}.",
    "a tuple": "init(A) -> {ok, {state, A, 80, self()}}.",
    "another start": "init([]) -> {ok, #state{}}.\n"
    "start() -> proc_lib:start_link(?MODULE, begins, [1]).\n"
    "begins(X) -> gen_server:enter_loop(?MODULE, [], #state{x = X}).",
    "a dynamic event": "init(A) -> {ok, #state{a = A}, {continue, A}}.\n"
    "handle_continue(go, S) -> {noreply, S#state{x = 1}}.",
}


@pytest.mark.parametrize("init", COMPUTED.values(), ids=COMPUTED.keys())
def test_what_init_computes_is_asked_for(bench: Bench, init: str) -> None:
    """It is never undefined in silence."""
    source = new(init)
    if "cast(self()" in init:
        source = source.replace(
            "handle_cast(_, State) ->",
            "handle_cast({go, X}, S) -> {noreply, S#state{x = X}};\nhandle_cast(_, State) ->",
        )
    planned = bench.preview(OLD, source)
    assert codes(planned) == ["M302"]


STATEM = {
    "init": "init(A) -> {ok, idle, #state{a = A, x = self()}}.",
    "an internal event": "init(A) -> {ok, idle, #state{a = A}, [{next_event, internal, go}]}.\n"
    "idle(internal, go, S) -> {keep_state, S#state{x = 1}}.",
    "entering": "init(A) -> {ok, idle, #state{a = A}}.\n"
    "idle(enter, _, S) -> {keep_state, S#state{x = 1}};\nidle(_, _, S) -> {keep_state, S}.",
    "handle_event": "init(A) -> {ok, idle, #state{a = A}, {next_event, internal, go}}.\n"
    "handle_event(internal, go, _, S) -> {keep_state, S#state{x = 1}}.",
    "a state timeout of 0": "init(A) -> {ok, idle, #state{a = A}, [{state_timeout, 0, go}]}.\n"
    "idle(state_timeout, go, S) -> {keep_state, S#state{x = 1}}.",
}


@pytest.mark.parametrize("init", STATEM.values(), ids=STATEM.keys())
def test_a_gen_statem(bench: Bench, init: str) -> None:
    """Its data is the third element, and it may be filled in before anything else happens."""
    assert codes(bench.preview(of("gen_statem", OLD), of("gen_statem", new(init)))) == ["M302"]


def test_the_initial_state_alone_is_entered(bench: Bench) -> None:
    """What another state does when it is entered is not what init does."""
    init = (
        "init(A) -> {ok, idle, #state{a = A}}.\nidle(enter, _, S) -> {keep_state, S}.\n"
        "busy(enter, _, S) -> {keep_state, S#state{x = 1}}."
    )
    assert codes(bench.preview(of("gen_statem", OLD), of("gen_statem", new(init)))) == []


# What as_init gives, where it can be done.
LIFTED = {
    "an update": ("init(_) -> S = #state{}, {ok, S#state{x = later}}.", "later"),
    "two updates": ("init(A) -> S = #state{a = A}, T = S#state{x = 7}, {ok, T#state{a = 2}}.", "7"),
    "setelement": ("init(A) -> S = #state{a = A}, {ok, setelement(#state.x, S, 7)}.", "7"),
    "a local": ("init(_) -> X = queue:new(), {ok, #state{x = X}}.", "{[],[]}"),
    "part of it a local": ("init(_) -> N = 3, {ok, #state{x = lists:seq(1, N)}}.", "[1,2,3]"),
    "a function of its own": ("init(_) -> {ok, #state{x = made()}}.\nmade() -> here.", "here"),
    "in both clauses": ("init(a) -> {ok, #state{x = made()}}; init(_) -> {ok, #state{x = made()}}.\nmade() -> 1.", "1"),
    "a case": ("init(_) -> {ok, #state{x = case application:get_env(none, x) of {ok, V} -> V; _ -> 0 end}}.", "0"),
    "an environment": ("init(_) -> {ok, #state{x = application:get_env(none, x, [])}}.", "[]"),
}


@pytest.mark.parametrize(("init", "given"), LIFTED.values(), ids=LIFTED.keys())
def test_as_init_is_offered_and_does_it(bench: Bench, init: str, given: str) -> None:
    """An expression without free variables is offered, and `as_init` takes it over."""
    found = one(bench.preview(OLD, new(init)), "M302")
    assert found.help[0] == "-state_migration([{init, x, as_init}])."
    bench.install(OLD, new(decided("{init, x, as_init}"), init))
    assert bench.convert(UP, "{state,1,2}") == f"{{ok,{{state,1,2,{given}}}}}"


def test_a_local_that_is_used_elsewhere_is_not_lifted(bench: Bench) -> None:
    """Evaluated anew it would be another one than the one that init uses."""
    init = "init(_) -> T = ets:new(t, []), ets:insert(T, {a, 1}), {ok, #state{x = T}}."
    found = one(bench.preview(OLD, new(init)), "M302")
    assert "as_init" not in found.help[0]
    assert "it needs T (bound in init/1, line " in found.consequence


def test_what_is_missing_is_named_with_its_place(bench: Bench) -> None:
    """The arguments and locals that an expression needs, each with where it is bound."""
    init = "init({Host, _}) ->\n    {ok, P} = get_port(),\n    {ok, #state{x = {Host, P}}}.\nget_port() -> {ok, 1}."
    source = new(init)
    line = source.splitlines().index("init({Host, _}) ->") + 1
    found = one(bench.preview(OLD, source), "M302")
    assert f"Host (an argument of init/1, line {line})" in found.consequence
    assert f"P (bound in init/1, line {line + 1})" in found.consequence
    assert found.help == ("-state_migration([{init, x, FUNCTION}]).", "-state_migration([{default, x}]).")
    refused = one(bench.preview(OLD, new(decided("{init, x, as_init}"), init)), "M113")
    assert "Host (an argument of init/1, line " in refused.message


FROM_OLD = 'init({A, Port}) -> {ok, #state{a = A, port = Port, x = {url, "Port", Port}}}.'


def test_what_old_fields_hold_is_offered(bench: Bench) -> None:
    """Where init gave the variable to a field that is kept, the lines to paste read it there, and they work."""
    found = one(bench.preview(OLD, new(FROM_OLD)), "M302")
    decision, function, export = found.help[:3]
    bench.install(OLD, new(decision.split("%")[0].strip(), export, function, FROM_OLD))
    assert bench.convert(UP, "{state,1,80}") == '{ok,{state,1,80,{url,"Port",80}}}'


def test_what_old_fields_hold_is_offered_in_a_file(bench: Bench) -> None:
    """The same in the form of a decisions file."""
    asked = one(bench.preview(OLD, new(FROM_OLD), request=asking(bench)), "M302")
    assert asked.help[0] == 'init x = {url, "Port", Old#state.port}.'
    rules(bench, asked.help[0])
    bench.install(OLD, new(FROM_OLD), request=asking(bench, asked.help[0]))
    assert bench.convert(UP, "{state,1,80}") == '{ok,{state,1,80,{url,"Port",80}}}'


def test_an_expression_with_a_fun_reads_old_fields_too(bench: Bench) -> None:
    """Its variables may be hidden in a fun, so that they become the arguments of one."""
    init = "init({A, Port}) -> {ok, #state{a = A, port = Port, x = [Port || Port <- [Port, A]]}}."
    asked = one(bench.preview(OLD, new(init), request=asking(bench)), "M302")
    bench.install(OLD, new(init), request=asking(bench, asked.help[0]))
    assert bench.convert(UP, "{state,1,80}") == "{ok,{state,1,80,[80,1]}}"


def test_a_state_that_is_built_elsewhere(bench: Bench) -> None:
    """Where the module builds no such record, nothing says what a fresh process has: a warning."""
    planned = bench.preview(OLD, new("init(A) -> {ok, lists:nth(1, A)}."))
    assert (codes(planned), value(planned)) == (["M416"], ("TakenDefault", "undefined"))
    assert codes(bench.preview(OLD, new(decided("{default, x}"), "init(A) -> {ok, lists:nth(1, A)}."))) == []
    assert codes(bench.preview(OLD, new("init(A) -> {ok, A}.", fields="a, port, x = 1"))) == []


def test_a_state_that_is_only_built_anew_later(bench: Bench) -> None:
    """A reset in a callback does not tell what a fresh process has."""
    forms = "init(A) -> {ok, lists:nth(1, A)}.\nhandle_info(reset, _) -> {noreply, #state{}}."
    assert codes(bench.preview(OLD, new(forms))) == ["M416"]


def test_a_state_that_is_handed_to_init(bench: Bench) -> None:
    """Then what builds it is the construction that counts."""
    start = "start() -> gen_server:start_link(?MODULE, #state{a = 1, x = 5}, []).\ninit(State) -> {ok, State}."
    assert value(bench.preview(OLD, new(start))) == ("Given", "5")


EFFECTS = {
    "a table": ("ets:new(t, [])", "ets:new(t, [])"),
    "a timer": ("erlang:send_after(1000, self(), tick)", "erlang:send_after(1000, self(), tick)"),
    "a process": ("spawn_link(fun() -> ok end)", "spawn_link(fun() -> ok end)"),
    "a file": ('element(2, file:open("x", [read]))', 'file:open("x", [read])'),
    "a port": ('open_port({spawn, "cat"}, [])', 'open_port({spawn, "cat"}, [])'),
    "another module's": ("other:start_link()", "other:start_link()"),
    "in a function of its own": ("made()", "made(), which calls ets:new(u, [])"),
    "a local": ("Made", "ets:new(v, [])"),
}


@pytest.mark.parametrize(("expression", "effect"), EFFECTS.values(), ids=EFFECTS.keys())
def test_as_init_says_what_it_leaves_behind(bench: Bench, expression: str, effect: str) -> None:
    """A side effect is named, with when it happens; the question for the value names it too."""
    init = (
        f"init(_) -> Made = ets:new(v, []), {{ok, #state{{x = {expression}}}}}.\nmade() -> more().\n"
        "more() -> ets:new(u, [])."
    )
    asked = one(bench.preview(OLD, new(init)), "M302")
    assert effect in asked.consequence
    planned = bench.preview(OLD, new(decided("{init, x, as_init}"), init))
    found = one(planned, "M413")
    assert effect in found.message
    assert "when the upgrade runs" in found.consequence
    assert codes(planned) == ["M413"]


@pytest.mark.parametrize(
    "expression", ["queue:new()", "make_ref()", "self()", "os:timestamp()", "quiet()", "fun quiet/0"]
)
def test_as_init_without_an_effect_says_nothing(bench: Bench, expression: str) -> None:
    """What leaves nothing behind is not warned of."""
    init = f"init(_) -> {{ok, #state{{x = {expression}}}}}.\nquiet() -> lists:seq(1, 3)."
    assert codes(bench.preview(OLD, new(decided("{init, x, as_init}"), init))) == []


def test_a_named_table_makes_the_upgrade_fail(bench: Bench) -> None:
    """What M413 says of names: the old process has the table, and the upgrade is refused."""
    init = "init(X) -> {ok, #state{a = X, x = ets:new(taken_name, [named_table, public])}}."
    source = new(decided("{init, x, as_init}"), init)
    assert "a name that is taken already makes it fail" in one(bench.preview(OLD, source), "M413").consequence
    bench.install(OLD, source)
    assert bench.eval('element(1, m:code_change("1", {state,1,2}, []))') == "ok"
    twice = (
        'ets:new(taken_name, [named_table]), try m:code_change("1", {state,1,2}, []) catch error:badarg -> refused end'
    )
    assert bench.eval(twice) == "refused"


def test_the_records_inside_are_new_wherever_they_are_built(bench: Bench) -> None:
    """A record inside the state is built while the process runs: all constructions count, no later update does."""

    def holding(fields: str, vsn: str, *forms: str) -> str:
        return server("a, all = [] :: [#s{}]", *forms, vsn=vsn).replace(
            "-record(state", f"-record(s, {{{fields}}}).\n-record(state", 1
        )

    init = "init(A) -> {ok, #state{all = [#s{u = A, since = 0}]}}."
    later = "handle_info(X, S) -> {noreply, S#state{all = [#s{u = X, since = now} | S#state.all]}}."
    touch = "handle_info(X, S) -> {noreply, S#state{all = [Y#s{since = X} || Y <- S#state.all]}}."
    old = holding("u", '"1"')
    assert codes(bench.preview(old, holding("u, since", '"2"', init, later))) == ["M302"]
    assert codes(bench.preview(old, holding("u, since", '"2"', init, touch))) == []


SINCE = "init(A) -> {ok, #state{a = A, x = erlang:system_time()}}."


@pytest.mark.parametrize(
    ("forms", "warned"),
    [
        ((SINCE,), ["M418"]),
        (("init(A) -> {ok, #state{a = A, x = 5}}.",), ["M418"]),
        (("init(A) -> {ok, #state{a = A}}.",), []),
        (("init(A) -> {ok, #state{a = A, x = undefined}}.",), []),
        ((SINCE, decided("{default, x}")), []),
        ((SINCE, decided("{init, x, as_init}")), []),
    ],
)
def test_a_declared_undefined_that_init_does_not_leave(bench: Bench, forms: tuple[str, ...], warned: list[str]) -> None:
    """A declared default is taken, and it is said where no new process has it."""
    planned = bench.preview(OLD, new(*forms, fields="a, port, x = undefined"))
    assert [each.code for each in planned.diagnostics if each.severity != "info"] == warned
    if warned:
        assert value(planned) == ("TakenDefault", "undefined")


@pytest.mark.parametrize(
    ("init", "given"),
    [
        (SINCE, ("Given", "erlang:system_time()")),
        ("init(A) -> {ok, #state{a = A, x = 5}}.", ("Given", "5")),
        ("init(A) -> {ok, #state{a = A}}.", ("TakenDefault", "7")),
    ],
)
def test_as_init_goes_before_a_declared_default(bench: Bench, init: str, given: tuple[str, str]) -> None:
    """A decision is never ignored: `as_init` takes what init does, also of a field with a default."""
    planned = bench.preview(OLD, new(init, decided("{init, x, as_init}"), fields="a, port, x = 7"))
    assert value(planned) == given


def test_as_init_where_nothing_is_built(bench: Bench) -> None:
    """Where the module builds no such record, there is nothing that `as_init` could take."""
    source = new("init(A) -> {ok, A}.", decided("{init, x, as_init}"), fields="a, port, x = 7")
    assert codes(bench.preview(OLD, source)) == ["M113"]
