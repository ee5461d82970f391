"""`hook` when it is killed, when two run at once, and when the tarball means harm."""

from __future__ import annotations

import gzip
import shutil
import signal
import subprocess
import sys
import tarfile
from typing import TYPE_CHECKING

import pytest

from migrator import library
from migrator.diagnostics import Refused
from migrator.errors import InputFault
from migrator.pipeline import inject_planned
from migrator.release.hook import hook
from migrator.release.journal import FOLDER
from migrator.request import Request
from tests.support.cases import run as run_command
from tests.support.hooks import beams_in, refused, unpacked
from tests.support.releases import make_tar

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from migrator.otp import Helper
    from migrator.outcomes import Injected, Planned

pytest_plugins = ["tests.support.hooks"]

KILLED = """
import os, signal, sys
from pathlib import Path
from migrator import library
from migrator.errors import InputFault
from migrator.pipeline import inject_planned
from migrator.release.hook import hook
from migrator.request import Request

home, moment = sys.argv[1], int(sys.argv[4])
count = 0

def watch(event, args):
    global count
    changing = event in {"os.rename", "os.remove", "os.rmdir", "os.mkdir", "os.link", "os.chmod", "os.chown"}
    writing = event == "open" and str(args[0]).startswith(home) and args[2] & (os.O_WRONLY | os.O_RDWR)
    if (changing and str(args[0]).startswith(home)) or writing:
        count += 1
        if count == moment:
            os.kill(os.getpid(), signal.SIGKILL)

sys.addaudithook(watch)
with library.start() as helper:
    hook(helper, [Path(sys.argv[2])], Path(sys.argv[3]), Request())
"""


@pytest.mark.parametrize("shape", ["lib", "tarball"])
def test_a_kill_at_any_moment(
    shape: str, helper: Helper, roots: tuple[Path, Path], wanted: dict[str, bytes], tmp_path: Path
) -> None:
    """Killed in the midst of its work, every beam is the old one or the new one, and the next run ends it."""
    old, new = roots
    home = tmp_path / "work"
    before = beams_in(new)
    for moment in range(1, 40, 4):
        shutil.rmtree(home, ignore_errors=True)
        home.mkdir()
        if shape == "lib":
            shutil.copytree(new / "lib", home / "lib")
        target = home / "lib" if shape == "lib" else make_tar(new, home / "shop.tar.gz")
        code = [sys.executable, "-c", KILLED, str(home), str(old), str(target), str(moment)]
        ended = subprocess.run(code, check=False, capture_output=True).returncode
        now = beams_in(home if shape == "lib" else unpacked(target, home / "out"))
        assert all(now[name] in {before[name], wanted.get(name)} for name in now if "migrator" not in name)
        run = hook(helper, [old], target, Request())
        assert run.exit == 0
        assert not list(home.rglob(FOLDER)) + list(home.rglob(".migrator*"))
        after = beams_in(home / "lib" if shape == "lib" else unpacked(target, home / "again"))
        assert after == {**before, **wanted}
        if ended == 0:
            break
        assert ended == -signal.SIGKILL
    assert moment > 4


def test_no_other_command_works_on_what_a_killed_run_left(
    helper: Helper, roots: tuple[Path, Path], wanted: dict[str, bytes]
) -> None:
    """`inject`, `eject` and `appup` are refused there (M154), whatever way they are given it, until `hook` ends it."""
    old, new = roots
    for moment in range(1, 40):
        code = [sys.executable, "-c", KILLED, str(new), str(old), str(new), str(moment)]
        subprocess.run(code, check=False, capture_output=True)
        if (new / "lib" / FOLDER / "journal").exists():
            break
    half = beams_in(new)
    beam, kv = new / "lib/dep-2.0/ebin/pool.beam", "lib/{0}-{1}/ebin"
    for before, after in ((old, new), (old / "lib", new / "lib"), (old / "lib/dep-1.0/ebin/pool.beam", beam)):
        with pytest.raises(Refused) as refusal:
            library.inject(helper, [before], after)
        assert [each.code for each in refusal.value.diagnostics] == ["M154"]
    assert str(new / "lib") in refusal.value.diagnostics[0].help[0]
    for command in (("eject", beam), ("appup", old / kv.format("dep", "1.0"), new / kv.format("dep", "2.0"))):
        done = run_command(*command)
        assert (done.returncode, "M154" in done.stderr) == (4, True)
    assert beams_in(new) == half
    run = hook(helper, [old], new, Request())
    assert (run.exit, beams_in(new) | wanted) == (0, beams_in(new))
    assert library.eject(helper, beam).after is not None


