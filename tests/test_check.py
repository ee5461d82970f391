"""`check`: a verdict for each module between two releases, and whether a lock tells the truth."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest

from tests.support.cases import contents, decided, run, server

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.cases import Bench

pytest_plugins = ["tests.support.bench"]


def release(bench: Bench, root: str, **sources: str) -> Path:
    """A release of one application with these modules, and one that names no record."""
    ebin = f"{root}/lib/app-1/ebin"
    for name, source in sources.items():
        bench.compile(source, ebin, name=name)
    bench.compile("-module(plain).\n-record(state, {a}).", ebin, name="plain")
    return bench.folder / root


def beam(root: Path, name: str) -> Path:
    """A beam of such a release."""
    return root / f"lib/app-1/ebin/{name}.beam"


@pytest.fixture
def old(bench: Bench) -> Path:
    """The old release."""
    return release(
        bench, "one", alpha=server("a", name="alpha"), beta=server("a, b", name="beta"), gone=server("a", name="gone")
    )


def test_all_is_well(bench: Bench, old: Path) -> None:
    """One line for each module that takes part; exit 0, and nothing is written."""
    new = release(
        bench,
        "two",
        alpha=server("a, b = 1", name="alpha", vsn='"2"'),
        beta=server("a, b", name="beta", vsn='"2"'),
        fresh=server("z", name="fresh", vsn='"2"'),
    )
    before = contents(bench.folder)
    done = run("check", old, new)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [
        'alpha: can be migrated ("1" -> "2")',
        'beta: nothing to migrate ("1" -> "2")',
    ]
    assert contents(bench.folder) == before


def test_a_decision_is_open(bench: Bench, old: Path) -> None:
    """Exit 1, and what must be decided stands under its module."""
    new = release(
        bench,
        "two",
        alpha=server("a, b = 1", name="alpha", vsn='"2"'),
        beta=server("a", name="beta", vsn='"2"'),
    )
    done = run("check", old, new)
    assert (done.returncode, done.stderr) == (1, "")
    lines = done.stdout.splitlines()
    at = lines.index('beta: cannot be migrated as it is ("1" -> "2")')
    assert lines[0] == 'alpha: can be migrated ("1" -> "2")'
    assert re.match(r"  decide\[M301\] the old field b ", lines[at + 1])
    assert "      -state_migration([{drop, b}])." in lines
    assert run("check", "--allow", "drop", old, new).returncode == 0
    alone = run("check", beam(old, "beta"), beam(new, "beta"))
    assert (alone.returncode, alone.stdout.splitlines()) == (1, lines[at:])


def test_a_module_cannot_be_migrated(bench: Bench, old: Path) -> None:
    """A decision that fits nothing, a record that is not there, no debug info: each is one module's verdict."""
    new = release(
        bench,
        "two",
        alpha=server("a", decided("{drop, nothing}"), name="alpha", vsn='"2"'),
        beta=server("a, b", name="beta", vsn='"2"'),
    )
    bench.compile(server("a", name="gone"), "two/lib/app-1/ebin", options="[]", name="gone")
    done = run("check", old, new)
    assert done.returncode == 1
    assert re.findall(r"^(\w+):|\b(M\d+)\]", done.stdout, re.MULTILINE) == [
        ("alpha", ""),
        ("", "M113"),
        ("beta", ""),
        ("gone", ""),
        ("", "M107"),
    ]


def test_modules_that_name_no_record_are_passed_by(bench: Bench, old: Path) -> None:
    """As a release's and as beams; with --record such a module is checked."""
    new = release(bench, "two", other=server("a", name="other"))
    for paths in ((old, new), (beam(old, "plain"), beam(new, "plain"))):
        done = run("check", *paths)
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout == "no module here names a state record that both have: nothing to check\n"
    done = run("check", "--record", "state", beam(old, "plain"), beam(new, "plain"))
    assert (done.returncode, done.stdout) == (0, "plain: nothing to migrate " + done.stdout.partition("migrate ")[2])


def test_what_cannot_be_looked_at(bench: Bench, old: Path) -> None:
    """Usage, inputs and the environment have the exit codes that they have everywhere."""
    broken = bench.folder / "broken.beam"
    broken.write_bytes(b"FOR1")
    assert run("check", old).returncode == 2
    assert run("check", "--lock", old, old, old).returncode == 2
    assert run("check", old, bench.folder / "nowhere").returncode == 4
    assert run("check", beam(old, "alpha"), broken).returncode == 4
    assert run("check", bench.folder / "x.lock", old).returncode == 4
    assert run("check", "--erl", "/nowhere/erl", old, old).returncode == 5


def test_json(bench: Bench, old: Path) -> None:
    """A list of the objects of section 10, for releases and for beams alike; one object where nothing could be done."""
    new = release(
        bench, "two", alpha=server("a, b = 1", name="alpha", vsn='"2"'), beta=server("a", name="beta", vsn='"2"')
    )
    done = run("check", "--format", "json", old, new)
    assert done.returncode == 1
    assert [(each["module"], each["verdict"]) for each in json.loads(done.stdout)] == [
        ("alpha", "migrate"),
        ("beta", "blocked"),
    ]
    (one,) = json.loads(run("check", "--format", "json", beam(old, "alpha"), beam(new, "alpha")).stdout)
    assert one.keys() == {"module", "record", "verdict", "from", "diagnostics"}
    failed = run("check", "--format", "json", old, bench.folder / "nowhere")
    assert failed.returncode == 4
    assert json.loads(failed.stdout)["diagnostics"][0]["code"] == "M101"


