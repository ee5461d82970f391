"""Section 8 of the contract: decisions in a file of their own, with Erlang expressions."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from migrator import library
from migrator.render.table import render_table
from migrator.request import Choice, Request
from tests.support.cases import codes, decided, injected, one, own, refused, run, server

if TYPE_CHECKING:
    from pathlib import Path

    from migrator.outcomes import Planned
    from tests.support.cases import Bench

pytest_plugins = ["tests.support.bench"]

UP = '"1"'
DOWN = '{down, "1"}'


def rules(bench: Bench, *statements: str, head: str = "migrate m.", name: str = "m.migration") -> Path:
    """A decisions file of these statements, one a line, the first on line 2."""
    path = bench.folder / name
    path.write_text("\n".join([head, *statements, ""]), encoding="utf-8")
    return path


def asking(bench: Bench, *statements: str, head: str = "migrate m.") -> Request:
    """A request with such a file."""
    return Request(rules=rules(bench, *statements, head=head))


def said(planned: Planned) -> list[tuple[str, str]]:
    """The code and the place of each thing said, the place without its folder."""
    return [(each.code, each.place.rpartition("/")[2]) for each in planned.diagnostics if each.severity != "info"]


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
    shown = run("preview", "--format", "json", "--rules", request.rules, *_beams(bench))
    fields = [(each["field"], each["source"], each["from"]) for each in json.loads(shown.stdout)["from"][0]["fields"]]
    assert fields == [("a", "convert", "a"), ("b", "copy", "b"), ("c", "init", None)]
    assert json.loads(shown.stdout)["from"][0]["lossless"] is False


def _beams(bench: Bench, count: int = 2) -> list[Path]:
    return [bench.folder / f"v{number}" / "m.beam" for number in range(1, count + 1)]


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
    """It is an error (M124, exit 4) with Erlang's own words, at its own line and column."""
    told = REFUSED[text]
    new = server("a, new", "-record(inner, {x, y}).", vsn='"2"')
    found = bench.inject(server("a"), new, request=asking(bench, text))
    (diagnostic,) = found.diagnostics
    assert (found.exit, diagnostic.code) == (4, "M124")
    assert diagnostic.place == f"{bench.folder / 'm.migration'}:{told[0]}"
    assert told[1] in diagnostic.message


def test_every_wrong_expression_is_told(bench: Bench) -> None:
    """Two wrong expressions are two messages."""
    planned = bench.preview(
        server("a"), server("a, b, c", vsn='"2"'), request=asking(bench, "init b = X.", "init c = Y.")
    )
    assert said(planned) == [("M124", "m.migration:2:10"), ("M124", "m.migration:3:10")]


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


# --- sections -----------------------------------------------------------------------------------------------------


def test_each_version_has_its_own_section(bench: Bench) -> None:
    """What stands under `migrate m from VSN` holds for that version alone, other modules' sections are passed by."""
    request = asking(
        bench,
        "init c = {one, Old#state.x}.",
        'migrate m from "2".',
        "init c = {two, Old#state.y}.",
        "drop z.",
        "migrate other.",
        "drop nothing.",
        head='migrate m from "1".',
    )
    bench.install(server("a, x"), server("a, y, z", vsn='"2"'), server("a, c, d, e", vsn='"3"'), request=request)
    assert bench.convert(UP, "{state,1,2}") == "{ok,{state,1,{one,2},undefined,undefined}}"
    assert bench.convert('"2"', "{state,1,2,3}") == "{ok,{state,1,{two,2},undefined,undefined}}"


def holding(fields: str, *records: str, vsn: str = '"1"') -> str:
    """A server whose state's types name these records, which are declared before it."""
    declared = "".join(f"-record({each}).\n" for each in records)
    return server(fields, vsn=vsn).replace("-record(state", f"{declared}-record(state", 1)


