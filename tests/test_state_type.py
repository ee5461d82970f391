"""A state that is a value of a type: `-state_type` (contract, sections 1 and 3 to 8)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from migrator import library
from migrator.render.json import planned_json
from migrator.render.table import render_table
from migrator.request import Choice, Request
from tests.support.cases import codes, decided, injected, own, refused, run
from tests.support.typed import typed

if TYPE_CHECKING:
    from tests.support.cases import Bench

pytest_plugins = ["tests.support.bench"]

WRAPPED = "-type wrapped() :: {#state{}, map(), integer()}.\n-state_type(wrapped)."
OLD = typed("-record(state, {a, b = 0}).", WRAPPED)
NEW_RECORD = "-record(state, {a, b = 0, c = 7}).\n"
NEW = typed(NEW_RECORD, WRAPPED, vsn='"2"')
BOTH = "-type conn() :: #up{} | #off{} | stopped.\n-state_type(conn)."
OLD_BOTH = typed("-record(up, {a}).\n-record(off, {x}).", BOTH)
NEW_BOTH = typed("-record(up, {a, b = 1}).\n-record(off, {x}).", BOTH, vsn='"2"')
OWN = own("(V, State, Extra) -> {ok, {V, State, Extra}}")


@pytest.mark.parametrize("vsn", ['"1"', '"2"', "undefined", "99999999999999999999"])
def test_a_record_in_a_wrapper_is_converted_where_it_lies(bench: Bench, vsn: str) -> None:
    """Sections 1 and 3: the state is migrated along its type, whatever OldVsn says; what is new passes."""
    bench.install(OLD, NEW)
    assert bench.convert(vsn, "{{state,1,2},#{x => y},3}") == "{ok,{{state,1,2,7},#{x => y},3}}"
    assert bench.convert(vsn, "{{state,1,2,9},#{x => y},3}") == "{ok,{{state,1,2,9},#{x => y},3}}"
    assert bench.convert('{down,"1"}', "{{state,1,2,7},#{},3}") == "{ok,{{state,1,2},#{},3}}"


@pytest.mark.parametrize("vsn", ['"1"', '{down,"1"}'])
@pytest.mark.parametrize("size", [1, 2, 5])
def test_an_unknown_size_in_the_wrapper_is_refused(bench: Bench, vsn: str, size: int) -> None:
    """Section 3: the record's tag with an unknown size, at the place that the type names directly."""
    bench.install(OLD, NEW)
    inner = f"list_to_tuple([state | lists:duplicate({size - 1}, x)])"
    expected = f"{{error,{{state_migration,{{unknown_shape,state,{size}}}}}}}"
    assert bench.convert(vsn, f"{{{inner},#{{}},0}}") == expected


@pytest.mark.parametrize("state", ["{{state,1},x}", "{other,x,y}", "#{}", "[]", "state", "{{{state},1},2,3}"])
def test_anything_else_is_passed_on(bench: Bench, state: str) -> None:
    """Section 3: what the type does not describe goes to the module's own function, or passes."""
    bench.install(OLD, NEW)
    assert bench.convert('"1"', state) == bench.eval(f"{{ok, {state}}}")
    assert bench.convert('{down,"1"}', state) == bench.eval(f"{{ok, {state}}}")


def test_the_own_function_runs_after_the_conversion(bench: Bench) -> None:
    """Section 4: it gets the new state, and the old one in Extra where something was converted."""
    bench.install(OLD, typed("-record(state, {a, b = 0, c = 7}).", WRAPPED, OWN, vsn='"2"'))
    assert bench.convert('"1"', "{{state,1,2},#{},3}", "[e]") == (
        '{ok,{"1",{{state,1,2,7},#{},3},[e,{old_state,{{state,1,2},#{},3}}]}}'
    )
    assert bench.convert('"1"', "{{state,1,2,7},#{},3}", "[e]") == '{ok,{"1",{{state,1,2,7},#{},3},[e]}}'
    assert bench.convert('"1"', "odd", "e") == '{ok,{"1",odd,e}}'


