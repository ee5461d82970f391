"""Many files are replaced together or not at all, whatever moment a kill comes at."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from migrator.diagnostics import Refused
from migrator.errors import InputFault
from migrator.release.alone import alone
from migrator.release.journal import FOLDER, Recovered, Replacement, recover, replace_all

OLD, NEW = b"old bytes %d", b"the new bytes %d"

# Counts the calls of the system that change something, and kills itself before the one asked for.
KILLED = """
import os, signal, sys
from pathlib import Path
from migrator.release.journal import Replacement, recover, replace_all

home, moment = Path(sys.argv[1]), int(sys.argv[2])
count = 0

def hook(event, args):
    global count
    changing = event in {"os.rename", "os.remove", "os.rmdir", "os.mkdir", "os.link", "os.chmod", "os.chown"}
    if changing or event == "open" and str(args[0]).startswith(str(home)):
        count += 1
        if count == moment:
            os.kill(os.getpid(), signal.SIGKILL)

paths = sorted(home.glob("*/ebin/*.beam"))
sys.addaudithook(hook)
if sys.argv[3] == "recover":
    recover(home)
else:
    replace_all(home, [Replacement(path, b"old bytes %d" % n, b"the new bytes %d" % n) for n, path in enumerate(paths)])
print(count)
"""

HOLDS = """
import sys
import tempfile
from pathlib import Path
from migrator.release.alone import alone

with alone(Path(sys.argv[1])):
    print("has it", flush=True)
    sys.stdin.read()
"""


def _release(home: Path, count: int = 4) -> list[Path]:
    paths = [home / f"app{number}" / "ebin" / "m.beam" for number in range(count)]
    for number, path in enumerate(paths):
        path.parent.mkdir(parents=True)
        path.write_bytes(OLD % number)
        path.chmod(0o640)
    return paths


def _replacements(paths: list[Path]) -> list[Replacement]:
    return [Replacement(path, OLD % number, NEW % number) for number, path in enumerate(paths)]


def _state(paths: list[Path]) -> list[str]:
    known = {content: word for n in range(len(paths)) for content, word in ((OLD % n, "old"), (NEW % n, "new"))}
    return [known.get(path.read_bytes(), "torn") for path in paths]


def _run(home: Path, moment: int, what: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", KILLED, home, str(moment), what], capture_output=True, text=True, check=False
    )


def test_all_are_replaced(tmp_path: Path) -> None:
    """All files have their new bytes and the modes that they had, and nothing of ours is left."""
    paths = _release(tmp_path)
    replace_all(tmp_path, _replacements(paths))
    assert _state(paths) == ["new"] * 4
    assert {path.stat().st_mode & 0o777 for path in paths} == {0o640}
    assert not (tmp_path / FOLDER).exists()
    assert recover(tmp_path) is None


def test_a_kill_at_every_moment(tmp_path: Path) -> None:
    """Killed before any change it makes to the disk, no file is torn, and `recover` makes all of them new or all old.

    Killed in `recover` too, the next one comes to the same end.
    """
    moment, seen = 1, set()
    while True:
        home = tmp_path / str(moment)
        paths = _release(home)
        if _run(home, moment, "replace").returncode == 0:
            break
        assert set(_state(paths)) <= {"old", "new"}
        again = 1
        while _run(home, again, "recover").returncode != 0:
            assert set(_state(paths)) <= {"old", "new"}
            again += 2
        assert len(set(_state(paths))) == 1
        assert not (home / FOLDER).exists()
        seen.update(_state(paths))
        moment += 1
    assert seen == {"old", "new"}
    assert moment > 20


def test_an_error_half_way_takes_all_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where one file cannot be put in its place, those before it have their old bytes again, and it is said."""
    paths = _release(tmp_path)
    real = Path.replace

    def replace(self: Path, target: Path) -> Path:
        if target == paths[2] and self.name.startswith("new."):
            raise KeyboardInterrupt
        return real(self, target)

    monkeypatch.setattr(Path, "replace", replace)
    with pytest.raises(KeyboardInterrupt):
        replace_all(tmp_path, _replacements(paths))
    assert _state(paths) == ["old"] * 4
    assert not (tmp_path / FOLDER).exists()


