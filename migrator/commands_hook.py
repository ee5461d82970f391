"""What `hook` does, once Erlang is on its way. Imported as `commands` is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from migrator.commands import Answer
from migrator.release.hook import hook as run_hook
from migrator.render.gathered import gathered
from migrator.render.hooked import hooked_json, render_hooked
from migrator.render.json import document

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from migrator.commands import Progress
    from migrator.otp import Helper
    from migrator.release.hook import Wanted
    from migrator.request import Request

_NOTHING = (
    "no module of these releases names a state record that both have: nothing to do\n"
    "(`migrator scan NEW` lists those that seem to keep one and do not say so)\n"
)


def hook(  # noqa: PLR0913 - the options of the command
    helper: Helper, paths: Sequence[Path], *, form: str, request: Request, wanted: Wanted, progress: Progress
) -> Answer:
    """Puts the migrations into the new release, and tells what was done."""
    run = run_hook(helper, paths[:-1], paths[-1], request, wanted, progress)
    rows = [(each.application, each.path, each.outcome, each.planned) for each in run.modules]
    if form == "json":
        return Answer(document(hooked_json(rows, run.mended, run.diagnostics, run.exit)), gathered(run.diagnostics))
    if run.exit:
        return Answer(diagnostics=gathered(run.diagnostics))
    return Answer(render_hooked(rows, run.mended), gathered(run.diagnostics), "" if rows else _NOTHING)
