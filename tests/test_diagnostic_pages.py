"""docs/diagnostics: a page for each code, all of one form, and every example raises what the page is about."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from migrator.cli import INTERRUPTED, command
from migrator.diagnostics import CATALOGUE
from tests.support.node import release_of
from tests.support.otp29 import erl29
from tests.support.pages import FOLDER, SECTIONS, Page, matches, pages, run, said_on

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.node import Node

pytest_plugins = ["tests.support.bench29"]

PAGES = pages()
# The OTP release that brought native records.
NATIVE = 29
EXITS = {code: kind.exit for code, kind in CATALOGUE.items()} | {"M207": INTERRUPTED}


def test_there_is_a_page_for_each_code() -> None:
    """No code is without a page, and no page is about a code that does not exist."""
    assert [page.code for page in PAGES] == sorted(CATALOGUE)
    assert sorted(path.name for path in FOLDER.iterdir() if path.name != "README.md") == [p.path.name for p in PAGES]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.code)
def test_a_page_has_the_form(page: Page) -> None:
    """A page begins with the code, its title, severity and exit, and has these sections, none of them empty."""
    kind = CATALOGUE[page.code]
    title, gap, severity, *_ = page.text.splitlines()
    assert (title, gap) == (f"# {kind.code}: {kind.title}", "")
    assert severity == f"{kind.severity}, exit {EXITS[kind.code]}"
    parts = re.split(r"^## (.*)\n", page.text, flags=re.MULTILINE)[1:]
    assert tuple(parts[::2]) == SECTIONS
    assert [section for section, text in zip(SECTIONS, parts[1::2], strict=True) if not text.strip()] == []
    assert "TODO" not in page.text


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.code)
def test_the_example_raises_it(page: Page, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    """The session prints what the page shows; among it the code with its headline, from a command with its exit."""
    otp = release_of(request.getfixturevalue("node"))
    if page.code == "M462" and otp >= NATIVE:
        pytest.skip("it is told of an Erlang that is older than OTP 29, and there is none such here")
    folder = tmp_path / "example"
    folder.mkdir()
    node: Node = request.getfixturevalue("node29" if page.native else "node")
    erl = {"MIGRATOR_ERL": str(erl29())} if page.native else {}
    steps, ran = page.steps(), run(page, node, folder, **erl)
    for step, done in zip(steps, ran, strict=True):
        assert matches(said_on(otp, step.shown), done.printed), f"$ {step.typed}\n{done.printed}"
    headline = r"^Error: \S" if page.code == "M001" else rf"^[a-z]+\[{page.code}\] \S"
    raised = [
        done.exit
        for step, done in zip(steps, ran, strict=True)
        if re.search(headline, step.shown, re.MULTILINE) and re.search(headline, done.printed, re.MULTILINE)
    ]
    assert EXITS[page.code] in raised


def test_what_another_otp_says_is_asserted() -> None:
    """Only the words that OTP itself changed are other ones there."""
    shown = "in call from kv:f/1 (v2/kv.erl, line 8)\n*** argument 1: not a map\nline 8\n"
    assert said_on(25, shown) == shown
    assert said_on(27, shown) == shown.replace("a map", "a map or an iterator")
    assert said_on(29, shown) == (
        "in call from kv:f/1 (v2/kv.erl:8)\n*** argument 1: not a map or an iterator\nline 8\n"
    )


def test_what_a_session_prints_is_compared() -> None:
    """`…` stands for text inside a line, or for whole lines, and nothing else is passed over."""
    assert matches("a … c\n…\nend\n", "a b c\nx\ny\nend\n")
    assert matches("…\nend\n", "end\n")
    assert not matches("a\n", "a\nb\n")
    assert not matches("a … c\n", "a b\nc\n")


@pytest.mark.parametrize("code", [*CATALOGUE, "m301"])
def test_explain_prints_the_page(code: str) -> None:
    """`migrator explain` prints the page as it stands, in capitals or not."""
    done = CliRunner().invoke(command, ["explain", code])
    assert (done.exit_code, done.output) == (0, (FOLDER / f"{code.upper()}.md").read_text(encoding="utf-8"))


def test_explain_lists_the_codes() -> None:
    """Without a code every code is listed with its title."""
    done = CliRunner().invoke(command, ["explain"])
    assert done.exit_code == 0
    assert done.output.splitlines() == [f"{kind.code}  {kind.title}" for kind in CATALOGUE.values()]


@pytest.mark.parametrize(("typed", "near"), [("M3O1", "M301"), ("M31", "M310"), ("M300", "M302"), ("x", "lists all")])
def test_an_unknown_code_is_wrong_usage(typed: str, near: str) -> None:
    """Exit 2, with the codes that come near, or at least where to find them."""
    done = CliRunner().invoke(command, ["explain", typed])
    assert done.exit_code == 2
    assert near in done.output
