"""The one door to Erlang: starts the helper node and carries requests to it.

The node is started at once and waited for only when its first answer is needed, so that Python can go on with
other work meanwhile.
"""

from __future__ import annotations

import os
import selectors
import shutil
import signal
import subprocess
import time
import weakref
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Literal, Self

from migrator import etf, helper_build, resources
from migrator.errors import EnvironmentFault, HelperFault, ProtocolError
from migrator.terms import Atom

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from migrator.terms import Term

PROTOCOL = 1

_NODE = (
    "-noinput",
    # The user's ~/.erlang is not ours to run.
    *("-boot", "no_dot_erlang"),
    # Atoms are never freed; each beam brings its own, and a release has many beams.
    *("+t", "4194304"),
    # File names, and what counts as printable, must not hang on the locale.
    *("+fnu", "+pc", "unicode"),
    # Waiting schedulers sleep: the time between requests belongs to Python.
    *("+sbwt", "none", "+sbwtdcpu", "none", "+sbwtdio", "none"),
)
_MAIN = ("-s", "migrator_helper", "main")

_HEADER = 4
# No honest frame comes near it, and any four characters of ASCII read as a length lie above.
_LONGEST_FRAME = 0x20000000
_CHUNK = 1024 * 1024
_TALK = 64 * 1024
_LAST_LINES = 20
_LAST_BREATH = 5.0
# Enough for the node never to wait for us, and few enough not to hold a whole release in memory.
_WINDOW = max(4, 2 * (os.cpu_count() or 1))


@dataclass(frozen=True, slots=True)
class Patience:
    """How long the helper may be silent before it is taken to hang, in seconds.

    Attributes:
        hello: until its hello, from when we begin to wait for it.
        grace: beyond the deadline of the requests that it works on.
    """

    hello: float = 60.0
    grace: float = 10.0


@dataclass(frozen=True, slots=True)
class Hello:
    """What the helper says of itself.

    Attributes:
        protocol: the version of the protocol.
        otp: the OTP release, "25".
        compiler: the compiler's version, "8.2.3".
    """

    protocol: int
    otp: str
    compiler: str


def find_erl(explicit: Path | None) -> Path:
    """Give the `erl` to use: the one asked for, else ``$MIGRATOR_ERL``, else the one on the PATH.

    Raises:
        EnvironmentFault: no_erlang; `path` is what was asked for, or None when the PATH was searched.
    """
    wanted = str(explicit) if explicit is not None else os.environ.get("MIGRATOR_ERL", "")
    found = shutil.which(wanted or "erl")
    if found is None:
        raise EnvironmentFault("no_erlang", Path(wanted) if wanted else None)
    # Not resolved: version managers put links to one program of theirs, which looks at its own name.
    return Path(found).absolute()


def start(erl: Path, patience: Patience | None = None) -> Helper:
    """Start the helper on that Erlang, compiling it first where the cache does not have it.

    Returns before the node is up: what goes wrong there is raised by the first use.

    Args:
        erl: as `find_erl` gives it.
        patience: how long to wait for it.

    Raises:
        EnvironmentFault: no_erlang, no_compiler, no_room, cannot_write, incomplete_install, hung (compiling).
    """
    sources = resources.helper_sources()
    beams = helper_build.cached_beams(erl, sources)

    # What is called erl can be a script that picks another release from one day to the next.
    def restart() -> _Node:
        return _Node(_command(erl, helper_build.private_beams(erl, sources)))

    return Helper(_Node(_command(erl, beams)), patience, _Renewal(helper_build.built_by(beams), restart))


def attach(command: Sequence[str], patience: Patience | None = None) -> Helper:
    """Start any program that speaks the helper's protocol on stdin and stdout.

    Raises:
        EnvironmentFault: no_erlang, it cannot be executed.
    """
    return Helper(_Node(command), patience, None)


def _command(erl: Path, beams: Path) -> list[str]:
    return [str(erl), *_NODE, "-pa", str(beams), *_MAIN]


class _Frames:
    """Bytes in, whole frames out."""

    def __init__(self) -> None:
        self._bytes = bytearray()

    def add(self, data: bytes) -> list[bytes]:
        """Take what was read and give the frames that are whole now, without their lengths.

        Raises:
            ProtocolError: what should be a length is none.
        """
        self._bytes += data
        frames = []
        start = 0
        while len(self._bytes) - start >= _HEADER:
            length = int.from_bytes(self._bytes[start : start + _HEADER])
            if length >= _LONGEST_FRAME:
                raise ProtocolError(f"no frame: {bytes(self._bytes[start : start + 200])!r}")
            end = start + _HEADER + length
            if len(self._bytes) < end:
                break
            frames.append(bytes(self._bytes[start + _HEADER : end]))
            start = end
        del self._bytes[:start]
        return frames


