"""`hook` and `inject` on a disk that is full, or that nobody may write to: M205 or M206, and every byte stays."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.support.cases import contents, run
from tests.support.releases import make_tar

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytest_plugins = ["tests.support.hooks"]

ROOM = 96 * 1024


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A small file system of its own."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={ROOM}", "tmpfs", str(place)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("mounting is not permitted here")
    yield place
    subprocess.run(["umount", str(place)], check=True)


def _fill(place: Path) -> None:
    """Fills what is left of the disk, to the last page."""
    with pytest.raises(OSError, match="No space left"):
        _write_for_ever(place / "ballast")


def _write_for_ever(path: Path) -> None:
    with path.open("wb", buffering=0) as file:
        while True:
            file.write(bytes(4096))


@pytest.mark.parametrize("shape", ["lib", "tarball", "beam"])
@pytest.mark.parametrize("trouble", ["full", "read-only"])
def test_nothing_is_written(shape: str, trouble: str, roots: tuple[Path, Path], disk: Path) -> None:
    """The command says what the matter is; every file is as it was, and nothing of ours lies beside it."""
    old, new = roots
    beam = "lib/shop-{0}/ebin/kv.beam"
    arguments: tuple[object, ...]
    if shape == "beam":
        target = shutil.copy(new / beam.format("2.0"), disk / "kv.beam")
        arguments = ("inject", old / beam.format("1.0"), target)
    elif shape == "lib":
        arguments = ("hook", old, shutil.copytree(new / "lib", disk / "lib"))
    else:
        arguments = ("hook", old, make_tar(new, disk / "shop.tar.gz"))
    if trouble == "full":
        _fill(disk)
    else:
        subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
    before = contents(disk)
    done = run(*arguments)
    code = "M205" if trouble == "full" else "M206"
    assert (done.returncode, code in done.stderr, "Traceback" in done.stderr) == (5, True, False), done.stderr
    assert contents(disk) == before
