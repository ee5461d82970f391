"""Lays a release out in a throw-away folder, so that it can be booted there and upgraded by `release_handler`."""

from __future__ import annotations

import errno
import os
import shutil
import socket
import stat
import tarfile
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from migrator.diagnostics import CATALOGUE, Diagnostic, Refused
from migrator.errors import EnvironmentFault
from migrator.release.roots import root_of
from migrator.release.vmargs import VmArgs, filled, missing, read_vm_args
from migrator.terms import Atom, term_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from migrator.release.model import Release
    from migrator.release.rehearsal import Asked, Erlang
    from migrator.release.roots import Root
    from migrator.terms import Term

# What a run leaves behind, and a fresh one does not need.
_LEFT_OUT = shutil.ignore_patterns("log", "erl_crash.dump", "*.pid", "*.tar.gz")
_FULL = frozenset((errno.ENOSPC, errno.EDQUOT, errno.EFBIG))
_VARIABLES = ("ERTS_LIB_DIR", "SYSTEM_LIB_DIR", "RELEASE_LIB")


@dataclass(frozen=True, slots=True)
class Staged:
    """A release that can be booted: its folder, what starts it, its node's name, and what is to be said of that.

    `unset` are variables of its configuration that nothing gives a value.
    """

    root: Path
    command: tuple[str, ...]
    environment: tuple[tuple[str, str], ...]
    bin: Path
    name: str
    names: str
    cookie: str
    unset: tuple[str, ...]


def stage(  # noqa: PLR0913, PLR0917 - all that makes a node
    release: Release, number: int, folder: Path, erlang: Erlang, asked: Asked, cookie: str
) -> Staged:
    """Copies or unpacks the release below `folder`, and says how to boot it.

    Raises:
        Refused: it cannot be booted by itself (M175), its vm.args cannot be read (M176), an application of it is
            nowhere (M177).
        EnvironmentFault: no_room or cannot_write.
    """
    with written_below(folder):
        return _stage(release, number, folder, erlang, asked, cookie)


@contextmanager
def written_below(folder: Path) -> Iterator[None]:
    """Tells a disk that is full or not ours to write on from a release that cannot be used.

    Raises:
        EnvironmentFault: no_room or cannot_write.
    """
    try:
        yield
    except OSError as error:
        # `shutil` gathers what it met as texts alone.
        full = error.errno in _FULL or _of_the_disk(error)
        said = str(error.args[0][0][2]) if isinstance(error, shutil.Error) else str(error)
        raise EnvironmentFault("no_room" if full else "cannot_write", folder, said) from error


def _of_the_disk(error: OSError) -> bool:
    """Whether it says that a disk or a quota is full."""
    return any(f"[Errno {each}]" in str(error) for each in _FULL)


def _stage(  # noqa: PLR0913, PLR0917 - as above
    release: Release, number: int, folder: Path, erlang: Erlang, asked: Asked, cookie: str
) -> Staged:
    root = folder / f"node-{number}"
    _copy(release, root)
    version = root_of(release.root, release.vsn or None, release.given)
    home = root / "releases" / release.vsn
    boot = _boot(home, release)
    assert version is not None  # noqa: S101 - a release with a version has its .rel
    _complete(root, version, erlang, release)
    _write_releases(root, version)
    environment = _environment(root, number, release, asked)
    unset = _configure(home, environment, asked)
    arguments = _vm_args(home, environment, release)
    name, names = _name(arguments, release, number)
    inetrc = root / "inetrc"
    host = name.partition("@")[2]
    hosts = sorted({each for each in (host, socket.gethostname()) if each and not each[0].isdigit()})
    entries: list[Term] = [(Atom("host"), (127, 0, 0, 1), [_characters(each) for each in [*hosts, "localhost"]])]
    entries.append((Atom("lookup"), [Atom("file"), Atom("native")]))
    inetrc.write_text("".join(f"{term_text(each)}.\n" for each in entries))
    erts = _erts(root, version, erlang)
    environment |= {
        "ROOTDIR": str(root),
        "BINDIR": str(erts),
        "EMU": "beam",
        "PROGNAME": release.name,
        "ERL_INETRC": str(inetrc),
        "ERL_CRASH_DUMP": str(root / "erl_crash.dump"),
        "PATH": f"{erts}{os.pathsep}{environment.get('PATH', '')}",
    }
    config = home / "sys.config"
    command = (
        str(erts / "erlexec"),
        *("-noinput", "-mode", "embedded", "-boot", str(boot.with_suffix(""))),
        *(word for variable in _VARIABLES for word in ("-boot_var", variable, str(root / "lib"))),
        *(("-config", str(config.with_suffix(""))) if config.exists() else ()),
        *("-name" if names == "long" else "-sname", name, "-setcookie", cookie, "-start_epmd", "false"),
        *("-kernel", "inet_dist_use_interface", "{127,0,0,1}", "inet_dist_listen_min", "0"),
        *("inet_dist_listen_max", "0", "-sasl", "releases_dir", term_text(_characters(str(root / "releases")))),
        *arguments.rest,
    )
    full = name if host else f"{name}@{socket.gethostname().partition('.')[0]}"
    return Staged(root, command, tuple(environment.items()), erts, full, names, cookie, unset)


