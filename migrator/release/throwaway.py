"""Runs the `init/1` of supervisors in a throw-away node that has the code path of one release."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeAlias

from migrator import otp
from migrator.errors import EnvironmentFault, HelperFault
from migrator.terms import Atom, path_bytes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from migrator.release.model import Release
    from migrator.terms import Term

# Module and argument of an `init/1`; gives what the helper gives for one that is read, or a text that says why not.
Evaluate: TypeAlias = "Callable[[str, Term], Term | str]"

# An init/1 that takes longer, or more memory, does more than to give child specs. Seconds, and words of eight bytes.
SECONDS = 5.0
_WORDS = 32 * 1024 * 1024

# The throw-away node has its own.
_OF_THE_NODE = frozenset({"kernel", "stdlib", "compiler", "erts"})


@contextmanager
def evaluator(release: Release, erl: Path, seconds: float = SECONDS) -> Iterator[Evaluate]:
    """A function that runs an `init/1` of that release; what it has left behind ends with the node.

    The applications are loaded, for their environments, and the release's `sys.config` is put into these; none is
    started. Each `init/1` runs in a process of its own, under limits of time and memory.

    Args:
        release: the release whose code runs.
        erl: the program to start.
        seconds: how long each `init/1` may take.

    Raises:
        EnvironmentFault: the node cannot be started.
    """
    applications = [each for each in release.applications if each.name and each.name not in _OF_THE_NODE]
    configuration = release.root / "releases" / release.vsn / "sys.config"
    given: Term = path_bytes(configuration) if release.vsn and configuration.is_file() else Atom("none")
    with otp.throw_away(erl, [each.ebin for each in applications]) as node:
        node.call((Atom("prepare"), [Atom(each.name) for each in applications], given), seconds + 10)

        def evaluate(module: str, argument: Term) -> Term | str:
            try:
                return node.call((Atom("evaluate"), Atom(module), argument, _WORDS), seconds)
            except HelperFault as fault:
                return _ended(fault, seconds)
            except EnvironmentFault:
                return "its code ended the throw-away node"

        yield evaluate


def _ended(fault: HelperFault, seconds: float) -> str:
    """Why an `init/1` gave nothing; of a process that was killed the node speaks as of one that reads a file."""
    match fault.kind:
        case "deadline":
            return f"it took longer than {seconds:g} s"
        case "too_large":
            return f"it was killed: it needs more than {_WORDS * 8 >> 20} MB"
    return fault.text
