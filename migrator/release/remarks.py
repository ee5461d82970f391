"""What is to be said of the appups of a release, as diagnostics."""

from __future__ import annotations

from typing import TYPE_CHECKING

from migrator.diagnostics import CATALOGUE, Diagnostic
from migrator.render.appup import spaced, vsn_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from migrator.release.covering import Lack
    from migrator.release.drafts import Upgrade
    from migrator.release.merging import Entry
    from migrator.release.model import Application

_LISTED = 5


def without_app(application: str, place: str) -> Diagnostic:
    """That an application has no version, since nothing says it."""
    return Diagnostic(
        CATALOGUE["M162"],
        f"{application or place} changed, and no .app file says what its vsn is",
        "an appup leads from one vsn to another: systools could not use it",
        place,
        (f"ls {place}   # NAME.app is missing there",),
    )


def unlike(application: str, vsn: str, one: Upgrade, other: Upgrade) -> Diagnostic:
    """That two old releases have an application in the same version with other code."""
    return Diagnostic(
        CATALOGUE["M142"],
        f"{application} {vsn} is not the same in {one.old.given} and {other.old.given}",
        "one appup would have to lead from both, and systools tells them apart by their vsn alone",
        str(other.old.given),
        ("run the command for each old release by itself, with -o DIR",),
    )


def left_out(path: str, entry: Entry, direction: str, found: Sequence[Lack]) -> Diagnostic:
    """That an entry of a person's leaves something out, and must be mended or replaced."""
    return Diagnostic(
        CATALOGUE["M313"],
        f"the entry for {spaced(entry.key)} ({direction}) was written by hand, and {_lacking(found)}",
        _consequence(found),
        f"{path}:{entry.line}",
        (
            *(f"{_mended(each)}   % add it to the entry" for each in found[:_LISTED]),
            "migrator appup --prefer generated OLD NEW     # writes the entry anew",
            "migrator appup --prefer handwritten OLD NEW   # leaves it as it is",
        ),
        module=found[0].module,
    )


def kept(path: str, entry: Entry, direction: str, found: Sequence[Lack]) -> Diagnostic:
    """That such an entry stays, since a person said so."""
    return Diagnostic(
        CATALOGUE["M427"],
        f"the entry for {spaced(entry.key)} ({direction}) stays as it was written by hand, and {_lacking(found)}",
        _consequence(found),
        f"{path}:{entry.line}",
        tuple(f"{_mended(each)}   % add it to the entry" for each in found[:_LISTED]),
        module=found[0].module,
    )


def overruled(path: str, entry: Entry, vsn: str, direction: str, found: Sequence[Lack]) -> Diagnostic:
    """That an entry of ours stands before a regular expression that would have answered."""
    return Diagnostic(
        CATALOGUE["M518"],
        f"an entry for {vsn_text(vsn)} ({direction}) stands before {spaced(entry.key)} now, which {_lacking(found)}",
        "systools takes the first entry that fits; what the other one does besides is not done from that version",
        f"{path}:{entry.line}",
        ("migrator appup --prefer handwritten OLD NEW   # leaves the other one to answer",),
        module=found[0].module,
    )


def of_others(path: str, before: str, application: Application, entries: Sequence[Entry]) -> Diagnostic:
    """That entries which were written for another new version stay."""
    keys = ", ".join(dict.fromkeys(spaced(each.key) for each in entries))
    return Diagnostic(
        CATALOGUE["M428"],
        f"{path} led to {before}, and leads to {application.vsn} now; its other entries stay: {keys}",
        f"nobody has looked at what they leave out of the way to {application.vsn}",
        f"{path}:{entries[0].line}",
        (
            "migrator appup THAT_OLD OLD NEW   # gives that release as a further OLD",
            f"or take the entries out of {path}",
        ),
    )


def other_releases(upgrade: Upgrade) -> tuple[Diagnostic, ...]:
    """Which applications only one release has: systools adds and removes them by itself."""
    said = []
    for names, what, instruction in (
        (upgrade.added, "new in NEW", "add_application"),
        (upgrade.removed, "gone from NEW", "remove_application"),
    ):
        if names:
            said.append(
                Diagnostic(
                    CATALOGUE["M517"],
                    f"{what}, and in no appup: {', '.join(names)}",
                    f"systools writes {{{instruction}, …}} into the relup by itself, from the two .rel files",
                    str(upgrade.old.given),
                )
            )
    return tuple(said)


def _lacking(found: Sequence[Lack]) -> str:
    absent = [each.module for each in found if each.gap == "absent"]
    states = [each.module for each in found if each.gap == "unconverted"]
    parts = []
    if absent:
        parts.append(f"does not name {_names(absent)}")
    if states:
        parts.append(f"does not convert the state of {_names(states)}")
    return " and ".join(parts)


def _names(modules: Sequence[str]) -> str:
    more = f" and {len(modules) - _LISTED} more" if len(modules) > _LISTED else ""
    return ", ".join(modules[:_LISTED]) + more


def _consequence(found: Sequence[Lack]) -> str:
    if any(each.gap == "unconverted" for each in found):
        return "release_handler would call the upgrade a success, with old states under new code"
    return "release_handler would call the upgrade a success, with the old code of these modules still running"


def _mended(lack: Lack) -> str:
    return spaced(lack.needed)