class _Node:
    """The process: bytes to its stdin, frames from its stdout, the last of its stderr."""

    def __init__(self, command: Sequence[str]) -> None:
        self._program = Path(command[0])
        self._frames = _Frames()
        self._talk = bytearray()
        try:
            # A process group of its own: Ctrl-C in the terminal reaches us, and we end it.
            self._process = subprocess.Popen(
                command,
                bufsize=0,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env=helper_build.environment(),
                process_group=0,
            )
        except OSError as error:
            raise EnvironmentFault("no_erlang", self._program, str(error)) from error
        self._stdin, self._stdout, self._stderr = (_pipe(self._process, name) for name in _PIPES)
        for pipe in (self._stdin, self._stdout, self._stderr):
            os.set_blocking(pipe.fileno(), False)
        self._readers = selectors.DefaultSelector()
        self._readers.register(self._stdout, selectors.EVENT_READ)
        self._readers.register(self._stderr, selectors.EVENT_READ)
        # Also when nobody closes us: when the last reference goes, at the latest when Python exits.
        self._end = weakref.finalize(self, _end, self._process, self._readers)
        self._outbox = memoryview(b"")

    @property
    def idle(self) -> bool:
        """Whether all that was to be sent is sent."""
        return not self._outbox

    @property
    def closed(self) -> bool:
        """Whether we have ended it."""
        return not self._end.alive

    def close(self) -> None:
        """End the process, by force: it keeps nothing. Once is enough, twice does no harm."""
        self._end()

    def send(self, data: bytes) -> None:
        """Put one frame into the outbox, which must be empty; `step` sends it."""
        self._outbox = memoryview(len(data).to_bytes(_HEADER) + data)
        self._readers.register(self._stdin, selectors.EVENT_WRITE)

    def step(self, silence: float) -> list[bytes]:
        """Wait until something moves, move it, and give the frames that came.

        Args:
            silence: how long nothing may move, in seconds. What comes on stderr is talk and moves nothing.

        Raises:
            EnvironmentFault: hung after that silence, or died.
            ProtocolError: what came is no frame.
        """
        until = time.monotonic() + silence
        while True:
            events = self._readers.select(max(0.0, until - time.monotonic()))
            ready = {key.fileobj for key, _ in events}
            if self._stderr in ready and not self._listen():
                self._readers.unregister(self._stderr)
            if self._stdin in ready:
                self._write()
            if self._stdout in ready:
                return self._frames.add(self._read())
            if self._stdin in ready:
                return []
            if time.monotonic() >= until:
                raise self._fault("hung")

    def fault_died(self) -> EnvironmentFault:
        """End the process, if it has not ended by itself, and say how it ended and what it said last."""
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(_LAST_BREATH)
        return self._fault("died")

    def _fault(self, reason: Literal["died", "hung"]) -> EnvironmentFault:
        _kill(self._process)
        # The process has ended: what it said is in the pipe, and no more will come.
        with suppress(OSError, ValueError):
            while self._listen():
                pass
        self.close()
        lines = self._talk.decode(errors="replace").splitlines()[-_LAST_LINES:]
        said = "\n".join([*lines, f"exit status {self._process.returncode}"])
        return EnvironmentFault(reason, self._program, said)

    def _write(self) -> None:
        try:
            self._outbox = self._outbox[os.write(self._stdin.fileno(), self._outbox[:_CHUNK]) :]
        except BlockingIOError:
            return
        except OSError as error:
            raise self.fault_died() from error
        if not self._outbox:
            self._readers.unregister(self._stdin)

    def _read(self) -> bytes:
        try:
            data = os.read(self._stdout.fileno(), _CHUNK)
        except BlockingIOError:
            return b""
        if not data:
            raise self.fault_died()
        return data

    def _listen(self) -> bool:
        data = os.read(self._stderr.fileno(), _CHUNK)
        self._talk += data
        del self._talk[:-_TALK]
        return data != b""


_PIPES = ("stdin", "stdout", "stderr")


def _pipe(process: subprocess.Popen[bytes], name: str) -> IO[bytes]:
    pipe: IO[bytes] = getattr(process, name)
    return pipe


def _kill(process: subprocess.Popen[bytes]) -> None:
    # While it is not waited for, its number is its own, and its group takes in what it started.
    if process.returncode is None:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _end(process: subprocess.Popen[bytes], readers: selectors.BaseSelector) -> None:
    _kill(process)
    readers.close()
    for name in _PIPES:
        _pipe(process, name).close()


@dataclass(frozen=True, slots=True)
class _Renewal:
    """What to do when the beams of the cache turn out to be of another release than the node.

    Attributes:
        otp: the release that compiled them.
        restart: compiles anew and starts another node.
    """

    otp: str
    restart: Callable[[], _Node]


