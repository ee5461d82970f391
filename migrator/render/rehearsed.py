"""What was seen in a rehearsal, for a person and as JSON."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from migrator.render.counting import counted
from migrator.render.json import diagnostics_json

if TYPE_CHECKING:
    from migrator.release.rehearsal import Passage, Rehearsed, Seen, Step

_SHOWN = 4


def render_rehearsed(rehearsed: Rehearsed) -> str:
    """A paragraph for each installation, a line for each process; then the load and what was kept."""
    many = len({step.node for step in rehearsed.steps}) > 1
    text = "".join(_step(step, many) for step in rehearsed.steps)
    if rehearsed.calls is not None and rehearsed.calls.made is not None:
        text += f"load: {counted(rehearsed.calls.made, 'call')}, {rehearsed.calls.failed:,} failed\n"
    elif rehearsed.calls is not None:
        text += f"load: {'failed' if rehearsed.calls.failed else 'done'}\n{rehearsed.calls.printed}"
    for kept in rehearsed.kept:
        text += (
            f"kept: {kept.name}, cookie {kept.cookie}, epmd port {kept.epmd_port}, OS process {kept.os_pid},"
            f" folder {kept.folder}\n  connect:  {kept.connect}\n"
        )
    if rehearsed.kept:
        text += f"  stop:     {rehearsed.stop}\n"
    return text


def _step(step: Step, many: bool) -> str:  # noqa: FBT001 - one word of a heading
    where = f" on {step.node}" if many else ""
    done = "failed" if step.failure else f"{step.seconds * 1000:.0f} ms"
    heading = f"{step.direction}: {step.before} -> {step.after}{where}, {done}\n"
    lines = [line for each in _groups(step.passages) for line in _lines(each)]
    if step.failure:
        return heading
    return heading + "".join(f"  {line}\n" for line in lines or ["no process runs a changed module"])


def _groups(passages: tuple[Passage, ...]) -> list[list[Passage]]:
    """Processes that went the same way: a module's thousand connections are one line."""

    def way(each: Passage) -> tuple[str, ...]:
        return (each.module, _state(each.before), _state(each.after), _fate(each), each.seen.supervised)

    return [list(group) for _, group in groupby(sorted(passages, key=way), key=way)]


def _lines(group: list[Passage]) -> list[str]:
    shown = [_line(each.seen.name or each.seen.pid, [each]) for each in group]
    return shown if len(group) <= _SHOWN else [_line(f"{len(group)} processes", group)]


def _line(who: str, group: list[Passage]) -> str:
    first = group[0]
    states = " -> ".join(dict.fromkeys((_state(first.before), _state(first.after))))
    away = max((each.touched.away or 0.0 for each in group if each.touched), default=0.0)
    time = f", suspended {away * 1000:.1f} ms" if away else ""
    name = first.module if who == first.module else f"{first.module} {who}"
    return f"{name}: {_fate(first)}, {states}{time}"


def _fate(passage: Passage) -> str:
    if passage.before is None:
        return "new"
    if passage.after is None:
        return "gone"
    return "same pid"


def _state(seen: Seen | None) -> str:
    if seen is None:
        return "none"
    if seen.kind == "supervisor":
        return f"{len(seen.children)} {'child' if len(seen.children) == 1 else 'children'}"
    if seen.state is None:
        return "state unknown"
    return f"{{{seen.state.tag}, …}} of {seen.state.size}" if seen.state.tag else seen.state.text


def rehearsed_json(rehearsed: Rehearsed) -> object:
    """Every step with every process; times in seconds."""
    calls = rehearsed.calls
    return {
        "seconds": round(rehearsed.seconds, 3),
        "steps": [_step_json(step) for step in rehearsed.steps],
        "load": None if calls is None else {"calls": calls.made, "failed": calls.failed, "first": list(calls.first)},
        "kept": [
            {
                "node": each.name,
                "cookie": each.cookie,
                "epmd_port": each.epmd_port,
                "os_pid": each.os_pid,
                "folder": str(each.folder),
                "connect": each.connect,
                "stop": rehearsed.stop,
            }
            for each in rehearsed.kept
        ],
        "diagnostics": diagnostics_json(rehearsed.diagnostics),
    }


def _step_json(step: Step) -> dict[str, object]:
    return {
        "node": step.node,
        "direction": step.direction,
        "from": step.before,
        "to": step.after,
        "seconds": round(step.seconds, 6),
        "failed": step.failure.text if step.failure else None,
        "restarted": bool(step.failure and step.failure.restarted),
        "processes": [_passage_json(each) for each in step.passages],
        "reports": [{"node": each.node, "kind": each.kind, "text": each.text} for each in step.reports],
    }


def _passage_json(passage: Passage) -> dict[str, object]:
    touched = passage.touched
    return {
        "module": passage.module,
        "pid": passage.seen.pid,
        "name": passage.seen.name or None,
        "kind": passage.seen.kind,
        "supervised": passage.seen.supervised,
        "same_pid": passage.before is not None and passage.after is not None,
        "before": _state_json(passage.before),
        "after": _state_json(passage.after),
        "converted": bool(touched and passage.module in touched.converted),
        "suspended": touched.away if touched else None,
    }


def _state_json(seen: Seen | None) -> dict[str, object] | None:
    if seen is None or seen.state is None:
        return None
    return {"tag": seen.state.tag, "size": seen.state.size or None, "text": seen.state.text}