def test_on_a_downgrade_the_conversion_runs_first(bench: Bench) -> None:
    """Section 5: the own function finds the old shape, and the new state in Extra."""
    bench.install(OLD, typed("-record(state, {a, b = 0, c = 7}).", WRAPPED, OWN, vsn='"2"'))
    assert bench.convert('{down,"1"}', "{{state,1,2,7},#{},3}") == (
        '{ok,{{down,"1"},{{state,1,2},#{},3},[{old_state,{{state,1,2,7},#{},3}}]}}'
    )


@pytest.mark.parametrize(
    "clause",
    [
        "({down, _}, {#state{c = C} = S, M, N}, X) -> {ok, {S#state{b = C}, M, X}}; (_, S, _) -> {ok, S}",
        "({down, _}, T, X) -> S = element(1, T), {ok, {S#state{b = S#state.c}, #{}, X}}; (_, S, _) -> {ok, S}",
        "({down, _}, {{state, A, _, C}, M, _}, X) -> {ok, {{state, A, C, C}, M, X}}; (_, S, _) -> {ok, S}",
    ],
)
def test_on_a_downgrade_the_own_function_can_run_first(bench: Bench, clause: str) -> None:
    """Section 5: a clause that treats the record in the wrapper as the new one gets the new one."""
    forms = own(*clause.split("; "))
    bench.install(OLD, typed("-record(state, {a, b = 0, c = 7}).", WRAPPED, forms, vsn='"2"'))
    assert bench.convert('{down,"1"}', "{{state,1,2,9},#{},3}", "[e]") == "{ok,{{state,1,9},#{},[e]}}"
    assert bench.convert('{down,"1"}', "{{state,1,2},#{},3}") == "{ok,{{state,1,2},#{},3}}"
    assert "unknown_shape,state,2" in bench.convert('{down,"1"}', "{{state,1},#{},3}")


def test_one_of_several_records(bench: Bench) -> None:
    """Section 1: each record of a union is converted; what did not change passes; unknown sizes of each are refused."""
    bench.install(OLD_BOTH, NEW_BOTH)
    for before, after in (("{up,1}", "{up,1,1}"), ("{off,2}", "{off,2}"), ("stopped", "stopped")):
        assert bench.convert("x", before) == f"{{ok,{after}}}"
        assert bench.convert('{down,"1"}', after) == f"{{ok,{before}}}"
    for odd, tag, size in (("{up}", "up", 1), ("{up,1,2,3}", "up", 4), ("{off,1,2}", "off", 3)):
        assert bench.convert("x", odd) == f"{{error,{{state_migration,{{unknown_shape,{tag},{size}}}}}}}"


def test_a_clause_of_the_own_exempts_its_shape(bench: Bench) -> None:
    """Section 3: a size that a clause of the own has a pattern for is not refused, in the wrapper too."""
    clauses = ("(_, {{state, A}, _, _}, _) -> {ok, {took, A}}", "(_, S, _) -> {ok, S}")
    bench.install(OLD, typed("-record(state, {a, b = 0, c = 7}).", WRAPPED, own(*clauses), vsn='"2"'))
    assert bench.convert('"1"', "{{state,5},#{},1}") == "{ok,{took,5}}"
    assert "unknown_shape,state,5" in bench.convert('"1"', "{{state,1,2,3,4},#{},1}")


