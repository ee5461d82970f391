"""Section 8 of the contract: a decisions file's sections, beside the attribute, in the beam, on the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from migrator import library
from migrator.request import Choice, Request
from tests.support.cases import decided, injected, one, own, refused, run, server
from tests.support.rules import asking, holding, rules, said, written_beams

if TYPE_CHECKING:
    from tests.support.cases import Bench

pytest_plugins = ["tests.support.bench"]

UP = '"1"'
DOWN = '{down, "1"}'


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


def test_a_contradiction_about_a_record(bench: Bench) -> None:
    """Two new names for one record inside the state contradict each other, with both places."""
    old = holding("all :: [#one{}]", "one, {a}")
    new = holding("all :: [#two{} | #three{}]", "two, {a}", "three, {a}", vsn='"2"')
    request = asking(bench, "record state.", "record one -> two.", "record one -> three.")
    found = bench.inject(old, new, request=request)
    (diagnostic,) = [each for each in found.diagnostics if "contradict" in each.message]
    assert (found.exit, diagnostic.code) == (4, "M113")
    assert f"({request.rules}:3:1)" in diagnostic.message
    assert f"({request.rules}:4:1)" in diagnostic.message


# --- what stands in the beam --------------------------------------------------------------------------------------

ALL = ("convert a = Value * 1000 + Old#state.b down Value div 1000 + New#state.a.", "init c = {x, Old#state.b}.")


def test_the_same_again_and_eject(bench: Bench) -> None:
    """Expressions stand in the beam: the same again gives the same bytes, and eject the original's."""
    sources = server("a, b"), server("a, c", vsn='"2"')
    request = asking(bench, *ALL)
    beam = injected(bench.inject(*sources, request=request))
    old, new = written_beams(bench)
    original = new.read_bytes()
    new.write_bytes(beam)
    assert beam == injected(library.inject(bench.helper, [old], new, request))
    assert original == library.eject(bench.helper, new).after


def test_two_versions_one_after_the_other(bench: Bench) -> None:
    """A, then B, gives the bytes of A and B at once."""
    sources = (
        server("a, b"),
        server("a, b, x", vsn='"2"'),
        server("a, c", decided('{from, "2", [{drop, x}]}'), own("(_, S, _) -> {ok, S}"), vsn='"3"'),
    )
    request = asking(bench, *ALL, "downgrade convert_first.")
    both = injected(bench.inject(*sources, request=request))
    one_, two, new = written_beams(bench, 3)
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
    old, new = written_beams(bench)
    new.write_bytes(first)
    assert fresh == injected(library.inject(bench.helper, [old], new, asking(bench, "init c = 2.")))


def test_a_downgrade_by_the_own_function_first(bench: Bench) -> None:
    """`downgrade own_first.` holds, and stands in the beam for a later run without the file."""
    source = own("(_, {state, A, B}, _) -> {ok, {state, {own, A}, B}}", "(_, S, _) -> {ok, S}")
    old, new = server("a"), server("a, b = 0", source, vsn='"2"')
    request = asking(bench, "downgrade own_first.")
    beam = bench.install(old, new, request=request)
    assert bench.convert(DOWN, "{state,1,0}") == "{ok,{state,{own,1}}}"
    before, after = written_beams(bench)
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


# Files at whose end a statement about the state, or about a record inside it, needs something before it.
_ENDS = (
    (),
    ("migrate m.",),
    ("migrate m.", "record state."),
    ("migrate m.", "record state.", "record session.", "copy b."),
    ('migrate m from "1".', "record state.", "record session."),
)


@pytest.mark.parametrize("written", _ENDS)
@pytest.mark.parametrize("order", [1, -1])
def test_every_pasted_line_works_at_the_end_of_the_file(bench: Bench, written: tuple[str, ...], order: int) -> None:
    """Whatever the file says so far: one line after the other is pasted and settles its question."""
    old = holding("all :: [#session{}], legacy", "session, {a, b, gone}")
    new = holding("all :: [#session{}]", "session, {a, b}", vsn='"2"')
    text, asked = list(written), 2
    while asked:
        path = rules(bench, *text, head="% decisions")
        questions = [
            each for each in bench.preview(old, new, request=Request(rules=path)).diagnostics if each.code != "M504"
        ]
        assert [each.code for each in questions] == ["M301"] * asked
        text.append(questions[::order][0].help[-1])
        asked -= 1
    bench.install(old, new, request=Request(rules=rules(bench, *text, head="% decisions")))
    assert bench.convert(UP, "{state,[{session,1,2,3}],4}") == "{ok,{state,[{session,1,2}]}}"


def test_a_line_pasted_for_a_state_that_is_a_type(bench: Bench) -> None:
    """Where no record is the state, a new section leads back from a record inside it."""
    kept = "-type kept() :: {#state{}, #session{}}.\n-state_type(kept)."
    sources = [
        holding("all, gone", "session, {a, gone}").replace("-state_record(state).", kept),
        holding("all", "session, {a}", vsn='"2"').replace("-state_record(state).", kept),
    ]
    text = ["record session.", "copy a."]
    for left in (2, 1, 0):
        found = bench.preview(*sources, request=asking(bench, *text)).diagnostics
        questions = [each for each in found if each.severity != "info"]
        assert [each.code for each in questions] == ["M301"] * left
        text += [each.help[-1] for each in questions[-1:]]


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
        ("migrate m.\nrecord state.\ninit c = X.", "M125"),
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
