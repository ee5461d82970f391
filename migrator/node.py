"""The helper's process: bytes to its stdin, frames from its stdout, and its end, whatever happens."""

from __future__ import annotations

import os
import selectors
import signal
import subprocess
import time
import weakref
from contextlib import suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING, Literal

from migrator import helper_build
from migrator.errors import EnvironmentFault, ProtocolError

if TYPE_CHECKING:
    from collections.abc import Sequence

_HEADER = 4
# No honest frame comes near it, and any four characters of ASCII read as a length lie above.
_LONGEST_FRAME = 0x20000000
_CHUNK = 1024 * 1024
_TALK = 64 * 1024
_LAST_LINES = 20
_LAST_BREATH = 5.0


class Frames:
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


class Node:
    """The process: bytes to its stdin, frames from its stdout, the last of its stderr."""

    def __init__(self, command: Sequence[str], folder: Path | None = None) -> None:
        self._program = Path(command[0])
        self._frames = Frames()
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
                cwd=folder,
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
