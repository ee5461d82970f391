"""The command: arguments in, text and exit code out. stdout is the product, stderr is the talk."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn, cast

import click

from migrator import library, options
from migrator.console import highlighted, paint, progress
from migrator.diagnostics import CATALOGUE, Diagnostic, Refused, exit_code
from migrator.render.erlang import render_erlang
from migrator.render.inspected import inspected_json, render_inspected
from migrator.render.json import document, planned_json, refused_json
from migrator.render.outcome import render_ejected, render_injected, render_unchanged
from migrator.render.report import render_report
from migrator.render.scanned import render_scan, scan_json
from migrator.render.table import render_table
from migrator.synthesise import synthesise
from migrator.write import write_bytes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from migrator.pipeline import Planned

INTERRUPTED = 130


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="migrator")
def command() -> None:
    """Carry the state of running Erlang processes from one release to the next, and back.

    The migrator reads two versions of a module's beam, compares the record that its processes keep as their state,
    writes the code_change that turns the one into the other, and compiles it into the new beam.

    \b
    A module takes part when it says which record that is:
        -state_record(state).

    \b
    Start with:
        migrator scan _build/default/lib
        migrator preview old/ebin/kv.beam new/ebin/kv.beam
        migrator inject  old/ebin/kv.beam new/ebin/kv.beam

    Exit codes: 0 done, 1 found something, 2 wrong usage, 3 a person must decide, 4 an input cannot be used,
    5 the environment cannot serve, 70 our own bug.
    """


@command.command()
@options.versions
@options.planning
@click.option(
    "--format",
    "form",
    type=click.Choice(["erlang", "plan", "json"]),
    default="erlang",
    show_default=True,
    help="The Erlang that will be compiled, a table of every field, or JSON.",
)
def preview(paths: tuple[Path, ...], form: str, erl: Path | None, **planning: object) -> None:
    """Print what would be generated; change nothing.

    OLD and NEW are two versions of one module's beam, or two releases (an ebin, a lib folder, a release root): then
    every module that names a state record is shown. Several OLD give one migration from each of them.

    \b
    Example:
        migrator preview old/ebin/kv.beam new/ebin/kv.beam
        migrator preview --format plan old/lib new/lib

    What a person must decide is shown at its place, and the exit code is 3.
    """
    request = options.request(planning)
    try:
        with library.start(erl) as helper, progress("reading") as shown:
            planned = library.preview(helper, paths[:-1], paths[-1], request, shown)
    except Exception as error:
        if form == "json":
            click.echo(document(refused_json(library.diagnostics_of(error))), nl=False)
        raise
    _say([each for one in planned for each in one.diagnostics])
    if form == "json":
        objects = [planned_json(each) for each in planned]
        click.echo(document(objects if paths[-1].is_dir() else objects[0]), nl=False)
    else:
        texts = [_erlang(each) if form == "erlang" else _table(each) for each in planned]
        click.echo("\n".join(text for text in texts if text), nl=False)
    _end([each for one in planned for each in one.diagnostics])


def _erlang(planned: Planned) -> str:
    plan = planned.plan
    if plan is None:
        return ""
    if plan.verdict == "unchanged":
        return render_unchanged(plan)
    return highlighted(render_erlang(synthesise(plan).functions))


def _table(planned: Planned) -> str:
    return render_table(planned.plan) if planned.plan else ""


@command.command()
@options.versions
@options.planning
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Write the new beam there and leave NEW alone.")
@click.option("--dry-run", is_flag=True, help="Do all but writing.")
def inject(  # noqa: D417 - click describes the options
    paths: tuple[Path, ...], erl: Path | None, output: Path | None, dry_run: bool, **planning: object  # noqa: FBT001 - click's flag
) -> None:
    """Generate the migration, compile it into NEW, prove that nothing else changed, and replace NEW.

    NEW keeps all else: the other functions' code, its vsn, attributes, debug info and chunks. With two releases every
    module that names a state record is done, all or none. The same again changes nothing.

    \b
    Example:
        migrator inject old/ebin/kv.beam new/ebin/kv.beam
        migrator inject -o /tmp/kv.beam v1/kv.beam v2/kv.beam v3/kv.beam
    """
    if output is not None and paths[-1].is_dir():
        raise click.UsageError("-o goes with beams, not with releases")
    request = options.request(planning)
    with library.start(erl) as helper, progress("injecting") as shown:
        result = library.inject(helper, paths[:-1], paths[-1], request, shown)
    _say(result.diagnostics)
    if result.exit:
        sys.exit(result.exit)
    if output is not None:
        (one,) = result.injected
        if not dry_run:
            write_bytes(output, one.after or one.before)
    elif not dry_run:
        library.write(result.injected)
    for planned, injected in zip(result.planned, result.injected, strict=True):
        if planned.plan is not None:
            click.echo(render_injected(planned.plan, injected, output, "would be" if dry_run else "is"))
    if not result.planned:
        click.echo("no module of these releases names a state record that both have: nothing to do", err=True)


@command.command()
@click.argument("path", metavar="NEW", type=click.Path(path_type=Path))
@options.erl
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Write the beam there and leave NEW alone.")
def eject(path: Path, erl: Path | None, output: Path | None) -> None:
    """Take out of NEW what inject put in: code, attribute, export. The rest stays as it is.

    \b
    Example:
        migrator eject new/ebin/kv.beam
    """
    with library.start(erl) as helper:
        result = library.eject(helper, path)
    _say(result.diagnostics)
    if not result.diagnostics:
        if output is not None:
            write_bytes(output, result.after or result.before)
        else:
            library.write([result])
        click.echo(render_ejected(result, output))
    _end(result.diagnostics)


@command.command()
@click.argument("path", metavar="BEAM", type=click.Path(path_type=Path))
@options.erl
@click.option("--record", metavar="NAME", help="The record to show, for a module that names none.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def inspect(path: Path, erl: Path | None, record: str | None, form: str) -> None:
    """Show a module's state record, and the migrations that its beam carries.

    \b
    Example:
        migrator inspect new/ebin/kv.beam
    """
    with library.start(erl) as helper:
        module = library.inspect(helper, path, record)
    if form == "json":
        click.echo(document(inspected_json(module, record)), nl=False)
    else:
        click.echo(render_inspected(module, record), nl=False)


@command.command()
@click.argument("paths", metavar="PATH...", nargs=-1, required=True, type=click.Path(path_type=Path))
@options.erl
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def scan(paths: tuple[Path, ...], erl: Path | None, form: str) -> None:
    """List the modules that keep a state record, and those that seem to and do not say so.

    PATH is a beam, an ebin, a lib folder or a release root.

    \b
    Example:
        migrator scan _build/default/lib
    """
    with library.start(erl) as helper, progress("scanning") as shown:
        scanned, unreadable = library.scan(helper, paths, shown)
    _say(unreadable)
    click.echo(document(scan_json(scanned, unreadable)) if form == "json" else render_scan(scanned), nl=False)
    _end(unreadable)


def _say(diagnostics: Sequence[Diagnostic]) -> None:
    click.echo(render_report(diagnostics, paint), nl=False, err=True)


def _end(diagnostics: Sequence[Diagnostic]) -> None:
    code = exit_code(tuple(diagnostics))
    if code:
        sys.exit(code)


def main() -> NoReturn:
    """The entry point: no exception leaves it, every outcome has its exit code."""
    try:
        command(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        _say([Diagnostic(CATALOGUE["M207"], "interrupted", "what was not finished was not written")])
        sys.exit(INTERRUPTED)
    except BrokenPipeError:
        # The reader of stdout went away, as `head` does: nothing more can be said there.
        sys.stdout = cast("object", None)  # type: ignore[assignment]
        sys.exit(0)
    except Exception as error:  # noqa: BLE001 - a user never sees a traceback
        diagnostics = library.diagnostics_of(error)
        _say(diagnostics)
        sys.exit(exit_code(diagnostics))
    sys.exit(0)


__all__ = ["Refused", "main"]
