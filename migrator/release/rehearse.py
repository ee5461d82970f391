"""Conducts a rehearsal: boots the old release, installs the new one, goes back, installs it again, and looks on."""

from __future__ import annotations

import secrets
import time
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING

from migrator.diagnostics import CATALOGUE, Diagnostic, Refused
from migrator.release.booting import boot, lost_node, outside, ready
from migrator.release.driving import Driver, start_load
from migrator.release.nodes import NodeLost
from migrator.release.passages import ends, passages, reports, seen_rows, touched
from migrator.release.rehearsal import Failure, Kept, Step
from migrator.release.staged import bring, stage, written_below
from migrator.terms import TRUE, Atom, Term

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from migrator.release.model import Release
    from migrator.release.nodes import Nodes
    from migrator.release.rehearsal import Asked, Calls, Direction, Erlang, Seen
    from migrator.release.relupfile import Relup
    from migrator.release.staged import Staged

# How long a process may take to tell its state, in milliseconds; it is asked between two installations.
_STATE = 1000
# How long a node may take for what takes no time, in seconds.
_SHORT = 15.0
# One `init:stop` after a failed upgrade hung for ten minutes.
_STOP = 10.0


@dataclass(frozen=True, slots=True)
class Conducted:
    """What was seen: the steps, the load, what stands in the way of more; and what was kept."""

    steps: tuple[Step, ...]
    calls: Calls | None
    diagnostics: tuple[Diagnostic, ...]
    kept: tuple[Kept, ...] = ()


def conduct(  # noqa: PLR0913, PLR0917 - all that a rehearsal is made of
    nodes: Nodes,
    old: Release,
    new: Release,
    relup: Relup,
    modules: Sequence[str],
    erlang: Erlang,
    beams: Path,
    asked: Asked,
    tell: Callable[[str], None],
) -> Conducted:
    """Does it all, on the nodes; they are ended by whoever made them.

    Raises:
        Refused: the old release does not boot (M175 to M177, M180 to M183), the load does not work (M181).
        EnvironmentFault: Erlang cannot serve.
    """
    stage_of = _Stage(nodes, old, new, relup, tuple(modules), erlang, asked, tell)
    numbers = range(1, asked.nodes + 1)
    cookie = secrets.token_hex(16)
    staged: dict[int, Staged] = {}
    for number in numbers:
        staged[number] = stage(old, number, nodes.folder, erlang, asked, cookie)
    first = staged[1]
    nodes.start_epmd(first.bin / "epmd", dict(first.environment))
    names = bring_all(stage_of, staged)
    tell(f"booting {old.name} {old.vsn}")
    for number in numbers:
        boot(nodes, number, staged[number], beams)
    for number in numbers:
        ready(nodes, number, staged[number], old, asked.limit)
    found: list[Diagnostic] = []
    steps: list[Step] = []
    with ExitStack() as stack:
        driver: Driver | None = None
        try:
            if asked.nodes > 1:
                _connect(stage_of, staged)
            driver = stack.enter_context(start_load(nodes, asked, staged[1])) if asked.load else None
            for number in numbers:
                _unpack(stage_of, number, staged[number], names[number])
            plan = _plan(relup)
            for direction in plan:
                done, apart = _installed_everywhere(stage_of, staged, direction, driver)
                steps += done
                found += apart
                if apart or any(step.failure for step in done):
                    break
        except NodeLost as lost:
            found.append(lost_node(nodes, old, lost))
        calls = driver.stop() if driver else None
    found += outside(nodes, old, numbers)
    kept = _kept(stage_of, staged) if asked.after == "kept" else _stopped(stage_of, numbers)
    return Conducted(tuple(steps), calls, tuple(found), kept)


@dataclass(frozen=True, slots=True)
class _Stage:
    nodes: Nodes
    old: Release
    new: Release
    relup: Relup
    modules: tuple[str, ...]
    erlang: Erlang
    asked: Asked
    tell: Callable[[str], None]


def _plan(relup: Relup) -> tuple[Direction, ...]:
    return ("up",) if relup.down is None else ("up", "down", "up again")


def bring_all(on: _Stage, staged: dict[int, Staged]) -> dict[int, str]:
    """The new release, beside the old one on each node."""
    with written_below(on.nodes.folder):
        return {number: bring(on.old, on.new, each.root, on.erlang, on.asked.config) for number, each in staged.items()}


def _connect(on: _Stage, staged: dict[int, Staged]) -> None:
    names = [staged[number].name for number in sorted(staged)]
    for number in staged:
        for name in names:
            on.nodes.ask(number, (Atom("connect"), Atom(name)), _SHORT)
    for number in staged:
        _all_connected(on, staged, number)


