"""`verify`: every sample holds on generated states, what is wrong is found, and its place is told."""

from __future__ import annotations

import json
import os
import re
import shutil
from typing import TYPE_CHECKING

import pytest

from migrator import library
from migrator.render.verified import render_standing, render_verified, verified_json
from migrator.request import Request
from migrator.ruleset import Rules
from migrator.verifying.findings import Trial, Verified
from migrator.verifying.verify import verify_planned
from tests.support.cases import Bench, decided, own, run, server
from tests.support.samples import compile_sample, expected_of, request_of, samples

if TYPE_CHECKING:
    from pathlib import Path

    from migrator.diagnostics import Diagnostic
    from migrator.otp import Helper
    from tests.support.node import Node

pytest_plugins = ["tests.support.bench"]

# How many states of each sample: a thousand and more by `MIGRATOR_VERIFY_STATES=1000`.
STATES = int(os.environ.get("MIGRATOR_VERIFY_STATES", "40"))


def test_every_sample_holds(helper: Helper, node: Node, tmp_path: Path) -> None:
    """The migration of each sample does what its plan says, on all states that are tried; native records are not."""
    planned, folders = [], []
    for sample in (each for each in samples() if not each.native):
        expected = expected_of(node, sample)
        beams = compile_sample(node, sample, tmp_path / sample.name)
        olds = [beams[version] for version in sample.olds]
        planned += library.preview(helper, olds, beams[sample.new], request_of(expected, sample))
        folders.append(beams[sample.new].parent)
    verified = verify_planned(helper, planned, Trial(STATES, seed=1), Rules(), folders)
    assert [_told(each) for each in verified if each.result != "holds"] == []


def _told(verified: Verified) -> list[str]:
    return [f"{each.code} {each.message}" for each in verified.diagnostics if each.kind.exit] or [verified.result]


SIXTY = Trial(60, seed=1)


def tried(bench: Bench, *sources: str, trial: Trial = SIXTY, request: Request | None = None) -> Verified:
    """What comes of the way from the old versions to the last of these sources."""
    *olds, new = bench.beams(*sources)
    (verified,) = library.verify(bench.helper, olds, new, request or Request(), trial)
    return verified


def found(verified: Verified) -> list[Diagnostic]:
    """What it says that ends the command with 1."""
    return [each for each in verified.diagnostics if each.kind.exit == 1]


def test_a_state_converted_by_hand_is_refused_in_an_unknown_size(bench: Bench) -> None:
    """A map that becomes a record: tuples of the record's tag and another size are refused, and rightly so."""
    map_first = server("n", vsn='"1"').replace("-record(state, {n}).\n-state_record(state).", "-state_type(st).")
    old = map_first.replace("init(_)", "-type st() :: #{n := integer()}.\ninit(_)").replace("#state{}", "#{n => 1}")
    both = "-export([up/1, down/1]).\nup(#{n := N}) -> #state{n = N}.\ndown(#state{n = N}) -> #{n => N}."
    verified = tried(bench, old, server("n :: integer()", decided("{state, up, down}"), both, vsn='"2"'))
    assert ([each.message for each in found(verified)], verified.result) == ([], "holds")


# --- what decisions do wrong ---

SECONDS = "-export([up/1, down/1]).\nup(S) -> S * 1000.\ndown(M) -> M div 1000."


def test_a_function_that_makes_another_type_is_found_with_its_line(bench: Bench) -> None:
    """No multiple of 1000 is missed: 999 becomes 0 on the way back, which is no positive number."""
    old = server("ttl = 60 :: pos_integer()", vsn='"1"')
    new = server("ttl = 60 :: pos_integer()", decided("{convert, ttl, up, down}"), SECONDS, vsn='"2"')
    (wrong,) = found(tried(bench, old, new))
    line = new.splitlines().index(decided("{convert, ttl, up, down}")) + 1
    assert (wrong.code, wrong.place) == ("M631", f"{bench.folder}/v2/m.erl:{line}")
    assert wrong.help[0].startswith("{state,1}.")


