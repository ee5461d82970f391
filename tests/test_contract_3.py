"""Section 3 of the contract: which states are converted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from migrator.request import Request
from tests.support.cases import codes, injected, own, server

if TYPE_CHECKING:
    from tests.support.cases import Bench

pytest_plugins = ["tests.support.bench"]

OLD = server("a, b = 0")
NEW = server("a, b = 0, c = 7", vsn='"2"')
SWAPPED = server("b, a", vsn='"2"')
UNSWAPPED = server("a, b")


def test_the_old_shape_is_converted(bench: Bench) -> None:
    """Section 3: the generated clause matches the old tag and the exact old size."""
    bench.install(OLD, NEW)
    assert bench.convert('"1"', "{state,1,2}") == "{ok,{state,1,2,7}}"


def test_the_new_shape_passes(bench: Bench) -> None:
    """Section 3: a state that already has the new shape passes through untouched."""
    bench.install(OLD, NEW)
    assert bench.convert('"1"', "{state,1,2,3}") == "{ok,{state,1,2,3}}"


def test_converting_twice_is_converting_once(bench: Bench) -> None:
    """Section 3: what a conversion gave is left alone by the next one."""
    bench.install(OLD, NEW)
    twice = "{ok, Once} = live_node:convert(m, V, {state,1,2}, []), live_node:convert(m, V, Once, [])"
    assert bench.eval(f'V = "1", {twice}') == "{ok,{state,1,2,7}}"


@pytest.mark.parametrize(
    "vsn",
    ['"1"', '"2"', "undefined", "328749823749823749", '"some-release-3"', "[1, 2]", "1.5", "<<1>>", "#{}", "{a, b}"],
)
def test_the_vsn_is_not_the_key(bench: Bench, vsn: str) -> None:
    """Section 3: on the way up any OldVsn will do where shapes differ."""
    bench.install(OLD, NEW)
    assert bench.convert(vsn, "{state,1,2}") == "{ok,{state,1,2,7}}"


@pytest.mark.parametrize("size", [1, 2, 5, 9])
def test_an_unknown_size_is_refused(bench: Bench, size: int) -> None:
    """Section 3: the record's tag with a size that no version has is refused with tag and size."""
    bench.install(OLD, NEW)
    state = f"list_to_tuple([state | lists:duplicate({size - 1}, x)])"
    refused = f"{{error,{{state_migration,{{unknown_shape,state,{size}}}}}}}"
    assert bench.convert('"1"', state) == refused
    assert bench.convert('{down, "1"}', state) == refused


@pytest.mark.parametrize("state", ["{other,1,2}", "#{a => 1}", "state", "{}", "[]", "{1,2,3}", "<<>>"])
def test_anything_else_is_not_ours(bench: Bench, state: str) -> None:
    """Section 3: what is no tuple with the record's tag passes as it is where there is no own function."""
    bench.install(OLD, NEW)
    expected = bench.eval(f"{{ok, {state}}}")
    assert bench.convert('"1"', state) == expected
    assert bench.convert('{down, "1"}', state) == expected


@pytest.mark.parametrize("state", ["{other,1,2}", "#{a=>1}", "state", "{}", "[]"])
def test_anything_else_goes_to_the_own_function(bench: Bench, state: str) -> None:
    """Section 3: another tag, a map, an atom go to the module's own function, Extra as it came."""
    bench.install(OLD, server("a, b = 0, c = 7", own("(V, State, Extra) -> {ok, {V, State, Extra}}"), vsn='"2"'))
    assert bench.convert("v", state, "[e]") == bench.eval(f"{{ok, {{v, {state}, [e]}}}}")


def test_an_exempt_shape_reaches_its_clause(bench: Bench) -> None:
    """Section 3: a size that an own, reachable clause has a pattern for is not refused."""
    clauses = ("(_, {state, X}, _) -> {ok, {took, X}}", "(_, State, _) -> {ok, State}")
    bench.install(OLD, server("a, b = 0, c = 7", own(*clauses), vsn='"2"'))
    assert bench.convert('"1"', "{state,9}") == "{ok,{took,9}}"
    assert bench.convert('"1"', "{state,1,2,3,4}") == "{error,{state_migration,{unknown_shape,state,5}}}"


def test_a_pattern_behind_a_clause_for_everything_exempts_nothing(bench: Bench) -> None:
    """Section 3: a clause that no call can reach does not keep a size from being refused."""
    clauses = ("(_, State, _) -> {ok, State}", "(_, {state, X}, _) -> {ok, {took, X}}")
    bench.install(OLD, server("a, b = 0, c = 7", own(*clauses), vsn='"2"'))
    assert bench.convert('"1"', "{state,9}") == "{error,{state_migration,{unknown_shape,state,2}}}"


def test_an_exemption_holds_for_its_direction(bench: Bench) -> None:
    """Section 3: a `{down, _}` clause with a pattern exempts that size on the way down only."""
    clauses = ("({down, _}, {state, X}, _) -> {ok, {took, X}}", "(_, State, _) -> {ok, State}")
    bench.install(OLD, server("a, b = 0, c = 7", own(*clauses), vsn='"2"'))
    assert bench.convert('{down, "1"}', "{state,9}") == "{ok,{took,9}}"
    assert bench.convert('"1"', "{state,9}") == "{error,{state_migration,{unknown_shape,state,2}}}"


