"""The command `init`: arguments in, text and exit code out."""

from __future__ import annotations

from pathlib import Path

import click

from migrator import options
from migrator.console import finish


@click.command()
@click.argument("folder", metavar="[DIR]", default=".", type=click.Path(path_type=Path))
@options.erl
@click.option("--write", is_flag=True, help="Write what can be written: files that exist are changed in place.")
@options.text_or_json
def init(folder: Path, erl: Path | None, write: bool, form: str) -> None:  # noqa: FBT001 - click gives flags so
    """Print the lines that bring the migrator into a project's build.

    DIR is the folder with its rebar.config, mix.exs, relx.config or Makefile. Told are the hook, the lock file
    of its released states, the modules that seem to keep a state and do not say so, and the commands of a
    release. With --write the lock file and the hook of rebar3 are written, all else stays as it is.

    \b
    Example:
        migrator init
        migrator init --write

    Exit codes: 0 done, 3 lines are left for a person to place, 4 no project, or a file that cannot be used,
    5 the environment cannot serve.
    """
    from migrator import commands_init  # noqa: PLC0415 - the other commands do without it

    answer = commands_init.init(folder, erl, "write" if write else "print", form)
    finish(answer)
