"""Names of the functions that generated code calls for values: expressions, records inside the state, walks."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias

from migrator.fieldplans import with_inner
from migrator.forms import Application
from migrator.naming import inner_name, value_name, variables_in
from migrator.recordplan import ConvertedTo, Filled, Given, GivenFrom, Nested, Taken, TakenDefault
from migrator.walks import (
    STAY,
    Again,
    AnyOf,
    Anywhere,
    IntoContainer,
    IntoList,
    IntoMap,
    IntoRecord,
    IntoTuple,
    Only,
    Stay,
)
from migrator.wholes import ByExpression, HandPlan, TypePlan

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from migrator.forms import Expression
    from migrator.plan import Migration, Plan
    from migrator.recordplan import FieldPlan, RecordPlan, Source
    from migrator.walks import NamedWalk, Walk

Direction: TypeAlias = Literal["up", "down"]
# A default is supplied by record syntax, or its text stands in what is generated.
Supplied: TypeAlias = Literal["record", "text"]


@dataclass(frozen=True, slots=True)
class WalkKey:
    """A walk of one direction and version, with the named walks that it may come back to."""

    direction: Direction
    version: int
    walk: Walk
    named: tuple[NamedWalk, ...]


@dataclass(frozen=True, slots=True)
class FillKey:
    """A record that values move into, in a version: what becomes of it, and of a value that is no such record."""

    version: int
    record: RecordPlan
    walk: Walk
    named: tuple[NamedWalk, ...]
    count: int


def fill_key(version: int, source: Filled) -> FillKey:
    """What tells the function that fills this record."""
    walk, named = (source.value.walk, source.value.named) if isinstance(source.value, Nested) else (STAY, ())
    return FillKey(version, source.record, walk, named, len(source.handed))


@dataclass(frozen=True, slots=True)
class Routes:
    """Which function does what: by expression and its variables, by record (direction, version, name), by walk.

    `seekers` are those that look through any term; `fills` and `takes` hand values into records and take them out.
    """

    texts: dict[tuple[str, tuple[str, ...]], str] = field(default_factory=dict)
    records: dict[tuple[Direction, int, str], str] = field(default_factory=dict)
    walks: dict[WalkKey, str] = field(default_factory=dict)
    seekers: dict[WalkKey, str] = field(default_factory=dict)
    fills: dict[FillKey, str] = field(default_factory=dict)
    takes: dict[tuple[int, Taken], str] = field(default_factory=dict)

    def walked(self, key: WalkKey, value: Expression) -> Expression:
        """The value with what the walk reaches converted."""
        match key.walk:
            case Stay() | Only():
                return value
            case IntoRecord(record):
                return Application(self.records[key.direction, key.version, record], (value,))
            case Again(name):
                again = next(each.walk for each in key.named if each.name == name)
                return self.walked(WalkKey(key.direction, key.version, again, key.named), value)
        return Application(self.walks[key], (value,))


def group_of(plan: Plan, migration: Migration) -> int:
    """Which functions for records inside the state a version uses: those of the first version with the same ones."""
    return next(number for number, each in enumerate(plan.migrations) if each.nested == migration.nested)


def routes_of(plan: Plan) -> Routes:
    """The names of all functions that the plan's values need, in the order in which they are met."""
    routes = Routes()
    for each, supplied in _values(plan.migrations):
        expression = _expression(each.source, supplied)
        if expression is not None and expression not in routes.texts:
            routes.texts[expression] = value_name(plan, each.field, len(routes.texts) + 1)
    for how in _by_expression(plan):
        if (how.text, how.reads) not in routes.texts:
            routes.texts[how.text, how.reads] = value_name(plan, "the state", len(routes.texts) + 1)
    many = len({group_of(plan, each) for each in plan.migrations if each.nested}) > 1
    for migration in plan.migrations:
        group = group_of(plan, migration)
        mark = f" {group + 1}" if many else ""
        for record in migration.nested:
            routes.records["up", group, record.record] = inner_name(plan, f"{record.record} up{mark}")
            routes.records["down", group, record.new] = inner_name(plan, f"{record.new} down{mark}")
        for key, wanted in _keys(migration, group):
            if key not in routes.walks:
                number = sum(1 for other in routes.walks if other.direction == key.direction) + 1
                routes.walks[key] = inner_name(plan, f"inside {wanted} {number} {key.direction}")
                if isinstance(key.walk, Anywhere):
                    routes.seekers[key] = inner_name(plan, f"anywhere {number} {key.direction}")
        _moves(plan, migration, routes)
    return routes


