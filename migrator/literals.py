"""The values of Erlang's literals: from the text of a token to what it stands for."""

from __future__ import annotations

import re

_ESCAPE = re.compile(r"\\(?:x\{([0-9a-fA-F]+)\}|x([0-9a-fA-F]{2})|([0-7]{1,3})|\^([\s\S])|([\s\S]))")
_CONTROL = {
    "b": "\b",
    "d": "\x7f",
    "e": "\x1b",
    "f": "\f",
    "n": "\n",
    "r": "\r",
    "s": " ",
    "t": "\t",
    "v": "\v",
}


def number(token: str) -> int | float:
    """The number that the token is: `16#ff`, `1_000`, `2.5e3`.

    Raises:
        ValueError: it is none: a digit that its base lacks, or a float that is too large.
    """
    base, sharp, digits = token.replace("_", "").partition("#")
    if sharp:
        return int(digits, int(base))
    if "." not in base:
        return int(base)
    value = float(base)
    if value in {float("inf"), float("-inf")}:
        raise ValueError(token)
    return value


def quoted(token: str) -> str:
    """The characters between the quotes of a string or an atom.

    Raises:
        ValueError: one of them does not exist.
    """
    return _characters(token[1:-1])


def character(token: str) -> int:
    """The code point of a `$` and a character.

    Raises:
        ValueError: it does not exist.
    """
    return ord(_characters(token[1:]))


def _characters(text: str) -> str:
    try:
        found = _ESCAPE.sub(_escaped, text)
    except OverflowError as error:
        raise ValueError(text) from error
    # Surrogates are no characters.
    found.encode()
    return found


def _escaped(found: re.Match[str]) -> str:
    wide, narrow, octal, control, plain = found.groups()
    if wide or narrow:
        return chr(int(wide or narrow, 16))
    if octal:
        return chr(int(octal, 8))
    return chr(ord(control) & 0x1F) if control else _CONTROL.get(plain, plain)
