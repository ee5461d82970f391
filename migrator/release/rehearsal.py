"""Nouns: what a rehearsal is asked, and what was seen in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from pathlib import Path

    from migrator.diagnostics import Diagnostic

Direction: TypeAlias = Literal["up", "down", "up again"]
Kind: TypeAlias = Literal["server", "statem", "handler", "supervisor", "special", "plain"]
Supervised: TypeAlias = Literal["declared", "undeclared", "unsupervised"]


@dataclass(frozen=True, slots=True)
class Load:
    """What drives the system meanwhile: an Erlang expression, or an escript."""

    kind: Literal["expression", "escript"]
    text: str


@dataclass(frozen=True, slots=True)
class Asked:
    """The options of a rehearsal.

    `order`: nodes are upgraded one after `each` other or `together`. `after`: the nodes `end` or are to be `kept`.
    `limit`: how long a step may take, in seconds.
    """

    nodes: int = 1
    order: Literal["each", "together"] = "each"
    load: Load | None = None
    config: Path | None = None
    env: tuple[tuple[str, str], ...] = ()
    after: Literal["end", "kept"] = "end"
    limit: float = 60.0


@dataclass(frozen=True, slots=True)
class Erlang:
    """The Erlang that was chosen: its root folder and its OTP release."""

    root: Path
    otp: str


@dataclass(frozen=True, slots=True)
class State:
    """What a process keeps, as far as its form tells: a tuple's `tag` and `size`, or words; `busy`: no answer came.

    `inside` are tag and size of every tuple in it that could be a record.
    """

    tag: str | None
    size: int
    text: str
    inside: frozenset[tuple[str, int]] = frozenset()

    @property
    def busy(self) -> bool:
        """Whether it could not be asked."""
        return self.text == "busy"


@dataclass(frozen=True, slots=True)
class Seen:
    """A process that runs a changed module, at one moment.

    `old_code`: it runs, or holds a fun of, a version of the module that is not the current one. `children` are those
    of a supervisor, `unstarted` those among them that do not run, `wanted` those that its `init/1` gives (None where
    that is not known).
    """

    pid: str
    name: str
    module: str
    kind: Kind
    supervised: Supervised
    state: State | None
    old_code: bool
    children: tuple[str, ...] = ()
    unstarted: tuple[str, ...] = ()
    wanted: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Touched:
    """What release_handler did to a process; times in seconds, None for what it did not do.

    `waited` until it was suspended, `away` from then until it was resumed, `converting` in its `code_change`. `failed`
    says why it was not suspended or not converted, `` where all went well.
    """

    pid: str
    waited: float | None = None
    away: float | None = None
    converted: tuple[str, ...] = ()
    converting: float | None = None
    failed: str = ""


@dataclass(frozen=True, slots=True)
class Passage:
    """A process through one installation: before, what was done to it, after (None: it was not there)."""

    module: str
    before: Seen | None
    after: Seen | None
    touched: Touched | None

    @property
    def seen(self) -> Seen:
        """The one of both that there is."""
        found = self.after or self.before
        assert found is not None  # noqa: S101 - it was made of one
        return found


@dataclass(frozen=True, slots=True)
class Report:
    """What a node logged as an error; `kind` tells a process's crash and a child that its supervisor lost."""

    node: str
    kind: Literal["crash", "terminated", "supervisor", "error"]
    text: str


@dataclass(frozen=True, slots=True)
class Ended:
    """A process that ran a changed module and ended meanwhile."""

    pid: str
    module: str
    reason: str


@dataclass(frozen=True, slots=True)
class Failure:
    """Why an installation failed: the instruction of the relup that was carried out last, and the reason."""

    reason: object
    text: str
    instruction: str
    restarted: bool
    said: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """One installation on one node. `seconds` is how long `release_handler` took.

    `supervisors` are those whose module did not change. `idle` are the applications that should run and do not.
    """

    node: str
    direction: Direction
    before: str
    after: str
    seconds: float
    passages: tuple[Passage, ...]
    reports: tuple[Report, ...]
    ended: tuple[Ended, ...]
    failure: Failure | None
    instructions: tuple[str, ...] = ()
    supervisors: tuple[Passage, ...] = ()
    idle: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Calls:
    """What came of the load: how often it was evaluated (None for an escript), how often it failed, and how first."""

    made: int | None
    failed: int
    first: tuple[str, ...]
    printed: str = ""


@dataclass(frozen=True, slots=True)
class Kept:
    """A node that was left running, and how to reach and to end it."""

    name: str
    cookie: str
    epmd_port: int
    os_pid: int
    folder: Path
    connect: str


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """What came of a rehearsal."""

    steps: tuple[Step, ...]
    calls: Calls | None
    kept: tuple[Kept, ...]
    stop: str
    seconds: float
    diagnostics: tuple[Diagnostic, ...]
