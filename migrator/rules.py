"""Reads decisions files (contract, section 8): from their text to sections and statements."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import lark

from migrator import literals, resources
from migrator.diagnostics import CATALOGUE, Diagnostic, Refused
from migrator.errors import InputFault
from migrator.files import read_text_bytes
from migrator.ruleset import Phrase, Rules, Section, Statement
from migrator.terms import Atom
from migrator.termtext import Depth, NestedError, NoTermError

if TYPE_CHECKING:
    from pathlib import Path

    from migrator.terms import Term

SUFFIX = ".migration"

# The words for what may stand at a place, by the grammar's terminals; those not here are written as they are called.
_WORDS = {
    "ATOM": "a name",
    "QUOTED": "a name",
    "_STOP": "a full stop",
    "_ARROW": "->",
    "_IS": "=",
    "_DOT": "a dot and a field of the record there",
    "_DOWN": "down",
    "$END": "the end",
    "OPERATOR": "an operator",
    "VARIABLE": "an expression",
    "STRING": "an expression",
    "CHARACTER": "an expression",
    "NUMBER": "an expression",
    "OPEN": "an expression",
    "CLOSE": "a closing bracket",
}


def load_rules(path: Path) -> Rules:
    """The rules in a file, or in all files `MODULE.migration` of a folder.

    Raises:
        InputFault: there is no such file, or it cannot be read.
        Refused: it is not UTF-8, or what stands there is no statement (M114); a file speaks of another module (M113).
    """
    if not path.is_dir():
        return Rules(parse_rules(_text(path), str(path)))
    sections: list[Section] = []
    for each in sorted(path.glob(f"*{SUFFIX}")):
        found = parse_rules(_text(each), str(each))
        strangers = [section for section in found if section.module != each.name.removesuffix(SUFFIX)]
        if strangers:
            raise Refused(_stranger(strangers[0], each))
        sections.extend(found)
    return Rules(tuple(sections))


def _text(path: Path) -> str:
    if not path.exists():
        raise InputFault("no_such_file", path)
    try:
        return read_text_bytes(path).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise Refused(_no_statement("this is not UTF-8", str(path), line, 1)) from error


def parse_rules(text: str, file: str) -> tuple[Section, ...]:
    """The sections of a decisions file.

    Raises:
        Refused: what stands there is no statement (M114).
    """
    try:
        tree = _parser().parse(text)
    except lark.UnexpectedInput as error:
        raise Refused(_unexpected(error, text, file)) from error
    except NestedError as error:
        raise Refused(_no_statement(str(error), file, error.line, error.column)) from error
    try:
        return tuple(_section(each, text, file) for each in _trees(tree))
    except NoTermError as error:
        token = error.token
        raise Refused(
            _no_statement(f"{token:.60} is no Erlang term", file, token.line or 1, token.column or 1)
        ) from error


@cache
def _parser() -> lark.Lark:
    grammar = (resources.folder("grammars") / "decisions.lark").read_text(encoding="utf-8")
    return lark.Lark(
        grammar,
        parser="lalr",
        lexer="contextual",
        propagate_positions=True,
        maybe_placeholders=True,
        postlex=Depth(),
    )


def _trees(tree: lark.Tree[lark.Token]) -> list[lark.Tree[lark.Token]]:
    return [child for child in tree.children if isinstance(child, lark.Tree)]


def _section(tree: lark.Tree[lark.Token], text: str, file: str) -> Section:
    parts = _trees(tree)
    vsn = tuple(_vsn(each) for each in parts if each.data == "vsn")
    statements = tuple(_statement(each, text) for each in parts[1:] if each.data != "vsn")
    return Section(_name(parts[0]), vsn, file, tree.meta.line, tree.meta.column, statements)


def _statement(tree: lark.Tree[lark.Token], text: str) -> Statement:
    parts = _trees(tree)
    names = tuple(_name(each) for each in parts if each.data == "atom")
    phrases = [_phrase(each, text) for each in parts if each.data == "expression"]
    word = str(tree.data)
    if word == "downgrade":
        names = (str(tree.children[1]),)
    up = None if word == "drop" or not phrases else phrases[0]
    down = phrases[-1] if phrases and phrases[-1] is not up else None
    shown = " ".join(text[tree.meta.start_pos : tree.meta.end_pos].split()) + "."
    return Statement(word, names, shown, tree.meta.line, tree.meta.column, up, down)


def _phrase(tree: lark.Tree[lark.Token], text: str) -> Phrase:
    return Phrase(text[tree.meta.start_pos : tree.meta.end_pos], tree.meta.line, tree.meta.column)


def _name(tree: lark.Tree[lark.Token]) -> str:
    token = _token(tree)
    return _unescaped(token) if token.startswith("'") else str(token)


def _token(tree: lark.Tree[lark.Token]) -> lark.Token:
    token = tree.children[0]
    assert isinstance(token, lark.Token)  # noqa: S101 - the grammar says so
    return token


def _vsn(tree: lark.Tree[lark.Token]) -> Term:
    token = _token(tree)
    if token.startswith('"'):
        return [ord(character) for character in _unescaped(token)]
    if not token[0].isdigit():
        return Atom(_name(tree))
    try:
        return literals.number(token)
    except ValueError as error:
        raise NoTermError(token) from error


def _unescaped(quoted: lark.Token) -> str:
    try:
        return literals.quoted(quoted)
    except ValueError as error:
        raise NoTermError(quoted) from error


def _stranger(section: Section, path: Path) -> Diagnostic:
    return Diagnostic(
        CATALOGUE["M113"],
        f"{path.name} speaks of {section.module}, and its name says that it is about {path.name.removesuffix(SUFFIX)}",
        "a decision that is not applied would leave a field to chance, so nothing is generated",
        section.place,
        (f"mv {path} {path.with_name(section.module + SUFFIX)}",),
    )


def _unexpected(error: lark.UnexpectedInput, text: str, file: str) -> Diagnostic:
    token = getattr(error, "token", None)
    line, column = error.line, error.column
    if token is not None and token.type == "$END":
        lines = text.rstrip().split("\n")
        found, line, column = "the end of the file", len(lines), len(lines[-1]) + 1
    elif token is not None:
        found = f"{token:.60}"
    else:
        start = text[error.pos_in_stream or 0 :][:1]
        found = {'"': "a string without an end", "'": "a quoted name without an end"}.get(start, start)
    expected = getattr(error, "accepts", None) or getattr(error, "allowed", None) or set()
    words = dict.fromkeys(_WORDS.get(each, each.lower()) for each in sorted(expected))
    return _no_statement(f"{found} cannot stand here; expected: {', '.join(words)}", file, line, column)


def _no_statement(why: str, file: str, line: int, column: int) -> Diagnostic:
    return Diagnostic(
        CATALOGUE["M114"],
        why,
        "a decision that is not applied would leave a field to chance, so nothing is generated",
        f"{file}:{line}:{column}",
        (
            "rename OLD -> NEW.",
            "drop FIELD.",
            "init FIELD = EXPRESSION.",
            "convert FIELD = EXPRESSION down EXPRESSION.",
        ),
    )
