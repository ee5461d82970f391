"""The grammar of decisions files: what is written comes back, and what cannot stand is told with its place."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from migrator.diagnostics import Refused
from migrator.pairs import statement
from migrator.rules import load_rules, parse_rules
from migrator.terms import Atom, atom_text, term_text
from tests.support.records import names

if TYPE_CHECKING:
    from pathlib import Path

    from migrator.ruleset import Section

# Erlang whose every dot, `down` and quote belongs to it.
EXPRESSIONS = (
    "Value * 1000",
    "[$., $\\., $ , $\", $', $%, $\\s, $\\x{2e}, $\\^a]",
    '"a. b" "down. \\" % no comment"',
    "'it. is'",
    "1.5e3 + 16#ff - 2.0",
    "Old#state.down",
    "{down, [down | down]}",
    "case Value of down -> down; _ when true -> a end",
    "fun down/1",
    "fun(X) -> X end",
    "down(down)",
    "a:down() + - down",
    "<<>>",
    "<<Value:8/binary, 1>>",
    "#{}",
    "#{a => #{b := 1}}",
    "#state{down = 1}#state.down",
    "begin A = {}, [], A end",
    "[X || X <- Value, X =/= down, X >= 1, X =< 2]",
    "try a() catch _:_ -> down after down() end",
    "not down",
    "-1",
    "% a comment with a full stop. And more\n  Value",
)
expressions = st.sampled_from(EXPRESSIONS)
atoms = names.map(atom_text)


def _only(text: str) -> Section:
    (section,) = parse_rules(text, "kv.migration")
    return section


@st.composite
def statements(draw: st.DrawFn) -> tuple[str, str, tuple[str, ...], str | None, str | None]:
    """A statement's text, with its word, its names, and its expressions."""
    one, other = draw(names), draw(names)
    a, b = atom_text(one), atom_text(other)
    up, down = draw(expressions), draw(expressions)
    return draw(
        st.sampled_from(
            [
                (f"rename {a} -> {b}.", "rename", (one, other), None, None),
                (f"record {a} -> {b}.", "record", (one, other), None, None),
                (f"record {a}.", "record", (one,), None, None),
                (f"convert {a} = {up} down {down}.", "convert", (one,), up, down),
                (f"convert {a} = {up}.", "convert", (one,), up, None),
                (f"init {a} = {up}.", "init", (one,), up, None),
                (f"init {a} as_init.", "as_init", (one,), None, None),
                (f"default {a}.", "default", (one,), None, None),
                (f"drop {a}.", "drop", (one,), None, None),
                (f"drop {a} down {down}.", "drop", (one,), None, down),
                (f"copy {a}.", "copy", (one,), None, None),
                ("downgrade own_first.", "downgrade", ("own_first",), None, None),
                ("downgrade convert_first.", "downgrade", ("convert_first",), None, None),
            ]
        )
    )


def _bare(expression: str | None) -> str | None:
    """Without the comment before it, which is no part of it."""
    return None if expression is None else expression.rpartition("\n")[2].strip()


@given(st.lists(statements(), max_size=6), st.sampled_from(["\n", " ", "\n\n  % so. it is\n"]), names)
def test_what_is_written_comes_back(
    written: list[tuple[str, str, tuple[str, ...], str | None, str | None]], between: str, module: str
) -> None:
    """Any statements with any names and expressions are read as they were meant, each where it stands."""
    text = between.join([f"migrate {atom_text(module)}.", *(each[0] for each in written)])
    section = _only(text)
    assert section.module == module
    found = [
        (each.word, each.names, each.up and each.up.text, each.down and each.down.text) for each in section.statements
    ]
    assert found == [(word, named, _bare(up), _bare(down)) for _, word, named, up, down in written]
    lines = text.split("\n")
    for each in section.statements:
        word = "init" if each.word == "as_init" else each.word
        assert lines[each.line - 1][each.column - 1 :].startswith(word)


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_an_expression_ends_at_its_full_stop(expression: str) -> None:
    """No dot, quote or `down` inside an expression ends it, and what follows is read."""
    section = _only(f"migrate kv.\nconvert a = {expression} down {expression}.\ndrop b.")
    convert, drop = section.statements
    assert convert.up is not None
    assert convert.down is not None
    assert (convert.up.text, convert.down.text) == (_bare(expression), _bare(expression))
    assert drop.names == ("b",)


@pytest.mark.parametrize(
    ("text", "vsn"),
    [
        ('"1.0.0"', [49, 46, 48, 46, 48]),
        ('"\\x41\\102\\n\\^a\\x{20ac}"', [65, 66, 10, 1, 0x20AC]),
        ("7", 7),
        ("16#ff", 255),
        ("1_000", 1000),
        ("1.5", 1.5),
        ("undefined", Atom("undefined")),
        ("'a. b'", Atom("a. b")),
    ],
)
def test_the_vsn_of_a_section(text: str, vsn: object) -> None:
    """The version behind `from` is the term that Erlang reads there."""
    assert [term_text(each) for each in _only(f"migrate kv from {text}.").vsn] == [term_text(vsn)]  # type: ignore[arg-type]


def test_several_sections_in_one_file() -> None:
    """Each `migrate` begins a section, with its place."""
    sections = parse_rules('migrate a.\ndrop x.\n  migrate b from "1".\nmigrate a.\ncopy y.', "all.migration")
    found = [(each.module, each.place, len(each.statements)) for each in sections]
    assert found == [("a", "all.migration:1:1", 1), ("b", "all.migration:3:3", 0), ("a", "all.migration:4:1", 1)]


