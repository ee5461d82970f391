"""Two versions of a release, with a dependency, for the tests of `hook`: a pytest plugin that they name."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from migrator import library
from migrator.diagnostics import Refused
from migrator.release.hook import Wanted, hook
from migrator.request import Request
from tests.support.cases import server
from tests.support.releases import App, make_root

if TYPE_CHECKING:
    from pathlib import Path

    from migrator.otp import Helper
    from migrator.release.hook import Run

PURE = "-module(text).\n-export([f/0]).\nf() -> {vsn}.\n"


def apps(vsn: str, fields: str) -> list[App]:
    """An application with a server and a pure module, and a dependency with another server."""
    return [
        App("shop", vsn, {"kv": server(fields, vsn=f'"{vsn}"', name="kv"), "text": PURE.format(vsn=vsn[0])}),
        App("dep", vsn, {"pool": server(fields, vsn=f'"{vsn}"', name="pool")}),
    ]


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The roots of two versions, `1.0` and `2.0`; not to be changed."""
    place = tmp_path_factory.mktemp("built")
    make_root(place / "1.0", "1.0", apps("1.0", "name, users = #{}"))
    make_root(place / "2.0", "2.0", apps("2.0", "name, users = #{}, hits = 0"))
    return place


@pytest.fixture
def roots(built: Path, tmp_path: Path) -> tuple[Path, Path]:
    """Copies of the two roots."""
    old, new = tmp_path / "old", tmp_path / "new"
    shutil.copytree(built / "1.0", old)
    shutil.copytree(built / "2.0", new)
    return old, new


@pytest.fixture(scope="session")
def wanted(built: Path, helper: Helper) -> dict[str, bytes]:
    """The beams that `inject` makes, by module."""
    result = library.inject(helper, [built / "1.0"], built / "2.0")
    return {each.module: each.after for each in result.injected if each.after is not None}


def beams_in(root: Path) -> dict[str, bytes]:
    """All beams below a folder, by module."""
    return {path.stem: path.read_bytes() for path in root.rglob("*.beam")}


def unpacked(tarball: Path, place: Path) -> Path:
    """The folder, with what `tar` unpacks there."""
    place.mkdir()
    subprocess.run(["tar", "xzf", tarball, "-C", place], check=True)
    return place


def codes(run: Run) -> list[str]:
    """The codes of all that was said."""
    return [each.code for each in run.diagnostics]


def refused(helper: Helper, olds: list[Path], new: Path, wanted: Wanted | None = None) -> list[str]:
    """The codes with which a run is refused."""
    with pytest.raises(Refused) as caught:
        hook(helper, olds, new, Request(), wanted)
    return [each.code for each in caught.value.diagnostics]
