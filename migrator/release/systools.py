"""What OTP's systools has against an appup or a release, as diagnostics in our own words."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from migrator.diagnostics import CATALOGUE, Diagnostic
from migrator.terms import Atom, atom_text, text_of

if TYPE_CHECKING:
    from migrator.terms import Term

_NOTHING = "no relup can be made, and release_handler installs nothing without one"

# kind of a wrong instruction: what is wrong with it, and what to write
_INSTRUCTIONS = {
    "bad_instruction": ("{what} is no instruction of an appup", "{{load_module, M}}, {{update, M, {{advanced, []}}}}, … (man 4 appup)"),  # noqa: E501 - a table
    "no_such_module": ("names {what}, which the .app does not list", "add {what} to modules in the .app, or take it out of the appup"),  # noqa: E501 - a table
    "undef_module": ("depends on {what}, for which the release has no instruction", "take {what} out of the list of dependencies, or add {{load_module, {what}}}"),  # noqa: E501 - a table
    "muldef_module": ("has two instructions for {what}", "leave one instruction for {what}"),
    "suspended_not_resumed": ("suspends {what} and does not resume it", "add {{resume, {what}}} after the load"),
    "resumed_not_suspended": ("resumes {what}, which it did not suspend", "add {{suspend, {what}}} before the load"),
    "code_change_not_suspended": ("changes the code of {what}, which it did not suspend", "add {{suspend, {what}}} before it, or use {{update, M, {{advanced, []}}}}"),  # noqa: E501 - a table
    "start_not_stop": ("starts {what}, which it did not stop", "add {{stop, {what}}} before it"),
    "stop_not_start": ("stops {what} and does not start it again", "add {{start, {what}}} after it"),
    "no_object_code": ("loads {what} without its object code", "add {{load_object_code, {{A, V, [{what}]}}}} first"),
    "no_such_application": ("names the application {what}, which the release does not have", "add {what} to the release, or take it out of the appup"),  # noqa: E501 - a table
    "removed_application_present": ("removes the application {what}, which the release still has", "take {what} out of the release, or out of the appup"),  # noqa: E501 - a table
    "bad_op_before_point_of_no_return": ("has {what} before point_of_no_return, where only load_object_code and apply may stand", "move point_of_no_return before it"),  # noqa: E501 - a table
}  # fmt: skip
_PLAIN = ("{said}", "see man 4 appup")


@dataclass(frozen=True, slots=True)
class Asked:
    """What systools was asked about.

    `application` is `` where it was all of them; `appup` where its appup stands or would stand, and `text` what is in
    it, as far as that is known; `old` and `new` are versions, of the application or else of the release.
    """

    application: str
    appup: str
    text: str
    old: str
    new: str


def refusal(fact: Term, asked: Asked, direction: str) -> Diagnostic:
    """The diagnostic for what systools could not do; `direction` is up, down or both."""
    match fact:
        case (Atom("appup_parse" | "appup_shape" | "entry_shape"), *_):
            return _no_appup_at_all(fact, asked)
        case (Atom("no_appup"), file):
            return _missing(asked.appup or _text(file), asked)
        case (Atom("no_entry"), file, vsn):
            return _no_entry(_text(file), _text(vsn), asked, direction)
        case (Atom("instruction"), Atom(kind), what, said):
            return _instruction(kind, _text(what), _text(said), asked, direction)
        case (Atom("no_instruction"), Atom(kind), what, said):
            return _instruction(kind, _text(what), _text(said), asked, direction)
        case (Atom("tar"), said):
            return Diagnostic(
                CATALOGUE["M146"],
                f"no tarball can be made: {_text(said)}",
                "nothing was written",
                asked.appup,
                ("rebar3 release   # build the release again, whole; then: migrator relup --tar OLD NEW",),
            )
        case _:
            return _release(fact, asked)


def remark(fact: Term, asked: Asked) -> Diagnostic | None:
    """The diagnostic for a warning of systools, or None for one that is told elsewhere: a changed ERTS."""
    match fact:
        case (Atom("bad_vsn"), said, is_):
            return Diagnostic(
                CATALOGUE["M430"],
                f"{asked.appup or 'an appup'} is for version {_text(said)}, and the application is {_text(is_)}",
                "systools uses it all the same: it may be the appup of another version",
                asked.appup,
                (f'{{"{_text(is_)}", [UpFrom], [DownTo]}}.',),
            )
        case (Atom("other"), said):
            return Diagnostic(
                CATALOGUE["M432"],
                f"systools warns: {_text(said)}",
                "the relup was made all the same",
                asked.appup,
                ("look at it before the release goes out",),
            )
        case _:
            return None


def no_sasl(place: str) -> Diagnostic:
    """That the chosen Erlang cannot be asked."""
    return Diagnostic(
        CATALOGUE["M201"],
        "this Erlang has no application sasl, and with it no systools",
        "neither appups nor relups can be checked or made",
        place,
        ("apt-get install erlang-base   # or: --erl PATH, or MIGRATOR_ERL=PATH",),
    )


def _no_appup_at_all(fact: Term, asked: Asked) -> Diagnostic:
    place, line, why = asked.appup, 0, "it must be {Vsn, [{UpFromVsn, [Instruction]}], [{DownToVsn, [Instruction]}]}"
    match fact:
        case (_, file, int(number), said):
            place, line, why = asked.appup or _text(file), number, _text(said)
        case (Atom("entry_shape"), _, entry):
            why = f"{_text(entry)} is no {{Vsn, [Instruction]}}: Vsn is a string, or a regular expression in a binary"
            line = _line_of(asked.text, _text(entry))
        case (_, file):
            place = asked.appup or _text(file)
    return Diagnostic(
        CATALOGUE["M143"],
        f"{place} is no appup: {why}",
        _NOTHING,
        f"{place}:{line}" if line else place,
        ('{"2.0", [{"1.0", [{load_module, m}]}], [{"1.0", [{load_module, m}]}]}.',),
    )


def _missing(file: str, asked: Asked) -> Diagnostic:
    application = asked.application or Path(file).stem
    return Diagnostic(
        CATALOGUE["M171"],
        f"{application} changed{_versions(asked)}, and it has no appup: {file} is not there",
        _NOTHING,
        file,
        ("migrator appup OLD NEW",),
    )


def _no_entry(file: str, vsn: str, asked: Asked, direction: str) -> Diagnostic:
    place = asked.appup or file
    application = asked.application or Path(file).stem
    what = {"up": "an upgrade from", "down": "a downgrade to"}.get(direction, "an upgrade from, or a downgrade to,")
    return Diagnostic(
        CATALOGUE["M172"],
        f"{place} has no entry for {what} {application} {vsn}",
        _NOTHING,
        place,
        (f'{{"{vsn}", [{{load_module, M}}]}}   % in its {_which(direction)}; or: migrator appup OLD NEW',),
    )


def _which(direction: str) -> str:
    return {"up": "first list", "down": "second list"}.get(direction, "first list and in its second")


def _instruction(kind: str, what: str, said: str, asked: Asked, direction: str) -> Diagnostic:
    headline, advice = _INSTRUCTIONS.get(kind, _PLAIN)
    shown = _bare(what)
    words = {"what": shown, "said": said}
    who = asked.appup or "an appup of the release"
    way = {"up": "upgrade", "down": "downgrade"}.get(direction, "upgrade or downgrade")
    line = _line_of(asked.text, what)
    return Diagnostic(
        CATALOGUE["M174"],
        f"{who}, {way}: {headline.format(**words)}",
        _NOTHING,
        f"{asked.appup}:{line}" if line else asked.appup,
        (advice.format(**words),),
        module=shown if kind in {"no_such_module", "undef_module", "muldef_module"} else None,
    )


def _bare(what: str) -> str:
    """A list of one, as systools gives them, without its brackets."""
    matched = re.fullmatch(r"\[([^,\[\]]*)\]", what)
    return matched[1] if matched else what


def _release(fact: Term, asked: Asked) -> Diagnostic:  # noqa: C901 - a case for each
    where = f"release {asked.new}"
    message, advice = "", "rebar3 release   # build the release again, whole"
    match fact:
        case (Atom("no_application"), name):
            message = f"no application {_text(name)} is found, which the .rel names"
            advice = f"ls NEW/lib/{_text(name)}-*   # OTP's own: --erl of the OTP that built the release"
        case (Atom("no_version"), name, wanted, file, found):
            message = f"{_text(name)} {_text(wanted)} is not found, which the .rel names"
            if text_of(file):
                message += f"; {_text(file)} is {_text(found)}"
            advice = "give OLD and NEW as they were built; for OTP's own: --erl of the OTP that built the release"
        case (Atom("undefined_applications"), list(names)):
            message = f"applications need {_joined(names)}, which the .rel does not name"
            advice = f"{{release, {{NAME, VSN}}, [{_joined(names)}, …]}}   % in relx, rebar.config"
        case (Atom("duplicate_modules"), list(rows)):
            message = f"modules stand in two applications: {_pairs(rows)}"
            advice = "take the module out of one of the two .app files"
        case (Atom("duplicate_register"), list(rows)):
            message = f"names are registered by two applications: {_pairs(rows)}"
            advice = "take the name out of registered in one of the two .app files"
        case (Atom("missing_mandatory_app"), list(names)):
            message = f"the .rel does not name {_joined(names)}, which every release needs"
            advice = f"{{release, {{NAME, VSN}}, [{_joined(names)}, …]}}   % in relx, rebar.config"
        case (Atom("missing_sasl"), name, vsn):
            where = f"{_text(name)} {_text(vsn)}"
            message = "it has no sasl, and sasl has release_handler"
            advice = "{release, {NAME, VSN}, [sasl, …]}   % in relx, rebar.config; mix: extra_applications: [:sasl]"
        case (Atom("circular_dependencies"), list(names)):
            message = f"applications need each other in a circle: {_joined(names)}"
            advice = "take one of them out of applications in a .app.src"
        case (_, said):
            message = f"systools refuses: {_text(said)}"
    return Diagnostic(CATALOGUE["M173"], f"{where}: {message}", _NOTHING, asked.appup, (advice,))


def _pairs(rows: list[Term]) -> str:
    shown = [row for row in rows if isinstance(row, tuple)]
    return ", ".join(f"{_text(what)} ({_text(one)} and {_text(other)})" for what, one, other in shown)


def _joined(names: list[Term]) -> str:
    return ", ".join(atom_text(_text(name)) for name in names)


def _versions(asked: Asked) -> str:
    return f" from {asked.old} to {asked.new}" if asked.application and asked.old and asked.new else ""


def _line_of(text: str, what: str) -> int:
    """The line of a text where these tokens stand first, in any layout; 0 where they do not."""
    tokens = re.findall(r"\w+|\"[^\"]*\"|'[^']*'|[^\s\w]", what.strip("[]"))
    found = re.search(r"\s*".join(map(re.escape, tokens)), text) if text and tokens else None
    return text.count("\n", 0, found.start()) + 1 if found else 0


def _text(term: Term) -> str:
    return text_of(term) or ""