KEEP = "(_, State, _) -> {ok, State}"
CONFLICTS = {
    "head": ("(_, {state, A, B}, _) -> {ok, {state, B, A, own}}", KEEP),
    "alias": ("(_, {state, _, _} = S, _) -> {ok, {seen, S}}", KEEP),
    "case": ("(_, S, _) -> case S of {state, A, B} -> {ok, {state, B, A, own}}; Other -> {ok, Other} end",),
    "is_record": ("(_, State, _) when is_record(State, state, 3) -> {ok, old}", KEEP),
    "any tag": ("(_, {_, A, B}, _) -> {ok, {A, B}}", KEEP),
    "match": ("(_, State, _) -> {state, A, B} = State, {ok, {state, B, A, own}}",),
    "a clause for one vsn": ('("1", {state, A, B}, _) -> {ok, {state, B, A, own}}', KEEP),
}


@pytest.mark.parametrize("clauses", CONFLICTS.values(), ids=CONFLICTS.keys())
def test_an_own_clause_for_the_old_shape_is_a_conflict(bench: Bench, clauses: tuple[str, ...]) -> None:
    """Section 3: a clause that an upgrade can reach and that has a pattern of the old shape stops everything."""
    found = bench.inject(OLD, server("a, b = 0, c = 7", own(*clauses), vsn='"2"'))
    assert (found.exit, codes(found), found.injected) == (3, ["M304"], ())


def test_a_helper_function_with_the_old_shape_is_a_conflict(bench: Bench) -> None:
    """Section 3: also a pattern in a function that the clause hands the state to."""
    new = server(
        "a, b = 0, c = 7",
        own("(_, State, _) -> {ok, up(State)}"),
        "up({state, A, B}) -> {state, B, A, own}; up(State) -> State.",
        vsn='"2"',
    )
    assert codes(bench.inject(OLD, new)) == ["M304"]


CLASH = server(
    "a, b = 0, c = 7",
    own("(_, {state, A, B}, Extra) -> {ok, {state, B, A, Extra}}", "(_, State, _) -> {ok, State}"),
    vsn='"2"',
)


def test_the_generated_conversion_can_be_preferred(bench: Bench) -> None:
    """Section 3: with `--prefer generated` the state is converted before the own function sees it."""
    bench.install(OLD, CLASH, request=Request(prefer="generated"))
    assert bench.convert('"1"', "{state,1,2}") == "{ok,{state,1,2,7}}"


def test_the_handwritten_conversion_can_be_preferred(bench: Bench) -> None:
    """Section 3: with `--prefer handwritten` old states go to the own function unconverted, Extra as it came."""
    bench.install(OLD, CLASH, request=Request(prefer="handwritten"))
    assert bench.convert('"1"', "{state,1,2}", "[e]") == "{ok,{state,2,1,[e]}}"
    assert bench.convert('{down, "1"}', "{state,1,2,3}") == "{ok,{state,2,1,[{old_state,{state,1,2,3}}]}}"


def test_a_downgrade_clause_with_the_old_shape_is_no_conflict(bench: Bench) -> None:
    """Section 3: a `{down, _}` clause with a pattern of the old shape is invited by section 5."""
    clauses = ("({down, _}, {state, A, B}, _) -> {ok, {state, A, {b, B}}}", "(_, State, _) -> {ok, State}")
    bench.install(OLD, server("a, b = 0, c = 7", own(*clauses), vsn='"2"'))
    assert bench.convert('{down, "1"}', "{state,1,2,3}") == "{ok,{state,1,{b,2}}}"


def test_an_unreachable_clause_is_no_conflict(bench: Bench) -> None:
    """Section 3: a clause behind one that takes everything conflicts with nothing."""
    clauses = ("(_, State, _) -> {ok, State}", "(_, {state, A, B}, _) -> {ok, {state, B, A, x}}")
    bench.install(OLD, server("a, b = 0, c = 7", own(*clauses), vsn='"2"'))
    assert bench.convert('"1"', "{state,1,2}") == "{ok,{state,1,2,7}}"


def test_swapped_fields_go_by_the_vsn(bench: Bench) -> None:
    """Section 3: where versions share the shape, the new vsn passes and the old one converts."""
    bench.install(UNSWAPPED, SWAPPED)
    assert bench.convert('"2"', "{state,1,2}") == "{ok,{state,1,2}}"
    assert bench.convert('"1"', "{state,1,2}") == "{ok,{state,2,1}}"


@pytest.mark.parametrize("vsn", ["undefined", '"3"', "1", "[49|x]"])
def test_an_unknown_vsn_of_a_shared_shape_is_refused(bench: Bench, vsn: str) -> None:
    """Section 3: an unknown vsn of a shared shape is refused as ambiguous, with those that are known."""
    bench.install(UNSWAPPED, SWAPPED)
    expected = bench.eval(f'{{error,{{state_migration,{{ambiguous_version,{vsn},["1","2"]}}}}}}')
    assert bench.convert(vsn, "{state,1,2}") == expected


