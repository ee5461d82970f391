"""Packs a release into a tarball that `release_handler:unpack_release/1` takes, and that a new machine can start.

The applications are packed by systools; what relx and mix put beside them (start scripts, configuration, ERTS) comes
from the release root. The same release gives the same bytes, in every folder and at any time.
"""

from __future__ import annotations

import gzip
import io
import os
import tarfile
import tempfile
import zlib
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from migrator.diagnostics import CATALOGUE, Diagnostic, Refused
from migrator.files import read_bytes
from migrator.release.relup import asked, rel_file
from migrator.release.systools import Asked, refusal, remark
from migrator.terms import Atom, path_bytes

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from migrator.otp import Helper
    from migrator.release.model import Release
    from migrator.release.relups import Relup
    from migrator.terms import Term

_ARCHIVES = (".tar.gz", ".tgz")
# What a release leaves behind where it ran, and what is packed in another way.
_LEFT_OUT = {"lib", "releases", "log", "tmp", "erl_crash.dump"}
# Quick, and hardly larger than with 9.
_LEVEL = 6


def tarball_of(release: Release) -> Path:
    """Where relx puts the tarball of a release; a release that is given as one is its own."""
    if release.shape == "tarball":
        return release.given
    return release.root / f"{release.name}-{release.vsn}.tar.gz"


def pack(node: Helper, new: Release, relup: Relup) -> tuple[bytes, tuple[Diagnostic, ...]]:
    """The tarball of a release with its relup in it, and what systools warns of.

    Raises:
        Refused: a file is missing, or is not as systools wants it (M146, M173).
        InputFault: a file cannot be read.
        EnvironmentFault, ProtocolError: Erlang cannot serve.
    """
    if new.shape == "tarball":
        return _with_relup(new, relup), ()
    rel = rel_file(new)
    with tempfile.TemporaryDirectory(prefix="migrator-") as temporary:
        folder = Path(temporary)
        staged = _stage(folder, rel, relup)
        warnings = _make_tar(node, new, staged, folder)
        members = dict(_applications(folder / f"{rel.stem}.tar.gz"))
    members |= _beside(new, rel.parent)
    members[f"releases/{rel.parent.name}/relup"] = (0o644, relup.text)
    return _packed(members), warnings


def _stage(folder: Path, rel: Path, relup: Relup) -> Path:
    """A folder as systools wants it: it takes files from beside the `.rel`, and else from where it runs."""
    for name in ("start.boot", f"{rel.stem}.boot", "sys.config", "sys.config.src", rel.name):
        source = rel.parent / name
        if source.exists():
            (folder / name).symlink_to(source.absolute())
    (folder / "relup").write_bytes(relup.text)
    return folder / rel.name


def _make_tar(node: Helper, new: Release, staged: Path, folder: Path) -> tuple[Diagnostic, ...]:
    path: list[Term] = [path_bytes(each.ebin.absolute()) for each in new.applications]
    answer = asked(node, (Atom("tar"), path_bytes(staged), path, path_bytes(folder)), new)
    asking = Asked("", str(new.given), "", "", new.vsn)
    match answer:
        case (Atom("ok"), list(warnings)):
            return tuple(said for each in warnings if (said := remark(each, asking)) is not None)
        case (Atom("error"), fact):
            said = refusal(fact, asking, "both")
            # What was staged lies elsewhere for a person.
            message = said.message.replace(str(folder), str(rel_file(new).parent))
            raise Refused(replace(said, message=message))
    raise AssertionError(answer)


def _applications(archive: Path) -> Iterator[tuple[str, tuple[int, bytes]]]:
    """The members that systools knows best: which modules an application has, and under what names all lies."""
    with tarfile.open(archive) as tar:
        for member in tar:
            content = tar.extractfile(member) if member.isreg() else None
            if content is not None and (member.name.startswith("lib/") or member.name.endswith(".rel")):
                # erl_tar writes the file's kind into its mode.
                yield member.name, (member.mode & 0o777, content.read())


