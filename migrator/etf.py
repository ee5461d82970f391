"""Terms to the external term format and back; the only file that knows erlang-py.

Maps travel as ``{'$map', Pairs}``, and a tuple that looks like one of our escapes as
``{'$tuple', Elements}``: erlang-py would make a map a ``dict``, in which ``1`` and ``true`` are one key.
"""

from __future__ import annotations

import math
import zlib
from typing import TYPE_CHECKING, Any

import erlang

from migrator.errors import ProtocolError
from migrator.terms import FALSE, TRUE, UNDEFINED, Atom, BitString, Improper, Map, Opaque

if TYPE_CHECKING:
    from collections.abc import Callable

    from migrator.terms import Term

_MAP = Atom("$map")
_TUPLE = Atom("$tuple")
_BYTE = 8
_PAIR = 2
_LONGEST_ATOM = 255  # characters
_COMPRESSED = 80
_LARGE_TUPLE_TAG, _MAP_TAG = 105, 116

# All that erlang-py and our own walk are known to raise on bytes or values that are no term; its
# exceptions derive from ValueError, TypeError and SyntaxError.
_GARBAGE = (
    ValueError,
    TypeError,
    SyntaxError,
    AttributeError,
    LookupError,
    ArithmeticError,
    RecursionError,
    MemoryError,
    zlib.error,
)


def encode(term: Term) -> bytes:
    """Give the external term format of `term`, version byte included.

    Raises:
        ProtocolError: `term` is no term of Erlang's (a bool, a NaN, an atom that is too long), or too deep.
    """
    try:
        data = erlang.term_to_binary(_to_wire(term))
    except _GARBAGE as error:
        raise ProtocolError(f"cannot encode: {error!r}") from error
    assert isinstance(data, bytes)  # noqa: S101 - tells mypy, erlang-py has no types
    return data


def external(term: Term) -> bytes:
    """Give the external term format of `term` as any Erlang reads it, version byte included: maps are maps.

    Raises:
        ProtocolError: as `encode`; a fun, a pid, a port or a reference without its bytes too.
    """
    try:
        return encode(_plain(term))
    except _GARBAGE as error:
        raise ProtocolError(f"cannot encode: {error!r}") from error


def _plain(term: Term) -> Term:
    """The term with each map in the bytes that Erlang has for it, and no escapes."""
    match term:
        case Map(pairs):
            content = b"".join(external(part)[1:] for pair in pairs for part in pair)
            return Opaque("fun", bytes([_MAP_TAG]) + len(pairs).to_bytes(4) + content)
        case tuple():
            inner = tuple(map(_plain, term))
            # Our escape would be taken for a tuple of its own.
            return _spelled(inner) if inner and inner[0] in (_MAP, _TUPLE) else inner
        case list():
            return [_plain(item) for item in term]
        case Improper(items, tail):
            return Improper(tuple(map(_plain, items)), _plain(tail))
        case Opaque(_, b""):
            raise ValueError("it has no bytes")
    return term


def _spelled(items: tuple[Term, ...]) -> Opaque:
    content = b"".join(encode(item)[1:] for item in items)
    return Opaque("fun", bytes([_LARGE_TUPLE_TAG]) + len(items).to_bytes(4) + content)


def decode(data: bytes) -> Term:
    """Give the term that `data` is the external term format of.

    Raises:
        ProtocolError: `data` is no such format, has a map that is not escaped, is compressed, or is too deep.
    """
    if data[1:2] == bytes([_COMPRESSED]):
        # The helper compresses nothing; a few bytes could else ask for any amount of memory.
        raise ProtocolError("cannot decode: compressed")
    try:
        return _from_wire(erlang.binary_to_term(data))
    except _GARBAGE as error:
        raise ProtocolError(f"cannot decode {len(data)} bytes, {data[:32]!r}…: {error!r}") from error


def _to_wire(term: Term) -> Any:  # noqa: ANN401 - erlang-py has no types
    convert = _ENCODERS.get(type(term))
    if convert is None:
        raise TypeError(f"no Erlang term: {type(term).__name__}")
    return convert(term)


def _from_wire(value: Any) -> Term:  # noqa: ANN401 - as above
    convert = _DECODERS.get(type(value))
    if convert is None:
        raise ValueError(f"not expected on the wire: {type(value).__name__}")
    return convert(value)


def _same(value: Any) -> Any:  # noqa: ANN401 - as above
    return value


def _encode_atom(atom: Atom) -> Any:  # noqa: ANN401 - as above
    if len(atom.name) > _LONGEST_ATOM:
        raise ValueError("atom too long")
    return erlang.OtpErlangAtom(atom.name)


def _encode_float(value: float) -> float:
    if not math.isfinite(value):
        raise ValueError(f"no Erlang float: {value}")
    return value


def _encode_bit_string(term: BitString) -> Any:  # noqa: ANN401 - as above
    if not term.data or not 0 < term.bits < _BYTE:
        raise ValueError(f"no bitstring: {term}")
    return erlang.OtpErlangBinary(term.data, term.bits)


def _encode_tuple(items: tuple[Term, ...]) -> Any:  # noqa: ANN401 - as above
    wire = [_to_wire(item) for item in items]
    if items and items[0] in (_MAP, _TUPLE):
        return (erlang.OtpErlangAtom(_TUPLE.name), wire)
    return tuple(wire)


