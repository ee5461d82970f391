"""Says what was found of supervisors, in words."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from migrator.diagnostics import CATALOGUE, Diagnostic
from migrator.release.supervisors import shown
from migrator.terms import atom_text

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from migrator.release.children import Finding
    from migrator.release.supervisors import Supervisor, Tree

# So many expressions are read; the first are those of the new code.
_TOLD = 3

_BY_HAND = (
    "{apply, {supervisor, restart_child, [NAME, ID]}}   % in the appup, behind the update; or terminate_child before"
)


def said(
    module: str, before: Sequence[Supervisor], after: Sequence[Supervisor], findings: Sequence[Finding]
) -> tuple[Diagnostic, ...]:
    """The diagnostics for what was found of one module's supervisor."""
    newest = (after or before)[0]
    faults = [_fault(each, fault) for each in after for fault in each.faults]
    # What such specs come to need not be said.
    return tuple(faults or [_of(finding, module, newest) for finding in _gathered(findings)])


def _gathered(findings: Sequence[Finding]) -> list[Finding]:
    """The findings, with one for all expressions of a supervisor that nothing tells, and one for those alike."""
    found = []
    for kind in ("gap", "same_gap"):
        gaps = [each.gap for each in findings if each.kind == kind and each.gap is not None]
        if gaps:
            more = f"; and {len(gaps) - _TOLD} more" if len(gaps) > _TOLD else ""
            text = "; ".join(gap.text for gap in gaps[:_TOLD]) + more
            first = next(each for each in findings if each.kind == kind)
            found.append(replace(first, gap=replace(gaps[0], text=text)))
    return [*found, *(each for each in findings if each.kind not in {"gap", "same_gap"})]


def said_of_runs(tree: Tree, modules: Collection[str]) -> tuple[Diagnostic, ...]:
    """What is to be said of the throw-away node that ran the `init/1` of these modules."""
    failed = [
        Diagnostic(
            CATALOGUE["M435"],
            f"init/1 of {module} could not be run: {why}",
            "its code was read instead, and what that does not tell is said by itself",
            module,
            (_BY_HAND,),
            module=module,
        )
        for module, why in tree.not_run
        if module in modules
    ]
    loaded = [
        Diagnostic(
            CATALOGUE["M523"],
            f"the -on_load function of {module} ran in the throw-away node, as it was loaded there",
            "what it did beside that node stays done; the module's child specs are those that init/1 gave there",
            module,
            ("migrator appup …   # without --supervisors eval: nothing is loaded",),
            module=module,
        )
        for module in tree.on_load
        if module in modules
    ]
    return (*failed, *loaded)


def place_of(supervisor: Supervisor, line: int) -> str:
    """The place of something in the supervisor's source."""
    at = line or supervisor.line
    return f"{supervisor.file}:{at}" if at else supervisor.file


def _fault(supervisor: Supervisor, fault: str) -> Diagnostic:
    return Diagnostic(
        CATALOGUE["M190"],
        f"the child specs of {supervisor.module} are not ones that a supervisor accepts: {fault}",
        "its code_change fails, the installation with it, and the node restarts with the old release",
        place_of(supervisor, 0),
        (f"supervisor:check_childspecs(Specs)   % in a shell, with what {supervisor.module}:init/1 gives",),
        module=supervisor.module,
    )


def _of(finding: Finding, module: str, supervisor: Supervisor) -> Diagnostic:
    code, message, consequence, advice = _words(finding, module, supervisor)
    line = finding.gap.line if finding.gap else 0
    return Diagnostic(CATALOGUE[code], message, consequence, place_of(supervisor, line), advice, module=module)


_Words = tuple[str, str, str, tuple[str, ...]]


def _words(finding: Finding, module: str, supervisor: Supervisor) -> _Words:
    """The code, the headline, what would happen, and what to type."""
    found = _of_a_supervisor(finding, module, supervisor)
    return found or _of_a_child(finding, module, supervisor)


