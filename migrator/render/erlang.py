"""Generated functions as Erlang source. This very text is what is compiled."""

from __future__ import annotations

from typing import TYPE_CHECKING

from migrator import forms as f
from migrator.bifs import AMBIGUOUS
from migrator.terms import atom_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

WIDTH = 100
STEP = 4


def render_erlang(functions: Sequence[f.Function], remarks: Mapping[int, Sequence[str]] | None = None) -> str:
    """The source of the functions, with an empty line between them; ends in a newline.

    `remarks` are comment lines to put above a function, by its index.
    """
    texts = []
    for index, function in enumerate(functions):
        notes = [*(remarks or {}).get(index, ()), *function.notes]
        texts.append("".join(f"{_comment(note, 0)}\n" for note in notes) + _function(function))
    return "\n".join(texts)


def _comment(text: str, column: int) -> str:
    pad = " " * column
    return "\n".join(f"{pad}%% {line}" for line in text.splitlines())


def _function(function: f.Function) -> str:
    name = atom_text(function.name)
    return ";\n".join(_clause(name, clause) for clause in function.clauses) + ".\n"


def _clause(name: str, clause: f.Clause) -> str:
    notes = "".join(f"{_comment(note, 0)}\n" for note in clause.notes)
    body = ",\n".join(" " * STEP + _lay(each, STEP) for each in clause.body)
    return f"{notes}{_sequence(f'{name}(', clause.arguments, ')', 0)}{_guards(clause)} ->\n{body}"


def _guards(clause: f.Clause) -> str:
    if not clause.guards:
        return ""
    alternatives = [_conjunction(tests) for tests in clause.guards]
    return "\n  when " + ";\n       ".join(alternatives)


def _conjunction(tests: Sequence[str]) -> str:
    lines = [""]
    for number, test in enumerate(tests):
        piece = test + ("," if number < len(tests) - 1 else "")
        if lines[-1] and len(lines[-1]) + len(piece) + 8 > WIDTH:
            lines.append(piece)
        else:
            lines[-1] = f"{lines[-1]} {piece}" if lines[-1] else piece
    return ("\n" + " " * 7).join(lines)


def _made(record: f.NativeRecord) -> tuple[str, tuple[f.Expression, ...], str]:
    """`records:create(kv, state, [`, the pairs, and `], #{is_exported => false})`."""
    definition = record.definition
    pairs = zip(definition.fields, record.values, strict=True)
    start = f"records:create({atom_text(definition.module)}, {atom_text(definition.name)}, ["
    access = "true" if definition.exported else "false"
    fields = tuple(f.Tuple((f.Text(atom_text(name)), value)) for name, value in pairs)
    return start, fields, f"], #{{is_exported => {access}}})"


def _lay(expression: f.Expression, column: int) -> str:  # noqa: C901 - a line for each form
    """The expression as text that starts at that column; further lines carry their own indentation."""
    flat = _flat(expression)
    if flat is not None and column + len(flat) <= WIDTH:
        return flat
    match expression:
        case f.Tuple(elements):
            return _sequence("{", elements, "}", column)
        case f.Application(function, arguments):
            return _sequence(f"{_called(function, len(arguments))}(", arguments, ")", column)
        case f.MapExpression(pairs):
            return _fields("#{", [(f"{atom_text(key)} => ", value, "") for key, value in pairs], column)
        case f.RecordExpression(name, fields):
            rows = [(f"{atom_text(each.name)} = ", each.value, each.note) for each in fields]
            return _fields(f"#{atom_text(name)}{{", rows, column)
        case f.NativePattern(_, named):
            return _fields("#_{", [(f"{atom_text(name)} = ", value, "") for name, value in named], column)
        case f.NativeRecord():
            start, parts, end = _made(expression)
            return _sequence(start, parts, end, column)
        case f.Match(pattern, value):
            left = _lay(pattern, column)
            return f"{left} = {_lay(value, _end(left, column) + 3)}"
        case f.TryThrown():
            return _try(expression, column)
        case f.CaseSame():
            return _case(expression, column)
        case f.Cons(head, tail):
            left = f"[{_lay(head, column + 1)}"
            pad = " " * column
            return f"{left}\n{pad} | {_lay(tail, column + 3)}]"
        case f.Variable(text) | f.Text(text):
            return text


def _called(function: str, arity: int) -> str:
    """The function as it is called; only as a fun is the module's own meant for certain."""
    return f"(fun {atom_text(function)}/{arity})" if (function, arity) in AMBIGUOUS else atom_text(function)


