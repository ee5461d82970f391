"""Makes a clause read as if written by hand: variables that are not used say so, aliases that are not used go."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from migrator import forms as f
from migrator.naming import variables_in

if TYPE_CHECKING:
    from collections.abc import Iterator


def tidy(clause: f.Clause) -> f.Clause:
    """The clause with `_` before each variable that occurs once, and without `= Name` where Name would be one."""
    counted = Counter(name for part in (*clause.arguments, *clause.body) for name in names_in(part))
    for tests in clause.guards:
        for test in tests:
            counted.update(variables_in(test))
    once = frozenset(name for name, times in counted.items() if times == 1 and not name.startswith("_"))
    if not once:
        return clause
    return replace(
        clause,
        arguments=tuple(_mark(each, once) for each in clause.arguments),
        body=tuple(_mark(each, once) for each in clause.body),
    )


def names_in(expression: f.Expression) -> Iterator[str]:
    """Every occurrence of a variable in it; in text all that could be one."""
    match expression:
        case f.Variable(name):
            yield name
        case f.Text(text):
            yield from variables_in(text)
    for part in _parts(expression):
        yield from names_in(part)


def _parts(expression: f.Expression) -> tuple[f.Expression, ...]:  # noqa: C901 - a line for each form
    match expression:
        case f.Tuple(elements):
            return elements
        case f.Cons(head, tail):
            return head, tail
        case f.CaseSame(value, same, then, other, otherwise):
            return value, same, then, other, otherwise
        case f.MapExpression(pairs):
            return tuple(value for _, value in pairs)
        case f.RecordExpression(_, fields):
            return tuple(field.value for field in fields if field.value is not None)
        case f.NativePattern(_, pairs):
            return tuple(value for _, value in pairs)
        case f.NativeRecord(_, values):
            return values
        case f.Application(_, arguments):
            return arguments
        case f.Match(pattern, value):
            return pattern, value
        case f.TryThrown(call, pattern, then):
            return call, pattern, then
    return ()


def _mark(expression: f.Expression, once: frozenset[str]) -> f.Expression:
    match expression:
        case f.Variable(name) if name in once:
            return f.Variable(f"_{name}")
        case f.Match(pattern, f.Variable(name)) if name in once:
            return _mark(pattern, once)
        case f.Match(pattern, value):
            return f.Match(_mark(pattern, once), value)
        case f.NativePattern(definition, fields):
            # What its fields are is known already: those that nothing reads need not stand there.
            read = ((name, each) for name, each in fields if not (isinstance(each, f.Variable) and each.name in once))
            return f.NativePattern(definition, tuple((name, _mark(each, once)) for name, each in read))
        case f.Tuple(elements):
            return f.Tuple(tuple(_mark(each, once) for each in elements))
        case f.Cons(head, tail):
            return f.Cons(_mark(head, once), _mark(tail, once))
    return expression
