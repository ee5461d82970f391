"""The whole state by hand: `{state, Up, Down}` (contract, section 8)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from migrator import library
from migrator.render.json import planned_json
from migrator.render.table import render_table
from migrator.request import Request
from tests.support.cases import codes, decided, injected, own
from tests.support.rules import asking
from tests.support.typed import typed

if TYPE_CHECKING:
    from tests.support.cases import Bench

pytest_plugins = ["tests.support.bench"]

RECORD = "-record(state, {a, b = 0}).\n-state_record(state)."
MAP = "-type kept() :: #{a := term(), b := integer()}.\n-state_type(kept)."
UP = "up({state, A, B}) -> #{a => A, b => B}."
DOWN = "down(#{a := A, b := B}) -> {state, A, B}."
BOTH = decided("{state, up, down}")
OLD = typed(RECORD)
NEW = typed(MAP, BOTH, UP, DOWN, vsn='"2"')
OWN = own("(V, State, Extra) -> {ok, {V, State, Extra}}")


@pytest.mark.parametrize("vsn", ['"1"', '"2"', "undefined"])
def test_a_record_becomes_a_map(bench: Bench, vsn: str) -> None:
    """Section 8: the old kind is converted, the new one passes, whatever OldVsn says; and back."""
    bench.install(OLD, NEW)
    assert bench.convert(vsn, "{state,1,2}") == "{ok,#{a => 1,b => 2}}"
    assert bench.convert(vsn, "#{a => 1,b => 2}") == "{ok,#{a => 1,b => 2}}"
    assert bench.convert(vsn, "{state,1}") == "{error,{state_migration,{unknown_shape,state,2}}}"
    assert bench.convert(vsn, "odd") == "{ok,odd}"
    assert bench.convert('{down,"1"}', "#{a => 1,b => 2}") == "{ok,{state,1,2}}"
    assert bench.convert('{down,"1"}', "{state,1,2}") == "{ok,{state,1,2}}"


def test_the_own_function_runs_after_it(bench: Bench) -> None:
    """Sections 4 and 5: it gets what came out, and the old state in Extra."""
    bench.install(OLD, typed(MAP, BOTH, UP, DOWN, OWN, vsn='"2"'))
    assert bench.convert('"1"', "{state,1,2}") == '{ok,{"1",#{a => 1,b => 2},[{old_state,{state,1,2}}]}}'
    assert bench.convert('"1"', "#{a => 1,b => 2}") == '{ok,{"1",#{a => 1,b => 2},[]}}'
    assert bench.convert('{down,"1"}', "#{a => 1,b => 2}") == (
        '{ok,{{down,"1"},{state,1,2},[{old_state,#{a => 1,b => 2}}]}}'
    )


def test_the_own_function_can_run_first(bench: Bench) -> None:
    """Section 5: with `own_first` its answer is converted."""
    mine = own("({down, _}, #{a := A} = M, _) -> {ok, M#{a := {own, A}}}", "(_, S, _) -> {ok, S}")
    decisions = decided("{state, up, down}", "{downgrade, own_first}")
    bench.install(OLD, typed(MAP, decisions, UP, DOWN, mine, vsn='"2"'))
    assert bench.convert('{down,"1"}', "#{a => 1,b => 2}") == "{ok,{state,{own,1},2}}"
    assert bench.convert('{down,"1"}', "{state,1,2}") == "{ok,{state,1,2}}"


@pytest.mark.parametrize(
    ("old", "new", "up", "down", "before", "after"),
    [
        (
            "-type t() :: {atom(), list()}.\n-state_type(t).",
            "-record(r, {n, l}).\n-state_record(r).",
            "up({N, L}) -> {r, N, L}.",
            "down({r, N, L}) -> {N, L}.",
            "{x,[1]}",
            "{r,x,[1]}",
        ),
        (
            "-type t() :: idle | busy.\n-state_type(t).",
            "-record(r, {n}).\n-state_record(r).",
            "up(N) -> {r, N}.",
            "down({r, N}) -> N.",
            "busy",
            "{r,busy}",
        ),
        (
            "-record(s, {a}).\n-type t() :: {#s{}, map()}.\n-state_type(t).",
            "-record(s, {a}).\n-type t() :: {#s{}, map(), integer()}.\n-state_type(t).",
            "up({S, M}) -> {S, M, 0}.",
            "down({S, M, _}) -> {S, M}.",
            "{{s,1},#{}}",
            "{{s,1},#{},0}",
        ),
        (
            "-type t() :: #{users := list()}.\n-state_type(t).",
            "-type t() :: #{clients := list()}.\n-state_type(t).",
            "up(#{users := U}) -> #{clients => U}.",
            "down(#{clients := U}) -> #{users => U}.",
            "#{users => []}",
            "#{clients => []}",
        ),
        (
            "-type t() :: [{atom(), term()}].\n-state_type(t).",
            "-type t() :: #{atom() => term()}.\n-state_type(t).",
            "up(L) -> maps:from_list(L).",
            "down(M) -> maps:to_list(M).",
            "[{a,1}]",
            "#{a => 1}",
        ),
        (
            "-type t() :: {v1, term()}.\n-state_type(t).",
            "-type t() :: {v2, term()}.\n-state_type(t).",
            "up({v1, T}) -> {v2, T}.",
            "down({v2, T}) -> {v1, T}.",
            "{v1,x}",
            "{v2,x}",
        ),
        (
            "-record(a, {x}).\n-state_record(a).",
            "-record(b, {x, y}).\n-state_record(b).",
            "up({a, X}) -> {b, X, new}.",
            "down({b, X, _}) -> {a, X}.",
            "{a,1}",
            "{b,1,new}",
        ),
    ],
)
def test_kinds_that_guards_tell_apart(  # noqa: PLR0913, PLR0917 - both versions, both ways
    bench: Bench, old: str, new: str, up: str, down: str, before: str, after: str
) -> None:
    """Section 8: shapes decide, made from the record or the type that each version names."""
    bench.install(typed(old), typed(new, BOTH, up, down, vsn='"2"'))
    for vsn in ('"1"', '"2"', "undefined"):
        assert bench.convert(vsn, before) == f"{{ok,{after}}}"
        assert bench.convert(vsn, after) == f"{{ok,{after}}}"
    assert bench.convert('{down,"1"}', after) == f"{{ok,{before}}}"


LIKE = (
    typed("-type t() :: {atom(), integer()}.\n-state_type(t)."),
    typed(
        "-type t() :: {atom(), binary()}.\n-state_type(t).",
        BOTH,
        "up({A, N}) -> {A, integer_to_binary(N)}.",
        "down({A, B}) -> {A, binary_to_integer(B)}.",
        vsn='"2"',
    ),
)


def test_kinds_that_only_the_vsn_tells_apart(bench: Bench) -> None:
    """Section 3: where guards cannot tell, OldVsn decides and an unknown one is refused."""
    bench.install(*LIKE)
    assert bench.convert('"1"', "{a,7}") == '{ok,{a,<<"7">>}}'
    assert bench.convert('"2"', '{a,<<"7">>}') == '{ok,{a,<<"7">>}}'
    assert bench.convert("x", "{a,7}") == '{error,{state_migration,{ambiguous_version,x,["1","2"]}}}'
    assert bench.convert("x", "other") == "{ok,other}"
    assert bench.convert('{down,"1"}', '{a,<<"7">>}') == "{ok,{a,7}}"


def test_nothing_tells_them_apart(bench: Bench) -> None:
    """Section 3: neither guards nor vsns: refused when the code is generated."""
    old, new = LIKE
    assert codes(bench.inject(old, new.replace('"2"', '"1"'))) == ["M305"]


def test_an_old_version_that_says_nothing(bench: Bench) -> None:
    """Section 8: all that is not of the new kind, nor of a clause of the own, is converted, and it is said."""
    mine = own("(_, {keep, X}, _) -> {ok, {kept, X}}", "(_, S, _) -> {ok, S}")
    new = typed("-record(r, {n}).\n-state_record(r).", BOTH, mine, "up(X) -> {r, X}.", "down({r, X}) -> X.", vsn='"2"')
    found = bench.inject(typed("-export([f/0]).", "f() -> ok."), new)
    (note,) = [each for each in found.diagnostics if each.code == "M506"]
    assert "all that is not #r{}" in note.message
    bench.node.load("m", injected(found))
    assert bench.convert("x", "#{a => 1}") == "{ok,{r,#{a => 1}}}"
    assert bench.convert("x", "{r,1}") == "{ok,{r,1}}"
    assert bench.convert("x", "{keep,1}") == "{ok,{kept,1}}"
    assert bench.convert('{down,"1"}', "{r,#{}}") == "{ok,#{}}"
    assert bench.convert('{down,"1"}', "#{}") == "{ok,#{}}"


def test_beside_a_version_with_a_record(bench: Bench) -> None:
    """Section 8: inside a `from` it holds for that version alone; another one's fields are decided as ever."""
    first = typed("-export([f/0]).", "f() -> ok.", vsn='"0"')
    second = typed("-record(state, {users}).\n-state_record(state).", vsn='"1"')
    new = typed(
        "-record(state, {clients, n = 0}).\n-state_record(state).",
        decided("{rename, users, clients}", '{from, "0", [{state, up, down}]}'),
        "up({U}) -> {state, U, 0}.",
        "down({state, U, _}) -> {U}.",
        vsn='"2"',
    )
    bench.install(first, second, new)
    for before in ("{[u]}", "{state,[u]}", "{state,[u],0}"):
        assert bench.convert("undefined", before) == "{ok,{state,[u],0}}"
    assert bench.convert('{down,"0"}', "{state,[u],0}") == "{ok,{[u]}}"
    assert bench.convert('{down,"1"}', "{state,[u],0}") == "{ok,{state,[u]}}"


