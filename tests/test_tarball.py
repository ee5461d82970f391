"""In a tarball the wanted files are replaced, and every other byte of it stays."""

from __future__ import annotations

import gzip
import io
import os
import signal
import subprocess
import sys
import tarfile
from typing import TYPE_CHECKING

import pytest

from migrator.diagnostics import Refused
from migrator.errors import InputFault
from migrator.release.tarball import leftover, rewrite

if TYPE_CHECKING:
    from pathlib import Path

BEAM = "lib/shop-1/ebin/m.beam"
FORMATS = {"gnu": tarfile.GNU_FORMAT, "pax": tarfile.PAX_FORMAT, "ustar": tarfile.USTAR_FORMAT}


def _rewrite(path: Path, wanted: dict[str, bytes]) -> None:
    rewrite(path, path.stat(), wanted, _path_of)


def _path_of(name: str) -> str | None:
    return name.removeprefix("./")


def _add(tar: tarfile.TarFile, name: str, content: bytes = b"", **values: object) -> None:
    info = tarfile.TarInfo(name)
    info.size, info.mode, info.mtime, info.uid, info.uname = len(content), 0o640, 1_234_567_890, 1234, "someone"
    for key, value in values.items():
        setattr(info, key, value)
    tar.addfile(info, io.BytesIO(content))


def _made(path: Path, form: str = "gnu") -> Path:
    """A tarball with all that a release's may hold: links, folders, long names, empty files, a script."""
    with (
        path.open("wb") as file,
        gzip.GzipFile("shop.tar", "wb", mtime=1_000_000, fileobj=file) as packed,
        tarfile.open(fileobj=packed, mode="w:", format=FORMATS[form]) as tar,
    ):
        _add(tar, "lib", type=tarfile.DIRTYPE, mode=0o755)
        _add(tar, "lib/shop-1/ebin/a.beam", b"a" * 700)
        _add(tar, BEAM, b"old" * 300, mtime=1_234_567_890.5 if form == "pax" else 1_234_567_890)
        _add(tar, "lib/shop-1/ebin/" + "long" * 15 + "/" + "name" * 15, b"x")
        _add(tar, "lib/shop-1/ebin/z.beam", b"z" * 512)
        _add(tar, "bin/shop", b"#!/bin/sh\n", mode=0o755)
        _add(tar, "bin/link", type=tarfile.SYMTYPE, linkname="shop")
        _add(tar, "lib/shop-1/ebin/hard.beam", type=tarfile.LNKTYPE, linkname="lib/shop-1/ebin/a.beam")
        _add(tar, "empty")
    path.chmod(0o604)
    return path


def _members(path: Path) -> list[tuple[dict[str, object], bytes]]:
    with tarfile.open(path) as tar:
        return [
            (
                {
                    key: value
                    for key, value in each.get_info().items()
                    if key not in {"chksum", "size"} or each.name != BEAM
                },
                (tar.extractfile(each) or io.BytesIO()).read() if each.isreg() else b"",
            )
            for each in tar
        ]


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("size", [0, 1, 511, 512, 513, 900, 30_000])
def test_only_the_wanted_file_changes(form: str, size: int, tmp_path: Path) -> None:
    """Names, modes, owners, times, links and their order are kept, and so are the gzip header and the last record."""
    path = _made(tmp_path / "shop.tar.gz", form)
    before, head = _members(path), path.read_bytes()[:20]
    _rewrite(path, {BEAM: b"n" * size})
    wanted = [(info, b"n" * size if info["name"] == BEAM else content) for info, content in before]
    assert _members(path) == wanted
    assert path.read_bytes()[:20] == head
    assert len(gzip.decompress(path.read_bytes())) % 10240 == 0
    assert path.stat().st_mode & 0o777 == 0o604
    assert not leftover(path).exists()


def test_there_and_back_is_the_same(tmp_path: Path) -> None:
    """With the old content again the archive in it has its old bytes again; the same twice gives the same file."""
    path = _made(tmp_path / "shop.tar.gz")
    before = gzip.decompress(path.read_bytes())
    _rewrite(path, {BEAM: b"n" * 5000})
    once = path.read_bytes()
    _rewrite(path, {BEAM: b"n" * 5000})
    assert path.read_bytes() == once
    _rewrite(path, {BEAM: b"old" * 300})
    assert gzip.decompress(path.read_bytes()) == before


