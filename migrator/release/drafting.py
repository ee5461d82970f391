"""Drafts the appups of a release: for each changed application, from each old release, in what is there already."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from migrator.diagnostics import Refused
from migrator.release.answers import Asked, answers
from migrator.release.deciding import not_met
from migrator.release.drafts import Draft, Drafts, Script
from migrator.release.instructions import restricted, term_of
from migrator.release.merging import Side, merged, parse_appup
from migrator.release.patterns import fits_in
from migrator.release.remarks import of_others, other_releases, unlike, without_app
from migrator.release.scripts import common, is_alone, modules_in, written
from migrator.release.upgrades import upgrade
from migrator.render.appup import entry_text, file_text, vsn_term

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from migrator.diagnostics import Diagnostic
    from migrator.otp import Helper
    from migrator.release.answers import Answer, Direction
    from migrator.release.drafts import Existing, Fate, Prepared, Upgrade
    from migrator.release.instructions import Instruction
    from migrator.release.merging import AppupText, Entry
    from migrator.release.model import Application, Release
    from migrator.release.reach import Fits
    from migrator.release.scripts import Written
    from migrator.release.wishes import Wishes
    from migrator.terms import Term

_BOTH: tuple[Direction, Direction] = ("up", "down")


@dataclass(frozen=True, slots=True)
class Sources:
    """Where else instructions come from.

    `existing` gives the appup that an application has already; `steps` what an upgrade needs
    besides: of changed supervisors, and what a person wrote.
    """

    existing: Callable[[Application], Existing | None]
    steps: Callable[[Upgrade], Prepared]


def drafted(  # noqa: PLR0913, PLR0917 - what a run has
    helper: Helper,
    olds: Sequence[Release],
    new: Release,
    wishes: Wishes,
    sources: Sources,
    progress: Callable[[int, int], None] | None = None,
) -> Drafts:
    """The appups that lead from these releases to the new one, and back. Nothing is written.

    Raises:
        Refused: as `upgrade`; what a person asked for fits nothing (M160), an application has no .app (M162), an
            appup that is there is none (M163), two old releases have other code in one version (M142).
        InputFault: a file cannot be read.
        EnvironmentFault, ProtocolError: the helper cannot serve.
    """
    upgrades = [upgrade(helper, old, new, wishes, progress) for old in olds]
    made = {name: each for one in upgrades for name, each in one.instructions.items()}
    wrong = [*not_met(wishes, made), *(said for one in upgrades for said in _unnamed(one, new))]
    if wrong:
        raise Refused(*wrong)
    steps = [sources.steps(each) for each in upgrades]
    work = [
        _Work(application, each, written(one, name, steps[number]), number)
        for name in sorted({name for one in upgrades for name in one.shared})
        for number, one in enumerate(upgrades)
        if (each := one.shared.get(name)) is not None and (application := new.application(name)) is not None
    ]
    appups = {name: _there(helper, sources, application) for name, application in _applications(work).items()}
    kept = _kept(helper, work, upgrades, appups, wishes)
    settled = _settled(work, upgrades, appups, kept)
    drafts = tuple(_draft(each, appups[name], settled) for name, each in _applications(work).items())
    said: list[Diagnostic] = []
    for one, prepared in zip(upgrades, steps, strict=True):
        said += [*one.diagnostics, *prepared.diagnostics, *other_releases(one)]
    said += [each for answer in kept.values() for each in answer.diagnostics]
    said += [each for draft in drafts for each in _left_over(draft, appups[draft.application.name])]
    return Drafts(drafts, tuple(upgrades), tuple(dict.fromkeys(said)))


@dataclass(frozen=True, slots=True)
class _Work:
    """One application in one upgrade (by number): its old version, and the instructions of ours."""

    application: Application
    vsn: str
    written: Written
    number: int


@dataclass(frozen=True, slots=True)
class _There:
    """The appup that an application has."""

    existing: Existing
    appup: AppupText
    fits: Fits

    def answering(self, vsn: str, direction: Direction) -> Entry | None:
        """The entry that systools takes for that version."""
        return _side(self.appup, direction).answering(vsn, self.fits)


_Kept = dict[tuple[str, str, "Direction"], "Answer"]


def _applications(work: Sequence[_Work]) -> dict[str, Application]:
    return {each.application.name: each.application for each in work}


def _unnamed(one: Upgrade, new: Release) -> list[Diagnostic]:
    """An error for each changed application that lacks a version in either release."""
    found = []
    for name in one.nameless:
        application = new.application(name)
        found.append(without_app(name, str(application.ebin) if application else str(new.given)))
    return found


def _there(helper: Helper, sources: Sources, application: Application) -> _There | None:
    existing = sources.existing(application)
    if existing is None:
        return None
    return _There(existing, parse_appup(existing.text, existing.path), fits_in(helper, existing.path))


def _kept(
    helper: Helper,
    work: Sequence[_Work],
    upgrades: Sequence[Upgrade],
    appups: Mapping[str, _There | None],
    wishes: Wishes,
) -> _Kept:
    """What answers now for each application, old version and direction, and whether that stays."""
    found: _Kept = {}
    for each in work:
        name, there = each.application.name, appups[each.application.name]
        for direction in _BOTH:
            entry = there.answering(each.vsn, direction) if there else None
            if there is None or entry is None or entry.ours or (name, each.vsn, direction) in found:
                continue
            own = [upgrades[other.number] for other in work if _same(other, each)]
            asked = Asked(there.existing.path, entry, name, each.vsn, direction, tuple(own))
            found[name, each.vsn, direction] = answers(helper, asked, wishes)
    return found


def _same(one: _Work, other: _Work) -> bool:
    return (one.application.name, one.vsn) == (other.application.name, other.vsn)


def _side(appup: AppupText, direction: Direction) -> Side:
    return appup.up if direction == "up" else appup.down


def _instructions(work: _Work, direction: Direction) -> tuple[Instruction, ...]:
    return work.written.up if direction == "up" else work.written.down


def _common_ground(work: Sequence[_Work], kept: _Kept, number: int, direction: Direction) -> frozenset[str]:
    """The modules in that upgrade on which those of other applications may depend.

    systools refuses a dependency on a module without an instruction, so an entry that a person wrote and may change
    again is left out.
    """
    found: frozenset[str] = frozenset()
    for each in work:
        answer = kept.get((each.application.name, each.vsn, direction))
        own = _instructions(each, direction)
        if each.number == number and not is_alone(own) and (answer is None or not answer.stays):
            found |= modules_in(own)
    return found


def _depending(work: _Work, direction: Direction, ground: frozenset[str]) -> tuple[Instruction, ...]:
    """The instructions with the dependencies that hold in a relup."""
    own = _instructions(work, direction)
    allowed = modules_in(own) | (frozenset() if is_alone(own) else ground)
    return tuple(restricted(each, allowed) for each in own)


def _settled(
    work: Sequence[_Work],
    upgrades: Sequence[Upgrade],
    appups: Mapping[str, _There | None],
    kept: _Kept,
) -> dict[tuple[str, str, Direction], tuple[tuple[Term, ...], Fate]]:
    """The instructions of each application, old version and direction, and what becomes of the entry."""
    found = {}
    for direction in _BOTH:
        ground = [_common_ground(work, kept, number, direction) for number in range(len(upgrades))]
        for each in work:
            key = (each.application.name, each.vsn, direction)
            if key in found:
                continue
            same = [other for other in work if _same(other, each)]
            made = common([_depending(other, direction, ground[other.number]) for other in same])
            if made is None:
                one, other = upgrades[same[0].number], upgrades[same[1].number]
                raise Refused(unlike(each.application.name, each.vsn, one, other))
            terms = tuple(map(term_of, made))
            found[key] = _fate(terms, each, appups[each.application.name], kept.get(key), direction)
    return found


def _fate(
    terms: tuple[Term, ...], work: _Work, there: _There | None, answer: Answer | None, direction: Direction
) -> tuple[tuple[Term, ...], Fate]:
    entry = there.answering(work.vsn, direction) if there else None
    if entry is not None and (entry.key, entry.instructions) == (vsn_term(work.vsn), list(terms)):
        return terms, "unchanged"
    if answer is not None and answer.stays:
        kept = answer.entry.instructions
        return tuple(kept) if isinstance(kept, list) else (), "kept"
    return terms, "written"


def _draft(
    application: Application,
    there: _There | None,
    settled: Mapping[tuple[str, str, Direction], tuple[tuple[Term, ...], Fate]],
) -> Draft:
    name = application.name
    vsns = list(dict.fromkeys(vsn for owner, vsn, _ in settled if owner == name))
    scripts = []
    for vsn in vsns:
        (up, up_fate), (down, down_fate) = (settled[name, vsn, direction] for direction in _BOTH)
        scripts.append(Script(vsn, up, down, up_fate, down_fate))
    if there is None:
        entries = ([entry_text(vsn, settled[name, vsn, direction][0]) for vsn in vsns] for direction in _BOTH)
        return Draft(application, None, file_text(application.vsn, *entries), tuple(scripts))
    up_wanted, down_wanted = (
        {
            vsn: settled[name, vsn, direction][0]
            for vsn in vsns
            if _to_write(there, settled[name, vsn, direction][1], vsn, direction)
        }
        for direction in _BOTH
    )
    text = merged(there.appup, application.vsn, up_wanted, down_wanted, there.fits)
    return Draft(application, there.existing.current, text, tuple(scripts))


def _to_write(there: _There, fate: Fate, vsn: str, direction: Direction) -> bool:
    """Whether the entry is given to the text: one of ours is, since without that it is taken for one that is stale."""
    entry = there.answering(vsn, direction)
    return fate == "written" or (fate == "unchanged" and entry is not None and entry.ours)


def _left_over(draft: Draft, there: _There | None) -> list[Diagnostic]:
    """A warning of entries that stay and were written for another new version."""
    if there is None or there.appup.vsn == draft.application.vsn:
        return []
    entries: list[Entry] = []
    for direction in _BOTH:
        side = _side(there.appup, direction)
        answering = [there.answering(script.vsn, direction) for script in draft.scripts]
        entries += [each for each in side.entries if not each.ours and each not in answering]
    if not entries:
        return []
    return [of_others(there.existing.path, there.appup.vsn, draft.application, entries)]
