"""States of a type that are harder to tell: names, keys, versions that share shapes, files of decisions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from migrator import library
from migrator.request import Request
from tests.support.cases import codes, decided, injected, one, own, refused
from tests.support.rules import asking
from tests.support.typed import typed

if TYPE_CHECKING:
    from tests.support.cases import Bench

pytest_plugins = ["tests.support.bench"]

WRAPPED = "-type wrapped() :: {#state{}, map(), integer()}.\n-state_type(wrapped)."
OLD = typed("-record(state, {a, b = 0}).", WRAPPED)
BOTH = "-type conn() :: #up{} | #off{} | stopped.\n-state_type(conn)."
OLD_BOTH = typed("-record(up, {a}).\n-record(off, {x}).", BOTH)
OWN = own("(V, State, Extra) -> {ok, {V, State, Extra}}")


def test_a_name_that_two_kinds_share(bench: Bench) -> None:
    """Section 1: a type may be called as a record is; names may need quotes; a record may have no field."""
    types = "-type 'a b'() :: #'a b'{} | #e{} | e.\n-state_type('a b')."
    old = typed("-record('a b', {'x y'}).\n-record(e, {}).", types)
    bench.install(old, typed("-record('a b', {'x y', 'Ä' = ü}).\n-record(e, {n = 0}).", types, vsn='"2"'))
    assert bench.convert("v", "{'a b',1}") == "{ok,{'a b',1,ü}}"
    assert bench.convert("v", "{e}") == "{ok,{e,0}}"
    assert bench.convert("v", "e") == "{ok,e}"
    assert bench.convert('{down,"1"}', "{e,5}") == "{ok,{e}}"
    assert "unknown_shape,'a b',1" in bench.convert("v", "{'a b'}")


def test_a_renamed_record_of_a_union(bench: Bench) -> None:
    """Section 8: `rename_record` says which record of the new type is which old one."""
    types = "-type conn() :: #{} | stopped.\n-state_type(conn)."
    old = typed("-record(up, {a}).", types.replace("#{}", "#up{}"))
    forms = ("-record(open, {a, b = 0}).", types.replace("#{}", "#open{}"))
    assert codes(bench.inject(old, typed(*forms, vsn='"2"'))) == ["M308"]
    bench.install(old, typed(*forms, decided("{rename_record, up, open}"), vsn='"2"'))
    assert bench.convert("v", "{up,1}") == "{ok,{open,1,0}}"
    assert bench.convert('{down,"1"}', "{open,1,0}") == "{ok,{up,1}}"


def test_versions_of_both_kinds(bench: Bench) -> None:
    """Section 3: OldVsn is asked only about shapes that it alone tells; the others go by themselves."""
    types = "-type st() :: #a{} | #b{}.\n-state_type(st)."
    first = typed("-record(a, {x, y}).\n-record(b, {n}).", types, vsn='"0"')
    second = typed("-record(a, {y, x}).\n-record(b, {n}).", types, vsn='"1"')
    new = typed("-record(a, {y, x}).\n-record(b, {n, m = 0}).", types, vsn='"2"')
    bench.install(first, second, new)
    assert bench.convert('"0"', "{a,1,2}") == "{ok,{a,2,1}}"
    assert bench.convert('"1"', "{a,1,2}") == "{ok,{a,1,2}}"
    assert bench.convert('"2"', "{a,1,2}") == "{ok,{a,1,2}}"
    assert "ambiguous_version" in bench.convert("x", "{a,1,2}")
    for vsn in ('"0"', '"1"', '"2"', "x"):
        assert bench.convert(vsn, "{b,1,5}") == "{ok,{b,1,5}}"
    for vsn in ('"0"', '"1"'):
        assert bench.convert(vsn, "{b,1}") == "{ok,{b,1,0}}"
    assert bench.convert('{down,"0"}', "{a,1,2}") == "{ok,{a,2,1}}"
    assert bench.convert('{down,"1"}', "{b,1,2}") == "{ok,{b,1}}"


def test_what_lies_in_a_record_that_changed_alike_in_two_versions(bench: Bench) -> None:
    """Section 3: two versions whose boxes look the same and hold different records are told by OldVsn."""
    types = "-type st() :: {#box{}, integer()}.\n-state_type(st)."
    first, second, new = (
        typed(f"-record(r, {{{r}}}).\n-record(box, {{in :: #r{{}}{box}}}).", types, vsn=vsn)
        for r, box, vsn in (("a", "", '"0"'), ("a, b = 0", "", '"1"'), ("a, b = 0, c = 0", ", n = 0", '"2"'))
    )
    bench.install(first, second, new)
    assert bench.convert('"0"', "{{box,{r,1}},7}") == "{ok,{{box,{r,1,0,0},0},7}}"
    assert bench.convert('"1"', "{{box,{r,1,2}},7}") == "{ok,{{box,{r,1,2,0},0},7}}"
    assert "ambiguous_version" in bench.convert("x", "{{box,{r,1,2}},7}")


@pytest.mark.parametrize("key", ["'k e y'", "7", "'Ä'"])
def test_keys_of_maps(bench: Bench, key: str) -> None:
    """Section 1: a record under any literal key, and its unknown sizes."""
    types = f"-type st() :: #{{{key} := #r{{}} | none, atom() => term()}}.\n-state_type(st)."
    bench.install(typed("-record(r, {a}).", types), typed("-record(r, {a, b = 0}).", types, vsn='"2"'))
    assert bench.convert("v", f"#{{{key} => {{r,1}}}}") == bench.eval(f"{{ok, #{{{key} => {{r,1,0}}}}}}")
    assert "unknown_shape,r,4" in bench.convert("v", f"#{{{key} => {{r,1,2,3}}}}")
    assert bench.convert("v", "#{}") == "{ok,#{}}"


def test_a_decisions_file_speaks_of_the_records(bench: Bench) -> None:
    """Section 8: in a file every record of such a module is one inside its state."""
    new = typed("-record(up, {b, c = 0}).\n-record(off, {x, y}).", BOTH, vsn='"2"')
    request = asking(bench, "record up.", "rename a -> b.", "record off.", "init y = Old#off.x + 1.")
    bench.install(OLD_BOTH, new, request=request)
    assert bench.convert("v", "{up,1}") == "{ok,{up,1,0}}"
    assert bench.convert("v", "{off,1}") == "{ok,{off,1,2}}"
    alone = typed("-record(state, {a, c, d = 1}).", WRAPPED, vsn='"2"')
    bench.install(OLD, alone, request=asking(bench, "rename b -> c."))
    assert bench.convert("v", "{{state,1,2},m,3}") == "{ok,{{state,1,2,1},m,3}}"


def test_whatever_the_module_calls_its_own(bench: Bench) -> None:
    """Section 7: guards mean Erlang's functions where the module has its own of these names."""
    mine = (
        "-compile({no_auto_import, [element/2, tuple_size/1, is_map_key/2, map_get/2, is_map/1]}).\n"
        "-export([element/2, tuple_size/1, is_map_key/2, map_get/2, is_map/1]).\n"
        "element(_, _) -> no.\ntuple_size(_) -> 0.\nis_map_key(_, _) -> no.\nmap_get(_, _) -> no.\nis_map(_) -> no.\n"
    )
    types = "-type st() :: #{k := #r{}} | {#r{}, x} | #s{}.\n-state_type(st)."
    old = typed("-record(r, {a}).\n-record(s, {a}).", types)
    bench.install(old, typed("-record(r, {a, b = 0}).\n-record(s, {a, b = 1}).", types, mine, vsn='"2"'))
    assert bench.convert("v", "#{k => {r,1}}") == "{ok,#{k => {r,1,0}}}"
    assert bench.convert("v", "{{r,1},x}") == "{ok,{{r,1,0},x}}"
    assert bench.convert("v", "{s,1}") == "{ok,{s,1,1}}"
    assert "unknown_shape,r,4" in bench.convert("v", "#{k => {r,1,2,3}}")