def _moves(plan: Plan, migration: Migration, routes: Routes) -> None:
    """The functions that fill records and take values out of them."""
    group = group_of(plan, migration)
    for record in migration.records:
        for each in (inner for outer in (*record.up, *record.down) for inner in with_inner(outer)):
            match each.source:
                case Filled(value) if value is not None:
                    key = fill_key(group, each.source)
                    if key not in routes.fills:
                        routes.fills[key] = inner_name(plan, f"move {len(routes.fills) + 1} into {each.field} up")
                case Taken(field) if (group, each.source) not in routes.takes:
                    number = len(routes.takes) + 1
                    routes.takes[group, each.source] = inner_name(plan, f"move {number} out of {field} down")


def _by_expression(plan: Plan) -> Iterator[ByExpression]:
    """The expressions that convert whole states."""
    for migration in plan.migrations:
        if isinstance(migration.state, HandPlan):
            yield from (how for how in (migration.state.up, migration.state.down) if isinstance(how, ByExpression))


def _values(migrations: Iterable[Migration]) -> Iterator[tuple[FieldPlan, Supplied]]:
    """Every field's plan in them, and who supplies its default."""
    for migration in migrations:
        for record in migration.records:
            supplied: Supplied = "record" if record.declared_here else "text"
            yield from ((inner, supplied) for each in record.up for inner in with_inner(each))
            yield from ((inner, "text") for each in record.down for inner in with_inner(each))


def _expression(source: Source, supplied: Supplied) -> tuple[str, tuple[str, ...]] | None:
    """The expression with its variables, where it needs a function of its own: what it binds must meet nothing."""
    match source:
        case ConvertedTo(_, text, reads) | GivenFrom(text, reads):
            return text, tuple(variable for variable, _ in reads)
        case Given(text, _) if variables_in(text):
            return text, ()
        case TakenDefault(text) if supplied == "text" and variables_in(text):
            return text, ()
    return None


def _keys(migration: Migration, group: int) -> Iterator[tuple[WalkKey, str]]:
    """The walks that need a function of their own, with the field that leads there first."""
    if isinstance(migration.state, TypePlan):
        along = migration.state
        for walk in _within(along.up, along.up_named):
            yield WalkKey("up", group, walk, along.up_named), along.old.name
        for walk in _within(along.down, along.down_named):
            yield WalkKey("down", group, walk, along.down_named), along.old.name
    for record in migration.records:
        for direction, plans in (("up", record.up), ("down", record.down)):
            for each in (inner for outer in plans for inner in with_inner(outer)):
                if isinstance(each.source, Nested | Taken):
                    way: Direction = "up" if direction == "up" else "down"
                    for walk in _within(each.source.walk, each.source.named):
                        yield WalkKey(way, group, walk, each.source.named), each.field


def _within(walk: Walk, named: tuple[NamedWalk, ...]) -> Iterator[Walk]:
    yield from _functions(walk)
    for each in named:
        yield from _functions(each.walk)


def _below(walk: Walk) -> Iterator[Walk]:
    """The walks inside this one that need a function."""
    inner = _functions(walk)
    next(inner, None)
    yield from inner


def single_keys(walk: IntoMap) -> tuple[IntoMap, ...]:
    """A map's known keys, each as a walk of its own."""
    return tuple(IntoMap((each,), STAY, STAY) for each in walk.known)


def _functions(walk: Walk) -> Iterator[Walk]:
    """The walk and those inside it, where each is more than a call."""
    match walk:
        case IntoList(element, tail):
            parts: tuple[Walk, ...] = (element, tail)
        case IntoTuple(parts):
            pass
        case AnyOf(members):
            # Its members are clauses of one function; a list is walked by one of its own, that its tail comes back to.
            yield walk
            for member in members:
                yield from _functions(member) if isinstance(member, IntoList) else _below(member)
            return
        case IntoMap(known, key, value):
            alone = single_keys(walk) if len(known) > 1 and key == STAY and value == STAY else ()
            parts = (*alone, *(each for _, each in known), key, value)
        case IntoContainer(_, key, value):
            parts = (key, value)
        case Anywhere():
            parts = ()
        case _:
            return
    yield walk
    for part in parts:
        yield from _functions(part)
