"""The command `hook`: arguments in, text and exit code out."""

from __future__ import annotations

from pathlib import Path

import click

from migrator import options, otp
from migrator.console import finish, progress


@click.command()
@options.versions
@options.planning
@click.option(
    "--old-debug-info",
    "old_debug",
    multiple=True,
    metavar="DIR|LOCK",
    type=click.Path(path_type=Path),
    help="Where the debug info of a stripped OLD is: a lib folder of that build, or a lock file.",
)
@click.option(
    "--new-debug-info",
    "new_debug",
    multiple=True,
    metavar="DIR",
    type=click.Path(path_type=Path),
    help="The same for a stripped NEW.",
)
@click.option("--fix-appup", is_flag=True, help="Mend the appups of NEW where they would not call code_change.")
@options.text_or_json
def hook(  # noqa: PLR0913, PLR0917 - the options of the command
    paths: tuple[Path, ...],
    form: str,
    erl: Path | None,
    old_debug: tuple[Path, ...],
    new_debug: tuple[Path, ...],
    fix_appup: bool,  # noqa: FBT001 - click's flag
    **planning: object,
) -> None:
    """Put the migrations into all of a release, before it is packaged.

    OLD and NEW are releases: a lib folder (_build/PROFILE/lib), an ebin, a release root (ROOT@VSN where it
    holds several versions) or its tarball; an OLD may be a lock file. Dependencies take part as well. All
    beams are changed or none; the same again changes nothing.

    \b
    Example:
        migrator hook _build/prod/rel/shop _build/prod/lib
        migrator hook shop-1.0.tar.gz shop-2.0.tar.gz

    Exit codes: 0 done, 3 a person must decide, 4 an input cannot be used, 5 the environment cannot serve.
    With any but 0 nothing is written.
    """
    request = options.request(planning)
    with otp.start(otp.find_erl(erl)) as helper, progress("hook") as shown:
        from migrator import commands_hook  # noqa: PLC0415 - while Erlang starts: it takes as long as the import
        from migrator.release.hook import Wanted  # noqa: PLC0415 - as above

        wanted = Wanted(old_debug, new_debug, "fix" if fix_appup else "warn")
        answer = commands_hook.hook(helper, paths, form=form, request=request, wanted=wanted, progress=shown)
    finish(answer)
