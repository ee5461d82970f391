"""The places in generated functions at which a mutation can be made, each with what puts something else there."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, TypeAlias

from migrator import forms as f

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from migrator.edits import Edits
    from migrator.forms import Clause, Expression, Function

Place: TypeAlias = Literal["argument", "body"]
# What an operator makes: where, and the edits.
Made: TypeAlias = "Iterator[tuple[str, Edits]]"


@dataclass(frozen=True)
class ClauseSite:
    """One clause of one function; `put` gives the edits with other clauses in the place of that one."""

    function: Function
    number: int
    clause: Clause
    put: Callable[[tuple[Clause, ...]], Edits]

    @property
    def where(self) -> str:
        """The place for a person."""
        return f"{self.function.name}, clause {self.number + 1}"

    @property
    def way(self) -> Literal["up", "down"]:
        """Which way the function serves."""
        return way_of(self.function)

    @property
    def last(self) -> bool:
        """Whether no clause is behind it."""
        return self.number == len(self.function.clauses) - 1


@dataclass(frozen=True)
class Site:
    """One expression or pattern somewhere in a clause; `put` gives the edits with another one in its place."""

    of: ClauseSite
    place: Place
    expression: Expression
    put: Callable[[Expression], Edits]


def way_of(function: Function) -> Literal["up", "down"]:
    """Which way a generated function serves: its name says so."""
    return "down" if " down" in function.name else "up"


def with_functions(edits: Edits, number: int, *functions: Function) -> Edits:
    """The edits with these functions in the place of the one with that number."""
    return replace(edits, functions=(*edits.functions[:number], *functions, *edits.functions[number + 1 :]))


def clause_sites(edits: Edits) -> Iterator[ClauseSite]:
    """All clauses of all functions."""
    for at, function in enumerate(edits.functions):
        for number, clause in enumerate(function.clauses):

            def put(
                clauses: tuple[Clause, ...], at: int = at, number: int = number, function: Function = function
            ) -> Edits:
                others = (*function.clauses[:number], *clauses, *function.clauses[number + 1 :])
                return with_functions(edits, at, replace(function, clauses=others))

            yield ClauseSite(function, number, clause, put)


def sites(edits: Edits) -> Iterator[Site]:
    """All expressions and patterns, the outer ones first."""
    for of in clause_sites(edits):
        for place, items in (("argument", of.clause.arguments), ("body", of.clause.body)):
            for index, item in enumerate(items):

                def put(
                    new: Expression,
                    of: ClauseSite = of,
                    place: str = place,
                    items: tuple[Expression, ...] = items,
                    index: int = index,
                ) -> Edits:
                    changed = (*items[:index], new, *items[index + 1 :])
                    if place == "argument":
                        return of.put((replace(of.clause, arguments=changed),))
                    return of.put((replace(of.clause, body=changed),))

                yield from _within(of, "argument" if place == "argument" else "body", item, put)


def _within(of: ClauseSite, place: Place, expression: Expression, put: Callable[[Expression], Edits]) -> Iterator[Site]:
    yield Site(of, place, expression, put)
    for child, rebuilt in parts(expression):

        def put_child(new: Expression, rebuilt: Callable[[Expression], Expression] = rebuilt) -> Edits:
            return put(rebuilt(new))

        yield from _within(of, place, child, put_child)


def parts(  # noqa: C901 - a line for each form
    expression: Expression,
) -> Iterator[tuple[Expression, Callable[[Expression], Expression]]]:
    """What an expression is made of, each part with what puts another in its place."""
    match expression:
        case f.Tuple(elements):
            yield from _listed(elements, f.Tuple)
        case f.Application(function, arguments):
            yield from _listed(arguments, lambda new: f.Application(function, new))
        case f.RecordExpression(name, fields):
            for index, field in enumerate(fields):
                if field.value is not None:
                    yield field.value, _at_field(name, fields, index)
        case f.Cons(head, tail):
            yield head, lambda new: f.Cons(new, tail)
            yield tail, lambda new: f.Cons(head, new)
        case f.Match(pattern, value):
            yield pattern, lambda new: f.Match(new, value)
            yield value, lambda new: f.Match(pattern, new)
        case f.CaseSame():
            for slot in ("value", "then", "otherwise"):
                yield getattr(expression, slot), _at_slot(expression, slot)
        case f.TryThrown(call):
            yield from ((each, _in_call(expression, rebuilt)) for each, rebuilt in parts(call))


def _listed(
    items: tuple[Expression, ...], made: Callable[[tuple[Expression, ...]], Expression]
) -> Iterator[tuple[Expression, Callable[[Expression], Expression]]]:
    for index, item in enumerate(items):

        def rebuilt(new: Expression, index: int = index) -> Expression:
            return made((*items[:index], new, *items[index + 1 :]))

        yield item, rebuilt


def _at_field(name: str, fields: tuple[f.RecordField, ...], index: int) -> Callable[[Expression], Expression]:
    return lambda new: f.RecordExpression(
        name, (*fields[:index], replace(fields[index], value=new), *fields[index + 1 :])
    )


def _at_slot(case: f.CaseSame, slot: str) -> Callable[[Expression], Expression]:
    match slot:
        case "value":
            return lambda new: replace(case, value=new)
        case "then":
            return lambda new: replace(case, then=new)
    return lambda new: replace(case, otherwise=new)


def _in_call(attempt: f.TryThrown, rebuilt: Callable[[Expression], Expression]) -> Callable[[Expression], Expression]:
    def put(new: Expression) -> Expression:
        call = rebuilt(new)
        return replace(attempt, call=call) if isinstance(call, f.Application) else attempt

    return put