def test_without_a_way_back(bench: Bench) -> None:
    """`{state, Up}`: said when it is planned, and a downgrade is refused at run time."""
    found = bench.inject(OLD, typed(MAP, decided("{state, up}"), UP, vsn='"2"'))
    assert codes(found) == ["M406"]
    bench.node.load("m", injected(found))
    assert bench.convert('"1"', "{state,1,2}") == "{ok,#{a => 1,b => 2}}"
    assert bench.convert('{down,"1"}', "#{a => 1,b => 2}") == '{error,{state_migration,{no_downgrade,"1"}}}'
    assert bench.convert('{down,"1"}', "{state,1,2}") == "{ok,{state,1,2}}"


@pytest.mark.parametrize("first", [True, False], ids=["convert_first", "own_first"])
def test_without_a_way_back_beside_an_own_function(bench: Bench, first: object) -> None:
    """The refusal comes whichever runs first."""
    mode = "convert_first" if first else "own_first"
    decisions = decided("{state, up}", f"{{downgrade, {mode}}}")
    bench.install(OLD, typed(MAP, decisions, UP, own("(_, S, _) -> {ok, S}"), vsn='"2"'))
    assert bench.convert('{down,"1"}', "#{a => 1,b => 2}") == '{error,{state_migration,{no_downgrade,"1"}}}'