def test_an_empty_file_says_nothing() -> None:
    """A file of comments alone has no section."""
    assert parse_rules("% nothing. yet\n", "kv.migration") == ()


# What cannot stand: the place, what stands there, and something that was expected.
WRONG = {
    "drop a.": ("1:1", "drop", "migrate"),
    "migrate kv.\nrenam a -> b.": ("2:1", "renam", "rename"),
    "migrate kv.\n  rename a b.": ("2:12", "b", "->"),
    "migrate kv.\ndrop a": ("2:7", "the end of the file", "a full stop"),
    "migrate kv.\ndrop a\ndrop b.": ("3:1", "drop", "a full stop"),
    'migrate kv.\ninit a = "b. c.\n': ("2:10", "a string without an end", "an expression"),
    "migrate kv.\nrename 'a -> b.": ("2:8", "a quoted name without an end", "a name"),
    "migrate kv.\ninit a = .": ("2:10", ".", "an expression"),
    "migrate kv.\ninit a = 1 2.": ("2:12", "2", "an operator"),
    "migrate kv.\ninit A = 1.": ("2:6", "A", "a name"),
    "migrate kv.\ndowngrade never.": ("2:11", "never", "own_first"),
    "migrate kv from X.": ("1:17", "X", "a name"),
}


@pytest.mark.parametrize("text", WRONG)
def test_what_cannot_stand_is_told_with_its_place(text: str) -> None:
    """A statement that is none is an error (M114) with file, line and column, and what was expected there."""
    place, found, expected = WRONG[text]
    with pytest.raises(Refused) as refused:
        parse_rules(text, "kv.migration")
    (diagnostic,) = refused.value.diagnostics
    assert (diagnostic.code, diagnostic.place) == ("M114", f"kv.migration:{place}")
    assert diagnostic.message.startswith(f"{found} cannot stand here; expected: ")
    assert expected in diagnostic.message.split("expected: ")[1]


@pytest.mark.parametrize("term", ["16#zz", "99#1", '"\\x{110000}"', "'\\x{ffffffffff}'", '"\\x{d800}"'])
def test_what_looks_like_a_term_and_is_none(term: str) -> None:
    """A digit that its base lacks, or a character that there is not, is an error (M114) with its place."""
    with pytest.raises(Refused) as refused:
        parse_rules(f"migrate kv from {term}.", "kv.migration")
    (diagnostic,) = refused.value.diagnostics
    assert (diagnostic.code, diagnostic.place) == ("M114", "kv.migration:1:17")
    assert diagnostic.message == f"{term} is no Erlang term"


def test_a_mark_of_byte_order_is_passed_over(tmp_path: Path) -> None:
    """What some editors write at the beginning of a file is no word of it."""
    path = tmp_path / "kv.migration"
    path.write_bytes(b"\xef\xbb\xbfmigrate kv.\r\ndrop a.\r\n")
    assert load_rules(path).modules == {"kv"}


def test_a_file_that_is_not_utf8(tmp_path: Path) -> None:
    """Bytes that are no text are an error (M114) with their line."""
    path = tmp_path / "kv.migration"
    path.write_bytes(b"migrate kv.\n% \xff\n")
    with pytest.raises(Refused) as refused:
        load_rules(path)
    assert refused.value.diagnostics[0].place == f"{path}:2:1"


def test_a_folder_holds_a_file_for_each_module(tmp_path: Path) -> None:
    """A folder's `MODULE.migration` are read, and nothing else in it."""
    (tmp_path / "a.migration").write_text("migrate a.\ndrop x.", encoding="utf-8")
    (tmp_path / "b.migration").write_text("migrate b.", encoding="utf-8")
    (tmp_path / "c.txt").write_text("no rules", encoding="utf-8")
    assert load_rules(tmp_path).modules == {"a", "b"}


def test_a_file_of_a_folder_speaks_of_its_own_module(tmp_path: Path) -> None:
    """A section about another module than the file is called after is an error (M113)."""
    (tmp_path / "a.migration").write_text("migrate a.\nmigrate b.", encoding="utf-8")
    with pytest.raises(Refused) as refused:
        load_rules(tmp_path)
    (diagnostic,) = refused.value.diagnostics
    assert (diagnostic.code, diagnostic.place) == ("M113", f"{tmp_path / 'a.migration'}:2:1")


@given(st.sampled_from(["rename", "default", "copy", "drop", "init", "as_init", "drop down", "convert"]), atoms, atoms)
def test_every_line_to_paste_is_a_statement(word: str, field: str, other: str) -> None:
    """What a message offers in the statement form is one that the grammar reads, with the word that is meant."""
    parts = {
        "rename": ("rename", field, other),
        "init": ("init", field, "FUNCTION"),
        "as_init": ("init", field, "as_init"),
        "drop down": ("drop", field, "VALUE"),
        "convert": ("convert", field, "UP_FUNCTION", "DOWN_FUNCTION"),
    }.get(word, (word, field))
    (found,) = _only(f"migrate kv.\n{statement(*parts)}").statements
    assert found.word == word.removesuffix(" down")
    assert [atom_text(each) for each in found.names] == ([field, other] if word == "rename" else [field])