@pytest.mark.parametrize(
    ("old", "new", "other"),
    [
        ("1", "2", "1.0"),
        ("1.0", "2.0", "1"),
        ("a", "b", '"a"'),
        ("#{v => 1}", "#{v => 2}", "#{}"),
        ("{1, x}", "{2, x}", "{1}"),
        ('<<"1">>', '<<"2">>', '"1"'),
        ('"1.ä"', '"2.ä"', '"1"'),
        ("-1", "-2", "1"),
    ],
)
def test_a_vsn_may_be_any_term(bench: Bench, old: str, new: str, other: str) -> None:
    """Section 3: a vsn of any kind tells versions of one shape apart, exactly."""
    bench.install(server("a, b", vsn=old), server("b, a", vsn=new))
    assert bench.convert(old, "{state,1,2}") == "{ok,{state,2,1}}"
    assert bench.convert(new, "{state,1,2}") == "{ok,{state,1,2}}"
    assert bench.convert(other, "{state,1,2}").startswith("{error,{state_migration,{ambiguous_version,")


def test_versions_that_nothing_tells_apart_are_refused(bench: Bench) -> None:
    """Section 3: the same shape and vsn with another meaning is exit 3, never guessed."""
    found = bench.inject(UNSWAPPED, server("b, a"))
    assert (found.exit, codes(found)) == (3, ["M305"])


def test_the_same_checksum_tells_nothing_apart(bench: Bench) -> None:
    """Section 3: two modules with other fields can have the same checksum as vsn, which is refused too."""
    old, new = (server(fields, vsn=None) for fields in ("a, b", "b, a"))
    found = bench.inject(old, new)
    assert (found.exit, codes(found)) == (3, ["M305"])


def test_two_old_versions_that_nothing_tells_apart_are_refused(bench: Bench) -> None:
    """Section 3: two old versions of one shape and vsn that mean different things are refused."""
    found = bench.inject(UNSWAPPED, server("b, a"), server("a, b, c", vsn='"2"'))
    assert (found.exit, codes(found)) == (3, ["M305"])


def test_two_old_versions_of_one_shape_go_by_the_vsn(bench: Bench) -> None:
    """Section 3: old versions that share a shape and not the meaning are told apart by OldVsn."""
    bench.install(server("a, b"), server("b, a", vsn='"2"'), server("a, b, c = 0", vsn='"3"'))
    assert bench.convert('"1"', "{state,1,2}") == "{ok,{state,1,2,0}}"
    assert bench.convert('"2"', "{state,1,2}") == "{ok,{state,2,1,0}}"
    assert bench.convert('"x"', "{state,1,2}") == ('{error,{state_migration,{ambiguous_version,"x",["1","2"]}}}')


def test_old_versions_that_mean_the_same_need_no_vsn(bench: Bench) -> None:
    """Section 3: old versions of one shape and meaning are converted whatever the OldVsn."""
    bench.install(server("a, b"), server("a, b", vsn='"2"'), server("a, b, c = 0", vsn='"3"'))
    assert bench.convert("undefined", "{state,1,2}") == "{ok,{state,1,2,0}}"


def test_each_old_size_is_converted_by_its_own_clause(bench: Bench) -> None:
    """Section 3: versions of other sizes are told apart by them alone."""
    bench.install(server("a"), server("a, b", vsn='"2"'), server("a, b = 5, c = 6", vsn='"3"'))
    assert bench.convert("v", "{state,1}") == "{ok,{state,1,5,6}}"
    assert bench.convert("v", "{state,1,2}") == "{ok,{state,1,2,6}}"


def test_a_renamed_record_refuses_both_tags(bench: Bench) -> None:
    """Section 3: with a renamed record unknown sizes of the old and of the new tag are refused."""
    bench.install(server("a", record="st"), server("a, b = 5", record="data", vsn='"2"'))
    assert bench.convert("v", "{st,1}") == "{ok,{data,1,5}}"
    assert bench.convert("v", "{st,1,2,3}") == "{error,{state_migration,{unknown_shape,st,4}}}"
    assert bench.convert("v", "{data,1}") == "{error,{state_migration,{unknown_shape,data,2}}}"


def test_sys_keeps_the_old_state_after_a_refusal(bench: Bench) -> None:
    """Section 3: `sys` keeps the old state of a process whose conversion is refused, and it lives on."""
    old = server("a, b = 0", "init(State) -> {ok, State}.")
    beam = injected(bench.inject(old, NEW))
    name = bench.start(old, "{state, odd}")
    refused = "{error,{error,{state_migration,{unknown_shape,state,2}}}}"
    assert bench.upgrade(name, beam, '"1"') == refused
    assert bench.eval(f"{{live_node:alive({name}), live_node:state({name})}}") == "{true,{state,odd}}"
    bench.eval(f"live_node:stop({name})")