def test_a_module_with_its_own_is_record(bench: Bench) -> None:
    """Section 7: `erl_lint` refuses `erlang:is_record/3` in a guard there, so other tests tell the records apart."""
    mine = "-compile({no_auto_import, [is_record/3]}).\n-export([is_record/3]).\nis_record(_, _, _) -> no."
    held = "#r{} | #s{} | none | dict:dict(k, #r{}) | array:array(#r{}) | [sets:set(#r{})]"
    types = f"-type st() :: {held}.\n-state_type(st)."
    old = typed("-record(r, {a}).\n-record(s, {a}).", types)
    bench.install(old, typed("-record(r, {a, b = 0}).\n-record(s, {a, b = 1}).", types, mine, vsn='"2"'))
    for before, after in (
        ("{r,1}", "{r,1,0}"),
        ("{s,1}", "{s,1,1}"),
        ("none", "none"),
        ("dict:from_list([{k,{r,1}}])", "dict:from_list([{k,{r,1,0}}])"),
        ("array:from_list([{r,1}])", "array:from_list([{r,1,0}])"),
        ("[sets:from_list([{r,1}])]", "[sets:from_list([{r,1,0}])]"),
    ):
        assert bench.convert("v", before) == bench.eval(f"{{ok, {after}}}")
        assert bench.convert('{down,"1"}', after) == bench.eval(f"{{ok, {before}}}")


