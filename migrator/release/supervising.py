"""What an upgrade left undone for the children of supervisors, and for applications."""

from __future__ import annotations

from typing import TYPE_CHECKING

from migrator.diagnostics import CATALOGUE, Diagnostic

if TYPE_CHECKING:
    from migrator.release.rehearsal import Passage, Step


def children(step: Step, passage: Passage) -> list[Diagnostic]:
    """The children of a supervisor that should run and do not, and those that run and should not."""
    after = passage.after
    if after is None or after.kind != "supervisor":
        return []
    # What was so before, a child that stopped for good or was started later, is none of the upgrade's doing.
    before = passage.before or after
    had = before.wanted if before.wanted is not None and passage.before else before.children
    known = before.unstarted if passage.before else ()
    idle = [child for child in after.unstarted if child not in known]
    if after.wanted is not None:
        ran = [child for child in before.children if child not in known]
        idle += [
            child
            for child in after.wanted
            if child not in after.children and (child not in had or (passage.before and child in ran))
        ]
    found = [_idle(step, passage, child) for child in idle]
    if after.wanted is not None:
        left = [child for child in after.children if child in had and child not in after.wanted]
        found += [_left(step, passage, child) for child in left]
    return found


def applications(step: Step) -> list[Diagnostic]:
    """The applications that the upgrade was to start, or that ran before, and that do not run."""
    return [
        Diagnostic(
            CATALOGUE["M620"],
            f"the application {name} does not run after {step.before} -> {step.after}",
            "release_handler takes no notice of what application:start gives, and calls the installation a success",
            step.node,
            ("migrator rehearse --keep OLD NEW   # and application:start there says why",),
        )
        for name in step.idle
    ]


def _called(passage: Passage) -> str:
    seen = passage.seen
    return f"{seen.name} ({seen.pid})" if seen.name else seen.pid


def _idle(step: Step, passage: Passage, child: str) -> Diagnostic:
    module, after = passage.module, passage.after
    assert after is not None  # noqa: S101 - it has a child
    ran = passage.before is not None and child in passage.before.children
    restart = f"{{apply, {{supervisor, restart_child, [{after.name or module}, {child}]}}}}"
    place = f"{step.node}, {step.before} -> {step.after}"
    if ran:
        return Diagnostic(
            CATALOGUE["M614"],
            f"{_called(passage)} of {module} does not run its child {child} any more, which ran in {step.before}",
            "release_handler takes no notice of what restart_child gives: the child stays out until the node restarts",
            place,
            (f"{restart}   % in the appup, behind the new code of its module",),
            module=module,
        )
    return Diagnostic(
        CATALOGUE["M614"],
        f"{_called(passage)} does not run its child {child}, which {module} of {step.after} has",
        "a node that boots into that version runs it; this one does not",
        place,
        (f"{{update, {module}, supervisor}}   % in the appup, then", restart),
        module=module,
    )


def _left(step: Step, passage: Passage, child: str) -> Diagnostic:
    name = passage.seen.name or passage.module
    return Diagnostic(
        CATALOGUE["M442"],
        f"{_called(passage)} still has its child {child}, which {passage.module} of {step.after} does not know",
        "it runs on until the node restarts",
        f"{step.node}, {step.before} -> {step.after}",
        (
            f"{{apply, {{supervisor, terminate_child, [{name}, {child}]}}}}",
            f"{{apply, {{supervisor, delete_child, [{name}, {child}]}}}}",
        ),
        module=passage.module,
    )