@pytest.mark.parametrize(
    ("old", "new", "clause"),
    [
        (
            OLD,
            "-record(state, {a, b = 0, c = 7}).\n" + WRAPPED,
            "(_, {{state, A, B}, M, N}, _) -> {ok, {{A, B}, M, N}}",
        ),
        (OLD_BOTH, "-record(up, {a, b = 1}).\n-record(off, {x}).\n" + BOTH, "(_, {up, A}, _) -> {ok, {up, A, own}}"),
    ],
)
def test_an_own_clause_for_an_old_shape_is_a_conflict(bench: Bench, old: str, new: str, clause: str) -> None:
    """Section 3: exit 3, settled by `--prefer`."""
    source = typed(new, own(clause, "(_, S, _) -> {ok, S}"), vsn='"2"')
    assert codes(bench.inject(old, source)) == ["M304"]
    bench.install(old, source, request=Request(prefer="handwritten"))
    given, result = ("{up,1}", "{up,1,own}") if "up" in clause else ("{{state,1,2},m,n}", "{{1,2},m,n}")
    assert bench.convert('"1"', given) == f"{{ok,{result}}}"


@pytest.mark.parametrize(
    ("type_", "before", "after"),
    [
        ("[#r{}]", "[{r,1},{r,2}]", "[{r,1,0},{r,2,0}]"),
        ("#{r := #r{}, n => integer()}", "#{r => {r,1}}", "#{r => {r,1,0}}"),
        ("#{atom() => [#r{}]}", "#{a => [{r,1}]}", "#{a => [{r,1,0}]}"),
        ("pair(#r{})", "{pair,{r,1},{r,2}}", "{pair,{r,1,0},{r,2,0}}"),
        ("tree()", "{node,{node,nil,{r,1},nil},{r,2},nil}", "{node,{node,nil,{r,1,0},nil},{r,2,0},nil}"),
        ("queue:queue(#r{})", "{[{r,1}],[]}", "{[{r,1,0}],[]}"),
        ("orddict:orddict(atom(), #r{})", "[{k,{r,1}}]", "[{k,{r,1,0}}]"),
        ("{ok, #r{}} | {error, atom()}", "{ok,{r,1}}", "{ok,{r,1,0}}"),
        ("{#r{} | undefined, pid()}", "{undefined,x}", "{undefined,x}"),
        ("{{#r{}, x}, [#box{}]}", "{{{r,1},x},[{box,[{r,2}]}]}", "{{{r,1,0},x},[{box,[{r,2,0}]}]}"),
        ("#box{}", "{box,[{r,1}]}", "{box,[{r,1,0}]}"),
        ("#r{}", "{r,1}", "{r,1,0}"),
        ("nonempty_list(#r{} | [#r{}])", "[{r,1},[{r,2}]]", "[{r,1,0},[{r,2,0}]]"),
    ],
)
def test_wherever_the_type_leads(bench: Bench, type_: str, before: str, after: str) -> None:
    """Section 1: maps, lists, containers, user types, parameters, recursion."""
    types = (
        "-type pair(T) :: {pair, T, T}.\n-type tree() :: nil | {node, tree(), #r{}, tree()}.\n"
        f"-record(box, {{in :: [#r{{}}]}}).\n-type st() :: {type_}.\n-state_type(st)."
    )
    bench.install(typed("-record(r, {a}).", types), typed("-record(r, {a, b = 0}).", types, vsn='"2"'))
    assert bench.convert("v", before) == f"{{ok,{after}}}"
    assert bench.convert("v", after) == f"{{ok,{after}}}"
    assert bench.convert('{down,"1"}', after) == f"{{ok,{before}}}"


def test_the_old_version_names_another_type(bench: Bench) -> None:
    """Section 1: the old version's type is the one that its own attribute names."""
    old = typed("-record(r, {a}).\n-type before() :: {#r{}, x}.\n-state_type(before).")
    new = typed("-record(r, {a, b = 0}).\n-type after_() :: {#r{}, x | y}.\n-state_type(after_).", vsn='"2"')
    found = bench.inject(old, new)
    assert codes(found) == ["M406"]
    bench.node.load("m", injected(found))
    assert bench.convert("v", "{{r,1},x}") == "{ok,{{r,1,0},x}}"


def test_the_old_version_says_nothing(bench: Bench) -> None:
    """Section 1: else it is the type of the same name."""
    bench.install(OLD.replace("-state_type(wrapped).", ""), NEW)
    assert bench.convert("v", "{{state,1,2},m,3}") == "{ok,{{state,1,2,7},m,3}}"


