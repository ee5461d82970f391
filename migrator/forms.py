"""Nouns: the little Erlang that is generated, named as `erl_syntax` names it. Its text is what is compiled."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from migrator.records import Definition


@dataclass(frozen=True, slots=True)
class Variable:
    """A variable; `_` and names that start with it are not used again."""

    name: str


@dataclass(frozen=True, slots=True)
class Text:
    """An expression, or a literal pattern, as Erlang source."""

    text: str


@dataclass(frozen=True, slots=True)
class Tuple:
    """`{A, B}`."""

    elements: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Cons:
    """`[Head | Tail]`."""

    head: Expression
    tail: Expression


@dataclass(frozen=True, slots=True)
class CaseSame:
    """`case Value of Same -> Then; Other -> Else end`, where Same is bound: whether the value is the same term."""

    value: Expression
    same: Variable
    then: Expression
    other: Variable
    otherwise: Expression


@dataclass(frozen=True, slots=True)
class MapExpression:
    """`#{key => Value}`; the keys are atoms, by name."""

    pairs: tuple[tuple[str, Expression], ...]


@dataclass(frozen=True, slots=True)
class RecordField:
    """`name = Value` in a record expression; `note` is a comment behind it."""

    name: str
    value: Expression | None
    note: str = ""


@dataclass(frozen=True, slots=True)
class RecordExpression:
    """`#name{a = A}`. A field without a value stands for its note alone."""

    name: str
    fields: tuple[RecordField, ...]


@dataclass(frozen=True, slots=True)
class NativePattern:
    """`#_{a = A}`, a pattern for a native record that keeps that definition: it is told by what stands beside it.

    Of a record of another module the fields stay: no pattern reads them where they are not exported.
    """

    definition: Definition
    fields: tuple[tuple[str, Expression], ...]


@dataclass(frozen=True, slots=True)
class NativeRecord:
    """`records:create(m, r, [{a, A}], #{is_exported => false})`: a native record with that definition."""

    definition: Definition
    values: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Application:
    """`function(A, B)`, a function of the module."""

    function: str
    arguments: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Match:
    """`Pattern = Value`."""

    pattern: Expression
    value: Expression


@dataclass(frozen=True, slots=True)
class TryThrown:
    """`try Call of Result -> Then(Result) catch throw:{ok, _} = Result -> throw(Then(Result)) end`.

    `thrown` is the pattern of what counts as an answer when thrown, `throw` the name by which that function is called.
    """

    call: Application
    pattern: Expression
    then: Application
    thrown: Tuple
    throw: str


Expression: TypeAlias = (
    Variable
    | Text
    | Tuple
    | Cons
    | MapExpression
    | RecordExpression
    | NativePattern
    | NativeRecord
    | Application
    | Match
    | TryThrown
    | CaseSame
)


@dataclass(frozen=True, slots=True)
class Clause:
    """`(Arguments) when Guards -> Body`.

    `guards` are alternatives, each a conjunction of tests as texts; `notes` are comment lines above.
    """

    arguments: tuple[Expression, ...]
    guards: tuple[tuple[str, ...], ...]
    body: tuple[Expression, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Function:
    """A function, with its comment lines."""

    name: str
    clauses: tuple[Clause, ...]
    notes: tuple[str, ...] = ()


def native_in(expression: Expression) -> NativePattern | None:
    """The pattern for a native record that stands there, bound to a variable or not."""
    match expression:
        case NativePattern():
            return expression
        case Match(NativePattern() as pattern, _):
            return pattern
    return None
