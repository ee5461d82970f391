"""Sections 1 and 2 of the contract: who takes part, and every field is accounted for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from migrator.recordplan import source_field, source_word
from migrator.request import Choice, Request
from tests.support.cases import codes, decided, one, server

if TYPE_CHECKING:
    from migrator.outcomes import Planned
    from tests.support.cases import Bench

pytest_plugins = ["tests.support.bench"]

UP = '"1"'
DOWN = '{down, "1"}'


# --- section 1


def test_the_old_attribute_names_the_old_record(bench: Bench) -> None:
    """Section 1: the old version's record is the one that its own attribute names: a renamed record."""
    bench.install(server("a", record="st"), server("a, b = 2", "-record(st, {x, y, z}).", record="data", vsn='"2"'))
    assert bench.convert(UP, "{st,1}") == "{ok,{data,1,2}}"
    assert bench.convert(DOWN, "{data,1,9}") == "{ok,{st,1}}"


def test_without_an_old_attribute_the_name_is_the_new_ones(bench: Bench) -> None:
    """Section 1: where the old version has no attribute, its record of the new one's name is meant."""
    old = server("a").replace("-state_record(state).", "")
    bench.install(old, server("a, b = 2", vsn='"2"'))
    assert bench.convert(UP, "{state,1}") == "{ok,{state,1,2}}"


@pytest.mark.parametrize(
    ("choice", "old", "new"),
    [(Choice("st"), "st", "st"), (Choice("data", "st"), "st", "data")],
    ids=["NAME", "OLD:NEW"],
)
def test_the_option_stands_in_for_the_attribute(bench: Bench, choice: Choice, old: str, new: str) -> None:
    """Section 1: `--record` names the record of a module that cannot be edited, and a renamed one."""
    before = server("a", record=old).replace(f"-state_record({old}).", "")
    after = server("a, b = 2", record=new, vsn='"2"').replace(f"-state_record({new}).", "")
    bench.install(before, after, request=Request(choice=choice))
    assert bench.convert(UP, f"{{{old},1}}") == f"{{ok,{{{new},1,2}}}}"


def test_a_module_without_an_attribute_says_so(bench: Bench) -> None:
    """Section 1: a module that names no state record takes no part: preview says what to write."""
    plain = server("a").replace("-state_record(state).", "")
    found = one(bench.preview(plain, plain), "M111")
    assert found.help == ("-state_record(state).", "--record state")


def test_reading_never_loads(bench: Bench) -> None:
    """Section 1: no code of either version runs: neither -on_load nor anything else."""
    mark = bench.folder / "mark"
    load = f'-on_load(mark/0).\nmark() -> ok = file:write_file("{mark}", "ran").'
    found = bench.inject(server("a", load), server("a, b = mark()", load, vsn='"2"'))
    assert (found.exit, mark.exists()) == (0, False)
    assert found.injected[0].after is not None


# --- section 2


def sources(planned: Planned) -> dict[str, tuple[str, str | None]]:
    """Each new field's source and the field that it reads."""
    assert planned.plan is not None
    return {e.field: (source_word(e.source), source_field(e.source)) for e in planned.plan.migrations[0].up}


def test_every_new_field_has_one_source_and_every_old_one_a_fate(bench: Bench) -> None:
    """Section 2: copy, rename, convert, init and default, and what is no source is dropped."""
    new = server(
        "same, now, ttl, since, fresh = 5",
        decided("{rename, was, now}", "{convert, ttl, up, down}", "{init, since, start}", "{drop, legacy}"),
        "up(V) -> V * 1000.\ndown(V) -> V div 1000.\nstart() -> started.",
        vsn='"2"',
    )
    planned = bench.preview(server("was, same, ttl, legacy"), new)
    assert sources(planned) == {
        "same": ("copy", "same"),
        "now": ("rename", "was"),
        "ttl": ("convert", "ttl"),
        "since": ("init", None),
        "fresh": ("default", None),
    }
    assert planned.plan is not None
    (migration,) = planned.plan.migrations
    assert [(each.field, each.acknowledged) for each in migration.dropped] == [("legacy", True)]
    assert [each.field for each in migration.down] == ["was", "same", "ttl", "legacy"]
    bench.install(server("was, same, ttl, legacy"), new)
    assert bench.convert(UP, "{state,w,s,3,l}") == "{ok,{state,s,w,3000,started,5}}"
    assert bench.convert(DOWN, "{state,s,w,3000,started,5}") == "{ok,{state,w,s,3,undefined}}"


