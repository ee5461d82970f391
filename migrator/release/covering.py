"""Whether the instructions of an entry do all that an upgrade needs: every module is named, every state converted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from migrator.modules import Module
from migrator.read import Wanted, read
from migrator.release.deciding import turned
from migrator.release.instructions import Update, alone, term_of
from migrator.release.reach import reached

if TYPE_CHECKING:
    from collections.abc import Sequence

    from migrator.otp import Helper
    from migrator.release.drafts import Upgrade, Versions
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
        upgrade.versions[module]
        for module in modules
        if ways[module] not in {*_ENOUGH, "absent"} and _has_state(upgrade, module)
    ]
    changed = _changed_states(helper, doubtful)
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


def _changed_states(helper: Helper, doubtful: Sequence[Versions]) -> frozenset[str]:
    """Those whose state record, or a record inside it, has other fields or types, or of which nothing is known."""
    both = [(each.module, each.old_file, each.new_file) for each in doubtful]
    files = [(module, old.path, new.path) for module, old, new in both if old and new]
    after = read(helper, [Wanted(new, code="records") for _, _, new in files])
    named = [_records(module) for module in after]
    before = read(helper, [Wanted(old, names, "records") for (_, old, _), names in zip(files, named, strict=True)])
    return frozenset(
        module
        for (module, _, _), old, new in zip(files, before, after, strict=True)
        if not isinstance(new, Module) or _shapes(old) != _shapes(new)
    )


def _records(module: object) -> tuple[str, ...]:
    return tuple(each.name for each in module.records) if isinstance(module, Module) else ()


def _shapes(module: object) -> object:
    """What tells the states of two versions apart; of a beam without debug info nothing does."""
    if not isinstance(module, Module):
        return None
    fields = {each.name: [(one.name, one.type_text) for one in each.fields] for each in module.records}
    return fields, {each.name: each.body for each in module.types}
