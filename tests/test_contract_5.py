"""Section 5 of the contract: the downgrade."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.cases import codes, injected, own, server

if TYPE_CHECKING:
    from tests.support.cases import Bench

pytest_plugins = ["tests.support.bench"]

OLD = server("a, b = 0, gone = gone_by_default")
KEEP = "(_, State, _) -> {ok, State}"
DOWN = '{down, "1"}'


def new(*forms: str, decisions: str = "{drop, gone}") -> str:
    """A new version without the field `gone` and with a field `c`."""
    return server("a, b = 0, c = 7", f"-state_migration([{decisions}]).", *forms, vsn='"2"')


def test_the_old_shape_reaches_the_down_clause(bench: Bench) -> None:
    """Section 5: a down clause finds its state in the old shape, and the new record in Extra."""
    bench.install(OLD, new(own("({down, V}, State, Extra) -> {ok, {V, State, Extra}}", KEEP)))
    assert bench.convert(DOWN, "{state,1,2,3}", "[x]") == (
        '{ok,{"1",{state,1,2,gone_by_default},[x,{old_state,{state,1,2,3}}]}}'
    )


@pytest.mark.parametrize(("extra", "head"), [("[]", ""), ("[a | b]", "[a | b], "), ("none", "none, ")])
def test_extra_takes_the_new_state(bench: Bench, extra: str, head: str) -> None:
    """Section 5: Extra is treated as on an upgrade, with the new record as old_state."""
    bench.install(OLD, new(own("({down, _}, _, Extra) -> {ok, Extra}", KEEP)))
    expected = bench.eval(f"{{ok, [{head}{{old_state, {{state,1,2,3}}}}]}}")
    assert bench.convert(DOWN, "{state,1,2,3}", extra) == expected


def test_a_field_of_the_old_record_takes_the_decided_value(bench: Bench) -> None:
    """Section 5: the value of `{drop, Field, Value}` goes before the old record's default."""
    bench.install(OLD, new(decisions="{drop, gone, {decided, <<1>>}}"))
    assert bench.convert(DOWN, "{state,1,2,3}") == "{ok,{state,1,2,{decided,<<1>>}}}"


@pytest.mark.parametrize("vsn", ['"1"', '"7"', "undefined", "1.5", "#{}"])
def test_any_vsn_will_do_for_one_old_version(bench: Bench, vsn: str) -> None:
    """Section 5: where one old version only is known, any Vsn leads to it."""
    bench.install(OLD, new())
    assert bench.convert(f"{{down, {vsn}}}", "{state,1,2,3}") == "{ok,{state,1,2,gone_by_default}}"


def several(*forms: str) -> tuple[str, str, str]:
    """Three versions: one field, two, three."""
    return server("a"), server("a, b", vsn='"2"'), server("a, b = x, c = y", *forms, vsn='"3"')


@pytest.mark.parametrize("form", ["", own(KEEP), own("({down, _}, #state{} = S, _) -> {ok, S}", KEEP)])
def test_the_target_is_told_by_its_vsn(bench: Bench, form: str) -> None:
    """Section 5: with several old versions Vsn says which is meant, and an unknown one is refused."""
    bench.install(*several(form))
    assert bench.convert('{down, "1"}', "{state,1,2,3}") == "{ok,{state,1}}"
    assert bench.convert('{down, "2"}', "{state,1,2,3}") == "{ok,{state,1,2}}"
    assert bench.convert('{down, "9"}', "{state,1,2,3}") == (
        '{error,{state_migration,{ambiguous_version,{down,"9"},["1","2"]}}}'
    )