def test_a_function_that_fails_is_found(bench: Bench) -> None:
    """The type admits an atom of which the function does not know; that is the smallest state."""
    old = server("ttl = 60 :: integer() | infinity", vsn='"1"')
    new = server("ttl = 60 :: integer() | infinity", decided("{convert, ttl, up, down}"), SECONDS, vsn='"2"')
    wrong = found(tried(bench, old, new))
    assert {each.code for each in wrong} == {"M638"}
    assert {each.help[0].split(".")[0] for each in wrong} == {"{state,infinity}"}


def test_a_place_in_a_decisions_file_has_its_column(bench: Bench) -> None:
    """What a statement of a file does wrong is told with the file's line and column."""
    rules = bench.folder / "m.migration"
    rules.write_text("migrate m.\nrecord state.\nconvert ttl = Value / 1 down Value.\n", encoding="utf-8")
    old, new = (server("ttl = 60 :: integer()", vsn=vsn) for vsn in ('"1"', '"2"'))
    wrong = found(tried(bench, old, new, request=Request(rules=rules)))
    assert ("M631", f"{rules}:3:1") in [(each.code, each.place) for each in wrong]


def test_a_function_of_an_untyped_field_only_warns(bench: Bench) -> None:
    """Nobody says that the field can hold what the function does not take."""
    old = server("ttl", vsn='"1"')
    new = server("ttl", decided("{convert, ttl, up, down}"), SECONDS, vsn='"2"')
    verified = tried(bench, old, new)
    assert (found(verified), "M651" in [each.code for each in verified.diagnostics]) == ([], True)


GUESSED = "-export([up/1, down/1]).\nup(S) when S < 100 -> S * 1000.\ndown(M) -> M div 1000."


def test_what_only_warns_is_no_finding_in_the_last_line(bench: Bench) -> None:
    """A function does not take what was guessed of an untyped field: the way holds, and the line says with what."""
    old = server("ttl = 60", vsn='"1"')
    verified = tried(bench, old, server("ttl = 60", decided("{convert, ttl, up, down}"), GUESSED, vsn='"2"'))
    (line, *_) = render_verified(verified).splitlines()
    (way,) = verified_json(verified)["from"]
    assert [(each["code"], each["severity"]) for each in way["findings"]] == [("M651", "warning")]
    assert (verified.result, found(verified), way["result"]) == ("holds", [], "holds")
    assert re.sub(r" \(.*", "", line) == 'm: "1" <-> "2": holds, with 1 warning'


def test_findings_and_warnings_are_counted_apart(bench: Bench) -> None:
    """Of several ways each has its own count, and the sum says all of them once."""
    fields = "ttl = 60, left = 1 :: integer() | none"
    both = f"{GUESSED}\n-export([more/1, less/1]).\nmore(N) when is_integer(N) -> N + 1.\nless(N) -> N - 1."
    decisions = decided("{convert, ttl, up, down}, {convert, left, more, less}")
    news = server("ttl = 60, left = 1 :: integer()", decisions, both, vsn='"3"')
    verified = tried(
        bench,
        server(fields, vsn='"1"'),
        server(f"{fields}, more", vsn='"2"'),
        news,
        request=Request(allow=frozenset({"drop"})),
    )
    lines = [re.sub(r" \(.*", "", line) for line in render_verified(verified).splitlines() if line.startswith("m:")]
    assert lines == [f'm: "{vsn}" <-> "3": 1 finding and 1 warning' for vsn in "12"]
    assert render_standing([verified]).splitlines()[0] == "1 module: 1 does not hold; 2 findings, 2 warnings and 1 note"


def test_the_sum_of_several_modules_counts_each(bench: Bench) -> None:
    """A module that holds, one whose state is the same, and one of which nothing was found but a warning."""
    pairs = {
        "holds": (
            server("n = 1 :: integer()", name="holds"),
            server("n = 1 :: integer(), m = 2", vsn='"2"', name="holds"),
        ),
        "same": (server("n", name="same"), server("n", vsn='"2"', name="same")),
    }
    for name, sources in pairs.items():
        bench.beams(*sources, name=name)
    verified = library.verify(bench.helper, [bench.folder / "v1"], bench.folder / "v2", Request(), SIXTY)
    assert render_standing(verified).splitlines()[0] == "2 modules: 1 holds and 1 was not tried"


