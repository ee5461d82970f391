"""`inject --eunit`: a test module that says of every migration what holds, and of a wrong one that it does not."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, note, settings

from migrator import library
from migrator.examples.suites import suite_of
from migrator.render.eunit import MARK, file_name, render_suite
from migrator.terms import Atom
from tests.support.cases import Bench, injected, own, run, server
from tests.support.otp29 import serving
from tests.support.records import MODULE, Edit, edits, new_source, old_source
from tests.support.samples import Sample, compile_sample, expected_of, request_of, samples
from tests.test_random_types import HEAD, TYPES, Typed

if TYPE_CHECKING:
    from pathlib import Path

    from migrator.library import Injection
    from migrator.otp import Helper
    from tests.support.node import Node

pytest_plugins = ["tests.support.bench", "tests.support.bench29"]

# MIGRATOR_EXAMPLES=2000 looks for new ones; without it every run tries the same.
EXAMPLES = int(os.environ.get("MIGRATOR_EXAMPLES", "0"))


@pytest.fixture
def bench(helper: Helper, bench_node: Node, tmp_path: Path) -> Bench:
    """A bench of the machine's own OTP: one of the plugins has that of OTP 29 by this name."""
    return Bench(helper, bench_node, tmp_path)


def _text(injection: Injection) -> str:
    """The test module of the one plan that came of it."""
    (planned,) = injection.planned
    suite = suite_of(planned)
    assert suite is not None
    return render_suite(suite)


def _outcome(node: Node, module: str, beam: bytes, text: str, folder: Path) -> tuple[str, str]:
    """`ok` or `failed`, and what EUnit prints, where that beam is loaded and the test module is compiled beside it."""
    path = folder / file_name(module)
    path.write_text(text, encoding="utf-8")
    reply = node.apply("live_eunit", "run", Atom(module), beam, Atom(path.stem), str(path).encode())
    assert isinstance(reply, tuple)
    outcome, printed = reply
    assert isinstance(outcome, Atom)
    assert isinstance(printed, bytes)
    return outcome.name, printed.decode()


def _passes(node: Node, module: str, beam: bytes, text: str, folder: Path) -> None:
    note_ = _outcome(node, module, beam, text, folder)
    assert note_[0] == "ok", f"{note_[1]}\n{text}"


