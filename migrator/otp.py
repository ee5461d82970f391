"""The one door to Erlang: starts the helper node and carries requests to it.

The node is started at once and waited for only when its first answer is needed, so that Python can go on with
other work meanwhile.
"""

from __future__ import annotations

import os
import shutil
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self

from migrator import etf, helper_build, resources
from migrator.errors import EnvironmentFault, HelperFault, ProtocolError
from migrator.node import Node
from migrator.terms import Atom

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from migrator.terms import Term

PROTOCOL = 1

_NODE = (
    "-noinput",
    # The user's ~/.erlang is not ours to run.
    *("-boot", "no_dot_erlang"),
    # File names, and what counts as printable, must not hang on the locale.
    *("+fnu", "+pc", "unicode"),
)
_READS = (
    # Atoms are never freed. migrator_bounds.erl lets four million in, and what each scheduler decodes meanwhile.
    *("+t", str(5_000_000 + 1_000_000 * (os.cpu_count() or 1))),
    # In words: a process that needs more than 2 GB is ended, and the node lives on.
    *("+hmax", str(1 << 28), "+hmaxk", "true", "+hmaxel", "false"),
    # Waiting schedulers sleep: the time between requests belongs to Python.
    *("+sbwt", "none", "+sbwtdcpu", "none", "+sbwtdio", "none"),
)
# Code of others runs under limits that each request says.
_RUNS = ("-migrator_throw_away", "-migrator_answers", "3", "+t", "4194304")
# What such code writes to stdout itself (erlang:display/1 does) goes to stderr: the answers come by another descriptor.
_APART = ("/bin/sh", "-c", 'exec 3>&1 1>&2; exec "$@"', "sh")
_MAIN = ("-s", "migrator_helper", "main")

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
    def restart() -> Node:
        return _node([str(erl), *_READS], helper_build.private_beams(erl, sources))

    return Helper(_node([str(erl), *_READS], beams), patience, _Renewal(helper_build.built_by(beams), restart))


def throw_away(erl: Path, ebins: Sequence[Path] = ()) -> Helper:
    """Start a helper of its own that may run code of others; what that leaves behind ends with the node.

    Args:
        erl: as `find_erl` gives it.
        ebins: folders of beams at the beginning of its code path.

    Raises:
        EnvironmentFault: as `start`.
    """
    beams = helper_build.cached_beams(erl, resources.helper_sources())
    # Absolute: the node starts in another folder.
    path = [part for each in ebins for part in ("-pa", str(each.absolute()))]
    return Helper(_node([*_APART, str(erl), *_RUNS, *path], beams), None, None)


def attach(command: Sequence[str], patience: Patience | None = None) -> Helper:
    """Start any program that speaks the helper's protocol on stdin and stdout.

    Raises:
        EnvironmentFault: no_erlang, it cannot be executed.
    """
    return Helper(Node(command), patience, None)


def _node(program: Sequence[str], beams: Path) -> Node:
    """A node that starts in a folder of ours: Erlang looks for its own modules in the current folder first.

    A person may stand in an `ebin` whose beams are called like OTP's: nothing of them may run. The helper goes back to
    the person's folder by itself, since paths are meant from there.
    """
    command = [*program, *_NODE, "-pa", str(beams), *_MAIN]
    try:
        here = ["-migrator_folder", str(Path.cwd())]
    except OSError:
        # It was removed, and nothing can be meant from there.
        here = []
    return Node([*command, *here], beams)


@dataclass(frozen=True, slots=True)
class _Renewal:
    """What to do when the beams of the cache turn out to be of another release than the node.

    Attributes:
        otp: the release that compiled them.
        restart: compiles anew and starts another node.
    """

    otp: str
    restart: Callable[[], Node]


class Helper:
    """A running helper; a context manager that ends it.

    One call at a time. A call that raises anything but `HelperFault` leaves the helper ended.
    """

    def __init__(self, node: Node, patience: Patience | None, renewal: _Renewal | None) -> None:
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
