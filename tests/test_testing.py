"""The pytest plugin and `assert_migrates`: what users' own tests stand on, tried as they use it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from migrator.terms import UNDEFINED, Atom, Map
from migrator.testing import assert_migrates, assert_refuses
from tests.support.cases import ROOT, environment, own, server
from tests.support.projects import Project, start_project
from tests.support.typed import typed

if TYPE_CHECKING:
    from pathlib import Path

    from migrator.testing import Pair, Workshop

SAMPLE = ROOT / "samples" / "test_suite"

OLD = server("name, count = 1, gone")
NEW = server("title, count = 1, more = 7", "-state_migration([{rename, name, title}, {drop, gone}]).", vsn='"2"')


@pytest.fixture(scope="module")
def pair(migrator_workshop: Workshop) -> Pair:
    """Two versions of a server."""
    return migrator_workshop.pair(OLD, NEW)


def test_up_and_down(pair: Pair) -> None:
    """A state becomes what the test says, up, down, and both."""
    assert_migrates(pair, "{state, ada, 3, x}", "{state, ada, 3, 7}")
    assert_migrates(pair, "{state, ada, 3, 8}", "{state, ada, 3, undefined}", way="down")
    assert_migrates(pair, "{state, ada, 3, undefined}", "{state, ada, 3, 7}", way="there and back")


def test_terms_as_values(pair: Pair) -> None:
    """A state may be a value of Python's; maps are equal whatever the order of their pairs."""
    one, other = (Atom("b"), 1), (Atom("a"), 2)
    before = (Atom("state"), Map((one, other)), 3, UNDEFINED)
    assert_migrates(pair, before, (Atom("state"), Map((other, one)), 3, 7))


def test_a_difference_is_shown_by_fields(pair: Pair) -> None:
    """The message has every field with its source and the values side by side, and each difference by its name."""
    with pytest.raises(AssertionError) as failed:
        assert_migrates(pair, "{state, [{a, 1}], 3, x}", "{state, [{a, 2}], 3, 8}")
    assert str(failed.value) == (
        'm, "1" -> "2": another state comes of it\n\n'
        "   field  its value    before   expected  got\n"
        ">  title  rename name  [{a,1}]  [{a,2}]   [{a,1}]\n"
        "   count  copy         3        3         3\n"
        ">  more   default 7             8         7\n\n"
        "#state.title -> [1] -> element 2:\n  expected  2\n  got       1\n"
        "#state.more:\n  expected  8\n  got       7\n"
    )


def test_a_difference_on_the_way_back(pair: Pair) -> None:
    """On the way down the fields are those of the old record, and both versions change their places."""
    with pytest.raises(AssertionError, match=r'm, "2" -> "1": another state') as failed:
        assert_migrates(pair, "{state, ada, 3, 8}", "{state, ada, 4, undefined}", way="down")
    assert "#state.count:\n  expected  4\n  got       3\n" in str(failed.value)
    assert ">  count  copy" in str(failed.value)


def test_integers_are_no_floats(pair: Pair) -> None:
    """In Python 1 equals 1.0; in Erlang it does not."""
    with pytest.raises(AssertionError, match="another state"):
        assert_migrates(pair, "{state, ada, 3, x}", "{state, ada, 3.0, 7}")


def test_a_state_of_another_size(pair: Pair) -> None:
    """Where the expected state has another number of elements, both are said with it."""
    with pytest.raises(AssertionError, match="% 3 elements") as failed:
        assert_migrates(pair, "{state, ada, 3, x}", "{state, ada, 3}")
    assert "{state,ada,3,7}   % 4 elements" in str(failed.value)


def test_refusals(pair: Pair) -> None:
    """A refused state is told as such, and may be what a test wants."""
    assert_refuses(pair, "{state, too, many, things, here}", "unknown_shape")
    with pytest.raises(AssertionError, match="the state is refused"):
        assert_migrates(pair, "{state, too, many, things, here}", "{state, ada, 3, 7}")
    with pytest.raises(AssertionError, match="takes the state"):
        assert_refuses(pair, "{state, ada, 3, x}")
    with pytest.raises(AssertionError, match="says nothing of ambiguous"):
        assert_refuses(pair, "{state, a, b, c, d}", "ambiguous")