def test_a_bare_record_becomes_one_of_several(bench: Bench) -> None:
    """Section 1: a record that the old version keeps bare is walked along the new type where that admits it."""
    old = typed("-record(up, {a}).\n-state_record(up).")
    bench.install(old, NEW_BOTH)
    assert bench.convert("v", "{up,1}") == "{ok,{up,1,1}}"
    assert bench.convert('{down,"1"}', "{up,1,1}") == "{ok,{up,1}}"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("{#r{}, map()}", "{#r{}, map(), integer()}"),
        ("{one, #r{}}", "{two, #r{}}"),
        ("#{a := #r{}}", "#{b := #r{}}"),
        ("#r{} | off", "#r{}"),
        ("[#r{}]", "#{atom() => #r{}}"),
    ],
)
def test_a_changed_structure_is_asked_about(bench: Bench, before: str, after: str) -> None:
    """Section 2: an old state that the new type does not admit needs a decision; nothing is generated."""
    old = typed(f"-record(r, {{a}}).\n-type st() :: {before}.\n-state_type(st).")
    new = typed(f"-record(r, {{a, b = 0}}).\n-type st() :: {after}.\n-state_type(st).", vsn='"2"')
    found = bench.inject(old, new)
    assert (found.exit, codes(found), found.injected) == (3, ["M308"], ())
    assert "{state, UP_FUNCTION, DOWN_FUNCTION}" in found.diagnostics[0].help[0]
    assert codes(bench.inject(old, new, request=Request(allow=frozenset({"retype"})))) == []


def test_several_versions(bench: Bench) -> None:
    """Section 3: the shapes of the records inside tell the versions apart; each goes back to its own."""
    first = typed("-record(state, {a}).", WRAPPED, vsn='"0"')
    bench.install(first, OLD, NEW)
    for before in ("{{state,1},m,2}", "{{state,1,0},m,2}", "{{state,1,0,7},m,2}"):
        assert bench.convert("undefined", before) == "{ok,{{state,1,0,7},m,2}}"
    assert bench.convert('{down,"0"}', "{{state,1,2,7},m,2}") == "{ok,{{state,1},m,2}}"
    assert bench.convert('{down,"1"}', "{{state,1,2,7},m,2}") == "{ok,{{state,1,2},m,2}}"
    assert bench.convert('{down,"x"}', "{{state,1,2,7},m,2}") == (
        '{error,{state_migration,{ambiguous_version,{down,"x"},["0","1"]}}}'
    )


def test_one_version_after_the_other(bench: Bench) -> None:
    """Section 7: A, then B, gives the bytes of A and B at once, the same again the same bytes; eject restores."""
    first = typed("-record(state, {a}).", WRAPPED, vsn='"0"')
    *olds, new = bench.beams(first, OLD, NEW)
    original = new.read_bytes()
    at_once = injected(library.inject(bench.helper, olds, new))
    for old in reversed(olds):
        library.write(library.inject(bench.helper, [old], new).injected)
    assert new.read_bytes() == at_once
    assert injected(library.inject(bench.helper, olds, new)) == at_once
    assert library.eject(bench.helper, new).after == original


SWAPPED = typed("-record(state, {b, a}).", WRAPPED, vsn='"2"')


def test_the_same_shape_goes_by_the_vsn(bench: Bench) -> None:
    """Section 3: where the shape is shared and the meaning is not, OldVsn decides, and an unknown one is refused."""
    bench.install(OLD, SWAPPED)
    assert bench.convert('"1"', "{{state,1,2},m,3}") == "{ok,{{state,2,1},m,3}}"
    assert bench.convert('"2"', "{{state,1,2},m,3}") == "{ok,{{state,1,2},m,3}}"
    assert bench.convert("undefined", "{{state,1,2},m,3}") == (
        '{error,{state_migration,{ambiguous_version,undefined,["1","2"]}}}'
    )
    assert bench.convert("undefined", "stopped") == "{ok,stopped}"
    assert bench.convert('{down,"1"}', "{{state,1,2},m,3}") == "{ok,{{state,2,1},m,3}}"