def test_a_default_is_evaluated_only_without_another_source(bench: Bench) -> None:
    """Section 2: defaults can have side effects: each runs once for a new field and never for a copied one."""
    count = "count(What) -> put(counted, [What | lists:flatten([get(counted)])]), What."
    bench.install(server("a, b"), server("a = count(a), b = count(b), c = count(c)", count, vsn='"2"'))
    answer = bench.eval('erase(counted), R = m:code_change("1", {state,1,2}, []), {R, get(counted)}')
    assert answer == "{{ok,{state,1,2,c}},[c,undefined]}"


def test_no_default_runs_on_the_way_down_or_for_a_new_state(bench: Bench) -> None:
    """Section 2: where no field needs a default, none is evaluated."""
    count = "count(What) -> put(counted, What), What."
    bench.install(server("a"), server("a, c = count(c)", count, vsn='"2"'))
    passed = 'm:code_change("1", {state,1,2}, []), m:code_change({down, "1"}, {state,1,2}, [])'
    assert bench.eval(f"erase(counted), {passed}, get(counted)") == "undefined"


INITS = {
    "left alone": ("init(_) -> {ok, #state{a = 1}}.", "undefined"),
    "the same constant": (
        "init(1) -> {ok, #state{b = [k]}}; init(_) -> {ok, #state{a = 1, b = [k]}}.",
        "[k]",
    ),
    "through a helper": ("init(_) -> {ok, make()}.\nmake() -> #state{b = made}.", "made"),
}


@pytest.mark.parametrize(("init", "value"), INITS.values(), ids=INITS.keys())
def test_init_gives_a_new_field_its_value(bench: Bench, init: str, value: str) -> None:
    """Section 2: a field without default takes the one constant that `init/1` gives it, or undefined."""
    bench.install(server("a"), server("a, b", init, vsn='"2"'))
    assert bench.convert(UP, "{state,1}") == f"{{ok,{{state,1,{value}}}}}"


def test_the_plan_says_where_a_constant_comes_from(bench: Bench) -> None:
    """Section 2: a constant taken from init is told with its place."""
    found = one(bench.preview(server("a"), server("a, b", "init(_) -> {ok, #state{b = 5}}.", vsn='"2"')), "M502")
    assert "the new field b takes 5, as init/1, line" in found.message


COMPUTED = {
    "computed": "init(_) -> {ok, #state{b = ets:new(t, [])}}.",
    "from its argument": "init(X) -> {ok, #state{b = X}}.",
    "different constants": "init(1) -> {ok, #state{b = 1}}; init(_) -> {ok, #state{b = 2}}.",
    "one of two": "init(1) -> {ok, #state{b = 1}}; init(_) -> {ok, #state{}}.",
    "an update": "init(X) -> S = #state{}, {ok, S#state{b = self()}}.",
    "an update by a constant": "init(_) -> S = #state{}, {ok, S#state{b = later}}.",
}


@pytest.mark.parametrize("init", COMPUTED.values(), ids=COMPUTED.keys())
def test_a_field_that_init_computes_needs_a_person(bench: Bench, init: str) -> None:
    """Section 2: a new field without default that `init/1` computes is a decision, exit 3, nothing generated."""
    found = bench.inject(server("a"), server("a, b", init, vsn='"2"'))
    assert (found.exit, codes(found), found.injected) == (3, ["M302"], ())


def test_inits_own_expressions_are_shown(bench: Bench) -> None:
    """Section 2: init's own expressions stand in the message, and the lines to paste."""
    found = one(bench.preview(server("a"), server("a, b", COMPUTED["computed"], vsn='"2"')), "M302")
    assert "ets:new(t, []) (line" in found.message
    assert found.help == (
        "-state_migration([{init, b, as_init}]).",
        "-state_migration([{init, b, FUNCTION}]).",
        "-state_migration([{default, b}]).",
    )


