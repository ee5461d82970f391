"""Says why an installation failed, in terms of the user's modules and not of `release_handler`'s internals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from migrator.diagnostics import CATALOGUE, Diagnostic
from migrator.terms import Atom, term_text, text_of

if TYPE_CHECKING:
    from migrator.release.rehearsal import Failure, Step

_GEN_TIMEOUT = "5 s"
_LOST = (Atom("silent"), Atom("restarted"), Atom("ended"))
_LAST_LINES = 25


@dataclass(frozen=True, slots=True)
class _Told:
    """A headline's end, and what to type."""

    why: str
    help: tuple[str, ...] = ()


def told(step: Step, failure: Failure) -> Diagnostic:
    """The diagnostic for an installation that failed."""
    if failure.reason in _LOST:
        return _lost(step, failure)
    found = _told(step, failure.reason, failure)
    way = "downgrade" if step.direction == "down" else "upgrade"
    after = (
        f"the emulator restarted: every process lost its state, and {step.before} runs again"
        if failure.restarted
        else f"nothing was changed: {step.before} runs on"
    )
    return Diagnostic(
        CATALOGUE["M615"],
        f"the {way} {step.before} -> {step.after} failed: {found.why}",
        after,
        f"{step.node}, instruction {failure.instruction}" if failure.instruction else step.node,
        found.help,
    )


def _told(step: Step, reason: Any, failure: Failure) -> _Told:  # noqa: ANN401 - a case a line; release_handler's own reasons
    match reason:
        case (Atom("code_change_failed"), bytes(pid), Atom(module), vsn, why):
            return _code_change(step, pid.decode(), module, vsn, why)
        case (Atom("EXIT"), (Atom("timeout"), (Atom("sys"), Atom("change_code"), [bytes(pid), Atom(module), *_]))):
            return _Told(
                f"code_change of {module} took longer than {_GEN_TIMEOUT}, in {_who(step, pid.decode())}",
                ("[{code_change_timeout, 60000}]   # an option of release_handler:install_release/2",),
            )
        case (
            Atom("EXIT"),
            (Atom("noproc" | "normal" | "killed"), (Atom("sys"), Atom("change_code"), [_, module, *_])),
        ):
            return _Told(f"a process of {_named(module)} ended before its code_change was called")
        case (Atom("EXIT"), (_, (Atom("sys"), Atom("change_code"), [_, module, *_]))):
            return _Told(f"a process of {_named(module)} ended in its code_change")
        case (Atom("EXIT"), (why, list(stack))):
            return _crash(failure.instruction, why, stack)
        case (Atom("no_such_file"), file):
            return _Told(f"the release lacks the beam {text_of(file) or ''}", ("rebar3 tar   # build it whole",))
        case (Atom("old_processes"), Atom(module)):
            return _Told(
                f"a process still runs, or holds a fun of, code of {module} that is older than {step.before}, and the "
                "appup says soft_purge",
                (f"{{update, {module}, {{advanced, []}}, brutal_purge, brutal_purge, []}}   % ends such a process",),
            )
        case (Atom("bad_lib_vsn"), Atom(name), vsn):
            return _Told(f"the relup means another version of {name} than {text_of(vsn)}", ("migrator relup OLD NEW",))
        case (Atom("no_matching_relup"), *_):
            return _Told(f"its relup knows no way {step.before} -> {step.after}", ("migrator relup OLD NEW",))
    return _Told(failure.text)


def _lost(step: Step, failure: Failure) -> Diagnostic:
    """The node was gone before release_handler could say what came of it."""
    how = {"silent": "did not come to an end, and was killed", "restarted": "restarted its emulator"}
    way = "downgrade" if step.direction == "down" else "upgrade"
    did = how.get(failure.text, "ended")
    if failure.text == "silent" and failure.instruction.startswith("{sync_nodes,"):
        return Diagnostic(
            CATALOGUE["M618"],
            f"{step.node} waited without end in the {way} {step.before} -> {step.after}: its sync_nodes wants the "
            "other nodes to do the same at that time",
            "an upgrade of one node after another hangs in production too",
            f"{step.node}, instruction {failure.instruction}",
            ("migrator rehearse --together OLD NEW   # upgrades all nodes at once",),
        )
    said = "\n".join(f"    {line}" for line in failure.said.strip().splitlines()[-_LAST_LINES:])
    return Diagnostic(
        CATALOGUE["M618"],
        f"{step.node} {did} in the {way} {step.before} -> {step.after}",
        "all state in it is lost" + (f"; the last that it said:\n{said}" if said else ""),
        f"{step.node}, instruction {failure.instruction}" if failure.instruction else step.node,
        ("migrator rehearse --keep OLD NEW   # and look at it",),
    )


