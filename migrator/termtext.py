"""Reads Erlang terms from text, each with its place: `.app`, `.appup` and `.rel` files, `rebar.config`."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, TypeAlias, TypeVar, cast

import lark

from migrator import literals, resources
from migrator.diagnostics import CATALOGUE, Diagnostic, Refused
from migrator.files import read_text_bytes
from migrator.terms import Atom, BitString, Improper, Map, Opaque

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from migrator.terms import Term

T = TypeVar("T")

_DEEPEST = 400
_BYTE = 8
# In bits, of one segment of a binary.
_WIDEST = 1 << 16


@dataclass(frozen=True, slots=True)
class Written:
    """A term and where it stands: offsets into the text (`end` is behind it), line and column from 1.

    `parts` are the elements of a tuple or a list (the tail of an improper one too), or a map's keys and values in turn.
    """

    term: Term
    start: int
    end: int
    line: int
    column: int
    parts: tuple[Written, ...] = ()


def read_terms(path: Path) -> tuple[Written, ...]:
    """The terms of a file, in UTF-8 or, as old files are, in Latin-1.

    Raises:
        InputFault: it cannot be read.
        Refused: what stands there are no terms (M140).
    """
    return parse_terms(text_in(path), str(path))


def text_in(path: Path) -> str:
    """The text of a file of terms, in UTF-8 or Latin-1.

    Raises:
        InputFault: it cannot be read.
    """
    content = read_text_bytes(path)
    try:
        return content.decode()
    except UnicodeDecodeError:
        return content.decode("latin-1")


def parse_terms(text: str, path: str) -> tuple[Written, ...]:
    """The terms of a text, each without its full stop.

    Raises:
        Refused: what stands there are no terms (M140).
    """
    try:
        # The transformer makes it in the place of a tree.
        return cast("tuple[Written, ...]", _parser().parse(text))
    except lark.UnexpectedInput as error:
        raise Refused(_unexpected(error, text, path)) from error
    except NoTermError as error:
        token = error.token
        why = f"{token:.60} stands for nothing that there is"
        raise Refused(_no_term(why, path, token.line or 1, token.column or 1)) from error
    except NestedError as error:
        raise Refused(_no_term(str(error), path, error.line, error.column)) from error


class NoTermError(Exception):
    """A token that looks like a term and is none: a digit that its base lacks, a character that there is not."""

    def __init__(self, token: lark.Token) -> None:
        super().__init__(token)
        self.token = token


class NestedError(Exception):
    """A nesting so deep that those who walk through it would lose their way, and the place of the bracket too many."""

    def __init__(self, line: int, column: int) -> None:
        super().__init__(f"this is nested deeper than {_DEEPEST}")
        self.line = line
        self.column = column


class Depth:
    """Stands between lexer and parser, and lets tokens pass until brackets are nested too deep."""

    always_accept: tuple[str, ...] = ()

    def process(self, stream: Iterator[lark.Token]) -> Iterator[lark.Token]:
        """The same tokens.

        Raises:
            NestedError: at the first bracket that is too deep.
        """
        depth = 0
        for token in stream:
            depth += (token in _OPENING) - (token in _CLOSING)
            if depth > _DEEPEST:
                raise NestedError(token.line or 1, token.column or 1)
            yield token


_OPENING = frozenset(("(", "[", "{", "<<"))
_CLOSING = frozenset((")", "]", "}", ">>"))


@cache
def _parser() -> lark.Lark:
    grammar = (resources.folder("grammars") / "terms.lark").read_text(encoding="utf-8")
    return lark.Lark(
        grammar,
        parser="lalr",
        lexer="basic",
        keep_all_tokens=True,
        maybe_placeholders=False,
        transformer=_Builder(),
        postlex=Depth(),
    )


# What a rule's method is given: tokens, punctuation too, and what the rules below it made.
_Child: TypeAlias = "lark.Token | Written | tuple[int, int] | list[str]"


class _Builder(lark.Transformer[lark.Token, tuple[Written, ...]]):
    """Builds the terms while the text is parsed: a method for each rule of the grammar, called as the rule is."""

    def start(self, children: list[_Child]) -> tuple[Written, ...]:
        return _parts(children)

    def atom(self, children: list[lark.Token]) -> Written:
        (token,) = children
        return _written(Atom(_read(literals.quoted, token) if token.startswith("'") else str(token)), children)

    def number(self, children: list[lark.Token]) -> Written:
        return _written(_signed(children, _read(literals.number, children[-1])), children)

    def character(self, children: list[lark.Token]) -> Written:
        return _written(_signed(children, _read(literals.character, children[-1])), children)

    def string(self, children: list[lark.Token]) -> Written:
        return _written([ord(each) for token in children for each in _read(literals.quoted, token)], children)

    def tuple_term(self, children: list[_Child]) -> Written:
        parts = _parts(children)
        return _written(tuple(each.term for each in parts), children, parts)

    def list_term(self, children: list[_Child]) -> Written:
        parts = _parts(children)
        return _written([each.term for each in parts], children, parts)

    def improper(self, children: list[_Child]) -> Written:
        parts = _parts(children)
        return _written(_ended([each.term for each in parts[:-1]], parts[-1].term), children, parts)

    def map_term(self, children: list[_Child]) -> Written:
        parts = _parts(children)
        # The last of equal keys holds, as in Erlang.
        pairs = {repr(key.term): (key.term, value.term) for key, value in zip(parts[::2], parts[1::2], strict=True)}
        return _written(Map(tuple(pairs.values())), children, parts)

    def external(self, children: list[_Child]) -> Written:
        return _written(Opaque("fun", b""), children, _parts(children))

    def specifier(self, children: list[lark.Token]) -> list[str]:
        return [str(each) for each in children]

    def segment(self, children: list[_Child]) -> tuple[int, int]:
        sizes = [each for each in children[1:] if isinstance(each, lark.Token) and each.type == "NUMBER"]
        kinds = children[-1] if isinstance(children[-1], list) else []
        size = int(sizes[0]) if sizes else None
        try:
            return _segment(children[0], size, [each for each in kinds if each != "-"])
        except ValueError as error:
            first = children[0]
            line, column = (first.line, first.column) if isinstance(first, lark.Token | Written) else (1, 1)
            raise NoTermError(lark.Token("NUMBER", "this segment", line=line, column=column)) from error

    def binary(self, children: list[_Child]) -> Written:
        segments = [each for each in children if isinstance(each, tuple)]
        data, value, bits = bytearray(), 0, 0
        for number, width in segments:
            value, bits = value << width | number, bits + width
            # Whole bytes are done with: one number for all of them would be copied again and again.
            whole, bits = divmod(bits, _BYTE)
            data += (value >> bits).to_bytes(whole)
            value &= (1 << bits) - 1
        left = -bits % _BYTE
        data += (value << left).to_bytes((bits + left) // _BYTE)
        return _written(BitString(bytes(data), _BYTE - left) if left else bytes(data), children)


def _read(read: Callable[[str], T], token: lark.Token) -> T:
    try:
        return read(token)
    except ValueError as error:
        raise NoTermError(token) from error


def _parts(children: Sequence[_Child]) -> tuple[Written, ...]:
    return tuple(each for each in children if isinstance(each, Written))


def _written(term: Term, children: Sequence[_Child], parts: tuple[Written, ...] = ()) -> Written:
    """The rule's punctuation is among its children: the first and the last of them say where it stands."""
    first, last = children[0], children[-1]
    assert isinstance(first, Written | lark.Token)  # noqa: S101 - the grammar says so
    assert isinstance(last, Written | lark.Token)  # noqa: S101 - the grammar says so
    start, end = (first.start if isinstance(first, Written) else first.start_pos), _end(last)
    return Written(term, start or 0, end, first.line or 1, first.column or 1, parts)


