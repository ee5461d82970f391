"""What an upgrade needs beside the instructions of its modules: what people wrote, and what supervisors must do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from migrator.release.drafts import Move, Prepared, Steps
from migrator.release.instructions import Update
from migrator.release.meanwhile import meanwhile
from migrator.release.scripts import OTP
from migrator.release.supervised import said_of_runs
from migrator.release.supervision import ordered, supervisions, trees
from migrator.release.unsupervised import unsupervised

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from migrator.otp import Helper
    from migrator.release.drafts import Upgrade
    from migrator.release.model import Release
    from migrator.release.supervisors import Mode, SupervisorChange
    from migrator.release.written import Prescribed


@dataclass(frozen=True, slots=True)
class Reading:
    """How supervisors are looked at: with `eval` their `init/1` runs in a throw-away node of that Erlang."""

    mode: Mode
    erl: Path


def prepared(
    helper: Helper, upgrade: Upgrade, new: Release, reading: Reading, written: Sequence[Prescribed]
) -> Prepared:
    """The steps of an upgrade, by application.

    Raises:
        InputFault: a beam cannot be read.
        EnvironmentFault, ProtocolError: the helper, or the throw-away node, cannot serve.
    """
    prescribed = {each.application: each for each in written}
    said = [each for one in written for each in one.diagnostics]
    found: dict[str, list[SupervisorChange]] = {}
    if upgrade.versions:
        before, after = trees(helper, upgrade.old, new, reading.mode, reading.erl)
        changes = supervisions(before, after, set(upgrade.versions))
        for change in changes:
            if change.application in OTP:
                # It is started anew, or the whole emulator is: whatever its supervisors had runs no longer.
                continue
            said += change.diagnostics
            if change.application in upgrade.shared:
                found.setdefault(change.application, []).append(change)
        if reading.mode == "eval":
            said += said_of_runs(after, set(upgrade.versions))
        said += unsupervised(helper, before, after, new, _kept_alive(upgrade))
        said += meanwhile(upgrade, before, written)
    names = sorted({*prescribed, *found})
    return Prepared(
        {name: _steps(upgrade, found.get(name, []), prescribed.get(name), "up") for name in names},
        {name: _steps(upgrade, found.get(name, []), prescribed.get(name), "down") for name in names},
        tuple(said),
    )


def _kept_alive(upgrade: Upgrade) -> frozenset[str]:
    """The modules whose processes must be found, so that they are suspended and converted."""
    return frozenset(
        module
        for module, made in upgrade.instructions.items()
        if isinstance(made, Update) and made.mod_type == "dynamic" and upgrade.versions[module].old is not None
    )


def _steps(
    upgrade: Upgrade,
    changes: Sequence[SupervisorChange],
    written: Prescribed | None,
    direction: Literal["up", "down"],
) -> Steps:
    """The steps of one application: what a person wrote is outermost."""
    first, last = ordered(changes)[direction]
    told = [(each.module, each.up_steps if direction == "up" else each.down_steps) for each in changes]
    # A supervisor whose own code is the same may give other child specs, by what it calls.
    calls = tuple(each.update for module, each in told if module not in upgrade.versions and each.update is not None)
    moves = tuple(Move(module, each.before, each.behind) for module, each in told if each.before or each.behind)
    if written is None:
        return Steps(first, (*calls, *last), moves)
    before, behind = (each.up if direction == "up" else each.down for each in (written.before, written.after))
    return Steps((*before, *first), (*calls, *last, *behind), moves)