def test_code_that_ends_the_node_is_told(bench: Bench) -> None:
    """A function that halts ends the throw-away node, which is found and not taken for a fault of the machine."""
    old = server("a", vsn='"1"')
    new = server("a, b", decided("{init, b, stop}"), "-export([stop/0]).\nstop() -> halt().", vsn='"2"')
    verified = tried(bench, old, new)
    assert ([each.code for each in found(verified)], verified.result) == (["M640"], "broken")


def test_an_undecided_module_is_not_tried(bench: Bench) -> None:
    """Where a person must decide first, that is what is said."""
    verified = tried(bench, server("a, b", vsn='"1"'), server("a", vsn='"2"'))
    assert (verified.result, verified.tried) == ("untried", ())
    assert "M301" in [each.code for each in verified.diagnostics]


# --- what generated code could do wrong ---

COPIES = '{a,{copy,a}},{b,{default,<<"0">>}}'
UP = "code_change(_, {state, A}, _) -> {ok, {state, A, 0}};"
DOWN = (
    "code_change({down, _}, {state, A, _}, _) -> {ok, {state, A}};\n"
    "code_change({down, _}, {state, A}, _) -> {ok, {state, A}};"
)
REST = (
    "code_change(_, S, _) when element(1, S) =:= state, tuple_size(S) =/= 2, tuple_size(S) =/= 3 ->"
    " {error, {state_migration, {unknown_shape, state, tuple_size(S)}}};\ncode_change(_, S, _) -> {ok, S}."
)


def edited(*clauses: str) -> str:
    """A new version that says it carries the very migration, with these clauses in the place of those generated."""
    migration = f'{{from,"1",{{state,state,[a],[{COPIES}],[],[{{a,{{copy,a}}}}]}},[],generated}}'
    head = '{migrator,1},{file,<<"m.migration.erl">>},{renamed,[]},{exported,[{code_change,3}]},{record,state}'
    return (
        f"-module(m).\n-export([code_change/3]).\n-state_migrated([{head},{migration}]).\n"
        '-behaviour(gen_server).\n-vsn("2").\n-export([init/1, handle_call/3, handle_cast/2]).\n'
        "-record(state, {a, b = 0}).\n-state_record(state).\ninit(_) -> {ok, #state{}}.\n"
        "handle_call(_, _, S) -> {reply, S, S}.\nhandle_cast(_, S) -> {noreply, S}.\n"
        '-file("m.migration.erl", 1).\n' + "\n".join(clauses) + "\n"
    )


def test_the_bytes_that_are_there_are_tried(bench: Bench) -> None:
    """A beam that carries the very migration is tried as it is, and holds where it is right."""
    verified = tried(bench, server("a", vsn='"1"'), edited(DOWN, UP, REST))
    assert (_told(verified), verified.result) == (["holds"], "holds")


