"""Section 8 of the contract: decisions, written in the module."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from migrator.request import Request
from tests.support.cases import codes, decided, one, server

if TYPE_CHECKING:
    from tests.support.cases import Bench

pytest_plugins = ["tests.support.bench"]

UP = '"1"'
DOWN = '{down, "1"}'


@pytest.mark.parametrize("arity", [1, 2])
def test_a_convert_function_takes_the_value_or_the_map_too(bench: Bench, arity: int) -> None:
    """Section 8: a convert function takes the value, or the value and a map of all old fields, both ways."""
    functions = {
        1: "up(V) -> {up, V}.\ndown({up, V}) -> {down, V}.",
        2: "up(V, M) -> {up, V, M}.\ndown({up, V, _}, M) -> {down, V, M}.",
    }
    new = server("b, ttl", decided("{convert, ttl, up, down}", "{rename, a, b}"), functions[arity], vsn='"2"')
    bench.install(server("a, ttl"), new)
    up = {1: "{ok,{state,1,{up,2}}}", 2: "{ok,{state,1,{up,2,#{a => 1,ttl => 2}}}}"}
    down = {1: "{ok,{state,1,{down,2}}}", 2: "{ok,{state,1,{down,2,#{b => 1,ttl => {up,2,x}}}}}"}
    value = {1: "{up,2}", 2: "{up,2,x}"}
    assert bench.convert(UP, "{state,1,2}") == up[arity]
    assert bench.convert(DOWN, f"{{state,1,{value[arity]}}}") == down[arity]


@pytest.mark.parametrize(
    ("text", "value"), [("start() -> now.", "now"), ("start(#{a := A}) -> {from, A}.", "{from,1}")]
)
def test_an_init_function_takes_nothing_or_the_map(bench: Bench, text: str, value: str) -> None:
    """Section 8: an init function takes nothing, or the map of all old fields."""
    bench.install(server("a"), server("a, b", decided("{init, b, start}"), text, vsn='"2"'))
    assert bench.convert(UP, "{state,1}") == f"{{ok,{{state,1,{value}}}}}"


def test_functions_that_are_called_like_old_ones_of_erlang(bench: Bench) -> None:
    """A bare call of `size/1` or `date/0` would be refused as ambiguous: the module's own are meant."""
    functions = "size(V) when is_tuple(V) -> {up, V}; size(V) -> [V].\nhd([V]) -> V.\ndate() -> now."
    new = server("ttl, b", decided("{convert, ttl, size, hd}", "{init, b, date}"), functions, vsn='"2"')
    bench.install(server("ttl"), new)
    assert bench.convert(UP, "{state,{a,b}}") == "{ok,{state,{up,{a,b}},now}}"
    assert bench.convert(UP, "{state,7}") == "{ok,{state,[7],now}}"
    assert bench.convert(DOWN, "{state,[7],now}") == "{ok,{state,7}}"


def test_a_rename_swaps_two_fields(bench: Bench) -> None:
    """Section 8: two renames may exchange the names of two fields."""
    bench.install(server("a, b"), server("a, b", decided("{rename, a, b}", "{rename, b, a}"), vsn='"2"'))
    assert bench.convert(UP, "{state,1,2}") == "{ok,{state,2,1}}"
    assert bench.convert('"2"', "{state,1,2}") == "{ok,{state,1,2}}"


def test_a_dropped_field_of_that_name_makes_room_for_a_rename(bench: Bench) -> None:
    """Section 8: a rename onto a name whose old field is dropped holds."""
    bench.install(server("a, b"), server("b", decided("{drop, b}", "{rename, a, b}"), vsn='"2"'))
    assert bench.convert(UP, "{state,1,2}") == "{ok,{state,1}}"


