"""Native records (OTP 29) of other modules inside a state: exported, imported, or private behind a type."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.cases import codes, decided
from tests.support.native import made, native

if TYPE_CHECKING:
    from tests.support.cases import Bench

pytest_plugins = ["tests.support.bench29"]


@pytest.fixture
def bench(bench29: Bench) -> Bench:
    """The bench of OTP 29, for this file alone: a plugin's would be everyone's."""
    return bench29


UP = '"1"'
DOWN = '{down, "1"}'


def session(fields: str, *forms: str) -> str:
    """The source of a module that declares a native record."""
    declared = f"-record #session{{{fields}}}."
    return "\n".join(("-module(sess).", declared, *forms, "-export([new/0]).", "new() -> ok.", ""))


def theirs(exported: str, **fields: str) -> str:
    """An Erlang expression for a record of that module."""
    pairs = ", ".join(f"{{{name}, {value}}}" for name, value in fields.items())
    return f"records:create(sess, session, [{pairs}], #{{is_exported => {exported}}})"


@pytest.mark.parametrize(
    ("exported", "type_", "forms"),
    [
        ("true", "#sess:session{}", ()),
        ("true", "#session{}", ("-import_record(sess, [session]).",)),
        ("true", "sess:t()", ()),
        ("false", "sess:t()", ()),
        ("false", "#sess:session{}", ()),
    ],
)
def test_a_record_of_another_module(bench: Bench, exported: str, type_: str, forms: tuple[str, ...]) -> None:
    """It is converted wherever types lead to it, whether its fields may be read elsewhere or not, and so back."""
    own = ("-type t() :: #session{}.", "-export_type([t/0]).", *(["-export_record([session])."] * (exported == "true")))
    for version, fields in (("v1", "user, gone = 1"), ("v2", "owner, n = 0")):
        bench.compile(session(fields, *own), version, name="sess")
    inner = decided("{in, session, [{rename, user, owner}, {drop, gone}]}")
    beam = bench.install(
        native(f"list :: [{type_}]", *forms), native(f"list :: [{type_}], c = 1", *forms, inner, vsn='"2"')
    )
    assert beam
    old, new = theirs(exported, user="u", gone="2"), theirs(exported, owner="u", n="0")
    before, after = made("state", list=f"[{old}, other]"), made("state", list=f"[{new}, other]", c="1")
    assert bench.eval(f"live_node:convert(m, {UP}, {before}, []) =:= {{ok, {after}}}") == "true"
    back = made("state", list=f"[{theirs(exported, user='u', gone='1')}, other]")
    assert bench.eval(f"live_node:convert(m, {DOWN}, {after}, []) =:= {{ok, {back}}}") == "true"
    assert bench.eval(f"live_node:convert(m, {UP}, {after}, []) =:= {{ok, {after}}}") == "true"


def test_one_that_is_not_at_hand(bench: Bench) -> None:
    """Where the other module's beams are not beside, a warning says that its records stay as they are."""
    planned = bench.preview(native("one :: #sess:session{}"), native("one :: #sess:session{}, c = 1", vsn='"2"'))
    assert codes(planned) == ["M409"]


def test_records_of_one_name_in_two_modules(bench: Bench) -> None:
    """A native record of the module's own and another module's of that name are told apart by their modules."""
    own = ("-type t() :: #session{}.", "-export_type([t/0]).")
    for version, fields in (("v1", "a"), ("v2", "a, b = 1")):
        bench.compile(session(fields, *own), version, name="sess")
    mine = "-record #session{{{}}}."
    bench.install(
        native("one :: #session{} | sess:t()", mine.format("a")),
        native("one :: #session{} | sess:t()", mine.format("a, c = 2"), vsn='"2"'),
    )
    for old, new in (
        (theirs("false", a="x"), theirs("false", a="x", b="1")),
        (made("session", a="x"), made("session", a="x", c="2")),
    ):
        before, after = made("state", one=old), made("state", one=new)
        assert bench.eval(f"live_node:convert(m, {UP}, {before}, []) =:= {{ok, {after}}}") == "true"
        assert bench.eval(f"live_node:convert(m, {DOWN}, {after}, []) =:= {{ok, {before}}}") == "true"