def test_a_record_inside_the_state(bench: Bench) -> None:
    """Statements behind a second `record` are about that record, wherever it lies in the state."""
    request = asking(
        bench,
        "record state.",
        "record session.",
        "rename user -> owner.",
        "convert ttl = Value * 1000 + Old#session.extra down Value div 1000.",
        "record item -> thing.",
        "init size = Old#item.width.",
        "record state.",
        "init count = length(Old#state.all).",
    )
    old = holding("all :: [#session{}]", "item, {width}", "session, {user, ttl, extra, item :: #item{}}")
    new = holding("all :: [#session{}], count", "thing, {size}", "session, {owner, ttl, item :: #thing{}}", vsn='"2"')
    bench.install(old, new, request=request)
    assert bench.convert(UP, "{state,[{session,u,5,1,{item,9}}]}") == "{ok,{state,[{session,u,5001,{thing,9}}],1}}"
    assert bench.convert(DOWN, "{state,[{session,u,5001,{thing,9}}],1}") == (
        "{ok,{state,[{session,u,5,undefined,{item,undefined}}]}}"
    )


THIRD = server("a, b").replace("-state_record(state).", "")
THIRD_NEW = server("a, c", vsn='"2"').replace("-state_record(state).", "")


def test_a_file_names_the_state_record(bench: Bench) -> None:
    """The first `record` stands in for -state_record and --record."""
    bench.install(THIRD, THIRD_NEW, request=asking(bench, "record state.", "rename b -> c.", "convert c = [Value]."))
    assert bench.convert('"1"', "{state,1,2}") == "{ok,{state,1,[2]}}"


def test_a_file_names_a_renamed_state_record(bench: Bench) -> None:
    """`record old -> new.` says what the old version's is called."""
    old = server("a", record="st").replace("-state_record(st).", "")
    bench.install(old, THIRD_NEW, request=asking(bench, "record st -> state.", "init c = Old#st.a."))
    assert bench.convert(UP, "{st,1}") == "{ok,{state,1,1}}"


@pytest.mark.parametrize(
    ("statements", "choice", "told"),
    [
        (["record stat."], None, "has no record stat; did you mean state?"),
        (["record stat -> state."], None, "has no record stat; did you mean state?"),
        (["record other."], "state", "--record and the record statement at"),
        (["record state.", "migrate m.", "record other."], None, "name different state records of m"),
    ],
)
def test_a_state_record_that_is_none(bench: Bench, statements: list[str], choice: str | None, told: str) -> None:
    """A record that does not exist, or that another place contradicts, is an error (M113) with its place."""
    request = Request(choice=Choice(choice) if choice else None, rules=rules(bench, *statements))
    extra = "-record(other, {})."
    planned = bench.preview(THIRD + extra, THIRD_NEW + extra, request=request)
    assert said(planned) == [("M113", f"m.migration:{1 + len(statements)}:1")]
    assert told in planned.diagnostics[0].message


def test_file_and_attribute_name_different_records(bench: Bench) -> None:
    """Where -state_record says something else, both places are named."""
    new = server("a, b = 0", "-record(other, {}).", vsn='"2"')
    planned = bench.preview(server("a"), new, request=asking(bench, "record other."))
    (found,) = planned.diagnostics
    line = 1 + new[: new.index("-state_record")].count("\n")
    assert found.code == "M113"
    assert f"m.erl:{line}" in found.message
    assert "m.migration:2:1" in found.message


# --- attribute and file -------------------------------------------------------------------------------------------


def test_decisions_of_attribute_and_file_add_up(bench: Bench) -> None:
    """Both may speak, of the same field too where they say the same."""
    new = server("c, d", decided("{rename, a, c}", "{drop, x}"), vsn='"2"')
    bench.install(server("a, b, x"), new, request=asking(bench, "rename b -> d.", "drop x."))
    assert bench.convert(UP, "{state,1,2,3}") == "{ok,{state,1,2}}"