WRONG = {
    "a wrong default": ([DOWN, UP.replace("A, 0", "A, 1"), REST], {"M630"}),
    "a lost field": ([DOWN, UP.replace("{state, A, 0}", "{state, x, 0}"), REST], {"M630"}),
    "a wrong tag": ([DOWN, UP.replace("{ok, {state", "{ok, {stat"), REST], {"M633"}),
    "a field too many": ([DOWN, UP.replace("A, 0}", "A, 0, 0}"), REST], {"M633"}),
    "no way down": ([UP, REST], {"M633"}),
    "a wrong value down": (
        [DOWN.replace("_}, _) -> {ok, {state, A}", "_}, _) -> {ok, {state, x}"), UP, REST],
        {"M630"},
    ),
    "an error": ([DOWN, "code_change(_, {state, _}, _) -> {error, no};", REST], {"M636"}),
    "an exception": ([DOWN, "code_change(_, {state, _}, _) -> exit(no);", REST], {"M638"}),
    "a new state that is changed": (
        [DOWN, UP, "code_change(_, {state, A, _}, _) -> {ok, {state, A, 7}};", REST],
        {"M635"},
    ),
    "an unknown size that is taken": ([DOWN, UP, "code_change(_, S, _) -> {ok, S}."], {"M637"}),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_code_is_found(name: str, bench: Bench) -> None:
    """Each way in which generated code can be wrong has its code, and a state that shows it."""
    clauses, wanted = WRONG[name]
    wrong = found(tried(bench, server("a", vsn='"1"'), edited(*clauses)))
    assert wanted <= {each.code for each in wrong}
    assert all(each.place.startswith(f"{bench.folder}/") and each.help for each in wrong)


# --- states that are given, and what the command says ---


@pytest.fixture
def beams(bench: Bench) -> list[Path]:
    """A pair that holds for integers, and fails for what else may come."""
    old = server("ttl = 60 :: integer(), rest", vsn='"1"')
    return bench.beams(
        old, server("ttl = 60 :: integer(), rest", decided("{convert, ttl, up, down}"), SECONDS, vsn='"2"')
    )


def test_given_states_are_tried(bench: Bench, beams: list[Path]) -> None:
    """Terms in a file and a dump with a pid, a fun and a map in it are tried as they are; of no version is told."""
    terms, dump = bench.folder / "states.terms", bench.folder / "dump.bin"
    terms.write_text("{state, 7, #{a => 'b c'}}.\n{state, 1}.\n", encoding="utf-8")
    bench.eval(f'file:write_file("{dump}", term_to_binary({{state, foo, {{self(), fun lists:sort/1, #{{}}}}}}))')
    trial = Trial(0, seed=1, given=(terms, dump))
    (verified,) = library.verify(bench.helper, beams[:1], beams[1], Request(), trial)
    counts = verified.tried[0].outcome.counts
    assert (counts.given_old, counts.given_foreign) == (2, 1)
    assert [each.place for each in verified.diagnostics if each.code == "M653"] == [f"{terms}:2:1"]
    (failed,) = found(verified)
    assert failed.code == "M638"


def test_the_command_says_it_in_text_and_json(beams: list[Path]) -> None:
    """Exit 0 with what was tried and what is not shown; the JSON has every key of the page."""
    arguments = ("verify", "--states", "50", "--seed", "7", *beams)
    said, shown = run(*arguments), run(*arguments, "--format", "json")
    assert (said.returncode, shown.returncode) == (0, 0), said.stderr + shown.stderr
    assert 'm: "1" <-> "2": holds (' in said.stdout
    assert "not shown: what up/1 and down/1 mean" in said.stdout
    told = json.loads(shown.stdout)
    assert (told["result"], told["seed"], told["verdict"]) == ("holds", 7, "migrate")
    assert " ".join(told) == "module record verdict result seed seconds from diagnostics"
    assert " ".join(told["from"][0]) == "vsn state states calls skipped given result lossless lost not_shown findings"


def test_two_releases_are_one_list(bench: Bench, beams: list[Path]) -> None:
    """Of two folders the JSON is a list; what is found in one module ends the command with 1."""
    source = server("x = 1 :: integer() | a", vsn='"1"', name="n")
    other = server("x = 1 :: integer() | a", decided("{convert, x, up, down}"), SECONDS, vsn='"2"', name="n")
    for folder, text in zip(("v1", "v2"), (source, other), strict=True):
        bench.compile(text, folder, name="n")
    done = run("verify", "--format", "json", "--states", "30", beams[0].parent, beams[1].parent)
    assert done.returncode == 1, done.stderr
    assert [(each["module"], each["result"]) for each in json.loads(done.stdout)] == [("m", "holds"), ("n", "broken")]


def test_a_seed_repeats_a_run(bench: Bench) -> None:
    """The same seed finds the same states."""
    old = server("ttl = 60 :: integer() | {a, atom()}", vsn='"1"')
    new = server("ttl = 60 :: integer() | {a, atom()}", decided("{convert, ttl, up, down}"), SECONDS, vsn='"2"')
    first, second = (verified_json(tried(bench, old, new))["from"] for _ in range(2))
    assert first[0]["findings"]
    assert first == second


def test_a_file_without_states_is_refused(bench: Bench, beams: list[Path]) -> None:
    """Nothing is tried where a file of states holds none, or what text cannot say."""
    path = bench.folder / "none.terms"
    for text in ("% nothing\n", "{state, fun lists:sort/1, 1}.\n"):
        path.write_text(text, encoding="utf-8")
        done = run("verify", "--state", path, *beams)
        assert (done.returncode, done.stdout) == (4, "")
        assert "error[M650]" in done.stderr


def test_a_beam_injected_from_several_versions_is_tried_from_each(bench: Bench) -> None:
    """The bytes that a release has are tried, with the migrations of all its old versions in them."""
    sources = [server("a", vsn='"1"'), server("a, b = 0", vsn='"2"'), server("a, b = 0, c = 1", vsn='"3"')]
    *olds, new = bench.beams(*sources)
    library.write(library.inject(bench.helper, olds, new).injected)
    before = new.read_bytes()
    for given in (olds, olds[:1]):
        (verified,) = library.verify(bench.helper, given, new, Request(), Trial(40, seed=1))
        assert (verified.result, len(verified.tried)) == ("holds", len(given)), _told(verified)
    assert new.read_bytes() == before


def test_the_own_function_does_not_run(bench: Bench) -> None:
    """What the module's own code_change does (it would end the node) is neither run nor judged, and that is said."""
    old = server("a", vsn='"1"')
    new = server("a, b = 0", own("(_, S, _) -> halt(), {ok, S}"), vsn='"2"')
    verified = tried(bench, old, new)
    assert verified.result == "holds", _told(verified)
    assert any("code_change/3" in each for each in verified.tried[0].unshown)


def test_a_decisions_function_may_call_what_lies_beside(bench: Bench) -> None:
    """The folder of NEW is on the code path: the function works as it would in the release."""
    up = "-export([up/1, down/1]).\nup(A) -> other:twice(A).\ndown(A) -> A div 2."
    olds = bench.beams(server("a = 1 :: integer()", vsn='"1"'))
    new = bench.compile(server("a = 1 :: integer()", decided("{convert, a, up, down}"), up, vsn='"2"'), "v2")
    for module in ("twice(A) -> 2 * A.", "twice(A) -> [A]."):
        bench.compile(f"-module(other).\n-export([twice/1]).\n{module}\n", "v2", name="other")
        (verified,) = library.verify(bench.helper, olds, new, Request(), SIXTY)
        assert ("M631" in _told(verified)[0]) == ("2 *" not in module), _told(verified)
        assert verified.result == ("holds" if "2 *" in module else "broken")


def test_on_load_does_not_run(bench: Bench) -> None:
    """A module's -on_load is left out of what is tried."""
    mark = bench.folder / "mark"
    loads = f'-on_load(mark/0).\nmark() -> file:write_file("{mark}", <<>>).'
    verified = tried(bench, server("a", vsn='"1"'), server("a, b = 0", loads, vsn='"2"'))
    assert (verified.result, mark.exists()) == ("holds", False), _told(verified)


def test_a_lock_stands_for_the_old_version(bench: Bench) -> None:
    """What is known of an old version from a lock is enough to make its states."""
    old, new = bench.beams(server("a :: integer()", vsn='"1"'), server("a :: integer(), b = 0", vsn='"2"'))
    lock = bench.folder / "states.lock"
    assert run("lock", old, "-o", lock).returncode == 0
    shutil.rmtree(old.parent)
    (verified,) = library.verify(bench.helper, [lock], new, Request(), Trial(40, seed=1))
    assert verified.result == "holds", _told(verified)
