"""Example states of one version: a value for each field that a process of it may hold there."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from migrator import types as t
from migrator.compare import side_of
from migrator.conversion import reads_all
from migrator.examples import values as v
from migrator.examples.carrying import known, reads
from migrator.examples.making import Maker, record_values, untyped, values_of, word_of
from migrator.recordplan import Filled, Nested, source_field, source_reads
from migrator.walks import Anywhere

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from migrator.examples.values import Value
    from migrator.modules import Module
    from migrator.recordplan import RecordPlan, Source
    from migrator.records import Field, Record

# The first number in an example: no edge of any type, and no size of anything.
_FIRST_NUMBER = 11
# A record of more fields is shown in one example and as a new process has it.
_WIDE = 40

Direction = Literal["up", "down"]


@dataclass(frozen=True, slots=True)
class States:
    """States of a version, each with what is to be said of its values; `lacking` says why there are none."""

    states: tuple[tuple[str, Value], ...]
    lacking: str | None = None


def of_record(module: Module, record: Record, plan: RecordPlan, other: Record | None, direction: Direction) -> States:
    """States that are that bare record; `plan` says who takes their fields, `other` the record on the other side."""
    side = side_of(module)
    sources = [each.source for each in (plan.up if direction == "up" else plan.down)]
    given = _given(sources)
    all_given = any(reads_all(each) for each in sources)
    of_field: dict[str, list[Value]] = {}
    fresh: list[Value] = []
    for at, field in enumerate(record.fields):
        maker = Maker(side, word_of(field.name), _FIRST_NUMBER + at, (f"#{record.name}",))
        default = _default(field)
        typed = _typed(field, maker, sources, other)
        if field.name in given:
            usable = typed[:1] or ([] if field.default is None or default is None else [default])
            if not usable:
                return States((), f"nothing tells what {field.name} may hold, which a function of yours is given")
            of_field[field.name] = usable
            fresh.append(default if default is not None and field.default is not None else usable[0])
            continue
        found = typed or _like(default, maker)
        of_field[field.name] = found[:1] if all_given else found
        fresh.append(default if default is not None and (field.default is not None or not typed) else found[0])
    rows = record_values(record, of_field)
    if len(record.fields) > _WIDE:
        rows = rows[:1]
    begins = v.Tuple((v.atom(record.tag), *fresh))
    abouts = ["values of their own", *("values at the edges of their types" for _ in rows[1:])]
    said = [*zip(abouts, rows, strict=True), ("values as a new process has them", begins)]
    states = {state: about for about, state in reversed(said)}
    return States(tuple((about, state) for about, state in said if states[state] == about))


def of_type(module: Module, name: str) -> States:
    """States that are values of a type of the module."""
    maker = Maker(side_of(module), "value", _FIRST_NUMBER)
    found = values_of(t.UserType(name, ()), maker)
    abouts = ["values of their own", *("values at the edges of their types" for _ in found[1:])]
    return States(tuple(zip(abouts, found, strict=True)), None if found else f"no value of {name}() is known")


def _given(sources: Iterable[Source]) -> frozenset[str]:
    """The fields that functions and expressions of the user's are given by name."""
    found: set[str] = set()
    for source in sources:
        if reads(source):
            field = source_field(source)
            found.update(() if field is None else (field,))
            found.update(field for _, field in source_reads(source))
    return frozenset(found)


def _default(field: Field) -> Value | None:
    """The declared default where it is known, `undefined` where none is declared."""
    if field.default is None:
        return v.UNDEFINED
    found = known(field.default.expanded)
    if not isinstance(found, v.Open):
        return found
    return v.Plain(" ".join(field.default.expanded.split())) if field.default.constant else None


def _typed(field: Field, maker: Maker, sources: Iterable[Source], other: Record | None) -> list[Value]:
    """Values of its type; of a field without one, what the plan looks for in it."""
    for source in sources:
        if source_field(source) != field.name:
            continue
        match source:
            case Nested(_, Anywhere(names)):
                return _scattered(names, maker)
            case Nested() if field.type is None and other is not None:
                there = next((each for each in other.fields if each.type is not None and each.name == field.name), None)
                return [] if there is None or there.type is None else values_of(there.type, maker)
            case Filled(_, record) if field.type is None:
                return values_of(t.RecordOf(record.record), maker)
    return [] if field.type is None else values_of(field.type, maker)


def _scattered(names: Iterable[str], maker: Maker) -> list[Value]:
    """Records in places that no type tells of."""
    found: list[Value] = []
    for at, name in enumerate(names):
        found += values_of(t.RecordOf(name), replace(maker, word=f"{maker.word}_{at + 1}", number=maker.number + at))[
            :1
        ]
    if not found:
        return untyped(maker)
    first = found[0]
    tagged = v.Tuple((v.atom("found"), first))
    return [v.Items((*found, tagged, v.Pairs(((v.atom("key"), first),)))), first, v.EMPTY]


def _like(default: Value | None, maker: Maker) -> list[Value]:
    """Values of the kind of a field's default, where no type says what it holds."""
    some = untyped(maker)[0]
    match default:
        case v.Items():
            return [v.Items((some,)), v.EMPTY]
        case v.Pairs():
            return [v.Pairs(((v.atom(f"{maker.word}_key"), some),)), v.Pairs(())]
        case v.Plain(text) if text.lstrip("-").isdigit():
            return [v.Plain(str(maker.number)), v.Plain("0")]
        case v.Plain(text) if text.startswith("<<"):
            return [v.Plain(f'<<"{maker.word}">>'), v.Plain("<<>>")]
        case v.Plain(text) if text.startswith('"'):
            return [v.Plain(f'"{maker.word}"'), v.EMPTY]
        case v.Plain("true" | "false" as text):
            return [v.Plain("false" if text == "true" else "true"), v.Plain(text)]
    return [some, v.UNDEFINED]


def records_of(module: Module) -> Mapping[str, Record]:
    """The module's records by name."""
    return {record.name: record for record in module.records}
