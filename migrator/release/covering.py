"""Whether the instructions of an entry do all that an upgrade needs: every module is named, every state converted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from migrator.release.changedstates import changed_states
from migrator.release.deciding import turned
from migrator.release.instructions import Update, alone, term_of
from migrator.release.reach import reached

if TYPE_CHECKING:
    from migrator.otp import Helper
    from migrator.release.drafts import Upgrade
    from migrator.terms import Term

Direction: TypeAlias = Literal["up", "down"]
Gap: TypeAlias = Literal["absent", "unconverted"]
_ENOUGH = {"converted", "restarted"}


@dataclass(frozen=True, slots=True)
class Lack:
    """A module that an entry leaves out, or whose state it does not convert; `needed` is what would do it."""

    module: str
    gap: Gap
    needed: Term


def lacks(
    helper: Helper, instructions: Term, upgrade: Upgrade, application: str, direction: Direction
) -> tuple[Lack, ...]:
    """What the instructions of an entry leave out of that upgrade of that application.

    Raises:
        EnvironmentFault, ProtocolError: the helper cannot serve.
    """
    script = reached(instructions)
    modules = upgrade.modules_of(application)
    ways = {module: script.way(module, application) for module in modules}
    # Only where a state might stay as it is beams are read once more.
    doubtful = [
        (module, old.path, new.path)
        for module in modules
        if ways[module] not in {*_ENOUGH, "absent"} and _has_state(upgrade, module)
        if (old := upgrade.versions[module].old_file) and (new := upgrade.versions[module].new_file)
    ]
    changed = changed_states(helper, doubtful)
    return tuple(
        Lack(module, "absent" if ways[module] == "absent" else "unconverted", _needed(upgrade, module, direction))
        for module in modules
        if ways[module] == "absent" or module in changed
    )


def _needed(upgrade: Upgrade, module: str, direction: Direction) -> Term:
    made = upgrade.instructions[module]
    return term_of(alone(made if direction == "up" else turned(made)))


def _has_state(upgrade: Upgrade, module: str) -> bool:
    made, new = upgrade.instructions[module], upgrade.versions[module].new
    return isinstance(made, Update) and made.advanced and new is not None and (new.takes_part or new.is_migrated)
