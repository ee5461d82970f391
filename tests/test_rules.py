"""Section 8 of the contract: decisions in a file of their own, with Erlang expressions."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from migrator.render.table import render_table
from migrator.request import Request
from tests.support.cases import codes, injected, run, server
from tests.support.rules import asking, rules, said, written_beams

if TYPE_CHECKING:
    from tests.support.cases import Bench

pytest_plugins = ["tests.support.bench"]

UP = '"1"'
DOWN = '{down, "1"}'


# --- expressions ------------------------------------------------------------------------------------------------


def test_a_running_process_is_converted_and_back(bench: Bench) -> None:
    """Expressions convert the state of a running server up and down, with what they read and call."""
    request = asking(
        bench,
        "rename users -> clients.",
        "convert ttl = Value * 1000 + Old#state.hits down twice(Value div 1000).",
        "init total = Old#state.hits + length(Old#state.users).",
        "drop hits down New#state.total.",
        'drop token down <<"t. $">>.',
    )
    old = server("ttl, hits, users, token", "init(State) -> {ok, State}.")
    new = server("total, clients, ttl", "init(State) -> {ok, State}.", "twice(X) -> 2 * X.", vsn='"2"')
    beam = injected(bench.inject(old, new, request=request))
    before = (bench.folder / "v1" / "m.beam").read_bytes()
    name = bench.start(old, "{state,5,3,[a,b],secret}")
    assert bench.upgrade(name, beam, UP) == "{ok,{state,5,[a,b],5003}}"
    assert bench.downgrade(name, before, UP) == '{ok,{state,10,5,[a,b],<<"t. $">>}}'


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("begin OldVsn = 1, State = 2, Extra = 3, A = 4, {OldVsn, State, Extra, A} end", "{1,2,3,4}"),
        ("begin A = 7, {A, Old#state.a} end", "{7,1}"),
        ("(fun(A) -> {A, Old#state.a} end)(5)", "{5,1}"),
        ("[A || A <- [Old#state.a], is_integer(A)]", "[1]"),
        ("A = Old#state.a, B = A + 1, {A, B}", "{1,2}"),
        ("#inner{x = Old#state.a}", "{inner,1,z}"),
        ('case Old#state.a of 1 -> {down, $.}; _ -> "no. " end', "{down,46}"),
        ("lists:reverse([Old#state.a, Old#state.'b. c'])", "[2,1]"),
        ("local(Old#state.a)", "{local,1}"),
        ("fun local/1 =:= fun local/1", "true"),
        ("<<(Old#state.a):16>>", "<<0,1>>"),
        ("Old#state.a % with a comment. And more\n + 1", "2"),
        ("Old#state.a + Old#state.a", "2"),
        ('"é €"', "[233,32,8364]"),
    ],
)
def test_an_expression_is_any_erlang(bench: Bench, expression: str, value: str) -> None:
    """What an expression binds meets nothing, and its value is the field's."""
    new = server("a, 'b. c', new", "-record(inner, {x, y = z}).", "local(X) -> {local, X}.", vsn='"2"')
    bench.install(server("a, 'b. c'"), new, request=asking(bench, f"init new = {expression}."))
    assert bench.convert(UP, "{state,1,2}") == f"{{ok,{{state,1,2,{value}}}}}"


def test_a_renamed_field_is_converted(bench: Bench) -> None:
    """`Value` is the old field that a rename leads to, and behind `down` the new one."""
    request = asking(bench, "rename a -> b.", "convert b = {up, Value} down element(2, Value).")
    bench.install(server("a, x"), server("b, x, y", vsn='"2"'), request=request)
    assert bench.convert(UP, "{state,1,0}") == "{ok,{state,{up,1},0,undefined}}"
    assert bench.convert(DOWN, "{state,{up,1},0,undefined}") == "{ok,{state,1,0}}"


def test_a_converted_field_is_not_called_kept(bench: Bench) -> None:
    """Nobody says that a running value is kept where it is converted, whatever became of its default."""
    request = asking(bench, "convert a = Value * 1000 down Value div 1000.")
    planned = bench.preview(server("a = 5"), server("a = 5000, b", vsn='"2"'), request=request)
    assert [each.code for each in planned.diagnostics] == []


def test_a_conversion_without_a_way_back(bench: Bench) -> None:
    """Where nothing leads back the old field has its default after a downgrade."""
    bench.install(
        server("a = old, x"), server("a", vsn='"2"'), request=asking(bench, "convert a = [Value].", "drop x.")
    )
    assert bench.convert(UP, "{state,1,2}") == "{ok,{state,[1]}}"
    assert bench.convert(DOWN, "{state,[1]}") == "{ok,{state,old,undefined}}"


def test_what_an_expression_reads_is_accounted_for(bench: Bench) -> None:
    """An old field that an expression reads is no loss: nobody is asked, and it is not among the dropped."""
    planned = bench.preview(server("a, b"), server("sum", vsn='"2"'), request=asking(bench, "init sum = Old#state.a."))
    assert [(each.code, each.old_field) for each in planned.diagnostics] == [("M301", "b")]
    assert planned.plan is not None
    assert [each.field for each in planned.plan.migrations[0].dropped] == ["b"]