@pytest.mark.parametrize(
    "decisions",
    [
        ("{state, nope, down}",),
        ("{state, up, nope}",),
        ("{state, up, down}", "{drop, a}"),
        ("{state, up, down}", '{from, "1", [{rename, a, b}]}'),
        ("{state, up, down}", "{state, up}"),
        ('{from, "1", [{state, up, down}, {drop, a}]}',),
        ("{drop, a}", '{from, "1", [{state, up, down}]}'),
    ],
)
def test_contradictions_and_misfits(bench: Bench, decisions: tuple[str, ...]) -> None:
    """Section 8: a function that is not there, and a decision about a part beside one about the whole, are errors."""
    found = bench.inject(OLD, typed(MAP, decided(*decisions), UP, DOWN, vsn='"2"'))
    assert (found.exit, set(codes(found))) == (4, {"M113"})
    if "nope" not in decisions[0]:
        assert "contradict each other" in found.diagnostics[0].message


def test_a_clause_of_the_own_for_the_old_record_is_a_conflict(bench: Bench) -> None:
    """Section 3: settled by `--prefer`."""
    mine = own("(_, {state, A, _}, _) -> {ok, {own, A}}", "(_, S, _) -> {ok, S}")
    new = typed(MAP, BOTH, UP, DOWN, mine, vsn='"2"')
    assert codes(bench.inject(OLD, new)) == ["M304"]
    bench.install(OLD, new, request=Request(prefer="handwritten"))
    assert bench.convert('"1"', "{state,1,2}") == "{ok,{own,1}}"
    assert bench.convert('{down,"1"}', "#{a => 1,b => 2}") == "{ok,{own,1}}"


