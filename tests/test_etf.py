"""The codec, alone and against a real Erlang."""

from __future__ import annotations

import shutil
import subprocess
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from migrator import etf, otp
from migrator.errors import ProtocolError
from migrator.terms import FALSE, TRUE, UNDEFINED, Atom, BitString, Improper, Map, Opaque, term_text

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from migrator.terms import Term
    from tests.support.node import Node

ECHO_SECONDS = 30.0

_TEXT = st.text(st.characters(codec="utf-8"), max_size=30)
_ATOMS = st.builds(Atom, _TEXT | st.sampled_from(["true", "false", "undefined", "none", "$map", "$tuple"]))
_FLOATS = st.floats(allow_nan=False, allow_infinity=False)
# What a node of another name would send: its own pids can be read back as its own.
_NODE = b"w\x03a@b"
_OPAQUES = st.builds(
    Opaque, st.just("pid"), st.binary(min_size=8, max_size=8).map(lambda tail: b"X" + _NODE + bytes(4) + tail)
)


@st.composite
def _bit_strings(draw: st.DrawFn) -> BitString:
    bits = draw(st.integers(1, 7))
    data = draw(st.binary(min_size=1, max_size=9))
    # The bits that do not count are zero, as Erlang writes them.
    return BitString(data[:-1] + bytes([data[-1] & (0xFF << (8 - bits)) & 0xFF]), bits)


_SIMPLE = st.one_of(_ATOMS, st.integers(), st.integers(0, 255), _FLOATS, st.binary(), _bit_strings())
_INTEGERS = st.sampled_from([0, 255, 256, 2**31 - 1, 2**31, -(2**31), -(2**31) - 1, 2**2048, -(2**70)])
_LISTS_OF_BYTES = st.lists(st.integers(0, 255), max_size=20)


def _key(term: Term) -> str:
    return repr(term)


def _map(pairs: list[tuple[Any, Any]]) -> Map:
    # One pair for each key; 0.0 and -0.0 are one key to some releases.
    unique = {_key(key): (key, value) for key, value in pairs if key != 0.0 or isinstance(key, int)}
    return Map(tuple(unique.values()))


