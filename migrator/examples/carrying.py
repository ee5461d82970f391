"""What a plan makes of a value, worked out from the plan alone: nothing that is generated from it is run or read."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from migrator.diagnostics import Refused
from migrator.examples import values as v
from migrator.recordplan import (
    Converted,
    ConvertedTo,
    Copy,
    Filled,
    Given,
    GivenBy,
    GivenFrom,
    Handed,
    Nested,
    Renamed,
    Taken,
    TakenDefault,
)
from migrator.termtext import parse_terms
from migrator.walks import (
    Again,
    AnyOf,
    Anywhere,
    IntoContainer,
    IntoList,
    IntoMap,
    IntoRecord,
    IntoTuple,
    NamedWalk,
    Only,
    Walk,
    vagueness,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Literal

    from migrator.examples.values import Value
    from migrator.plan import Migration
    from migrator.recordplan import RecordPlan, Source
    from migrator.records import Record

# What OTP gives without looking at anything, each time the same.
_EMPTY = frozenset(
    f"{module}:{function}()"
    for module, function in (
        *((each, "new") for each in ("dict", "array", "queue", "sets", "maps", "orddict", "ordsets", "gb_sets")),
        *((each, "empty") for each in ("gb_trees", "gb_sets")),
    )
)


@dataclass(frozen=True, slots=True)
class Way:
    """One direction of one migration; `records` are the new module's by name, `handed` what moves into a record."""

    direction: Literal["up", "down"]
    migration: Migration
    records: Mapping[str, Record]
    named: tuple[NamedWalk, ...] = ()
    handed: tuple[Value, ...] = ()


def carried_record(plan: RecordPlan, value: v.Tuple, way: Way) -> v.Tuple:
    """The record's tuple on the other side."""
    up = way.direction == "up"
    names, fields, tag = (
        (plan.fields, plan.up, plan.new_shape.tag) if up else (plan.new_fields, plan.down, plan.shape.tag)
    )
    have = dict(zip(names, value.elements[1:], strict=True))
    record = way.records.get(plan.new) if up else None
    elements = (_sourced(each.source, have, way, record, each.field) for each in fields)
    return v.Tuple((v.atom(tag), *elements))


def _sourced(source: Source, have: dict[str, Value], way: Way, record: Record | None, field: str) -> Value:
    match source:
        case Copy(name) | Renamed(name):
            return have[name]
        case Nested(name, walk, named):
            return through(walk, have[name], replace(way, named=named))
        case Converted(_, function) | GivenBy(function):
            return v.Open(f"what {function} gives")
        case ConvertedTo(_, text) | GivenFrom(text):
            return v.Open(f"what {_flat(text)} gives")
        case Given(text):
            return known(text)
        case TakenDefault(text):
            return _default(text, record, field)
        case Handed(number):
            return way.handed[number]
        case Filled():
            return _filled(source, have, way, field)
        case Taken():
            return _taken(source, have, way)


def _default(text: str, record: Record | None, field: str) -> Value:
    """The default of the new record as it declares it; on the way down the text says all."""
    declared = None if record is None else record.get(field)
    if declared is None or declared.default is None or text != declared.default.text:
        return known(text)
    if declared.default.constant:
        found = known(declared.default.expanded)
        return v.Plain(_flat(declared.default.expanded)) if isinstance(found, v.Open) else found
    return known(text)


def known(text: str) -> Value:
    """The value of an expression, where its text alone tells it."""
    flat = _flat(text)
    if flat in _EMPTY:
        return v.Plain(flat)
    try:
        (written,) = parse_terms(f"{text}.", "")
    except (Refused, ValueError):
        return v.Open(f"what {flat} gives")
    return v.of_term(written.term)


def _flat(text: str) -> str:
    return " ".join(text.split())


def _filled(source: Filled, have: dict[str, Value], way: Way, field: str) -> Value:
    handed = tuple(_sourced(each, have, way, None, field) for each in source.handed)
    inside = replace(way, handed=handed)
    if source.value is None:
        record = way.records.get(source.record.new)
        elements = (_sourced(each.source, {}, inside, record, each.field) for each in source.record.up)
        return v.Tuple((v.atom(source.record.new_shape.tag), *elements))
    bare = have[source.value.field] if isinstance(source.value, Nested) else None
    value = _sourced(source.value, have, way, None, field) if bare is None else bare
    if isinstance(value, v.Tuple) and _has_shape(value, source.record.shape.tag, source.record.shape.size):
        return carried_record(source.record, value, inside)
    if isinstance(source.value, Nested):
        return through(source.value.walk, value, replace(way, named=source.value.named))
    return value if isinstance(source.value, Copy | Renamed) else v.Open(f"what moves into {field}")


def _taken(source: Taken, have: dict[str, Value], way: Way) -> Value:
    value = have[source.field]
    for name, field in source.path:
        record = way.records.get(name)
        if isinstance(value, v.Open) or record is None:
            return v.Open(f"what moves out of {source.field}")
        if not (isinstance(value, v.Tuple) and _has_shape(value, record.tag, record.size)):
            return _sourced(source.otherwise, have, way, None, source.field)
        value = value.elements[record.names.index(field) + 1]
    return through(source.walk, value, replace(way, named=source.named))


