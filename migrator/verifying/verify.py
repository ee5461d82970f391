"""Verbs: tries the migrations of many modules, one after another, in throw-away nodes."""

from __future__ import annotations

import secrets
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from migrator import otp
from migrator.decisions import read_decisions
from migrator.diagnostics import CATALOGUE, Diagnostic
from migrator.errors import EnvironmentFault, HelperFault
from migrator.faults import of_beam
from migrator.pipeline import inject_planned
from migrator.release.find import beams_of, is_folder
from migrator.ruled import ruled_by
from migrator.states import shown
from migrator.synthesise import synthesise
from migrator.terms import term_text
from migrator.verifying.dumps import states_in
from migrator.verifying.findings import Outcome, Tried, Verified
from migrator.verifying.installed import Shelf, beyond
from migrator.verifying.judging import Run, judged
from migrator.verifying.states import given_states
from migrator.verifying.subjects import subject_of
from migrator.verifying.trying import loaded, together, tried, tried_given
from migrator.verifying.unshown import unshown

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from migrator.decisions import Written
    from migrator.modules import Module
    from migrator.otp import Helper
    from migrator.outcomes import Planned
    from migrator.plan import Plan
    from migrator.ruleset import Rules
    from migrator.terms import Term
    from migrator.verifying.beyond import Beyond
    from migrator.verifying.findings import Trial
    from migrator.verifying.states import Given
    from migrator.verifying.subjects import Subject

_SEEDS = 1 << 32


@dataclass(frozen=True, slots=True)
class _End:
    """How code that was tried broke its trial off: what fell, what the code does, and by which calls."""

    fell: str
    does: str
    calls: str