@pytest.mark.parametrize(
    ("type_", "states"),
    [
        (
            "gb_trees:tree(x, #s{}) | gb_sets:set(#s{})",
            ["gb_sets:from_list([@])", "gb_trees:from_orddict([{x,@}])", "gb_trees:empty()"],
        ),
        ("queue:queue(#s{}) | {#s{}, any()}", ["queue:from_list([@,@])", "{@,[]}", "{@,x}"]),
        ("{#s{}, any()} | #s{} | gb_trees:tree(#s{}, x)", ["@", "{@,[]}", "gb_trees:from_orddict([{@,x}])"]),
        ("{error, #s{}} | queue:queue(#s{}) | #s{}", ["{error,@}", "queue:from_list([@])", "@"]),
    ],
)
def test_pairs_beside_containers_that_are_pairs(bench: Bench, type_: str, states: list[str]) -> None:
    """A union of what is told by little: each of its values is converted as what it is."""
    types = f"-type st() :: {type_}.\n-state_type(st)."
    bench.install(typed("-record(s, {a}).", types), typed("-record(s, {a, b = 7}).", types, vsn='"2"'))
    for state in states:
        before, after = state.replace("@", "{s,1}"), state.replace("@", "{s,1,7}")
        assert bench.convert("v", before) == bench.eval(f"{{ok, {after}}}")
        assert bench.convert('{down,"1"}', after) == bench.eval(f"{{ok, {before}}}")


@pytest.mark.parametrize("vsn", ['"1"', '"2"'])
def test_no_warning_of_the_compiler(bench: Bench, vsn: str) -> None:
    """Section 7: what is generated compiles where warnings are errors."""
    types = "-type st() :: {#r{}, x} | #s{}.\n-state_type(st).\n-export_type([st/0])."
    old = typed("-record(r, {a, c}).\n-record(s, {a}).", types)
    uses = "-export([f/0]).\nf() -> {#r{}, #s{}}."
    for fields in ("a, c, b = 0", "c, a"):
        for more in ("", OWN, own("({down, _}, #s{} = S, _) -> {ok, S}", "(_, S, _) -> {ok, S}")):
            new = typed(f"-record(r, {{{fields}}}).\n-record(s, {{a, b = 1}}).", types, uses, more, vsn='"2"')
            options = "[debug_info, warnings_as_errors]"
            bench.beams(old.replace('"1"', vsn), new)
            olds = [bench.compile(old, "v1")]
            found = library.inject(bench.helper, olds, bench.compile(new, "strict", options))
            assert found.exit == 0, [each.message for each in found.diagnostics]


def test_a_converted_field_of_the_same_shape(bench: Bench) -> None:
    """Section 3: where only what a field means changed, OldVsn decides."""
    forms = (decided("{convert, a, up, down}"), "up(A) -> A * 1000.\ndown(A) -> A div 1000.")
    bench.install(OLD, typed("-record(state, {a, b = 0}).", WRAPPED, *forms, vsn='"2"'))
    assert bench.convert('"1"', "{{state,7,2},m,3}") == "{ok,{{state,7000,2},m,3}}"
    assert bench.convert('"2"', "{{state,7000,2},m,3}") == "{ok,{{state,7000,2},m,3}}"
    assert "ambiguous_version" in bench.convert("x", "{{state,7,2},m,3}")
    assert bench.convert('{down,"1"}', "{{state,7000,2},m,3}") == "{ok,{{state,7,2},m,3}}"