def _all_connected(on: _Stage, staged: dict[int, Staged], number: int) -> bool:
    answer = on.nodes.ask(number, Atom("nodes"), _SHORT)
    wanted = {each.name for other, each in staged.items() if other != number}
    found = answer[1] if isinstance(answer, tuple) and isinstance(answer[1], list) else []
    return wanted <= {each.name for each in found if isinstance(each, Atom)}


def _unpack(on: _Stage, number: int, staged: Staged, name: str) -> None:
    """Makes the new release known to the node's release handler.

    Raises:
        Refused: release_handler cannot unpack it (M183).
    """
    file = staged.root / "releases" / on.new.vsn / f"{on.new.name}.rel"
    request: Term = (
        (Atom("unpack"), list(map(ord, name))) if name else (Atom("set_unpacked"), list(map(ord, str(file))), [])
    )
    match on.nodes.ask(number, request, on.asked.limit):
        case (Atom("ok"), Atom("done")):
            return
        case (_, (Atom("failed"), _, bytes(text))) | (_, bytes(text)):
            raise Refused(
                Diagnostic(
                    CATALOGUE["M183"],
                    f"release_handler cannot unpack {on.new.given}: {text.decode(errors='replace')}",
                    "it could not be installed in production either",
                    str(on.new.given),
                    (f"tar tzf {on.new.given}   # lib/, releases/{on.new.vsn}/{on.new.name}.rel, relup, start.boot",),
                )
            )


def _installed_everywhere(
    on: _Stage, staged: dict[int, Staged], direction: Direction, driver: Driver | None
) -> tuple[list[Step], list[Diagnostic]]:
    numbers = sorted(staged)
    groups = [numbers] if on.asked.order == "together" else [[number] for number in numbers]
    steps: list[Step] = []
    for group in groups:
        done = _install(on, staged, group, direction, driver)
        steps += done
        if any(step.failure for step in done):
            return steps, []
        apart = _apart(on, staged, done[0])
        if apart:
            return steps, apart
    return steps, []


def _apart(on: _Stage, staged: dict[int, Staged], step: Step) -> list[Diagnostic]:
    """Nodes that have lost each other; while versions are mixed they must go on talking."""
    alone = [each.name for number, each in staged.items() if not _all_connected(on, staged, number)]
    if not alone:
        return []
    return [
        Diagnostic(
            CATALOGUE["M617"],
            f"{', '.join(alone)} lost the rest of the cluster as {step.node} went {step.before} -> {step.after}",
            "an upgrade of one node after another would part the cluster",
            step.node,
            ("migrator rehearse --nodes 2 --keep OLD NEW   # and look at it",),
        )
    ]


def _install(
    on: _Stage, staged: dict[int, Staged], numbers: Sequence[int], direction: Direction, driver: Driver | None
) -> list[Step]:
    """Installs on these nodes at once."""
    before, after = (on.new.vsn, on.old.vsn) if direction == "down" else (on.old.vsn, on.new.vsn)
    where = f" on {', '.join(staged[number].name for number in numbers)}" if len(staged) > 1 else ""
    on.tell(f"{'downgrading' if direction == 'down' else 'upgrading'} to {after}{where}")
    modules: list[Term] = [Atom(each) for each in on.modules]
    olds = {number: _rows(on, number, (Atom("watch"), modules)) for number in numbers}
    running = {number: _applications(on, number) for number in numbers}
    mark = len(on.nodes.events)
    vsn: Term = list(map(ord, after))
    request: Term = (Atom("install"), vsn, [(Atom("update_paths"), TRUE)])
    begun = time.monotonic()
    asked = {number: on.nodes.send(number, request) for number in numbers}
    came = {number: _outcome(on, number, asked[number], mark) for number in numbers}
    seconds = time.monotonic() - begun
    news: dict[int, tuple[Seen, ...]] = {}
    idle: dict[int, tuple[str, ...]] = {}
    for number in numbers:
        if came[number] is None:
            on.nodes.ask(number, (Atom("make_permanent"), vsn), _SHORT)
            if driver is not None and number == 1:
                driver.turn()
            news[number] = _rows(on, number, (Atom("snapshot"), modules, _STATE))
            idle[number] = _idle(on, direction, running[number], _applications(on, number))
    told = [(staged[each.node].name, each.what) for each in on.nodes.events[mark:]]
    steps = []
    for number in numbers:
        own = [what for name, what in told if name == staged[number].name]
        done, instructions = touched(own)
        all_passages = passages(olds[number], news.get(number, ()), done)
        steps.append(
            Step(
                staged[number].name,
                direction,
                before,
                after,
                seconds,
                tuple(each for each in all_passages if each.module in on.modules),
                reports(told) if number == numbers[0] else (),
                ends(own),
                came[number],
                instructions,
                tuple(each for each in all_passages if each.module not in on.modules),
                idle.get(number, ()),
            )
        )
    return steps


