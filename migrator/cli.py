"""The command: arguments in, text and exit code out. stdout is the product, stderr is the talk."""

from __future__ import annotations

import gc
import sys
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from migrator import options, otp
from migrator.console import finish, highlighted, lose, progress, put, say
from migrator.diagnostics import CATALOGUE, Diagnostic, exit_code

if TYPE_CHECKING:
    from collections.abc import Sequence

INTERRUPTED = 130
# Values are made and kept: looking for circles among them every 700 new ones is a twentieth of a run, and finds none.
_NEW_ONES = 50_000


# The commands that stand in files of their own, by these: each is imported when it is asked for.
_ELSEWHERE = {
    "appup": "cli_appup",
    "check": "cli_lock",
    "hook": "cli_hook",
    "init": "cli_init",
    "lock": "cli_lock",
    "rehearse": "cli_rehearse",
    "relup": "cli_relup",
    "verify": "cli_verify",
}


class _Commands(click.Group):
    """As click's documentation has it under "Lazily Loading Subcommands"."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted([*super().list_commands(ctx), *_ELSEWHERE])

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _ELSEWHERE:
            return super().get_command(ctx, cmd_name)
        found: click.Command = getattr(import_module(f"migrator.{_ELSEWHERE[cmd_name]}"), cmd_name)
        return found


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="migrator")
def command() -> None:
    """Carry the state of running Erlang processes from one release to the next, and back.

    The migrator reads two versions of a module's beam, compares the record that its processes keep as their
    state, writes the code_change that turns the one into the other, and compiles it into the new beam.

    \b
    A module takes part when it says which record that is, or which type:
        -state_record(state).       -state_type(conns).

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

    OLD and NEW are two versions of one module's beam, or two releases (an ebin, a lib folder, a release
    root): then every module that names a state record is shown. Several OLD give one migration from each.
    An OLD may be a lock file (all its versions), or LOCK@VSN.

    \b
    Example:
        migrator preview old/ebin/kv.beam new/ebin/kv.beam
        migrator preview --format plan old/lib new/lib

    What a person must decide is shown at its place, with the line to write.

    Exit codes: 0 done, 3 a person must decide, 4 an input cannot be used, 5 the environment cannot serve.
    """
    request = options.request(planning)
    with otp.start(otp.find_erl(erl)) as helper, progress("reading") as shown:
        from migrator import commands  # noqa: PLC0415 - while Erlang starts: it takes as long as the import

        answer = commands.preview(helper, paths, form=form, request=request, paint=highlighted, progress=shown)
    finish(answer)


@command.command()
@options.versions
@options.planning
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Write the new beam there and leave NEW alone.")
@click.option(
    "--eunit",
    metavar="DIR",
    type=click.Path(path_type=Path),
    help="Write MODULE_migration_tests.erl there too, which checks the migration in `rebar3 eunit`.",
)
@click.option("--dry-run", is_flag=True, help="Do all but writing.")
def inject(
    paths: tuple[Path, ...],
    erl: Path | None,
    output: Path | None,
    eunit: Path | None,
    dry_run: bool,  # noqa: FBT001 - click's flag
    **planning: object,
) -> None:
    """Compile the migration into NEW, after a proof that nothing else changed.

    NEW keeps all else: the other functions' code, its vsn, attributes, debug info and chunks. With two
    releases every module that names a state record is done, all or none. The same again changes nothing.

    \b
    Example:
        migrator inject old/ebin/kv.beam new/ebin/kv.beam
        migrator inject -o /tmp/kv.beam v1/kv.beam v2/kv.beam v3/kv.beam
        migrator inject --eunit test states.lock _build/default/lib

    Exit codes: 0 done, 3 a person must decide, 4 an input cannot be used, 5 the environment cannot serve.
    With any but 0 nothing is written.
    """
    if output is not None and paths[-1].is_dir():
        raise click.UsageError("-o goes with beams, not with releases")
    request = options.request(planning)
    with otp.start(otp.find_erl(erl)) as helper, progress("injecting") as shown:
        from migrator import commands  # noqa: PLC0415 - as in preview

        target = commands.Target(output, "dry_run" if dry_run else "write", eunit)
        answer = commands.inject(helper, paths, target, request, shown)
    finish(answer)


@command.command()
@click.argument("path", metavar="NEW", type=click.Path(path_type=Path))
@options.erl
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Write the beam there and leave NEW alone.")
def eject(path: Path, erl: Path | None, output: Path | None) -> None:
    """Take out of NEW what inject put in: code, attribute, export. The rest stays as it is.

    \b
    Example:
        migrator eject new/ebin/kv.beam

    Exit codes: 0 done or nothing to do, 4 an input cannot be used, 5 the environment cannot serve.
    """
    with otp.start(otp.find_erl(erl)) as helper:
        from migrator import commands  # noqa: PLC0415 - as in preview

        answer = commands.eject(helper, path, output)
    finish(answer)


@command.command()
@click.argument("path", metavar="BEAM", type=click.Path(path_type=Path))
@options.erl
@click.option("--record", metavar="NAME", help="The record to show, for a module that names none.")
@options.text_or_json
def inspect(path: Path, erl: Path | None, record: str | None, form: str) -> None:
    """Show a module's state record, and the migrations that its beam carries.

    \b
    Example:
        migrator inspect new/ebin/kv.beam

    Exit codes: 0 done, 4 an input cannot be used, 5 the environment cannot serve.
    """
    with otp.start(otp.find_erl(erl)) as helper:
        from migrator import commands  # noqa: PLC0415 - as in preview

        answer = commands.inspect(helper, path, record, form)
    finish(answer)


@command.command()
@click.argument("paths", metavar="PATH...", nargs=-1, required=True, type=click.Path(path_type=Path))
@options.erl
@options.text_or_json
def scan(paths: tuple[Path, ...], erl: Path | None, form: str) -> None:
    """List the modules that keep a state record, and those that seem to and do not say so.

    PATH is a beam, an ebin, a lib folder or a release root.

    \b
    Example:
        migrator scan _build/default/lib

    Exit codes: 0 done, 4 some beam cannot be read, 5 the environment cannot serve.
    """
    with otp.start(otp.find_erl(erl)) as helper, progress("scanning") as shown:
        from migrator import commands  # noqa: PLC0415 - as in preview

        answer = commands.scan(helper, paths, form, shown)
    finish(answer)


@command.command()
@click.argument("code", metavar="[CODE]", required=False)
def explain(code: str | None) -> None:
    """Tell what a diagnostic means: what happened, why it matters, how to fix it.

    CODE is what stands in the brackets of a message, as in decide[M301]; without one all codes are listed.

    \b
    Example:
        migrator explain M301
        migrator explain

    Exit codes: 0 done, 2 no such code. It reads no beam and starts no Erlang, so there is no 4 and no 5.
    """
    from migrator import explain as pages  # noqa: PLC0415 - the other commands do without it

    try:
        put(pages.listed() if code is None else pages.page(code))
    except pages.UnknownCode as unknown:
        raise click.UsageError(f"{unknown}\nmigrator explain lists all codes") from None


def _document(diagnostics: Sequence[Diagnostic], code: int) -> None:
    """With `--format json` stdout is one JSON document also where no command could run to its end."""
    name, form, seed = options.asked(sys.argv[1:])
    if form == "json":
        from migrator.render.json import document  # noqa: PLC0415 - as in preview
        from migrator.render.refused import refusal  # noqa: PLC0415 - as in preview

        put(document(refusal(name, diagnostics, code, seed)))


def main() -> NoReturn:
    """The entry point: no exception leaves it, every outcome has its exit code."""
    gc.set_threshold(_NEW_ONES)
    try:
        command(standalone_mode=False)
    except click.ClickException as error:
        with suppress(OSError):
            error.show()
        wrong = Diagnostic(CATALOGUE["M001"], error.format_message(), help=("migrator --help",))
        _document([wrong], error.exit_code)
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        interrupted = Diagnostic(CATALOGUE["M207"], "interrupted", "what was not finished was not written")
        say([interrupted])
        _document([interrupted], INTERRUPTED)
        sys.exit(INTERRUPTED)
    except BrokenPipeError:
        # The reader of stdout went away, as `head` does: nothing more can be said there.
        sys.stdout = None
        sys.exit(0)
    except Exception as error:  # noqa: BLE001 - a user never sees a traceback
        if isinstance(error, OSError) and error.filename is None:
            # No file is behind it: click could not print a help page.
            lose(error)
        from migrator.library import diagnostics_of  # noqa: PLC0415 - as in preview

        diagnostics = diagnostics_of(error)
        say(diagnostics)
        _document(diagnostics, exit_code(diagnostics))
        sys.exit(exit_code(diagnostics))
    sys.exit(0)


__all__ = ["main"]
