"""All commands of the command line, each by its name."""

from __future__ import annotations

import click

from migrator.cli import command


def _all() -> dict[str, click.Command]:
    found = {}
    with click.Context(command, info_name="migrator") as context:
        for name in command.list_commands(context):
            each = command.get_command(context, name)
            assert each is not None, name
            found[name] = each
    return found


COMMANDS = _all()