def _encode_list(items: list[Term]) -> list[Any]:
    return [_to_wire(item) for item in items]


def _encode_improper(term: Improper) -> Any:  # noqa: ANN401 - as above
    if not term.items or isinstance(term.tail, list | Improper):
        raise ValueError("no improper list")
    return erlang.OtpErlangList([_to_wire(item) for item in (*term.items, term.tail)], improper=True)


def _encode_map(term: Map) -> Any:  # noqa: ANN401 - as above
    # The pairs themselves are never escaped: what they are is known by where they stand.
    return (erlang.OtpErlangAtom(_MAP.name), [(_to_wire(key), _to_wire(value)) for key, value in term.pairs])


def _encode_opaque(term: Opaque) -> Any:  # noqa: ANN401 - as above
    # erlang-py writes a fun as its tag and its bytes: with that, any external bytes can be written.
    return erlang.OtpErlangFunction(term.data[0], term.data[1:])


def _decode_atom(atom: Any) -> Atom:  # noqa: ANN401 - as above
    match atom.value:
        case str(name):
            return Atom(name)
        case bytes(name):
            return Atom(name.decode("latin-1"))
        case _:
            raise ValueError("a reference to an atom cache")


def _decode_float(value: float) -> float:
    return _encode_float(value)


def _decode_binary(binary: Any) -> bytes | BitString:  # noqa: ANN401 - as above
    if not isinstance(binary.value, bytes) or not 0 <= binary.bits <= _BYTE:
        raise ValueError("not a bitstring")
    if binary.bits == _BYTE or not binary.value:
        return binary.value
    return BitString(binary.value, binary.bits)


def _decode_tuple(items: tuple[Any, ...]) -> Term:
    # Only an atom is looked at before its turn: a head decoded twice would double the work at every depth.
    head = items[0].value if items and isinstance(items[0], erlang.OtpErlangAtom) else None
    if head == _MAP.name:
        return Map(tuple([_decode_pair(pair) for pair in _escaped(items)]))
    if head == _TUPLE.name:
        return tuple([_from_wire(item) for item in _escaped(items)])
    return tuple([_from_wire(item) for item in items])


def _escaped(items: tuple[Any, ...]) -> list[Any]:
    match items:
        case (_, list(content)):
            return content
        case (_, bytes(codes)):
            # A list of small integers comes as bytes.
            return list(codes)
        case _:
            raise ValueError("an escape without its list")


def _decode_pair(pair: Any) -> tuple[Term, Term]:  # noqa: ANN401 - as above
    if not isinstance(pair, tuple) or len(pair) != _PAIR:
        raise ValueError("not a pair of a map")
    return (_from_wire(pair[0]), _from_wire(pair[1]))


def _decode_string(codes: bytes) -> list[Term]:
    # STRING_EXT is a list of small integers.
    return list(codes)


def _decode_list(items: list[Any]) -> list[Term]:
    return [_from_wire(item) for item in items]


def _decode_improper(value: Any) -> Term:  # noqa: ANN401 - as above
    *items, tail = [_from_wire(item) for item in value.value]
    match tail:
        # Not what Erlang writes, and yet the same list.
        case list():
            return items + tail
        case Improper(more, end):
            return Improper((*items, *more), end)
        case _:
            return Improper(tuple(items), tail) if items else tail


def _decode_pid(value: Any) -> Opaque:  # noqa: ANN401 - as above
    return Opaque("pid", value.binary())


def _decode_port(value: Any) -> Opaque:  # noqa: ANN401 - as above
    return Opaque("port", value.binary())


def _decode_reference(value: Any) -> Opaque:  # noqa: ANN401 - as above
    return Opaque("reference", value.binary())


def _decode_fun(value: Any) -> Opaque:  # noqa: ANN401 - as above
    return Opaque("fun", value.binary())


def _decode_bool(value: bool) -> Atom:  # noqa: FBT001 - erlang-py's way to say an atom
    return TRUE if value else FALSE


def _decode_none(_: None) -> Atom:
    return UNDEFINED


# By exact type: quick, and True (a bool) is not taken for 1 (an int).
_ENCODERS: dict[type, Callable[[Any], Any]] = {
    Atom: _encode_atom,
    int: _same,
    float: _encode_float,
    bytes: erlang.OtpErlangBinary,
    BitString: _encode_bit_string,
    tuple: _encode_tuple,
    list: _encode_list,
    Improper: _encode_improper,
    Map: _encode_map,
    Opaque: _encode_opaque,
}
_DECODERS: dict[type, Callable[[Any], Term]] = {
    erlang.OtpErlangAtom: _decode_atom,
    bool: _decode_bool,
    type(None): _decode_none,
    int: _same,
    float: _decode_float,
    bytes: _decode_string,
    erlang.OtpErlangBinary: _decode_binary,
    tuple: _decode_tuple,
    list: _decode_list,
    erlang.OtpErlangList: _decode_improper,
    erlang.OtpErlangPid: _decode_pid,
    erlang.OtpErlangPort: _decode_port,
    erlang.OtpErlangReference: _decode_reference,
    erlang.OtpErlangFunction: _decode_fun,
}
