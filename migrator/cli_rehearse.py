"""The command `rehearse`: arguments in, text and exit code out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from migrator import options, otp
from migrator.console import finish, talk

if TYPE_CHECKING:
    from migrator.release.rehearsal import Load


def _pairs(_: click.Context, __: click.Parameter, given: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    for each in given:
        if not each.partition("=")[1]:
            raise click.BadParameter(f"NAME=VALUE is meant, not {each}")
    return tuple((name, value) for name, _, value in (each.partition("=") for each in given))


def _load(_: click.Context, __: click.Parameter, given: str | None) -> Load | None:
    if given is None:
        return None
    from migrator.release.rehearsal import Load  # noqa: PLC0415 - the other commands do without it

    return Load("escript" if Path(given).is_file() else "expression", given)


@click.command()
@click.argument("old", metavar="OLD", type=click.Path(path_type=Path))
@click.argument("new", metavar="NEW", type=click.Path(path_type=Path))
@options.erl
@click.option(
    "--load",
    metavar="SCRIPT",
    callback=_load,
    help="Drives the system meanwhile: an Erlang expression, evaluated in the node again and again, or an escript.",
)
@click.option(
    "--config",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="A sys.config in the place of the releases' own.",
)
@click.option(
    "--env", multiple=True, metavar="NAME=VALUE", callback=_pairs, help="A variable for the node and its configuration."
)
@click.option("--nodes", type=click.IntRange(1, 32), default=1, show_default=True, help="A cluster of so many nodes.")
@click.option("--together", is_flag=True, help="Upgrade all nodes at once, as sync_nodes wants it.")
@click.option("--keep", is_flag=True, help="Leave the nodes running, to look at.")
@click.option(
    "--limit", type=click.FloatRange(1), default=60.0, show_default=True, help="Seconds that a step may take."
)
@options.text_or_json
def rehearse(  # noqa: PLR0913, PLR0917 - its options
    old: Path,
    new: Path,
    erl: Path | None,
    load: Load | None,
    config: Path | None,
    env: tuple[tuple[str, str], ...],
    nodes: int,
    together: bool,  # noqa: FBT001 - click's flag
    keep: bool,  # noqa: FBT001 - click's flag
    limit: float,
    form: str,
) -> None:
    """Install the upgrade and the downgrade in a real, throw-away node.

    OLD and NEW are release roots (DIR@VSN names a version) or tarballs; NEW has a relup. OLD is copied to a
    folder of its own and booted, under its own name, on loopback; then release_handler installs NEW, OLD and
    NEW again. Every process that runs a changed module is looked at before and after.

    \b
    Example:
        migrator rehearse shop-1.tar.gz shop-2.tar.gz
        migrator rehearse --load 'ok = kv:put(a, 1)' rel/shop@1 shop-2.tar.gz

    Exit codes: 0 done and nothing was lost, 1 something was, 4 an input cannot be used, 5 the environment
    cannot serve.
    """
    from migrator.release.rehearsal import Asked  # noqa: PLC0415 - as above

    asked = Asked(nodes, "together" if together else "each", load, config, env, "kept" if keep else "end", limit)
    chosen = otp.find_erl(erl)
    with otp.start(chosen) as helper:
        from migrator import commands_rehearse  # noqa: PLC0415 - while Erlang starts: it takes as long as the import

        answer = commands_rehearse.rehearse(helper, old, new, chosen, asked, form, lambda line: talk(f"{line}\n"))
    finish(answer)
