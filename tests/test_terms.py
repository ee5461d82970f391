"""Terms as Erlang source."""

from __future__ import annotations

import pytest

from migrator.terms import (
    TRUE,
    Atom,
    BitString,
    Improper,
    Map,
    Opaque,
    Term,
    is_string,
    is_variable,
    proplist_get,
    term_text,
    text_of,
)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("ok", "ok"),
        ("a@b_C1", "a@b_C1"),
        ("été", "été"),
        ("", "''"),
        ("Up", "'Up'"),
        ("_x", "'_x'"),
        ("1a", "'1a'"),
        ("a.b", "'a.b'"),
        ("maybe", "'maybe'"),
        ("end", "'end'"),
        ("it's\n", r"'it\'s\n'"),
        ("back\\slash", r"'back\\slash'"),
        ("日本", "'日本'"),
        ("a\u2028b", r"'a\x{2028}b'"),
        ("new\n", r"'new\n'"),
    ],
)
def test_an_atom_is_quoted_where_erlang_needs_it(name: str, text: str) -> None:
    """An atom is written bare only where Erlang reads it back as that atom."""
    assert text == term_text(Atom(name))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1e22, "1.0e22"),
        (1e-7, "1.0e-7"),
        (1.5e300, "1.5e300"),
        (0.1, "0.1"),
        (-2.0, "-2.0"),
        (5e-324, "5.0e-324"),
    ],
)
def test_a_float_has_a_fraction(value: float, text: str) -> None:
    """A float is written with the fraction that Erlang asks for."""
    assert text == term_text(value)


@pytest.mark.parametrize(
    ("term", "text"),
    [
        ([], "[]"),
        ([104, 105], '"hi"'),
        ([34, 92, 10, 27], r'"\"\\\n\e"'),
        ([0x65E5], '"日"'),
        ([1, 2], "[1,2]"),
        ([104, 0xD800], "[104,55296]"),
        ([104, 1.0], "[104,1.0]"),
        (b"", "<<>>"),
        (b"a'b", '<<"a\'b">>'),
        ("é".encode(), '<<"é"/utf8>>'),
        (b"\xff\x00", "<<255,0>>"),
        (BitString(b"\x01\xa0", 3), "<<1,5:3>>"),
        ((), "{}"),
        ((Atom("a"), [Atom("b")]), "{a,[b]}"),
        (Improper((1, 2), Atom("t")), "[1,2|t]"),
        (Map(((-1, b""), (Atom("k"), []))), "#{-1 => <<>>, k => []}"),
        (Opaque("pid", bytes.fromhex("5877016e00000055000000020000abcd")), "<0.85.2>"),
        (Opaque("port", bytes.fromhex("7877016e00000000000000070000abcd")), "#Port<0.7>"),
        (Opaque("reference", bytes.fromhex("5a000177016e0000000000000009")), "#Ref<0.00000009>"),
        (Opaque("fun", b"p"), "#Fun<...>"),
    ],
)
def test_a_term_is_written_as_erlang_source(term: Term, text: str) -> None:
    """Every kind of term has its text."""
    assert text == term_text(term)


@pytest.mark.parametrize("value", [True, None, "text", {}])
def test_what_is_no_term_is_refused(value: object) -> None:
    """A value that stands for no term is an error and no text."""
    with pytest.raises(TypeError):
        term_text(value)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("term", "text"),
    [
        (b"\xc3\xa9", "é"),
        (b"\xff", None),
        ([104, 105], "hi"),
        ([], ""),
        ([-1], None),
        ([104, b"x"], None),
        (Atom("a"), "a"),
        (7, None),
    ],
)
def test_text_of_reads_every_way_to_hold_text(term: Term, text: str | None) -> None:
    """Text is read from binaries, lists of characters and atoms, and from nothing else."""
    assert text == text_of(term)


@pytest.mark.parametrize(("term", "expected"), [([104], True), ([], False), ([0], False), (b"h", False)])
def test_is_string_is_what_erlang_shows_in_quotes(term: Term, expected: object) -> None:
    """Only a list of printable characters that is not empty is a string."""
    assert expected is is_string(term)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("X", True),
        ("_", True),
        ("_x@1", True),
        ("Été", True),
        ("x", False),
        ("", False),
        ("X y", False),
        ("X\n", False),
    ],
)
def test_is_variable_follows_the_scanner(name: str, expected: object) -> None:
    """A variable starts with a capital or an underscore."""
    assert expected is is_variable(name)


def test_proplist_get_takes_the_first_entry() -> None:
    """The first entry counts, a bare atom is true, and what is no entry is passed by."""
    entries: list[Term] = [1, (Atom("a"), 1, 2), (Atom("a"), 1), (Atom("a"), 2), Atom("b")]
    assert [proplist_get(entries, key) for key in "abc"] == [1, TRUE, None]
    assert proplist_get(7, "a") is None