def _applications(on: _Stage, number: int) -> frozenset[str]:
    match on.nodes.ask(number, Atom("applications"), _SHORT):
        case (Atom("ok"), list(names)):
            return frozenset(each.name for each in names if isinstance(each, Atom))
    return frozenset()


def _idle(on: _Stage, direction: Direction, before: frozenset[str], after: frozenset[str]) -> tuple[str, ...]:
    """Those that ran and are in the release still, and those that the relup starts, and that do not run."""
    release, script = (on.old, on.relup.down) if direction == "down" else (on.new, on.relup.up)
    ran = before & {each.name for each in release.applications}
    started = script.started if script is not None else frozenset()
    return tuple(sorted((ran | started) - after))


def _rows(on: _Stage, number: int, request: tuple[Term, ...]) -> tuple[Seen, ...]:
    if request[0] == Atom("watch"):
        request = (*request, _STATE)
    match on.nodes.ask(number, request, on.asked.limit):
        case (Atom("ok"), rows):
            return seen_rows(rows)
    return ()


def _outcome(on: _Stage, number: int, asked: int, mark: int) -> Failure | None:
    """What came of an installation; after one that failed, whether the emulator started again.

    Raises:
        NodeLost: the node hangs, or is gone without a word.
    """
    try:
        answer = on.nodes.answer(number, asked, on.asked.limit)
    except NodeLost as lost:
        own = [each.what for each in on.nodes.events[mark:] if each.node == number]
        _, instructions = touched(own)
        last = instructions[-1] if instructions else ""
        return Failure(Atom(lost.how), lost.how, last, lost.how == "restarted", on.nodes.said(number))
    match answer:
        case (Atom("ok"), Atom("done")):
            return None
        case (Atom("ok"), (Atom("failed"), reason, bytes(text))):
            return _failed(on, number, reason, text.decode(errors="replace"), mark)
        case (Atom("ok"), Atom("restart")):
            return Failure(Atom("restart"), "restart_new_emulator", "restart_new_emulator", restarted=True)
        case (_, bytes(text)) if b"{gen_server,call" in text and on.nodes.ended(number, _STOP):
            # The release handler went away under its caller: the node does not live on without a permanent application.
            own = [each.what for each in on.nodes.events[mark:] if each.node == number]
            _, instructions = touched(own)
            last = instructions[-1] if instructions else ""
            return Failure(Atom("ended"), "ended", last, restarted=False, said=on.nodes.said(number))
        case (_, bytes(text)):
            return _failed(on, number, Atom("crash"), text.decode(errors="replace"), mark)
    return None


def _failed(on: _Stage, number: int, reason: Term, text: str, mark: int) -> Failure:
    """Behind the point of no return release_handler restarts the emulator: that is waited for, and told."""
    own = [each.what for each in on.nodes.events[mark:] if each.node == number]
    _, instructions = touched(own)
    restarted = False
    if any(each == "point_of_no_return" for each in instructions):
        try:
            on.nodes.hello(number, 1, on.asked.limit)
            restarted = True
        except NodeLost as lost:
            restarted = lost.how != "silent"
    return Failure(reason, text, instructions[-1] if instructions else "", restarted)


def _kept(on: _Stage, staged: dict[int, Staged]) -> tuple[Kept, ...]:
    found = []
    for number, each in staged.items():
        try:
            on.nodes.ask(number, Atom("keep"), _SHORT)
        except NodeLost:
            continue
        names = "-name" if each.names == "long" else "-sname"
        host = "@127.0.0.1" if each.names == "long" else ""
        erl = f"erl {names} look{host} -remsh {each.name} -hidden -setcookie {each.cookie}"
        dist = "-kernel inet_dist_use_interface '{127,0,0,1}'"
        connect = f"ERL_EPMD_PORT={on.nodes.epmd_port} ERL_INETRC={each.root}/inetrc {erl} {dist}"
        found.append(Kept(each.name, each.cookie, on.nodes.epmd_port, on.nodes.os_pid(number), each.root, connect))
    return tuple(found)


def _stopped(on: _Stage, numbers: Iterable[int]) -> tuple[Kept, ...]:
    """Asks the nodes to stop as they would in production; who does not is killed when all is over."""
    asked = []
    for number in numbers:
        try:
            on.nodes.send(number, Atom("stop"))
            asked.append(number)
        except NodeLost:
            continue
    until = time.monotonic() + _STOP
    for number in asked:
        on.nodes.ended(number, max(0.0, until - time.monotonic()))
    return ()
