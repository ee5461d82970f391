"""The README says what is true: its tables are those of the code, its examples run."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import click
import pytest

from migrator import decisions
from migrator.diagnostics import CATALOGUE
from migrator.library import generated, preview
from migrator.lockfile import text_of
from migrator.locks import locked_release
from migrator.modules import Attribute
from migrator.request import Request
from migrator.rules import parse_rules
from migrator.terms import Atom, Term
from tests.support.beams import compile_file
from tests.support.commands import COMMANDS
from tests.support.samples import samples

if TYPE_CHECKING:
    from migrator.otp import Helper

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
SAMPLE = ROOT / "samples" / "renamed_and_added"
FIRST = ["README.md", "ARCHITECTURE.md", "CHANGELOG.md", "erlang_helpers/README.md"]
PAGES = [*FIRST, *(str(p.relative_to(ROOT)) for top in ("docs", "samples") for p in sorted((ROOT / top).rglob("*.md")))]
DETECTS = ROOT / "docs" / "DETECTS.md"


def _block(language: str, beginning: str) -> str:
    """The text of the first block in that language that begins so."""
    blocks = re.findall(r"^```(\w*)\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
    return next(str(text) for name, text in blocks if name == language and text.startswith(beginning))


def _section(title: str) -> str:
    return README.split(f"\n## {title}\n")[1].split("\n## ")[0]


@pytest.fixture
def beams(tmp_path: Path) -> tuple[Path, Path]:
    """The sample, compiled where the README's examples look for it."""
    old = compile_file(SAMPLE / "v1" / "kv.erl", tmp_path / "old")
    return old, compile_file(SAMPLE / "v2" / "kv.erl", tmp_path / "new")


def test_the_table_of_diagnostics_is_the_catalogue() -> None:
    """The README lists every code with its title and exit, and no other."""
    rows = re.findall(r"^\| (M\d+) \| (.*?) \| (\d+|-) \|$", _section("Diagnostics"), re.MULTILINE)
    assert rows == [(each.code, each.title, str(each.exit or "-")) for each in CATALOGUE.values()]


def test_no_code_stands_in_the_catalogue_twice() -> None:
    """Of two with one code the first would be gone without a word."""
    rows = re.findall(
        r'^ +\("(M\d+)"', (ROOT / "migrator" / "diagnostics.py").read_text(encoding="utf-8"), re.MULTILINE
    )
    assert rows == list(CATALOGUE)


def test_the_table_of_commands_is_the_command() -> None:
    """The README has each command, and no other."""
    told = re.findall(r"^\| `migrator (\w+)", _section("Commands"), re.MULTILINE)
    assert sorted(told) == list(COMMANDS)


def test_the_table_of_options_is_the_command() -> None:
    """The README has every option of every command, and no other."""
    told = set(re.findall(r"`(-o|--[a-z-]+)[ `\\]", _section("Commands")))
    options = [p for each in COMMANDS.values() for p in each.params if isinstance(p, click.Option)]
    have = {text for option in options for text in option.opts}
    assert told == have - {"--output", "--help"}


# A way to write each form that the README's table has, as the term that Erlang reads.
FORMS: dict[str, Term] = {
    "{rename, OLD, NEW}": (Atom("rename"), Atom("a"), Atom("b")),
    "{drop, FIELD}": (Atom("drop"), Atom("a")),
    "{drop, FIELD, VALUE}": (Atom("drop"), Atom("a"), 7),
    "{default, FIELD}": (Atom("default"), Atom("a")),
    "{init, FIELD, FUNCTION}": (Atom("init"), Atom("a"), Atom("f")),
    "{init, FIELD, as_init}": (Atom("init"), Atom("a"), Atom("as_init")),
    "{copy, FIELD}": (Atom("copy"), Atom("a")),
    "{convert, FIELD, UP, DOWN}": (Atom("convert"), Atom("a"), Atom("f"), Atom("g")),
    "{convert, FIELD, UP}": (Atom("convert"), Atom("a"), Atom("f")),
    "{move, OLD, [FIELD, …]}": (Atom("move"), Atom("a"), [Atom("r"), Atom("b")]),
    "{deep, FIELD}": (Atom("deep"), Atom("a")),
    "{in, RECORD, [DECISION, …]}": (Atom("in"), Atom("r"), [(Atom("drop"), Atom("a"))]),
    "{rename_record, OLD, NEW}": (Atom("rename_record"), Atom("r"), Atom("s")),
    "{state, UP, DOWN}": (Atom("state"), Atom("f"), Atom("g")),
    "{state, UP}": (Atom("state"), Atom("f")),
    "{downgrade, convert_first}": (Atom("downgrade"), Atom("convert_first")),
    "{downgrade, own_first}": (Atom("downgrade"), Atom("own_first")),
    "{from, VSN, [DECISION, …]}": (Atom("from"), 1, [(Atom("drop"), Atom("a"))]),
}