def _end(last: Written | lark.Token) -> int:
    return last.end if isinstance(last, Written) else last.end_pos or 0


def _signed(children: Sequence[lark.Token], value: float) -> int | float:
    return -value if children[0] == "-" else value


def _ended(items: list[Term], tail: Term) -> Term:
    if isinstance(tail, Improper):
        return Improper((*items, *tail.items), tail.tail)
    return [*items, *tail] if isinstance(tail, list) else Improper(tuple(items), tail)


_ENCODINGS = {"utf8": "utf-8", "utf16": "utf-16-be", "utf32": "utf-32-be"}


def _segment(value: _Child, size: int | None, kinds: list[str]) -> tuple[int, int]:
    """A segment of a binary as a number and its width in bits.

    Raises:
        ValueError: it is of a type that files of terms do not have.
    """
    if isinstance(value, lark.Token):
        text = _read(literals.quoted, value)
        data = text.encode(next((_ENCODINGS[kind] for kind in kinds if kind in _ENCODINGS), "latin-1"))
        return int.from_bytes(data), _BYTE * len(data)
    number = value.term if isinstance(value, Written) else None
    width = _BYTE if size is None else size
    if not isinstance(number, int) or width > _WIDEST or set(kinds) - {"integer", "unsigned", "big"}:
        raise ValueError(kinds)
    return number & ((1 << width) - 1), width


def _unexpected(error: lark.UnexpectedInput, text: str, path: str) -> Diagnostic:
    token = getattr(error, "token", None)
    if token is not None and token.type == "$END":
        lines = text.rstrip().split("\n")
        return _no_term("the file ends before a full stop", path, len(lines), len(lines[-1]) + 1)
    if token is not None:
        return _no_term(f"{token:.60} cannot stand here", path, error.line, error.column)
    start = text[error.pos_in_stream or 0 :][:1]
    found = {'"': "a string without an end", "'": "a quoted atom without an end"}.get(
        start, f"{start} cannot stand here"
    )
    return _no_term(found, path, error.line, error.column)


def _no_term(why: str, path: str, line: int, column: int) -> Diagnostic:
    return Diagnostic(
        CATALOGUE["M140"],
        f"{path} holds no Erlang terms: {why}",
        "OTP would not read it either, and nothing is made of it",
        f"{path}:{line}:{column}",
        (f'erl -noshell -eval \'io:format("~p~n", [file:consult("{path}")]), halt().\'',),
    )
