"""Throw-away nodes: Erlang releases as processes of ours, asked and heard over a socket of their own, and their end.

Each node is a process group. A small shell, the reaper, ends them all and removes their folder as soon as we go away,
in whatever way: that holds for Ctrl-C and for a `kill -9` too.
"""

from __future__ import annotations

import os
import selectors
import shlex
import shutil
import socket
import subprocess
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from migrator import etf, helper_build
from migrator.errors import EnvironmentFault
from migrator.node import Frames
from migrator.release.rehearsal import Erlang
from migrator.terms import Atom

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from types import TracebackType
    from typing import Self

    from migrator.terms import Term

# Reads the numbers of process groups; at the end of its input it kills them and removes the folders, unless told to
# keep.
_REAPER = """\
pids=
while read -r pid; do
  if [ "$pid" = keep ]; then exit 0; fi
  pids="$pids $pid"
done
for pid in $pids; do kill -9 "-$pid" 2>/dev/null; done
rm -rf -- "$0" "$1"
"""
# Tells the reaper its own number before it becomes the program: we may be gone before we know it.
_TOLD = 'echo $$ >&0 && exec "$@" </dev/null'
_CHUNK = 1 << 20
_EPMD_PAUSE = 0.01
_EPMD_LIMIT = 10.0
_TAIL = 8000
_LONGEST_SOCKET = 90

Lost = Literal["ended", "restarted", "silent"]


# What a boot takes of it: where its root is, and which OTP release it is.
_ASKED = 'io:put_chars([code:root_dir(), "\\n", erlang:system_info(otp_release), "\\n"]), halt().'
_ASKED_LIMIT = 60.0