def _copy(release: Release, root: Path) -> None:
    if release.shape == "tarball":
        try:
            with tarfile.open(release.given) as tar:
                tar.extractall(root, filter="data")
        except tarfile.TarError as error:
            raise Refused(_not_bootable(release, f"it cannot be unpacked: {error}")) from error
        return
    if not release.vsn:
        raise Refused(_not_bootable(release, "it has no releases/VSN/NAME.rel"))
    try:
        shutil.copytree(release.root, root, ignore=_passed_by, ignore_dangling_symlinks=True)
    except shutil.Error as error:
        if _of_the_disk(error):
            raise
        raise Refused(_not_bootable(release, f"it cannot be copied: {error.args[0][0][2]}")) from error


def _passed_by(folder: str, names: list[str]) -> set[str]:
    """What is not copied: what a run leaves behind, and pipes and sockets, which have no content."""
    odd = {
        name
        for name in names
        if (path := Path(folder, name)).exists()
        and not (stat.S_ISREG(mode := path.stat().st_mode) or stat.S_ISDIR(mode))
    }
    return odd | _LEFT_OUT(folder, names)


def _not_bootable(release: Release, why: str) -> Diagnostic:
    return Diagnostic(
        CATALOGUE["M175"],
        f"{release.given} cannot be booted: {why}",
        "an upgrade can be rehearsed only from a whole release: a release root or its tarball",
        str(release.given),
        ("rebar3 release   # then give _build/default/rel/NAME", "rebar3 tar   # or give its tarball"),
    )


def _boot(home: Path, release: Release) -> Path:
    candidates = [home / "start.boot", home / f"{release.name}.boot", *sorted(home.glob("*.boot"))]
    for path in candidates:
        if path.is_file():
            return path
    raise Refused(_not_bootable(release, f"releases/{release.vsn} has no boot file"))


def _complete(root: Path, version: Root, erlang: Erlang, release: Release) -> None:
    """Brings the applications that the release takes from OTP: it is then whole, whatever it was built with."""
    for name, vsn in version.applications:
        target = root / "lib" / f"{name}-{vsn}"
        if target.is_dir():
            continue
        source = erlang.root / "lib" / f"{name}-{vsn}"
        if not source.is_dir():
            raise Refused(_no_application(release, name, vsn, erlang))
        for part in ("ebin", "priv"):
            if (source / part).is_dir():
                shutil.copytree(source / part, target / part, ignore_dangling_symlinks=True)


def bring(old: Release, new: Release, root: Path, erlang: Erlang, config: Path | None) -> str:
    """Puts the new release beside the old one; gives the name for `unpack_release/1`, `` where it is unpacked already.

    Raises:
        Refused: an application of it is nowhere (M177).
    """
    version = root_of(new.root, new.vsn or None, new.given)
    assert version is not None  # noqa: S101 - it has a relup, which is told apart by its version
    releases = root / "releases"
    if new.shape == "tarball":
        inside = new.root / "releases" / new.vsn / f"{new.name}.rel"
        name = f"{new.vsn}/{new.name}" if inside.is_file() else new.name
        target = releases / f"{name}.tar.gz"
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(new.given, target)
        held = {f"{each.name}-{each.vsn}" for each in new.applications}
    else:
        name, held = "", set()
        target = releases / new.vsn
        shutil.copytree(new.root / "releases" / new.vsn, target, ignore=_passed_by, dirs_exist_ok=True)
        for each in new.applications:
            place = root / "lib" / f"{each.name}-{each.vsn}"
            if not place.exists():
                shutil.copytree(each.ebin.parent, place, ignore=_passed_by, ignore_dangling_symlinks=True)
    there = {(each.name, each.vsn) for each in old.applications}
    left = tuple(pair for pair in version.applications if f"{pair[0]}-{pair[1]}" not in held and pair not in there)
    _complete(root, replace(version, applications=left), erlang, new)
    if config is not None:
        # What does not fit this machine does not fit it after the upgrade either.
        target = releases / new.vsn / "sys.config"
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(config, target)
    return name