def _compound(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(
        st.lists(inner, max_size=5),
        st.lists(inner, max_size=5).map(tuple),
        st.builds(Improper, st.lists(inner, min_size=1, max_size=3).map(tuple), _SIMPLE),
        st.lists(st.tuples(_SIMPLE, inner), max_size=4).map(_map),
    )


TERMS: st.SearchStrategy[Any] = st.recursive(_SIMPLE | _INTEGERS | _LISTS_OF_BYTES, _compound, max_leaves=25)


def same(left: Term, right: Term) -> bool:
    """Compare as Erlang's ``=:=``: 1 is not 1.0, and the order of a map's pairs does not count."""
    if type(left) is not type(right):
        return False
    match left, right:
        case (list() | tuple(), list() | tuple()):
            return len(left) == len(right) and all(map(same, left, right))
        case (Improper(), Improper()):
            return same(left.items, right.items) and same(left.tail, right.tail)
        case (Map(), Map()):
            return len(left.pairs) == len(right.pairs) and all(
                any(same(pair, other) for other in right.pairs) for pair in left.pairs
            )
        case _:
            return left == right


@given(TERMS | _OPAQUES)
def test_any_term_survives_the_codec(term: Term) -> None:
    """What is encoded is decoded as the same term."""
    assert same(term, etf.decode(etf.encode(term)))


@pytest.fixture(scope="module")
def helper() -> Iterator[otp.Helper]:
    """Run the real helper for the tests of this file."""
    if shutil.which("erl") is None:
        pytest.skip("no erl on the PATH")
    with otp.start(otp.find_erl(None)) as running:
        yield running


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(terms=st.lists(TERMS | _OPAQUES, min_size=1, max_size=20))
def test_any_term_survives_a_real_erlang(helper: otp.Helper, terms: list[Term]) -> None:
    """What Erlang reads and writes again is still the same term."""
    outcomes = helper.call_many([(Atom("echo"), term) for term in terms], ECHO_SECONDS)
    assert all(not isinstance(outcome, Exception) for outcome in outcomes)
    assert same(terms, [outcome for outcome in outcomes if not isinstance(outcome, Exception)])


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
@given(term=TERMS)
def test_any_erlang_reads_the_external_format(node: Node, term: Term) -> None:
    """What is written for others has real maps in it: `binary_to_term/1` gives that very term."""
    assert same(term, node.apply("erlang", "binary_to_term", etf.external(term)))


def test_what_has_no_bytes_is_an_error() -> None:
    """A fun that was only read as text cannot be written, at any depth."""
    with pytest.raises(ProtocolError):
        etf.external((Map(((1, Opaque("fun", b"")),)),))


# Reads terms from a text file, and writes what they are, escaped as on the wire.
_CONSULT = """
[Text, Out] = init:get_plain_arguments(),
Escape = fun
    E(M) when is_map(M) -> {'$map', [{E(K), E(V)} || {K, V} <- maps:to_list(M)]};
    E(T) when is_tuple(T), T =/= {}, (element(1, T) =:= '$map' orelse element(1, T) =:= '$tuple') ->
        {'$tuple', E(tuple_to_list(T))};
    E(T) when is_tuple(T) -> list_to_tuple(E(tuple_to_list(T)));
    E([H | T]) -> [E(H) | E(T)];
    E(T) -> T
end,
{ok, Terms} = file:consult(Text),
ok = file:write_file(Out, term_to_binary(Escape(Terms), [{minor_version, 2}])),
halt().
"""


@settings(deadline=None, max_examples=3, suppress_health_check=list(HealthCheck))
@given(terms=st.lists(TERMS, min_size=50, max_size=200))
def test_a_terms_text_is_read_by_erlang_as_that_term(tmp_path: Path, terms: list[Term]) -> None:
    """What is shown of a term can be pasted into Erlang source and is the same term there."""
    if shutil.which("erl") is None:
        pytest.skip("no erl on the PATH")
    text, out = tmp_path / "terms", tmp_path / "out"
    lines = "".join(f"{term_text(term)}.\n" for term in terms)
    text.write_text(f"%% coding: utf-8\n{lines}", encoding="utf-8")
    subprocess.run(
        ["erl", "-noinput", "-boot", "no_dot_erlang", "-eval", _CONSULT, "-extra", str(text), str(out)],
        check=True,
    )
    assert same(terms, etf.decode(out.read_bytes()))


@given(st.binary(max_size=60) | st.binary(max_size=60).map(lambda data: b"\x83" + data))
def test_garbage_is_one_kind_of_error(data: bytes) -> None:
    """Bytes that are no term raise ProtocolError and nothing else."""
    with suppress(ProtocolError):
        etf.decode(data)


@given(TERMS, st.data())
def test_a_term_cut_short_is_an_error(term: Term, data: st.DataObject) -> None:
    """No beginning of a term is a term."""
    whole = etf.encode(term)
    with pytest.raises(ProtocolError):
        etf.decode(whole[: data.draw(st.integers(0, len(whole) - 1))])


@pytest.mark.parametrize(
    "value",
    [
        True,
        None,
        "text",
        float("nan"),
        float("inf"),
        Atom("x" * 256),
        Atom("\ud800"),
        BitString(b"", 3),
        BitString(b"a", 8),
        Improper((), 1),
        Improper((1,), []),
        [{}],
    ],
)
def test_what_is_no_term_is_not_sent(value: Any) -> None:  # noqa: ANN401 - anything but a term
    """A value that Erlang would refuse, or take for another, raises ProtocolError."""
    with pytest.raises(ProtocolError):
        etf.encode(value)


@pytest.mark.parametrize(
    "data",
    [
        b"\x83t\x00\x00\x00\x01a\x01a\x02",  # a map
        b"\x83P\x00\x00\x00\x02x\x9cK\x04\x00\x00b\x00b",  # compressed
        b"\x83F\x7f\xf8\x00\x00\x00\x00\x00\x00",  # a NaN
        b"\x83h\x02w\x04$mapw\x01a",  # an escape without its list
        b"\x83h\x02w\x04$mapk\x00\x01\x05",  # pairs that are none
        b"\x83N\x00",  # a reference to an atom cache
    ],
)
def test_what_the_helper_never_sends_is_refused(data: bytes) -> None:
    """Formats that would lose something are errors."""
    with pytest.raises(ProtocolError):
        etf.decode(data)


def test_a_term_that_is_too_deep_is_refused() -> None:
    """Depth beyond Python's stack raises ProtocolError both ways."""
    deep: Term = []
    for _ in range(100_000):
        deep = [deep]
    with pytest.raises(ProtocolError):
        etf.encode(deep)
    with pytest.raises(ProtocolError):
        etf.decode(b"\x83" + b"l\x00\x00\x00\x01" * 100_000 + b"j" * 100_001)


@pytest.mark.parametrize(
    ("data", "term"),
    [
        (b"\x83d\x00\x04true", TRUE),
        (b"\x83s\x05false", FALSE),
        (b"\x83w\x09undefined", UNDEFINED),
        (b"\x83d\x00\x01\xe9", Atom("é")),
        (b"\x83k\x00\x02\x01\x02", [1, 2]),
        (b"\x83l\x00\x00\x00\x01a\x01k\x00\x01\x02", [1, 2]),
        (b"\x83l\x00\x00\x00\x01a\x01l\x00\x00\x00\x01a\x02a\x03", Improper((1, 2), 3)),
        (b"\x83h\x02w\x06$tuplek\x00\x02\x01\x02", (1, 2)),
        (b"\x83c1.5" + b"\x00" * 28, 1.5),
    ],
)
def test_every_way_to_write_a_term_is_read(data: bytes, term: Term) -> None:
    """Older and unusual formats of a term are read as that term."""
    assert term == etf.decode(data)
