"""Turns the helper's facts about uses of fields into nouns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from migrator.records import FunctionName
from migrator.terms import Atom
from migrator.uses import (
    BuiltAside,
    Call,
    FromCall,
    FromField,
    FromRecord,
    GivenValue,
    MadeNew,
    OldStatePassed,
    PassedTo,
    Place,
    SeenAs,
    Uses,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from migrator.uses import Depth, Origin


def uses_of(facts: Sequence[Any]) -> Uses:
    """The uses, from the protocol's list."""
    found: dict[str, list[Any]] = {}
    for fact in facts:
        found.setdefault(fact[0].name, []).append(fact[1:])
    return Uses(
        places=tuple(
            Place(record.name, field.name, how.name, _function(function), line, *numbers)
            for record, field, how, function, line, numbers in found.get("place", ())
        ),
        given=tuple(
            GivenValue(
                record.name,
                field.name,
                None if function == Atom("default") else _function(function),
                line,
                tuple(map(_origin, origins)),
            )
            for record, field, function, line, origins in found.get("given", ())
        ),
        passed=tuple(
            PassedTo(record.name, field.name, _depth(depth), _function(function), line, _call(to), to[3])
            for record, field, depth, function, line, to in found.get("passed", ())
        ),
        seen=tuple(
            SeenAs(record.name, field.name, _function(function), line, seen.name)
            for record, field, function, line, seen in found.get("seen_as", ())
        ),
        made=tuple(MadeNew(record.name, _function(function), line) for record, function, line in found.get("made", ())),
        built=tuple(
            BuiltAside(None if record == Atom("any") else record.name, _function(function), line)
            for record, function, line in found.get("built", ())
        ),
        old_state=tuple(
            OldStatePassed(_function(function), line, _call(to), to[3])
            for function, line, to in found.get("old_state", ())
        ),
    )


def _function(term: Any) -> FunctionName:  # noqa: ANN401 - the wire's terms are of any type
    name, arity = term
    return FunctionName(name.name, arity)


def _call(term: Any) -> Call:  # noqa: ANN401 - as above
    return Call(term[0].name, term[1].name, term[2])


def _depth(term: Any) -> Depth:  # noqa: ANN401 - as above
    return "is" if term.name == "is" else "holds"


def _origin(term: Any) -> Origin:  # noqa: ANN401 - as above
    match term:
        case (depth, (Atom("call"), Atom(module), Atom(name), arity, element)):
            return FromCall(_depth(depth), Call(module, name, arity), element)
        case (depth, (Atom("record"), Atom(name))):
            return FromRecord(_depth(depth), name)
        case (depth, (Atom("field"), Atom(record), Atom(field))):
            return FromField(_depth(depth), record, field)
        case Atom("plain"):
            return "plain"
    return "unknown"
