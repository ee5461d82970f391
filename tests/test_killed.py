"""`kill -9` at any moment of `inject` and `hook`: every file is the old one or the new one, and the next run completes.

`MIGRATOR_FUZZ` says how many moments, taken at random from as long as an undisturbed run takes.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from migrator.release.journal import FOLDER
from tests.support.cases import command_line, contents, environment, run, server
from tests.support.hooks import beams_in, unpacked
from tests.support.releases import make_tar
from tests.support.roots import appup_text, shop

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.cases import Bench

pytest_plugins = ["tests.support.bench", "tests.support.hooks"]

COUNT = min(int(os.environ.get("MIGRATOR_FUZZ", "4")), 100)


def _start(*arguments: object) -> subprocess.Popen[bytes]:
    """The command in a group of its own; its Erlang ends by itself, when nobody speaks to it any more."""
    return subprocess.Popen(
        command_line(*arguments),
        env=environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def _killed(moment: float, *arguments: object) -> int:
    """Starts it, and ends all of it that many seconds later, unless it has ended; gives how it ended."""
    with _start(*arguments) as process:
        try:
            return process.wait(moment)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            return process.wait()


def _measured(*arguments: object) -> float:
    begun = time.monotonic()
    done = run(*arguments)
    assert done.returncode == 0, done.stderr
    return time.monotonic() - begun


def _moments(longest: float, kind: str) -> list[float]:
    """Most of them towards the end, where files are written."""
    chance = random.Random(kind)  # noqa: S311 - reproducible, not secret
    return [longest * chance.uniform(0, 1.1) ** 0.5 for _ in range(COUNT)]


def test_inject(bench: Bench, tmp_path: Path) -> None:
    """The beam is wholly old or wholly new at any moment, and the next run gives what an undisturbed one gives."""
    old, new = bench.beams(server("a"), server("a, b = 1", vsn='"2"'))
    before = new.read_bytes()
    longest = _measured("inject", old, new)
    after = new.read_bytes()
    place = tmp_path / "place"
    for moment in _moments(longest, "inject"):
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir()
        target = place / "m.beam"
        target.write_bytes(before)
        _killed(moment, "inject", old, target)
        assert target.read_bytes() in {before, after}
        assert run("inject", old, target).returncode == 0
        assert target.read_bytes() == after


@pytest.mark.parametrize("shape", ["lib", "tarball"])
def test_hook(shape: str, roots: tuple[Path, Path], tmp_path: Path) -> None:
    """Over a folder and over a tarball: each beam old or new; the next run completes, and leaves nothing of ours."""
    old, new = roots
    home = tmp_path / "work"

    def prepared() -> Path:
        shutil.rmtree(home, ignore_errors=True)
        home.mkdir()
        if shape == "lib":
            return Path(shutil.copytree(new / "lib", home / "lib"))
        return make_tar(new, home / "shop.tar.gz")

    def beams(place: str) -> dict[str, bytes]:
        found = beams_in(home / "lib" if shape == "lib" else unpacked(home / "shop.tar.gz", home / place))
        shutil.rmtree(home / place, ignore_errors=True)
        return found

    target = prepared()
    before = beams("before")
    longest = _measured("hook", old, target)
    after = beams("after")
    assert before != after
    for moment in _moments(longest, shape):
        target = prepared()
        _killed(moment, "hook", old, target)
        now = {name: beam for name, beam in beams("now").items() if FOLDER not in name}
        assert all(beam in {before.get(name), after.get(name)} for name, beam in now.items())
        done = run("hook", old, target)
        assert done.returncode == 0, done.stderr
        assert beams("then") == after
        assert not [*home.rglob(FOLDER), *home.rglob(".migrator*")]


WRITERS = ("eject", "lock", "appup", "appup over ours", "relup")


@pytest.mark.parametrize("command", WRITERS)
def test_what_else_writes(command: str, roots: tuple[Path, Path], tmp_path: Path) -> None:
    """Every file is the old one or the new one at any moment; the next run gives what an undisturbed one gives."""
    old, new = roots
    beam = new / "lib/shop-2.0/ebin/kv.beam"
    lock = tmp_path / "states.lock"
    if command == "eject":
        assert run("hook", old, new).returncode == 0
    elif command == "lock":
        assert run("lock", old, "-o", lock).returncode == 0
    elif command == "appup over ours":
        assert run("appup", old, new).returncode == 0
    elif command != "appup":
        old, new = shop(tmp_path / "one", "1"), shop(tmp_path / "two", "2", appup=appup_text("2", "1"))
    if command == "appup over ours":
        for path in new.rglob("*.appup"):
            path.write_text(path.read_text(encoding="utf-8").replace('"1.0"', '"0.9"'), encoding="utf-8")
    arguments: tuple[object, ...] = {
        "eject": ("eject", beam),
        "lock": ("lock", new, "-o", lock),
        "relup": ("relup", old, new),
    }.get(command, ("appup", old, new))
    kept = shutil.copytree(new, tmp_path / "kept")
    locked = lock.read_bytes() if lock.exists() else b""

    def now() -> dict[Path, bytes]:
        found = {path.relative_to(new): content for path, content in contents(new).items()}
        return {**found, Path(lock.name): lock.read_bytes() if lock.exists() else b""}

    before = now()
    longest = _measured(*arguments)
    after = now()
    assert before != after
    for moment in _moments(longest, command):
        shutil.rmtree(new)
        shutil.copytree(kept, new)
        lock.write_bytes(locked)
        _killed(moment, *arguments)
        left = {name: data for name, data in now().items() if not name.name.startswith(".migrator")}
        assert all(data in {before.get(name), after.get(name)} for name, data in left.items())
        assert left.keys() >= before.keys()
        done = run(*arguments)
        assert done.returncode == 0, done.stderr
        assert {name: data for name, data in now().items() if not name.name.startswith(".migrator")} == after


@pytest.mark.parametrize("command", ["inject", "hook"])
def test_erlang_alone_is_killed(command: str, roots: tuple[Path, Path], tmp_path: Path) -> None:
    """When Erlang ends, whoever ended it, the command says so (M203) or is done; the files are old or new; no dump."""
    old, new = roots
    beam = "lib/{0}-{1}/ebin/kv.beam"
    arguments = (
        ("hook", old, new)
        if command == "hook"
        else ("inject", old / beam.format("shop", "1.0"), new / beam.format("shop", "2.0"))
    )
    before = beams_in(new)
    kept = shutil.copytree(new, tmp_path / "kept")
    longest = _measured(*arguments)
    after = beams_in(new)
    for moment in _moments(longest, f"erlang {command}")[: max(3, COUNT // 3)]:
        shutil.rmtree(new)
        shutil.copytree(kept, new)
        begun = time.monotonic()
        with subprocess.Popen(
            command_line(*arguments), env=environment(), stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, cwd=tmp_path
        ) as process:
            _once(lambda: _child_of(process.pid), process, begun + moment)
            assert process.stderr is not None
            said = process.stderr.read().decode()
        assert process.returncode in {0, 5}, said
        assert ("M203" in said, "Traceback" in said) == (process.returncode == 5, False)
        assert beams_in(new) == (after if process.returncode == 0 else before)
    assert not list(tmp_path.rglob("erl_crash.dump"))


def _child_of(pid: int) -> int | None:
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="utf-8").split()
    except OSError:
        return None
    return int(children[0]) if children else None


def _once(child: Callable[[], int | None], process: subprocess.Popen[bytes], moment: float) -> None:
    """Kills the child at that moment, if there is one still."""
    try:
        process.wait(max(0.0, moment - time.monotonic()))
    except subprocess.TimeoutExpired:
        found = child()
        if found is not None:
            os.kill(found, signal.SIGKILL)