@pytest.mark.parametrize(
    ("decision", "text"),
    [
        ("{drop, a}", "rename a -> b."),
        ("{init, b, f}", "init b = 1."),
        ("{default, b}", "init b as_init."),
        ("{drop, a, 1}", "drop a down 2."),
        ("{convert, k, f}", "convert k = Value."),
        ("{downgrade, own_first}", "downgrade convert_first."),
    ],
)
def test_a_contradiction_names_both_places(bench: Bench, decision: str, text: str) -> None:
    """Where attribute and file contradict each other the error (exit 4) has the place of each."""
    new = server("k, b = 0, c = 0", decided(decision), "f() -> 1.\nf(X) -> X.", vsn='"2"')
    request = Request(rules=rules(bench, text), allow=frozenset({"drop"}))
    found = bench.inject(server("k, a"), new, request=request)
    assert found.exit == 4
    (diagnostic,) = [each for each in found.diagnostics if "contradict" in each.message]
    line = 1 + new[: new.index("-state_migration")].count("\n")
    assert f"m.erl:{line})" in diagnostic.message
    assert f"({request.rules}:2:1)" in diagnostic.message


# --- what stands in the beam --------------------------------------------------------------------------------------

ALL = ("convert a = Value * 1000 + Old#state.b down Value div 1000 + New#state.a.", "init c = {x, Old#state.b}.")


def test_the_same_again_and_eject(bench: Bench) -> None:
    """Expressions stand in the beam: the same again gives the same bytes, and eject the original's."""
    sources = server("a, b"), server("a, c", vsn='"2"')
    request = asking(bench, *ALL)
    beam = injected(bench.inject(*sources, request=request))
    old, new = _beams(bench)
    original = new.read_bytes()
    new.write_bytes(beam)
    assert beam == injected(library.inject(bench.helper, [old], new, request))
    assert original == library.eject(bench.helper, new).after


def test_two_versions_one_after_the_other(bench: Bench) -> None:
    """A, then B, gives the bytes of A and B at once."""
    sources = (
        server("a, b"),
        server("a, b, x", vsn='"2"'),
        server("a, c", decided('{from, "2", [{drop, x}]}'), vsn='"3"'),
    )
    request = asking(bench, *ALL, "downgrade convert_first.")
    both = injected(bench.inject(*sources, request=request))
    one_, two, new = _beams(bench, 3)
    original = new.read_bytes()
    for first, second in ((one_, two), (two, one_)):
        new.write_bytes(original)
        new.write_bytes(injected(library.inject(bench.helper, [first], new, request)))
        assert both == injected(library.inject(bench.helper, [second], new, request))


def test_other_expressions_replace(bench: Bench) -> None:
    """The same version with other decisions gives what these alone give."""
    sources = server("a"), server("a, c", vsn='"2"')
    first = injected(bench.inject(*sources, request=asking(bench, "init c = 1.")))
    fresh = injected(bench.inject(*sources, request=asking(bench, "init c = 2.")))
    old, new = _beams(bench)
    new.write_bytes(first)
    assert fresh == injected(library.inject(bench.helper, [old], new, asking(bench, "init c = 2.")))


def test_a_downgrade_by_the_own_function_first(bench: Bench) -> None:
    """`downgrade own_first.` holds, and stands in the beam for a later run without the file."""
    source = own("(_, {state, A, B}, _) -> {ok, {state, {own, A}, B}}", "(_, S, _) -> {ok, S}")
    old, new = server("a"), server("a, b = 0", source, vsn='"2"')
    request = asking(bench, "downgrade own_first.")
    beam = bench.install(old, new, request=request)
    assert bench.convert(DOWN, "{state,1,0}") == "{ok,{state,{own,1}}}"
    before, after = _beams(bench)
    after.write_bytes(beam)
    assert beam == injected(library.inject(bench.helper, [before], after))


# --- what is asked ------------------------------------------------------------------------------------------------