def test_the_table_of_decisions_has_these_forms() -> None:
    """The README's table and the forms that are tried below are the same."""
    rows = re.findall(r"^\| (`\{.*?\}`) \|", _section("Decisions"), re.MULTILINE)
    told = [form for row in rows for form in re.findall(r"`(\{.*?\})`", row)]
    assert told == list(FORMS)


@pytest.mark.parametrize("form", FORMS)
def test_every_decision_of_the_table_is_read(form: str) -> None:
    """Each form in the README is a decision that this version understands."""
    written, unreadable = decisions.read_decisions([Attribute("state_migration", [FORMS[form]], "m.erl", 1)])
    assert (len(written), unreadable) == (1, ())


def test_the_decisions_file_shown_is_one() -> None:
    """The decisions file in the README has every kind of statement but `downgrade`, and is read as it stands."""
    (section,) = parse_rules(_block("erlang", "migrate kv"), "kv.migration")
    words = {"record", "rename", "convert", "init", "as_init", "default", "copy", "move", "deep", "drop"}
    assert words == {each.word for each in section.statements}


def test_the_first_screen_is_real(beams: tuple[Path, Path], helper: Helper) -> None:
    """The preview that the README begins with is what the command prints for that sample."""
    (planned,) = preview(helper, [beams[0]], beams[1])
    assert planned.plan is not None
    shown = _block("", "$ migrator preview").split("\n", 1)[1].split("\n…\n")[0]
    assert generated(planned.plan).startswith(shown)


def test_the_records_shown_are_the_samples() -> None:
    """The declarations at the top of the README stand in the sample."""
    sources = "".join((SAMPLE / version / "kv.erl").read_text(encoding="utf-8") for version in ("v1", "v2"))
    shown = [line.split("%")[0].rstrip() for line in _block("erlang", "-record").splitlines()]
    assert [line for line in shown if line not in sources.splitlines()] == []


def test_the_lock_file_shown_is_real(beams: tuple[Path, Path], helper: Helper) -> None:
    """The lock that the README shows is what the command writes for that sample."""
    entries = locked_release(helper, beams[0], Request()).entries
    assert _block("erlang", "% The records") == text_of(entries)


def test_the_librarys_example_runs(
    beams: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The README's Python, as it stands, shows the migration and writes it."""
    monkeypatch.chdir(beams[0].parent.parent)
    before = beams[1].read_bytes()
    exec(compile(_block("python", "from pathlib"), "README.md", "exec"), {})  # noqa: S102 - as a user pastes it
    assert "code_change(" in capsys.readouterr().out
    assert beams[1].read_bytes() != before


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page: str) -> None:
    """Every relative link of a page leads to a file of the project."""
    path = ROOT / page
    links = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", path.read_text(encoding="utf-8"))
    assert [link for link in links if not (path.parent / link).exists()] == []


def test_every_sample_is_on_the_page_of_what_is_detected() -> None:
    """docs/DETECTS.md leads to each kind of change in samples; that its links lead somewhere, the test above holds."""
    linked = set(re.findall(r"\]\(\.\./samples/(\w+)\)", DETECTS.read_text(encoding="utf-8")))
    assert linked == {sample.name for sample in samples()}


def test_every_line_of_that_page_shows_a_sample() -> None:
    """Each thing that it says is detected, or is not, is shown by a sample."""
    lines = [line for line in DETECTS.read_text(encoding="utf-8").splitlines() if line.startswith("- ")]
    assert [line for line in lines if "](../samples/" not in line] == []


def test_the_tests_that_hold_the_invariants_are_there() -> None:
    """ARCHITECTURE.md names no test file that is gone."""
    named = set(re.findall(r"`(test_\w+\.py)`", (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")))
    assert named - {path.name for path in (ROOT / "tests").glob("test_*.py")} == set()