def _of_a_child(finding: Finding, module: str, supervisor: Supervisor) -> _Words:
    gap = finding.gap.text if finding.gap else ""
    child = finding.child
    name = shown(supervisor.name) if supervisor.name is not None else "NAME"
    restart = f"{{apply, {{supervisor, restart_child, [{name}, {child}]}}}}"
    ended = f"{{apply, {{supervisor, terminate_child, [{name}, {child}]}}}}"
    match finding.kind:
        case "restarted":
            return (
                "M438",
                (
                    f"{child} of {module} starts otherwise, and is ended and started again: {finding.was} became"
                    f" {finding.becomes}"
                ),
                "what the running one keeps is lost; the one that is started begins with its own init",
                (f"{ended}   % take this out of the appup to let it run on", f"{restart}   % and this, up and down"),
            )
        case "unclear":
            return (
                "M435",
                f"whether {child} of {module} starts otherwise cannot be told: {finding.was} became {finding.becomes}",
                "the running one goes on as it was started; only when it is started again the new start holds",
                (f"{ended}   % before the update, and behind it {restart}",),
            )
        case "kept":
            return (
                "M435",
                f"whether {child} of {module} is still one of its children cannot be told: that hangs on {gap}",
                "where it is one, it runs on; where it is none any more, it runs on too",
                (f"{ended}   % before the update, if it must go", "migrator appup --supervisors eval …"),
            )
        case "siblings":
            return (
                "M521",
                (
                    f"{child} of {module} is started again, and its siblings are not, though it is {finding.was}:"
                    f" {finding.becomes}"
                ),
                "they may still know the process that was ended",
                (f"{{apply, {{supervisor, terminate_child, [{name}, ID]}}}}   % and restart_child",),
            )
        case _:
            return (
                "M520",
                (
                    f"the spec of {child} of {module} changed, and nothing needs to be restarted for it: {finding.was}"
                    f" became {finding.becomes}"
                ),
                "the supervisor takes it over with {update, …, supervisor}",
                (f"{{update, {atom_text(module)}, supervisor}}",),
            )


def _of_a_supervisor(finding: Finding, module: str, supervisor: Supervisor) -> _Words | None:
    gap = finding.gap.text if finding.gap else ""
    child = finding.child
    name = shown(supervisor.name) if supervisor.name is not None else "NAME"
    match finding.kind:
        case "gap":
            return (
                "M435",
                f"what children {module} has cannot be told from its code: {gap}",
                "children that come are not started, those that go not ended, and what starts otherwise runs on",
                ("migrator appup --supervisors eval …", _BY_HAND),
            )
        case "same_gap":
            return (
                "M524",
                f"some children of {module} cannot be told from its code, and stand alike in both versions: {gap}",
                "they are taken for the same; where they are not, nothing is started or ended",
                ("migrator appup --supervisors eval …",),
            )
        case "unnamed":
            return (
                "M436",
                f"{module} has no name to be called by, and children of it change: {child}",
                "no instruction of an appup can start or end them: they stay as they are until it is restarted",
                (
                    f"supervisor:start_link({{local, {atom_text(module)}}}, ?MODULE, …)   % for the next upgrade",
                    _anew(supervisor),
                ),
            )
        case "unsure":
            return (
                "M436",
                f"children of {module} change, and whether it runs when the upgrade begins cannot be told: {child}",
                "a call of a supervisor that does not run ends the upgrade, so none is written: they stay as they are",
                (
                    f"{{apply, {{supervisor, restart_child, [{name}, ID]}}}}   % behind the update, for a new one",
                    f"{{apply, {{supervisor, terminate_child, [{name}, ID]}}}}   % before it, for one that is gone",
                ),
            )
        case "other_kind":
            return (
                "M439",
                f"{module} was {finding.was} and becomes {finding.becomes}: it must be started again",
                "a supervisor that changes so while it runs forgets its children, which run on unsupervised",
                (_anew(supervisor),),
            )
        case "later":
            return (
                "M520",
                f"children of {module} start otherwise from now on: {finding.was} became {finding.becomes}",
                "those that run go on, and are started the old way again when they fail",
                (f"supervisor:terminate_child({name}, Pid)   % to end one of them",),
            )
    return None


def _anew(supervisor: Supervisor) -> str:
    if supervisor.above is not None:
        above, child = shown(supervisor.above.name), shown(supervisor.above.id)
        return (
            f"{{apply, {{supervisor, terminate_child, [{above}, {child}]}}}}, and behind the update"
            f" {{apply, {{supervisor, restart_child, [{above}, {child}]}}}}   % all below it is restarted"
        )
    return f"{{restart_application, {atom_text(supervisor.application) if supervisor.application else 'APPLICATION'}}}"