@pytest.mark.parametrize("sample", samples(), ids=lambda sample: sample.name)
def test_each_sample_passes_its_tests(sample: Sample, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    """For each kind of change the test module compiles without a warning, passes on the injected beam, fails else."""
    helper, node = serving(request, sample)
    beams = compile_sample(node, sample, tmp_path)
    for path in beams[sample.new].parent.glob("*.beam"):
        node.load(path.stem, path.read_bytes())
    asked = request_of(expected_of(node, sample), sample)
    result = library.inject(helper, [beams[each] for each in sample.olds], beams[sample.new], asked)
    text = _text(result)
    _passes(node, sample.module, injected(result), text, tmp_path)
    outcome, printed = _outcome(node, sample.module, beams[sample.new].read_bytes(), text, tmp_path)
    assert outcome == "failed"
    assert "carries_its_migrations_test" in printed


OLD = server("a, b, c = 1, gone = []")
NEW = "x, y, c = 1, z = 7"
RIGHT = "-state_migration([{rename, a, x}, {rename, b, y}, {drop, gone}])."


def _nested(record: str, *forms: str, vsn: str) -> str:
    """A server whose state holds such records; from version 2 on it has a field more."""
    more = "" if vsn == '"1"' else ", n = 0"
    source = server(f"a = 1 :: integer(), s = [] :: [#s{{}}]{more}", *forms, vsn=vsn)
    return source.replace("-record(state", f"-record(s, {{{record}}}).\n-record(state", 1)


NESTED_OLD = _nested("p :: atom()", vsn='"1"')
NESTED_NEW = _nested("p :: atom(), q = 0 :: integer()", vsn='"2"')


@pytest.mark.parametrize(
    ("old", "right", "wrong"),
    [
        (
            OLD,
            server(NEW, RIGHT, vsn='"2"'),
            server(NEW, "-state_migration([{rename, a, y}, {rename, b, x}, {drop, gone}]).", vsn='"2"'),
        ),
        (OLD, server(NEW, RIGHT, vsn='"2"'), server(NEW.replace("7", "8"), RIGHT, vsn='"2"')),
        (
            OLD,
            server(NEW, RIGHT, vsn='"2"'),
            server(NEW, RIGHT.replace("{drop, gone}", "{drop, gone, lost}"), vsn='"2"'),
        ),
        (
            OLD,
            server(NEW, RIGHT, vsn='"2"'),
            server(NEW, RIGHT.replace("{rename, b, y}", "{drop, b}, {default, y}"), vsn='"2"'),
        ),
        (
            NESTED_OLD,
            NESTED_NEW,
            _nested("p :: atom(), q = 0 :: integer()", "-state_migration([{copy, s}]).", vsn='"2"'),
        ),
        (
            NESTED_OLD,
            NESTED_NEW,
            _nested("p :: atom(), q = 1 :: integer()", vsn='"2"'),
        ),
    ],
    ids=["swapped", "another default", "another way back", "a field lost", "shallow", "another default inside"],
)
def test_a_wrong_migration_fails(bench: Bench, old: str, right: str, wrong: str) -> None:
    """What a plan says of fields is what its tests ask: a migration that does otherwise fails them."""
    text = _text(bench.inject(old, right))
    _passes(bench.node, "m", injected(bench.inject(old, right)), text, bench.folder)
    other = injected(bench.inject(old, wrong))
    assert _outcome(bench.node, "m", other, text, bench.folder)[0] == "failed"


@pytest.mark.parametrize(
    "clause",
    [
        "(_, S, _) -> {ok, S}",
        "(_, S, _) -> {ok, S#state{b = changed}}",
        "(_, _, _) -> {error, never}",
        "(_, _, _) -> exit(never)",
        "(_, _, _) -> receive never -> ok end",
        "({down, _}, #state{} = S, _) -> {ok, S#state{b = down}};\ncode_change(_, S, _) -> {ok, S}",
        "({down, _}, #state{}, _) -> error(never);\ncode_change(_, S, _) -> {ok, S}",
        "({down, _}, #state{} = S, _) -> throw({ok, S});\ncode_change(_, S, _) -> {ok, S}",
        (
            "({down, again}, #state{b = B}, _) -> {ok, B};\n"
            "code_change({down, _}, #state{} = S, X) -> code_change({down, again}, S, X), {ok, S};\n"
            "code_change(_, S, _) -> {ok, S}"
        ),
    ],
)
def test_whatever_the_own_function_does(bench: Bench, clause: str) -> None:
    """The module's own function may change the state or refuse it: what it is handed is what is checked."""
    result = bench.inject(server("a"), server("a, b = 2", own(clause), vsn='"2"'))
    text = _text(result)
    assert "old_state_from_1_is_in_extra_test" in text
    _passes(bench.node, "m", injected(result), text, bench.folder)


def test_why_a_conversion_fails_is_shown(bench: Bench) -> None:
    """Where the own function is not come to, the test says what was raised, and in which function."""
    code = own("(_, S, _) -> {ok, S}")
    result = bench.inject(server("a", code), server("a, b = nowhere:made()", code, vsn='"2"'))
    outcome, printed = _outcome(bench.node, "m", injected(result), _text(result), bench.folder)
    assert outcome == "failed"
    assert "{error,undef,[{nowhere,made,[],[]}]}" in "".join(printed.split())


@pytest.mark.parametrize("edit", [("{old_state, Old}", "{other, Old}"), ("2", "3")])
def test_what_the_own_function_is_handed_is_looked_at(bench: Bench, edit: tuple[str, str]) -> None:
    """Another Extra, or another state, than the own function is handed fails."""
    result = bench.inject(server("a"), server("a, b = 2", own("(_, S, _) -> {ok, S}"), vsn='"2"'))
    text = _text(result).replace(f"{{b, {edit[0]}}}", f"{{b, {edit[1]}}}").replace(*edit)
    assert _outcome(bench.node, "m", injected(result), text, bench.folder)[0] == "failed"


def test_what_the_own_function_answers_is_looked_at(bench: Bench) -> None:
    """Where the own function runs first on a downgrade, what is made of its answer is compared with the plan."""
    told = own("({down, _}, #state{} = S, _) -> {ok, S#state{b = down}}", "(_, S, _) -> {ok, S}")
    result = bench.inject(server("a, c"), server("c, a, b = 2", told, vsn='"2"'))
    text = _text(result)
    _passes(bench.node, "m", injected(result), text, bench.folder)
    assert "?assertEqual({ok, {state, A, C}}, Result)" in text
    wrong = text.replace("{ok, {state, A, C}}", "{ok, {state, C, A}}")
    assert _outcome(bench.node, "m", injected(result), wrong, bench.folder)[0] == "failed"


def test_types_that_lead_to_many_types(bench: Bench) -> None:
    """Types as those of a syntax tree, each of which leads to all of them, are made values of in no time."""
    numbers = range(15)
    trees = [
        f"-type t{one}() :: leaf | {' | '.join(f'{{{at}, t{at}(), [t{at}()]}}' for at in numbers)}." for one in numbers
    ]
    fields = [", ".join(f"f{at} :: #r{at}{{}} | t0()" for at in range(one)) for one in numbers]
    records = [f"-record(r{one}, {{{each}}})." for one, each in enumerate(fields)]
    declared = "\n".join([*trees, *records, "-record(state"])
    source = server("a :: #r14{}, b :: t0()", vsn='"1"').replace("-record(state", declared)
    result = bench.inject(source, source.replace('-vsn("1")', '-vsn("2")').replace("b :: t0()", "b :: t0(), c = 1"))
    started = time.process_time()
    text = _text(result)
    assert time.process_time() - started < 20
    _passes(bench.node, "m", injected(result), text, bench.folder)


@settings(
    max_examples=EXAMPLES or 15,
    derandomize=not EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(edit=edits())
def test_any_edit(helper: Helper, node: Node, tmp_path: Path, edit: Edit) -> None:
    """Whatever the names, the defaults and the edit of a record, its tests compile and pass."""
    note(old_source(edit))
    note(new_source(edit))
    _tried(helper, node, tmp_path, MODULE, old_source(edit), new_source(edit))


@settings(
    max_examples=EXAMPLES or 15,
    derandomize=not EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(typed=TYPES)
def test_any_type(helper: Helper, node: Node, tmp_path: Path, typed: Typed) -> None:
    """Wherever a type leads to a changed record, the tests compile and pass."""
    note(typed.text)
    source = HEAD.replace("{type_}", typed.text.replace("{", "{{").replace("}", "}}"))
    old, new = source.format(vsn="1", more="", last=""), source.format(vsn="2", more=", b = new :: atom()", last="")
    _tried(helper, node, tmp_path, "anywhere", old, new)


def _tried(helper: Helper, node: Node, folder: Path, module: str, *sources: str) -> None:
    paths = [folder / str(number) / f"{module}.beam" for number, _ in enumerate(sources)]
    for path, source in zip(paths, sources, strict=True):
        beam = node.apply("live_compile", "text", source.encode())
        assert isinstance(beam, bytes)
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(beam)
    result = library.inject(helper, paths[:-1], paths[-1])
    if result.injected[0].after is not None:
        _passes(node, module, injected(result), _text(result), folder)


# --- the command ---


def _pair(bench: Bench) -> list[Path]:
    return bench.beams(OLD, server(NEW, RIGHT, vsn='"2"'))


def test_the_command_writes_the_tests(bench: Bench) -> None:
    """The file is written beside the injection, its folder made; the same again, and from the injected beam, is it."""
    old, new = _pair(bench)
    folder = bench.folder / "apps" / "test"
    done = run("inject", "--eunit", folder, old, new)
    path = folder / "m_migration_tests.erl"
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[-1] == f"{path}: the tests are written"
    first = path.read_bytes()
    assert MARK.encode() in first.splitlines()
    again = run("inject", "--eunit", folder, old, new)
    assert again.stdout.splitlines()[-1] == f"{path}: the tests are there already"
    assert first == path.read_bytes()
    _passes(bench.node, "m", new.read_bytes(), first.decode(), bench.folder)


def test_a_dry_run_writes_no_tests(bench: Bench) -> None:
    """With --dry-run no file and no folder is made."""
    old, new = _pair(bench)
    before = new.read_bytes()
    done = run("inject", "--dry-run", "--eunit", bench.folder / "test", old, new)
    assert "the tests would be written" in done.stdout
    assert not (bench.folder / "test").exists()
    assert before == new.read_bytes()


def test_a_file_of_the_users_own_stays(bench: Bench) -> None:
    """A file that is not ours is left as it is, and so is the beam."""
    old, new = _pair(bench)
    before = new.read_bytes()
    path = bench.folder / "m_migration_tests.erl"
    path.write_text("-module(m_migration_tests).\n", encoding="utf-8")
    done = run("inject", "--eunit", bench.folder, old, new)
    assert (done.returncode, done.stdout) == (4, "")
    assert done.stderr.startswith("error[M191]")
    assert path.read_text(encoding="utf-8") == "-module(m_migration_tests).\n"
    assert before == new.read_bytes()


def test_a_beam_that_cannot_be_written_takes_the_tests_back(bench: Bench) -> None:
    """Both are written or neither: a read-only beam leaves no new test module, and an old one as it was."""
    old, new = _pair(bench)
    new.chmod(0o444)
    done = run("inject", "--eunit", bench.folder / "test", old, new)
    assert done.returncode == 4
    assert list((bench.folder / "test").iterdir()) == []


def test_a_file_in_the_place_of_the_folder(bench: Bench) -> None:
    """A DIR that is a file is told, and nothing is written."""
    old, new = _pair(bench)
    before = new.read_bytes()
    (bench.folder / "test").write_text("", encoding="utf-8")
    done = run("inject", "--eunit", bench.folder / "test", old, new)
    assert (done.returncode, done.stdout) == (4, "")
    assert before == new.read_bytes()