def test_lines_to_paste_are_statements(bench: Bench) -> None:
    """With --rules each question offers statements, and without it terms of the attribute."""
    sources = (
        server("legacy, t :: integer()"),
        server("t :: atom(), made", "init(_) -> {ok, #state{made = make_ref()}}.", vsn='"2"'),
    )
    planned = bench.preview(*sources, request=asking(bench, "record state."))
    assert one(planned, "M301").help[-1] == "drop legacy."
    assert one(planned, "M302").help == ("init made as_init.", "init made = EXPRESSION.", "default made.")
    assert one(planned, "M303").help == ("copy t.", "convert t = EXPRESSION down EXPRESSION.")
    assert one(bench.preview(*sources), "M301").help[-1] == "-state_migration([{drop, legacy}])."


def test_a_pasted_line_inside_a_record(bench: Bench) -> None:
    """A question about a record inside the state offers its `record` too, and pasting the line settles it."""
    old = holding("all :: [#session{}]", "session, {a, gone}")
    new = holding("all :: [#session{}]", "session, {a}", vsn='"2"')
    line = one(bench.preview(old, new, request=asking(bench, "record state.")), "M301").help[-1]
    assert line == "record session. drop gone."
    bench.install(old, new, request=asking(bench, "record state.", line))
    assert bench.convert(UP, "{state,[{session,1,2}]}") == "{ok,{state,[{session,1}]}}"


# --- the command --------------------------------------------------------------------------------------------------


def test_the_command_takes_a_file_or_a_folder(bench: Bench) -> None:
    """`--rules FILE` and `--rules DIR` with MODULE.migration in it do the same."""
    beams = bench.beams(THIRD, THIRD_NEW)
    path = rules(bench, "record state.", "rename b -> c.", "convert c = [Value] down hd(Value).")
    shown = [run("preview", "--rules", each, *beams) for each in (path, path.parent)]
    assert [(each.returncode, each.stderr) for each in shown] == [(0, ""), (0, "")]
    assert shown[0].stdout == shown[1].stdout
    assert "'value 1 of c of m'(Value) ->\n    [Value]." in shown[0].stdout
    done = run("inject", "--rules", path, *beams)
    assert (done.returncode, done.stdout) == (0, f'm: "1" <-> "2" is in {beams[1]}\n')


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("migrate m.\nnonsense.", "M114"),
        ("migrate m.\nrecord state.\ndrop nope.", "M113"),
        ("migrate m.\nrecord state.\ninit c = X.", "M124"),
        ("migrate mm.\nrecord state.", "M113"),
        ("", "M111"),
    ],
)
def test_the_command_refuses(bench: Bench, text: str, code: str) -> None:
    """What cannot be used in a file is exit 4, on both streams, and no file is touched."""
    beams = bench.beams(THIRD, THIRD_NEW)
    path = bench.folder / "m.migration"
    path.write_text(text, encoding="utf-8")
    told = refused(bench, code, 4, "--rules", path, *beams)
    if code != "M111":
        assert f"at {path}:" in told


def test_a_file_that_is_not_there(bench: Bench) -> None:
    """It is exit 4 and said by name."""
    beams = bench.beams(THIRD, THIRD_NEW)
    assert "nope.migration" in refused(bench, "M101", 4, "--rules", bench.folder / "nope.migration", *beams)


def test_two_releases_with_a_folder_of_rules(bench: Bench) -> None:
    """A module of a release takes part by its rules alone; rules for one that is not there are an error."""
    beams = bench.beams(THIRD, THIRD_NEW)
    folder = bench.folder / "rules"
    folder.mkdir()
    (folder / "m.migration").write_text("migrate m.\nrecord state.\nrename b -> c.", encoding="utf-8")
    releases = [path.parent for path in beams]
    done = run("inject", "--rules", folder, *releases)
    assert (done.returncode, done.stderr) == (0, "")
    assert 'm: "1" <-> "2"' in done.stdout
    (folder / "mm.migration").write_text("migrate mm.", encoding="utf-8")
    told = refused(bench, "M113", 4, "--rules", folder, *releases)
    assert "no module mm takes part in this run; did you mean m?" in told
