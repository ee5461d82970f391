"""Makes the relup between releases with OTP's systools, in a node that loads none of their code."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from migrator.diagnostics import CATALOGUE, Diagnostic, Refused
from migrator.errors import HelperFault
from migrator.release.match import matched, one_folder, same_versions
from migrator.release.relups import Relup, Script
from migrator.release.roots import root_of
from migrator.release.systools import Asked, no_sasl, refusal, remark
from migrator.release.validate import asked_about, shown, validate_in
from migrator.terms import Atom, path_bytes, text_of
from migrator.termtext import read_terms, text_in

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from migrator.otp import Helper
    from migrator.release.model import Application, Release
    from migrator.terms import Term

_SECONDS = 300.0


def make_relup(node: Helper, olds: Sequence[Release], new: Release, appups: Release | None = None) -> Relup:
    """The relup from each old release to the new one, and back.

    Args:
        node: a helper.
        olds: the releases to come from, each a release root or a tarball with its `.rel`.
        new: the release to come to, the same.
        appups: applications whose appups count in the place of those of the same version in `new`.

    Raises:
        Refused: it cannot be made; the diagnostics say why, those of all applications at once where that is possible.
        InputFault: a file of a release cannot be read.
        EnvironmentFault, ProtocolError: Erlang cannot serve.
    """
    rel, *rels = [rel_file(each) for each in (new, *olds)]
    _comparable(node, olds, new)
    given = _with_appups(new, appups)
    _all_have_appups(olds, new, given)
    path = [application.ebin for release in ([given, new, *olds]) for application in release.applications]
    request: Term = (Atom("relup"), _wire(rel), [_wire(each) for each in rels], [_wire(each) for each in path])
    answer = asked(node, request, new)
    asking = Asked("", "", "", ", ".join(each.vsn for each in olds), new.vsn)
    match answer:
        case (Atom("ok"), bytes(text), (_, list(scripts)), list(warnings)):
            made = tuple(map(_script, scripts))
            said = (*_other_versions(olds, given), *_remarks(warnings, asking), *_warnings(olds, new, made))
            return Relup(new.name, new.vsn, text, made, tuple(dict.fromkeys(said)))
        case (Atom("error"), fact):
            found = refusal(fact, asking, "both")
            # What is of no appup is of the release: its .rel says of what it is made.
            told = replace(found, place=found.place or shown(new, rel))
            raise Refused(*(_looked_for(node, olds, given) or (told,)))
    raise AssertionError(answer)


def rel_file(release: Release) -> Path:
    """The `.rel` of a release.

    Raises:
        Refused: it has none (M170).
    """
    root = root_of(release.root, release.vsn, release.given) if release.vsn else None
    if root is None:
        raise Refused(
            Diagnostic(
                CATALOGUE["M170"],
                f"{release.given} has no releases/VSN/NAME.rel: it is no release, but what one is made of",
                "which applications the release starts, and in what versions, is not known, and no relup can be made",
                str(release.given),
                ("_build/default/rel/NAME   # after rebar3 release; mix: _build/prod/rel/NAME",),
            )
        )
    return root.rel


def asked(node: Helper, request: Term, new: Release) -> Term:
    """What systools answers.

    Raises:
        Refused: the Erlang has no systools (M201).
        HelperFault: it is our own bug.
    """
    try:
        return node.call(request, _SECONDS)
    except HelperFault as fault:
        if fault.kind == "no_sasl":
            raise Refused(no_sasl(str(new.given))) from fault
        raise


def _comparable(node: Helper, olds: Sequence[Release], new: Release) -> None:
    found: list[Diagnostic] = []
    for number, old in enumerate(olds):
        folder = one_folder(old, new)
        if folder is not None:
            found.append(folder)
        elif old.vsn == new.vsn or old.vsn in {each.vsn for each in olds[:number]}:
            found.append(_same_vsn(old, new))
        else:
            found.extend(same_versions(matched(node, old, new)))
    if found:
        raise Refused(*dict.fromkeys(found))


def _same_vsn(old: Release, new: Release) -> Diagnostic:
    twice = f"and so is {new.given}" if old.vsn == new.vsn else "and so is another OLD"
    return Diagnostic(
        CATALOGUE["M142"],
        f"{old.given} is the release {old.name} {old.vsn}, {twice}",
        "release_handler knows releases by their versions: it would have nothing to install",
        str(old.given),
        ('{release, {NAME, "NEW_VERSION"}, [APP]}   % in relx, rebar.config',),
    )


def _with_appups(new: Release, appups: Release | None) -> Release:
    """The applications of NEW, those of `appups` of the same name and version in their place."""
    if appups is None:
        return new
    known = {(each.name, each.vsn): each for each in appups.applications if _appup(each).exists()}
    chosen = tuple(known.get((each.name, each.vsn), each) for each in new.applications)
    return replace(new, applications=chosen)


def _appup(application: Application) -> Path:
    return application.ebin / f"{application.name}.appup"


def _changed(olds: Sequence[Release], new: Release) -> Iterator[tuple[Release, Application]]:
    """Each application that an old release has in another version."""
    for old in olds:
        for after in new.applications:
            before = old.application(after.name)
            if before is not None and before.vsn != after.vsn:
                yield old, after


def _all_have_appups(olds: Sequence[Release], new: Release, given: Release) -> None:
    """Systools tells of the first one only.

    Raises:
        Refused: changed applications have no appup (M171).
    """
    missing = {
        after.name: refusal((Atom("no_appup"), b""), asked_about(after.name, old, given, ""), "both")
        for old, after in _changed(olds, given)
        if not _appup(after).exists()
    }
    if not missing:
        return
    first = next(iter(missing.values()))
    more: tuple[str, ...] = ()
    if new.shape == "tarball":
        more = ("migrator relup OLD NEW --appups _build/default/lib   # a tarball of relx holds no appups",)
    raise Refused(
        Diagnostic(first.kind, first.message, first.consequence, first.place, (*first.help, *more)),
        *list(missing.values())[1:],
    )


def _looked_for(node: Helper, olds: Sequence[Release], given: Release) -> tuple[Diagnostic, ...]:
    """What systools has against each appup; it tells of the first only, and not in which one it is."""
    texts = {after.name: text_in(_appup(after)) for _, after in _changed(olds, given)}
    found = (each for old in olds for each in validate_in(node, old, given, texts) if each.kind.exit)
    return tuple(dict.fromkeys(found))


def _other_versions(olds: Sequence[Release], given: Release) -> Iterator[Diagnostic]:
    """Of each appup that is for another version of its application; systools does not say which one it is."""
    for old, after in _changed(olds, given):
        match [each.term for each in read_terms(_appup(after))]:
            case [(vsn, *_), *_] if text_of(vsn) != after.vsn:
                fact = (Atom("bad_vsn"), vsn, after.vsn.encode())
                yield from _remarks([fact], asked_about(after.name, old, given, ""))


def _remarks(warnings: Sequence[Term], asking: Asked) -> Iterator[Diagnostic]:
    for warning in warnings:
        # Which appup it is can be told better.
        known = not asking.application and isinstance(warning, tuple) and warning[0] == Atom("bad_vsn")
        said = None if known else remark(warning, asking)
        if said is not None:
            yield said


def _script(term: Term) -> Script:
    match term:
        case (Atom("up" | "down" as direction), vsn, list(instructions)):
            return Script(
                "up" if direction == "up" else "down",
                text_of(vsn) or "",
                tuple(text_of(each) or "" for each in instructions),
            )
    raise AssertionError(term)


def _warnings(olds: Sequence[Release], new: Release, scripts: Sequence[Script]) -> Iterator[Diagnostic]:
    erts = {old.vsn: old.erts for old in olds}
    for script in scripts:
        way = f"from {script.vsn} to {new.vsn}" if script.direction == "up" else f"from {new.vsn} to {script.vsn}"
        if script.restarts:
            before = erts[script.vsn]
            why = f": ERTS is {before} in {script.vsn} and {new.erts} in {new.vsn}" if before != new.erts else ""
            yield Diagnostic(
                CATALOGUE["M431"],
                f"the way {way} restarts the emulator{why}",
                "no process and no connection lives through it, and no state is converted",
                str(new.given),
                (f"build {new.vsn} with the OTP that built {script.vsn}, and it stays a hot upgrade",)
                if why
                else ("take the restart out of the appup",),
            )
        if script.empty and script.direction == "up":
            yield Diagnostic(
                CATALOGUE["M433"],
                f"the way {way} does nothing: no application has another version",
                "release_handler would install it and load no code",
                str(new.given),
                ('{vsn, "NEW_VERSION"}   % in the .app.src of each application that changed',),
            )


def _wire(path: Path) -> bytes:
    return path_bytes(path.absolute())
