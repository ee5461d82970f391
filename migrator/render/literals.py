"""Values as Erlang source, laid out as a person would: on one line where they fit, else an element a line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from migrator.examples import values as v

if TYPE_CHECKING:
    from collections.abc import Sequence

    from migrator.examples.values import Value

WIDTH = 100
STEP = 4

# A value that is compared, or a pattern: what is not known matches anything there.
As = Literal["value", "pattern"]

_MADE_BY = {
    "dict": "dict:from_list",
    "array": "array:from_list",
    "gb_tree": "gb_trees:from_orddict",
    "gb_set": "gb_sets:from_list",
    "set": "sets:from_list",
    "queue": "queue:from_list",
}


def lay(value: Value, column: int, after: int, what: As = "value") -> str:
    """The source text that starts at that column; further lines carry their own indentation.

    `after` is the number of characters that will stand behind it on its last line.
    """
    flat = flat_text(value, what)
    if column + len(flat) + after <= WIDTH:
        return flat
    arrow = " := " if what == "pattern" else " => "
    match value:
        case v.Tuple((v.Plain(tag), *rest)) if rest:
            return _block(f"{{{tag},", [("", each) for each in rest], "}", column, after, what)
        case v.Tuple(elements):
            return _block("{", [("", each) for each in elements], "}", column, after, what)
        case v.Items(items, tail):
            end = "]" if tail is None else f" | {flat_text(tail, what)}]"
            return _block("[", [("", each) for each in items], end, column, after, what)
        case v.Pairs(pairs):
            rows = [(f"{flat_text(key, what)}{arrow}", each) for key, each in pairs]
            return _block("#{", rows, "}", column, after, what)
        case v.Container(kind, entries):
            return _block(f"{_MADE_BY[kind]}([", [("", each) for each in entries], "])", column, after, what)
    return flat


def _block(  # noqa: PLR0913, PLR0917 - what a block is made of
    start: str, rows: Sequence[tuple[str, Value]], end: str, column: int, after: int, what: As
) -> str:
    pad = " " * (column + STEP)
    last = len(rows) - 1
    lines = [
        f"{pad}{key}{lay(each, column + STEP + len(key), len(end) + after if at == last else 1, what)}"
        for at, (key, each) in enumerate(rows)
    ]
    text = "\n".join([start, ",\n".join(lines)])
    # A list ends on a line of its own, so that an element more is a line more.
    return f"{text}\n{' ' * column}{end}" if end == "]" else text + end


def flat_text(value: Value, what: As = "value") -> str:
    """The source text on one line."""
    match value:
        case v.Plain(text):
            return text
        case v.Tuple(elements):
            return f"{{{_joined(elements, what)}}}"
        case v.Items(items, None):
            return f"[{_joined(items, what)}]"
        case v.Items(items, tail) if tail is not None:
            return f"[{_joined(items, what)} | {flat_text(tail, what)}]"
        case v.Pairs(pairs):
            arrow = " := " if what == "pattern" else " => "
            texts = (f"{flat_text(key, what)}{arrow}{flat_text(each, what)}" for key, each in pairs)
            return f"#{{{', '.join(texts)}}}"
        case v.Container(kind, entries):
            return f"{_MADE_BY[kind]}([{_joined(entries, what)}])"
    return "_"


def _joined(values: Sequence[Value], what: As) -> str:
    return ", ".join(flat_text(each, what) for each in values)


def is_pattern(value: Value) -> bool:
    """Whether the value can stand as a pattern: all of it is literal, or left open."""
    if isinstance(value, v.Container) or (isinstance(value, v.Plain) and ("(" in value.text or "fun " in value.text)):
        return False
    return all(map(is_pattern, v.parts(value)))