def test_an_old_version_in_a_lock(bench: Bench, old: Path) -> None:
    """A lock stands for the old release; a module that it does not have is told, and is no fault."""
    new = release(
        bench,
        "two",
        alpha=server("a, b = 1", name="alpha", vsn='"2"'),
        beta=server("a", name="beta", vsn='"2"'),
        fresh=server("z", name="fresh", vsn='"2"'),
    )
    lock = bench.folder / "states.lock"
    run("lock", old, "-o", lock)
    done = run("check", lock, new)
    assert done.returncode == 1
    assert re.findall(r"^(\w+): (.*?) *(?:\(|$)", done.stdout, re.MULTILINE) == [
        ("alpha", "can be migrated"),
        ("beta", "cannot be migrated as it is"),
        ("fresh", "nothing to migrate"),
    ]
    assert "M514" in done.stdout
    shown = json.loads(run("check", "--format", "json", lock, new).stdout)
    assert [each["verdict"] for each in shown] == ["migrate", "blocked", "unchanged"]
    run("check", "--allow", "drop", lock, new)
    assert run("check", "--allow", "drop", lock, new).returncode == 0


@pytest.fixture
def lock(bench: Bench, old: Path) -> Path:
    """A lock of the old release, and of the third-party module in it."""
    path = bench.folder / "states.lock"
    assert run("lock", "--record", "state", old, "-o", path).returncode == 0
    return path


def test_a_lock_that_tells_the_truth(lock: Path, old: Path) -> None:
    """Exit 0, whether the release says all names itself or not."""
    done = run("check", "--lock", lock, old)
    assert (done.returncode, done.stdout) == (0, f"{lock} tells the truth about 3 modules of {old}\n")
    assert run("check", "--lock", lock, "--record", "state", old).returncode == 0
    assert run("check", "--lock", lock, beam(old, "alpha")).returncode == 0


def test_a_record_that_changed_under_the_same_vsn(bench: Bench, lock: Path, old: Path) -> None:
    """M601, with the lines that differ and the place in the lock."""
    release(bench, "one", alpha=server("a :: integer(), c", name="alpha"))
    done = run("check", "--lock", lock, old)
    assert (done.returncode, done.stdout) == (1, "")
    assert "M601" in done.stderr
    assert '- {field, "a"}.; + {field, "a :: integer()"}.' in done.stderr
    (line,) = re.findall(rf"at {re.escape(str(lock))}:(\d+)", done.stderr)
    assert lock.read_text(encoding="utf-8").splitlines()[int(line) - 1] == '    {field, "a"}.'
    assert f"migrator lock {old} -o {lock}" in done.stderr
    assert run("lock", old, "-o", lock).returncode == 0
    assert run("check", "--lock", lock, old).returncode == 0


@pytest.mark.parametrize(
    "change",
    [
        server("a = 1", name="alpha"),
        server("a", name="alpha", record="other"),
        server("a :: t()", "-type t() :: integer().", name="alpha"),
        server("a", "-record(within, {x}).", name="alpha"),
    ],
)
def test_whatever_changed_is_found(bench: Bench, lock: Path, old: Path, change: str) -> None:
    """Another default, name, type, or record inside."""
    release(bench, "one", alpha=change)
    done = run("check", "--lock", lock, old)
    assert done.returncode == 1
    assert re.findall(r"\[(M\d+)\] (\w+)", done.stderr) == [("M601", "alpha")]


def test_code_that_changed_is_no_matter(bench: Bench, lock: Path, old: Path) -> None:
    """Another function, and lines moved about, leave the lock true."""
    release(bench, "one", alpha="\n\n%\n" + server("a", "-export([f/1]).", "f(X) -> X.", name="alpha"))
    assert run("check", "--lock", lock, old).returncode == 0


def test_a_version_that_is_not_locked(bench: Bench, lock: Path, old: Path) -> None:
    """M602: a module of another vsn, and one that is new; a module that does not take part is none."""
    release(bench, "one", alpha=server("a", name="alpha", vsn='"1.1"'), fresh=server("z", name="fresh"))
    bench.compile("-module(other).\n-record(state, {a}).", "one/lib/app-1/ebin", name="other")
    done = run("check", "--lock", lock, old)
    assert done.returncode == 1
    assert re.findall(r"\[(M\d+)\].* of (\w+ \S+)", done.stderr) == [("M602", 'alpha "1.1"'), ("M602", 'fresh "1"')]


def test_an_entry_whose_module_is_gone(bench: Bench, lock: Path, old: Path) -> None:
    """M603, with the line that takes it out; entries of other versions are history."""
    beam(old, "gone").unlink()
    done = run("check", "--lock", lock, old)
    assert done.returncode == 1
    (found,) = re.findall(r"\[(M\d+)\]", done.stderr)
    assert found == "M603"
    (command,) = re.findall(r"migrator (lock --prune .*)", done.stderr)
    assert run(*command.replace("'", "").split()).returncode == 0
    assert run("check", "--lock", lock, old).returncode == 0
    new = release(bench, "two", alpha=server("a", name="alpha", vsn='"2"'))
    run("lock", new, "-o", lock)
    assert run("check", "--lock", lock, new).returncode == 0


def test_a_lock_as_json(bench: Bench, lock: Path, old: Path) -> None:
    """A list of what was found."""
    assert json.loads(run("check", "--format", "json", "--lock", lock, old).stdout) == []
    release(bench, "one", alpha=server("b", name="alpha"))
    (found,) = json.loads(run("check", "--format", "json", "--lock", lock, old).stdout)
    assert found["code"] == "M601"