@pytest.mark.parametrize(
    ("text", "why"),
    [("{state, ada", "syntax error"), ("{state, Ada}", "variable Ada is unbound"), ("foo:bar()", "undef"), ('"a', "")],
)
def test_what_is_no_term(pair: Pair, text: str, why: str) -> None:
    """A text that Erlang does not take is told with what Erlang says."""
    with pytest.raises(AssertionError, match="is no Erlang term") as failed:
        assert_migrates(pair, text, "ok")
    assert why in str(failed.value)


def test_old_vsn_and_extra(migrator_workshop: Workshop) -> None:
    """The module's own function sees the OldVsn and the Extra that the test gives."""
    told = own("(Vsn, S, Extra) -> {ok, S#state{b = {Vsn, Extra}}}")
    pair = migrator_workshop.pair(server("a"), server("a, b", told, vsn='"2"'))
    assert_migrates(
        pair,
        "{state, x}",
        "{state, x, {undefined, [more, {old_state, {state, x}}]}}",
        old_vsn="undefined",
        extra="[more]",
    )


def test_a_version_has_to_be_named(migrator_workshop: Workshop) -> None:
    """Without a name for it the message has the vsns to choose from."""
    pair = migrator_workshop.pair([server("a"), server("a, b", vsn='"1.5"')], server("a, b, c", vsn='"2"'))
    assert_migrates(pair, "{state, 1, 2}", "{state, 1, 2, undefined}", version="1.5")
    assert_migrates(pair, "{state, 1, undefined, 3}", "{state, 1}", version="1", way="down")
    with pytest.raises(AssertionError, match=r'one of the old versions: "1", "1.5"'):
        assert_migrates(pair, "{state, 1}", "{state, 1, undefined, undefined}")


def test_a_state_machine(migrator_workshop: Workshop) -> None:
    """The data of a machine is the state that is meant; its state's name may be given."""
    head = "-record(d, {a%s}).\n-state_record(d)."
    machine = (typed(head % "", behaviour="gen_statem"), typed(head % ", b = 1", behaviour="gen_statem", vsn='"2"'))
    pair = migrator_workshop.pair(*machine)
    assert_migrates(pair, "{d, x}", "{d, x, 1}", state_name="on", way="there and back")


def test_an_old_version_in_a_lock_file(migrator_workshop: Workshop) -> None:
    """A lock file stands for the old version."""
    pair = migrator_workshop.pair(SAMPLE / "states.lock", SAMPLE / "src" / "lobby.erl")
    assert pair.verdict == "migrate"


def test_folders_and_options(migrator_workshop: Workshop, tmp_path: Path) -> None:
    """A folder is all its sources, the one that names its state is meant; options of the compiler hold."""
    for vsn, fields in (("1", "a"), ("2", "a, b = ?B")):
        folder = tmp_path / vsn
        folder.mkdir()
        (folder / "m.erl").write_text(server(fields, vsn=f'"{vsn}"'), encoding="utf-8")
        (folder / "other.erl").write_text("-module(other).\n", encoding="utf-8")
    pair = migrator_workshop.pair("1", "2", erl_opts="[{d, 'B', 9}]", here=tmp_path)
    assert_migrates(pair, "{state, x}", "{state, x, 9}")


def test_what_does_not_compile(migrator_workshop: Workshop) -> None:
    """A version that does not compile is told with the compiler's words, options that are none too."""
    with pytest.raises(AssertionError, match=r"(?s)does not compile:.*m\.erl:\d+:\d+: undefined macro 'B'"):
        migrator_workshop.pair(OLD, server("a = ?B"))
    with pytest.raises(AssertionError, match="erl_opts is a list"):
        migrator_workshop.pair(OLD, NEW, erl_opts="debug_info")