def _named(module: Any) -> str:  # noqa: ANN401 - an atom, unless it is something odd
    return module.name if isinstance(module, Atom) else "some module"


def _who(step: Step, pid: str) -> str:
    for each in step.passages:
        if each.before is not None and each.before.pid == pid and each.before.name:
            return f"the process {each.before.name} ({pid})"
    return f"the process {pid}"


def _code_change(step: Step, pid: str, module: str, vsn: Any, why: Any) -> _Told:  # noqa: ANN401 - as above
    who, given = _who(step, pid), term_text(_vsn(vsn))
    advice = f"migrator inject OLD NEW   # writes the code_change of {module}"
    match why:
        case (Atom("EXIT"), (Atom("undef"), [(Atom(name), Atom(function), list(arguments), *_), *_])) if (
            name == module and "code_change" in function
        ):
            return _Told(
                f"{module} has no {function}/{len(arguments)}, and the appup wants it called, for {who}", (advice,)
            )
        case (Atom("EXIT"), (Atom("function_clause"), [(Atom(name), Atom(function), *_), *_])) if name == module:
            return _Told(
                f"no clause of {function} of {module} takes the state of {who}, coming from {given}", (advice,)
            )
        case (Atom("EXIT"), (reason, list(stack))):
            return _Told(
                f"code_change of {module} crashed in {who} with {term_text(reason)}{_place(module, stack)}", (advice,)
            )
        case (Atom("error"), (Atom("error"), reason)) | (Atom("error"), reason):
            return _Told(f"code_change of {module} answered {{error, {term_text(reason)}}} for {who}", (advice,))
        case (Atom("timeout"), _) | Atom("timeout"):
            return _Told(f"code_change of {module} took longer than {_GEN_TIMEOUT}, in {who}")
    return _Told(
        f"code_change of {module} answered {term_text(why)} for {who}, and {{ok, NewState}} is meant", (advice,)
    )


def _vsn(vsn: Any) -> Any:  # noqa: ANN401 - as above
    return vsn[1] if isinstance(vsn, tuple) and vsn[0] == Atom("down") else vsn


def _place(module: str, stack: list[Any]) -> str:
    """Where in the user's module: the first step of the stack that is in it."""
    for entry in stack:
        match entry:
            case (Atom(name), Atom(function), arity, list(where)) if name == module:
                keys = {
                    each[0].name: each[1] for each in where if isinstance(each, tuple) and isinstance(each[0], Atom)
                }
                count = len(arity) if isinstance(arity, list) else arity
                at = f", {text_of(keys['file'])}:{keys['line']}" if {"file", "line"} <= keys.keys() else ""
                return f" at {function}/{count}{at}"
    return ""


def _crash(instruction: str, why: Any, stack: list[Any]) -> _Told:  # noqa: ANN401 - as above
    first = next(
        (
            f"{name}:{function}/{len(arity) if isinstance(arity, list) else arity}"
            for name, function, arity in _calls(stack)
            if name not in {"release_handler_1", "release_handler", "lists", "gen_server", "sys"}
        ),
        "",
    )
    at = f" in {first}" if first else ""
    return _Told(f"{instruction or 'an instruction'} crashed with {term_text(why)}{at}")


def _calls(stack: list[Any]) -> list[tuple[str, str, Any]]:
    return [
        (each[0].name, each[1].name, each[2])
        for each in stack
        if isinstance(each, tuple) and len(each) > 2 and isinstance(each[0], Atom) and isinstance(each[1], Atom)  # noqa: PLR2004 - {M, F, A, Where}
    ]