class Helper:
    """A running helper; a context manager that ends it.

    One call at a time. A call that raises anything but `HelperFault` leaves the helper ended.
    """

    def __init__(self, node: _Node, patience: Patience | None, renewal: _Renewal | None) -> None:
        self._node = node
        self._patience = patience or Patience()
        self._renewal = renewal
        self._hello: Hello | None = None
        self._next_id = 1

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the helper; once is enough, twice does no harm."""
        self._node.close()

    def hello(self) -> Hello:
        """Give what the helper says of itself; waits for it the first time.

        Raises:
            EnvironmentFault: died or hung at its start, no_erlang.
            ProtocolError: it speaks another protocol, or none.
        """
        if self._hello is None:
            self._hello = self._greeted()
        return self._hello

    def call(self, request: Term, deadline: float) -> Term:
        """Send one request and give its result.

        Args:
            request: as the protocol's page says.
            deadline: after which the helper gives up on it, in seconds.

        Raises:
            HelperFault: the helper's answer is an error.
            EnvironmentFault: the helper died or hung.
            ProtocolError: something is wrong with what it says, or `request` is no term.
        """
        (outcome,) = self.call_many([request], deadline)
        if isinstance(outcome, HelperFault):
            raise outcome
        return outcome

    def call_many(
        self,
        requests: Sequence[Term],
        deadline: float,
        progress: Callable[[int, int], None] | None = None,
    ) -> list[Term | HelperFault]:
        """Send all requests so that they overlap, and give the outcomes in the order of the requests.

        Args:
            requests: as the protocol's page says.
            deadline: after which the helper gives up on each, in seconds from when it begins with it.
            progress: called after each answer with how many are answered, and how many there are.

        Raises:
            EnvironmentFault: the helper died or hung.
            ProtocolError: something is wrong with what it says, or a request is no term.
        """
        self.hello()
        try:
            return self._exchange(requests, deadline, progress or _no_progress)
        except BaseException:
            # Answers of this exchange must not be read by the next one.
            self.close()
            raise

    def _exchange(
        self, requests: Sequence[Term], deadline: float, progress: Callable[[int, int], None]
    ) -> list[Term | HelperFault]:
        self._alive()
        first = self._next_id
        self._next_id = first + len(requests)
        outcomes: dict[int, Term | HelperFault] = {}
        sent = 0
        # While nothing comes back, some request is in work since the last answer, or since we sent it: one
        # deadline after either an answer is due.
        silence = deadline + self._patience.grace
        while len(outcomes) < len(requests):
            if self._node.idle and sent < len(requests) and sent - len(outcomes) < _WINDOW:
                self._node.send(etf.encode((first + sent, round(deadline * 1000), requests[sent])))
                sent += 1
            for frame in self._node.step(silence):
                number, outcome = _reply(etf.decode(frame))
                index = number - first
                if not 0 <= index < sent or index in outcomes:
                    raise ProtocolError(f"an answer to no request: {number}")
                outcomes[index] = outcome
                progress(len(outcomes), len(requests))
        return [outcomes[index] for index in range(len(requests))]

    def _greeted(self) -> Hello:
        renewal, self._renewal = self._renewal, None
        try:
            hello = self._first_frame()
        except (EnvironmentFault, ProtocolError) as fault:
            # A node that cannot load the beams may say so on stdout before it ends.
            if renewal is None or (isinstance(fault, EnvironmentFault) and fault.reason != "died"):
                raise
        else:
            if renewal is None or renewal.otp in {"", hello.otp}:
                return hello
        self.close()
        self._node = renewal.restart()
        return self._first_frame()

    def _first_frame(self) -> Hello:
        self._alive()
        try:
            until = time.monotonic() + self._patience.hello
            while not (frames := self._node.step(max(0.0, until - time.monotonic()))):
                pass
            # Nothing is asked before the hello: there is no second frame.
            return _greeting(etf.decode(frames[0]))
        except BaseException:
            self.close()
            raise

    def _alive(self) -> None:
        if self._node.closed:
            raise self._node.fault_died()


def _no_progress(_done: int, _total: int) -> None:
    pass


def _greeting(term: Term) -> Hello:
    match term:
        case (Atom("hello"), int(protocol), bytes(otp), bytes(compiler)) if protocol == PROTOCOL:
            return Hello(protocol, otp.decode(errors="replace"), compiler.decode(errors="replace"))
        case _:
            raise ProtocolError(f"not the hello of protocol {PROTOCOL}: {term!r:.200}")


def _reply(term: Term) -> tuple[int, Term | HelperFault]:
    match term:
        case (int(number), (Atom("ok"), result)):
            return number, result
        case (int(number), (Atom("error"), Atom(kind), bytes(text))):
            return number, HelperFault(kind, text.decode(errors="replace"))
        case _:
            raise ProtocolError(f"not a reply: {term!r:.200}")