def test_the_same_again_and_out_again(bench: Bench) -> None:
    """Section 7: idempotent, versions one after the other, eject restores."""
    first = typed("-export([f/0]).", "f() -> ok.", vsn='"0"')
    new = NEW.replace("{state, up, down}", '{from, "1", [{state, up, down}]}, {from, "0", [{state, other}]}')
    *olds, beam = bench.beams(first, OLD, new + "other({A}) -> #{a => A, b => 0}.\n")
    original = beam.read_bytes()
    at_once = injected(library.inject(bench.helper, olds, beam))
    for old in reversed(olds):
        library.write(library.inject(bench.helper, [old], beam).injected)
    assert beam.read_bytes() == at_once
    assert injected(library.inject(bench.helper, olds, beam)) == at_once
    assert library.eject(bench.helper, beam).after == original


def test_a_running_statem(bench: Bench) -> None:
    """Section 1: the data of a gen_statem, up and down."""
    old = typed(RECORD, behaviour="gen_statem")
    beam = injected(bench.inject(old, typed(MAP, BOTH, UP, DOWN, vsn='"2"', behaviour="gen_statem")))
    bench.node.load("m", bench.compile(old, "running").read_bytes())
    name = bench.eval("live_node:start(gen_statem, m, {state,1,2})")
    assert bench.upgrade(name, beam, '"1"') == "{ok,{on,#{a => 1,b => 2}}}"
    assert bench.downgrade(name, bench.compile(old, "again").read_bytes(), '"1"') == "{ok,{on,{state,1,2}}}"
    bench.eval(f"live_node:stop({name})")


def test_in_a_decisions_file(bench: Bench) -> None:
    """Section 8: as expressions, of the whole state as `Value`."""
    new = typed(MAP, vsn='"2"')
    statement = "state = #{a => element(2, Value), b => element(3, Value)} down {state, map_get(a, Value), 0}."
    bench.install(OLD, new, request=asking(bench, statement))
    assert bench.convert('"1"', "{state,1,2}") == "{ok,#{a => 1,b => 2}}"
    assert bench.convert('{down,"1"}', "#{a => 1,b => 2}") == "{ok,{state,1,0}}"
    found = bench.inject(OLD, new, request=asking(bench, "state = Old#state.a."))
    assert codes(found) == ["M113"]


def test_it_is_shown(bench: Bench) -> None:
    """Sections 9 and 10: the table and the JSON say that functions convert the whole state."""
    planned = bench.preview(OLD, NEW)
    assert planned.plan is not None
    table = render_table(planned.plan)
    assert "#state{} becomes kept(), by hand" in table
    assert "the whole state by up/1" in table
    shown = planned_json(planned)
    (version,) = shown["from"]
    assert (shown["record"], version["record"], version["lossless"]) == ("kept", "state", False)
    assert [(each["field"], each["source"]) for each in version["down"]] == [("a", "convert"), ("b", "convert")]


def test_a_union_that_lost_a_member(bench: Bench) -> None:
    """Section 3: OldVsn is asked only about those old states that could be new ones."""
    old = typed("-record(r, {a}).\n-type t() :: #r{} | off.\n-state_type(t).")
    new = typed("-record(r, {a}).\n-type t() :: #r{}.\n-state_type(t).", BOTH, "up(off) -> {r, off};\nup(R) -> R.",
                "down({r, off}) -> off;\ndown(R) -> R.", vsn='"2"')  # fmt: skip
    bench.install(old, new)
    for vsn in ('"1"', "x"):
        assert bench.convert(vsn, "off") == "{ok,{r,off}}"
    assert bench.convert('"1"', "{r,1}") == "{ok,{r,1}}"
    assert "ambiguous_version" in bench.convert("x", "{r,1}")


def test_the_same_record_by_hand(bench: Bench) -> None:
    """Section 3: where the old record and the new one have the same shape, OldVsn decides."""
    state = "-record(state, {a, b = 0}).\n-state_record(state)."
    forms = ("up({state, A, B}) -> {state, B, A}.", "down({state, A, B}) -> {state, B, A}.")
    bench.install(typed(state), typed(state, BOTH, *forms, vsn='"2"'))
    assert bench.convert('"1"', "{state,1,2}") == "{ok,{state,2,1}}"
    assert bench.convert('"2"', "{state,1,2}") == "{ok,{state,1,2}}"
    assert "ambiguous_version" in bench.convert("x", "{state,1,2}")
    assert bench.convert('{down,"1"}', "{state,1,2}") == "{ok,{state,2,1}}"