def test_table_and_json_show_expressions(bench: Bench) -> None:
    """They are `convert` and `init` in the table, with their text, and in JSON."""
    request = asking(bench, "convert a = Value + Old#state.b down Value - 1.", "init c = now().", "copy b.")
    planned = bench.preview(server("a, b"), server("a, b, c", vsn='"2"'), request=request)
    assert planned.plan is not None
    table = " ".join(render_table(planned.plan).split())
    assert "a convert a by Value + B (B is b)" in table
    assert "c init now()" in table
    shown = run("preview", "--format", "json", "--rules", request.rules, *written_beams(bench))
    fields = [(each["field"], each["source"], each["from"]) for each in json.loads(shown.stdout)["from"][0]["fields"]]
    assert fields == [("a", "convert", "a"), ("b", "copy", "b"), ("c", "init", None)]
    assert json.loads(shown.stdout)["from"][0]["lossless"] is False


# --- what Erlang does not accept ----------------------------------------------------------------------------------

REFUSED = {
    "init new = nope(1).": ("2:12", "nope/1"),
    "init new = {1, 2]).": ("2:17", "syntax error"),
    "init new = Value.": ("2:12", "'Value' is unbound"),
    "init new = New#state.a.": ("2:12", "'New' is unbound"),
    "init new = Old.": ("2:12", "Old#RECORD.FIELD"),
    "init new = Old#state{a = 1}.": ("2:12", "Old#RECORD.FIELD"),
    "init new =\n  1 + X.": ("3:7", "'X' is unbound"),
    "init new = #nope{}.": ("2:12", "nope"),
    "init new = #inner{z = 1}.": ("2:19", "z"),
    "init new = ?MODULE.": ("2:12", ""),
    "convert a = Old#state.a down Old#state.a.": ("2:30", "'Old' is unbound"),
    "convert a = case Value of 1 -> X = 1; _ -> 2 end, X down 1.": ("2:51", "unsafe"),
    "drop a down Value.": ("2:13", "'Value' is unbound"),
}


@pytest.mark.parametrize("text", REFUSED)
def test_an_expression_that_erlang_does_not_accept(bench: Bench, text: str) -> None:
    """It is an error (M125, exit 4) with Erlang's own words, at its own line and column."""
    told = REFUSED[text]
    new = server("a, new", "-record(inner, {x, y}).", vsn='"2"')
    found = bench.inject(server("a"), new, request=asking(bench, text))
    (diagnostic,) = found.diagnostics
    assert (found.exit, diagnostic.code) == (4, "M125")
    assert diagnostic.place == f"{bench.folder / 'm.migration'}:{told[0]}"
    assert told[1] in diagnostic.message


def test_every_wrong_expression_is_told(bench: Bench) -> None:
    """Two wrong expressions are two messages."""
    planned = bench.preview(
        server("a"), server("a, b, c", vsn='"2"'), request=asking(bench, "init b = X.", "init c = Y.")
    )
    assert said(planned) == [("M125", "m.migration:2:10"), ("M125", "m.migration:3:10")]


# --- what fits nothing --------------------------------------------------------------------------------------------

MISFITS = {
    "rename usrs -> b.": ("2:1", "usrs is not a field of the old record; did you mean users?"),
    "drop user.": ("2:1", "user is not a field of the old record; did you mean users?"),
    "convert aa = Value.": ("2:1", "aa is not a field that both records have; did you mean a?"),
    "init a = 1.": ("2:1", "the new field a has a source already: the old a"),
    "init b = Old#state.usrs.": ("2:10", "usrs is not a field of the old record state; did you mean users?"),
    "init b = [Old#stat.users].": ("2:11", "stat is not the old record that this is about; did you mean state?"),
    "convert a = 1 down [1, New#state.users].": ("2:24", "users is not a field of the new record state"),
    "drop users down New#state.c.": ("2:17", "c is not a field of the new record state"),
    "copy c.": ("2:1", "c is not a field that both records have"),
    "record state.\n  default bb.": ("3:3", "bb is not a field of the new record; did you mean b?"),
    "record state.\nrecord sesion.": ("3:1", "sesion is not a record that a type leads to from the state"),
}


@pytest.mark.parametrize("text", MISFITS)
def test_a_statement_that_fits_nothing(bench: Bench, text: str) -> None:
    """It is an error (M113, exit 4) with file, line and column and the nearest names."""
    request = asking(bench, text)
    found = bench.inject(server("a, users"), server("a, b = 0", vsn='"2"'), request=request)
    assert (found.exit, codes(found)) == (4, ["M113"])
    place, reason = MISFITS[text]
    assert found.diagnostics[0].place == f"{request.rules}:{place}"
    assert reason in found.diagnostics[0].message


def test_a_field_that_one_of_the_versions_lacks(bench: Bench) -> None:
    """An expression that could not run for one of the old versions is an error there, and holds under `from`."""
    versions = server("a, b, x = 0"), server("a", vsn='"2"'), server("a, c, x = 0, y = 0", vsn='"3"')
    allowed = Request(rules=rules(bench, "init c = Old#state.b."), allow=frozenset({"drop"}))
    assert said(bench.preview(*versions, request=allowed)) == [("M113", "m.migration:2:10")]
    bench.install(*versions, request=asking(bench, "init c = Old#state.b.", head='migrate m from "1".'))
    assert bench.convert('"2"', "{state,1}") == "{ok,{state,1,undefined,0,0}}"
