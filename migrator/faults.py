"""What went wrong at the doors to the world, as diagnostics."""

from __future__ import annotations

from typing import TYPE_CHECKING

from migrator.diagnostics import CATALOGUE, Diagnostic
from migrator.errors import EnvironmentFault, HelperFault, InputFault, MigratorError

if TYPE_CHECKING:
    from pathlib import Path

_REPORT = "please report it with this message and the beam, as the README says (Reporting a bug)"

# reason: code, headline (with the path as {path}), what would happen, the text to type
_INPUT = {
    "no_such_file": (
        "M101",
        "{path}: no such file",
        "there is nothing to read",
        "check the path: OLD comes first, then NEW",
    ),
    "is_a_folder": (
        "M102",
        "{path} is a folder, and a beam is meant",
        "one module's beam is read at a time here",
        "give two beams, or a folder for OLD and one for NEW",
    ),
    "unreadable": ("M119", "{path} cannot be read", "nothing is known of it", "chmod u+r {path}"),
    "no_plain_file": (
        "M166",
        "{path} is no plain file",
        "reading it could take for ever, so nothing of it was read",
        "ls -l {path}   # then give a file, or a release that has files there",
    ),
    "too_long": (
        "M159",
        "{path} is longer than any such file that OTP reads",
        "it would fill the memory",
        "ls -l {path}   # what wrote it?",
    ),
    "too_big": ("M104", "{path} is too big for a beam", "it would fill the memory", "check the path"),
    "read_only_target": ("M118", "{path} is read-only: no one may write it", "it is left as it is", "chmod u+w {path}"),
    "changed": (
        "M121",
        "{path} was changed by another program meanwhile",
        "it is left as that program wrote it",
        "run the command again when nothing else writes there",
    ),
}

_ENVIRONMENT = {
    "no_erlang": (
        "M201",
        "no Erlang was found{at}",
        "beams can be neither read nor compiled",
        "apt-get install erlang-base   # or: --erl PATH, or MIGRATOR_ERL=PATH",
    ),
    "no_compiler": (
        "M201",
        "the Erlang{at} cannot compile",
        "beams cannot be compiled again",
        "apt-get install erlang-base   # its application compiler is needed",
    ),
    "incomplete_install": (
        "M902",
        "files of the migrator itself are missing{at}",
        "it cannot start",
        "install it again",
    ),
    "died": ("M203", "Erlang ended in the middle of the work", "nothing was written", "run the command again"),
    "hung": ("M204", "Erlang does not answer", "it was ended, and nothing was written", "run the command again"),
    "no_room": ("M205", "no room on the disk{at}", "the old file is left as it was", "df -h {path}"),
    "cannot_write": ("M206", "{path} cannot be written", "it is left as it was", "ls -ld {path}"),
    "wrong_otp": ("M202", "another OTP release is needed", "nothing was written", "--erl PATH"),
}

_BEAM = {
    "not_a_beam": ("M103", "{path} is not a beam", "nothing can be read from it", "check the path"),
    "damaged": ("M104", "{path} is damaged", "it could not be loaded either", "build it again"),
    "no_debug_info": (
        "M107",
        "{path} has no debug info",
        "its records cannot be known, since they live in the source alone",
        "{{erl_opts, [debug_info]}}.   % rebar.config; or: erlc +debug_info; strip after this step only",
    ),
    "encrypted": (
        "M108",
        "{path} has encrypted debug info, and its key is not at hand",
        "its records cannot be known",
        'put the key into ~/.erlang.crypt: [{{debug_info, des3_cbc, [], "KEY"}}].',
    ),
    "core_transform": (
        "M116",
        "{path} was compiled with a core_transform",
        "it would run a second time",
        "compile the module without {{core_transform, _}}",
    ),
    "compile": (
        "M115",
        "{path} does not compile again",
        "the migration cannot be compiled into it",
        "the compiler's own message is above",
    ),
    "atoms": (
        "M155",
        "{path} names more atoms than can be read",
        "an Erlang node has room for 1,048,576 of them and never frees one",
        "build it again; of a release this large, work on one application at a time",
    ),
    "too_large": (
        "M156",
        "{path} would take too much memory",
        "it was given up before it filled the machine",
        "ls -l {path}   # is it what the compiler wrote? build it again",
    ),
    "deep": (
        "M158",
        "{path} says something of its state that is nested too deep",
        "nobody could follow it to the end",
        "build it again; no source looks like that",
    ),
    "migrated": (
        "M117",
        "{path} carries a -state_migrated that is not ours",
        "what it says cannot be taken out again",
        "build the module again",
    ),
    "deadline": (
        "M204",
        "{path} took Erlang too long",
        "it was given up, and nothing was written",
        "run the command again",
    ),
}


