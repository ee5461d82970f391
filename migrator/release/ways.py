"""How the changed states of a release would come through `code_change`: by which appups, or by its relup."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from migrator.diagnostics import CATALOGUE, Diagnostic
from migrator.plan import identity
from migrator.release.appups import Need, judged, no_appups, no_relup, relup_judged
from migrator.release.journal import Replacement
from migrator.release.mending import mend
from migrator.release.patterns import fits_in
from migrator.termtext import text_in

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from migrator.otp import Helper
    from migrator.outcomes import Planned
    from migrator.plan import Plan
    from migrator.release.model import ModuleFile, Release
    from migrator.release.view import View
    from migrator.terms import Term


@dataclass(frozen=True, slots=True)
class Appups:
    """What there is to say of the appups or the relup, and the appups that are to be written."""

    diagnostics: tuple[Diagnostic, ...] = ()
    replacements: tuple[Replacement, ...] = ()


@dataclass(frozen=True, slots=True)
class _Change:
    """A module whose state changed since an old release, which is None where it came from a lock."""

    module: str
    new: ModuleFile
    old: ModuleFile | None
    release: Release | None


def appups_of(  # noqa: PLR0913, PLR0917 - what a run has
    helper: Helper,
    release: Release,
    olds: Sequence[View],
    new: View,
    planned: Sequence[Planned],
    wanted: Literal["warn", "fix"],
) -> Appups:
    """Judges the relup of a release that has one, else the appups, which are mended too where that is wanted.

    Raises:
        InputFault: one of them cannot be read.
        Refused: its regular expressions take too long (M167).
        EnvironmentFault, ProtocolError: the helper cannot serve.
    """
    changes = list(_changes(olds, new, planned))
    if not changes:
        return Appups()
    relup = release.root / "releases" / release.vsn / "relup"
    if release.vsn and relup.is_file():
        return Appups(tuple(_by_relup(relup, release, changes)))
    needs = _needs(release, changes)
    if release.shape == "tarball" and not any(each.path.exists() for each in needs):
        return Appups((no_relup(release.given),)) if needs else Appups()
    return _by_appups(helper, needs, wanted)


def _by_relup(relup: Path, release: Release, changes: Sequence[_Change]) -> Iterator[Diagnostic]:
    for vsn in dict.fromkeys(each.release.vsn if each.release else "" for each in changes):
        these = [each for each in changes if (each.release.vsn if each.release else "") == vsn]
        yield from relup_judged(relup, vsn, _needs(release, these), str(relup))


def _by_appups(helper: Helper, needs: Sequence[Need], wanted: Literal["warn", "fix"]) -> Appups:
    texts = {need.path: text_in(need.path) for need in needs if need.path.exists()}
    fits = {path: fits_in(helper, str(path)) for path in texts}
    mended = dict(texts)
    if wanted == "fix":
        for need in needs:
            if need.path in mended:
                mended[need.path] = mend(need, mended[need.path], fits[need.path])
    found = [each for need in needs if need.path in texts for each in judged(need, mended[need.path], fits[need.path])]
    missing = [need for need in needs if need.path not in texts]
    if missing:
        found.append(no_appups(missing))
    return Appups(
        tuple(found),
        tuple(_replacement(path, mended[path]) for path, text in texts.items() if mended[path] != text),
    )


def _replacement(path: Path, text: str) -> Replacement:
    before = path.read_bytes()
    try:
        before.decode()
    except UnicodeDecodeError:
        return Replacement(path, before, text.encode("latin-1"))
    return Replacement(path, before, text.encode())


def _needs(release: Release, changes: Sequence[_Change]) -> list[Need]:
    """By application and old version of it, the modules that must be converted."""
    found: dict[tuple[str, str | None], dict[str, None]] = {}
    for each in changes:
        before = each.release.application(each.new.application) if each.release else None
        if each.release is not None and before is None:
            # The whole application is new: no entry of its appup is used.
            continue
        found.setdefault((each.new.application, before.vsn if before else None), {})[each.module] = None
    return [
        Need(application, vsn, tuple(sorted(modules)))
        for (name, vsn), modules in sorted(found.items(), key=lambda item: (item[0][0], item[0][1] or ""))
        if (application := release.application(name)) is not None and application.vsn != vsn
    ]


def _changes(olds: Sequence[View], new: View, planned: Sequence[Planned]) -> Iterator[_Change]:
    after = dict(new.beams())
    before = {path: (beam, view.release) for view in olds for path, beam in view.beams()}
    for each in planned:
        if each.plan is None or each.plan.verdict != "migrate" or each.job.new not in after:
            continue
        for path, module in zip(each.job.olds, each.olds, strict=True):
            if _changed(each.plan, module.vsn):
                beam, release = before.get(path, (None, None))
                yield _Change(each.plan.module, after[each.job.new], beam, release)


def _changed(plan: Plan, vsn: Term) -> bool:
    known = [each for each in plan.migrations if each.vsn == vsn]
    return not known or any(not identity(plan, each) for each in known)


def moved(olds: Sequence[View], new: View, planned: Sequence[Planned]) -> tuple[Diagnostic, ...]:
    """What there is to say of modules that moved to another application."""
    found: dict[str, Diagnostic] = {}
    for each in _changes(olds, new, planned):
        if each.old is not None and each.old.application != each.new.application:
            found[each.module] = _moved(each.module, each.old.application, each.new.application)
    return tuple(found.values())


def _moved(module: str, old: str, new: str) -> Diagnostic:
    return Diagnostic(
        CATALOGUE["M424"],
        f"{module} moved from the application {old} to {new}, and its state changed",
        f"where the appup of {old} deletes it, or {new} is added as a new application, its processes are not converted",
        module,
        (f"{{update, {module}, {{advanced, []}}}}   % in {new}.appup, and no delete_module in {old}.appup",),
        module=module,
    )
