"""`--help`: each page shows an example that works, says its exit codes and fits a window of 100 columns."""

from __future__ import annotations

import re
import shlex

import click
import pytest
from click.testing import CliRunner

from migrator.cli import command
from tests.support.commands import COMMANDS

PAGES = [(), *((name,) for name in COMMANDS)]
WIDE = 100


def _page(*names: str, width: int = WIDE) -> str:
    result = CliRunner().invoke(command, [*names, "--help"], terminal_width=width, prog_name="migrator")
    assert result.exit_code == 0
    return result.output


def _examples(page: str) -> list[str]:
    return [line.strip() for line in page.splitlines() if re.match(r" +migrator [a-z]+ ", line)]


def test_the_commands_are_those_of_the_contract() -> None:
    """The commands that this version has."""
    named = "appup check eject explain hook init inject inspect lock preview rehearse relup scan verify"
    assert named.split() == list(COMMANDS)


@pytest.mark.parametrize("names", PAGES)
def test_a_page_fits(names: tuple[str, ...]) -> None:
    """No line is wider than 100 columns, in the narrowest usual window none is wider than that."""
    for width in (80, WIDE):
        assert [line for line in _page(*names, width=width).splitlines() if len(line) > width] == []


@pytest.mark.parametrize("names", PAGES)
def test_a_page_has_an_example_that_parses(names: tuple[str, ...]) -> None:
    """Every example is a command line that the command takes: its options and arguments exist."""
    examples = _examples(_page(*names))
    assert examples
    for example in examples:
        _, name, *arguments = shlex.split(example)
        assert not names or name == names[0]
        subcommand = COMMANDS[name]
        with click.Context(command, info_name="migrator") as parent:
            assert subcommand.make_context(name, arguments, parent=parent).params


@pytest.mark.parametrize("names", PAGES)
def test_a_page_tells_the_exit_codes(names: tuple[str, ...]) -> None:
    """A script's author finds the exit codes on every page."""
    text = " ".join(_page(*names).split())
    assert re.search(r"Exit codes: 0 done.*\b4\b.*\b5\b", text)


def test_the_first_page_tells_all_exit_codes() -> None:
    """The command's own page has every code of the contract."""
    text = " ".join(_page().split())
    told = re.findall(r"\b(\d+) ", text[text.index("Exit codes:") : text.index("Options:")])
    assert told == ["0", "1", "2", "3", "4", "5", "70"]


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_is_explained(name: str) -> None:
    """No option stands there without a word on what it does."""
    options = [each for each in COMMANDS[name].params if isinstance(each, click.Option)]
    assert [each.name for each in options if not each.help] == []


@pytest.mark.parametrize("name", COMMANDS)
def test_the_list_of_commands_says_each_in_a_line(name: str) -> None:
    """The first page describes every command without cutting it off."""
    line = next(line for line in _page().splitlines() if line.startswith(f"  {name} "))
    assert line.split(maxsplit=1)[1]
    assert not line.endswith("...")


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["nonsense"],
        ["preview"],
        ["preview", "one.beam"],
        ["preview", "--format", "xml", "a", "b"],
        ["preview", "--record", ":x", "a", "b"],
        ["inject", "--allow", "all", "a", "b"],
        ["inject", "--prefer", "none", "a", "b"],
        ["eject"],
        ["scan"],
        ["explain", "M300"],
    ],
)
def test_wrong_usage_is_exit_2(arguments: list[str]) -> None:
    """A command line that makes no sense is told so with exit 2, before any Erlang is started."""
    assert CliRunner().invoke(command, arguments).exit_code == 2