OWN_FIRST = {
    "pattern": "({down, _}, #state{c = C} = S, _) -> {ok, S#state{b = {own, C}}}",
    "bare pattern": "({down, _}, #state{} = S, _) -> {ok, setelement(3, S, {own, element(4, S)})}",
    "guard": "({down, _}, S, _) when S#state.c > 1 -> {ok, setelement(3, S, {own, element(4, S)})}",
    "body access": "({down, _}, S, _) -> C = S#state.c, {ok, setelement(3, S, {own, C})}",
    "body update": "({down, _}, S, _) -> {ok, S#state{b = {own, element(4, S)}}}",
    "match": "({down, _}, S, _) -> T = S, {ok, T#state{b = {own, element(4, T)}}}",
    "match pattern": "({down, _}, S, _) -> #state{c = C} = S, {ok, setelement(3, S, {own, C})}",
    "case": "({down, _}, S, _) -> case S of #state{c = C} -> {ok, S#state{b = {own, C}}}; _ -> {ok, S} end",
    "helper": "({down, _}, S, _) -> {ok, step_down(S)}",
    "two helpers": "({down, _}, S, _) -> {ok, by_way(S)}",
    "is_record": "({down, _}, S, _) when is_record(S, state) -> {ok, setelement(3, S, {own, element(4, S)})}",
    "variable vsn": "(V, S, _) when element(1, V) =:= down -> {ok, S#state{b = {own, S#state.c}}}",
    "tuple pattern": "({down, _}, {state, A, _, C}, _) -> {ok, {state, A, {own, C}, C}}",
    "vsn pattern": '({down, "1"}, S, _) -> {ok, S#state{b = {own, S#state.c}}}',
}
HELPERS = "step_down(#state{c = C} = S) -> S#state{b = {own, C}}.\nby_way(S) -> step_down(S)."


@pytest.mark.parametrize("clause", OWN_FIRST.values(), ids=OWN_FIRST.keys())
def test_a_clause_for_the_new_record_runs_first(bench: Bench, clause: str) -> None:
    """Section 5: where a down clause treats its state as the new record, it runs first and its answer is converted."""
    used = HELPERS if "step_down" in clause or "by_way" in clause else ""
    bench.install(server("a, b = 0"), server("a, b = 0, c = 7", own(clause, KEEP), used, vsn='"2"'))
    assert bench.convert(DOWN, "{state,1,2,3}") == "{ok,{state,1,{own,3}}}"


CONVERT_FIRST = {
    "untouched": ("({down, _}, State, _) -> {ok, State}", "2"),
    "old pattern": ("({down, _}, {state, A, B}, _) -> {ok, {state, A, {own, B}}}", "{own,2}"),
    "old pattern in case": (
        "({down, _}, S, _) -> case S of {state, A, B} -> {ok, {state, A, {own, B}}} end",
        "{own,2}",
    ),
    "another record": ("({down, _}, S, _) -> #other{x = X} = #other{}, {ok, setelement(3, S, X)}", "other"),
    "a new one made": ("({down, _}, S, _) -> _ = #state{}, {ok, S}", "2"),
}


def test_preview_says_which_runs_first(bench: Bench) -> None:
    """Section 5: the plan says which of the two holds and why, with the line."""
    clause = "({down, _}, S, _) when S#state.c > 1 -> {ok, S}"
    first = bench.preview(server("a"), server("a, c = 7", own(clause, KEEP), vsn='"2"'))
    other = bench.preview(server("a"), server("a, c = 7", own(KEEP), vsn='"2"'))
    said = [each.message for one in (first, other) for each in one.diagnostics if each.code == "M501"]
    assert len(said) == 2
    assert "the module's own function runs first" in said[0]
    assert "in a guard, line" in said[0]
    assert "the conversion runs first" in said[1]


@pytest.mark.parametrize(("clause", "b"), CONVERT_FIRST.values(), ids=CONVERT_FIRST.keys())
def test_other_clauses_run_after_the_conversion(bench: Bench, clause: str, b: str) -> None:
    """Section 5: where no reachable down clause treats its state as the new record, the conversion runs first."""
    record = "-record(other, {x = other})."
    bench.install(server("a, b = 0"), server("a, b = 0, c = 7", record, own(clause, KEEP), vsn='"2"'))
    assert bench.convert(DOWN, "{state,1,2,3}") == f"{{ok,{{state,1,{b}}}}}"