def test_the_same_shape_and_vsn_is_refused(bench: Bench) -> None:
    """Section 3: versions that nothing tells apart are refused when the code is generated."""
    assert codes(bench.inject(OLD, typed("-record(state, {b, a}).", WRAPPED))) == ["M305"]


def test_decisions_about_the_only_record(bench: Bench) -> None:
    """Section 8: where the type names one record directly, decisions are about it, with or without `in`."""
    for decision in ("{rename, b, c}", "{in, state, [{rename, b, c}]}"):
        bench.install(OLD, typed("-record(state, {a, d = 5, c}).", WRAPPED, decided(decision), vsn='"2"'))
        assert bench.convert('"1"', "{{state,1,2},m,3}") == "{ok,{{state,1,5,2},m,3}}"
        # A name alone changes no tuple.
        planned = bench.preview(OLD, typed("-record(state, {a, c}).", WRAPPED, decided(decision), vsn='"2"'))
        assert planned.plan is not None
        assert (planned.plan.verdict, codes(planned)) == ("unchanged", [])


def test_open_decisions_are_asked(bench: Bench) -> None:
    """Section 2: a field that would be dropped is asked about, with the line to paste."""
    found = bench.inject(OLD, typed("-record(state, {a}).", WRAPPED, vsn='"2"'))
    assert codes(found) == ["M301"]
    assert "-state_migration([{drop, b}])." in found.diagnostics[0].help
    union = typed("-record(up, {a}).\n-record(off, {}).", BOTH, vsn='"2"')
    found = bench.inject(OLD_BOTH, union)
    assert codes(found) == ["M301"]
    assert "-state_migration([{in, off, [{drop, x}]}])." in found.diagnostics[0].help


@pytest.mark.parametrize("decision", ["{rename, a, z}", "{in, nothing, [{drop, a}]}", "{in, up, [{drop, zz}]}"])
def test_a_decision_that_fits_nothing(bench: Bench, decision: str) -> None:
    """Section 8: it is an error, never ignored."""
    new = typed("-record(up, {a, b = 1}).\n-record(off, {x}).", BOTH, decided(decision), vsn='"2"')
    assert "M113" in codes(bench.inject(OLD_BOTH, new))


def test_attributes_that_cannot_be(bench: Bench) -> None:
    """Section 1: both attributes, two types, a type that is not there, no name, and `--record` are errors."""
    record = "-record(state, {a})."
    twice = typed(record, WRAPPED, "-state_record(state).")
    assert codes(bench.preview(twice, twice)) == ["M126"]
    two = typed(record, WRAPPED, "-state_type(wrapped).")
    assert codes(bench.preview(two, two)) == ["M126"]
    absent = typed(record, WRAPPED.replace("_type(wrapped)", "_type(wraped)"))
    found = bench.preview(absent, absent)
    assert codes(found) == ["M127"]
    assert "-state_type(wrapped)." in found.diagnostics[0].help
    number = typed(record, "-state_type(7).")
    assert codes(bench.preview(number, number)) == ["M114"]
    assert codes(bench.preview(OLD, NEW, request=Request(Choice("state")))) == ["M128"]
    old, new = bench.beams(OLD, NEW)
    assert "wrapped()" in refused(bench, "M128", 4, "--record", "state", old, new)


@pytest.mark.parametrize("code_change", ["", own("(_, State, _) -> {ok, State}")])
def test_a_running_server(bench: Bench, code_change: str) -> None:
    """Sections 4 to 6: a process goes up and down between the versions, with and without a function of its own."""
    new = typed("-record(state, {a, b = 0, c = 7}).", WRAPPED, code_change, vsn='"2"')
    beam = injected(bench.inject(OLD, new))
    name = bench.start(OLD, "{{state,1,2},#{},3}")
    assert bench.upgrade(name, beam, '"1"') == "{ok,{{state,1,2,7},#{},3}}"
    old = bench.compile(OLD, "again").read_bytes()
    assert bench.downgrade(name, old, '"1"') == "{ok,{{state,1,2},#{},3}}"
    bench.eval(f"live_node:stop({name})")


