"""What `init` does. Imported as `commands` is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from migrator import library, otp
from migrator.commands import Answer
from migrator.diagnostics import CATALOGUE, Diagnostic
from migrator.files import write_bytes
from migrator.release.integrate import integration
from migrator.render.integration import integration_json, render_integration
from migrator.render.json import document

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from migrator.outcomes import Scanned
    from migrator.release.integration import Integration
    from migrator.render.integration import Mode


def init(folder: Path, erl: Path | None, mode: Mode, form: str) -> Answer:
    """What the project needs, printed or written; of what is compiled already it tells who keeps a state."""
    found = integration(folder)
    scanned = _scanned(found, erl)
    said = found.diagnostics
    if mode == "write":
        for change in found.changes:
            if change.content is not None:
                write_bytes(change.path, change.content.encode(), expect=change.before)
        said += tuple(_left(change.path, change.where) for change in found.changes if change.how == "paste")
    if form == "json":
        return Answer(document(integration_json(found, scanned)), said)
    return Answer(render_integration(found, scanned, mode), said)


def _scanned(found: Integration, erl: Path | None) -> Sequence[Scanned]:
    if found.built is None:
        return ()
    with otp.start(otp.find_erl(erl)) as helper:
        return library.scan(helper, [found.built])[0]


def _left(path: Path, why: str) -> Diagnostic:
    return Diagnostic(
        CATALOGUE["M186"],
        f"the lines for {path} are to be pasted by hand: {why}",
        "until they are there, its releases are built without migrations",
        str(path),
        ("migrator init   # prints them",),
    )
