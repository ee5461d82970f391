"""Tells of processes that may start while `release_handler` lists those that it is about to suspend.

`release_handler_1` asks the supervisors once for each `suspend` for their children. A process that is started right
after that is in no list: the new code is loaded under its old state, and nothing converts it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from migrator.diagnostics import CATALOGUE, Diagnostic
from migrator.release.instructions import Update
from migrator.release.supervised import place_of
from migrator.terms import Atom, atom_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from migrator.release.drafts import Upgrade
    from migrator.release.supervisors import Supervisor, Tree
    from migrator.release.written import Prescribed


def meanwhile(upgrade: Upgrade, old: Tree, written: Sequence[Prescribed]) -> tuple[Diagnostic, ...]:
    """A warning for each changed state whose processes come and go, where nobody wrote who is suspended before them.

    Args:
        upgrade: the upgrade.
        old: what runs when it begins.
        written: what people wrote for it.
    """
    careful = {each.application for each in written if any(map(_suspends, each.before.up))}
    found: dict[str, Diagnostic] = {}
    named = [(name, each) for each in old.supervisors for child in each.children for name in child.names]
    for module, supervisor in (*named, *((each.module, each.supervisor) for each in old.processes)):
        made = upgrade.instructions.get(module)
        if isinstance(made, Update) and made.advanced and supervisor.simple and supervisor.application not in careful:
            found.setdefault(module, _said(upgrade, module, supervisor))
    return tuple(found.values())


def _suspends(instruction: object) -> bool:
    match instruction:
        case (Atom("suspend"), _):
            return True
    return False


def _said(upgrade: Upgrade, module: str, supervisor: Supervisor) -> Diagnostic:
    starters = _starters(upgrade, supervisor.module)
    names = ", ".join(map(atom_text, starters)) or "STARTER"
    who = f" by processes of {', '.join(starters)}" if starters else ""
    source = f"src/{supervisor.application or 'APP'}.appup"
    return Diagnostic(
        CATALOGUE["M429"],
        f"processes of {module} are started at any time below {supervisor.module}{who}, and its state may have changed",
        "one that starts while release_handler lists them is not converted: old state under new code, told to nobody",
        place_of(supervisor, 0),
        (
            f'{{"*", {_both(f"{{suspend, [{names}]}}")}}}.   % {source}.pre.src: who starts them waits meanwhile',
            f'{{"*", {_both(f"{{resume, [{names}]}}")}}}.   % {source}.post.src',
            "migrator rehearse --load SCRIPT OLD NEW   # starts them meanwhile, and shows what is lost",
        ),
        module=module,
    )


def _both(instruction: str) -> str:
    return f'[{{"*", [{instruction}]}}], [{{"*", [{instruction}]}}]'


def _starters(upgrade: Upgrade, supervisor: str) -> list[str]:
    """The changed modules with processes of their own whose code calls the supervisor to start a child."""
    return [
        name
        for name, each in sorted(upgrade.versions.items())
        if each.old
        and each.old.is_stateful
        and any(call.module == supervisor and call.function != "start_link" for call in each.old.calls)
    ]
