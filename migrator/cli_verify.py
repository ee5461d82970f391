"""The command `verify`: arguments in, text and exit code out."""

from __future__ import annotations

from pathlib import Path

import click

from migrator import options, otp
from migrator.console import coloured_out, finish, progress
from migrator.verifying.findings import Trial


@click.command()
@options.versions
@options.planning
@click.option("--states", type=click.IntRange(0), default=1000, show_default=True, help="How many to generate.")
@click.option("--seed", type=click.IntRange(0), help="Generate the states of the run that named it.  [default: others]")
@click.option(
    "--state",
    "given",
    multiple=True,
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="States to try besides: Erlang terms, or a dump by term_to_binary. Can be given several times.",
)
@options.text_or_json
def verify(  # noqa: PLR0913, PLR0917 - its options
    paths: tuple[Path, ...],
    states: int,
    seed: int | None,
    given: tuple[Path, ...],
    form: str,
    erl: Path | None,
    **planning: object,
) -> None:
    """Try the migration on states, up and back, in a throw-away node.

    OLD and NEW are two versions of one module's beam, or two releases, as preview takes them. States are
    generated from the types of the records, converted by the code that inject would write (or NEW has), and
    judged by the plan. Of the module itself only functions run that a decision or a default names. A state
    that comes out wrong is made as small as it gets, and shown with the field and the line at fault.

    \b
    Example:
        migrator verify old/ebin/kv.beam new/ebin/kv.beam
        migrator verify --states 100 old/lib new/lib
        migrator verify --state dump.bin old/ebin/kv.beam new/ebin/kv.beam

    A dump is made by file:write_file("dump.bin", term_to_binary(sys:get_state(P))).

    Exit codes: 0 done and all is well, 1 a state came out wrong, 3 a person must decide, 4 an input cannot
    be used, 5 the environment cannot serve.
    """
    request, trial = options.request(planning), Trial(states, seed, given, erl)
    with otp.start(otp.find_erl(erl)) as helper, progress("verifying") as shown:
        from migrator import commands_verify  # noqa: PLC0415 - while Erlang starts: it takes as long as the import

        answer = commands_verify.verify(
            helper, paths, form=form, request=request, trial=trial, paint=coloured_out, progress=shown
        )
    finish(answer)
