"""What was lost in a rehearsal, whatever `release_handler` says of it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from migrator.diagnostics import CATALOGUE, Diagnostic
from migrator.release.failing import told
from migrator.release.supervising import applications, children

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from migrator.release.rehearsal import Calls, Passage, Step
    from migrator.release.relupfile import Relup
    from migrator.release.shapes import Shapes

# OTP gives up after 5 s; half of it is near for a machine that is busier than this one.
NEAR = 2.5
_PID = re.compile(r"<\d+\.\d+\.\d+>")
_PEACEFUL = ("normal", "shutdown", "{shutdown,")


def judged(
    steps: Sequence[Step], relup: Relup, shapes: Mapping[str, Shapes], calls: Calls | None
) -> tuple[Diagnostic, ...]:
    """All that is to be said of the steps and of the load."""
    found: list[Diagnostic] = []
    seen: set[tuple[str, str]] = set()
    for step in steps:
        for each in _of_step(step, relup, shapes):
            # What is wrong once more on the third way is told once, though its process may be another.
            key = (each.code, _PID.sub("", each.message))
            if key not in seen:
                found.append(each)
            seen.add(key)
    # Of a node that restarted no call could have been answered: that is told already.
    if calls is not None and calls.failed and not any(step.failure for step in steps):
        found.append(_calls(calls))
    return tuple(found)


def _of_step(step: Step, relup: Relup, shapes: Mapping[str, Shapes]) -> list[Diagnostic]:
    found: list[Diagnostic] = []
    if step.failure is not None:
        return [told(step, step.failure), *_logged(step)]
    script = relup.down if step.direction == "down" and relup.down else relup.up
    for passage in step.passages:
        found += _of_passage(step, passage, script.converted, shapes.get(passage.module))
    for passage in step.supervisors:
        found += children(step, passage)
    return [*found, *applications(step), *_logged(step)]


def _of_passage(step: Step, passage: Passage, converted: frozenset[str], shapes: Shapes | None) -> list[Diagnostic]:
    if passage.after is None:
        return _gone(step, passage, _left_behind(step, passage, shapes, converted))
    found = _of_state(step, passage, converted, shapes)
    found += _near(step, passage)
    found += children(step, passage)
    return found


def _of_state(step: Step, passage: Passage, converted: frozenset[str], shapes: Shapes | None) -> list[Diagnostic]:
    """What is wrong with its state or its code; the first of it is enough."""
    after, way = passage.after, step.direction
    state = after.state if after and after.kind != "supervisor" else None
    if shapes is not None and state is not None:
        if shapes.is_old(way, state):
            return [
                _old_state(
                    step, passage, converted, f"a state of {step.before} (#{state.tag}{{}} of size {state.size})"
                )
            ]
        inside = shapes.old_inside(way, state)
        if inside:
            records = ", ".join(f"#{tag}{{}} of size {size}" for tag, size in inside)
            return [_old_state(step, passage, converted, f"records of {step.before} inside its state ({records})")]
        moved, replaced = ((), ()) if _reached(passage) else shapes.misplaced(way, state)
        if passage.before is not None and moved:
            what = f"a state of {step.before} (#{state.tag}{{}}, where {', '.join(moved)} had another place)"
            return [_old_state(step, passage, converted, what)]
        if passage.before is not None and replaced and passage.module not in converted:
            return [_replaced(step, passage, state.tag or "", replaced)]
    if passage.before is not None and passage.module in converted and not _reached(passage):
        known = shapes is not None and state is not None and shapes.is_new(way, state)
        return [] if known else [_passed_by(step, passage)]
    return [_old_code(step, passage)] if after is not None and after.old_code else []


def _reached(passage: Passage) -> bool:
    return passage.touched is not None and passage.module in passage.touched.converted


def _called(passage: Passage) -> str:
    seen = passage.seen
    return f"{seen.name} ({seen.pid})" if seen.name else seen.pid


def _place(step: Step) -> str:
    return f"{step.node}, {step.before} -> {step.after}"


def _why(passage: Passage, converted: frozenset[str]) -> tuple[str, tuple[str, ...]]:
    """Why release_handler did not convert it, and what to do about it."""
    seen, module = passage.seen, passage.module
    advanced = f"{{update, {module}, {{advanced, []}}}}"
    if module not in converted:
        return (
            f"the appup does not call code_change for {module}",
            (f"{advanced}   % in the appup", "migrator appup OLD NEW"),
        )
    if seen.supervised == "unsupervised":
        return (
            "no supervisor of an application has it, so that release_handler does not know of it",
            (
                "start it under a supervisor",
                f"{{apply, {{sys, change_code, [{seen.name or 'PID'}, {module}, OLD_VSN, []]}}}}   % and sys:suspend",
            ),
        )
    if seen.supervised == "undeclared":
        return (
            f"its child specification does not name {module}",
            (f"modules => [{module}]   % in the child specification; on the way up the old version's counts",),
        )
    if passage.touched is not None and "timeout" in passage.touched.failed:
        waited = passage.touched.waited or 0.0
        return (
            f"it was busy: it did not let itself be suspended within {waited:.1f} s",
            (f"{{update, {module}, static, 60000, {{advanced, []}}, brutal_purge, brutal_purge, []}}   % a minute",),
        )
    if _reached(passage):
        return ("its code_change left it as it was", (f"migrator inject OLD NEW   # writes that of {module}",))
    return ("release_handler did not suspend it", (advanced,))


def _old_state(step: Step, passage: Passage, converted: frozenset[str], what: str) -> Diagnostic:
    why, advice = _why(passage, converted)
    return Diagnostic(
        CATALOGUE["M610"],
        f"{_called(passage)} runs {passage.module} of {step.after} with {what}: {why}",
        "release_handler calls the installation a success; the next use of the record is a badrecord, or takes one "
        "field for another",
        _place(step),
        advice,
        module=passage.module,
    )


def _replaced(step: Step, passage: Passage, tag: str, fields: tuple[str, ...]) -> Diagnostic:
    were = f"field {fields[0]}" if len(fields) == 1 else f"fields {', '.join(fields)}"
    return Diagnostic(
        CATALOGUE["M446"],
        f"{_called(passage)} runs {passage.module} of {step.after} with a state that nobody converted, and other "
        f"fields stand in the place of its {were} (#{tag}{{}})",
        "that is right for a field that only got another name; else the new code takes one value for another",
        _place(step),
        (f"{{update, {passage.module}, {{advanced, []}}}}   % in the appup, where the fields mean something else",),
        module=passage.module,
    )


def _passed_by(step: Step, passage: Passage) -> Diagnostic:
    why, advice = _why(passage, frozenset((passage.module,)))
    return Diagnostic(
        CATALOGUE["M611"],
        f"{_called(passage)} runs {passage.module} of {step.after}, and its code_change was not called: {why}",
        "release_handler calls the installation a success; its state is what the old version left",
        _place(step),
        advice,
        module=passage.module,
    )


def _left_behind(step: Step, passage: Passage, shapes: Shapes | None, converted: frozenset[str]) -> str:
    """Why a process that is gone had been left with its old state, where it had; else ``."""
    state = passage.before.state if passage.before else None
    if shapes is None or state is None or _reached(passage) or not shapes.is_old(step.direction, state):
        return ""
    return _why(passage, converted)[0]


def _gone(step: Step, passage: Passage, left: str) -> list[Diagnostic]:
    before = passage.before
    if before is None:
        return []
    reason = next((each.reason for each in step.ended if each.pid == before.pid), "noproc")
    heirs = [
        each.after
        for each in step.passages
        if each.before is None and each.after is not None and each.module == passage.module
    ]
    # Of `noproc` nothing is known but that it ended before anybody looked.
    if reason in {"normal", "noproc"} or (reason.startswith(_PEACEFUL) and not heirs):
        return []
    if reason.startswith(_PEACEFUL):
        left = ""
    heir = f"; {heirs[0].pid} runs in its place" if heirs else ""
    if reason == "killed" and passage.touched is not None and "timeout" in passage.touched.failed:
        why, advice = _why(passage, frozenset((passage.module,)))
        return [
            Diagnostic(
                CATALOGUE["M612"],
                f"{_called(passage)} of {passage.module} did not survive: {why}, and was killed in old code{heir}",
                "its state is lost",
                _place(step),
                advice,
                module=passage.module,
            )
        ]
    if reason == "killed" and not left:
        return [
            Diagnostic(
                CATALOGUE["M612"],
                f"{_called(passage)} of {passage.module} did not survive: it was killed{heir}, as brutal_purge does "
                f"with what still runs, or holds a fun of, the code of {step.before}",
                "its state is lost",
                _place(step),
                (f"{passage.module}:loop(State)   % a call with the module's name goes to the new code in time",),
                module=passage.module,
            )
        ]
    return [
        Diagnostic(
            CATALOGUE["M612"],
            f"{_called(passage)} of {passage.module} did not survive: it ended with {_short(reason)}{heir}",
            f"its state is lost; under the new code it was still that of {step.before}: {left}"
            if left
            else "its state is lost",
            _place(step),
            (f"{{update, {passage.module}, {{advanced, []}}}}   % and not a restart, in the appup",)
            if left or reason.startswith(_PEACEFUL)
            else ("the error reports tell what happened",),
            module=passage.module,
        )
    ]


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 200 else line[:200] + "…"  # noqa: PLR2004 - what a person reads of it


def _old_code(step: Step, passage: Passage) -> Diagnostic:
    return Diagnostic(
        CATALOGUE["M440"],
        f"{_called(passage)} still runs {passage.module} of {step.before}: it has not called the module from outside",
        "the next upgrade, or a purge, kills it",
        _place(step),
        (f"{passage.module}:loop(State)   % a call with the module's name goes to the new code",),
        module=passage.module,
    )


def _near(step: Step, passage: Passage) -> list[Diagnostic]:
    touched = passage.touched
    if touched is None or touched.failed:
        return []
    slow = [
        (what, took)
        for what, took in (("to be suspended", touched.waited), ("in its code_change", touched.converting))
        if took is not None and took > NEAR
    ]
    return [
        Diagnostic(
            CATALOGUE["M441"],
            f"{_called(passage)} of {passage.module} took {took:.1f} s {what}: OTP gives up after 5 s",
            "on a busier machine it is passed by, or the emulator restarts",
            _place(step),
            (f"{{update, {passage.module}, static, 60000, {{advanced, []}}, brutal_purge, brutal_purge, []}}",)
            if what == "to be suspended"
            else ("[{code_change_timeout, 60000}]   # an option of release_handler:install_release/2",),
            module=passage.module,
        )
        for what, took in slow
    ]


def _logged(step: Step) -> list[Diagnostic]:
    """The first report in full: those behind it are often its echo."""
    crashes = [each for each in step.reports if each.kind != "error"]
    others = [each for each in step.reports if each.kind == "error"]
    found = []
    for code, reports, what in (("M613", crashes, "crash report"), ("M443", others, "error")):
        if not reports:
            continue
        more = f" (and {len(reports) - 1} more)" if len(reports) > 1 else ""
        text = "\n".join(f"    {line}" for line in reports[0].text.splitlines())
        found.append(
            Diagnostic(
                CATALOGUE[code],
                f"{reports[0].node} logged {'an' if what == 'error' else 'a'} {what}{more} between {step.before} and "
                f"{step.after}",
                f"the first of them:\n{text}",
                _place(step),
                ("migrator rehearse --keep OLD NEW   # and look at it",),
            )
        )
    return found


def _calls(calls: Calls) -> Diagnostic:
    of = "" if calls.made is None else f" of {calls.made}"
    first = "\n".join(f"    {line}" for line in (calls.first[0] if calls.first else "").splitlines())
    return Diagnostic(
        CATALOGUE["M616"],
        f"the load failed: {calls.failed}{of} calls"
        if calls.made is not None
        else f"the load failed: {calls.first[0]}",
        f"a client would have noticed the upgrade; the first of them:\n{first}",
        "--load",
        ("migrator rehearse --keep OLD NEW   # and look at it",),
    )