def test_a_changed_type_of_a_field_is_asked_about(bench: Bench) -> None:
    """Section 2: in a record that is otherwise the same too, and `copy` says that it is right."""
    types = "-type st() :: {#r{}, x}.\n-state_type(st)."
    old = typed("-record(r, {a :: integer()}).", types)
    found = bench.inject(old, typed("-record(r, {a :: binary()}).", types, vsn='"2"'))
    assert (found.exit, codes(found)) == (3, ["M303"])
    assert "-state_migration([{copy, a}])." in found.diagnostics[0].help
    for decision in ("{copy, a}", "{in, r, [{copy, a}]}"):
        planned = bench.preview(old, typed("-record(r, {a :: binary()}).", types, decided(decision), vsn='"2"'))
        assert planned.plan is not None
        assert (planned.plan.verdict, codes(planned)) == ("unchanged", [])


def test_a_record_that_no_type_leads_to_is_warned_of(bench: Bench) -> None:
    """Section 2: where the state's type leaves open what lies in it."""
    for type_, expected in (("{#r{}, term()}", ["M401"]), ("{#r{}, integer()}", [])):
        types = f"-type st() :: {type_}.\n-state_type(st)."
        old = typed("-record(r, {a :: integer()}).\n-record(h, {a}).", types)
        new = typed("-record(r, {a :: integer(), b = 0}).\n-record(h, {a, b}).", types, vsn='"2"')
        assert codes(bench.inject(old, new)) == expected
    assert codes(bench.inject(old, new, request=Request(unrevealed="ask"))) == []


def test_a_new_field_takes_what_init_gives(bench: Bench) -> None:
    """Section 2: `init/1` is read where it builds the record in its wrapper."""
    init = "init(_) -> {ok, {#state{a = 1, c = full}, #{}, 0}}."
    new = typed("-record(state, {a, b = 0, c}).", WRAPPED, init, vsn='"2"')
    bench.install(OLD, new)
    assert bench.convert("v", "{{state,1,2},m,3}") == "{ok,{{state,1,2,full},m,3}}"
    computed = new.replace("c = full", "c = make_ref()")
    found = bench.inject(OLD, computed)
    assert codes(found) == ["M302"]
    assert "-state_migration([{init, c, as_init}])." in found.diagnostics[0].help


@pytest.mark.parametrize("first", ["convert_first", "own_first"])
def test_the_order_on_a_downgrade_can_be_said(bench: Bench, first: str) -> None:
    """Section 5: `{downgrade, …}` settles it for a state of a type too."""
    mine = own("({down, _}, {S, M, N}, _) -> {ok, {S, M, N + 1}}", "(_, S, _) -> {ok, S}")
    decision = decided(f"{{downgrade, {first}}}")
    bench.install(OLD, typed("-record(state, {a, b = 0, c = 7}).", WRAPPED, mine, decision, vsn='"2"'))
    assert bench.convert('{down,"1"}', "{{state,1,2,7},m,3}") == "{ok,{{state,1,2},m,4}}"


def test_a_thrown_answer_is_converted(bench: Bench) -> None:
    """Section 5: what the own function throws on a downgrade is converted too."""
    mine = own(
        "({down, _}, {#state{c = C} = S, M, N}, _) -> throw({ok, {S#state{b = C}, M, N}})", "(_, S, _) -> {ok, S}"
    )
    bench.install(OLD, typed("-record(state, {a, b = 0, c = 7}).", WRAPPED, mine, vsn='"2"'))
    assert bench.convert('{down,"1"}', "{{state,1,2,9},m,3}") == "{ok,{{state,1,9},m,3}}"


@pytest.mark.parametrize("kind", ["opaque", "type"])
def test_types_that_stand_for_others(bench: Bench, kind: str) -> None:
    """Section 1: opaque types, types of types, parameters."""
    types = f"-{kind} w(S) :: {{S, integer()}}.\n-type v() :: w(#r{{}}).\n-type st() :: v() | off.\n-state_type(st)."
    exported = "-export_type([w/1])."
    bench.install(
        typed("-record(r, {a}).", types, exported), typed("-record(r, {a, b = 0}).", types, exported, vsn='"2"')
    )
    assert bench.convert("v", "{{r,1},7}") == "{ok,{{r,1,0},7}}"
    assert "unknown_shape,r,4" in bench.convert("v", "{{r,1,2,3},7}")


