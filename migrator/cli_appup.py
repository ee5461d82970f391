"""The command `appup`: arguments in, text and exit code out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from migrator import options, otp
from migrator.console import coloured_out, finish, progress

if TYPE_CHECKING:
    from migrator.release.supervisors import Mode
    from migrator.release.wishes import Preference, Wishes


@click.command()
@options.versions
@options.erl
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), metavar="DIR", help="Write there.  [default: beside each .app]"
)
@click.option("--dry-run", is_flag=True, help="Print the appups, write nothing.")
@click.option(
    "--purge", multiple=True, metavar="soft|brutal|MODULE=…", help="How old code is purged.  [default: brutal]"
)
@click.option(
    "--timeout",
    multiple=True,
    metavar="MS|infinity|MODULE=…",
    help="How long to wait for a process to suspend.  [default: OTP's 5000]",
)
@click.option("--extra", multiple=True, metavar="MODULE=TERM", help="The last argument of its code_change.")
@click.option(
    "--prefer",
    type=click.Choice(["generated", "handwritten"]),
    help="Which stays where an entry that is there leaves something out.",
)
@click.option(
    "--sources",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Where else APP.appup.src, .appup.pre.src and .appup.post.src may lie.",
)
@click.option("--define", multiple=True, metavar="NAME=VALUE", help="A variable of these: {{NAME}}.")
@click.option(
    "--supervisors",
    type=click.Choice(["read", "eval"]),
    default="read",
    show_default=True,
    help="Read the code of their init/1, or run it in a throw-away node.",
)
@options.text_or_json
def appup(  # noqa: PLR0913 - the options of the command
    paths: tuple[Path, ...],
    erl: Path | None,
    output: Path | None,
    *,
    dry_run: bool,
    form: str,
    prefer: Preference | None,
    sources: tuple[Path, ...],
    supervisors: Mode,
    **wished: tuple[str, ...],
) -> None:
    """Write the .appup files between two releases, up and down.

    OLD and NEW are each an ebin, a lib folder, a release root (or one version of it, DIR@VSN) or its tarball;
    several OLD give an entry from each. Entries of other versions, regular expressions and comments stay as
    they are. NEW may be given before or after the hook ran on it.

    \b
    Example:
        migrator appup _build/prod/rel/shop@1.0.0 _build/prod/lib
        migrator appup --dry-run --timeout kv=30000 old/lib new/lib

    Exit codes: 0 done, or nothing to do, 3 a person must decide, 4 an input cannot be used, 5 the
    environment cannot serve.
    """
    wishes = _wishes(wished, prefer or "ask")
    defined = dict(_defined(each) for each in wished["define"])
    program = otp.find_erl(erl)
    with otp.start(program) as helper, progress("reading") as shown:
        from migrator import commands_appup  # noqa: PLC0415 - while Erlang starts: it takes as long as the import

        place = commands_appup.Place(output, "dry_run" if dry_run else "write")
        work = commands_appup.Run(program, place, sources, defined, supervisors)
        answer = commands_appup.appup(
            helper, paths, form=form, wishes=wishes, run=work, paint=coloured_out, progress=shown
        )
    finish(answer)


def _defined(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not name or not equals:
        raise click.UsageError(f"--define {text}: NAME=VALUE is meant")
    return name, value


def _wishes(wished: dict[str, tuple[str, ...]], prefer: Preference) -> Wishes:
    from migrator.release.wishing import wishes_of  # noqa: PLC0415 - only this command needs it

    try:
        return wishes_of(wished["purge"], wished["timeout"], wished["extra"], prefer)
    except ValueError as error:
        raise click.UsageError(str(error)) from error