def test_as_init_takes_inits_expression(bench: Bench) -> None:
    """Section 2: `{init, F, as_init}` takes over an expression without free variables."""
    init = "init(_) -> {ok, #state{b = lists:sum([X || X <- [1, 2, 3]])}}."
    bench.install(server("a"), server("a, b", decided("{init, b, as_init}"), init, vsn='"2"'))
    assert bench.convert(UP, "{state,1}") == "{ok,{state,1,6}}"


def test_as_init_cannot_take_what_only_init_knows(bench: Bench) -> None:
    """Section 2: an expression with free variables cannot be taken over; the message names them."""
    found = bench.inject(
        server("a"), server("a, b", decided("{init, b, as_init}"), COMPUTED["from its argument"], vsn='"2"')
    )
    assert (found.exit, codes(found)) == (4, ["M113"])
    assert "it needs X" in found.diagnostics[0].message


@pytest.mark.parametrize("init", COMPUTED.values(), ids=COMPUTED.keys())
def test_the_default_can_be_decided(bench: Bench, init: str) -> None:
    """Section 2: `{default, F}` gives undefined where that is right."""
    bench.install(server("a"), server("a, b", decided("{default, b}"), init, vsn='"2"'))
    assert bench.convert(UP, "{state,1}") == "{ok,{state,1,undefined}}"


def test_a_lost_field_needs_a_person(bench: Bench) -> None:
    """Section 2: an old field that would be dropped stops everything, with the line to paste."""
    planned = bench.preview(server("a, legacy"), server("a", vsn='"2"'))
    found = one(planned, "M301")
    assert (found.help, found.kind.exit) == (("-state_migration([{drop, legacy}]).",), 3)


def test_a_rename_is_offered_and_never_applied(bench: Bench) -> None:
    """Section 2: where a new field could be the old one renamed, that comes first, with the evidence."""
    planned = bench.preview(server("a, users = #{} :: map()"), server("a, user_map = #{} :: map()", vsn='"2"'))
    first, second = one(planned, "M301").help
    assert first.startswith("-state_migration([{rename, users, user_map}]).   % ")
    assert "both are map()" in first
    assert second == "-state_migration([{drop, users}])."
    assert sources(planned)["user_map"] == ("default", None)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("integer()", "atom()"),
        ("integer()", "pos_integer()"),
        ("[atom()]", "[atom(), ...]"),
        ("a | b | c", "a | b"),
        ("#{a => integer()}", "#{a := integer()}"),
        ("{a, integer()}", "{a, integer(), atom()}"),
        ("map()", "dict:dict()"),
        ("term()", "binary()"),
    ],
)
def test_a_narrower_type_needs_a_person(bench: Bench, before: str, after: str) -> None:
    """Section 2: a copied field whose new type does not admit all that the old one admits is a decision."""
    old, new = server(f"a :: {before}"), server(f"a :: {after}, b = 1", vsn='"2"')
    found = bench.inject(old, new)
    assert (found.exit, codes(found)) == (3, ["M303"])
    bench.install(old, server(f"a :: {after}, b = 1", decided("{copy, a}"), vsn='"2"'))
    assert bench.convert(UP, "{state,x}") == "{ok,{state,x,1}}"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("integer()", "integer() | atom()"),
        ("1..5", "pos_integer()"),
        ("[a, ...]", "[a]"),
        ("ok", "atom()"),
        ("[byte()]", "iolist()"),
        ("atom()", "term()"),
    ],
)
def test_a_wider_type_needs_nobody(bench: Bench, before: str, after: str) -> None:
    """Section 2: a new type that admits all that the old one admits is no decision."""
    found = bench.inject(server(f"a :: {before}"), server(f"a :: {after}, b = 1", vsn='"2"'))
    assert codes(found) == []


def test_a_user_type_that_changed_its_meaning(bench: Bench) -> None:
    """Section 2: a type of the same name that means less than before is a decision too."""
    types = [f"-type t() :: {body}." for body in ("a | b", "a")]
    old, new = (
        server("x :: t()" + more, vsn=f'"{vsn}"').replace("-record(state", f"{text}\n-record(state")
        for vsn, (text, more) in enumerate(zip(types, ("", ", y = 1"), strict=True), start=1)
    )
    assert "no longer means what it meant" in one(bench.preview(old, new), "M303").message