def erlang_at(erl: Path) -> Erlang:
    """What that `erl` is.

    Raises:
        EnvironmentFault: no_erlang, or it hangs or ends without an answer.
    """
    try:
        done = subprocess.run(
            [str(erl), "-noinput", "-boot", "no_dot_erlang", "-eval", _ASKED],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            env=helper_build.environment(),
            timeout=_ASKED_LIMIT,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise EnvironmentFault("hung", erl) from error
    except OSError as error:
        raise EnvironmentFault("no_erlang", erl, str(error)) from error
    match done.stdout.decode(errors="replace").split():
        case [root, release]:
            return Erlang(Path(root), release)
    raise EnvironmentFault("died", erl, done.stderr.decode(errors="replace"))


class NodeLost(Exception):  # noqa: N818 - an outcome of a rehearsal
    """A node answers no more: it ended, its emulator restarted, or it was silent for longer than it may.

    Attributes:
        number: which node.
        how: in which of these ways.
    """

    def __init__(self, number: int, how: Lost) -> None:
        super().__init__(number, how)
        self.number = number
        self.how: Lost = how


@dataclass(frozen=True, slots=True)
class Hello:
    """What a node says of itself, at each of its starts: OS process, OTP release, its name, its releases."""

    os_pid: int
    otp: str
    name: str
    releases: Term


@dataclass(frozen=True, slots=True)
class Event:
    """Something that a node told unasked; `at` in seconds of the monotonic clock."""

    node: int
    at: float
    what: Term


@dataclass(slots=True)
class _Running:
    """A node: its process, where its output goes, its starts, its connection, the answers that nobody took yet."""

    process: subprocess.Popen[bytes]
    console: Path
    hellos: list[Hello] = field(default_factory=list)
    connection: socket.socket | None = None
    answers: dict[int, Term] = field(default_factory=dict)


class Nodes:
    """All nodes of a rehearsal; a context manager that ends them and removes their folder."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="migrator-rehearsal-"))
        # The name of a socket cannot be long.
        short = len(str(self.folder)) < _LONGEST_SOCKET
        self._meeting = self.folder if short else Path(tempfile.mkdtemp(prefix="migrator-", dir="/tmp"))
        self.events: list[Event] = []
        self.epmd_port = 0
        self._nodes: dict[int, _Running] = {}
        self._others: list[subprocess.Popen[bytes]] = []
        self._next_id = 1
        self._kept = False
        self._selector = selectors.DefaultSelector()
        self._reaper = subprocess.Popen(
            ["sh", "-c", _REAPER, str(self.folder), str(self._meeting)],  # noqa: S607 - every system has one
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(self.socket_path))
        self._listener.listen()
        self._selector.register(self._listener, selectors.EVENT_READ, self._accept)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    @property
    def socket_path(self) -> Path:
        """Where nodes connect to."""
        return self._meeting / "socket"

    def close(self) -> None:
        """Ends every node and epmd, and removes the folder; once is enough, twice does no harm."""
        self._let_go()
        self._reaper.wait()
        if self._kept:
            return
        for process in (*(each.process for each in self._nodes.values()), *self._others):
            process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def keep(self) -> str:
        """Leaves all as it is, nodes, epmd and folder live on without us; gives what ends them."""
        pids = [process.pid for process in (*(each.process for each in self._nodes.values()), *self._others)]
        self._tell_reaper("keep")
        self._reaper.wait()
        self._kept = True
        folders = " ".join(shlex.quote(str(each)) for each in dict.fromkeys((self.folder, self._meeting)))
        return f"kill -9 {' '.join(map(str, pids))}; rm -rf {folders}"

    def _let_go(self) -> None:
        for each in self._nodes.values():
            if each.connection is not None:
                each.connection.close()
        self._listener.close()
        self._selector.close()
        if self._reaper.stdin is not None and not self._reaper.stdin.closed:
            with suppress(BrokenPipeError):
                self._reaper.stdin.close()

    def _tell_reaper(self, word: str) -> None:
        if self._reaper.stdin is not None:
            self._reaper.stdin.write(f"{word}\n".encode())
            self._reaper.stdin.flush()

    def _spawn(
        self, command: Sequence[str], environment: Mapping[str, str], folder: Path, console: Path
    ) -> subprocess.Popen[bytes]:
        if shutil.which(command[0]) is None:
            raise EnvironmentFault("no_erlang", Path(command[0]), "it cannot be executed")
        try:
            with console.open("ab") as output:
                return subprocess.Popen(
                    ["sh", "-c", _TOLD, "sh", *command],  # noqa: S607 - every system has one
                    stdin=self._reaper.stdin,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    env=dict(environment),
                    cwd=folder,
                    start_new_session=True,
                )
        except OSError as error:
            raise EnvironmentFault("no_erlang", Path(command[0]), str(error)) from error

    def start_epmd(self, program: Path, environment: Mapping[str, str]) -> None:
        """Starts an epmd of our own, on loopback and a free port.

        Raises:
            EnvironmentFault: it cannot be executed, or ends at once.
        """
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.epmd_port = int(probe.getsockname()[1])
        command = [str(program), "-port", str(self.epmd_port), "-address", "127.0.0.1"]
        process = self._spawn(command, environment, self.folder, self.folder / "epmd.txt")
        self._others.append(process)
        until = time.monotonic() + _EPMD_LIMIT
        while not self._listens():
            # Its end is what is waited for here; that it listens cannot be.
            with suppress(subprocess.TimeoutExpired):
                process.wait(_EPMD_PAUSE)
                raise EnvironmentFault("died", program, (self.folder / "epmd.txt").read_text(errors="replace"))
            if time.monotonic() > until:
                raise EnvironmentFault("hung", program)

    def _listens(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.epmd_port)) == 0

    def boot(self, number: int, command: Sequence[str], environment: Mapping[str, str], folder: Path) -> None:
        """Starts a node; it is there when `hello` says so.

        Raises:
            EnvironmentFault: no_erlang, the program cannot be executed.
        """
        console = self.folder / f"console-{number}.txt"
        process = self._spawn(command, environment, folder, console)
        self._nodes[number] = _Running(process, console)
        if hasattr(os, "pidfd_open"):
            self._selector.register(os.pidfd_open(process.pid), selectors.EVENT_READ, self._forget)

    def hello(self, number: int, start: int, limit: float) -> Hello:
        """What that node said at that start of it (0 is its first).

        Raises:
            NodeLost: it ended before, or did not say it within `limit` seconds.
        """
        node = self._nodes[number]
        self._until(number, lambda: len(node.hellos) > start, limit)
        return node.hellos[start]

    def os_pid(self, number: int) -> int:
        """The number of its OS process."""
        return self._nodes[number].process.pid

    def said(self, number: int) -> str:
        """The last of what it printed."""
        return self._nodes[number].console.read_text(errors="replace")[-_TAIL:]

    def exit_status(self, number: int) -> int | None:
        """How it ended; None while it runs."""
        return self._nodes[number].process.poll()

    def send(self, number: int, request: Term) -> int:
        """Asks a node, and gives the number under which it will answer.

        Raises:
            NodeLost: it is not there.
        """
        connection = self._nodes[number].connection
        if connection is None:
            raise NodeLost(number, "ended" if self.exit_status(number) is not None else "restarted")
        asked, self._next_id = self._next_id, self._next_id + 1
        data = etf.encode((asked, request))
        try:
            connection.sendall(len(data).to_bytes(4) + data)
        except OSError as error:
            raise NodeLost(number, "ended") from error
        return asked

    def answer(self, number: int, asked: int, limit: float) -> Term:
        """The answer of a node: `{ok, Result}` or `{error, Text}`.

        Raises:
            NodeLost: it ended or restarted first, or did not answer within `limit` seconds.
        """
        node = self._nodes[number]
        starts = len(node.hellos)
        self._until(number, lambda: asked in node.answers or len(node.hellos) > starts, limit)
        if asked not in node.answers:
            raise NodeLost(number, "restarted")
        return node.answers.pop(asked)

    def ask(self, number: int, request: Term, limit: float) -> Term:
        """Asks, and gives the answer.

        Raises:
            NodeLost: as `answer`.
        """
        return self.answer(number, self.send(number, request), limit)

    def ended(self, number: int, limit: float) -> bool:
        """Whether that node's process ends within `limit` seconds."""
        try:
            self._nodes[number].process.wait(limit)
        except subprocess.TimeoutExpired:
            return False
        return True

    def heard(self, condition: Callable[[], bool], limit: float) -> bool:
        """Listens to all nodes until the condition holds; whether it did within `limit` seconds."""
        until = time.monotonic() + limit
        while not condition():
            left = until - time.monotonic()
            if left <= 0:
                return False
            self._step(left)
        return True

    def _until(self, number: int, condition: Callable[[], bool], limit: float) -> None:
        gone = self.heard(lambda: condition() or self.exit_status(number) is not None, limit)
        if condition():
            return
        if gone:
            # What it said before its end is in the socket still.
            self.heard(lambda: condition() or self._nodes[number].connection is None, limit)
            if condition():
                return
            raise NodeLost(number, "ended")
        raise NodeLost(number, "silent")

    def _step(self, limit: float) -> None:
        # Where the system tells no end of a process as an event it is looked for now and then.
        longest = limit if hasattr(os, "pidfd_open") else min(limit, 0.2)
        for key, _ in self._selector.select(longest):
            key.data(key.fileobj)

    def _forget(self, handle: int) -> None:
        self._selector.unregister(handle)
        os.close(handle)

    def _accept(self, _: object) -> None:
        connection, _peer = self._listener.accept()
        frames, whose = Frames(), [0]

        def read(_: object) -> None:
            try:
                data = connection.recv(_CHUNK)
            except OSError:
                data = b""
            if not data:
                self._selector.unregister(connection)
                connection.close()
                if whose[0] and self._nodes[whose[0]].connection is connection:
                    self._nodes[whose[0]].connection = None
            for frame in frames.add(data):
                self._take(connection, whose, etf.decode(frame))

        self._selector.register(connection, selectors.EVENT_READ, read)

    def _take(self, connection: socket.socket, whose: list[int], term: Term) -> None:
        match term:
            case (Atom("hello"), int(number), int(pid), list(otp), Atom(name), releases):
                whose[0] = number
                node = self._nodes[number]
                node.connection = connection
                release = "".join(chr(each) for each in otp if isinstance(each, int))
                node.hellos.append(Hello(pid, release, name, releases))
            case (Atom("reply"), int(asked), answer):
                self._nodes[whose[0]].answers[asked] = answer
            case _:
                self.events.append(Event(whose[0], time.monotonic(), term))
