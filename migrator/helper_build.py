"""Compiles the helper, once for each Erlang and each version of its sources, into the user's cache."""

from __future__ import annotations

import atexit
import errno
import hashlib
import os
import shutil
import subprocess
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from migrator.errors import EnvironmentFault

if TYPE_CHECKING:
    from collections.abc import Sequence

    from migrator.errors import EnvironmentReason

# Arguments: the folder for the beams, then the sources. The file "otp" names the release that compiled them. What is
# loaded into the nodes of a rehearsal, whose Erlang may be an older one, is compiled for it, where this compiler can.
_PROGRAM = """
[Out | Files] = init:get_plain_arguments(),
Options = [{outdir, Out}, {i, filename:dirname(hd(Files))}, deterministic, report_errors],
Parent = self(),
Old = [r25, {feature, maybe_expr, disable}] ++ lists:delete(report_errors, Options),
Compile = fun(File) ->
    case lists:prefix("migrator_rehearsal", filename:basename(File)) andalso compile:file(File, Old) of
        {ok, Module} -> {ok, Module};
        _ -> compile:file(File, Options)
    end
end,
Pids = [spawn_link(fun() -> Parent ! {self(), Compile(File)} end) || File <- Files],
Results = [receive {Pid, Result} -> Result end || Pid <- Pids],
ok = file:write_file(filename:join(Out, "otp"), erlang:system_info(otp_release)),
halt(case lists:member(error, Results) of false -> 0; true -> 1 end).
"""
_SECONDS = 120.0
_LAST_LINES = 20
_BEAM_HEADER = 8
_WRITABLE_BY_OTHERS = 0o022


def environment() -> dict[str, str]:
    """Give our environment without what would change how Erlang starts, compiles or dies."""
    kept = {name: value for name, value in os.environ.items() if name == "ERL_ROOTDIR" or name[:4] != "ERL_"}
    # A crash of the helper is told by its stderr: no erl_crash.dump in the user's folder.
    return kept | {"ERL_CRASH_DUMP_SECONDS": "0"}


def cached_beams(erl: Path, sources: Sequence[Path]) -> Path:
    """Give the folder with the helper's beams for that Erlang, compiled now where the cache lacks them.

    Where the cache cannot be used the folder is temporary, and removed when Python exits.

    Args:
        erl: the program; its path, size and time of change stand for the Erlang behind it.
        sources: the helper's ``.erl`` and ``.hrl`` files.

    Raises:
        EnvironmentFault: no_erlang, no_compiler, hung, no_room or cannot_write.
    """
    try:
        cache = _cache()
        place = cache / _key(erl, sources)
        if not _complete(place, sources):
            _build_at(place, erl, sources)
    except (OSError, RuntimeError):
        # No home, a full disk, someone else's folder: a slower start is better than none.
        return private_beams(erl, sources)
    return place


def private_beams(erl: Path, sources: Sequence[Path]) -> Path:
    """Compile the helper into a temporary folder that is removed when Python exits.

    Raises:
        EnvironmentFault: no_erlang, no_compiler, hung, no_room or cannot_write.
    """
    try:
        place = Path(tempfile.mkdtemp(prefix="migrator-"))
        atexit.register(shutil.rmtree, place, ignore_errors=True)
        _compile(erl, sources, place)
    except OSError as error:
        reason: EnvironmentReason = (
            "no_room" if error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG} else "cannot_write"
        )
        raise EnvironmentFault(reason, Path(tempfile.gettempdir()), str(error)) from error
    return place


def built_by(place: Path) -> str:
    """Give the OTP release that compiled the beams in that folder, or an empty text where it is not known."""
    try:
        return (place / "otp").read_text()
    except OSError:
        return ""


def _cache() -> Path:
    """Give the cache's folder, made where it is missing.

    Raises:
        OSError: it cannot be made, or others could put code of theirs there for us to run.
        RuntimeError: the user has no home.
    """
    told = os.environ.get("XDG_CACHE_HOME", "")
    root = Path(told) if Path(told).is_absolute() else Path.home() / ".cache"
    place = root / "migrator"
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    status = place.stat()
    if status.st_uid != os.geteuid() or status.st_mode & _WRITABLE_BY_OTHERS:
        raise PermissionError(errno.EPERM, "not ours alone", str(place))
    return place


def _key(erl: Path, sources: Sequence[Path]) -> str:
    status = erl.stat()
    digest = hashlib.sha256(repr((str(erl), str(erl.resolve()), status.st_mtime_ns, status.st_size)).encode())
    digest.update(_PROGRAM.encode())
    for source in sources:
        content = source.read_bytes()
        digest.update(repr((source.name, len(content))).encode() + content)
    return digest.hexdigest()[:32]


def _complete(place: Path, sources: Sequence[Path]) -> bool:
    """Say whether every beam is there and as long as it says; a crashed disk leaves files that are not."""
    try:
        return all(_whole(place / f"{source.stem}.beam") for source in sources if source.suffix == ".erl")
    except OSError:
        return False


def _whole(beam: Path) -> bool:
    with beam.open("rb") as file:
        header = file.read(_BEAM_HEADER)
    length = int.from_bytes(header[4:])
    return header[:4] == b"FOR1" and 0 <= beam.stat().st_size - _BEAM_HEADER - length < 4  # noqa: PLR2004 - padding


def _build_at(place: Path, erl: Path, sources: Sequence[Path]) -> None:
    """Compile beside `place` and rename, so that no other process ever sees half of it.

    Raises:
        OSError: the cache cannot be written.
        EnvironmentFault: no_erlang, no_compiler or hung.
    """
    fresh = Path(tempfile.mkdtemp(prefix="new-", dir=place.parent))
    try:
        _compile(erl, sources, fresh)
        try:
            fresh.rename(place)
        except OSError:
            # Another process was first, or what stands there is damaged.
            if not _complete(place, sources):
                shutil.rmtree(place)
                fresh.rename(place)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def _compile(erl: Path, sources: Sequence[Path], place: Path) -> None:
    files = [str(source) for source in sources if source.suffix == ".erl"]
    command = [str(erl), "-noinput", "-boot", "no_dot_erlang", "+fnu", "-eval", _PROGRAM]
    try:
        # A process group of its own: Ctrl-C reaches us, and we end it.
        done = subprocess.run(
            [*command, "-extra", str(place), *files],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=environment(),
            timeout=_SECONDS,
            check=False,
            process_group=0,
            # Erlang looks for its own modules in the current folder first: there may lie others of that name.
            cwd=place,
        )
    except subprocess.TimeoutExpired as error:
        raise EnvironmentFault("hung", erl) from error
    except OSError as error:
        raise EnvironmentFault("no_erlang", erl, str(error)) from error
    said = "\n".join(done.stdout.decode(errors="replace").splitlines()[-_LAST_LINES:])
    if done.returncode != 0:
        _refuse(erl, place, said)
    if not _complete(place, sources):
        raise EnvironmentFault("no_compiler", erl, said)


def _refuse(erl: Path, place: Path, said: str) -> None:
    """Tell a full disk from an Erlang that cannot compile.

    Raises:
        OSError: nothing can be written at `place`.
        EnvironmentFault: no_compiler.
    """
    probe = place / "probe"
    probe.write_bytes(bytes(64 * 1024))
    with suppress(OSError):
        probe.unlink()
    raise EnvironmentFault("no_compiler", erl, said)
