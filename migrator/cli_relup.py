"""The command `relup`: arguments in, text and exit code out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from migrator import options, otp
from migrator.console import finish


@click.command()
@options.versions
@options.erl
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), help="Write the relup there.  [default: NEW/releases/VSN/relup]"
)
@click.option(
    "--appups",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Appups that NEW lacks: a lib folder, or what appup -o DIR wrote.",
)
@click.option("--tar", is_flag=True, help="Pack NEW too, with its relup: NEW/NAME-VSN.tar.gz.")
@click.option("--tar-file", type=click.Path(path_type=Path), metavar="FILE", help="Pack NEW too, into that file.")
@options.text_or_json
def relup(paths: tuple[Path, ...], erl: Path | None, appups: Path | None, form: str, **where: Any) -> None:  # noqa: ANN401 - click's options
    """Make the relup from OLD to NEW and back, with OTP's systools.

    It is made of the appups of NEW. OLD and NEW are release roots (_build/default/rel/NAME), one version in
    such a root (DIR@VSN), or tarballs. Several OLD make one relup that leads from each of them. With --tar
    the release is packed as release_handler unpacks it, the relup in it; a NEW that is a tarball is packed
    again in its place.

    \b
    Example:
        migrator relup _build/default/rel/shop@1.0.0 _build/default/rel/shop@1.1.0
        migrator relup --tar shop-1.0.0.tar.gz shop-1.0.1.tar.gz rel/shop

    Exit codes: 0 done, 4 an input cannot be used or systools refuses it, 5 the environment cannot serve.
    With any but 0 nothing is written.
    """
    from migrator.release.archive import is_archive  # noqa: PLC0415 - the other commands do without it

    output, packed = where["output"], where["tar"] or where["tar_file"] is not None
    if is_archive(paths[-1]) and not packed and output is None:
        raise click.UsageError("NEW is a tarball: --tar packs it again with its relup, -o FILE writes the relup alone")
    with otp.start(otp.find_erl(erl)) as helper:
        from migrator import commands_relup  # noqa: PLC0415 - while Erlang starts: it takes as long as the import

        targets = commands_relup.Targets(output, where["tar_file"], "packed" if packed else "relup")
        answer = commands_relup.relup(helper, paths, appups, targets, form)
    finish(answer)
