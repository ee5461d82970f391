"""Boots a node of a rehearsal, and says why one does not run, or does not any more."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

from migrator.diagnostics import CATALOGUE, Diagnostic, Refused
from migrator.release.nodes import NodeLost
from migrator.release.outside import written_outside

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from migrator.release.model import Release
    from migrator.release.nodes import Nodes
    from migrator.release.staged import Staged
    from migrator.terms import Term

# What the node prints where it cannot take what we run in it.
_NOT_LOADED = "migrator_rehearsal_not_loaded"
# With its OTP release behind it: what init could not evaluate it prints as it was written, and that is no answer.
_OTHER_OTP = re.compile(rf"{_NOT_LOADED} (\d+)")
_NOT_EVALUATED = "Error! Failed to eval: "

# What Elixir's `System.fetch_env!/1` raises, as the emulator prints it.
_FETCHED = re.compile(r"""'Elixir\.System\.EnvError',\s*env\s*=>\s*<<"([A-Za-z_][A-Za-z0-9_]*)">>""")


def boot(nodes: Nodes, number: int, staged: Staged, beams: Path) -> None:
    """Starts the node with what we run in it: loaded by hand, since the code path is the release's own."""
    ours = sorted(path.with_suffix("") for path in beams.glob("migrator_rehearsal*.beam"))
    names = ", ".join(f'"{path}"' for path in ours)
    program = (
        "lists:foreach(fun(File) -> case code:load_abs(File) of {module, _} -> ok; {error, Reason} -> "
        f'io:format("{_NOT_LOADED} ~s ~p~n", [erlang:system_info(otp_release), Reason]), halt(1) end end, [{names}]), '
        f'migrator_rehearsal:start("{nodes.socket_path}", {number}).'
    )
    environment = dict(staged.environment) | {"ERL_EPMD_PORT": str(nodes.epmd_port), "ERL_EPMD_ADDRESS": "127.0.0.1"}
    last = ("-kernel", "shutdown_func", "{migrator_rehearsal_trace,leaving}")
    nodes.boot(number, [*staged.command, *last, "-eval", program], environment, staged.root)


def ready(nodes: Nodes, number: int, staged: Staged, old: Release, limit: float) -> None:
    """Waits until the node runs, and its release handler knows the old release.

    Raises:
        Refused: it does not start (M182), its OTP cannot take what looks on (M184), or runs no release handler (M180).
    """
    try:
        hello = nodes.hello(number, 0, limit)
    except NodeLost as lost:
        if (other := _OTHER_OTP.search(nodes.said(number))) is not None:
            raise Refused(_other_otp(other[1], old)) from lost
        how = "it ended" if lost.how == "ended" else f"it did not run after {limit:g} s (--limit)"
        longer = (f"--limit {10 * limit:g}   # where it takes longer to start",) if lost.how == "silent" else ()
        raise Refused(_no_start(nodes, number, staged, old, (how, *longer))) from lost
    match hello.releases:
        case list(releases) if any(_named(each, old.vsn) for each in releases):
            return
    raise Refused(
        Diagnostic(
            CATALOGUE["M180"],
            f"{old.given} runs no release_handler: sasl is not among its applications",
            "nothing could be installed on it",
            str(old.given),
            ("{applications, [kernel, stdlib, sasl]}   % in the .app.src; or sasl in relx's release",),
        )
    )


def _named(release: Term, vsn: str) -> bool:
    return isinstance(release, tuple) and release[0] == list(map(ord, vsn))


def _other_otp(otp: str, old: Release) -> Diagnostic:
    return Diagnostic(
        CATALOGUE["M184"],
        f"{old.name} {old.vsn} runs on its own OTP {otp}, and what looks on there was compiled by another",
        "nothing can be seen of its processes",
        str(old.given),
        (f"--erl PATH   # of an OTP {otp}, or of an older one",),
    )


def _no_start(nodes: Nodes, number: int, staged: Staged, old: Release, why: tuple[str, ...]) -> Diagnostic:
    how, *longer = why
    said = nodes.said(number).strip()
    status = nodes.exit_status(number)
    # That our own expression was not evaluated comes of the release's end, and says nothing of it.
    lines = [line for line in said.splitlines() if not line.startswith(_NOT_EVALUATED)]
    shown = "\n".join(f"    {line}" for line in lines[-50:])
    missing = dict.fromkeys((*staged.unset, *_FETCHED.findall(said)))
    unset = (f"--env {name}=VALUE   # its configuration asks for it, and it is not set" for name in missing)
    taken = "eaddrinuse" in said
    return Diagnostic(
        CATALOGUE["M182"],
        f"{old.name} {old.vsn} does not start here: {how}" + (f" (status {status})" if status else ""),
        "there is nothing to upgrade; the last that it said:\n" + (shown or "    nothing"),
        str(old.given),
        (
            *unset,
            *(("--env PORT=PORT   # or --config FILE: a port that it wants is in use here",) if taken else ()),
            *longer,
            "--config FILE   # a sys.config for this machine",
        ),
    )


def lost_node(nodes: Nodes, old: Release, lost: NodeLost) -> Diagnostic:
    """That a node is gone in the middle of it all."""
    how: dict[Literal["ended", "restarted", "silent"], str] = {
        "ended": "ended in the middle of the rehearsal",
        "restarted": "restarted its emulator in the middle of the rehearsal",
        "silent": "does not answer any more",
    }
    said = "\n".join(f"    {line}" for line in nodes.said(lost.number).strip().splitlines()[-25:])
    return Diagnostic(
        CATALOGUE["M618"],
        f"node {lost.number} {how[lost.how]}",
        "all state in it is lost; the last that it said:\n" + (said or "    nothing"),
        str(old.given),
        ("migrator rehearse --keep OLD NEW   # and look at it",),
    )


def outside(nodes: Nodes, old: Release, numbers: Iterable[int]) -> list[Diagnostic]:
    """That a node writes to files which are none of its own folder."""
    folder = nodes.folder.resolve()
    files = {path for number in numbers for path in written_outside(nodes.os_pid(number), folder)}
    return [
        Diagnostic(
            CATALOGUE["M447"],
            f"{old.name} writes to {path}: it is outside of the folder of the rehearsal",
            "what runs in production writes there too, where it runs on this machine",
            str(old.given),
            ("--config FILE   # a sys.config that names another file",),
        )
        for path in sorted(files)
    ]
