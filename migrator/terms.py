"""Erlang terms as Python values, and how they look in Erlang source.

Integers, floats and tuples are Python's own, a list is a ``list`` and a binary is ``bytes``. Atoms are always
`Atom`: ``true`` is ``Atom("true")``, since in Python ``True == 1``. A pattern like ``case [a, b]`` matches
tuples and lists alike: where both can come, test with ``isinstance`` first.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from migrator.errors import InputFault

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Atom:
    """An atom, by its name without quotes."""

    name: str


@dataclass(frozen=True, slots=True)
class BitString:
    """A bitstring that is no binary: of the last byte of `data` only the upper `bits` (1..7) count."""

    data: bytes
    bits: int


@dataclass(frozen=True, slots=True)
class Improper:
    """A list that ends in something else than a list: at least one item, then the tail."""

    items: tuple[Term, ...]
    tail: Term


@dataclass(frozen=True, slots=True)
class Map:
    """A map, as pairs of key and value in the order in which they came."""

    pairs: tuple[tuple[Term, Term], ...]


@dataclass(frozen=True, slots=True)
class Opaque:
    """A term that means something only to the node that made it; `data`: its external format with the tag."""

    kind: Literal["pid", "port", "reference", "fun"]
    data: bytes


Term: TypeAlias = "Atom | int | float | bytes | BitString | tuple[Term, ...] | list[Term] | Improper | Map | Opaque"

TRUE = Atom("true")
FALSE = Atom("false")
UNDEFINED = Atom("undefined")

# `maybe` and `else` are reserved since OTP 27 (before: with a feature); quoted they are right in every one.
_RESERVED = frozenset(
    "after|and|andalso|band|begin|bnot|bor|bsl|bsr|bxor|case|catch|cond|div|else|end|fun|if|let|maybe|not|of|or|"  # noqa: SIM905 - read as the list it is
    "orelse|receive|rem|try|when|xor".split("|")
)
# As erl_scan has it: Latin-1 letters belong to names, and the signs for times and divided by do not.
_NAME_CHARACTERS = "[0-9A-Za-z_@\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u00ff]*"
_BARE_ATOM = re.compile("[a-z\u00df-\u00f6\u00f8-\u00ff]" + _NAME_CHARACTERS)
_VARIABLE = re.compile("[A-Z_\u00c0-\u00d6\u00d8-\u00de]" + _NAME_CHARACTERS)

_ESCAPES = {
    "\b": r"\b",
    "\t": r"\t",
    "\n": r"\n",
    "\v": r"\v",
    "\f": r"\f",
    "\r": r"\r",
    "\x1b": r"\e",
    "\x7f": r"\d",
    "\\": r"\\",
}
# As io_lib:printable_unicode_list/1 has it.
_PRINTABLE = re.compile("[\b\t\n\v\f\r\x1b\x20-\x7e\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]+")
_LAST_CODE_POINT = 0x10FFFF
_FIRST_SURROGATE, _LAST_SURROGATE = 0xD800, 0xDFFF


def is_variable(name: str) -> bool:
    """Say whether `name` is written like an Erlang variable; ``_`` is one."""
    return _VARIABLE.fullmatch(name) is not None


def is_string(term: Term) -> bool:
    """Say whether Erlang would show `term` as ``"…"``: a list, not empty, of printable characters."""
    return isinstance(term, list) and _printable_characters(term) is not None


def text_of(term: Term) -> str | None:
    """Give the text that a UTF-8 binary, a list of characters or an atom holds, or None where it holds none.

    ``[]`` is the empty text. A binary that is not UTF-8 and a list of anything but characters hold none.
    """
    match term:
        case Atom(name):
            return name
        case bytes():
            return _utf8(term)
        case list():
            return _characters(term)
        case _:
            return None


def path_bytes(path: Path) -> bytes:
    """The path as it crosses the wire.

    Raises:
        InputFault: its name is not UTF-8: in Erlang's code path it would be another name.
    """
    try:
        return str(path).encode()
    except UnicodeEncodeError as error:
        raise InputFault("unreadable", path, "its name is not UTF-8, and Erlang would look for another one") from error


def proplist_get(term: Term, key: str) -> Term | None:
    """Give the value of the first entry of a property list under the atom `key`, or None.

    As in ``proplists``, an atom alone stands for ``{Atom, true}``, and what is no entry is passed by.
    None also where `term` is no list.
    """
    wanted = Atom(key)
    for item in term if isinstance(term, list) else []:
        if isinstance(item, tuple) and len(item) == 2 and item[0] == wanted:  # noqa: PLR2004 - a pair
            return item[1]
        if item == wanted:
            return TRUE
    return None


def atom_text(name: str) -> str:
    """Write an atom as Erlang source, quoted where it must be."""
    if _BARE_ATOM.fullmatch(name) and name not in _RESERVED:
        return name
    return _quoted(name, "'")


def term_text(term: Term) -> str:
    """Write a term as Erlang source that reads back as the same term.

    Pids, ports, references and funs have no source: they look as in the shell, which does not parse.

    Raises:
        TypeError: `term` is no term.
    """
    write = _WRITERS.get(type(term))
    if write is None:
        message = f"no Erlang term: {type(term).__name__}"
        raise TypeError(message)
    return write(term)


def _quoted(text: str, quote: str) -> str:
    return quote + "".join(_escaped(character, quote) for character in text) + quote


def _escaped(character: str, quote: str) -> str:
    if character == quote:
        return "\\" + quote
    if character in _ESCAPES:
        return _ESCAPES[character]
    return character if character.isprintable() else f"\\x{{{ord(character):X}}}"


def _is_character(term: Term) -> bool:
    # bool is no int here: True is no term.
    return type(term) is int and 0 <= term <= _LAST_CODE_POINT and not _FIRST_SURROGATE <= term <= _LAST_SURROGATE


def _characters(items: list[Term]) -> str | None:
    return "".join(chr(item) for item in items if isinstance(item, int)) if all(map(_is_character, items)) else None


def _printable_characters(items: list[Term]) -> str | None:
    text = _characters(items)
    return text if text and _PRINTABLE.fullmatch(text) else None


def _utf8(data: bytes) -> str | None:
    try:
        return data.decode()
    except UnicodeDecodeError:
        return None


def _float_text(value: float) -> str:
    # Python leaves out the fraction before an exponent, Erlang needs it.
    mantissa, exponent_mark, exponent = repr(value).partition("e")
    fraction = "" if "." in mantissa else ".0"
    return mantissa + (f"{fraction}e{int(exponent)}" if exponent_mark else "")


def _list_text(items: list[Term]) -> str:
    text = _printable_characters(items)
    return _quoted(text, '"') if text else f"[{_joined(items)}]"


def _binary_text(data: bytes) -> str:
    text = _utf8(data)
    if text and _PRINTABLE.fullmatch(text):
        # Without the type each character would be one byte.
        type_name = "" if text.isascii() else "/utf8"
        return "<<" + _quoted(text, '"') + type_name + ">>"
    return f"<<{','.join(map(str, data))}>>"


def _bit_string_text(term: BitString) -> str:
    last = f"{term.data[-1] >> (8 - term.bits)}:{term.bits}"
    return f"<<{','.join([*map(str, term.data[:-1]), last])}>>"


def _improper_text(term: Improper) -> str:
    return f"[{_joined(term.items)}|{term_text(term.tail)}]"


def _map_text(term: Map) -> str:
    pairs = (f"{term_text(key)} => {term_text(value)}" for key, value in term.pairs)
    return f"#{{{', '.join(pairs)}}}"


def _opaque_text(term: Opaque) -> str:
    # In every form of theirs the numbers are the last bytes but for the creation; the node's own number
    # is known to the node only, and 0 is what it shows for itself.
    match term.kind, term.data[0]:
        case "pid", tag:
            end = -4 if tag == _NEW_PID else -1
            numbers = term.data[end - 8 : end]
            return f"<0.{int.from_bytes(numbers[:4])}.{int.from_bytes(numbers[4:])}>"
        case "port", tag:
            size, creation = {_V4_PORT: (8, 4), _NEW_PORT: (4, 4)}.get(tag, (4, 1))
            return f"#Port<0.{int.from_bytes(term.data[-creation - size : -creation])}>"
        case "reference", _:
            return f"#Ref<0.{term.data[-4:].hex()}>"
        case _:
            return "#Fun<...>"


_NEW_PID, _V4_PORT, _NEW_PORT = 88, 120, 89


def _joined(items: Iterable[Term]) -> str:
    return ",".join(map(term_text, items))


def _tuple_text(items: tuple[Term, ...]) -> str:
    return f"{{{_joined(items)}}}"


def _atom(term: Atom) -> str:
    return atom_text(term.name)


# By exact type: one look-up for each term instead of a row of tests, and True is no int.
_WRITERS: dict[type, Callable[..., str]] = {
    Atom: _atom,
    int: str,
    float: _float_text,
    bytes: _binary_text,
    BitString: _bit_string_text,
    tuple: _tuple_text,
    list: _list_text,
    Improper: _improper_text,
    Map: _map_text,
    Opaque: _opaque_text,
}
