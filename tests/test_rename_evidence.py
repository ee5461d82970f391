"""What is offered where fields went and others came: by what the code does with them before all else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.cases import codes, server

if TYPE_CHECKING:
    from migrator.outcomes import Planned
    from tests.support.cases import Bench

pytest_plugins = ["tests.support.bench"]

OLD = server(
    "name, users = #{}, pending = #{}",
    """
-export([handle_info/2]).
handle_info({join, U, P}, #state{users = Users} = S) ->
    {noreply, S#state{users = Users#{U => P}}};
handle_info({leave, U}, #state{users = Users} = S) ->
    {noreply, S#state{users = maps:remove(U, Users)}};
handle_info({wait, U}, S) ->
    {noreply, S#state{pending = maps:put(U, true, S#state.pending)}}.
""",
)


def _offers(planned: Planned) -> dict[str, list[str]]:
    """The lines to paste for each old field that would be dropped."""
    return {
        each.old_field: [line for line in each.help if "rename" in line]
        for each in planned.diagnostics
        if each.code == "M301" and each.old_field is not None
    }


def _renamed(text: str, *names: tuple[str, str]) -> str:
    for old, new in names:
        text = text.replace(old, new)
    return text.replace('-vsn("1")', '-vsn("2")')


def test_use_finds_what_nothing_else_tells(bench: Bench) -> None:
    """Two fields of the same kind trade places and get names that say nothing: the code knows which is which."""
    fields = ("name, users = #{}, pending = #{}", "name, one = #{}, two = #{}")
    new = _renamed(OLD, fields, ("users =", "two ="), ("pending", "one"), ("Users", "Map"))
    offers = _offers(bench.preview(OLD, new))
    assert [line.split("   %")[0] for line in offers["users"]] == ["-state_migration([{rename, users, two}])."]
    assert [line.split("   %")[0] for line in offers["pending"]] == ["-state_migration([{rename, pending, one}])."]
    assert "% used in the same 6 of 6 places (handle_info/2)" in offers["users"][0]


def test_use_outranks_a_likely_name(bench: Bench) -> None:
    """A new field with the likelier name, which the code uses otherwise, comes behind or is left out."""
    new = _renamed(
        OLD, ("users =", "clients ="), ("{name, clients = #{}", "{name, users_seen = 0, clients = #{}")
    ).replace(
        "handle_cast(_, State)",
        "handle_cast(seen, S) -> {noreply, S#state{users_seen = S#state.users_seen + 1}};\nhandle_cast(_, State)",
    )
    assert "{rename, users, clients}" in _offers(bench.preview(OLD, new))["users"][0]


def test_nothing_is_applied_unasked(bench: Bench) -> None:
    """However sure the evidence: a person decides."""
    assert codes(bench.preview(OLD, _renamed(OLD, ("users =", "clients =")))) == ["M301"]


def test_a_function_of_another_name_counts(bench: Bench) -> None:
    """Code that moved to a function with another name is recognised."""
    old = server("a = 0, kept = 1", "f(X, S) -> S#state{a = g(X, S#state.a)}.\n-export([f/2, g/2]).\ng(_, _) -> 1.")
    new = _renamed(
        old,
        ("a = 0", "b = 0, c = 0"),
        ("S#state{a", "S#state{c"),
        ("state.a", "state.c"),
        ("f(X", "h(X"),
        ("f/2", "h/2"),
    )
    offers = _offers(bench.preview(old, new))
    assert "{rename, a, c}" in offers["a"][0]
    assert "used in the same 2 of 2 places (f/2)" in offers["a"][0]


@pytest.mark.parametrize("uses", ["S#state.old", "S#state{old = 1}", "{S#state.old, S}"])
def test_fields_that_the_code_uses_otherwise_are_not_offered(uses: str, bench: Bench) -> None:
    """A field that went and one that came, both used and nowhere alike: their place and default alone say nothing."""
    old = server("old = 0, kept = 1", f"-export([f/1, f/2]).\nf(S) -> {uses}.\nf(x, S) -> [S#state.old].")
    new = server("kept = 1, new = 0", "-export([f/1]).\nf(S) -> {[S#state.new], S#state{new = 2}}.", vsn='"2"')
    assert _offers(bench.preview(old, new))["old"] == []


def test_records_inside_the_state_too(bench: Bench) -> None:
    """The fields of a record inside the state are compared in the same way."""
    code = "-export([f/1]).\nf(#session{x = X, y = Y}) -> {lists:reverse(X), Y + 1}."
    old = server("s :: #session{}", code).replace("-record(state", "-record(session, {x, y}).\n-record(state", 1)
    new = _renamed(old, ("{x, y}", "{count, list}"), ("x = X", "list = X"), ("y = Y", "count = Y"))
    found = [line for each in bench.preview(old, new).diagnostics if each.code == "M301" for line in each.help]
    assert [line.split("   %")[0] for line in found if "rename" in line] == [
        "-state_migration([{in, session, [{rename, x, list}]}]).",
        "-state_migration([{in, session, [{rename, y, count}]}]).",
    ]


def test_several_old_versions(bench: Bench) -> None:
    """Each old version is compared by its own code."""
    new = _renamed(OLD, ("users =", "clients =")).replace('-vsn("2")', '-vsn("3")')
    second = _renamed(OLD, ("users =", "people ="), ("pending", "waiting"))
    found = [each for each in bench.preview(OLD, second, new).diagnostics if each.code == "M301"]
    assert {(each.old_field, each.help[0].split(",   %")[0][:50]) for each in found} >= {
        ("users", "-state_migration([{rename, users, clients}]).   % "),
        ("people", "-state_migration([{rename, people, clients}]).   %"),
        ("waiting", "-state_migration([{rename, waiting, pending}]).   "),
    }