_HALTED = _End("the throw-away node ended", "ends the node", "init:stop(), halt()")
_KILLED = _End("the trying process was killed", "kills processes that are not its own", "exit(Pid, kill)")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A beam to try, with its plan, and whether it was made now or carried its migration already."""

    planned: Planned
    plan: Plan
    new: Module
    beam: bytes
    origin: str
    decisions: tuple[Written, ...]


@dataclass(slots=True)
class _Trials:
    """What all trials of a run share: the node, which is started anew where one was ended, and how far they are."""

    stack: ExitStack
    erl: Path
    trial: Trial
    seed: int
    given: tuple[Given, ...]
    folders: Sequence[Path]
    look: Callable[[Sequence[Module]], Beyond]
    progress: Callable[[int, int], None] | None
    total: int
    done: int = 0
    taken: set[int] = field(default_factory=set)
    _node: Helper | None = None

    def node(self) -> Helper:
        """The node of this run."""
        if self._node is None:
            self._node = self.stack.enter_context(otp.throw_away(self.erl))
        return self._node

    def lost(self) -> None:
        """The node has ended."""
        self._node = None

    def told(self, states: int) -> None:
        """So many states of the way under work are done."""
        if self.progress is not None:
            self.progress(self.done + states, self.total)


def verify_planned(  # noqa: PLR0913, PLR0917 - plans, and all that their trial hangs on
    helper: Helper,
    planned: Sequence[Planned],
    trial: Trial,
    rules: Rules,
    folders: Sequence[Path],
    progress: Callable[[int, int], None] | None = None,
) -> list[Verified]:
    """What comes of trying each of these plans that nothing blocks, in their order.

    The beam is the one that `inject` would write, or NEW as it is where it carries that very migration.

    Args:
        helper: compiles what is to be tried.
        planned: what `preview` gives.
        trial: how much is tried, and with which states.
        rules: the decisions files of the plans, for the places of what is said.
        folders: where the code lies that functions of decisions may call.
        progress: called with how many states are done, and how many there are.

    Raises:
        InputFault, Refused: a file of states cannot be used.
        EnvironmentFault, ProtocolError: Erlang cannot serve.
    """
    given = given_states(trial.given)
    seed = secrets.randbelow(_SEEDS) if trial.seed is None else trial.seed
    ready = [each for each in planned if each.plan is not None and each.plan.verdict == "migrate"]
    total = max(1, trial.states * sum(len(each.olds) for each in ready))
    with ExitStack() as stack:
        shelf = Shelf(folders)

        def look(modules: Sequence[Module]) -> Beyond:
            return beyond(helper, shelf, modules)

        trials = _Trials(stack, otp.find_erl(trial.erl), trial, seed, given, folders, look, progress, total)
        if ready:
            # It starts while the beams are compiled.
            trials.node()
        candidates = _candidates(helper, planned, rules)
        found = [_verified(trials, each, candidates.get(number)) for number, each in enumerate(planned)]
    return _with_strangers(found, given, trials.taken)


def _candidates(
    helper: Helper, planned: Sequence[Planned], rules: Rules
) -> dict[int, Candidate | tuple[Diagnostic, ...]]:
    """The beams to try by the number of their plans, or why there is none."""
    found: dict[int, Candidate | tuple[Diagnostic, ...]] = {}
    fresh: list[tuple[int, Planned]] = []
    for number, each in enumerate(planned):
        if each.plan is None or each.new is None or each.plan.verdict != "migrate":
            continue
        if carries(each.plan, each.new):
            found[number] = _candidate(helper, each, each.new.beam, "carried", rules)
        else:
            fresh.append((number, each))
    for (number, each), made in zip(fresh, inject_planned(helper, [one for _, one in fresh]), strict=True):
        if made.diagnostics:
            found[number] = made.diagnostics
        else:
            found[number] = _candidate(helper, each, made.after or made.before, "made", rules)
    return found


def code_folders(new: Path) -> tuple[Path, ...]:
    """Where the code of a release lies, or of the one that a beam belongs to: functions of decisions may call it.

    Raises:
        InputFault, Refused: the release cannot be used.
    """
    if is_folder(new):
        return tuple(dict.fromkeys(each.path.parent.absolute() for each in beams_of(new)))
    folder = new.absolute().parent
    beside = sorted(folder.parent.parent.glob("*/ebin")) if folder.name == "ebin" else []
    return (folder, *(each for each in beside if each != folder))


def carries(plan: Plan, new: Module) -> bool:
    """Whether the beam says of itself that it has the very migration of the plan."""
    said = [each.value for each in new.attribute("state_migrated")]
    return said == [synthesise(plan).migrated]


def _candidate(helper: Helper, planned: Planned, beam: bytes, origin: str, rules: Rules) -> Candidate:
    plan, new = planned.plan, planned.new
    assert plan is not None  # noqa: S101 - asked before
    assert new is not None  # noqa: S101 - asked before
    written, _ = read_decisions(new.attribute("state_migration"))
    ruled = ruled_by(helper, new, planned.job.new, rules.of(new.name))
    return Candidate(planned, plan, new, beam, origin, (*written, *ruled.decisions))


def _verified(trials: _Trials, planned: Planned, candidate: Candidate | tuple[Diagnostic, ...] | None) -> Verified:
    begun = time.monotonic()
    if not isinstance(candidate, Candidate):
        return Verified(planned, (), trials.seed, 0.0, (*planned.diagnostics, *(candidate or ())))
    ways, said = _tried(trials, candidate)
    seconds = time.monotonic() - begun
    return Verified(planned, ways, trials.seed, seconds, (*planned.diagnostics, *said))


def _tried(trials: _Trials, candidate: Candidate) -> tuple[tuple[Tried, ...], tuple[Diagnostic, ...]]:
    plan, path = candidate.plan, candidate.planned.job.new
    ways: list[Tried] = []
    said: list[Diagnostic] = []
    try:
        name = loaded(trials.node(), plan, candidate.beam, trials.folders)
    except HelperFault as fault:
        return (), (of_beam(fault, path),)
    for old in candidate.planned.olds:
        subject = subject_of(plan, old, candidate.new, trials.look)
        try:
            outcome = _outcome(trials, name, plan, subject)
        except EnvironmentFault as fault:
            if fault.reason != "died":
                raise
            trials.lost()
            return tuple(ways), (*said, _cut_off(candidate, subject, _HALTED))
        finally:
            trials.done += trials.trial.states
        if isinstance(outcome, HelperFault):
            return tuple(ways), (*said, _broke_off(outcome, candidate, subject, path))
        run = Run(trials.seed, trials.trial.states, candidate.origin)
        found = judged(outcome, plan, subject, candidate.decisions, run)
        said += found
        ways.append(_way(plan, subject, outcome, found))
    return tuple(ways), tuple(dict.fromkeys(said))


def _outcome(trials: _Trials, name: Term, plan: Plan, subject: Subject) -> Outcome | HelperFault:
    parts: list[Outcome] = []
    for number, each in enumerate(trials.given):
        part = _given(trials.node(), name, plan, subject, each.state)
        if isinstance(part, HelperFault):
            return part
        if not part.counts.given_foreign:
            trials.taken.add(number)
        parts.append(part)
    generated = tried(trials.node(), name, subject, trials.seed, trials.trial.states, trials.told)
    return generated if isinstance(generated, HelperFault) else together([*parts, generated])


def _given(node: Helper, name: Term, plan: Plan, subject: Subject, state: bytes) -> Outcome | HelperFault:
    """What comes of a state, or of those inside of what `sys:get_state/1` gives of a process of that kind."""
    bare = tried_given(node, name, subject, [state])
    if isinstance(bare, Outcome) and bare.counts.given_foreign:
        inside = states_in(state, plan)
        found = tried_given(node, name, subject, inside) if inside else bare
        if isinstance(found, Outcome) and found.counts.given_foreign < len(inside):
            return found
    return bare


def _way(plan: Plan, subject: Subject, outcome: Outcome, said: tuple[Diagnostic, ...]) -> Tried:
    migration = subject.migration
    state, hidden = shown(migration.kept), unshown(plan, subject, outcome)
    return Tried(migration.vsn, state, migration.lossless, outcome, hidden, said)


def _broke_off(fault: HelperFault, candidate: Candidate, subject: Subject, path: Path) -> Diagnostic:
    # This node has no bounds of its own: what is killed in it was killed by what it runs.
    return _cut_off(candidate, subject, _KILLED) if fault.kind == "too_large" else of_beam(fault, path)


def _cut_off(candidate: Candidate, subject: Subject, end: _End) -> Diagnostic:
    plan = candidate.plan
    return Diagnostic(
        CATALOGUE["M640"],
        f"{plan.module}: {end.fell} while states of {term_text(subject.migration.vsn)} were tried",
        f"code that a decision or a default calls {end.does}, and would do so at the upgrade",
        plan.file,
        (f"take {end.calls} and the like out of the functions that decisions name",),
        module=plan.module,
    )


def _with_strangers(found: list[Verified], given: Sequence[Given], taken: set[int]) -> list[Verified]:
    """With a warning, at the first module, for each given state that is of no version of any."""
    strangers = tuple(
        Diagnostic(
            CATALOGUE["M653"],
            f"the state at {each.place} is one of no version that was tried",
            "on an upgrade such a state goes to the module's own function, or is refused",
            each.place,
            ("give OLDs of the version that the dump is from",),
        )
        for number, each in enumerate(given)
        if number not in taken
    )
    if not strangers or not found:
        return found
    first = found[0]
    return [
        Verified(first.planned, first.tried, first.seed, first.seconds, (*first.diagnostics, *strangers)),
        *found[1:],
    ]
