"""What `verify` does, once Erlang is on its way. Imported as `commands` is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from migrator import library
from migrator.commands import Answer
from migrator.render.json import document
from migrator.render.verified import render_standing, render_verified, verified_json

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from migrator.commands import Progress
    from migrator.otp import Helper
    from migrator.request import Request
    from migrator.verifying.findings import Trial

_NOTHING = "no module of these releases names a state record that both have: nothing to try\n"


def verify(  # noqa: PLR0913 - the options of the command
    helper: Helper,
    paths: Sequence[Path],
    *,
    form: str,
    request: Request,
    trial: Trial,
    paint: Callable[[str, str], str],
    progress: Progress,
) -> Answer:
    """What came of each module, as text or as JSON."""
    verified = library.verify(helper, paths[:-1], paths[-1], request, trial, progress)
    said = tuple(each for one in verified for each in one.diagnostics)
    if form == "json":
        objects = [verified_json(each) for each in verified]
        return Answer(document(objects if library.is_release(paths[-1]) else objects[0]), said)
    text = "".join(render_verified(each, paint) for each in verified) + render_standing(verified)
    return Answer(text, said, talk="" if verified else _NOTHING)
