"""The commands `lock` and `check`: arguments in, text and exit code out."""

from __future__ import annotations

from pathlib import Path

import click

from migrator import options, otp
from migrator.console import coloured_out, finish, progress


@click.command()
@click.argument("path", metavar="RELEASE|LOCK", type=click.Path(path_type=Path))
@options.erl
@options.naming
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), help="The lock file to write or to add to.  [default: stdout]"
)
@click.option("--prune", multiple=True, metavar="VSN|MODULE@VSN", help="Take the entries of that version out of LOCK.")
def lock(path: Path, erl: Path | None, output: Path | None, prune: tuple[str, ...], **naming: object) -> None:
    """Write the state records of a release to a text file for version control.

    RELEASE is an ebin, a lib folder, a release root, its tarball, or one beam. Every module that names a
    state record has an entry. A file that is there already keeps its other entries; one of the same module
    and vsn is replaced. Such a file stands wherever OLD is asked for: in preview, inject and check.

    \b
    Example:
        migrator lock _build/prod/rel/shop -o states.lock
        migrator lock --prune 1.0.0 states.lock

    Exit codes: 0 done, 4 an input cannot be used, 5 the environment cannot serve.
    """
    if prune:
        from migrator import commands_lock  # noqa: PLC0415 - no Erlang is needed

        finish(commands_lock.prune(path, prune, output))
        return
    request = options.request(naming)
    with otp.start(otp.find_erl(erl)) as helper:
        from migrator import commands_lock  # noqa: PLC0415 - while Erlang starts: it takes as long as the import

        answer = commands_lock.lock(helper, path, output, request)
    finish(answer)


@click.command()
@click.argument("paths", metavar="[OLD... NEW|RELEASE]", nargs=-1, required=True, type=click.Path(path_type=Path))
@options.planning
@click.option(
    "--lock",
    "against",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Does this lock tell the truth about RELEASE?",
)
@options.text_or_json
def check(paths: tuple[Path, ...], against: Path | None, form: str, erl: Path | None, **planning: object) -> None:
    """Say whether an upgrade would go well; for CI. Reads only.

    OLD and NEW are two versions of a beam, or two releases; an OLD may be a lock file. Modules that name no
    state record are passed by. With --lock: whether the lock has the states of RELEASE as they are.

    \b
    Example:
        migrator check old/lib new/lib
        migrator check states.lock _build/prod/rel/shop
        migrator check --lock states.lock _build/prod/rel/shop

    Exit codes: 0 done and all is well, 1 something would go wrong, 4 an input cannot be used, 5 the
    environment cannot serve.
    """
    if against is not None and len(paths) != 1:
        raise click.UsageError("with --lock one release is meant")
    if against is None and len(paths) < 2:  # noqa: PLR2004 - an old version and the new one
        raise click.UsageError("at least two versions are needed: OLD... NEW")
    request = options.request(planning)
    with otp.start(otp.find_erl(erl)) as helper, progress("checking") as shown:
        from migrator import commands_lock  # noqa: PLC0415 - as in lock

        answer = (
            commands_lock.check(helper, paths, form=form, request=request, paint=coloured_out, progress=shown)
            if against is None
            else commands_lock.check_against(helper, against, paths[0], request, form)
        )
    finish(answer)