def test_what_was_built_anew_meanwhile_stays(tmp_path: Path) -> None:
    """A file that another program wrote after the kill is left as that program wrote it, and named."""
    paths = _release(tmp_path)
    moment = 1
    while not (tmp_path / FOLDER / "journal").exists():
        _run(tmp_path, moment, "replace")
        if not (tmp_path / FOLDER / "journal").exists():
            recover(tmp_path)
        moment += 1
    paths[3].write_bytes(b"built anew")
    assert recover(tmp_path) == Recovered("completed", tuple(paths[:3]), (paths[3],))
    assert _state(paths) == ["new", "new", "new", "torn"]
    assert paths[3].read_bytes() == b"built anew"


@pytest.mark.parametrize("reason", ["changed", "read_only_target", "no_such_file"])
def test_nothing_is_begun_that_cannot_be_ended(reason: str, tmp_path: Path) -> None:
    """A file that changed, that is read-only or gone is refused before any other is touched."""
    paths = _release(tmp_path)
    if reason == "changed":
        paths[2].write_bytes(b"built anew")
    elif reason == "read_only_target":
        paths[2].chmod(0o444)
    else:
        paths[2].unlink()
    with pytest.raises(InputFault) as fault:
        replace_all(tmp_path, _replacements(paths))
    assert fault.value.reason == reason
    assert _state(paths[:2]) == ["old", "old"]
    assert not (tmp_path / FOLDER).exists()


def test_links_stay(tmp_path: Path) -> None:
    """A link stays one, what it names is replaced, and a second name of the old file keeps the old bytes."""
    (path, other) = _release(tmp_path / "real", 2)
    home = tmp_path / "lib"
    home.mkdir()
    (home / "app").symlink_to(path.parent.parent)
    os.link(other, tmp_path / "kept")
    replace_all(home, [Replacement(home / "app" / "ebin" / "m.beam", OLD % 0, NEW % 0)])
    replace_all(tmp_path / "real", [Replacement(other, OLD % 1, NEW % 1)])
    assert (home / "app").is_symlink()
    assert _state([path, other]) == ["new", "new"]
    assert (tmp_path / "kept").read_bytes() == OLD % 1


def test_a_link_out_of_the_file_system(tmp_path: Path) -> None:
    """What lies on another file system is replaced too, and taken back where another file cannot be."""
    (path,) = _release(tmp_path, 1)
    with tempfile.TemporaryDirectory(dir="/dev/shm") as elsewhere:
        if Path(elsewhere).stat().st_dev == tmp_path.stat().st_dev:
            pytest.skip("one file system alone")
        real = Path(shutil.move(path, elsewhere))
        path.symlink_to(real)
        replace_all(tmp_path, [Replacement(path, OLD % 0, NEW % 0)])
        assert (path.is_symlink(), real.read_bytes()) == (True, NEW % 0)
        assert [each.name for each in Path(elsewhere).iterdir()] == ["m.beam"]


@pytest.mark.parametrize("name", ["/etc/passwd", "../up.beam", "a/../../up.beam", "app/ebin/notes.txt"])
def test_a_journal_from_elsewhere_names_no_other_files(name: str, tmp_path: Path) -> None:
    """A journal that names what is no file of the release is refused, and nothing is written."""
    staging = tmp_path / FOLDER
    staging.mkdir()
    (staging / "journal").write_text(json.dumps({"format": 1, "files": [[name, "0", "0"]]}))
    with pytest.raises(Refused) as refused:
        recover(tmp_path)
    assert [each.code for each in refused.value.diagnostics] == ["M150"]


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"format": 2, "files": []}', '{"format": 1, "files": [1]}'])
def test_a_damaged_journal_is_said(text: str, tmp_path: Path) -> None:
    """What is no journal is a diagnostic that says what to do."""
    (tmp_path / FOLDER).mkdir()
    (tmp_path / FOLDER / "journal").write_text(text)
    with pytest.raises(Refused) as refused:
        recover(tmp_path)
    assert [each.code for each in refused.value.diagnostics] == ["M150"]


def test_two_runs_at_once(tmp_path: Path) -> None:
    """While one works on a folder another is refused; a kill of the first frees it."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLDS, tmp_path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "has it\n"
        with pytest.raises(Refused) as refused, alone(tmp_path):
            pass
        assert [each.code for each in refused.value.diagnostics] == ["M209"]
        other.kill()
        other.wait()
    with alone(tmp_path):
        pass