@pytest.mark.parametrize(
    ("allowance", "old", "new"),
    [
        ("drop", server("a, legacy"), server("a", vsn='"2"')),
        ("retype", server("a :: integer()"), server("a :: atom(), b = 1", vsn='"2"')),
        ("default", server("a"), server("a, b", COMPUTED["computed"], vsn='"2"')),
    ],
)
def test_an_allowance_accepts_one_kind(bench: Bench, allowance: str, old: str, new: str) -> None:
    """Section 2: `--allow` accepts its kind for a whole run, and no other kind."""
    kinds = {"drop", "retype", "default"}
    allowed = bench.inject(old, new, request=Request(allow=frozenset({allowance})))  # type: ignore[arg-type]
    others = bench.inject(old, new, request=Request(allow=frozenset(kinds - {allowance})))  # type: ignore[arg-type]
    assert (allowed.exit, others.exit) == (0, 3)
    assert {"M504", "M505"} & {each.code for each in allowed.diagnostics}


def hidden(vsn: str, fields: str, more: str = "") -> str:
    """A module with a second record that the state may hold where no type tells."""
    return server(f"held{more}", f"-record(session, {{{fields}}}).", vsn=vsn)


def test_a_changed_record_that_no_type_reveals(bench: Bench) -> None:
    """Section 2: a changed record that the state may hold unseen is a warning, with `--strict` a decision."""
    old, new = hidden('"1"', "user"), hidden('"2"', "user, since", ", b = 1")
    warned = bench.inject(old, new)
    asked = bench.inject(old, new, request=Request(unrevealed="ask"))
    assert ((warned.exit, codes(warned)), (asked.exit, codes(asked))) == ((0, ["M401"]), (3, ["M307"]))


def test_a_changed_default_is_no_decision(bench: Bench) -> None:
    """Section 2: of a changed default the running value wins, and the plan says so."""
    old, new = server("a = 1"), server("a = 2, b = 0", vsn='"2"')
    assert one(bench.preview(old, new), "M503").severity == "info"
    bench.install(old, new)
    assert bench.convert(UP, "{state,1}") == "{ok,{state,1,0}}"


def test_nothing_is_written_down_twice(bench: Bench) -> None:
    """Section 2: all open decisions of a module are told at once."""
    found = bench.inject(server("a :: integer(), x, y"), server("a :: atom(), b", COMPUTED["computed"], vsn='"2"'))
    assert sorted(codes(found)) == ["M301", "M301", "M302", "M303"]


@pytest.mark.parametrize(
    ("old", "new", "up", "state"),
    [
        ("a, b, c", "c, b, a", "{state,3,2,1}", "{state,1,2,3}"),
        ("a, b, c", "x = 0, a, b, c", "{state,0,1,2,3}", "{state,1,2,3}"),
        ("a, b, c", "a, x = 0, b, y = 0, c", "{state,1,0,2,0,3}", "{state,1,2,3}"),
        ("", "a = 1", "{state,1}", "{state}"),
        ("'A b', 'case', '_x', '$y'", "'$y', '_x', 'case', 'A b', 'Z' = z", "{state,4,3,2,1,z}", "{state,1,2,3,4}"),
    ],
)
def test_fields_in_any_order(bench: Bench, old: str, new: str, up: str, state: str) -> None:
    """Section 2: fields may be added anywhere and reordered; quoted names and a record of none are like others."""
    bench.install(server(old), server(new, vsn='"2"'))
    assert bench.convert(UP, state) == f"{{ok,{up}}}"
    assert bench.convert(DOWN, up) == f"{{ok,{state}}}"


def test_many_fields(bench: Bench) -> None:
    """Section 2: a record of 300 fields is carried like a small one."""
    fields = ", ".join(f"f{number}" for number in range(300))
    bench.install(server(fields), server(f"new = 0, {fields}", vsn='"2"'))
    up = "list_to_tuple([state | lists:seq(1, 300)])"
    assert bench.eval(f"{{ok, S}} = m:code_change(v, {up}, []), tl(tuple_to_list(S)) =:= lists:seq(0, 300)") == "true"