def test_two_versions_that_say_nothing(bench: Bench) -> None:
    """Section 3: with different functions OldVsn decides, with the same one it need not."""
    olds = [typed("-export([f/0]).", "f() -> ok.", vsn=vsn) for vsn in ('"0"', '"1"')]
    new = "-record(r, {n}).\n-state_record(r)."
    forms = ("up0(X) -> {r, {v0, X}}.", "up1(X) -> {r, {v1, X}}.")
    each = decided('{from, "0", [{state, up0}]}', '{from, "1", [{state, up1}]}')
    bench.install(*olds, typed(new, each, *forms, vsn='"2"'))
    assert bench.convert('"0"', "x") == "{ok,{r,{v0,x}}}"
    assert bench.convert('"1"', "x") == "{ok,{r,{v1,x}}}"
    assert bench.convert("other", "{r,1}") == "{ok,{r,1}}"
    assert "ambiguous_version" in bench.convert("other", "x")
    bench.install(*olds, typed(new, decided("{state, up0}"), *forms, vsn='"2"'))
    assert bench.convert("other", "x") == "{ok,{r,{v0,x}}}"


def test_an_own_clause_for_an_old_tuple_is_a_conflict(bench: Bench) -> None:
    """Section 3: a tuple that the old type spells out without a tag is an old shape too."""
    old = typed("-type t() :: {atom(), list()}.\n-state_type(t).")
    mine = own("(_, {N, L}, _) -> {ok, {r, own, {N, L}}}", "(_, S, _) -> {ok, S}")
    new = typed("-record(r, {n, l}).\n-state_record(r).", BOTH, mine, "up({N, L}) -> {r, N, L}.",
                "down({r, N, L}) -> {N, L}.", vsn='"2"')  # fmt: skip
    assert codes(bench.inject(old, new)) == ["M304"]


def test_along_a_type_beside_by_hand(bench: Bench) -> None:
    """Section 8: one version of the same kind, one of another, in one beam."""
    first = typed("-record(r, {a}).\n-state_record(r).", vsn='"0"')
    types = "-type t() :: #{r := #r{}, n := integer()}.\n-state_type(t)."
    second = typed("-record(r, {a}).", types, vsn='"1"')
    up, down = "up({r, A}) -> #{r => {r, A, 0}, n => 0}.", "down(#{r := {r, A, _}}) -> {r, A}."
    only = decided('{from, "0", [{state, up, down}]}')
    bench.install(first, second, typed("-record(r, {a, b = 0}).", types, only, up, down, vsn='"2"'))
    for before in ("{r,1}", "#{r => {r,1},n => 0}", "#{r => {r,1,0},n => 0}"):
        assert bench.convert("undefined", before) == bench.eval("{ok, #{r => {r,1,0},n => 0}}")
    assert bench.convert('{down,"0"}', "#{r => {r,1,0},n => 0}") == "{ok,{r,1}}"
    assert bench.convert('{down,"1"}', "#{r => {r,1,0},n => 5}") == bench.eval("{ok, #{r => {r,1},n => 5}}")


def test_what_no_decision_says(bench: Bench) -> None:
    """Section 2: a state that changed its kind needs the decision, in both directions of the change."""
    found = bench.inject(OLD, typed(MAP, vsn='"2"'))
    assert (found.exit, codes(found)) == (3, ["M308"])
    found = bench.inject(typed(MAP), typed(RECORD, vsn='"2"'))
    assert (found.exit, codes(found)) == (3, ["M308"])
    assert "-state_migration([{state, UP_FUNCTION, DOWN_FUNCTION}])." in found.diagnostics[0].help


def test_a_release_of_such_modules(bench: Bench) -> None:
    """Section 9: a module that names a type takes part in a run over two folders."""
    old, new = bench.beams(OLD.replace(RECORD, MAP), NEW.replace(BOTH, ""))
    planned = library.preview(bench.helper, [old.parent], new.parent)
    assert [each.new.name for each in planned if each.new] == ["m"]
