"""Targets that cannot be written, and an Erlang that fails: nothing is written, and the code says why."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from migrator import library, otp
from migrator.errors import EnvironmentFault
from tests.support.cases import command_line, contents, environment, injected, refused, run, server

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.cases import Bench

pytest_plugins = ["tests.support.bench"]

OLD = server("a")
NEW = server("a, b = 5", vsn='"2"')
# Comes on the wire as late as can be: everything was read and planned, nothing is written.
MIDDLE = "{migrator_splice, splice, 2}"


# --- the target


def test_no_room_on_the_disk(bench: Bench) -> None:
    """A full disk under the target is M205, exit 5."""
    old, new = bench.beams(OLD, NEW)
    done = run("inject", "-o", "/dev/full", old, new)
    assert (done.returncode, done.stdout) == (5, "")
    assert "M205" in done.stderr


def test_a_file_that_may_not_grow(bench: Bench) -> None:
    """A limit that cuts the writing short is M205: the target is as it was, no temporary file stays."""
    old, new = bench.beams(OLD, NEW)
    before = contents(bench.folder)
    limited = ["sh", "-c", 'ulimit -f 1; exec "$@"', "sh", *command_line("inject", old, new)]
    done = subprocess.run(limited, env=environment(), capture_output=True, text=True, check=False, timeout=120)
    assert (done.returncode, done.stdout) == (5, "")
    assert "M205" in done.stderr
    assert contents(bench.folder) == before


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 16 KiB."""
    place = tmp_path / "small"
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=16k", "tmpfs", str(place)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("mounting is not permitted here")
    yield place
    subprocess.run(["umount", str(place)], check=True)


def test_a_full_file_system(bench: Bench, small_disk: Path) -> None:
    """A target on a full file system keeps its bytes: M205."""
    old, new = bench.beams(OLD, NEW)
    target = small_disk / "m.beam"
    target.write_bytes(new.read_bytes())
    with pytest.raises(OSError, match="No space left"):
        (small_disk / "ballast").write_bytes(bytes(1 << 20))
    refused_there = run("inject", old, target)
    assert (refused_there.returncode, "M205" in refused_there.stderr) == (5, True)
    assert target.read_bytes() == new.read_bytes()
    assert sorted(path.name for path in small_disk.iterdir()) == ["ballast", "m.beam"]


@pytest.mark.skipif(not Path("/sys/kernel").is_dir(), reason="no sysfs here, where no file can be made by anyone")
def test_a_place_where_nothing_can_be_written(bench: Bench) -> None:
    """A target that the system refuses to make is M206."""
    old, new = bench.beams(OLD, NEW)
    done = run("inject", "-o", "/sys/migrator.beam", old, new)
    assert (done.returncode, done.stdout) == (5, "")
    assert "M206" in done.stderr


def test_a_target_in_a_folder_that_is_not_there(bench: Bench) -> None:
    """`-o` into a missing folder is M101, `-o` onto a folder M102."""
    old, new = bench.beams(OLD, NEW)
    missing = run("inject", "-o", bench.folder / "none" / "m.beam", old, new)
    folder = run("inject", "-o", bench.folder, old, new)
    assert [(each.returncode, code in each.stderr) for each, code in ((missing, "M101"), (folder, "M102"))] == [
        (4, True),
        (4, True),
    ]


def test_another_file_system(bench: Bench) -> None:
    """A target on another file system than NEW's is written like any other."""
    shm = Path("/dev") / "shm"
    if not shm.is_dir() or shm.stat().st_dev == bench.folder.stat().st_dev:
        pytest.skip("there is no second file system here")
    old, new = bench.beams(OLD, NEW)
    target = shm / f"migrator-case-{os.getpid()}.beam"
    try:
        assert run("inject", "-o", target, old, new).returncode == 0
        assert target.read_bytes() == injected(library.inject(bench.helper, [old], new))
    finally:
        target.unlink(missing_ok=True)


def test_one_of_a_release_cannot_be_written(bench: Bench) -> None:
    """Where one target of a release is read-only, the others keep their old bytes too."""
    for root, fields, vsn in (("one", "a", '"1"'), ("two", "a, b", '"2"')):
        for name in ("alpha", "beta", "gamma"):
            bench.compile(server(fields, name=name, vsn=vsn), f"{root}/lib/app-1/ebin", name=name)
    (bench.folder / "two" / "lib" / "app-1" / "ebin" / "beta.beam").chmod(0o444)
    refused(bench, "M118", 4, bench.folder / "one", bench.folder / "two")


