"""Old versions that another OTP compiled, and what later releases brought into the language and into beams."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from migrator import library
from migrator.diagnostics import Refused
from migrator.lockfile import merged, text_of
from migrator.locks import locked_release
from migrator.request import Request
from migrator.terms import Atom
from tests.support.cases import built, chunks, injected, refused, rewrite, run

if TYPE_CHECKING:
    from migrator.terms import Term
    from tests.support.cases import Bench

pytest_plugins = ["tests.support.bench"]

DATA = Path(__file__).parent / "data"
MADE_BY = (23, 27, 29)
ALLOWED = Request(allow=frozenset({"drop"}))

# Any OTP compiles it.
NEW = """
-module(m).
-behaviour(gen_server).
-vsn("new").
-export([init/1, handle_call/3, handle_cast/2, ready/0]).
-record(item, {key :: binary(), hits = 0 :: non_neg_integer(), seen = false :: boolean()}).
-record(state, {name = <<"shop">> :: binary(), items = [] :: [#item{}], more = 5 :: integer()}).
-state_record(state).
init([]) -> {ok, #state{items = [#item{key = <<"k">>}]}}.
handle_call(get, _, S) -> {reply, S, S}.
handle_cast(_, S) -> {noreply, S}.
ready() -> ok.
"""
FEATURE = "-feature(maybe_expr, enable).\n-behaviour"
ITEMS = '[{item,<<"k">>,1}]'
UP = '{ok,{state,<<"s">>,[{item,<<"k">>,1,false}],5}}'
STATES = {
    23: f'{{state,<<"s">>,{ITEMS},x}}',
    27: f'{{state,<<"s">>,{ITEMS},x,x,x,x}}',
    29: f'{{state,<<"s">>,{ITEMS},x,x,x,x,#{{a => 1}},x,x}}',
}
# The old defaults, and the first OTP that can compile them.
DEFAULTS = {
    23: (("sets:from_list([a])", 0),),
    27: (
        ('"two\\n  lines"', 0),
        ('<<"\\\\s\\\\d">>', 0),
        ("#{a => 1}", 26),
        ("1", 0),
    ),
    29: (
        ("0", 0),
        ("[{1,3},{2,4}]", 28),
        ("[1]", 28),
        ("<<1,2>>", 28),
        ("#{a => 1}", 28),
        ("[1,-1,2,-2]", 29),
        ("#{1 => 1,{1} => 2}", 29),
    ),
}


def made_by(otp: int) -> Path:
    """The beam that this OTP compiled."""
    return DATA / f"otp{otp}" / "m.beam"


def running(bench: Bench) -> int:
    """The OTP of the tests."""
    return int(bench.helper.hello().otp)


def later_than(running_: int, otp: int) -> list[str]:
    """The defaults of that beam that only a later OTP than the running one can compile."""
    return [text for text, first in DEFAULTS[otp] if first > running_]


def install(bench: Bench, old: Path) -> bytes:
    """The new version with its migration from that old one, loaded into the node."""
    beam = injected(library.inject(bench.helper, [old], bench.compile(NEW, "new"), ALLOWED))
    bench.node.load("m", beam)
    return beam


@pytest.mark.parametrize("otp", MADE_BY)
def test_states_of_a_beam_that_another_otp_compiled(bench: Bench, otp: int) -> None:
    """Its states are converted up, nested records too."""
    install(bench, made_by(otp))
    assert bench.convert(f'"{otp}"', STATES[otp]) == UP


@pytest.mark.parametrize("otp", MADE_BY)
def test_defaults_of_a_beam_that_another_otp_compiled(bench: Bench, otp: int) -> None:
    """On the way down its defaults are evaluated, in whatever syntax; what only a later OTP can compile is told."""
    old = made_by(otp)
    (planned,) = library.preview(bench.helper, [old], bench.compile(NEW, "new"), ALLOWED)
    later = later_than(running(bench), otp)
    told = [each.message for each in planned.diagnostics if each.code == "M404"]
    assert len(later) == len([each for each in told if "only a later OTP can compile that" in each])
    install(bench, old)
    values = ["undefined" if first > running(bench) else bench.eval(text) for text, first in DEFAULTS[otp]]
    assert (
        bench.convert(f'{{down, "{otp}"}}', '{state,<<"s">>,[],7}') == f'{{ok,{{state,<<"s">>,[],{",".join(values)}}}}}'
    )


@pytest.mark.parametrize("otp", MADE_BY)
def test_a_default_of_a_later_otp_is_a_decision(bench: Bench, otp: int) -> None:
    """Without leave such a default is M306, and its text is the source's."""
    (planned,) = library.preview(bench.helper, [made_by(otp)], bench.compile(NEW, "new"), Request())
    messages = [each.message for each in planned.diagnostics if each.code == "M306"]
    shown = [each for each in messages if "only a later OTP can compile that" in each]
    assert len(shown) == len(later_than(running(bench), otp))
    assert not [each for each in messages if "INVALID" in each or "{lc," in each]
    if otp == 29 and running(bench) < 28:
        assert "[{A, B} || A <- [1, 2] && B <- [3, 4]]" in shown[0]
        assert "[X, -X || X <- [1, 2]]" in shown[4]


@pytest.mark.parametrize("otp", MADE_BY)
def test_a_lock_of_a_beam_that_another_otp_compiled(bench: Bench, otp: int) -> None:
    """A lock of it serves like the beam; of one that this OTP cannot read none is made."""
    old, new = made_by(otp), bench.compile(NEW, "new")
    if later_than(running(bench), otp):
        with pytest.raises(Refused) as caught:
            locked_release(bench.helper, old, Request())
        assert [each.code for each in caught.value.diagnostics] == ["M208"]
        return
    lock = bench.folder / "m.lock"
    lock.write_text(text_of(merged([], locked_release(bench.helper, old, Request()).entries)), encoding="utf-8")
    by_beam, by_lock = (injected(library.inject(bench.helper, [each], new, ALLOWED)) for each in (old, lock))
    assert by_beam == by_lock


@pytest.mark.parametrize("otp", MADE_BY)
def test_a_new_version_that_another_otp_compiled(bench: Bench, otp: int) -> None:
    """An Erlang of another release than the new beam's is refused by name, with exit 5."""
    if otp == running(bench):
        pytest.skip("it is this very OTP")
    new = bench.folder / "new.beam"
    new.write_bytes(made_by(otp).read_bytes())
    said = refused(bench, "M202", 5, bench.compile(NEW, "old"), new, "--allow", "drop")
    assert f"compiled by OTP {otp}, and this Erlang is OTP {running(bench)}" in said


@pytest.mark.parametrize("otp", [otp for otp in MADE_BY if otp >= 27])
def test_the_language_of_a_later_otp(bench: Bench, otp: int) -> None:
    """A new version in the syntax of its OTP takes a migration, which is proved, and comes out of it byte for byte."""
    if otp > running(bench):
        pytest.skip(f"it takes OTP {otp} to compile it")
    source = (DATA / f"otp{otp}" / "m.erl").read_text(encoding="utf-8")
    grown = source.replace('-vsn("', '-vsn("1').replace("hits = 0", "hits = 0 :: integer(), seen = false")
    old, new = bench.compile(source, "old"), bench.compile(grown, "new")
    assert bench.helper.call((Atom("compare_code"), new.read_bytes()), 60.0) == Atom("same")
    before = new.read_bytes()
    after = injected(library.inject(bench.helper, [old], new))
    new.write_bytes(after)
    assert injected(library.inject(bench.helper, [old], new)) == after
    bench.node.load("m", after)
    state = STATES[otp]
    assert bench.convert(f'"{otp}"', state) == f"{{ok,{state.replace(ITEMS, ITEMS.replace('1}', '1,false}'))}}}"
    assert bench.convert(f'{{down, "{otp}"}}', state.replace("1}]", "1,true}]")) == f"{{ok,{state}}}"
    assert library.eject(bench.helper, new).after == before


@pytest.mark.parametrize("command", ["scan", "inspect", "check", "lock"])
@pytest.mark.parametrize("otp", MADE_BY)
def test_commands_that_only_read(bench: Bench, otp: int, command: str) -> None:
    """They read a beam of any OTP; but no lock is made of what this OTP cannot read."""
    given = [made_by(otp), bench.compile(NEW, "new")] if command == "check" else [made_by(otp)]
    done = run(command, *given)
    refused_ = command == "lock" and later_than(running(bench), otp)
    assert re.findall(r"error\[(M...)", done.stderr) == (["M208"] if refused_ else []), done.stderr
    assert done.returncode == (5 if refused_ else 1 if command == "check" else 0)


@pytest.mark.parametrize("otp", MADE_BY)
def test_a_release_of_another_otp(bench: Bench, otp: int) -> None:
    """The hook and appups, from a release that another OTP built."""
    for vsn, beam in (("1", made_by(otp)), ("2", bench.compile(NEW, "new"))):
        ebin = bench.folder / f"release-{vsn}" / "lib" / f"app-{vsn}" / "ebin"
        ebin.mkdir(parents=True)
        (ebin / "m.beam").write_bytes(beam.read_bytes())
        (ebin / "app.app").write_text(f'{{application, app, [{{vsn, "{vsn}"}}, {{modules, [m]}}]}}.\n')
    releases = bench.folder / "release-1", bench.folder / "release-2"
    hooked, written = run("hook", "--allow", "drop", *releases), run("appup", *releases)
    assert [(0, "1 injected" in hooked.stdout + hooked.stderr), (0, True)] == [
        (hooked.returncode, True),
        (written.returncode, "{update, m, {advanced, []}" in written.stdout),
    ], hooked.stderr + written.stderr


def test_annotations_of_otp_21(bench: Bench) -> None:
    """A beam of OTP 21, whose compiler called itself 7.2, is read, and named as what it is."""
    path = bench.folder / "m.beam"
    path.write_bytes(made_by(23).read_bytes())
    rewrite(bench, path, "CInf", 'lists:keystore(version, 1, Term, {version, "7.2"})')
    install(bench, path)
    assert bench.convert('"23"', STATES[23]) == UP
    assert "compiled by OTP 21" in refused(bench, "M202", 5, bench.compile(NEW, "old"), path, "--allow", "drop")


def test_abstract_code_before_otp_20(bench: Bench) -> None:
    """A beam whose abstract code has a chunk of its own, and whose atoms are in Latin-1, is read."""
    path = bench.folder / "m.beam"
    parts = dict(chunks(made_by(23).read_bytes()))
    (bench.folder / "dbgi").write_bytes(parts.pop("Dbgi"))
    bench.eval(
        f'{{ok, B}} = file:read_file("{bench.folder}/dbgi"), {{_, _, {{Forms, _}}}} = binary_to_term(B),'
        f'file:write_file("{bench.folder}/abst", term_to_binary({{raw_abstract_v1, Forms}}))'
    )
    abstract = (bench.folder / "abst").read_bytes()
    named = [("Atom" if name == "AtU8" else name, content) for name, content in parts.items()]
    path.write_bytes(built([*named, ("Abst", abstract)]))
    install(bench, path)
    assert bench.convert('"23"', STATES[23]) == UP


@pytest.mark.parametrize("word", ["maybe", "else"])
def test_an_atom_that_a_later_otp_reserves(bench: Bench, word: str) -> None:
    """In a lock it is quoted, so that the next OTP can read it."""
    source = NEW.replace('"new"', '"old"').replace("more = 5 :: integer()", f"more = '{word}' :: '{word}' | integer()")
    old, new = bench.compile(source, "old"), bench.compile(NEW.replace("more = 5", "most = 1, more = 5"), "new")
    lock = bench.folder / "m.lock"
    lock.write_text(text_of(merged([], locked_release(bench.helper, old, Request()).entries)), encoding="utf-8")
    assert f"more = '{word}' :: '{word}' | integer()" in lock.read_text(encoding="utf-8")
    allowed = Request(allow=frozenset({"retype"}))
    by_beam, by_lock = (injected(library.inject(bench.helper, [each], new, allowed)) for each in (old, lock))
    assert by_beam == by_lock


def test_a_feature_that_reserves_words(bench: Bench) -> None:
    """An old default in the syntax of a feature is evaluated by a new module that does without the feature."""
    if running(bench) < 25:
        pytest.skip("it takes OTP 25 to have features")
    extra = ", old = maybe ok ?= ready(), {'maybe', 'else'} else _ -> 2 end}"
    source = NEW.replace('"new"', '"old"').replace(" :: integer()}).\n-state", f" :: integer(){extra}).\n-state")
    install(bench, bench.compile(source.replace("-behaviour", FEATURE), "old"))
    quote = "'" if running(bench) > 26 else ""
    down = bench.convert('{down, "old"}', '{state,<<"s">>,[],7}')
    assert f'{{ok,{{state,<<"s">>,[],7,{{{quote}maybe{quote},{quote}else{quote}}}}}}}' == down


def test_a_new_version_with_a_feature(bench: Bench) -> None:
    """It is compiled with its feature again, and comes out of the migration byte for byte."""
    if running(bench) < 25:
        pytest.skip("it takes OTP 25 to have features")
    uses = "ready() -> maybe ok ?= self(), 1 else _ -> ok end."
    new = bench.compile(NEW.replace("-behaviour", FEATURE).replace("ready() -> ok.", uses), "new")
    before = new.read_bytes()
    new.write_bytes(injected(library.inject(bench.helper, [made_by(23)], new, ALLOWED)))
    assert new.read_bytes() != before
    assert library.eject(bench.helper, new).after == before


def test_children_of_a_comprehension_of_a_later_otp(bench: Bench) -> None:
    """The children of a supervisor are told where they come from a strict generator, several at a time."""
    if running(bench) < 29:
        pytest.skip("it takes OTP 29 to compile it")
    children = "[#{id => X, start => {a, b, []}}, #{id => {X}, start => {a, b, []}} || X <:- [1, 2]]"
    source = f"-module(m).\n-export([init/1]).\ninit([]) -> {{ok, {{#{{}}, {children}}}}}.\n"
    beam = bench.compile(source, "sup").read_bytes()
    asked: Term = (Atom("supervised"), [(Atom("m"), beam)], [(Atom("m"), Atom("init"), [[]])])
    match bench.helper.call(asked, 60.0):
        case [(Atom("children"), _, (_, found, [], []))]:
            assert [child[0] for _, child in found] == [1, (1,), 2, (2,)]  # type: ignore[index,union-attr,misc]
        case other:
            pytest.fail(f"not all is known: {other!r}")


def test_the_helper_compiles_without_a_warning(tmp_path: Path) -> None:
    """On whatever OTP this runs."""
    sources = sorted((Path(__file__).parents[1] / "erlang_helpers").glob("*.erl"))
    command = ["erlc", "-Wall", "-Werror", "-o", str(tmp_path), *map(str, sources)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")
