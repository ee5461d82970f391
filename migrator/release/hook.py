"""The step before a release is packaged: every module's migration into it, all of them or none."""

from __future__ import annotations

import os
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from migrator import library
from migrator.diagnostics import CATALOGUE, Diagnostic, Refused, exit_code
from migrator.locking import locked_in
from migrator.pipeline import inject_planned
from migrator.release.alone import alone
from migrator.release.archive import is_archive, read_name
from migrator.release.chunks import stripped_like
from migrator.release.find import split
from migrator.release.journal import Replacement, recover, replace_all
from migrator.release.match import matched, one_folder, same_versions
from migrator.release.open import opened
from migrator.release.plans import says_so
from migrator.release.scripts import CORE
from migrator.release.tarball import leftover, rewrite
from migrator.release.view import View, lost, viewed
from migrator.release.ways import Appups, appups_of, moved

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence

    from migrator.otp import Helper
    from migrator.outcomes import Injected, Planned
    from migrator.release.model import Release
    from migrator.request import Request

# `silent` is a module that seems to keep a changed state and does not say so: nothing is generated for it.
Outcome = Literal["injected", "already", "unchanged", "silent", "blocked"]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked of a run, besides a request's options: where debug info is, and what to do about appups."""

    old_debug: tuple[Path, ...] = ()
    new_debug: tuple[Path, ...] = ()
    appups: Literal["warn", "fix"] = "warn"


@dataclass(frozen=True, slots=True)
class Hooked:
    """What came of one module: its application, where its beam is in the release, and what was done."""

    application: str
    path: Path
    outcome: Outcome
    planned: Planned


@dataclass(frozen=True, slots=True)
class Run:
    """What came of it all; with an exit code nothing was written. `mended` are the appups that were."""

    modules: tuple[Hooked, ...]
    diagnostics: tuple[Diagnostic, ...]
    mended: tuple[Path, ...] = ()

    @property
    def exit(self) -> int:
        """The exit code of the contract for it."""
        return exit_code(self.diagnostics)


