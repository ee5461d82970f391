"""Tells of applications that come with an upgrade and call what only the new code of others has.

systools puts what starts a new application before all that loads the changed modules of the others.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from migrator.diagnostics import CATALOGUE, Diagnostic
from migrator.terms import atom_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from migrator.release.codefacts import CodeFacts
    from migrator.release.drafts import Versions
    from migrator.release.model import Application


def newcomers(
    added: Iterable[tuple[Application, Iterable[CodeFacts]]], versions: Mapping[str, Versions]
) -> tuple[Diagnostic, ...]:
    """A warning for each new application with a call to a function that a changed module has in its new version alone.

    Args:
        added: the new applications, each with the facts of its modules.
        versions: the changed modules of the applications that both releases have.
    """
    found = []
    for application, facts in added:
        calls = {
            f"{call.module}:{call.function}/{call.arity}": versions[call.module].application
            for each in facts
            for call in each.calls
            if call.function is not None and call.arity is not None and call.module in versions
            if _new_alone(versions[call.module], (call.function, call.arity))
        }
        if calls:
            found.append(_said(application, calls))
    return tuple(found)


def _new_alone(module: Versions, function: tuple[str, int]) -> bool:
    before = module.old.exports if module.old else frozenset()
    return module.new is not None and function in module.new.exports and function not in before


def _said(application: Application, calls: Mapping[str, str]) -> Diagnostic:
    shown = ", ".join(sorted(calls)[:3]) + (", …" if len(calls) > 3 else "")  # noqa: PLR2004 - what fits a line
    name = atom_text(application.name)
    start = f"{{apply, {{application, start, [{name}, temporary]}}}}"
    late = sorted(set(calls.values()))
    return Diagnostic(
        CATALOGUE["M451"],
        f"the new application {application.name} calls {shown}, which the old release does not have",
        f"systools starts it before {', '.join(late)} is loaded: a call in its start is undef, and if it is permanent"
        " the node goes down",
        str(application.app_file or application.ebin),
        (
            f"{{{name}, temporary}}   % in the release's applications: its failed start does not end the node, and",
            f'{{"*", [{{"*", [{start}]}}], [{{"*", []}}]}}.   % src/{late[0]}.appup.post.src: starts it again',
            "migrator rehearse OLD NEW   # shows whether it runs",
        ),
    )