def test_a_tuple_that_looks_like_the_record(bench: Bench) -> None:
    """Section 3: a size that the type itself spells out is not refused."""
    types = "-type st() :: #r{} | {r, a, b, c}.\n-state_type(st)."
    bench.install(typed("-record(r, {a}).", types), typed("-record(r, {a, b = 0}).", types, vsn='"2"'))
    assert bench.convert("v", "{r,1,2,3}") == "{ok,{r,1,2,3}}"
    assert "unknown_shape,r,5" in bench.convert("v", "{r,1,2,3,4}")


def test_ten_versions(bench: Bench) -> None:
    """Section 7: one beam from ten versions, one function for each."""
    fields = [", ".join(["a", *(f"f{number} = {number}" for number in range(1, count + 1))]) for count in range(11)]
    sources = [typed(f"-record(state, {{{each}}}).", WRAPPED, vsn=f'"{n}"') for n, each in enumerate(fields)]
    beam = bench.install(*sources)
    full = ",".join(map(str, range(1, 11)))
    for count in range(11):
        before = ",".join(["state,x", *map(str, range(1, count + 1))])
        assert bench.convert("undefined", f"{{{{{before}}},m,0}}") == f"{{ok,{{{{state,x,{full}}},m,0}}}}"
        if count < 10:
            assert bench.convert(f'{{down,"{count}"}}', f"{{{{state,x,{full}}},m,0}}") == f"{{ok,{{{{{before}}},m,0}}}}"
    assert len(beam) < 60_000


def test_a_running_event_handler(bench: Bench) -> None:
    """Section 1: a gen_event handler's state, by its code_change/3."""
    old, new = (
        f'-module(m).\n-behaviour(gen_event).\n-vsn("{vsn}").\n-export([init/1, handle_event/2, handle_call/2]).\n'
        f"-record(r, {{{fields}}}).\n-type st() :: [#r{{}}].\n-state_type(st).\n"
        "init(S) -> {ok, S}.\nhandle_event(_, S) -> {ok, S}.\nhandle_call(_, S) -> {ok, S, S}.\n"
        for vsn, fields in (("1", "a"), ("2", "a, b = 0"))
    )
    bench.node.load("m", injected(bench.inject(old, new)))
    assert bench.convert('"1"', "[{r,1}]") == "{ok,[{r,1,0}]}"
    assert bench.convert('{down,"1"}', "[{r,1,0}]") == "{ok,[{r,1}]}"


def test_one_record_swapped_and_another_grown_at_once(bench: Bench) -> None:
    """Section 3: of the records of one version, OldVsn is asked only about the one whose shape does not tell."""
    types = "-type st() :: #a{} | {w, #b{}} | #b{}.\n-state_type(st)."
    old = typed("-record(a, {x, y}).\n-record(b, {n}).", types)
    bench.install(old, typed("-record(a, {y, x}).\n-record(b, {n, m = 0}).", types, vsn='"2"'))
    assert bench.convert('"1"', "{a,1,2}") == "{ok,{a,2,1}}"
    assert "ambiguous_version" in bench.convert("x", "{a,1,2}")
    for vsn in ('"1"', '"2"', "x"):
        assert bench.convert(vsn, "{b,1}") == "{ok,{b,1,0}}"
        assert bench.convert(vsn, "{w,{b,1}}") == "{ok,{w,{b,1,0}}}"
        assert bench.convert(vsn, "{b,1,5}") == "{ok,{b,1,5}}"


def test_a_swapped_record_where_no_guard_looks(bench: Bench) -> None:
    """Section 3: then every state of the type is in doubt, and an unknown OldVsn is refused."""
    types = "-type st() :: {[#a{}], #b{}}.\n-state_type(st)."
    old = typed("-record(a, {x, y}).\n-record(b, {n}).", types)
    bench.install(old, typed("-record(a, {y, x}).\n-record(b, {n, m = 0}).", types, vsn='"2"'))
    assert bench.convert('"1"', "{[{a,1,2}],{b,1}}") == "{ok,{[{a,2,1}],{b,1,0}}}"
    assert bench.convert('"2"', "{[{a,1,2}],{b,1,0}}") == "{ok,{[{a,1,2}],{b,1,0}}}"
    assert "ambiguous_version" in bench.convert("x", "{[{a,1,2}],{b,1}}")


