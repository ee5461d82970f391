"""Every folder in `samples/`: its preview, what is compiled, and live upgrades and downgrades of its server."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from migrator import library
from migrator.render.erlang import render_erlang
from migrator.synthesise import synthesise
from migrator.terms import Atom
from tests.support.otp29 import serving
from tests.support.samples import compile_sample, expected_of, request_of, samples
from tests.support.snapshots import FOLDER, ErlangSnapshots

if TYPE_CHECKING:
    from pathlib import Path

    from syrupy.assertion import SnapshotAssertion

    from migrator.library import Injection
    from migrator.otp import Helper
    from migrator.plan import Plan
    from migrator.terms import Term
    from tests.support.node import Node
    from tests.support.samples import Change, Expected, Sample

pytest_plugins = ["tests.support.bench29"]

SAMPLES = samples()


@dataclass(frozen=True)
class Case:
    """A sample in its beams, with what must come out, and the helper and the node to try it with."""

    sample: Sample
    beams: dict[str, Path]
    expected: Expected
    helper: Helper
    node: Node

    def inject(self, new: Path | None = None) -> Injection:
        """What `inject` of all old versions gives, into `new` or the sample's new version."""
        olds = [self.beams[version] for version in self.sample.olds]
        return library.inject(
            self.helper, olds, new or self.beams[self.sample.new], request_of(self.expected, self.sample)
        )

    def injected(self) -> bytes:
        """The new version's beam with the migration in it."""
        result = self.inject()
        assert [each.message for each in result.diagnostics if each.kind.exit] == []
        (one,) = result.injected
        assert one.after is not None
        return one.after

    def plan(self) -> Plan:
        """The plan."""
        (planned,) = self.inject().planned
        assert planned.plan is not None
        return planned.plan

    def vsn(self, version: str) -> Term:
        """The vsn that OTP reads from that version's beam."""
        return library.inspect(self.helper, self.beams[version]).vsn

    def start(self, beam: bytes, state: Term) -> Term:
        """A server that runs that code, with that state."""
        module = Atom(self.sample.module)
        self.node.load(self.sample.module, beam)
        server = self.live("start", module, self.expected.start)
        self.live("put_state", module, server, state)
        return server

    def live(self, function: str, *arguments: Term) -> Term:
        """What a function of `live_kinds` does to a process of the sample's kind."""
        return self.node.apply("live_kinds", function, Atom(self.expected.kind), *arguments)

    def start_old(self, change: Change) -> Term:
        """A server that runs the old code, with the state before the change."""
        return self.start(self.beams[change.version].read_bytes(), change.before)

    def pid(self, server: Term) -> Term:
        """The process that is the server."""
        return self.node.apply("live_compile", "pid", server)

    def upgrade(self, server: Term, new: bytes, vsn: Term, extra: Term) -> Term:
        """What release_handler's steps of an upgrade make of the server's state."""
        return self.live("upgrade", server, Atom(self.sample.module), new, vsn, extra)

    def downgrade(self, server: Term, change: Change) -> Term:
        """What release_handler's steps of a downgrade make of the server's state."""
        old = self.beams[change.version].read_bytes()
        vsn = self.vsn(change.version)
        return self.live("downgrade", server, Atom(self.sample.module), old, vsn, change.extra)


@pytest.fixture(params=SAMPLES, ids=lambda sample: sample.name)
def case(request: pytest.FixtureRequest, tmp_path: Path) -> Case:
    """Each of the samples; one with native records is tried on OTP 29."""
    sample: Sample = request.param
    helper, node = serving(request, sample)
    return Case(sample, compile_sample(node, sample, tmp_path), expected_of(node, sample), helper, node)


@pytest.fixture
def erlang(snapshot: SnapshotAssertion) -> SnapshotAssertion:
    """Snapshots that are files of Erlang."""
    return snapshot.use_extension(ErlangSnapshots)


# Names of our own choice are not made of the test's; syrupy says so whenever it writes one.
@pytest.mark.filterwarnings(r"ignore:\s*Can not relate snapshot")
def test_preview_is_the_snapshot_and_what_is_compiled(case: Case, erlang: SnapshotAssertion) -> None:
    """What `preview` prints is what was reviewed, and the injected beam has those functions and no others of ours."""
    edits = synthesise(case.plan())
    text = render_erlang(edits.functions)
    assert erlang(name=case.sample.name) == text
    compiled = case.node.apply("live_compile", "generated", case.injected(), edits.traces.file.encode(), text.encode())
    assert compiled == Atom("true")


def test_snapshots_are_those_of_the_samples() -> None:
    """A snapshot is there for each sample, and for nothing else."""
    assert sorted(sample.name for sample in SAMPLES) == sorted(path.stem for path in FOLDER.iterdir())


