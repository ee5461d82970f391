"""The trial in the node: every mistake that is made in generated code on purpose is found, and nothing else is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from migrator import library, otp
from migrator.errors import HelperFault
from migrator.pipeline import inject_planned
from migrator.render.erlang import render_erlang
from migrator.synthesise import synthesise
from migrator.terms import Atom
from migrator.verifying.subjects import subject_of
from migrator.verifying.trying import loaded, outcome_of, tried_given
from tests.support.beams import compile_text

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from migrator.otp import Helper
    from migrator.plan import Plan
    from migrator.terms import Term
    from migrator.verifying.findings import Outcome
    from migrator.verifying.subjects import Subject

DEADLINE = 60.0
HEAD = """
-module({name}).
-vsn("{vsn}").
-behaviour(gen_server).
-export([init/1, handle_call/3, handle_cast/2, code_change/3]).
-state_record(state).
{forms}
init(_) -> {{ok, #state{{}}}}.
handle_call(_, _, State) -> {{reply, State, State}}.
handle_cast(_, State) -> {{noreply, State}}.
code_change(_, State, _) -> exit(never), {{ok, State}}.
"""
OLD = """
-record(item, {key :: atom(), count = 0 :: integer()}).
-record(state, {name = <<>> :: binary(), users = [] :: [pid()], ttl = 1 :: 0..100000, a = 0 :: integer(),
                b = 0 :: integer(), items = [] :: [#item{}], table = #{} :: #{atom() => #item{}},
                legacy = none :: none | {old, integer()}, cache, weight = 0.0 :: float()}).
"""
NEW = """
-on_load(boom/0).
-record(item, {key :: atom(), count = 0 :: integer(), size = 7 :: integer()}).
-record(state, {name = <<>> :: binary(), clients = [] :: [pid()], ttl = 1000 :: 0..100000000, a = 0 :: integer(),
                b = 0 :: integer(), items = [] :: [#item{}], table = #{} :: #{atom() => #item{}}, cache,
                weight = 0.0 :: float(), timeout = 5000 :: timeout(), since = 0 :: integer()}).
-state_migration([{rename, users, clients}, {convert, ttl, to_ms, to_s}, {init, since, now_us}, {drop, legacy},
                  {deep, cache}]).
boom() -> exit(boom).
to_ms(Seconds) -> Seconds * 1000.
to_s(Milliseconds) -> Milliseconds div 1000.
now_us() -> erlang:system_time(microsecond).
"""


@dataclass(frozen=True)
class Made:
    """A plan, what it is tried with, the beam that is made for it, and the source that is put into it."""

    plan: Plan
    subject: Subject
    before: bytes
    after: bytes
    source: str


@dataclass(frozen=True)
class Stand:
    """What makes beams, and the node where they are tried."""

    helper: Helper
    node: Helper

    def made(self, folder: Path, *sources: str, name: str = "m") -> Made:
        """The migration between versions of a module, the newest one last."""
        paths = [compile_text(source, folder / str(n), module=name) for n, source in enumerate(sources)]
        (planned,) = library.preview(self.helper, paths[:-1], paths[-1])
        assert planned.plan is not None
        assert planned.new is not None
        assert tuple(each for each in planned.diagnostics if each.kind.exit) == (), planned.diagnostics
        (injected,) = inject_planned(self.helper, [planned])
        assert injected.after is not None
        source = render_erlang(synthesise(planned.plan).functions)
        subject = subject_of(planned.plan, planned.olds[0], planned.new)
        return Made(planned.plan, subject, injected.before, injected.after, source)

    def mutant(self, made: Made, *changes: tuple[str, str]) -> bytes:
        """The beam with other generated code."""
        source = made.source
        for old, new in changes:
            assert old in source, (old, source)
            source = source.replace(old, new, 1)
        edits = synthesise(made.plan)
        renamed: list[Term] = [
            (Atom("rename"), (Atom(each.name), each.arity), Atom(new)) for each, new in edits.traces.renamed
        ]
        exported: list[Term] = [(Atom(each.name), each.arity) for each in edits.traces.exported]
        beam = self.helper.call(
            (
                Atom("splice"),
                made.before,
                [
                    *renamed,
                    *([(Atom("export"), exported)] if exported else []),
                    (Atom("migrated"), edits.migrated),
                    (Atom("functions"), edits.traces.file.encode(), source.encode()),
                ],
            ),
            DEADLINE,
        )
        assert isinstance(beam, bytes)
        return beam

    def run(self, made: Made, beam: bytes | None = None, states: int = 120, seed: int = 1) -> Outcome:
        """What comes of so many states."""
        name = loaded(self.node, made.plan, made.after if beam is None else beam, [])
        request: Term = (Atom("verify_run"), name, made.subject.request, seed, 0, states)
        return outcome_of(self.node.call(request, DEADLINE))


@pytest.fixture(scope="module")
def stand(helper: Helper) -> Iterator[Stand]:
    """A throw-away node beside the helper."""
    with otp.throw_away(otp.find_erl(None)) as node:
        yield Stand(helper, node)


@pytest.fixture(scope="module")
def many(stand: Stand, tmp_path_factory: pytest.TempPathFactory) -> Made:
    """One old version, with a source of almost every kind."""
    return stand.made(tmp_path_factory.mktemp("many"), version("1", OLD), version("2", NEW))


def version(vsn: str, forms: str, name: str = "m") -> str:
    """The source of a server."""
    return HEAD.format(vsn=vsn, forms=forms, name=name)


def told(outcome: Outcome) -> set[tuple[str, str, str | None, str | None]]:
    """What was found: kinds, directions and places."""
    return {each.about for each in outcome.findings}


def test_a_right_migration_holds(stand: Stand, many: Made) -> None:
    """Nothing is found, what is lost is said, and what differs each time is judged by its type."""
    outcome = stand.run(many, states=400)
    assert set() == told(outcome)
    assert outcome.counts.states == 400
    lost = {(each.direction, each.record, each.field) for each in outcome.lost}
    assert {("down", "state", "legacy"), ("up", "state", "timeout"), ("up", "item", "size")} <= lost
    assert ("not_repeatable", "state", "since") in {(each.kind, each.record, each.field) for each in outcome.notes}


@dataclass(frozen=True)
class Mutant:
    """A mistake: what stands in the generated source, what is put there instead, and what must be found."""

    changes: tuple[tuple[str, str], ...]
    kind: str
    direction: str
    record: str = "state"
    field: str | None = None

    @property
    def about(self) -> tuple[str, str, str | None, str | None]:
        """As findings have it."""
        return self.kind, self.direction, self.record, self.field


OWN = "'code_change of m'(OldVsn, New, 'extra with old_state of m'(Extra, Old))"
PASSES = "code_change(OldVsn, State, Extra) ->\n    'code_change of m'(OldVsn, State, Extra).\n"
NEW_SIZE = "code_change(OldVsn, State, Extra) when element(1, State) =:= state, tuple_size(State) =:= 12 ->\n"
MAPS = "when is_map(Value) ->\n    case 'anywhere"
INNER = "key = Key,\n        count = Count\n"
MUTANTS = {
    "two fields swapped": Mutant((("a = A", "a = B"), ("b = B", "b = A")), "copied", "up", field="a"),
    "a field dropped": Mutant((("a = A,\n", ""), ("A, B", "_A, B")), "copied", "up", field="a"),
    "a renamed field dropped": Mutant((("clients = Users,", "clients = [],"),), "renamed", "up", field="clients"),
    "off by one": Mutant((("a = A", "a = A + 1"),), "copied", "up", field="a"),
    "the sign of a zero": Mutant((("weight = Weight", "weight = Weight + 0.0"),), "copied", "up", field="weight"),
    "a wrong default": Mutant((("now_us()", "now_us(), timeout = 4999"),), "default", "up", field="timeout"),
    "not converted": Mutant((("ttl = to_ms(Ttl)", "ttl = Ttl"),), "converted", "up", field="ttl"),
    "converted by the inverse": Mutant((("to_ms(Ttl)", "to_s(Ttl)"),), "converted", "up", field="ttl"),
    "not of its type": Mutant((("now_us()", "{now_us()}"),), "type", "up", field="since"),
    "not walked": Mutant((("'inside items 1 up of m'(Items)", "Items"),), "nested", "up", field="items"),
    "the first of a list alone": Mutant(
        (("'item up of m'(Head) | 'inside items 1 up of m'(Tail)", "'item up of m'(Head) | Tail"),),
        "nested",
        "up",
        field="items",
    ),
    "a deep that stops at maps": Mutant(((MAPS, MAPS.replace("is_map", "is_pid")),), "nested", "up", field="cache"),
    "a wrong tag": Mutant((("#item{\n        " + INNER, "{thing, Key, Count, 7\n"),), "nested", "up", field="items"),
    "an inner default": Mutant(((INNER, "size = 8, " + INNER),), "default", "up", "item", "size"),
    "inner fields swapped": Mutant(((INNER, "key = Count, count = Key\n"),), "copied", "up", "item", "key"),
    "Extra as it came": Mutant(
        ((OWN, "begin _ = fun 'extra with old_state of m'/2, _ = Old, 'code_change of m'(OldVsn, New, Extra) end"),),
        "old_state",
        "extra",
    ),
    "the old state before Extra": Mutant(
        (("Extra ++ [{old_state, Old}]", "[{old_state, Old} | Extra]"),), "old_state", "extra"
    ),
    "the new state in Extra": Mutant(((OWN, OWN.replace("(Extra, Old)", "(Extra, New)")),), "old_state", "extra"),
    "no list for Extra": Mutant((("    [Extra, {old_state, Old}]", "    [{old_state, Old}]"),), "old_state", "extra"),
    "the own function is not called": Mutant(((OWN, "begin _ = {OldVsn, Extra, Old}, {ok, New} end"),), "own", "extra"),
    "the own function is called twice": Mutant(((OWN, f"begin {OWN}, {OWN} end"),), "own", "extra"),
    "another OldVsn": Mutant(((OWN, OWN.replace("OldVsn", "{OldVsn}")),), "own", "extra"),
    "the own function gets the old state": Mutant(
        ((OWN, f"begin _ = New, {OWN.replace('New', 'Old')} end"),), "shape", "up"
    ),
    "the new size is converted": Mutant(
        (("%% from", NEW_SIZE + "    'code_change of m'(OldVsn, setelement(2, State, <<>>), Extra);\n%% from"),),
        "changed",
        "again",
        field="name",
    ),
    "an unknown size passes": Mutant(
        (("tuple_size(State) =/= 11", "tuple_size(State) =/= 11, tuple_size(State) =/= 9"),), "not_refused", "foreign"
    ),
    "another size is told": Mutant((("tuple_size(State)}}", "12}}"),), "not_refused", "foreign"),
    "another term is changed": Mutant(
        ((PASSES, "code_change(OldVsn, undefined, Extra) -> 'code_change of m'(OldVsn, [], Extra);\n" + PASSES),),
        "changed",
        "foreign",
    ),
    "down drops a field": Mutant((("to_s(Ttl), A, B", "to_s(Ttl), A, 0"),), "copied", "down", field="b"),
    "down is no inverse": Mutant((("to_s(Ttl)", "Ttl div 1001"),), "converted", "down", field="ttl"),
    "another old default": Mutant((("none, 'inside", "undefined, 'inside"),), "default", "down", field="legacy"),
    "down raises": Mutant((("to_s(Ttl)", "to_s(atom_to_list(Ttl))"),), "raised", "down"),
    "up loops": Mutant((("to_ms(Ttl)", "(fun F() -> F() end)()"),), "timeout", "up"),
    "up eats the memory": Mutant(
        (("to_ms(Ttl)", 'length([erlang:make_tuple(16000000, Ttl) || _ <- "abc"])'),), "heap", "up"
    ),
}


@pytest.mark.parametrize("name", MUTANTS)
def test_a_mistake_in_generated_code_is_found(stand: Stand, many: Made, name: str) -> None:
    """Each kind of mistake is told by its kind, its direction and its place."""
    mutant = MUTANTS[name]
    outcome = stand.run(many, stand.mutant(many, *mutant.changes))
    assert mutant.about in told(outcome), told(outcome)


def test_a_state_is_shrunk(stand: Stand, many: Made) -> None:
    """What is shown of a mistake in one field is the simplest state but for that field."""
    outcome = stand.run(many, stand.mutant(many, *MUTANTS["off by one"].changes), states=300)
    assert {MUTANTS["off by one"].about} == told(outcome)
    (finding,) = outcome.findings
    assert (finding.expected, finding.got) == ("0", "1")
    assert "{state,<<>>,[],0,0,0,[],#{},none,undefined," in finding.text.replace("\n", "").replace(" ", "")


def test_a_seed_gives_the_same_findings(stand: Stand, many: Made) -> None:
    """What is found hangs on the seed alone, in whatever chunks the states are tried."""
    beam = stand.mutant(many, *MUTANTS["two fields swapped"].changes)
    one, other = (stand.run(many, beam, seed=5).findings for _ in range(2))
    assert one == other


def test_another_node_refuses(helper: Helper, many: Made) -> None:
    """The helper that reads beams runs none of their code."""
    with pytest.raises(HelperFault) as raised:
        loaded(helper, many.plan, many.after, [])
    assert raised.value.kind == "request"


def test_a_module_of_the_nodes_own_is_tried_beside_it(stand: Stand, tmp_path: Path) -> None:
    """A module that the node itself runs on is tried under another name, its calls by its own name too."""
    old = version("1", "-record(state, {a = 0 :: integer()}).", "lists")
    new = version(
        "2",
        "-record(state, {a = 0 :: integer(), b = 0 :: integer()}).\n-export([two/0]).\n"
        "-state_migration([{init, b, b}]).\nb() -> ?MODULE:two().\ntwo() -> 2.",
        "lists",
    )
    outcome = stand.run(stand.made(tmp_path, old, new, name="lists"))
    assert set() == told(outcome)
    assert ("up", "state", "b") in {(each.direction, each.record, each.field) for each in outcome.lost}


def test_given_states_are_told_apart(stand: Stand, many: Made) -> None:
    """States of the old version, the new one and of none are counted as such."""
    from migrator.etf import external  # noqa: PLC0415 - the wire's own writer

    none: list[Term] = []
    old = (Atom("state"), b"n", none, 1, 0, 0, none, Atom("undefined"), Atom("none"), Atom("undefined"), 0.0)
    states = [external(each) for each in (old, (*old, 5000, 0)[:12], Atom("other"))]
    name = loaded(stand.node, many.plan, many.after, [])
    outcome = tried_given(stand.node, name, many.subject, states)
    assert not isinstance(outcome, HelperFault)
    counts = outcome.counts
    assert (counts.given_old, counts.given_new, counts.given_foreign) == (1, 1, 1), told(outcome)


def test_none_of_many_records_is_left_out(stand: Stand, tmp_path: Path) -> None:
    """Of the records that may lie in a field, as elements of a protocol do, each is tried, be they many."""
    kinds = [f"k{number}" for number in range(60)]
    before = "".join(f"-record({kind}, {{a}}).\n" for kind in kinds)
    after = "".join(f"-record({kind}, {{a, b = 1}}).\n" for kind in kinds)
    state = "-record(state, {any}).\n-export([any/0]).\n"
    built = f"any() -> {{{', '.join(f'#{kind}{{}}' for kind in kinds)}}}.\n"
    deep = "-state_migration([{deep, any}]).\n"
    made = stand.made(tmp_path, version("1", before + state + built), version("2", after + state + deep + built))
    a, twice = "#{}{{\n        a =", "#{}{{b = 2,\n        a ="
    wrong = stand.mutant(made, *((a.format(kind), twice.format(kind)) for kind in kinds))
    found = told(stand.run(made, wrong, states=2 * len(kinds) + 1))
    assert set(kinds) == {record for kind, direction, record, _ in found if (kind, direction) == ("default", "up")}