def _end(text: str, column: int) -> int:
    """The column behind a text that started at `column`."""
    _, newline, last = text.rpartition("\n")
    return len(last) if newline else column + len(text)


def _flat(expression: f.Expression) -> str | None:
    """The expression on one line, or None where it needs more."""
    match expression:
        case f.Variable(text) | f.Text(text):
            return None if "\n" in text else text
        case f.Tuple(elements):
            return _joined("{", elements, "}")
        case f.Application(function, arguments):
            return _joined(f"{_called(function, len(arguments))}(", arguments, ")")
        case f.MapExpression(pairs):
            values = [_flat(value) for _, value in pairs]
            texts = [f"{atom_text(key)} => {value}" for (key, _), value in zip(pairs, values, strict=True)]
            return None if None in values else f"#{{{', '.join(texts)}}}"
        case f.RecordExpression(name, fields) if not any(each.note for each in fields):
            values = [None if each.value is None else _flat(each.value) for each in fields]
            texts = [f"{atom_text(each.name)} = {value}" for each, value in zip(fields, values, strict=True)]
            return None if None in values else f"#{atom_text(name)}{{{', '.join(texts)}}}"
        case f.NativePattern(_, named):
            values = [_flat(value) for _, value in named]
            texts = [f"{atom_text(name)} = {value}" for (name, _), value in zip(named, values, strict=True)]
            return None if None in values else f"#_{{{', '.join(texts)}}}"
        case f.NativeRecord():
            return _joined(*_made(expression))
        case f.Cons(head, tail):
            ends = _flat(head), _flat(tail)
            return None if None in ends else f"[{ends[0]} | {ends[1]}]"
        case f.Match(pattern, value):
            sides = _flat(pattern), _flat(value)
            return None if None in sides else f"{sides[0]} = {sides[1]}"
    return None


def _joined(start: str, parts: Sequence[f.Expression], end: str) -> str | None:
    texts = [_flat(part) for part in parts]
    return None if None in texts else start + ", ".join(text for text in texts if text is not None) + end


def _sequence(start: str, parts: Sequence[f.Expression], end: str, column: int) -> str:
    """The parts behind `start`, as many on a line as fit, further lines under the first part."""
    left = column + len(start)
    text, at = start, left
    for number, part in enumerate(parts):
        piece = _flat(part)
        comma = "," if number < len(parts) - 1 else end
        if number and (piece is None or at + 1 + len(piece) + len(comma) > WIDTH):
            text, at = f"{text}\n{' ' * left}", left
        elif number:
            text, at = f"{text} ", at + 1
        laid = _lay(part, at)
        text += laid + ("," if number < len(parts) - 1 else "")
        at = _end(laid, at) + len(comma)
    return text + end


def _fields(start: str, rows: Sequence[tuple[str, f.Expression | None, str]], column: int) -> str:
    """One field a line; a row without a value is a comment alone."""
    pad = " " * (column + STEP)
    last = max((number for number, row in enumerate(rows) if row[1] is not None), default=-1)
    lines = []
    for number, (name, value, note) in enumerate(rows):
        if value is None:
            lines.append(f"{pad}%% {name.removesuffix(' = ')}: {' '.join(note.split())}")
            continue
        comma = "," if number < last else ""
        behind = f"   % {' '.join(note.split())}" if note else ""
        lines.append(f"{pad}{name}{_lay(value, column + STEP + len(name))}{comma}{behind}")
    return "\n".join([start, *lines, f"{' ' * column}}}"]) if lines else f"{start}}}"


def _try(expression: f.TryThrown, column: int) -> str:
    pad, inner = " " * column, " " * (column + STEP)
    result = _lay(expression.pattern, 0)
    return "\n".join(
        [
            f"try {_lay(expression.call, column + STEP)} of",
            f"{inner}{result} ->",
            f"{inner}    {_lay(expression.then, column + 2 * STEP)}",
            f"{pad}catch",
            f"{inner}throw:{_lay(expression.thrown, 0)} = {result} ->",
            f"{inner}    {expression.throw}({_lay(expression.then, column + 2 * STEP + len(expression.throw) + 1)})",
            f"{pad}end",
        ]
    )


def _case(expression: f.CaseSame, column: int) -> str:
    pad, inner = " " * column, " " * (column + STEP)
    return "\n".join(
        [
            f"case {_lay(expression.value, column + 5)} of",
            f"{inner}{expression.same.name} ->",
            f"{inner}    {_lay(expression.then, column + 2 * STEP)};",
            f"{inner}{expression.other.name} ->",
            f"{inner}    {_lay(expression.otherwise, column + 2 * STEP)}",
            f"{pad}end",
        ]
    )