@pytest.mark.parametrize(
    ("old", "new", "up", "down", "before", "after"),
    [
        ("#{a := _}", "#{a := _, b := _}", "M#{b => 0}", "maps:remove(b, M)", "#{a => 1}", "#{a => 1,b => 2}"),
        ("{x, #{}}", "{x, #{b := _}}", "grown(M)", "shrunk(M)", "{x,#{}}", "{x,#{b => 2}}"),
        ("#{a := _, b := _}", "#{a := _}", "maps:remove(b, M)", "M#{b => 0}", "#{a => 1,b => 2}", "#{a => 1}"),
    ],
)
def test_a_map_that_grew_is_not_converted_twice(  # noqa: PLR0913, PLR0917 - the parts of a case
    bench: Bench, old: str, new: str, up: str, down: str, before: str, after: str
) -> None:
    """Sections 3 and 5: what has the new shape passes, and on a downgrade what has the old one; so do its keys tell."""
    types = [f"-type st() :: {each.replace('_', 'term()')}.\n-state_type(st)." for each in (old, new)]
    forms = (decided("{state, up, down}"), f"up(M) -> {up}.", f"down(M) -> {down}.")
    more = "-export([grown/1, shrunk/1]).\ngrown({x, _}) -> {x, #{b => 0}}.\nshrunk({x, _}) -> {x, #{}}."
    bench.install(typed(types[0]), typed(types[1], *forms, more, vsn='"2"'))
    assert bench.convert('"2"', after) == bench.eval(f"{{ok, {after}}}")
    assert bench.convert('{down,"1"}', before) == bench.eval(f"{{ok, {before}}}")
    assert bench.convert('"1"', before) != bench.eval(f"{{ok, {before}}}")
    assert bench.convert('{down,"1"}', after) != bench.eval(f"{{ok, {after}}}")


@pytest.mark.parametrize("type_", ["ses:t()", "{x, ses:t()}"])
def test_a_rename_in_place_in_a_record_of_another_module(bench: Bench, type_: str) -> None:
    """Section 8: a decision about a record that passes as it is then fits all the same; a wrong one does not."""
    for place, field in (("v1", "k"), ("v2", "n = 0")):
        other = f"-module(ses).\n-export([f/0]).\n-export_type([t/0]).\n-record(ses, {{u, {field}}}).\n"
        bench.compile(f"{other}-type t() :: #ses{{}}.\nf() -> #ses{{}}.\n", place, name="ses")
    types = f"-type st() :: {type_}.\n-state_type(st)."
    for decision, expected in (("{rename, k, n}", []), ("{rename, k, z}", ["M113"])):
        said = decided(f"{{in, ses, [{decision}]}}")
        assert codes(bench.preview(typed(types), typed(types, said, vsn='"2"'))) == expected


@pytest.mark.parametrize("callback", ["{conv, 2, 2}", "{conv, 3, 4}", "conv"])
def test_a_callback_that_is_none(bench: Bench, callback: str) -> None:
    """Section 1: with a type too, a `-state_callback` that names no function is an error."""
    new = typed("-record(state, {a, b = 0, c = 7}).", WRAPPED, f"-state_callback({callback}).", vsn='"2"')
    assert "-state_callback" in refused(bench, "M114", 4, *bench.beams(OLD, new))


def test_a_type_that_leaves_open_what_the_state_is(bench: Bench) -> None:
    """The line to paste is the type, and it does what it says: the state is no field."""
    types = "-type st() :: {tuple(), x}.\n-state_type(st)."
    sources = typed("-record(s, {a}).", types), typed("-record(s, {a, b = 1}).", types, vsn='"2"')
    line = one(bench.preview(*sources), "M401").help[0]
    assert line.startswith("-type st() :: #s{}.   % or as it lies there")
    bench.install(*(source.replace(types.splitlines()[0], line) for source in sources))
    assert bench.convert("v", "{s,1}") == "{ok,{s,1,1}}"
