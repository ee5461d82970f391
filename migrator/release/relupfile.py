"""Reads a `relup`: what `release_handler` would do from one version of a release to another, and back; see relup(4)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from migrator.diagnostics import CATALOGUE, Diagnostic, Refused
from migrator.terms import Atom, text_of
from migrator.termtext import read_terms

if TYPE_CHECKING:
    from collections.abc import Iterator

    from migrator.release.model import Release
    from migrator.terms import Term


@dataclass(frozen=True, slots=True)
class Script:
    """The instructions of one direction."""

    instructions: tuple[Term, ...]

    @property
    def converted(self) -> frozenset[str]:
        """The modules for which it calls `code_change`."""
        found: set[str] = set()
        for each in self.instructions:
            match each:
                case (Atom("code_change"), list(pairs)) | (Atom("code_change"), _, list(pairs)):
                    found.update(_modules(pairs))
        return frozenset(found)

    @property
    def started(self) -> frozenset[str]:
        """The applications that it starts."""
        found = set()
        for each in self.instructions:
            match each:
                case (Atom("apply"), (Atom("application"), Atom("start"), [Atom(name), *_])):
                    found.add(name)
        return frozenset(found)

    @property
    def restarts(self) -> str | None:
        """The instruction that ends the emulator, with all that its processes know; None where there is none."""
        names = [each.name for each in self.instructions if isinstance(each, Atom)]
        return next((name for name in names if name.startswith("restart_")), None)


def _modules(pairs: list[Term]) -> Iterator[str]:
    for pair in pairs:
        match pair:
            case (Atom(module), *_):
                yield module


@dataclass(frozen=True, slots=True)
class Relup:
    """Both directions between two versions; `down` is None where there is no way back."""

    up: Script
    down: Script | None


def read_relup(old: Release, new: Release) -> Relup:
    """What the new release's relup says of the old version.

    Raises:
        Refused: there is none (M178), or none from that version (M179); it holds no terms (M140).
    """
    path = new.root / "releases" / new.vsn / "relup"
    if not path.is_file():
        raise Refused(_none(old, new))
    terms = [each.term for each in read_terms(path)]
    match terms:
        case [(_, list(ups), list(downs))]:
            up, down = _from(ups, old.vsn), _from(downs, old.vsn)
            if up is not None:
                return Relup(up, down)
            raise Refused(
                _other(old, new, [text_of(each[0]) or "?" for each in ups if isinstance(each, tuple) and each])
            )
    raise Refused(_none(old, new))


def _from(entries: list[Term], vsn: str) -> Script | None:
    for each in entries:
        if isinstance(each, tuple) and each and text_of(each[0]) == vsn and isinstance(each[-1], list):
            return Script(tuple(each[-1]))
    return None


def _none(old: Release, new: Release) -> Diagnostic:
    return Diagnostic(
        CATALOGUE["M178"],
        f"{new.given} has no relup: releases/{new.vsn}/relup is not there, or is none",
        "release_handler could not install it",
        str(new.given),
        (f"migrator appup {old.given} {new.given} && migrator relup {old.given} {new.given}",),
    )


def _other(old: Release, new: Release, known: list[str]) -> Diagnostic:
    has = f"it knows {', '.join(known)}" if known else "it knows no version"
    return Diagnostic(
        CATALOGUE["M179"],
        f"the relup of {new.given} knows no way from {old.vsn}: {has}",
        "release_handler could not install it over the old release",
        f"{new.given}: releases/{new.vsn}/relup",
        (f"migrator appup {old.given} {new.given} && migrator relup {old.given} {new.given}",),
    )