def hook(  # noqa: PLR0913, PLR0917 - the inputs of a run
    helper: Helper,
    olds: Sequence[Path],
    new: Path,
    request: Request,
    wanted: Wanted | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Run:
    """Puts the migrations from the old releases, or locks, into the beams of the new one.

    Raises:
        InputFault, Refused: the inputs cannot be used; nothing was written.
        EnvironmentFault: Erlang cannot serve, or a beam cannot be written; then all have their old bytes.
    """
    asked = wanted or Wanted()
    for path in (*olds, new):
        library.exist((path,))
    named = library.rules_of(request.rules).modules
    with ExitStack() as stack:
        work = stack.enter_context(_to_work_on(new))
        release = work.release
        before = [stack.enter_context(opened(old)) for old in olds if locked_in(old) is None]
        _comparable(helper, before, release)
        view = stack.enter_context(viewed(helper, release, asked.new_debug, named, "--new-debug-info"))
        views = [
            stack.enter_context(viewed(helper, each, asked.old_debug, named, "--old-debug-info")) for each in before
        ]
        given = iter(views)
        paths = [old if locked_in(old) is not None else next(given).path for old in olds]
        planned = _convertible(library.preview(helper, paths, view.path, request, progress), view, named)
        said = [*work.earlier, *(each for one in planned for each in one.diagnostics), *lost(view, planned)]
        shown = _Names.of((*views, view))
        if exit_code(said):
            return _run(view, planned, {}, shown.all(said))
        injected = inject_planned(helper, planned, progress)
        said += [each for one in injected for each in one.diagnostics]
        if exit_code(said):
            return _run(view, planned, {}, shown.all(said))
        appups = appups_of(helper, release, views, view, planned, asked.appups)
        said += [*moved(views, view, planned), *appups.diagnostics]
        changes = _changes(view, injected)
        _write(work, [*changes, *appups.replacements])
        return _run(view, planned, _outcomes(view, injected, changes), shown.all(said), appups)


def _convertible(planned: Sequence[Planned], view: View, named: Collection[str]) -> list[Planned]:
    """The plans without those that only `--record` found in OTP's core.

    With any other version of it the emulator starts anew: OTP never calls their code_change.
    """
    core = {path for path, beam in view.beams() if beam.application in CORE and beam.module not in named}
    return [each for each in planned if each.job.new not in core or (each.new is not None and says_so(each.new))]


@dataclass(frozen=True, slots=True)
class _Work:
    """The new release, what there is to say of an earlier run on it, and for a tarball what the system said of it."""

    release: Release
    earlier: tuple[Diagnostic, ...] = ()
    status: os.stat_result | None = None


@contextmanager
def _to_work_on(new: Path) -> Iterator[_Work]:
    """The new release, with nobody else at work on it."""
    place = split(new)[0]
    if is_archive(place):
        with alone(place):
            leftover(place).unlink(missing_ok=True)
            status = place.stat()
            with opened(new) as release:
                yield _Work(release, status=status)
        return
    with opened(new) as release, alone(home_of(release)):
        yield _Work(release, _recovered(home_of(release)))


def home_of(release: Release) -> Path:
    """The folder above all of a release's applications: there is its journal, whatever way the release is given."""
    ebins = [each.ebin.absolute() for each in release.applications]
    return Path(os.path.commonpath([each.parent.parent if each.name == "ebin" else each for each in ebins]))


def _recovered(home: Path) -> tuple[Diagnostic, ...]:
    found = recover(home)
    if found is None:
        return ()
    kept = "one that was built anew since is left as it is"
    if len(found.left) > 1:
        kept = f"{len(found.left):,} that were built anew since are left as they are"
    left = f"; {kept}" if found.left else ""
    return (
        Diagnostic(
            CATALOGUE["M423"],
            f"an earlier run on {home} was ended before it was done, and was {found.outcome}: "
            f"{len(found.paths):,} {'file' if len(found.paths) == 1 else 'files'}{left}",
            "nothing is lost; this run went on from there",
            str(home),
        ),
    )


def _comparable(helper: Helper, olds: Sequence[Release], new: Release) -> None:
    """Refuses two releases that are one, and applications whose code changed and whose vsn did not."""
    wrong: list[Diagnostic] = [each for old in olds if (each := one_folder(old, new)) is not None]
    if wrong:
        raise Refused(*wrong)
    for old in olds:
        # Of the others nothing can be wrong, and a release has many beams.
        same = {
            each.name
            for each in new.applications
            if (other := old.application(each.name)) is not None and other.vsn == each.vsn
        }
        before, after = (
            replace(each, applications=tuple(one for one in each.applications if one.name in same))
            for each in (old, new)
        )
        wrong += same_versions(matched(helper, before, after))
    if wrong:
        raise Refused(*wrong)


def _changes(view: View, injected: Sequence[Injected]) -> list[Replacement]:
    """What is to be written where: a beam that was read elsewhere goes into the release as stripped as it was."""
    found = []
    for each in injected:
        if each.after is None:
            continue
        before = view.stripped.get(each.path)
        change = Replacement(
            view.real.get(each.path, each.path),
            each.before if before is None else before,
            each.after if before is None else stripped_like(each.after, before),
        )
        if change.after != change.before:
            found.append(change)
    return found


def _write(work: _Work, changes: Sequence[Replacement]) -> None:
    release = work.release
    if work.status is not None:
        contents = {each.path.relative_to(release.root).as_posix(): each.after for each in changes}
        rewrite(split(release.given)[0], work.status, contents, read_name)
    else:
        replace_all(home_of(release), changes)


def _outcomes(view: View, injected: Sequence[Injected], changes: Sequence[Replacement]) -> dict[Path, Outcome]:
    written = {each.path for each in changes}
    found: dict[Path, Outcome] = {}
    for each in injected:
        path = view.real.get(each.path, each.path)
        done: Outcome = "injected" if path in written else "already"
        found[each.path] = "unchanged" if each.after is None else done
    return found


def _run(
    view: View,
    planned: Sequence[Planned],
    outcomes: dict[Path, Outcome],
    diagnostics: tuple[Diagnostic, ...],
    appups: Appups | None = None,
) -> Run:
    shown = _Names.of((view,))
    applications = {path: beam.application for path, beam in view.beams()}
    modules = tuple(
        Hooked(
            applications.get(each.job.new, ""),
            Path(shown.text(str(view.real.get(each.job.new, each.job.new)))),
            _outcome(each, outcomes),
            each,
        )
        for each in planned
    )
    mended = () if appups is None else tuple(Path(shown.text(str(each.path))) for each in appups.replacements)
    return Run(modules, diagnostics, mended)


def _outcome(planned: Planned, outcomes: dict[Path, Outcome]) -> Outcome:
    if planned.plan is None and not exit_code(planned.diagnostics):
        return "silent"
    return outcomes.get(planned.job.new, "blocked" if planned.verdict == "blocked" else "unchanged")


_ELSEWHERE = (
    "--old-debug-info DIR   # where OLD is stripped: a lib folder of the same build",
    "--new-debug-info DIR   # where NEW is",
)


@dataclass(frozen=True, slots=True)
class _Names:
    """What a person calls folders that only we see."""

    pairs: tuple[tuple[str, str], ...]

    @staticmethod
    def of(views: Sequence[View]) -> _Names:
        """The names for the folders of these releases, the longer ones first."""
        found = [
            (str(folder), str(split(each.release.given)[0]))
            for each in views
            for folder in (each.root, each.release.root)
            if folder != split(each.release.given)[0]
        ]
        return _Names(tuple(sorted(found, key=lambda pair: -len(pair[0]))))

    def text(self, text: str) -> str:
        """The text in a person's words."""
        for ours, theirs in self.pairs:
            text = text.replace(ours, theirs)
        return text

    def all(self, said: Sequence[Diagnostic]) -> tuple[Diagnostic, ...]:
        """The diagnostics in a person's words; of a beam without debug info, where to name what has it."""
        return tuple(
            replace(
                each,
                message=self.text(each.message),
                consequence=self.text(each.consequence),
                place=self.text(each.place),
                help=(*map(self.text, each.help), *(_ELSEWHERE if each.code == "M107" else ())),
            )
            for each in said
        )
