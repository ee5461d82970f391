"""Whether systools would take the appups of a release, before they are written anywhere."""

from __future__ import annotations

import tempfile
from typing import TYPE_CHECKING

from migrator import otp
from migrator.errors import HelperFault
from migrator.release.systools import Asked, no_sasl, refusal, remark
from migrator.terms import Atom, path_bytes, text_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from migrator.diagnostics import Diagnostic
    from migrator.otp import Helper
    from migrator.release.model import Application, Release
    from migrator.terms import Term

_NONE = Atom("none")
_SECONDS = 120.0


def validate(erl: Path, old: Release, new: Release, appups: Mapping[str, str]) -> tuple[Diagnostic, ...]:
    """What systools has against these appups, up and down, by application; nothing where it takes all.

    It is asked with made-up releases, in a node of its own that loads none of their code: OLD and NEW may be releases,
    folders of applications, or a single `ebin`, and need no `.rel`.

    Args:
        erl: as `otp.find_erl` gives it; it must have the application sasl.
        old: the release from which the appups lead.
        new: the release that they belong to.
        appups: the text of each appup, by its application's name.

    Raises:
        EnvironmentFault: Erlang is not there, or cannot serve.
    """
    with otp.start(erl) as node:
        return validate_in(node, old, new, appups)


def validate_in(node: Helper, old: Release, new: Release, appups: Mapping[str, str]) -> tuple[Diagnostic, ...]:
    """As `validate`, in a node that runs already: any helper will do."""
    if not appups:
        return ()
    names = sorted({each.name for release in (old, new) for each in release.applications} | set(appups))
    wire: list[Term] = [
        (
            name.encode(),
            _version(old.application(name)),
            _version(new.application(name)),
            appups[name].encode() if name in appups else _NONE,
        )
        for name in names
    ]
    with tempfile.TemporaryDirectory(prefix="migrator-") as folder:
        try:
            facts = node.call((Atom("appups"), folder.encode(), wire), _SECONDS)
        except HelperFault as fault:
            if fault.kind != "no_sasl":
                raise
            return (no_sasl(str(new.given)),)
    return tuple(said for fact in _list(facts) if (said := _told(fact, old, new, appups)) is not None)


def _version(application: Application | None) -> Term:
    if application is None or not application.vsn:
        return _NONE
    return (
        application.vsn.encode(),
        path_bytes(application.app_file) if application.app_file else _NONE,
        [beam.module.encode() for beam in application.beams],
    )


def _told(fact: Term, old: Release, new: Release, appups: Mapping[str, str]) -> Diagnostic | None:
    match fact:
        case (application, Atom(direction), what):
            name = text_of(application) or "none"
            asked = asked_about("" if name == "none" else name, old, new, appups.get(name, ""))
            if isinstance(what, tuple) and what[0] == Atom("bad_vsn"):
                return remark(what, asked)
            return refusal(what, asked, direction)
        case _:
            return None


def asked_about(name: str, old: Release, new: Release, text: str) -> Asked:
    """The application of that name between two releases, `` for all of them."""
    before, after = old.application(name), new.application(name)
    if not name:
        return Asked("", "", "", old.vsn, new.vsn)
    place = shown(new, after.ebin / f"{name}.appup") if after else f"{name}.appup"
    return Asked(name, place, text, before.vsn if before else "", after.vsn if after else "")


def shown(release: Release, path: Path) -> str:
    """A file of a release as a person knows it: one in a tarball by the tarball's name, not by where it is unpacked."""
    if release.shape != "tarball" or release.root not in path.parents:
        return str(path)
    return f"{release.given}:{path.relative_to(release.root)}"


def _list(term: Term) -> list[Term]:
    return term if isinstance(term, list) else []
