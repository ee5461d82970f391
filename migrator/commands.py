"""What each command does, once Erlang is on its way: values in, text and diagnostics out.

Imported while Erlang starts, since all that plans and generates hangs on it.
"""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING

from migrator import library
from migrator.choose import shown_record
from migrator.diagnostics import exit_code
from migrator.files import write_bytes
from migrator.kept import shown_type
from migrator.render.inspected import inspected_json, render_inspected
from migrator.render.json import document, planned_json
from migrator.render.outcome import render_ejected, render_injected, render_unchanged
from migrator.render.scanned import render_scan, scan_json
from migrator.render.table import render_table

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path
    from typing import Literal

    from migrator.diagnostics import Diagnostic
    from migrator.library import Injection
    from migrator.otp import Helper
    from migrator.outcomes import Planned
    from migrator.request import Request

    Progress = Callable[[int, int], None] | None


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command says: `text` is its product, `talk` and the diagnostics go beside it.

    `status` is the exit code where the diagnostics do not say it.
    """

    text: str = ""
    diagnostics: tuple[Diagnostic, ...] = ()
    talk: str = ""
    status: int | None = None

    @property
    def exit(self) -> int:
        """The exit code of the contract for it."""
        return exit_code(self.diagnostics) if self.status is None else self.status


@dataclass(frozen=True, slots=True)
class Target:
    """Where `inject` writes: NEW itself or a file of its own, or nowhere; and the folder for test modules, if any."""

    output: Path | None
    mode: Literal["write", "dry_run"]
    eunit: Path | None = None


def preview(  # noqa: PLR0913 - the options of the command
    helper: Helper,
    paths: Sequence[Path],
    *,
    form: str,
    request: Request,
    paint: Callable[[str], str],
    progress: Progress,
) -> Answer:
    """The plan as Erlang, as a table or as JSON; `paint` colours Erlang."""
    planned = library.preview(helper, paths[:-1], paths[-1], request, progress)
    found = tuple(each for one in planned for each in one.diagnostics)
    if form == "json":
        objects = [planned_json(each) for each in planned]
        return Answer(document(objects if library.is_release(paths[-1]) else objects[0]), found)
    texts = [_erlang(each, paint) if form == "erlang" else _table(each) for each in planned]
    return Answer("\n".join(text for text in texts if text), found)


def _erlang(planned: Planned, paint: Callable[[str], str]) -> str:
    plan = planned.plan
    if plan is None:
        return ""
    if plan.verdict == "unchanged":
        return render_unchanged(plan)
    return paint(library.generated(plan))


def _table(planned: Planned) -> str:
    return render_table(planned.plan) if planned.plan else ""


def inject(helper: Helper, paths: Sequence[Path], target: Target, request: Request, progress: Progress) -> Answer:
    """Plans, compiles, proves and writes; one line a module."""
    result = library.inject(helper, paths[:-1], paths[-1], request, progress)
    if result.exit:
        return Answer(diagnostics=result.diagnostics)
    told: list[str] = []
    with ExitStack() as undo:
        if target.eunit is not None:
            from migrator.examples.placing import placed, written  # noqa: PLC0415 - few runs need it

            files = placed(result.planned, target.eunit)
            told = [f"{each.path}: the tests {each.fate(target.mode)}\n" for each in files]
            if target.mode == "write":
                undo.enter_context(written(files))
        if target.mode == "write":
            _write(result, target)
    verb = "is" if target.mode == "write" else "would be"
    lines = [
        render_injected(planned.plan, injected, target.output, verb) + "\n"
        for planned, injected in zip(result.planned, result.injected, strict=True)
        if planned.plan is not None
    ]
    lines += told
    nothing = "no module of these releases names a state record that both have: nothing to do\n"
    return Answer("".join(lines), result.diagnostics, "" if result.planned else nothing)


def _write(result: Injection, target: Target) -> None:
    if target.output is None:
        library.write(result.injected)
    else:
        (one,) = result.injected
        write_bytes(target.output, one.after or one.before)


def eject(helper: Helper, path: Path, output: Path | None) -> Answer:
    """Takes out what `inject` put in, and writes."""
    result = library.eject(helper, path)
    if result.diagnostics:
        return Answer(diagnostics=result.diagnostics)
    if output is not None:
        write_bytes(output, result.after or result.before)
    else:
        library.write([result])
    return Answer(render_ejected(result, output) + "\n")


def inspect(helper: Helper, path: Path, record: str | None, form: str) -> Answer:
    """The facts of one beam."""
    module = library.inspect(helper, path, record)
    kept = shown_type(module) if record is None else None
    shown = None if kept else shown_record(module, record)
    if form == "json":
        return Answer(document(inspected_json(module, shown, kept)))
    return Answer(render_inspected(module, shown, kept))


def scan(helper: Helper, paths: Sequence[Path], form: str, progress: Progress) -> Answer:
    """The modules that keep a state record, or seem to."""
    scanned, unreadable = library.scan(helper, paths, progress)
    text = document(scan_json(scanned, unreadable)) if form == "json" else render_scan(scanned)
    return Answer(text, tuple(unreadable))
