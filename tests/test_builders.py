"""The hook in other builds than rebar3's: a step of `mix release`, a makefile, and two tarballs as CI has them."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support.carried import carried
from tests.support.projects import start_project

if TYPE_CHECKING:
    from tests.support.node import Node

RELEASES = Path(__file__).parents[1] / "releases"
CARRIED = {"counter_server": 1}


def test_a_step_of_mix_release(tmp_path: Path, node: Node) -> None:
    """Between `:assemble`, which strips the beams, and `:tar` the migration comes into what is shipped."""
    if shutil.which("mix") is None:
        pytest.skip("no mix on the PATH; `scripts/apt-install elixir` installs it")
    project = start_project(tmp_path, MIX_ENV="prod")
    project.lay(RELEASES / "mixed" / "0.1.0")
    project.run("mix", "release")
    project.run("migrator", "lock", "_build/prod/lib", "-o", "states.lock")
    project.lay(RELEASES / "mixed" / "0.2.0")
    project.run("mix", "release", "--overwrite")
    tarballs = project.folder / "_build" / "prod"
    assert carried(tarballs / "counter-0.1.0.tar.gz", {"counter"}, node) == {}
    assert carried(tarballs / "counter-0.2.0.tar.gz", {"counter"}, node) == CARRIED


def test_a_makefile_and_systools(tmp_path: Path, node: Node) -> None:
    """After compilation and before packing, without rebar3 or relx."""
    project = start_project(tmp_path)
    project.lay(RELEASES / "made" / "0.1.0")
    project.run("make", "tarball")
    project.run("make", "lock")
    shutil.rmtree(project.folder / "build")
    project.lay(RELEASES / "made" / "0.2.0")
    project.run("make", "tarball")
    assert carried(project.folder / "counter-0.1.0.tar.gz", {"counter"}, node) == {}
    assert carried(project.folder / "counter-0.2.0.tar.gz", {"counter"}, node) == CARRIED


def test_two_tarballs(tmp_path: Path, node: Node) -> None:
    """Releases that were built without us get their migrations afterwards; once more changes no byte."""
    project = start_project(tmp_path)
    for version in ("0.1.0", "0.2.0"):
        project.lay(RELEASES / "made" / version)
        project.run("make", "compile")
        project.run("./pack", version, "build/lib")
        shutil.rmtree(project.folder / "build")
    hook = ("migrator", "hook", "counter-0.1.0.tar.gz", "counter-0.2.0.tar.gz")
    new = project.folder / "counter-0.2.0.tar.gz"
    assert carried(new, {"counter"}, node) == {}
    project.run(*hook)
    once = new.read_bytes()
    assert carried(new, {"counter"}, node) == CARRIED
    project.run(*hook)
    assert once == new.read_bytes()
