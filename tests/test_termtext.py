"""Files of Erlang terms: what is read from them, where it stands, and what is said of text that holds none."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from migrator.diagnostics import Refused
from migrator.terms import Atom, BitString, Improper, Map, term_text
from migrator.termtext import parse_terms, read_terms

if TYPE_CHECKING:
    from pathlib import Path

    from migrator.terms import Term
    from migrator.termtext import Written

# text: its term
TERMS: dict[str, Term] = {
    "[]": [],
    "{}": (),
    "'A b'": Atom("A b"),
    '"a" "\\x{2764}b"': [97, 0x2764, 98],
    "$\\n": 10,
    "-$a": -97,
    "16#fF": 255,
    "1_000": 1000,
    "-2.5e3": -2500.0,
    "<<>>": b"",
    '<<"1\\\\.[0-9]+">>': b"1\\.[0-9]+",
    '<<"\\x{e9}"/utf8>>': "\u00e9".encode(),
    "<<1, 2:4>>": BitString(b"\x01\x20", 4),
    "<<258:16/big-unsigned-integer>>": b"\x01\x02",
    "[a, b | c]": Improper((Atom("a"), Atom("b")), Atom("c")),
    "[a | [b]]": [Atom("a"), Atom("b")],
    "#{a => 1, b => #{}, a => 2}": Map(((Atom("a"), 2), (Atom("b"), Map(())))),
}


@pytest.mark.parametrize("text", TERMS)
def test_a_term_is_read(text: str) -> None:
    """What Erlang writes is the term that it means."""
    (found,) = parse_terms(f"{text}.", "f")
    assert found.term == TERMS[text]


def test_erlang_reads_the_same(tmp_path: Path) -> None:
    """`file:consult/1` reads from the same text the very terms."""
    path = tmp_path / "terms"
    path.write_text("%% coding: utf-8\n" + "".join(f"{text}.\n" for text in TERMS), encoding="utf-8")
    wanted = f"[{','.join(term_text(each.term) for each in read_terms(path))}]"
    check = f'{{ok, Found}} = file:consult("{path}"), Found = {wanted}, io:put_chars("same"), halt().'
    done = subprocess.run(["erl", "-noinput", "-eval", check], capture_output=True, text=True, check=False, timeout=60)
    assert (done.stdout, done.returncode) == ("same", 0)


def test_places_are_those_of_the_text() -> None:
    """Each part of a term stands where it says, comments and line ends between."""
    text = '%% of shop\n{"2",\n  [{<<"1\\\\..*">>, []}], % up\n  []}.\n'
    (whole,) = parse_terms(text, "f")

    def shown(written: Written) -> str:
        return text[written.start : written.end]

    vsn, up, down = whole.parts
    assert (shown(vsn), shown(up), shown(down)) == ('"2"', '[{<<"1\\\\..*">>, []}]', "[]")
    assert [shown(each) for each in up.parts[0].parts] == ['<<"1\\\\..*">>', "[]"]
    assert ((vsn.line, vsn.column), (up.line, up.column), (down.line, down.column)) == ((2, 2), (3, 3), (4, 3))


# text: what is said of it, and where
WRONG = {
    "{a": ("the file ends before a full stop", "1:3"),
    "{a,\n}.": ("} cannot stand here", "2:1"),
    '"x': ("a string without an end", "1:1"),
    "[a, 'b": ("a quoted atom without an end", "1:5"),
    "2#3.": ("2#3 stands for nothing that there is", "1:1"),
    "1.0e999.": ("1.0e999 stands for nothing that there is", "1:1"),
    '{a,"\\x{110000}"}.': ('"\\x{110000}" stands for nothing that there is', "1:4"),
    "<<1.5>>.": ("this segment stands for nothing that there is", "1:3"),
    "f(x).": ("( cannot stand here", "1:2"),
    "[" * 500 + "]" * 500 + ".": ("this is nested deeper than 400", "1:401"),
}


@pytest.mark.parametrize("text", WRONG, ids=range(len(WRONG)))
def test_text_without_terms_is_said(text: str) -> None:
    """What cannot be read is an M140 that points to it."""
    with pytest.raises(Refused) as refused:
        parse_terms(text, "f")
    (found,) = refused.value.diagnostics
    assert (found.code, found.message, found.place) == (
        "M140",
        f"f holds no Erlang terms: {WRONG[text][0]}",
        f"f:{WRONG[text][1]}",
    )


_LEAVES: st.SearchStrategy[Term] = (
    st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.binary(max_size=8)
    | st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8).map(Atom)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=8).map(lambda text: [ord(each) for each in text])
)
_TERMS: st.SearchStrategy[Term] = st.recursive(
    _LEAVES, lambda inner: st.lists(inner, max_size=4) | st.lists(inner, max_size=4).map(tuple), max_leaves=12
)


@given(_TERMS)
@settings(max_examples=300, deadline=None)
def test_what_is_written_is_read_again(term: Term) -> None:
    """Any term that we write as source reads back as the same term."""
    (found,) = parse_terms(term_text(term) + ".\n", "f")
    assert found.term == term
    assert repr(found.term) == repr(term)
