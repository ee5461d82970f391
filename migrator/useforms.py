"""Turns the helper's facts about uses of fields into nouns."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from migrator.records import FunctionName
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
    from migrator.uses import Origin


def uses_of(text: bytes) -> Uses:
    """The uses, from the protocol's text."""
    found: dict[str, list[Any]] = {}
    for kind, *fact in json.loads(text):
        found.setdefault(kind, []).append(fact)
    return Uses(
        places=tuple(
            Place(record, field, how, FunctionName(*function), line, *numbers)
            for record, field, how, function, line, numbers in found.get("place", ())
        ),
        given=tuple(
            GivenValue(record, field, function and FunctionName(*function), line, tuple(map(_origin, origins)))
            for record, field, function, line, origins in found.get("given", ())
        ),
        passed=tuple(
            PassedTo(record, field, depth, FunctionName(*function), line, Call(*to[:3]), to[3])
            for record, field, depth, function, line, to in found.get("passed", ())
        ),
        seen=tuple(
            SeenAs(record, field, FunctionName(*function), line, seen)
            for record, field, function, line, seen in found.get("seen_as", ())
        ),
        made=tuple(MadeNew(record, FunctionName(*function), line) for record, function, line in found.get("made", ())),
        built=tuple(
            BuiltAside(record, FunctionName(*function), line) for record, function, line in found.get("built", ())
        ),
        old_state=tuple(
            OldStatePassed(FunctionName(*function), line, Call(*to[:3]), to[3])
            for function, line, to in found.get("old_state", ())
        ),
    )


def _origin(told: Any) -> Origin:  # noqa: ANN401 - JSON is of any type
    match told:
        case [depth, ["call", module, name, arity, element]]:
            return FromCall(depth, Call(module, name, arity), element)
        case [depth, ["record", name]]:
            return FromRecord(depth, name)
        case [depth, ["field", record, field]]:
            return FromField(depth, record, field)
    return "plain" if told == "plain" else "unknown"