def _no_application(release: Release, name: str, vsn: str, erlang: Erlang) -> Diagnostic:
    there = sorted(path.name for path in (erlang.root / "lib").glob(f"{name}-*"))
    has = f"that has {', '.join(there)}" if there else "that has none"
    return Diagnostic(
        CATALOGUE["M177"],
        f"{release.given} needs {name} {vsn}: it does not bring it, nor does the Erlang in {erlang.root} ({has})",
        "the release does not boot without it",
        str(release.given),
        ("--erl PATH   # of the OTP that built the release", "{include_erts, true}.   % or a release that is whole"),
    )


def _write_releases(root: Path, version: Root) -> None:
    """`RELEASES` as `release_handler` has it; without it an upgrade works and the way back does not."""
    apps: list[Term] = [
        (Atom(name), _characters(vsn), _characters(str(root / "lib" / f"{name}-{vsn}")))
        for name, vsn in version.applications
    ]
    name, vsn, erts = (_characters(text) for text in (version.name, version.vsn, version.erts))
    release: Term = (Atom("release"), name, vsn, erts, apps, Atom("permanent"))
    (root / "releases" / "RELEASES").write_text(f"%% coding: utf-8\n{term_text([release])}.\n", encoding="utf-8")


def _characters(text: str) -> Term:
    """A string, as Erlang has it."""
    return [ord(each) for each in text]


def _environment(root: Path, number: int, release: Release, asked: Asked) -> dict[str, str]:
    """Our own, without what steers another Erlang or release; what mix releases are told; what was asked for."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("ERL_", "HEART_", "RELX_", "RELEASE_")) and name not in {"RELDIR", "EMU", "PROGNAME"}
    }
    home = root / "releases" / release.vsn
    kept |= {
        "MIGRATOR_NODE": str(number),
        "RELEASE_ROOT": str(root),
        "RELEASE_NAME": release.name,
        "RELEASE_VSN": release.vsn,
        "RELEASE_TMP": str(root / "tmp"),
        "RELEASE_SYS_CONFIG": str(home / "sys"),
        "RELEASE_MODE": "embedded",
        "REL_NAME": release.name,
        "REL_VSN": release.vsn,
        "RELEASE_ROOT_DIR": str(root),
    }
    for name, value in asked.env:
        kept[name] = filled(value, kept)
    return kept


def _configure(home: Path, environment: Mapping[str, str], asked: Asked) -> tuple[str, ...]:
    # As relx's start script does: a sys.config beside its source is what an earlier start made of it.
    source = asked.config or home / "sys.config.src"
    target = home / "sys.config"
    if not source.exists():
        return ()
    text = source.read_text(encoding="utf-8")
    target.unlink(missing_ok=True)
    target.write_text(filled(text, environment), encoding="utf-8")
    return missing(text, environment)


def _vm_args(home: Path, environment: Mapping[str, str], release: Release) -> VmArgs:
    for name in ("vm.args.src", "vm.args"):
        path = home / name
        if path.is_file():
            where = f"{release.given}: releases/{release.vsn}/{name}"
            return read_vm_args(filled(path.read_text(encoding="utf-8"), environment), where)
    return VmArgs("", "short", ())


def _name(arguments: VmArgs, release: Release, number: int) -> tuple[str, str]:
    """The node's own name; further nodes of a cluster have their number behind it."""
    alone, at, host = (arguments.name or release.name).partition("@")
    if not at and arguments.names == "long":
        # What a long name ends in is asked of the network otherwise, which may not know.
        at, host = "@", "127.0.0.1"
    return f"{alone}{number if number > 1 else ''}{at}{host}", arguments.names


def _erts(root: Path, version: Root, erlang: Erlang) -> Path:
    own = root / f"erts-{version.erts}" / "bin"
    if (own / "erlexec").is_file():
        return own
    found = sorted(erlang.root.glob("erts-*/bin/erlexec"))
    return found[-1].parent if found else erlang.root / "bin"
