"""Plans the modules between two releases: which of them take part, each in one run."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from migrator.callbacks import BY_BEHAVIOUR, KNOWN
from migrator.pipeline import plan_jobs
from migrator.release.jobs import beams_between, jobs_named, jobs_where, may_keep
from migrator.release.silent import silent
from migrator.scanning import scan_beams

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from migrator.modules import Module
    from migrator.otp import Helper
    from migrator.outcomes import Planned, Scanned
    from migrator.release.jobs import Beams
    from migrator.request import Choice, Request
    from migrator.ruleset import Rules


def plan_release(  # noqa: PLR0913, PLR0917 - two releases, and all that a plan hangs on
    helper: Helper,
    olds: Sequence[Path],
    new: Path,
    request: Request,
    rules: Rules,
    progress: Callable[[int, int], None] | None = None,
) -> list[Planned]:
    """The plan of each module that takes part: it names its state, or the rules do.

    With `--record` also that of each other module that has this record and a function that converts states. For one
    that seems to keep a state record that changed, and says nothing, there is a warning and no plan.

    Raises:
        InputFault, Refused: a release cannot be used.
        EnvironmentFault, ProtocolError: the helper cannot serve.
    """
    beams = beams_between(olds, new)
    named = jobs_named(beams, rules.modules)
    planned = plan_jobs(helper, named, replace(request, choice=None), progress, rules)
    said = [each for each in planned if each.new is None or takes_part(each.new, rules)]
    if request.choice is not None:
        found = frozenset(each.job.new for each in said)
        said += _chosen(helper, beams, request, rules, found, progress)
    said += silent(helper, beams, frozenset(each.job.new for each in said))
    return sorted(said, key=lambda each: str(each.job.new))


def _chosen(  # noqa: PLR0913, PLR0917 - as above
    helper: Helper,
    beams: Beams,
    request: Request,
    rules: Rules,
    but: frozenset[Path],
    progress: Callable[[int, int], None] | None,
) -> list[Planned]:
    """The plans of the modules that say nothing of their state and have the record that `--record` names."""
    choice = request.choice
    if choice is None:
        return []
    rest = jobs_where(beams, lambda each: each.path not in but and may_keep(each.path, choice))
    planned = plan_jobs(helper, rest, request, progress, rules)
    kept = [each for each in planned if each.new is not None and _keeps(each.new, choice)]
    scanned, _ = scan_beams(helper, [("", each.job.new) for each in kept])
    other = {each.path for each in scanned if each.candidates and not _may_be(each, choice)}
    return [each for each in kept if each.job.new not in other]


def _may_be(module: Scanned, choice: Choice) -> bool:
    """Whether the code seems to keep that record; a name as usual as `state` may be that of another module's."""
    return any(each.record == choice.new for each in module.candidates)


def takes_part(new: Module, rules: Rules) -> bool:
    """Whether the module names its state; the finder of a release's beams knows of the word alone."""
    return says_so(new) or new.name in rules.modules


def says_so(new: Module) -> bool:
    """Whether the module names its state by itself."""
    return any(new.attribute(name) for name in ("state_record", "state_type", "state_callback"))


def _keeps(new: Module, choice: Choice) -> bool:
    """Whether the record can be the module's state: one that is only called so converts nothing."""
    stateful = any(each in BY_BEHAVIOUR for each in new.behaviours)
    converts = any(callback.function in new.functions for callback in KNOWN)
    return (stateful or converts) and any(shape.name == choice.new for shape in new.record_index)
