"""Decides what an upgrade must do for supervisors: their child specs of both versions compared.

`{update, Module, supervisor}` alone calls `init/1` of the version that comes and takes over its flags and child specs.
It starts no child that is new, ends none that is gone, and leaves one whose start changed as it runs.
"""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from migrator.release.children import compared
from migrator.release.model import Application, ModuleFile, Release
from migrator.release.supervised import said
from migrator.release.supervisors import Place, Steps, SupervisorChange, Tree
from migrator.release.throwaway import evaluator
from migrator.release.tree import read_tree
from migrator.terms import Atom, term_text

_SUPERVISOR = Atom("supervisor")

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from contextlib import AbstractContextManager

    from migrator.diagnostics import Diagnostic
    from migrator.otp import Helper
    from migrator.release.supervisors import Mode, Supervisor
    from migrator.release.throwaway import Evaluate
    from migrator.terms import Term


def trees(helper: Helper, old: Release, new: Release, mode: Mode, erl: Path | None = None) -> tuple[Tree, Tree]:
    """What both releases supervise.

    Args:
        helper: reads.
        old: the release that runs.
        new: the one that comes.
        mode: `eval` runs each `init/1` whose arguments are known in a throw-away node of its release.
        erl: the program of that node.

    Raises:
        InputFault: a beam cannot be read.
        EnvironmentFault, ProtocolError: the helper, or the throw-away node, cannot serve.
    """
    found = []
    for release in (old, new):
        node: AbstractContextManager[Evaluate | None] = (
            evaluator(release, erl) if mode == "eval" and erl is not None else nullcontext()
        )
        with node as evaluate:
            found.append(read_tree(helper, release, evaluate))
    return found[0], found[1]


def supervision(
    helper: Helper, old_beam: Path | None, new_beam: Path | None, mode: Mode, erl: Path | None = None
) -> SupervisorChange:
    """What must be done for one supervisor's module, told from its two beams alone; `supervisions` knows more.

    Raises:
        As `trees`.
    """
    old, new = _alone(old_beam), _alone(new_beam)
    module = (new if new_beam else old).given.stem
    changes = supervisions(*trees(helper, old, new, mode, erl), {module})
    return next(iter(changes), SupervisorChange(module, "", Steps(), Steps(), ()))


def _alone(path: Path | None) -> Release:
    """A release of one module."""
    place = path or Path("none")
    beams = (ModuleFile("", place.stem, place),) if path else ()
    return Release(place, "ebin", place.parent, "", "", "", (Application("", "", place.parent, None, beams),))


def supervisions(old: Tree, new: Tree, modules: Collection[str]) -> tuple[SupervisorChange, ...]:
    """What must be done for supervisors: those whose modules changed, and others whose children changed.

    A supervisor stands behind the one that it hangs under. `ordered` puts the instructions of all into one order.

    Args:
        old: what the release that runs supervises, as `trees` gives it.
        new: the same of the one that comes.
        modules: the names of the changed modules, those that are no supervisors among them too.
    """
    names = list(dict.fromkeys(each.module for each in (*new.supervisors, *old.supervisors)))
    found = [each for module in names if (each := _of_module(module, old, new))[0].module in modules or _moves(each[0])]
    up = _below(old, [place for _, there, _ in found for place in there])
    down = _below(new, [place for _, _, back in found for place in back])
    return tuple(
        replace(each, up_steps=_spared(each.up_steps, up), down_steps=_spared(each.down_steps, down))
        for each, _, _ in found
    )


def ordered(changes: Sequence[SupervisorChange]) -> Mapping[str, tuple[tuple[Term, ...], tuple[Term, ...]]]:
    """For `up` and `down` the instructions before, and behind, all that load or remove a module.

    Children are ended from below, and started from above.
    """
    return {
        "up": (
            tuple(each for change in reversed(changes) for each in change.up_steps.first),
            tuple(each for change in changes for each in change.up_steps.last),
        ),
        "down": (
            tuple(each for change in reversed(changes) for each in change.down_steps.first),
            tuple(each for change in changes for each in change.down_steps.last),
        ),
    }


def _moves(change: SupervisorChange) -> bool:
    """Whether a child comes, goes or begins anew, or should and cannot."""
    moving = any((*steps.first, *steps.last) for steps in (change.up_steps, change.down_steps))
    return moving or any(each.code in {"M436", "M439", "M190"} for each in change.diagnostics)


_Found = tuple[SupervisorChange, list["Place"], list["Place"]]


def _of_module(module: str, old: Tree, new: Tree) -> _Found:
    """The change of one module, and where the children hang that end with it, on the way up and down."""
    before = [each for each in old.supervisors if each.module == module]
    after = [each for each in new.supervisors if each.module == module]
    application = (*after, *before)[0].application
    if not before or not after:
        # It comes or goes with the child that it is.
        return SupervisorChange(module, application, Steps(), Steps(), said(module, before, after, ())), [], []
    update: Term = (Atom("update"), Atom(module), _SUPERVISOR)
    up, down = Steps(update=update), Steps(update=update)
    found: list[Diagnostic] = []
    ended: list[Place] = []
    ended_back: list[Place] = []
    for one, other in _pairs(before, after):
        there, back = compared(one, other), compared(other, one)
        if any(each.kind == "other_kind" for each in there.findings) and not there.ended:
            # Nothing can end and start it but its application: an update would make it forget its children.
            up = replace(up, update=(Atom("load_module"), Atom(module)))
            down = replace(down, update=up.update)
        up, down = _joined(up, there.steps), _joined(down, back.steps)
        ended += there.ended
        ended_back += back.ended
        found += said(module, (one,), (other,), there.findings)
    return SupervisorChange(module, application, up, down, tuple(_once(found))), ended, ended_back


def _once(found: Sequence[Diagnostic]) -> list[Diagnostic]:
    return list({(each.code, each.message): each for each in found}.values())


def _pairs(before: Sequence[Supervisor], after: Sequence[Supervisor]) -> list[tuple[Supervisor, Supervisor]]:
    """Old and new of each that runs, by name; of one alone in both, whatever its name."""
    if len(before) == len(after) == 1:
        return [(before[0], after[0])]
    named = {repr(each.name): each for each in after}
    pairs = [(each, named[repr(each.name)]) for each in before if repr(each.name) in named]
    # Their names cannot be told: one stands for all.
    return pairs or [(before[0], after[0])]


def _joined(one: Steps, other: Steps) -> Steps:
    return Steps(
        one.first + other.first,
        one.update,
        one.last + other.last,
        tuple(dict.fromkeys(one.before + other.before)),
        tuple(dict.fromkeys(one.behind + other.behind)),
    )


def _below(tree: Tree, places: Sequence[Place]) -> set[str]:
    """The names of the supervisors that hang there, and of those below them: they begin anew by themselves."""
    found: set[str] = set()
    wanted = list(places)
    while wanted:
        place = wanted.pop()
        for each in tree.supervisors:
            if each.above == place and each.name is not None and term_text(each.name) not in found:
                found.add(term_text(each.name))
                wanted += [Place(each.name, child.id) for child in each.children if child.known]
    return found


def _spared(steps: Steps, gone: set[str]) -> Steps:
    """Without calls of a supervisor that ends with a child of another, and begins anew with it."""
    return replace(
        steps,
        first=tuple(each for each in steps.first if _called(each) not in gone),
        last=tuple(each for each in steps.last if _called(each) not in gone),
    )


def _called(instruction: Term) -> str:
    match instruction:
        case (_, (_, _, list(arguments))) if arguments:
            return term_text(arguments[0])
    return ""