def of_fault(error: MigratorError) -> Diagnostic:
    """The diagnostic for a fault at a door."""
    match error:
        case InputFault(reason=reason, path=path):
            return _filled(_INPUT[reason], path, error.detail)
        case EnvironmentFault(reason=reason, path=path):
            return _filled(_ENVIRONMENT[reason], path, error.detail)
        case HelperFault():
            return _bug(f"the helper answered {error.kind}", error.text, None)
    return _bug("a message could not be read", str(error), None)


def of_beam(error: HelperFault, path: Path) -> Diagnostic:
    """The diagnostic for what the helper said of that beam."""
    if error.kind == "backend":
        return Diagnostic(
            CATALOGUE["M109"],
            f"{path} was compiled by {error.text}, not by Erlang's own compiler: it has no Erlang forms",
            "its records cannot be read, and nothing could be compiled into it",
            str(path),
            ("leave this module out",),
        )
    if error.kind == "native":
        return Diagnostic(
            CATALOGUE["M462"],
            f"{path} has native records, which OTP 29 brought, and this Erlang is OTP {error.text}",
            "what its processes keep is known there, and nowhere earlier",
            str(path),
            ("--erl PATH   # an erl of OTP 29; or MIGRATOR_ERL=PATH",),
        )
    if error.kind == "untried":
        return Diagnostic(
            CATALOGUE["M464"],
            f"{error.text} has native records, and the node that tries it needs a module of that name itself",
            "native records keep the name of their module: nothing is known of what its migration does to states",
            str(path),
            ("migrator rehearse OLD NEW   # tries it in the release's own Erlang",),
            module=error.text,
        )
    if error.kind == "locked":
        # The helper's text begins with the place in the lock.
        place, colon, why = error.text.partition(": ")
        return Diagnostic(
            CATALOGUE["M136"],
            f"an entry of a lock says what Erlang does not accept: {why if colon else place}",
            "what it says of the old states cannot be known",
            place if colon else str(path),
            ("git checkout LOCK   # or, from that version's build: migrator lock RELEASE -o LOCK",),
        )
    row = _BEAM.get(error.kind)
    return _filled(row, path, error.text) if row else _bug(f"the helper answered {error.kind}", error.text, path)


def bug(what: str, detail: str) -> Diagnostic:
    """The diagnostic for our own bug."""
    return _bug(what, detail, None)


def _filled(row: tuple[str, str, str, str], path: Path | None, detail: str) -> Diagnostic:
    code, headline, consequence, advice = row
    named = str(path) if path else ""
    words = {"path": named, "at": f": {named}" if named else ""}
    message = headline.format(**words)
    return Diagnostic(
        CATALOGUE[code],
        f"{message}: {detail}" if detail else message,
        consequence,
        named,
        (advice.format(**words),),
    )


def _bug(what: str, detail: str, path: Path | None) -> Diagnostic:
    return Diagnostic(CATALOGUE["M902"], f"{what}: {detail}", "nothing was written", str(path or ""), (_REPORT,))
