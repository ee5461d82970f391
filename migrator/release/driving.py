"""Drives a system while it is rehearsed: an expression that is evaluated in the node again and again, or an escript."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from migrator.diagnostics import CATALOGUE, Diagnostic, Refused
from migrator.release.nodes import NodeLost
from migrator.release.rehearsal import Calls
from migrator.terms import Atom

if TYPE_CHECKING:
    from collections.abc import Iterator

    from migrator.release.nodes import Nodes
    from migrator.release.rehearsal import Asked, Load
    from migrator.release.staged import Staged

# How long the load may take to be under way, to make a turn, and to end, in seconds.
_UNDER_WAY = 5.0
_END = 10.0
# How much of what an escript prints is kept, in bytes.
_PRINTED = 1 << 20


class Driver(Protocol):
    """A load that is under way."""

    def turn(self) -> None:
        """Waits until it has used the system once more, where that can be told."""

    def stop(self) -> Calls:
        """Ends it, and gives what came of it."""


@contextmanager
def start_load(nodes: Nodes, asked: Asked, staged: Staged) -> Iterator[Driver]:
    """Starts the load, and gives it when it is under way.

    Raises:
        Refused: it cannot be run, or fails before there is an upgrade (M181).
    """
    load = asked.load
    assert load is not None  # noqa: S101 - who asks for it has one
    if load.kind == "expression":
        yield _start_expression(nodes, load)
        return
    script = _Script(load, _start_escript(nodes, load, staged))
    try:
        script.begin()
        yield script
    finally:
        script.end()


@dataclass(frozen=True, slots=True)
class _Expression:
    nodes: Nodes

    def turn(self) -> None:
        try:
            self.nodes.ask(1, Atom("load_turn"), _UNDER_WAY)
        except NodeLost as lost:
            if lost.how != "silent":
                raise

    def stop(self) -> Calls:
        first = tuple(
            each.what[2].decode(errors="replace")
            for each in self.nodes.events
            if isinstance(each.what, tuple)
            and each.what[:2] == (Atom("load"), Atom("failed"))
            and isinstance(each.what[2], bytes)
        )
        try:
            answer = self.nodes.ask(1, Atom("stop_load"), _UNDER_WAY)
        except NodeLost:
            return Calls(0, len(first), first)
        match answer:
            case (Atom("ok"), (int(made), int(failed))):
                return Calls(made, failed, first)
        return Calls(0, len(first), first)


def _start_expression(nodes: Nodes, load: Load) -> Driver:
    answer = nodes.ask(1, (Atom("load"), load.text.encode()), _UNDER_WAY)
    match answer:
        case (Atom("ok"), (Atom("wrong"), bytes(text))):
            raise Refused(_bad_load(load, f"it is no Erlang expression: {text.decode(errors='replace')}"))

    def said() -> list[tuple[object, ...]]:
        return [each.what for each in nodes.events if isinstance(each.what, tuple) and each.what[0] == Atom("load")]

    nodes.heard(lambda: (Atom("load"), Atom("under_way")) in said(), _UNDER_WAY)
    for what in said():
        match what:
            case (_, Atom("failed"), bytes(text)):
                raise Refused(_bad_load(load, f"it fails before any upgrade: {text.decode(errors='replace')}"))
    return _Expression(nodes)


class _Script:
    """An escript: under way when it has printed something; at the end of its input it is to end."""

    def __init__(self, load: Load, process: subprocess.Popen[bytes]) -> None:
        self._load = load
        self._process = process
        self._printed = bytearray()
        self._spoke = threading.Event()
        self._reader = threading.Thread(target=self._read, daemon=True)

    def begin(self) -> None:
        """Waits for its first words.

        Raises:
            Refused: it fails before there is an upgrade (M181).
        """
        self._reader.start()
        self._spoke.wait(_UNDER_WAY)
        if self._process.poll():
            said = self._printed.decode(errors="replace").strip()
            raise Refused(_bad_load(self._load, f"it ended with status {self._process.returncode}: {said}"))

    def turn(self) -> None:
        """When it uses the system is its own affair."""

    def stop(self) -> Calls:
        """Closes its input, and waits for its end."""
        assert self._process.stdin is not None  # noqa: S101 - it was started with one
        self._process.stdin.close()
        try:
            status = self._process.wait(_END)
            self._reader.join(_END)
        except subprocess.TimeoutExpired:
            # It did not care for its input: what it would have said at its end is not known.
            status = 0
        printed = self._printed.decode(errors="replace")
        return Calls(None, 1 if status else 0, (f"exit status {status}\n{printed}",) if status else (), printed)

    def end(self) -> None:
        """Ends it by force, where it has not ended."""
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def _read(self) -> None:
        assert self._process.stdout is not None  # noqa: S101 - as above
        for line in self._process.stdout:
            self._printed += line
            del self._printed[:-_PRINTED]
            self._spoke.set()
        self._process.wait()
        self._spoke.set()


def _start_escript(nodes: Nodes, load: Load, staged: Staged) -> subprocess.Popen[bytes]:
    environment = dict(staged.environment) | {
        "ERL_EPMD_PORT": str(nodes.epmd_port),
        "ERL_EPMD_ADDRESS": "127.0.0.1",
        "MIGRATOR_REHEARSED": staged.name,
        "MIGRATOR_COOKIE": staged.cookie,
    }
    for name in ("ROOTDIR", "BINDIR", "EMU", "PROGNAME"):
        environment.pop(name, None)
    try:
        return subprocess.Popen(
            ["escript", str(Path(load.text).resolve()), staged.name, staged.cookie],  # noqa: S607 - as users do
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=environment,
            process_group=0,
        )
    except OSError as error:
        raise Refused(_bad_load(load, str(error))) from error


def _bad_load(load: Load, why: str) -> Diagnostic:
    return Diagnostic(
        CATALOGUE["M181"],
        f"the load cannot be used: {why}",
        "nothing would drive the system while it is upgraded",
        f"--load {load.text}",
        ("--load 'ok = kv:put(a, 1)'   # raises where it fails", "--load FILE   # an escript"),
    )
