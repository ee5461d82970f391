"""The options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from migrator.request import Choice, Request, parse_choice

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

F = TypeVar("F", bound="Callable[..., Any]")


class ChoiceParameter(click.ParamType[Choice]):
    """`NAME` or `OLD:NEW`."""

    name = "record"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> Choice:
        """Reads the option's text; a usage error where it is neither form."""
        if isinstance(value, Choice):
            return value
        try:
            return parse_choice(str(value))
        except ValueError:
            return self.fail("a record's name is meant, or OLD:NEW", param, ctx)


def _versions(_: click.Context, __: click.Parameter, paths: tuple[Path, ...]) -> tuple[Path, ...]:
    if len(paths) < 2:  # noqa: PLR2004 - an old version and the new one
        raise click.UsageError("at least two versions are needed: OLD... NEW")
    return paths


def versions(function: F) -> F:
    """`OLD... NEW`."""
    return click.argument(
        "paths",
        metavar="OLD... NEW",
        nargs=-1,
        required=True,
        type=click.Path(path_type=Path),
        callback=_versions,
    )(function)


def erl(function: F) -> F:
    """`--erl`."""
    return click.option(
        "--erl",
        type=click.Path(path_type=Path),
        help="The erl to use, of the OTP release that built NEW.  [default: $MIGRATOR_ERL, else erl on the PATH]",
    )(function)


def text_or_json(function: F) -> F:
    """`--format` of the commands that tell what is there."""
    return click.option(
        "--format",
        "form",
        type=click.Choice(["text", "json"]),
        default="text",
        show_default=True,
        help="For a person, or for a program.",
    )(function)


def _together(function: F, *given: Callable[[F], F]) -> F:
    for option in reversed(given):
        function = option(function)
    return function


def naming(function: F) -> F:
    """The options that name state records."""
    return _together(
        function,
        click.option(
            "--record",
            "choice",
            type=ChoiceParameter(),
            metavar="NAME|OLD:NEW",
            help="The state record, for a module that has no -state_record.",
        ),
        click.option(
            "--rules",
            type=click.Path(path_type=Path),
            metavar="FILE|DIR",
            help="Decisions beside the module: a file, or a folder with MODULE.migration in it.",
        ),
    )


def planning(function: F) -> F:
    """The options that steer a plan."""
    return _together(
        function,
        erl,
        naming,
        click.option(
            "--allow",
            multiple=True,
            type=click.Choice(["drop", "retype", "default"]),
            help="Accept all lost fields, changed types, or undefined for fields that init/1 computes.",
        ),
        click.option(
            "--prefer",
            type=click.Choice(["generated", "handwritten"]),
            help="Which converts an old state where the module has a clause for it too.",
        ),
        click.option("--strict", is_flag=True, help="Ask about changed records in places that no type reveals."),
    )


def request(given: dict[str, Any]) -> Request:
    """The request that these options make."""
    return Request(
        choice=given["choice"],
        allow=frozenset(given.get("allow", ())),
        prefer=given.get("prefer"),
        unrevealed="ask" if given.get("strict") else "warn",
        rules=given["rules"],
    )


def asked(arguments: Sequence[str]) -> tuple[str, str, int | None]:
    """The command, the form of its output and the seed that these arguments ask for, however wrong the rest of them is.

    Each is empty, or None, where it is not asked for; of several the last counts.
    """
    name = next((each for each in arguments if not each.startswith("-")), "")
    meant = list(arguments[: arguments.index("--")] if "--" in arguments else arguments)
    given: dict[str, str] = {}
    for number, each in enumerate(meant):
        option, equals, value = each.partition("=")
        given[option] = value if equals else "".join(meant[number + 1 : number + 2])
    seed = given.get("--seed", "")
    return name, given.get("--format", ""), int(seed) if seed.isdecimal() else None