def test_what_is_to_be_decided(migrator_workshop: Workshop) -> None:
    """Where a person must decide there is no migration to try: the message is the one of `preview`."""
    pair = migrator_workshop.pair(server("a, b"), server("a", vsn='"2"'))
    assert (pair.verdict, pair.codes) == ("blocked", ["M301"])
    with pytest.raises(AssertionError, match=r"(?s)no migration is generated:\ndecide\[M301\].*\{drop, b\}"):
        assert_migrates(pair, "{state, 1, 2}", "{state, 1}")


def test_nothing_to_do(migrator_workshop: Workshop) -> None:
    """Where the states are the same nothing is generated, and that is said."""
    pair = migrator_workshop.pair(server("a"), server("a", vsn='"2"'))
    with pytest.raises(AssertionError, match="the same in both versions"):
        _ = pair.erlang


def test_the_plugin_imports_nothing_before_its_use() -> None:
    """Pytest's start waits for no more than the plugin's own file; the command needs neither pytest nor syrupy."""
    code = "import sys, {0}; print(*sorted({{'lark', 'syrupy', 'pytest', 'migrator.otp', 'click'}} & set(sys.modules)))"
    for module, loaded in (("migrator.testing.plugin", "pytest"), ("migrator.testing", ""), ("migrator", "")):
        done = subprocess.run(
            [sys.executable, "-c", code.format(module)], env=environment(), check=True, capture_output=True, text=True
        )
        assert done.stdout.strip() == loaded


# --- the sample, as its users have it ---


@pytest.fixture
def project(tmp_path: Path, rebar3_tools: Path | None) -> Project:
    """A copy of samples/test_suite, with the migrator on the PATH."""
    project = start_project(tmp_path, rebar3_tools)
    shutil.copytree(SAMPLE, project.folder, dirs_exist_ok=True)
    return project


def test_the_sample_under_pytest(tmp_path: Path) -> None:
    """The sample's tests pass where the migrator is installed; its snapshot is compared, and no warning is given."""
    shutil.copytree(SAMPLE, tmp_path / "lobby")
    command = [sys.executable, "-m", "pytest", "-q", "-W", "error", "-p", "no:cacheprovider", "pytest"]
    # Where these tests run on several cores, theirs is not one of the workers: syrupy's would not count snapshots.
    alone = {name: value for name, value in environment().items() if not name.startswith("PYTEST_")}
    done = subprocess.run(command, cwd=tmp_path / "lobby", env=alone, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 snapshot passed" in done.stdout
    snapshot = tmp_path / "lobby/pytest/__snapshots__/test_lobby/lobby.erl"
    text = snapshot.read_text(encoding="utf-8")
    snapshot.write_text(text.replace("100", "99"), encoding="utf-8")
    again = subprocess.run(command, cwd=tmp_path / "lobby", env=alone, check=False, capture_output=True, text=True)
    assert again.returncode == 1
    snapshot.unlink()
    subprocess.run([*command, "--snapshot-update", "-k", "generated"], cwd=tmp_path / "lobby", env=alone, check=True)
    assert text == snapshot.read_text(encoding="utf-8")


def test_the_sample_under_rebar3(project: Project) -> None:
    """`rebar3 eunit` runs the generated tests on the beam that its hook injects into, again and also for cover."""
    assert "13 tests, 0 failures" in project.run("rebar3", "eunit")
    assert "is in" in project.run("rebar3", "eunit", "--cover")
    told = project.run("migrator", "inject", "--eunit", "test", "states.lock", "_build/test/lib")
    assert "lobby_migration_tests.erl: the tests are there already" in told


def test_the_sample_without_the_hook(project: Project) -> None:
    """Without the hook the tests say what is missing; beams that were injected before `rebar3 eunit` stay so."""
    (project.folder / "rebar.config").write_text("{erl_opts, [debug_info]}.\n", encoding="utf-8")
    failed = project.attempt("rebar3", "eunit")
    assert failed.returncode == 1
    assert "carries_its_migrations_test" in failed.stdout
    project.run("rebar3", "as", "test", "compile")
    project.run("migrator", "inject", "states.lock", "_build/test/lib")
    assert "13 tests, 0 failures" in project.run("rebar3", "eunit")