@pytest.fixture
def taken(roots: tuple[Path, Path]) -> Iterator[Path]:
    """A release at which another run works."""
    code = "import sys\nfrom pathlib import Path\nfrom migrator.release.alone import alone\n"
    code += "with alone(Path(sys.argv[1])):\n    print('on', flush=True)\n    sys.stdin.read()\n"
    place = roots[1] / "lib"
    with subprocess.Popen(
        [sys.executable, "-c", code, place], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "on\n"
        yield place
        other.kill()


def test_two_runs_at_once(helper: Helper, roots: tuple[Path, Path], taken: Path) -> None:
    """While another run works on the release, whatever way it is given, this one is refused: M209."""
    assert refused(helper, [roots[0]], taken) == ["M209"]
    assert refused(helper, [roots[0]], taken.parent) == ["M209"]
    assert refused(helper, [roots[0] / "lib/shop-1.0/ebin"], taken / "shop-2.0" / "ebin") == ["M209"]


@pytest.mark.parametrize("shape", ["lib", "tarball"])
def test_what_another_program_wrote_meanwhile_stays(
    shape: str, helper: Helper, roots: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A beam or a tarball that was built anew while the migrations were made is left so, and so are all others."""
    old, new = roots
    target = new / "lib" if shape == "lib" else make_tar(new, tmp_path / "shop.tar.gz")
    changed = new / "lib/shop-2.0/ebin/kv.beam" if shape == "lib" else target
    before = beams_in(new)
    real = inject_planned

    def built_anew(helper: Helper, planned: Sequence[Planned], progress: None) -> list[Injected]:
        made = real(helper, planned, progress)
        changed.write_bytes(b"built anew")
        return made

    monkeypatch.setattr("migrator.release.hook.inject_planned", built_anew)
    with pytest.raises(InputFault) as fault:
        hook(helper, [old], target, Request())
    assert fault.value.reason == "changed"
    assert changed.read_bytes() == b"built anew"
    assert beams_in(new) == (before | {"kv": b"built anew"} if shape == "lib" else before)
    assert not list(tmp_path.rglob(".migrator*"))


def _names(tarball: Path) -> list[str]:
    with tarfile.open(tarball) as tar:
        return tar.getnames()


def test_a_hostile_tarball(helper: Helper, roots: tuple[Path, Path], tmp_path: Path) -> None:
    """Links, names that climb, absolute names: nothing is written outside, and the members stay as they are."""
    old, new = roots
    tarball = tmp_path / "evil.tar.gz"
    with tarfile.open(tarball, "w:gz") as tar:
        for name in ("../climbed/ebin/kv.beam", f"{tmp_path}/absolute.beam", "lib/../../out.beam"):
            tar.add(new / "lib/shop-2.0/ebin/kv.beam", name)
            tar.getmembers()[-1].name = name
        link = tarfile.TarInfo("lib/shop-2.0/ebin")
        link.type, link.linkname = tarfile.SYMTYPE, str(tmp_path)
        tar.addfile(link)
        tar.add(new / "lib", "lib")
    names = _names(tarball)
    run = hook(helper, [old], tarball, Request())
    assert [each.outcome for each in run.modules] == ["injected", "injected"]
    assert _names(tarball) == names
    assert sorted(each.name for each in tmp_path.iterdir()) == ["evil.tar.gz", "new", "old"]
    tarball.write_bytes(gzip.compress(gzip.decompress(tarball.read_bytes())[:700]))
    cut = tarball.read_bytes()
    assert refused(helper, [old], tarball) == ["M104"]
    assert tarball.read_bytes() == cut