# --- an Erlang that fails in the middle


def fake_erl(folder: Path, event: str, then: str) -> Path:
    """An erl that does `then` (with the caller's `Pid`) when the helper calls the function `event`."""
    real = shutil.which("erl")
    watch = (
        (
            "spawn(fun() -> {M, F, A} = Event, {module, M} = code:ensure_loaded(M),"
            " 1 = erlang:trace_pattern({M, F, A}, true, []),"
            " _ = erlang:trace(all, true, [call]), receive {trace, Pid, call, _} -> Then end end)"
        )
        .replace("Event", event)
        .replace("Then", then)
    )
    program = folder / "erl"
    # The helper's own start comes after our watch, so that no call is missed.
    program.write_text(
        '#!/bin/sh\ncase "$*" in\n'
        f"*'-s migrator_helper main'*) exec '{real}' -eval '{watch}' \"$@\" ;;\n"
        f"*) exec '{real}' \"$@\" ;;\nesac\n"
    )
    program.chmod(0o755)
    return program


def test_an_erlang_that_is_killed_in_the_middle(bench: Bench) -> None:
    """An Erlang that ends while it compiles is M203, exit 5, and nothing is written."""
    old, new = bench.beams(OLD, NEW)
    erl = fake_erl(bench.folder, MIDDLE, "_ = Pid, erlang:halt(137, [{flush, false}])")
    before = contents(bench.folder)
    done = run("inject", "--erl", erl, old, new, XDG_CACHE_HOME=str(bench.folder.parent / f"{bench.folder.name}-cache"))
    assert (done.returncode, done.stdout) == (5, "")
    assert "M203" in done.stderr
    assert contents(bench.folder) == before


def test_a_target_that_changes_meanwhile(bench: Bench) -> None:
    """A target that another program writes while we work is left as that wrote it: M121."""
    old, new = bench.beams(OLD, NEW)
    erl = fake_erl(bench.folder, MIDDLE, f'_ = Pid, file:write_file("{new}", "other")')
    done = run("inject", "--erl", erl, old, new, XDG_CACHE_HOME=str(bench.folder.parent / f"{bench.folder.name}-cache"))
    assert (done.returncode, done.stdout) == (4, "")
    assert "M121" in done.stderr
    assert new.read_bytes() == b"other"


def test_control_c_in_the_middle(bench: Bench) -> None:
    """Ctrl-C while Erlang works ends with 130, ends that Erlang, and nothing is written."""
    old, new = bench.beams(OLD, NEW)
    fifo = bench.folder / "started"
    os.mkfifo(fifo)
    stop = f'erlang:suspend_process(Pid), os:cmd("echo " ++ os:getpid() ++ " > {fifo}"), receive never -> ok end'
    erl = fake_erl(bench.folder, MIDDLE, stop)
    before = contents(bench.folder)
    cache = str(bench.folder.parent / f"{bench.folder.name}-cache")
    process = subprocess.Popen(
        command_line("inject", "--erl", erl, old, new),
        env=environment(XDG_CACHE_HOME=cache),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    erlang = int(fifo.read_text())
    process.send_signal(signal.SIGINT)
    out, talk = process.communicate(timeout=60)
    assert (process.returncode, out) == (130, "")
    assert "M207" in talk
    assert "Traceback" not in talk
    assert contents(bench.folder) == before
    with pytest.raises(ProcessLookupError):
        os.kill(erlang, 0)


def test_an_erlang_that_hangs_at_its_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An Erlang that never says hello is M204, exit 5."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    real = shutil.which("erl")
    program = tmp_path / "erl"
    program.write_text(
        f"#!/bin/sh\ncase \"$*\" in *'-s migrator_helper main'*) exec sleep 600 ;; *) exec '{real}' \"$@\" ;; esac\n"
    )
    program.chmod(0o755)
    with otp.start(program, otp.Patience(hello=0.2)) as helper, pytest.raises(EnvironmentFault) as caught:
        helper.hello()
    (found,) = library.diagnostics_of(caught.value)
    assert (found.code, found.kind.exit) == ("M204", 5)
