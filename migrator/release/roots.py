"""Reads what a release root says of its versions: `releases/VSN/NAME.rel`, as relx, mix and OTP leave it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from migrator.diagnostics import CATALOGUE, Diagnostic, Refused
from migrator.errors import InputFault
from migrator.terms import Atom, text_of

if TYPE_CHECKING:
    from pathlib import Path

    from migrator.terms import Term


@dataclass(frozen=True, slots=True)
class Root:
    """One version in a release root, as its `.rel` says: see rel(4). `applications` are names and versions."""

    name: str
    vsn: str
    erts: str
    applications: tuple[tuple[str, str], ...]
    rel: Path


def versions_of(folder: Path) -> tuple[Root, ...]:
    """The versions in a release root, by their folders' names; none where the folder is no release root."""
    found: list[Root] = []
    for path in sorted(folder.glob("releases/*/*.rel")):
        root = _read(path)
        # A release handler's copy may stand beside it under another name.
        if root is not None and all(each.vsn != root.vsn for each in found):
            found.append(root)
    return tuple(found)


def _read(path: Path) -> Root | None:
    from migrator.termtext import read_terms  # noqa: PLC0415 - lark takes a while to import, and few runs need it

    try:
        terms = [each.term for each in read_terms(path)]
    except (InputFault, Refused):
        return None
    match terms:
        case [(Atom("release"), (list() as name, list() as vsn), (Atom("erts"), list() as erts), list(applications))]:
            pairs = tuple(pair for each in applications if (pair := _application(each)) is not None)
            return Root(text_of(name) or "", text_of(vsn) or "", text_of(erts) or "", pairs, path)
    return None


def _application(term: Term) -> tuple[str, str] | None:
    match term:
        case (Atom(name), list() as vsn, *_):
            return name, text_of(vsn) or ""
    return None


def root_of(folder: Path, wanted: str | None, given: Path) -> Root | None:
    """The version that is meant: the one that is named, or the only one. None where nothing tells of versions.

    Raises:
        Refused: there are several and none is named (M147), or not the one that is named (M148).
    """
    found = versions_of(folder)
    if wanted is not None:
        for each in found:
            if each.vsn == wanted:
                return each
        raise Refused(_no_version(folder, wanted, found))
    if len(found) > 1:
        raise Refused(_several(given, found))
    return found[0] if found else None


def _several(given: Path, found: tuple[Root, ...]) -> Diagnostic:
    return Diagnostic(
        CATALOGUE["M147"],
        f"{given} holds the releases {', '.join(each.vsn for each in found)}, and none of them is named",
        "it cannot be told which of them is meant",
        str(given),
        tuple(f"{given}@{each.vsn}" for each in found),
    )


def _no_version(folder: Path, wanted: str, found: tuple[Root, ...]) -> Diagnostic:
    known = ", ".join(each.vsn for each in found)
    holds = f"; it holds {known}" if found else ": it has no releases/VSN/NAME.rel"
    return Diagnostic(
        CATALOGUE["M148"],
        f"{folder} holds no release {wanted}{holds}",
        "there is no such version to work on",
        str(folder),
        tuple(f"{folder}@{each.vsn}" for each in found) or (str(folder),),
    )