def test_a_clause_behind_one_for_every_downgrade_counts_for_nothing(bench: Bench) -> None:
    """Section 5: a record pattern that no downgrade reaches does not make the own function run first."""
    clauses = ("({down, _}, S, _) -> {ok, {first, S}}", "({down, _}, #state{} = S, _) -> {ok, S#state{b = no}}")
    bench.install(server("a, b = 0"), server("a, b = 0, c = 7", own(*clauses), vsn='"2"'))
    assert bench.convert(DOWN, "{state,1,2,3}") == "{ok,{first,{state,1,2}}}"


def test_own_first_sees_extra_as_it_came(bench: Bench) -> None:
    """Section 5: the own function that runs first gets Extra as it came."""
    clause = "({down, _}, #state{} = S, Extra) -> {ok, S#state{b = Extra}}"
    bench.install(server("a, b = 0"), server("a, b = 0, c = 7", own(clause, KEEP), vsn='"2"'))
    assert bench.convert(DOWN, "{state,1,2,3}", "[x | y]") == "{ok,{state,1,[x|y]}}"


def test_a_thrown_state_is_converted(bench: Bench) -> None:
    """Section 5: the `{ok, State}` that the own function throws is converted too."""
    clause = "({down, _}, #state{} = S, _) -> throw({ok, S#state{b = thrown}})"
    bench.install(server("a, b = 0"), server("a, b = 0, c = 7", own(clause, KEEP), vsn='"2"'))
    assert bench.convert(DOWN, "{state,1,2,3}") == "{ok,{state,1,thrown}}"


@pytest.mark.parametrize("answer", ["{error, no}", "nonsense", "throw({error, no})", "throw(nonsense)"])
def test_no_ok_passes_untouched(bench: Bench, answer: str) -> None:
    """Section 5: what the own function answers or throws and is no `{ok, …}` passes untouched."""
    clause = f"({{down, _}}, #state{{}}, _) -> {answer}"
    bench.install(server("a, b = 0"), server("a, b = 0, c = 7", own(clause, KEEP), vsn='"2"'))
    assert bench.convert(DOWN, "{state,1,2,3}") == bench.eval(answer.removeprefix("throw"))


def test_an_error_of_the_own_function_stays_one(bench: Bench) -> None:
    """Section 5: an exception of the own function that runs first is the caller's to see."""
    clause = "({down, _}, #state{}, _) -> error(mine)"
    bench.install(server("a, b = 0"), server("a, b = 0, c = 7", own(clause, KEEP), vsn='"2"'))
    assert bench.eval('try m:code_change({down, "1"}, {state,1,2,3}, []) catch C:R -> {C, R} end') == "{error,mine}"


def test_the_old_shape_from_the_own_function_passes(bench: Bench) -> None:
    """Section 5: what the own function that runs first gives in the old shape already passes untouched."""
    clause = "({down, _}, #state{a = A, c = C}, _) -> {ok, {state, A, {mine, C}}}"
    bench.install(server("a, b = 0"), server("a, b = 0, c = 7", own(clause, KEEP), vsn='"2"'))
    assert bench.convert(DOWN, "{state,1,2,3}") == "{ok,{state,1,{mine,3}}}"


def test_a_decision_settles_the_order(bench: Bench) -> None:
    """Section 5: `{downgrade, Mode}` settles by hand which of the two runs first."""
    down = "({down, _}, S, Extra) -> {ok, setelement(2, S, {tuple_size(S), Extra})}"
    for mode, size, extra in (("convert_first", 3, "[{old_state,{state,1,2,3}}]"), ("own_first", 4, "[]")):
        decision = f"-state_migration([{{downgrade, {mode}}}])."
        bench.install(server("a, b = 0"), server("a, b = 0, c = 7", decision, own(down, KEEP), vsn='"2"'))
        assert bench.convert(DOWN, "{state,1,2,3}") == f"{{ok,{{state,{{{size},{extra}}},2}}}}"