@pytest.mark.parametrize("code_change", ["", "-export([code_change/4]).\ncode_change(_, N, D, _) -> {ok, N, D}."])
def test_a_running_statem(bench: Bench, code_change: str) -> None:
    """Section 1: the data of a gen_statem is converted, the state's name passed on."""
    old = typed("-record(up, {a}).\n-record(off, {x}).", BOTH, behaviour="gen_statem")
    new = typed("-record(up, {a, b = 1}).\n-record(off, {x}).", BOTH, code_change, vsn='"2"', behaviour="gen_statem")
    beam = injected(bench.inject(old, new))
    bench.node.load("m", bench.compile(old, "running").read_bytes())
    name = bench.eval("live_node:start(gen_statem, m, {up,1})")
    assert bench.upgrade(name, beam, '"1"') == "{ok,{on,{up,1,1}}}"
    old_beam = bench.compile(old, "again").read_bytes()
    assert bench.downgrade(name, old_beam, '"1"') == "{ok,{on,{up,1}}}"
    bench.eval(f"live_node:stop({name})")


def test_nothing_to_do(bench: Bench) -> None:
    """Section 10: the same state in both is unchanged."""
    planned = bench.preview(OLD, OLD.replace('"1"', '"2"'))
    assert planned.plan is not None
    assert planned.plan.verdict == "unchanged"


def test_json_of_one_record(bench: Bench) -> None:
    """Section 10: `record` is the one record that the type names directly, its fields are told as a state's are."""
    shown = planned_json(bench.preview(OLD, NEW))
    assert (shown["record"], shown["verdict"]) == ("state", "migrate")
    (version,) = shown["from"]
    assert set(version) == {"vsn", "record", "fields", "dropped", "down", "lossless"}
    assert version["record"] == "state"
    assert version["fields"][2] == {"field": "c", "source": "default", "from": None}
    assert [each["field"] for each in version["down"]] == ["a", "b"]


def test_json_of_several_records(bench: Bench) -> None:
    """Section 10: with several it is the type, and the fields have their record's name."""
    shown = planned_json(bench.preview(OLD_BOTH, NEW_BOTH))
    (version,) = shown["from"]
    assert (shown["record"], version["record"]) == ("conn", "conn")
    assert version["fields"] == [
        {"field": "up.a", "source": "copy", "from": "up.a"},
        {"field": "up.b", "source": "default", "from": None},
    ]


def test_the_table(bench: Bench) -> None:
    """Section 9: the table tells the state as its type, and each record in it."""
    planned = bench.preview(OLD, NEW)
    assert planned.plan is not None
    table = render_table(planned.plan)
    assert "m  wrapped()  migrate" in table
    assert "#state{} in wrapped():" in table
    assert "c          default  7" in table


def test_inspect_and_scan(bench: Bench) -> None:
    """Section 9: `inspect` shows the type and the migrations, `scan` lists the module with its type."""
    old, new = bench.beams(OLD, NEW)
    assert run("inject", old, new).returncode == 0
    shown = run("inspect", new)
    assert "wrapped()" in shown.stdout
    assert 'It carries a migration from "1", wrapped():' in shown.stdout
    facts = json.loads(run("inspect", "--format", "json", new).stdout)
    assert (facts["record"], facts["type"], facts["carries"][0]["record"]) == ("state", "wrapped", "state")
    assert facts["carries"][0]["fields"][2]["field"] == "c"
    scanned = run("scan", new)
    assert "wrapped()" in scanned.stdout
    (module,) = json.loads(run("scan", "--format", "json", new).stdout)["modules"]
    assert (module["state_record"], module["state_type"]) == (None, "wrapped")
