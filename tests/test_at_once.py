"""Several at work on one release at the same time: nothing is corrupted, and who cannot go on says so."""

from __future__ import annotations

import os
import subprocess
import threading
from typing import TYPE_CHECKING

import pytest

from tests.support.cases import command_line, environment, run
from tests.support.hooks import beams_in, unpacked
from tests.support.releases import make_tar

if TYPE_CHECKING:
    from pathlib import Path

pytest_plugins = ["tests.support.hooks"]


def _start(*arguments: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        command_line(*arguments),
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
        text=True,
    )


def _ends(*running: subprocess.Popen[str]) -> list[tuple[int, str]]:
    said = [each.communicate()[1] for each in running]
    return [(each.returncode, text) for each, text in zip(running, said, strict=True)]


@pytest.mark.parametrize("shape", ["lib", "tarball"])
def test_two_hooks(shape: str, roots: tuple[Path, Path], wanted: dict[str, bytes], tmp_path: Path) -> None:
    """Both done, one after the other, or one refused (M209): and the release is what one run makes of it."""
    old, new = roots
    before = beams_in(new)
    target = new / "lib" if shape == "lib" else make_tar(new, tmp_path / "shop.tar.gz")
    ends = _ends(*(_start("hook", old, target) for _ in range(2)))
    assert 0 in {code for code, _ in ends}
    assert all(code == 0 or (code == 5 and "M209" in said) for code, said in ends), ends
    assert beams_in(new if shape == "lib" else unpacked(target, tmp_path / "out")) == {**before, **wanted}
    assert not list(tmp_path.rglob(".migrator*"))


def test_hook_and_inject(roots: tuple[Path, Path], wanted: dict[str, bytes]) -> None:
    """`inject` on a beam of the release that `hook` works on: one may be refused, the beam is the wanted one."""
    old, new = roots
    before = beams_in(new)
    beam = "lib/shop-{0}/ebin/kv.beam"
    ends = _ends(_start("hook", old, new), _start("inject", old / beam.format("1.0"), new / beam.format("2.0")))
    assert all(code in {0, 4, 5} and "Traceback" not in said for code, said in ends), ends
    assert all(code == 0 or any(each in said for each in ("M121", "M154", "M209")) for code, said in ends), ends
    now = beams_in(new)
    assert all(now[name] in {before[name], wanted.get(name)} for name in now)
    assert run("hook", old, new).returncode == 0
    assert beams_in(new) == {**before, **wanted}


def test_hook_while_a_compiler_writes(roots: tuple[Path, Path], wanted: dict[str, bytes]) -> None:
    """Another program writes beams anew all the time: none is ever lost or mixed, and the last run has its way."""
    old, new = roots
    before = beams_in(new)
    target = new / "lib" / "shop-2.0" / "ebin" / "kv.beam"
    done = threading.Event()

    def compiler() -> None:
        while not done.is_set():
            beside = target.with_suffix(".bea#")
            beside.write_bytes(before["kv"])
            os.replace(beside, target)  # noqa: PTH105 - as the compiler does it

    writer = threading.Thread(target=compiler)
    writer.start()
    try:
        for _ in range(2):
            ((code, said),) = _ends(_start("hook", old, new))
            assert code == 0 or (code == 4 and "M121" in said) or "M423" in said, said
            assert beams_in(new)["kv"] in {before["kv"], wanted["kv"]}
    finally:
        done.set()
        writer.join()
    assert run("hook", old, new).returncode == 0
    assert beams_in(new) == {**before, **wanted}


@pytest.mark.parametrize("command", ["inject", "hook"])
def test_a_target_that_vanishes(command: str, roots: tuple[Path, Path]) -> None:
    """A beam that is removed while the command runs: a diagnostic that names it, and no other beam is changed."""
    old, new = roots
    beam = "lib/shop-{0}/ebin/kv.beam"
    target = new / beam.format("2.0")
    arguments = ("hook", old, new) if command == "hook" else ("inject", old / beam.format("1.0"), target)
    before = {name: content for name, content in beams_in(new).items() if name != "kv"}
    running = _start(*arguments)
    target.unlink()
    ((code, said),) = _ends(running)
    assert (code, "Traceback" in said) in {(0, False), (4, False)}, said
    if code:
        assert any(each in said for each in ("M101", "M121")), said
        assert {name: content for name, content in beams_in(new).items() if name != "kv"} == before


def test_a_folder_that_nobody_may_write(roots: tuple[Path, Path]) -> None:
    """A release whose files are read-only is refused (M118), and keeps every byte."""
    old, new = roots
    before = beams_in(new)
    for path in new.rglob("*.beam"):
        path.chmod(0o444)
    done = run("hook", old, new)
    assert (done.returncode, "M118" in done.stderr) == (4, True), done.stderr
    assert beams_in(new) == before
    assert not list(new.rglob(".migrator*"))