def test_an_old_default_is_expanded_with_the_old_records(bench: Bench) -> None:
    """Section 5: an old default speaks of the old module's records, though the new one has others of the name."""
    old = server("a, gone = #inner{x = 1}").replace("-record(state", "-record(inner, {x, y = old}).\n-record(state")
    bench.install(old, server("a", "-record(inner, {y = new, z, x}).", "-state_migration([{drop, gone}]).", vsn='"2"'))
    assert bench.convert(DOWN, "{state,1}") == "{ok,{state,1,{inner,1,old}}}"


def test_an_old_default_that_the_new_module_cannot_evaluate(bench: Bench) -> None:
    """Section 5: an old default that calls a function which is gone needs `{drop, F, Value}`."""
    old = server("a, gone = make()", "make() -> made.")
    found = bench.inject(old, server("a", "-state_migration([{drop, gone}]).", vsn='"2"'))
    assert (found.exit, codes(found)) == (3, ["M306"])
    assert found.diagnostics[-1].help == ("-state_migration([{drop, gone, VALUE}]).",)
    bench.install(old, server("a", "-state_migration([{drop, gone, here}]).", vsn='"2"'))
    assert bench.convert(DOWN, "{state,1}") == "{ok,{state,1,here}}"


def test_an_old_default_that_calls_a_function_of_the_same_name(bench: Bench) -> None:
    """Section 5: an old default that calls a function which the new module has too is warned of, and calls that."""
    old = server("a, gone = make()", "make() -> old_one.")
    new_ = server("a", "-state_migration([{drop, gone}]).", "-export([make/0]).\nmake() -> new_one.", vsn='"2"')
    assert codes(bench.inject(old, new_)) == ["M402"]
    bench.install(old, new_)
    assert bench.convert(DOWN, "{state,1}") == "{ok,{state,1,new_one}}"


def test_an_old_default_binds_what_it_likes(bench: Bench) -> None:
    """Section 5: an old default with variables, a comprehension and a fun is evaluated as it stands."""
    default = "(fun() -> Old = [X * 2 || X <- [1, 2]], New = 3, {Old, New} end)()"
    bench.install(
        server(f"a, gone = {default}"), server("a", "-state_migration([{drop, gone}]).", own(KEEP), vsn='"2"')
    )
    assert bench.convert(DOWN, "{state,1}") == "{ok,{state,1,{[2,4],3}}}"


def test_up_and_down_gives_the_state_back(bench: Bench) -> None:
    """Section 5: a running process that goes up and down again has its old state."""
    old = server("a, b = 0", "init(State) -> {ok, State}.")
    beam = injected(bench.inject(old, server("c = 7, b = 0, a", vsn='"2"')))
    name = bench.start(old, "{state, 1, 2}")
    before = (bench.folder / "running" / "m.beam").read_bytes()
    assert bench.upgrade(name, beam, '"1"') == "{ok,{state,7,2,1}}"
    assert bench.downgrade(name, before, '"1"') == "{ok,{state,1,2}}"
    bench.eval(f"live_node:stop({name})")


@pytest.mark.parametrize("state", ["{other,1}", "#{a=>1}", "atom"])
def test_another_state_goes_to_the_own_function_on_the_way_down(bench: Bench, state: str) -> None:
    """Section 5: as on the way up, what is no record of ours goes to the own function, Extra as it came."""
    bench.install(OLD, new(own("(V, State, Extra) -> {ok, {V, State, Extra}}")))
    assert bench.convert(DOWN, state, "[e]") == bench.eval(f"{{ok, {{{DOWN}, {state}, [e]}}}}")