def test_as_other_programs_write_it(tmp_path: Path) -> None:
    """What `tar` and `erl_tar` packed can be rewritten, and unpacked by them again."""
    folder = tmp_path / "in" / "lib" / "shop-1" / "ebin"
    folder.mkdir(parents=True)
    (folder / "m.beam").write_bytes(b"old")
    (folder / "other.beam").write_bytes(b"other" * 999)
    by_tar, by_erlang = tmp_path / "tar.tar.gz", tmp_path / "erl.tar.gz"
    subprocess.run(["tar", "czf", by_tar, "-C", tmp_path / "in", "."], check=True)
    text = f'erl_tar:create("{by_erlang}", [{{"lib", "{tmp_path}/in/lib"}}], [compressed])'
    subprocess.run(["erl", "-noinput", "-eval", f"ok = {text}, halt()."], check=True)
    for number, path in enumerate((by_tar, by_erlang)):
        _rewrite(path, {BEAM: b"new" * 7000})
        out = tmp_path / f"out{number}"
        out.mkdir()
        subprocess.run(["tar", "xzf", path, "-C", out], check=True)
        again = f'erl_tar:extract("{path}", [compressed, {{cwd, "{out}/erl"}}])'
        subprocess.run(["erl", "-noinput", "-eval", f"ok = {again}, halt()."], check=True)
        for place in (out, out / "erl"):
            assert (place / BEAM).read_bytes() == b"new" * 7000
            assert (place / BEAM).with_name("other.beam").read_bytes() == b"other" * 999


def test_no_file_of_that_name(tmp_path: Path) -> None:
    """What is not there, or what a hard link shares, is refused, and the tarball keeps its bytes."""
    path = _made(tmp_path / "shop.tar.gz")
    before = path.read_bytes()
    for name in ("lib/none.beam", "lib/shop-1/ebin/hard.beam", "lib/shop-1/ebin/a.beam", "bin/link"):
        with pytest.raises(Refused) as refused:
            _rewrite(path, {name: b"new"})
        assert [each.code for each in refused.value.diagnostics] == ["M151"]
    assert path.read_bytes() == before
    assert not leftover(path).exists()


def test_cut_and_strange_archives(tmp_path: Path) -> None:
    """A tarball that is cut anywhere, or is none, is refused with its bytes kept; nothing of ours stays beside it."""
    whole = _made(tmp_path / "shop.tar.gz").read_bytes()
    path = tmp_path / "cut.tar.gz"
    for content in (b"", b"text", whole[:5], whole[:30], whole[: len(whole) // 2], whole[:-9]):
        path.write_bytes(content)
        with pytest.raises(Refused) as refused:
            _rewrite(path, {BEAM: b"new"})
        assert [each.code for each in refused.value.diagnostics] == ["M151"]
        assert path.read_bytes() == content
    assert sorted(each.name for each in tmp_path.iterdir()) == ["cut.tar.gz", "shop.tar.gz"]


def test_changed_meanwhile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A tarball that another program wrote while ours was made stays as that program wrote it."""
    path = _made(tmp_path / "shop.tar.gz")
    real = os.fsync

    def fsync(handle: int) -> None:
        real(handle)
        path.write_bytes(b"another")

    monkeypatch.setattr(os, "fsync", fsync)
    with pytest.raises(InputFault) as fault:
        _rewrite(path, {BEAM: b"new"})
    assert fault.value.reason == "changed"
    assert path.read_bytes() == b"another"


def test_a_read_only_tarball(tmp_path: Path) -> None:
    """A tarball that no one may write is refused."""
    path = _made(tmp_path / "shop.tar.gz")
    path.chmod(0o444)
    with pytest.raises(InputFault) as fault:
        _rewrite(path, {BEAM: b"new"})
    assert fault.value.reason == "read_only_target"


def test_a_link_to_a_tarball_stays(tmp_path: Path) -> None:
    """What a link names is replaced, and the link is one still."""
    path = _made(tmp_path / "shop-1.tar.gz")
    (tmp_path / "shop.tar.gz").symlink_to(path.name)
    _rewrite(tmp_path / "shop.tar.gz", {BEAM: b"new"})
    assert (tmp_path / "shop.tar.gz").is_symlink()
    assert {info["name"]: content for info, content in _members(path)}[BEAM] == b"new"


KILLED = """
import os, signal, sys
from pathlib import Path
from migrator.release.tarball import rewrite

home, moment = Path(sys.argv[1]), int(sys.argv[2])
count = 0

def hook(event, args):
    global count
    changing = event in {"os.rename", "os.remove", "os.chmod", "os.chown"}
    if changing or event == "open" and str(args[0]).startswith(str(home)):
        count += 1
        if count == moment:
            os.kill(os.getpid(), signal.SIGKILL)

sys.addaudithook(hook)
path = home / "shop.tar.gz"
rewrite(path, path.stat(), {"lib/shop-1/ebin/m.beam": b"new"}, lambda name: name)
"""


def test_a_kill_at_every_moment(tmp_path: Path) -> None:
    """Killed before any change to the disk, the tarball is the old one or the new one; the next run finds its way."""
    path = _made(tmp_path / "shop.tar.gz")
    old = path.read_bytes()
    _rewrite(path, {BEAM: b"new"})
    new = path.read_bytes()
    moment, seen = 1, set()
    while True:
        path.write_bytes(old)
        ended = subprocess.run([sys.executable, "-c", KILLED, tmp_path, str(moment)], check=False).returncode
        seen.add(path.read_bytes())
        if ended == 0:
            break
        assert ended == -signal.SIGKILL
        moment += 1
    assert seen == {old, new}
    assert [each.name for each in tmp_path.iterdir()] == ["shop.tar.gz"]
