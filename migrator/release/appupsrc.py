"""Reads what people wrote for appups: `APP.appup.src`, and `APP.appup.pre.src` and `APP.appup.post.src` around it.

The conventions are those of rebar3's appup plugin of 2016, so that its users can bring their files. Each file is a
template (`{{vsn}}`), then a script, whose last value counts. It may call the code of the new release, so it runs in a
node of its own, under a time limit.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from migrator import otp
from migrator.diagnostics import CATALOGUE, Diagnostic, Refused
from migrator.errors import EnvironmentFault, HelperFault
from migrator.release.patterns import fits_in
from migrator.release.written import Around, Prescribed, Sources
from migrator.terms import Atom, path_bytes, term_text, text_of
from migrator.termtext import parse_terms, text_in

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from migrator.release.model import Application, Release
    from migrator.release.reach import Fits
    from migrator.terms import Term

_SECONDS = 30.0
# As in mustache; with three braces nothing would be escaped, and nothing is with two.
_VARIABLE = re.compile(r"\{\{\{\s*([a-z_]+)\s*\}\}\}|\{\{\s*([a-z_]+)\s*\}\}")


def sources_of(application: Application, others: Sequence[Application], more: Sequence[Path] = ()) -> Sources:
    """The files that are written for an application.

    Those for a dependency may lie in the application that needs them to change: they count before its own.

    Args:
        application: its `src` is looked for beside its `ebin`, and files in the `ebin` count too.
        others: the other applications of the release.
        more: further folders, such as the `src` of a project.

    Raises:
        Refused: two other applications have one for it (M145).
    """
    places = [each for other in others if other.ebin != application.ebin for each in _places(other)]
    ours = [*more, *_places(application)]

    def one(ending: str) -> Path | None:
        name = f"{application.name}.appup{ending}"
        elsewhere = _there(places, name)
        if len(elsewhere) > 1:
            raise Refused(_two(application.name, elsewhere))
        return next(iter([*elsewhere, *_there(ours, name)]), None)

    return Sources(one(".src"), one(".pre.src"), one(".post.src"))


def _places(application: Application) -> tuple[Path, ...]:
    # `_build/default/lib/APP/ebin` can be a link, and its `src` stands beside what it leads to.
    homes = dict.fromkeys((application.ebin.parent, application.ebin.resolve().parent))
    return (*(home / "src" for home in homes), application.ebin)


def _there(places: Sequence[Path], name: str) -> list[Path]:
    """The files of that name, each once, by the first of the ways that lead to it."""
    found: dict[Path, Path] = {}
    for place in places:
        if (place / name).is_file():
            found.setdefault((place / name).resolve(), place / name)
    return list(found.values())


def prescribed(
    erl: Path,
    old: Release,
    new: Release,
    more: Sequence[Path] = (),
    variables: Mapping[str, str] | None = None,
) -> tuple[Prescribed, ...]:
    """What is written for each application that both releases have in other versions, as it comes out between the two.

    Applications for which nothing is written are left out. No Erlang is started where that is so for all.

    Args:
        erl: as `otp.find_erl` gives it.
        old: the release to come from.
        new: the release to come to; its code may be called by the scripts.
        more: further folders where the files may lie.
        variables: further variables of the templates, by name.

    Raises:
        Refused: two files for one application (M145).
        InputFault: a file cannot be read.
        EnvironmentFault: there is no Erlang.
    """
    found = [(each, sources_of(each, new.applications, more)) for each in new.applications if _changed(old, each)]
    path = tuple(each.ebin for each in new.applications)
    return tuple(
        _prescribed(_Run(erl, path, _values(old, new, application) | dict(variables or {})), sources)
        for application, sources in found
        if sources != Sources()
    )


def _changed(old: Release, application: Application) -> bool:
    before = old.application(application.name)
    return before is not None and before.vsn != application.vsn


@dataclass(frozen=True, slots=True)
class _Run:
    """What the scripts of one application are run with."""

    erl: Path
    path: tuple[Path, ...]
    variables: dict[str, str]


def _values(old: Release, new: Release, application: Application) -> dict[str, str]:
    before = old.application(application.name)
    return {
        "vsn": application.vsn,
        "old_vsn": before.vsn if before else "",
        "app": application.name,
        "release_vsn": new.vsn,
        "release_old_vsn": old.vsn,
    }


def _prescribed(run: _Run, sources: Sources) -> Prescribed:
    said: list[Diagnostic] = []
    appup = _appup(run, sources.appup, said) if sources.appup else None
    before = _fragment(run, sources.pre, said) if sources.pre else Around()
    after = _fragment(run, sources.post, said) if sources.post else Around()
    return Prescribed(run.variables["app"], sources, appup, before, after, tuple(said))


def _appup(run: _Run, source: Path, said: list[Diagnostic]) -> str | None:
    try:
        text, (vsn, _, _) = _evaluated(run, source)
    except Refused as refused:
        said.extend(refused.diagnostics)
        return None
    wanted = run.variables["vsn"]
    if text_of(vsn) != wanted:
        said.append(
            Diagnostic(
                CATALOGUE["M434"],
                f"{source} is for version {text_of(vsn)}, and {run.variables['app']} is {wanted}",
                "it is left out: the appup is made without it",
                str(source),
                ('{"{{vsn}}", [UpFrom], [DownTo]}.   % is for every version',),
            )
        )
        return None
    return f"{text}.\n"


def _fragment(run: _Run, source: Path, said: list[Diagnostic]) -> Around:
    try:
        _, (pattern, ups, downs) = _evaluated(run, source)
    except Refused as refused:
        said.extend(refused.diagnostics)
        return Around()
    old, new = run.variables["old_vsn"], run.variables["vsn"]
    # The node that ran the script may be anything by now.
    with otp.start(run.erl) as node:
        fits = fits_in(node, str(source))
        try:
            fit = version_matches(pattern, new, fits)
            around = Around(_matching(ups, old, fits), _matching(downs, old, fits)) if fit else Around()
        except Refused as refused:
            said.extend(refused.diagnostics)
            return Around()
    if not fit:
        said.append(_fits_nothing(source, f"is for {term_text(pattern)}, and {run.variables['app']} is {new}"))
        return Around()
    if around == Around():
        said.append(_fits_nothing(source, f"has no instruction for {run.variables['app']} {old}"))
    return around


def _matching(entries: Term, vsn: str, fits: Fits) -> tuple[Term, ...]:
    """The instructions of every entry that is for that version, in their order."""
    found: list[Term] = []
    for entry in entries if isinstance(entries, list) else []:
        match entry:
            case (pattern, list(instructions)) if version_matches(pattern, vsn, fits):
                found.extend(instructions)
    return tuple(found)


def version_matches(pattern: Term, vsn: str, fits: Fits) -> bool:
    """Whether a pattern in a fragment is for that version.

    A string is matched part by part, and `*` is any part, the last ones may be missing: `"1.*"` and `"1"` are for
    `1.0.34`. A binary is a regular expression for the whole of it, as in an appup; `fits` tries it.
    """
    text = text_of(pattern)
    if text is None:
        return False
    if isinstance(pattern, bytes):
        return fits(pattern, vsn)
    # As the plugin has it: what stands between two dots, and nothing between them is nothing.
    wanted = [part for part in text.split(".") if part]
    parts = [part for part in vsn.split(".") if part]
    return len(wanted) <= len(parts) and all(
        one in {"*", other} for one, other in zip(wanted, parts[: len(wanted)], strict=True)
    )


def _fits_nothing(source: Path, why: str) -> Diagnostic:
    return Diagnostic(
        CATALOGUE["M434"],
        f"{source} {why}",
        "its instructions are left out of the appup",
        str(source),
        ('{".*", [{".*", [INSTRUCTION]}], [{".*", [INSTRUCTION]}]}.   % is for all versions',),
    )


def _evaluated(run: _Run, source: Path) -> tuple[str, tuple[Term, Term, Term]]:
    """The text of what a script comes to, and its three parts.

    Raises:
        Refused: it cannot be evaluated (M144), or comes to something else (M145).
    """
    filled = _filled(text_in(source), run.variables, source)
    text = _answer(run, filled, source)
    try:
        terms = parse_terms(f"{text}.", str(source))
    except Refused:
        terms = ()
    match [each.term for each in terms]:
        case [(vsn, list(ups), list(downs))] if text_of(vsn):
            return text, (vsn, ups, downs)
    raise Refused(
        Diagnostic(
            CATALOGUE["M145"],
            f"{source} comes to no appup: {text[:200]}",
            "no relup can be made of it",
            str(source),
            ('{"{{vsn}}", [{"1.0", [{load_module, m}]}], [{"1.0", [{load_module, m}]}]}.',),
        )
    )


def _answer(run: _Run, script: str, source: Path) -> str:
    bindings: list[Term] = [
        (b"App", Atom(run.variables["app"])),
        (b"Vsn", run.variables["vsn"].encode()),
        (b"OldVsn", run.variables["old_vsn"].encode()),
        (b"SCRIPT", path_bytes(source.absolute())),
    ]
    path: list[Term] = [path_bytes(each.absolute()) for each in run.path]
    try:
        with otp.start(run.erl) as node:
            answer = node.call((Atom("script"), script.encode(), path, bindings), _SECONDS)
    except HelperFault as fault:
        why = f"it ran for more than {_SECONDS:.0f} s" if fault.kind == "deadline" else fault.text
        raise Refused(_failed(source, 0, why)) from fault
    except EnvironmentFault as fault:
        if fault.reason != "died":
            raise
        raise Refused(_failed(source, 0, "the Erlang that ran it ended")) from fault
    match answer:
        case (Atom("ok"), text):
            return text_of(text) or ""
        case (Atom("error"), int(line), said):
            raise Refused(_failed(source, line, text_of(said) or ""))
    raise AssertionError(answer)


def _filled(template: str, variables: Mapping[str, str], source: Path) -> str:
    """The template with its variables filled in; what stands in a comment may be anything.

    Raises:
        Refused: it has a variable that nobody knows (M144).
    """

    def value(found: re.Match[str]) -> str:
        line = template.count("\n", 0, found.start()) + 1
        known = variables.get(found[1] or found[2])
        if known is not None:
            return known
        if "%" in template[template.rfind("\n", 0, found.start()) + 1 : found.start()]:
            return found[0]
        why = f"{found[0]} is no variable of ours: known are {', '.join(sorted(variables))}"
        raise Refused(_failed(source, line, why))

    return _VARIABLE.sub(value, template)


def _failed(source: Path, line: int, why: str) -> Diagnostic:
    return Diagnostic(
        CATALOGUE["M144"],
        f"{source} cannot be evaluated: {why}",
        "no appup comes of it, and nothing was written",
        f"{source}:{line}" if line else str(source),
        ("bound are App, Vsn, OldVsn and SCRIPT; a tuple in a tuple is written { {a} }",),
    )


def _two(name: str, found: Sequence[Path]) -> Diagnostic:
    return Diagnostic(
        CATALOGUE["M145"],
        f"{name} has two written appups: {' and '.join(map(str, found))}",
        "it cannot be told which of them is meant",
        str(found[0]),
        (f"rm {found[1]}",),
    )