def test_readme_shows_the_command(case: Case) -> None:
    """The README has the command that shows the sample's preview, with the options that it needs."""
    beams = [f"{version}/{case.sample.module}.beam" for version in case.sample.versions]
    command = " ".join(["migrator", "preview", *case.expected.options, *beams])
    readme = (case.sample.folder / "README.md").read_text(encoding="utf-8")
    assert command in readme.splitlines()


def test_index_lists_the_sample(case: Case) -> None:
    """The page of all samples leads to each of them."""
    index = (case.sample.folder.parent / "README.md").read_text(encoding="utf-8")
    assert f"\n- [{case.sample.name}]({case.sample.name}): " in index


def test_upgrade_of_a_running_server(case: Case) -> None:
    """A server with old code and state goes on as the same process, with the new state; once more changes nothing."""
    new = case.injected()
    for change in case.expected.up:
        server = case.start_old(change)
        before = case.pid(server)
        assert (Atom("ok"), change.after) == case.upgrade(server, new, case.vsn(change.version), change.extra)
        assert (Atom("ok"), change.after) == case.upgrade(server, new, case.vsn(case.sample.new), [])
        assert before == case.pid(server)
        case.node.live("stop", server)


def test_repeated_upgrade_with_the_old_version(case: Case) -> None:
    """Where the shapes differ, a new state passes whatever OldVsn says."""
    new = case.injected()
    plan = case.plan()
    for change, migration in ((c, m) for c in case.expected.up for m in plan.migrations):
        if migration.vsn == case.vsn(change.version) and migration.shape != plan.shape:
            server = case.start(new, change.after)
            assert (Atom("ok"), change.after) == case.upgrade(server, new, migration.vsn, [])
            case.node.live("stop", server)


def test_downgrade_of_an_upgraded_server(case: Case) -> None:
    """The upgraded server goes back to the old code as the same process, with a state of the old shape."""
    new = case.injected()
    for change in case.expected.up:
        server = case.start_old(change)
        before = case.pid(server)
        case.upgrade(server, new, case.vsn(change.version), change.extra)
        (back,) = [
            down
            for down in case.expected.down
            if (down.version, down.before, down.extra) == (change.version, change.after, [])
        ]
        assert (Atom("ok"), back.after) == case.downgrade(server, back)
        assert before == case.pid(server)
        case.node.live("stop", server)


def test_downgrade_of_any_state(case: Case) -> None:
    """Each new state that the sample lists becomes the old state that it lists."""
    new = case.injected()
    for change in case.expected.down:
        server = case.start(new, change.before)
        assert (Atom("ok"), change.after) == case.downgrade(server, change)
        case.node.live("stop", server)


def test_state_of_a_state_machine(case: Case) -> None:
    """The machine's own state, which is not in its data, is what the callback answers, or stays."""
    new = case.injected()
    for machine in case.expected.machine:
        change = next(each for each in getattr(case.expected, machine.way) if each.version == machine.version)
        server = case.start_old(change) if machine.way == "up" else case.start(new, change.before)
        case.live("put_machine", server, machine.before)
        if machine.way == "up":
            case.upgrade(server, new, case.vsn(machine.version), [])
        else:
            case.downgrade(server, change)
        assert machine.after == case.live("machine", server)
        case.node.live("stop", server)


def test_refused_upgrade(case: Case) -> None:
    """A refused upgrade answers with its reason; the process lives on with its old state."""
    new = case.injected()
    for change in case.expected.refused:
        server = case.start_old(change)
        before = case.pid(server)
        # sys wraps the refusal once more.
        assert (Atom("error"), change.after) == case.upgrade(server, new, case.vsn(change.version), change.extra)
        assert change.before == case.live("state", Atom(case.sample.module), server)
        assert before == case.pid(server)
        case.node.live("stop", server)


def test_inject_again_gives_the_same_bytes(case: Case) -> None:
    """What was injected is left as it is by the same inject."""
    new = case.beams[case.sample.new]
    injected = case.injected()
    new.write_bytes(injected)
    assert injected == case.injected()


def test_versions_one_after_the_other(case: Case) -> None:
    """Old versions that are given in runs of their own, in any order, give the bytes of all at once."""
    new = case.beams[case.sample.new]
    at_once = case.injected()
    for version in reversed(case.sample.olds):
        result = library.inject(case.helper, [case.beams[version]], new, request_of(case.expected, case.sample))
        library.write(result.injected)
    assert at_once == new.read_bytes()


def test_eject_gives_the_original(case: Case) -> None:
    """What `inject` put in is taken out again, to the byte."""
    new = case.beams[case.sample.new]
    original = new.read_bytes()
    new.write_bytes(case.injected())
    assert original == library.eject(case.helper, new).after