def test_decisions_only_from_one_version(bench: Bench) -> None:
    """Section 8: `{from, Vsn, Decisions}` holds only when coming from that vsn."""
    new = server("a", decided('{from, "1", [{drop, x, one}]}', '{from, "2", [{rename, x, a}, {drop, a}]}'), vsn='"3"')
    bench.install(
        server("a, x"),
        server("a, x, y", vsn='"2"').replace(", y", ", y = 0"),
        new,
        request=Request(allow=frozenset({"drop"})),
    )
    assert bench.convert(UP, "{state,1,2}") == "{ok,{state,1}}"
    assert bench.convert('"2"', "{state,1,2,3}") == "{ok,{state,2}}"
    assert bench.convert(DOWN, "{state,1}") == "{ok,{state,1,one}}"


MISFITS = {
    "{rename, usrs, b}": ("usrs is not a field of the old record", "did you mean users?"),
    "{rename, users, c}": ("c is not a field of the new record", ""),
    "{rename, users, a}": ("the new field a is copied from the old field of the same name", ""),
    "{drop, user}": ("user is not a field of the old record", "did you mean users?"),
    "{drop, a}": ("the old field a is the source of the new a", ""),
    "{convert, aa, up, down}": ("aa is not a field that both records have", "did you mean a?"),
    "{convert, a, upp, down}": ("the new m has no function upp/1 or upp/2", "did you mean up?"),
    "{convert, a, up, dwn}": ("the new m has no function dwn/1 or dwn/2", "did you mean down?"),
    "{init, b, nope}": ("the new m has no function nope/0 or nope/1", ""),
    "{init, a, up}": ("the new field a has a source already: the old a", ""),
    "{init, bb, as_init}": ("bb is not a field of the new record", "did you mean b?"),
    "{default, a}": ("the new field a has a source already: the old a", ""),
    "{copy, b}": ("b is not a field that both records have", ""),
    '{from, "1", [{drop, no}]}': ("no is not a field of the old record", ""),
}


@pytest.mark.parametrize("decision", MISFITS)
def test_a_decision_that_fits_nothing(bench: Bench, decision: str) -> None:
    """Section 8: it is an error (exit 4) with its own text, the attribute's line and the nearest name."""
    new = server("a, b = 0", decided(decision), "up(V) -> V.\ndown(V) -> V.", vsn='"2"')
    planned = bench.preview(server("a, users"), new, request=Request(allow=frozenset({"drop"})))
    found = one(planned, "M113")
    reason, hint = MISFITS[decision]
    itself = decision.removeprefix('{from, "1", [').removesuffix("]}").replace(" ", "")
    assert f"the decision {itself} fits nothing: {reason}" in found.message
    assert hint in found.message
    line = 1 + new[: new.index("-state_migration")].count("\n")
    assert found.place.endswith(f"m.erl:{line}")


@pytest.mark.parametrize(
    "decisions",
    [
        "{rename, a, x}, {rename, a, y}",
        "{drop, a}, {drop, a, 1}",
        "{init, x, up}, {default, x}",
        "{rename, a, x}, {rename, b, x}",
    ],
)
def test_decisions_that_contradict_each_other(bench: Bench, decisions: str) -> None:
    """Section 8: two decisions about one field cannot both hold: exit 4."""
    new = server("x = 0, y = 0", decided(decisions), "up() -> 1.", vsn='"2"')
    assert bench.inject(server("a, b"), new, request=Request(allow=frozenset({"drop"}))).exit == 4


@pytest.mark.parametrize(
    "text",
    ["nonsense", "{renam, a, b}", "{drop}", '{rename, "a", b}', "{downgrade, never}", "[]", "17", "{move, a, [b]}"],
)
def test_what_is_no_decision(bench: Bench, text: str) -> None:
    """Section 8: what has no decision's form is an error (exit 4), never ignored."""
    found = bench.inject(server("a"), server("a, b = 0", decided(text), vsn='"2"'))
    assert (found.exit, codes(found)) == (4, ["M114"])
    assert text.replace(" ", "") in found.diagnostics[0].message


def test_a_decision_that_stands_alone(bench: Bench) -> None:
    """Section 8: one decision without a list, and several attributes, are read alike."""
    bench.install(
        server("a, x, y"),
        server("b", "-state_migration({drop, x}).", "-state_migration([{drop, y}, {rename, a, b}]).", vsn='"2"'),
    )
    assert bench.convert(UP, "{state,1,2,3}") == "{ok,{state,1}}"
