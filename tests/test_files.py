"""Files in and out: the old bytes or the new ones, and nothing left beside them."""

from __future__ import annotations

import errno
import os
import shutil
import stat
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import pytest

from migrator.errors import EnvironmentFault, InputFault
from migrator.files import read_bytes, write_bytes

if TYPE_CHECKING:
    from collections.abc import Iterator

OLD, NEW = b"old bytes", b"new bytes"


@pytest.fixture
def target(tmp_path: Path) -> Path:
    """Give a file that holds the old bytes, alone in its folder."""
    path = tmp_path / "folder" / "m.beam"
    path.parent.mkdir()
    path.write_bytes(OLD)
    return path


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Give a file system with room for a few pages only."""
    place = tmp_path / "disk"
    place.mkdir()
    if os.geteuid() != 0 or shutil.which("mount") is None:
        pytest.skip("only root can mount a small disk")
    size = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(place)]
    mounted = subprocess.run(size, capture_output=True, check=False)
    if mounted.returncode != 0:
        pytest.skip(f"mount is not permitted here: {mounted.stderr.decode().strip()}")
    yield place
    subprocess.run(["umount", str(place)], check=True)


def names(folder: Path) -> list[str]:
    """Give the names of all that is in a folder."""
    return sorted(entry.name for entry in folder.iterdir())


def test_a_file_is_replaced(target: Path) -> None:
    """The new bytes are there, and nothing else."""
    write_bytes(target, NEW)
    assert (target.read_bytes(), names(target.parent)) == (NEW, ["m.beam"])


@pytest.mark.parametrize("mode", [0o644, 0o600, 0o755, 0o444 | 0o020])
def test_the_mode_is_kept(target: Path, mode: int) -> None:
    """Whoever could read the old file can read the new one, and nobody else."""
    target.chmod(mode)
    write_bytes(target, NEW)
    assert mode == stat.S_IMODE(target.stat().st_mode)


def test_the_owner_is_kept(target: Path) -> None:
    """What root replaces still belongs to whom it belonged."""
    if os.geteuid() != 0:
        pytest.skip("only root can give files away")
    os.chown(target, 1234, 2345)
    target.chmod(0o640)
    write_bytes(target, NEW)
    status = target.stat()
    assert (status.st_uid, status.st_gid, stat.S_IMODE(status.st_mode)) == (1234, 2345, 0o640)


def test_a_new_file_gets_the_usual_mode(tmp_path: Path) -> None:
    """A file that was not there is made as the umask has it."""
    before = os.umask(0o027)
    try:
        write_bytes(tmp_path / "new", NEW)
    finally:
        os.umask(before)
    assert ((tmp_path / "new").read_bytes(), stat.S_IMODE((tmp_path / "new").stat().st_mode)) == (NEW, 0o640)


def test_a_link_stays_a_link(target: Path, tmp_path: Path) -> None:
    """What a chain of links names is replaced, and the links are as they were."""
    (tmp_path / "one").symlink_to("folder/m.beam")
    (tmp_path / "two").symlink_to(tmp_path / "one")
    write_bytes(tmp_path / "two", NEW)
    links = [str((tmp_path / name).readlink()) for name in ("one", "two")]
    assert (NEW, ["folder/m.beam", str(tmp_path / "one")]) == (target.read_bytes(), links)


def test_a_link_to_nothing_makes_what_it_names(tmp_path: Path) -> None:
    """A link whose file is missing gets its file."""
    (tmp_path / "link").symlink_to("made")
    write_bytes(tmp_path / "link", NEW)
    assert ((tmp_path / "made").read_bytes(), str((tmp_path / "link").readlink())) == (NEW, "made")


def test_a_link_can_lead_to_another_file_system(target: Path, tmp_path: Path) -> None:
    """The temporary file is beside what the link names, where a rename is possible."""
    shared = Path("/dev/shm")  # noqa: S108 - a second file system is what is wanted
    if not shared.is_dir() or shared.stat().st_dev == target.stat().st_dev:
        pytest.skip("there is no second file system here")
    with tempfile.TemporaryDirectory(dir=shared) as folder:
        (tmp_path / "link").symlink_to(Path(folder) / "m.beam")
        write_bytes(tmp_path / "link", NEW)
        assert (names(Path(folder)), (tmp_path / "link").is_symlink()) == (["m.beam"], True)


def test_a_file_that_nobody_may_write_is_refused(target: Path) -> None:
    """No write bit means no, to root too."""
    target.chmod(0o444)
    with pytest.raises(InputFault) as caught:
        write_bytes(target, NEW)
    assert ("read_only_target", target, OLD) == (caught.value.reason, caught.value.path, target.read_bytes())


def test_a_full_disk_leaves_the_old_bytes(small_disk: Path) -> None:
    """Where there is no room the old file stays whole, and the failed one is gone."""
    path = small_disk / "m.beam"
    path.write_bytes(OLD)
    with pytest.raises(EnvironmentFault) as caught:
        write_bytes(path, bytes(1024 * 1024))
    assert ("no_room", path, OLD, ["m.beam"]) == (
        caught.value.reason,
        caught.value.path,
        path.read_bytes(),
        names(small_disk),
    )


def test_a_read_only_file_system_is_named(small_disk: Path) -> None:
    """A file on a disk that is mounted to be read cannot be written."""
    path = small_disk / "m.beam"
    path.write_bytes(OLD)
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    with pytest.raises(EnvironmentFault) as caught:
        write_bytes(path, NEW)
    assert ("cannot_write", os.strerror(errno.EROFS)) == (caught.value.reason, caught.value.detail)


@pytest.mark.parametrize(
    ("number", "reason"),
    [
        (errno.ENOSPC, "no_room"),
        (errno.EDQUOT, "no_room"),
        (errno.EROFS, "cannot_write"),
        (errno.EACCES, "cannot_write"),
        (errno.EIO, "cannot_write"),
    ],
)
def test_a_failed_sync_leaves_the_old_bytes(
    target: Path, monkeypatch: pytest.MonkeyPatch, number: int, reason: str
) -> None:
    """Each failure of the disk has its reason, and leaves nothing behind."""

    def fail(_: int) -> NoReturn:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr("os.fsync", fail)
    with pytest.raises(EnvironmentFault) as caught:
        write_bytes(target, NEW)
    assert (reason, OLD, ["m.beam"]) == (caught.value.reason, target.read_bytes(), names(target.parent))


@pytest.mark.parametrize("moment", ["os.fsync", "os.fchmod", "os.fdopen", "pathlib.Path.replace"])
def test_ctrl_c_leaves_nothing(target: Path, monkeypatch: pytest.MonkeyPatch, moment: str) -> None:
    """An interrupt before the rename leaves the old bytes and no other file."""

    def interrupt(*_: object) -> NoReturn:
        raise KeyboardInterrupt

    monkeypatch.setattr(moment, interrupt)
    with pytest.raises(KeyboardInterrupt):
        write_bytes(target, NEW)
    assert (target.read_bytes(), names(target.parent)) == (OLD, ["m.beam"])


@pytest.mark.parametrize("content", [b"someone else's", None])
def test_a_file_that_changed_meanwhile_is_refused(target: Path, content: bytes | None) -> None:
    """What another process wrote, or removed, since we read it is left as it is."""
    if content is None:
        target.unlink()
    else:
        target.write_bytes(content)
    with pytest.raises(InputFault) as caught:
        write_bytes(target, NEW, expect=OLD)
    left = target.read_bytes() if target.exists() else None
    assert ("changed", content) == (caught.value.reason, left)
    assert names(target.parent) == ([] if content is None else ["m.beam"])


def test_a_file_that_is_as_expected_is_replaced(target: Path) -> None:
    """Where nothing changed meanwhile the new bytes are written."""
    write_bytes(target, NEW, expect=OLD)
    assert target.read_bytes() == NEW


def test_a_device_stays_a_device() -> None:
    """Writing to /dev/null writes to it, and does not put a file in its place."""
    write_bytes(Path(os.devnull), NEW)
    assert stat.S_ISCHR(Path(os.devnull).stat().st_mode)


def test_a_full_device_is_no_room() -> None:
    """What cannot take the bytes says so."""
    if not Path("/dev/full").exists():
        pytest.skip("there is no /dev/full here")
    with pytest.raises(EnvironmentFault) as caught:
        write_bytes(Path("/dev/full"), NEW)
    assert caught.value.reason == "no_room"


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("none/m.beam", "no_such_file"),
        ("m.beam/x", "no_such_file"),
        (".", "is_a_folder"),
        ("a\0b", "no_such_file"),
    ],
)
def test_a_place_that_cannot_hold_a_file_is_named(target: Path, name: str, reason: str) -> None:
    """A missing folder, a file in place of one and a folder in place of the file are told apart."""
    with pytest.raises(InputFault) as caught:
        write_bytes(target.parent / name, NEW)
    assert (reason, target.parent / name) == (caught.value.reason, caught.value.path)


def test_a_file_is_read_whole(target: Path) -> None:
    """All bytes are given, up to the limit itself."""
    assert read_bytes(target, limit=len(OLD)) == OLD


def test_a_pipe_can_be_read(tmp_path: Path) -> None:
    """What a shell puts in place of a file is read to its end."""
    read_end, write_end = os.pipe()
    os.write(write_end, OLD)
    os.close(write_end)
    assert read_bytes(Path(f"/dev/fd/{read_end}")) == OLD
    os.close(read_end)
    assert names(tmp_path) == []


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("none", "no_such_file"),
        ("m.beam/x", "no_such_file"),
        ("x" * 300, "no_such_file"),
        ("a\0b", "no_such_file"),
        (".", "is_a_folder"),
        ("m.beam", "too_big"),
        ("loop", "unreadable"),
    ],
)
def test_what_cannot_be_read_is_told_apart(target: Path, name: str, reason: str) -> None:
    """Each way in which a file cannot be read has its reason and the path that was asked for."""
    (target.parent / "loop").symlink_to("loop")
    with pytest.raises(InputFault) as caught:
        read_bytes(target.parent / name, limit=len(OLD) - 1)
    assert (reason, target.parent / name) == (caught.value.reason, caught.value.path)
