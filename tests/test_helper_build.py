"""The helper is compiled for the Erlang that runs it, once, and starts whatever the user's environment says."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from migrator import helper_build, otp, resources
from migrator.errors import EnvironmentFault
from migrator.terms import Atom

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SECONDS = 30.0
QUICK = 0.05
ECHO = Atom("echo")


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give an empty cache of our own."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "migrator"


@pytest.mark.parametrize(
    "name", ["ERL_FLAGS", "ERL_AFLAGS", "ERL_ZFLAGS", "ERL_LIBS", "ERL_COMPILER_OPTIONS", "ERL_OTP25_FLAGS"]
)
def test_the_users_flags_do_not_reach_it(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """What would change how Erlang starts or compiles is taken out of the environment."""
    monkeypatch.setenv(name, "-no_such_thing")
    assert name not in helper_build.environment()


def test_it_starts_under_hostile_flags(erl: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A helper starts where flags in the environment would stop any other node."""
    monkeypatch.setenv("ERL_FLAGS", "-s erlang halt")
    monkeypatch.setenv("ERL_COMPILER_OPTIONS", "this is no term")
    with otp.start(erl) as helper:
        assert helper.call((ECHO, [1, 2]), SECONDS) == [1, 2]


def test_it_is_compiled_once(erl: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second start takes the beams of the first."""
    with otp.start(erl) as helper:
        assert helper.call((ECHO, 1), SECONDS) == 1
    monkeypatch.setattr(helper_build, "_compile", None)
    with otp.start(erl) as helper:
        assert helper.call((ECHO, 2), SECONDS) == 2
    assert len(list(cache.iterdir())) == 1


def test_two_at_once_do_not_harm_each_other(erl: Path, cache: Path) -> None:
    """Processes that compile at the same moment all get whole beams, and leave one copy."""
    code = (
        "import sys; from pathlib import Path; from migrator import helper_build, resources\n"
        "sys.stdin.read()\n"
        "print(helper_build.cached_beams(Path(sys.argv[1]), resources.helper_sources()))"
    )
    command = [sys.executable, "-c", code, str(erl)]
    racers = [subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    for racer in racers:
        assert racer.stdin is not None
        racer.stdin.close()
        racer.stdin = None
    places = {racer.communicate()[0].strip() for racer in racers}
    assert places == {str(path) for path in cache.iterdir()}
    assert len(places) == 1


def test_a_damaged_cache_is_compiled_anew(erl: Path, cache: Path) -> None:
    """A beam that is cut short is not run."""
    sources = resources.helper_sources()
    place = helper_build.cached_beams(erl, sources)
    os.truncate(place / "migrator_helper.beam", 100)
    with otp.start(erl) as helper:
        assert helper.call((ECHO, 1), SECONDS) == 1
    assert [place] == list(cache.iterdir())


@pytest.mark.parametrize("trouble", ["a file in its place", "others may write it"])
def test_a_cache_that_cannot_serve_is_done_without(erl: Path, cache: Path, trouble: str) -> None:
    """Where the cache cannot be used, or not be trusted, the beams are in a folder of this process."""
    cache.parent.mkdir()
    if trouble == "a file in its place":
        cache.write_text("")
    else:
        cache.mkdir()
        cache.chmod(0o777)
    place = helper_build.cached_beams(erl, resources.helper_sources())
    assert cache not in place.parents
    with otp.start(erl) as helper:
        assert helper.call((ECHO, 1), SECONDS) == 1


@pytest.mark.parametrize("trouble", ["another release", "cannot be loaded"])
def test_beams_of_another_release_are_compiled_anew(erl: Path, cache: Path, trouble: str) -> None:
    """Where erl is a script that picks another release than last time, the helper fits the one of today."""
    place = helper_build.cached_beams(erl, resources.helper_sources())
    assert cache == place.parent
    if trouble == "another release":
        (place / "otp").write_text("99")
    else:
        (place / "migrator_helper.beam").write_bytes(b"FOR1\x00\x00\x00\x04BEAM")
    with otp.start(erl) as helper:
        assert helper.call((ECHO, 1), SECONDS) == 1


@pytest.mark.usefixtures("cache")
def test_an_erl_that_cannot_compile_is_told(program: Callable[[str], Path]) -> None:
    """What such an Erlang says is kept."""
    path = program("#!/bin/sh\necho this is no erlang\nexit 1\n")
    with pytest.raises(EnvironmentFault) as caught:
        otp.start(path)
    assert ("no_compiler", path, "this is no erlang") == (
        caught.value.reason,
        caught.value.path,
        caught.value.detail,
    )


@pytest.mark.usefixtures("cache")
def test_an_erl_that_hangs_is_told(
    program: Callable[[str], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A compilation without end is ended."""
    monkeypatch.setattr(helper_build, "_SECONDS", QUICK)
    # A pipe that nobody writes to: opening it waits for ever.
    os.mkfifo(tmp_path / "forever")
    with pytest.raises(EnvironmentFault) as caught:
        otp.start(program(f"#!/bin/sh\nread word < '{tmp_path}/forever'\n"))
    assert caught.value.reason == "hung"