def _beside(new: Release, version: Path) -> dict[str, tuple[int, bytes]]:
    """What the release root has beside applications: all of this version, and nothing of others."""
    root = new.root
    found: dict[str, tuple[int, bytes]] = {}
    for top in sorted(root.iterdir()):
        other_erts = top.name.startswith("erts-") and top.name != f"erts-{new.erts}"
        if top.name in _LEFT_OUT or top.name.startswith(".") or top.name.endswith(_ARCHIVES) or other_erts:
            continue
        found |= _files(top, top.name)
    for each in sorted((root / "releases").iterdir()):
        if each.is_file() and not each.name.endswith((*_ARCHIVES, ".rel")):
            found |= _files(each, f"releases/{each.name}")
    found |= _files(version, f"releases/{version.name}")
    if "releases/start_erl.data" in found:
        mode, _ = found["releases/start_erl.data"]
        # Where the root has several versions, it names the one that was built last.
        found["releases/start_erl.data"] = (mode, f"{new.erts} {new.vsn}".encode())
    return found


def _files(path: Path, name: str) -> dict[str, tuple[int, bytes]]:
    """A file, or all files below a folder, by their names in the tarball; links are followed, as systools does."""
    if path.is_file():
        return {name: (path.stat().st_mode & 0o777, read_bytes(path))}
    found: dict[str, tuple[int, bytes]] = {}
    seen: set[str] = set()
    for here, folders, files in os.walk(path, followlinks=True):
        # A link that leads back would never end.
        folders[:] = sorted(each for each in folders if os.path.realpath(Path(here, each)) not in seen)
        seen.update(os.path.realpath(Path(here, each)) for each in folders)
        for each in files:
            file = Path(here, each)
            if file.is_file() and not each.endswith(_ARCHIVES):
                inner = file.relative_to(path).as_posix()
                found[f"{name}/{inner}"] = (file.stat().st_mode & 0o777, read_bytes(file))
    return found


def _packed(members: Mapping[str, tuple[int, bytes]]) -> bytes:
    packed = io.BytesIO()
    with _writer(packed) as tar:
        for name, (mode, content) in sorted(members.items()):
            tar.addfile(_member(name, mode, content), io.BytesIO(content))
    return _zipped(packed)


def _member(name: str, mode: int, content: bytes) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.size, member.mode = len(content), mode
    return member


def _with_relup(new: Release, relup: Relup) -> bytes:
    """The same tarball, all as it is, with this relup; and with the `.rel` where release_handler looks for it.

    Raises:
        Refused: it cannot be read (M146).
    """
    rel = rel_file(new)
    mine = {f"releases/{new.vsn}/relup": relup.text, f"releases/{rel.name}": read_bytes(rel)}
    packed = io.BytesIO()
    try:
        with tarfile.open(new.given) as old, _writer(packed) as tar:
            for member in old:
                name = member.name.removeprefix("./")
                if name == f"releases/{new.vsn}/relup":
                    continue
                mine.pop(name, None)
                tar.addfile(member, old.extractfile(member) if member.isreg() else None)
            for name, content in mine.items():
                tar.addfile(_member(name, 0o644, content), io.BytesIO(content))
    except (tarfile.TarError, EOFError, zlib.error, OSError, ValueError) as error:
        raise Refused(
            Diagnostic(
                CATALOGUE["M146"],
                f"{new.given} cannot be packed again: {error}",
                "it is left as it is",
                str(new.given),
                (f"tar tzf {new.given}",),
            )
        ) from error
    return _zipped(packed)


def _writer(target: io.BytesIO) -> tarfile.TarFile:
    return tarfile.open(fileobj=target, mode="w", format=tarfile.GNU_FORMAT)


def _zipped(packed: io.BytesIO) -> bytes:
    target = io.BytesIO()
    with gzip.GzipFile("", "wb", _LEVEL, target, mtime=0) as file:
        file.write(packed.getbuffer())
    return target.getvalue()
