"""`verify` with native records (OTP 29): right migrations hold, each mistake in generated code is found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings

from migrator import library, otp
from migrator.pipeline import inject_planned
from migrator.render.erlang import render_erlang
from migrator.request import Request
from migrator.ruleset import Rules
from migrator.synthesise import synthesise
from migrator.verifying.findings import Trial
from migrator.verifying.subjects import subject_of
from migrator.verifying.verify import verify_planned
from tests.support.cases import codes, decided, own, server
from tests.support.laboratory import Laboratory
from tests.support.native import made, native
from tests.support.otp29 import erl29
from tests.support.samples import compile_sample, expected_of, request_of, samples
from tests.test_random_native import NEW_VSN, OLD_VSN, Edit, edits
from tests.test_verify_node import Made, Mutant, Stand, told

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from migrator.otp import Helper
    from migrator.verifying.findings import Verified
    from tests.support.cases import Bench
    from tests.support.node import Node

pytest_plugins = ["tests.support.bench29"]


@pytest.fixture
def bench(bench29: Bench) -> Bench:
    """The bench of OTP 29, for this file alone: a plugin's would be everyone's."""
    return bench29


FIELDS = (
    "name = <<>> :: binary(), users = [] :: [pid()], a = 0 :: integer(), b = 0 :: integer(), items = [] :: [#item{}], "
    "table = #{} :: #{atom() => #item{}}, seen :: sets:set(#item{}), legacy = none :: none | integer(), cache = none"
)
SEEN = "init(_) -> {ok, #state{seen = sets:new()}}."
OLD = native(FIELDS, "-record #item{key :: atom(), count = 0 :: integer()}.", SEEN)
NEW = native(
    FIELDS.replace("users", "clients").replace("legacy = none :: none | integer(), ", "") + ", limit = 50 :: integer()",
    "-record #item{key :: atom(), count = 0 :: integer(), size = 7 :: integer()}.",
    SEEN,
    decided("{rename, users, clients}", "{drop, legacy}", "{deep, cache}"),
    own("(_, State, _) -> {ok, State}"),
    vsn='"2"',
)


@pytest.fixture(scope="module")
def stand(helper29: Helper) -> Iterator[Stand]:
    """A throw-away node of OTP 29 beside its helper."""
    with otp.throw_away(erl29()) as node:
        yield Stand(helper29, node)


def migrated(bench: Bench, *sources: str) -> Made:
    """The migration between versions of a module, the newest one last, and what it is tried with."""
    planned = bench.preview(*sources)
    assert planned.plan is not None
    assert planned.new is not None
    assert [each for each in codes(planned) if each < "M400"] == [], planned.diagnostics
    (injected,) = inject_planned(bench.helper, [planned])
    assert injected.after is not None
    source = render_erlang(synthesise(planned.plan).functions)
    subject = subject_of(planned.plan, planned.olds[0], planned.new)
    return Made(planned.plan, subject, injected.before, injected.after, source)


def tried(bench: Bench, *sources: str, name: str = "m", trial: Trial | None = None) -> Verified:
    """What comes of the way from the old versions to the last of these sources."""
    *olds, new = bench.beams(*sources, name=name)
    chosen = trial or Trial(60, seed=1, erl=erl29())
    (verified,) = library.verify(bench.helper, olds, new, Request(), chosen)
    return verified


def test_every_native_sample_holds(helper29: Helper, node29: Node, tmp_path: Path) -> None:
    """The migration of each sample with native records does what its plan says, on all states that are tried."""
    planned, folders = [], []
    for sample in (each for each in samples() if each.native):
        expected = expected_of(node29, sample)
        beams = compile_sample(node29, sample, tmp_path / sample.name)
        olds = [beams[version] for version in sample.olds]
        planned += library.preview(helper29, olds, beams[sample.new], request_of(expected, sample))
        folders.append(beams[sample.new].parent)
    verified = verify_planned(helper29, planned, Trial(60, seed=1, erl=erl29()), Rules(), folders)
    assert len(verified) >= 3
    assert [each.diagnostics for each in verified if each.result != "holds"] == []


INNER = "key = Key,\n        count = Count\n"
MUTANTS = {
    "two fields swapped": Mutant((("a = A", "a = B"), ("b = B", "b = A")), "copied", "up", field="a"),
    "a field dropped": Mutant((("clients = Users,", "clients = [],"),), "renamed", "up", field="clients"),
    "a wrong default": Mutant((("clients = Users,", "clients = Users, limit = 49,"),), "default", "up", field="limit"),
    "not walked": Mutant((("'inside items 1 up of m'(Items)", "Items"),), "nested", "up", field="items"),
    "an inner default": Mutant(((INNER, "size = 8, " + INNER),), "default", "up", "item", "size"),
    "down swaps": Mutant((("{a, A}", "{a, B}"), ("{b, B}", "{b, A}")), "copied", "down", field="a"),
    "down gives another old default": Mutant((("{legacy, none}", "{legacy, 0}"),), "default", "down", field="legacy"),
    "down gives another access": Mutant((("is_exported => false", "is_exported => true"),), "shape", "down"),
    "down gives other fields": Mutant((("{legacy, none},", ""),), "shape", "down"),
    "down gives other names": Mutant((("{users, Clients}", "{clients, Clients}"),), "shape", "down"),
    "down leaves the new definition inside": Mutant(
        (("'inside table 2 down of m'(Table)", "Table"),), "nested", "down", field="table"
    ),
    "an unknown definition passes": Mutant(
        (("element(1, Definition) =:= m", "Definition =:= m"),), "not_refused", "foreign"
    ),
    "a name in the place of fields": Mutant(
        (("element(2, Definition), element(4, Definition)", "element(2, Definition), element(1, Definition)"),),
        "not_refused",
        "foreign",
    ),
    "the new state in Extra": Mutant((("(Extra, Old)", "(Extra, New)"),), "old_state", "extra"),
}


@pytest.fixture
def many(bench: Bench) -> Made:
    """One old version, with natives in a native state in many places."""
    return migrated(bench, OLD, NEW)


def test_a_right_migration_holds(stand: Stand, many: Made) -> None:
    """Nothing is found, and what is lost is said."""
    outcome = stand.run(many, states=300)
    assert told(outcome) == set()
    lost = {(each.direction, each.record, each.field) for each in outcome.lost}
    assert {("down", "state", "legacy"), ("up", "state", "limit"), ("up", "item", "size")} <= lost


@pytest.mark.parametrize("name", MUTANTS)
def test_a_mistake_in_generated_code_is_found(stand: Stand, many: Made, name: str) -> None:
    """Each kind of mistake is told by its kind, its direction and its place."""
    mutant = MUTANTS[name]
    outcome = stand.run(many, stand.mutant(many, *mutant.changes))
    assert mutant.about in told(outcome), told(outcome)


@dataclass(frozen=True)
class Turned:
    """A state that became native, or a native one that became a tuple; a mistake in each direction."""

    old: str
    new: str
    up: tuple[str, str]
    down: tuple[str, str]


TURNED = {
    "tuple to native": Turned(
        server("a = 0 :: integer(), b = 0 :: integer()"),
        native("a = 0 :: integer(), b = 0 :: integer(), c = 7", vsn='"2"'),
        ("a = A,\n", "a = -1 - A,\n"),
        ("{ok, {state, A, B}}", "{ok, {state, B, A}}"),
    ),
    "native to tuple": Turned(
        native("a = 0 :: integer(), b = 0 :: integer()"),
        server("a = 0 :: integer(), b = 0 :: integer(), c = 7", vsn='"2"'),
        ("a = A,\n", "a = -1 - A,\n"),
        ("{a, A}", "{a, B}"),
    ),
}


@pytest.mark.parametrize("name", TURNED)
def test_tuples_and_natives_become_each_other(stand: Stand, bench: Bench, name: str) -> None:
    """The right way holds; a wrong value is found, up and down."""
    turned = TURNED[name]
    right = migrated(bench, turned.old, turned.new)
    assert told(stand.run(right)) == set()
    up, down = (told(stand.run(right, stand.mutant(right, each))) for each in (turned.up, turned.down))
    assert ("copied", "up", "state", "a") in up
    assert ("copied", "down", "state", "a") in down


def test_natives_in_a_wrapper_hold_and_a_mistake_is_found(stand: Stand, bench: Bench) -> None:
    """A `-state_type` of native records, bare and wrapped, is tried too."""
    types = "-state_type(kept).\n-type kept() :: #state{} | {wrapped, #state{}, [#state{}]}."
    old, new = (
        native(fields, vsn=vsn).replace("-state_record(state).", types)
        for fields, vsn in (("a = 0 :: integer()", '"1"'), ("a = 0 :: integer(), b = 5 :: integer()", '"2"'))
    )
    right = migrated(bench, old, new)
    assert told(stand.run(right)) == set()
    wrong = stand.mutant(right, ("a = A\n", "a = A + 1\n"))
    assert ("copied", "up", "state", "a") in told(stand.run(right, wrong))


def test_natives_converted_by_hand_hold(bench: Bench) -> None:
    """A map that becomes a native record by hand: one of another definition is refused, and rightly so."""
    old = "-state_type(st).\n-type st() :: #{n := integer()}."
    before = server("n").replace("-record(state, {n}).\n-state_record(state).", old).replace("#state{}", "#{n => 1}")
    both = "-export([up/1, down/1]).\nup(#{n := N}) -> #state{n = N}.\ndown(#state{n = N}) -> #{n => N}."
    verified = tried(bench, before, native("n :: integer()", decided("{state, up, down}"), both, vsn='"2"'))
    assert ([each.message for each in verified.diagnostics if each.kind.exit], verified.result) == ([], "holds")


def test_any_edit_holds(helper29: Helper, node29: Node, tmp_path: Path) -> None:
    """Right migrations of all kinds hold: nothing is found that is none."""
    edits_made: list[Edit] = []

    @settings(max_examples=30, derandomize=True, database=None, deadline=None)
    @given(edit=edits())
    def collect(edit: Edit) -> None:
        edits_made.append(edit)

    collect()
    planned = []
    for number, edit in enumerate(edits_made):
        room = Laboratory("randomly", tmp_path / str(number), helper29, node29)
        room.folder.mkdir()
        old = room.compile(edit.old.source(OLD_VSN), "old")
        planned += library.preview(helper29, [old], room.compile(edit.new.source(NEW_VSN, edit.decisions), "new"))
    verified = verify_planned(helper29, planned, Trial(25, seed=1, erl=erl29()), Rules(), [])
    broken = [each.diagnostics for each in verified if each.result == "broken"]
    assert broken == []
    assert sum(each.result == "holds" for each in verified) > 15


def test_a_wrong_decision_shows_the_native_state(bench: Bench) -> None:
    """The smallest state is shown as Erlang shows it, and as a dump that gives it back."""
    doubled = "-export([up/1, down/1]).\nup(A) -> A / 1.\ndown(A) -> A."
    new = native("a = 0 :: integer()", decided("{convert, a, up, down}"), doubled, vsn='"2"')
    verified = tried(bench, native("a = 0 :: integer()"), new)
    (wrong,) = [each for each in verified.diagnostics if each.code == "M631"]
    assert wrong.help[0].startswith("#m:state{a = 0}   % the smallest such state")
    assert wrong.help[1].startswith("echo g")


def test_given_states_are_told_apart(bench: Bench) -> None:
    """Dumps of native states are taken for what their definitions tell; one that no version has is refused."""
    states = (made("state", a="1"), made("state", a="1", b="2"), made("state", a="1", c="3"), "{1, 2}")
    files = []
    for number, state in enumerate(states):
        path = bench.folder / f"{number}.state"
        bench.eval(f'file:write_file("{path}", term_to_binary({state}))')
        files.append(path)
    trial = Trial(1, seed=1, given=tuple(files), erl=erl29())
    verified = tried(bench, native("a"), native("a, b = 5", vsn='"2"'), trial=trial)
    counts = verified.tried[0].outcome.counts
    assert (counts.given_old, counts.given_new, counts.given_foreign) == (1, 1, 2)
    assert [each.place for each in verified.diagnostics if each.code == "M653"] == [str(each) for each in files[2:]]


def test_several_modules_of_a_release_are_tried(bench: Bench) -> None:
    """The folder of the first lies on the code path when the second is tried, which keeps its name all the same."""
    planned, folders = [], []
    for name in ("one", "two"):
        sources = (native("a"), native("a, b = 5", vsn='"2"'))
        old, new = bench.beams(*(each.replace("-module(m).", f"-module({name}).") for each in sources), name=name)
        planned += library.preview(bench.helper, [old], new)
        folders.append(new.parent)
    verified = verify_planned(bench.helper, planned, Trial(20, seed=1, erl=erl29()), Rules(), folders)
    assert [each.result for each in verified] == ["holds", "holds"]


def test_a_module_that_the_node_needs_is_not_tried(bench: Bench) -> None:
    """Native records keep the name of their module, so that it cannot be tried under another one."""
    old, new = (native(fields, vsn=vsn) for fields, vsn in (("a", '"1"'), ("a, b = 5", '"2"')))
    sources = (each.replace("-module(m).", "-module(queue).") for each in (old, new))
    verified = tried(bench, *sources, name="queue")
    assert (verified.result, [each.code for each in verified.diagnostics if each.kind.exit]) == ("untried", ["M464"])