def _has_shape(value: v.Tuple, tag: str, size: int) -> bool:
    return len(value.elements) == size and value.elements[0] == v.atom(tag)


def _record_of(name: str, way: Way) -> RecordPlan | None:
    """The plan of a record inside the state, by its name on the side that values come from."""
    up = way.direction == "up"
    return next((each for each in way.migration.nested if name == (each.record if up else each.new)), None)


def _is_record(value: Value, plan: RecordPlan, way: Way) -> bool:
    shape = plan.shape if way.direction == "up" else plan.new_shape
    return isinstance(value, v.Tuple) and _has_shape(value, shape.tag, shape.size)


def through(walk: Walk, value: Value, way: Way) -> Value:  # noqa: C901 - a line for each walk
    """The value with the changed records inside it on the other side, where the walk leads to them."""
    match walk:
        case Again(name):
            return through(next(each.walk for each in way.named if each.name == name), value, way)
        case AnyOf(members):
            fitting = [each for each in sorted(members, key=vagueness) if _fits(each, value, way)]
            return through(_likeliest(fitting, value, way), value, way) if fitting else value
        case Anywhere(names):
            return _anywhere(names, value, way)
        case _ if isinstance(value, v.Open):
            return value
        case IntoRecord(name):
            plan = _record_of(name, way)
            if plan is not None and isinstance(value, v.Tuple) and _is_record(value, plan, way):
                return carried_record(plan, value, way)
        case IntoList(element, tail):
            if not isinstance(value, v.Items):
                return through(tail, value, way)
            end = None if value.tail is None else through(tail, value.tail, way)
            return v.Items(tuple(through(element, each, way) for each in value.items), end)
        case IntoTuple(walks) if isinstance(value, v.Tuple) and _fits(walk, value, way):
            return v.Tuple(tuple(through(w, each, way) for w, each in zip(walks, value.elements, strict=True)))
        case IntoTuple() if isinstance(value, v.Container):
            return v.Open("the inside of a container")
        case IntoMap() if isinstance(value, v.Pairs):
            return v.Pairs(tuple(_pair(walk, key, one, way) for key, one in value.pairs))
        case IntoContainer(kind, key, inner) if isinstance(value, v.Container) and value.kind == kind:
            return v.Container(kind, tuple(_entry(kind, key, inner, each, way) for each in value.entries))
    return value


def _likeliest(fitting: list[Walk], value: Value, way: Way) -> Walk:
    """A tuple may look like a record beside it: it is taken for a tuple where something in it is to be converted."""
    others = [each for each in fitting if not isinstance(each, IntoTuple)]
    for each in fitting:
        match each, value:
            case IntoTuple(walks), v.Tuple(elements):
                if any(_fits(walk, one, way) for walk, one in zip(walks, elements, strict=True)):
                    return each
    return others[0] if others else fitting[0]


def _pair(walk: IntoMap, key: Value, value: Value, way: Way) -> tuple[Value, Value]:
    known_keys = {v.Plain(text): each for text, each in walk.known}
    if isinstance(key, v.Plain) and key in known_keys:
        return key, through(known_keys[key], value, way)
    return through(walk.key, key, way), through(walk.value, value, way)


def _entry(kind: str, key: Walk, inner: Walk, entry: Value, way: Way) -> Value:
    if kind in {"dict", "gb_tree"} and isinstance(entry, v.Tuple):
        one, other = entry.elements
        return v.Tuple((through(key, one, way), through(inner, other, way)))
    return through(inner, entry, way)


def _anywhere(names: Iterable[str], value: Value, way: Way) -> Value:
    for name in names:
        plan = _record_of(name, way)
        if plan is not None and isinstance(value, v.Tuple) and _is_record(value, plan, way):
            return carried_record(plan, value, way)
    match value:
        case v.Tuple(elements):
            return v.Tuple(tuple(_anywhere(names, each, way) for each in elements))
        case v.Items(items, tail):
            end = None if tail is None else _anywhere(names, tail, way)
            return v.Items(tuple(_anywhere(names, each, way) for each in items), end)
        case v.Pairs(pairs):
            return v.Pairs(tuple((_anywhere(names, key, way), _anywhere(names, one, way)) for key, one in pairs))
        case v.Container(kind, entries):
            return v.Container(kind, tuple(_anywhere(names, each, way) for each in entries))
    return value


def _fits(walk: Walk, value: Value, way: Way) -> bool:
    """Whether the value has the shape that the walk describes."""
    match walk:
        case IntoRecord(name):
            plan = _record_of(name, way)
            return plan is not None and _is_record(value, plan, way)
        case IntoList():
            return isinstance(value, v.Items) and bool(value.items)
        case IntoTuple(walks) if isinstance(value, v.Tuple) and len(value.elements) == len(walks):
            pairs = zip(walks, value.elements, strict=True)
            return all(one == v.Plain(each.text) for each, one in pairs if isinstance(each, Only))
        case IntoMap():
            return isinstance(value, v.Pairs)
        case IntoContainer(kind):
            return isinstance(value, v.Container) and value.kind == kind
        case Again() | AnyOf() | Anywhere():
            return True
    return False


def reads(source: Source) -> bool:
    """Whether a function or an expression of the user's own makes the value."""
    return isinstance(source, Converted | ConvertedTo | GivenBy | GivenFrom)
