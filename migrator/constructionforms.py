"""Turns the helper's facts about constructions of records into nouns."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from migrator.modules import ClosedValue, ConstantValue, Construction, FreeVariable, OpenValue
from migrator.records import Fun, FunctionName, Yield

if TYPE_CHECKING:
    from migrator.modules import ConstructedValue


def constructions_of(text: bytes | list[Any]) -> tuple[Construction, ...]:
    """The constructions, from the protocol's text; an empty list where they were not asked for."""
    return tuple(map(_construction, json.loads(text))) if isinstance(text, bytes) else ()


def _construction(told: Any) -> Construction:  # noqa: ANN401 - JSON is of any type
    kind, function, line, from_init, record, values = told
    return Construction(
        "new" if kind == "new" else "update",
        FunctionName(*function),
        line,
        from_init == "true",
        record,
        tuple((field[1], _value(value)) for field, value in values if isinstance(field, list)),
        next((_value(value) for field, value in values if field == "all_others"), None),
    )


def _value(told: Any) -> ConstructedValue:  # noqa: ANN401 - as above
    match told:
        case ["constant", text, yields]:
            return ConstantValue(text, _yield(yields))
        case ["closed", text, effects, yields]:
            return ClosedValue(text, tuple(effects), _yield(yields))
        case ["open", text, free, yields]:
            return OpenValue(text, tuple(map(_free, free)), _yield(yields))
    return OpenValue("?", ())


def _free(told: Any) -> FreeVariable:  # noqa: ANN401 - as above
    name, kind, line = told
    return FreeVariable(name, "argument" if kind == "argument" else "local", line)


def _yield(told: Any) -> Yield:  # noqa: ANN401 - as above
    heads, funs = told
    return Yield(tuple(heads), tuple(Fun(kind, text) for kind, text in funs))
