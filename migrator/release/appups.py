"""Whether the appups of a release, or its relup, call `code_change` for the modules whose states changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from migrator.diagnostics import CATALOGUE, Diagnostic, Refused
from migrator.release.reach import Script, entry_for, no_pattern, reached, unreached, unreached_by
from migrator.terms import atom_text, text_of
from migrator.termtext import parse_terms, read_terms

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from migrator.release.model import Application
    from migrator.release.reach import Fits, Reached, Unreached, Way
    from migrator.terms import Term
    from migrator.termtext import Written

# The places of the two lists of entries.
UP, DOWN = 1, 2
_SIZE = 3
CHANGE = "{advanced, []}"

_MEANS: dict[Way, str] = {
    "suspended": "is updated without {advanced, _}: its processes keep their old state under the other code",
    "loaded": "is only loaded: its processes keep their old state under the other code",
    "deleted": "is deleted",
    "absent": "is not named: its processes go on with the code and the state that they have",
}


@dataclass(frozen=True, slots=True)
class Need:
    """An application of the new release, and those of its modules whose states changed since the version `vsn` of it.

    `vsn` is None where the old version is not known, as of a lock file: then any entry of the appup will do.
    """

    application: Application
    vsn: str | None
    modules: tuple[str, ...]

    @property
    def path(self) -> Path:
        """Where its appup is, or should be."""
        return self.application.ebin / f"{self.application.name}.appup"


def judged(need: Need, text: str, fits: Fits) -> tuple[Diagnostic, ...]:
    """What an appup of that text would leave unconverted; `fits` says which versions its regular expressions mean."""
    try:
        appup = appup_in(parse_terms(text, str(need.path)))
    except Refused as refused:
        return (_no_way(need, refused.diagnostics[0].message),)
    if appup is None:
        return (_no_way(need, f"{need.path} is no appup: it says no {{Vsn, UpFrom, DownTo}}"),)
    vsn = text_of(appup.parts[0].term)
    if vsn != need.application.vsn:
        return (_no_way(need, f"{need.path} is for the version {vsn}, and this is {need.application.vsn}"),)
    if need.vsn is None:
        return _in_any(need, appup)
    up, down = (entry_for(appup.parts[each].term, need.vsn, fits) for each in (UP, DOWN))
    if up is None or down is None:
        lacking = ("for" if down is None else "from") if up is None else "back to"
        return (_no_way(need, f"{need.path} has no entry {lacking} {need.vsn}"),)
    return _found(need, appup, unreached(up.instructions, down.instructions, pairs_of(need)))


def pairs_of(need: Need) -> list[tuple[str, str]]:
    """The modules, each with its application."""
    return [(module, need.application.name) for module in need.modules]


def _in_any(need: Need, appup: Written) -> tuple[Diagnostic, ...]:
    """Of an unknown old version: what no entry converts, each with the best that an entry does with it."""
    sides: dict[int, list[Reached]] = {
        side: [reached(each.parts[-1].term) for each in appup.parts[side].parts if each.parts] for side in (UP, DOWN)
    }
    return _found(need, appup, unreached_by(sides[UP], sides[DOWN], pairs_of(need)))


def appup_in(terms: Sequence[Written]) -> Written | None:
    """The `{Vsn, UpFrom, DownTo}` that a file of an appup or a relup has; None where it has something else."""
    if len(terms) == 1 and isinstance(terms[0].term, tuple) and len(terms[0].parts) == _SIZE:
        return terms[0]
    return None


def no_appups(needs: Sequence[Need]) -> Diagnostic:
    """That these applications have no appup at all."""
    names = list(dict.fromkeys(need.application.name for need in needs))
    modules = list(dict.fromkeys(module for need in needs for module in need.modules))
    return Diagnostic(
        CATALOGUE["M419"],
        f"{_few(names)} {'has' if len(names) == 1 else 'have'} no appup, and the states of {_few(modules)} changed",
        "no relup can be made without one: no process would be upgraded",
        str(needs[0].path),
        (_WRITE,),
    )


def no_relup(given: Path) -> Diagnostic:
    """That a tarball has neither a relup nor appups."""
    return _relup(str(given), f"{given} has no relup", ())


_WRITE = "migrator appup OLD NEW   # writes the entries that are missing"


def _no_way(need: Need, why: str) -> Diagnostic:
    return Diagnostic(
        CATALOGUE["M420"],
        f"{why}, and the states of {_few(need.modules)} changed",
        "no relup can be made of it",
        str(need.path),
        (_WRITE,),
    )


def _found(need: Need, appup: Written, left: Sequence[Unreached]) -> tuple[Diagnostic, ...]:
    if not left:
        return ()
    return (
        Diagnostic(
            CATALOGUE["M421"],
            f"{need.path.name} does not call code_change for {_sides(left)}",
            f"{left[0].module} {_MEANS[left[0].way]}",
            f"{need.path}:{appup.line}",
            (*_lines(left), "migrator hook --fix-appup OLD NEW   # does that"),
        ),
    )


def _sides(left: Sequence[Unreached]) -> str:
    up, down = ([each.module for each in left if each.direction == way] for way in ("up", "down"))
    if up == down:
        return _few(up)
    said = [f"{_few(names)} on the {word}" for names, word in ((up, "upgrade"), (down, "downgrade")) if names]
    return " and ".join(said)


def _lines(left: Sequence[Unreached]) -> tuple[str, ...]:
    names = list(dict.fromkeys(each.module for each in left))
    more = (f"% and so for {len(names) - 3} more",) if len(names) > 3 else ()  # noqa: PLR2004 - enough to see how
    return (*(f"{{update, {atom_text(name)}, {CHANGE}}}" for name in names[:3]), *more)


def _few(names: Sequence[str]) -> str:
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""  # noqa: PLR2004 - what fits a line
    return ", ".join(names[:3]) + more


def relup_judged(path: Path, old_vsn: str, needs: Sequence[Need], shown: str) -> tuple[Diagnostic, ...]:
    """What a release's relup would leave unconverted. Where the old version is not known, its only entry is looked at.

    Args:
        path: of the relup.
        old_vsn: of the old release.
        needs: of all applications.
        shown: what a person calls the relup's place.
    """
    try:
        relup = appup_in(read_terms(path))
    except Refused as refused:
        return (_relup(shown, refused.diagnostics[0].message, ()),)
    if relup is None:
        return (_relup(shown, f"{shown} is no relup", ()),)
    scripts = [_chosen(relup.parts[each].term, old_vsn) for each in (UP, DOWN)]
    if None in scripts:
        return (_relup(shown, f"{shown} has no way from {old_vsn or 'OLD'} and back", ()),)
    up, down = (None if each is None else each.instructions for each in scripts)
    left = unreached(up, down, [pair for need in needs for pair in pairs_of(need)])
    return (_relup(shown, f"the relup does not call code_change for {_sides(left)}", left),) if left else ()


def _chosen(entries: Term, vsn: str) -> Script | None:
    if vsn:
        return entry_for(entries, vsn, no_pattern)
    match entries:
        case [(version, *_, instructions)]:
            return Script(version, instructions, 0)
    return None


def _relup(shown: str, why: str, left: Sequence[Unreached]) -> Diagnostic:
    means = f"{left[0].module} {_MEANS[left[0].way]}" if left else "release_handler could not install the release"
    return Diagnostic(
        CATALOGUE["M422"],
        why,
        means,
        shown,
        (*_lines(left), "migrator appup OLD NEW && migrator relup OLD NEW   # then pack the release again"),
    )
