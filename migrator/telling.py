"""What tells the states of several versions apart: their shapes, else OldVsn (contract, section 3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from migrator.conversion import reads_all
from migrator.plan import Migration, Plan, identity
from migrator.recordplan import Filled, Nested, RecordPlan, source_field, source_reads
from migrator.routes import group_of
from migrator.states import DEEPEST, AnyState, StateRecord, alternatives_of, could_be, may_be, places_of, record_tests
from migrator.walks import Again, AnyOf, IntoContainer, IntoList, IntoMap, IntoRecord, IntoTuple
from migrator.wholes import HandPlan, TypePlan

if TYPE_CHECKING:
    from collections.abc import Iterator

    from migrator.recordplan import Shape, Source
    from migrator.records import Definition
    from migrator.states import Alternative, Place
    from migrator.walks import Walk


def has_natives(plan: Plan) -> bool:
    """Whether a version has native records among those that are converted: then its OTP knows them."""
    shapes = [shape for each in plan.migrations for one in each.records for shape in (one.shape, one.new_shape)]
    return any(shape.definition is not None for shape in (*shapes, plan.shape) if shape is not None)


def told_inside(plan: Plan) -> list[Migration]:
    """The versions that the records inside a state of the new shape tell apart; none where they cannot tell all."""
    members = [each for each in plan.migrations if each.shape == plan.shape and meaning(plan, each) is not None]
    ways = [
        (each.vsn, record, _way(plan, each, record))
        for each in members
        for record in each.nested
        if not record.in_place
    ]
    # Two records of one version that share a shape lie in places of their own.
    alone = all(
        one == other or (vsn == same and first.record != second.record)
        for vsn, first, one in ways
        for same, second, other in ways
        if first.shape == second.shape
    )
    return members if alone and all(each.inside_only for each in members) else []


def meaning(plan: Plan, migration: Migration) -> tuple[object, ...] | None:
    """What the conversion does with each element of the tuple; None where the state passes as it is.

    Two old versions that name an element differently mean the same when it becomes the same new field, unless a
    function reads the names, or what lies inside is converted in another way.
    """
    if identity(plan, migration) or migration.upgrade == "handwritten":
        return None
    if isinstance(migration.state, HandPlan):
        return (migration.state.up,)
    if isinstance(migration.state, TypePlan):
        return (migration.state.up, group_of(plan, migration))
    deeper = any(isinstance(each.source, Nested | Filled) for each in migration.up)
    inside = group_of(plan, migration) if deeper else None
    return (inside, *_elements(migration.state))


def _way(plan: Plan, migration: Migration, record: RecordPlan) -> tuple[object, ...]:
    """What a version makes of a record inside its states: what lies in it may be converted as in that version alone."""
    deeper = any(isinstance(each.source, Nested | Filled) for each in record.up)
    return (*_elements(record), group_of(plan, migration) if deeper else None)


def _elements(record: RecordPlan) -> tuple[object, ...]:
    """What becomes of each element of the tuple, with the names where a function reads them."""
    at = {field: number for number, field in enumerate(record.fields)}
    named = record.fields if any(reads_all(each.source) for each in record.up) else ()
    return (
        named,
        *(
            (at.get(source_field(each.source) or ""), _beside(each.source), _read(each.source, at))
            for each in record.up
        ),
    )


def _beside(source: object) -> object:
    """What else than its element makes a source what it is."""
    if isinstance(source, Filled):
        return source
    return getattr(source, "function", None) or getattr(source, "text", None) or getattr(source, "walk", None)


def _read(source: Source, at: dict[str, int]) -> tuple[tuple[str, int | None], ...]:
    """Which elements an expression reads, and which ones move."""
    return tuple((variable, at.get(field)) for variable, field in source_reads(source))


def told(plan: Plan, migration: Migration) -> bool:
    """Whether the shapes alone tell a state of that version from one of the new version."""
    if identity(plan, migration):
        return True
    match migration.state:
        case HandPlan(old):
            return () not in alternatives_of(plan.state) if isinstance(old, AnyState) else not could_be(plan.state, old)
        case TypePlan():
            return not _shared(plan, migration)
    return migration.shape != plan.shape or migration.inside_only


def old_already(plan: Plan, migration: Migration) -> tuple[Alternative, ...]:
    """What a state is like that surely is one of that old version and none of the new one."""
    if isinstance(migration.state, TypePlan):
        new = {(place.path, place.shape) for place in places_of(plan.state)}
        changed = {_seen(each.shape) for each in migration.nested if each.shape != each.new_shape}
        places = [place for place in migration.state.old.places if place.shape in changed]
        # Inside a state no guard sees which definition a native record keeps.
        known = [each for each in places if (each.path, each.shape) not in new and not (each.path and each.definition)]
        return tuple(_at(known))
    kept = migration.kept
    return () if isinstance(kept, AnyState) or could_be(kept, plan.state) else alternatives_of(kept)


def _shared(plan: Plan, migration: Migration) -> list[Shape]:
    """The shapes of records that are converted and that a record of the new version has too."""
    new = {each.new_shape for one in plan.migrations for each in one.nested}
    kept = {place.shape for place in places_of(plan.state)}
    return [
        each.shape
        for each in migration.nested
        if not each.in_place and (each.shape in new or _seen(each.shape) in kept)
    ]


def _seen(shape: Shape) -> tuple[str, int, Definition | None]:
    """The shape as a place has it."""
    return shape.tag, shape.size, shape.definition


def by_vsn(plan: Plan) -> list[Migration]:
    """The versions whose states OldVsn alone tells, but for bare records: each shape of those is looked at alone."""
    return [each for each in plan.migrations if _needs_vsn(plan, each)]


def _needs_vsn(plan: Plan, migration: Migration) -> bool:
    way = meaning(plan, migration)
    if isinstance(migration.state, RecordPlan) or way is None:
        return False
    if isinstance(migration.state, HandPlan) and by_shape(plan, migration):
        return False
    if not told(plan, migration):
        return True
    others = [each for each in plan.migrations if each is not migration and meaning(plan, each) not in (None, way)]
    if isinstance(migration.state, TypePlan):
        return bool(_unclear(plan, migration))
    if isinstance(migration.kept, AnyState):
        return any(isinstance(each.kept, AnyState) for each in others)
    return any(
        not isinstance(each.kept, AnyState)
        and (could_be(migration.kept, each.kept) or could_be(each.kept, migration.kept))
        for each in others
    )


def by_shape(plan: Plan, migration: Migration) -> bool:
    """Whether that version keeps a bare record as the new one does: then a clause for its shape is enough."""
    return isinstance(plan.state, StateRecord) and isinstance(migration.kept, StateRecord)


def clear(plan: Plan, migration: Migration) -> tuple[Alternative, ...]:
    """What a state is like that can only be one of that version, where a guard can tell."""
    others = [each.kept for each in plan.migrations if each is not migration and not isinstance(each.kept, AnyState)]
    known = [alternative for state in (plan.state, *others) for alternative in alternatives_of(state)]
    return tuple(
        own for own in alternatives_of(migration.kept) if not any(may_be(own, a) or may_be(a, own) for a in known)
    )


def in_doubt(plan: Plan, migration: Migration) -> tuple[Alternative, ...]:
    """What a state is like that OldVsn must be asked about: it may be one of that version, or of another one."""
    if isinstance(migration.state, HandPlan):
        told = clear(plan, migration)
        return tuple(each for each in alternatives_of(migration.kept) if each not in told)
    if not within_reach(plan, migration):
        return alternatives_of(migration.kept)
    unclear = {_seen(each.shape) for each in _unclear(plan, migration)}
    return tuple(_at([place for place in places_of(migration.kept) if place.shape in unclear]))


def within_reach(plan: Plan, migration: Migration) -> bool:
    """Whether guards see every record of which OldVsn must be asked: one that lies deeper puts every state in doubt."""
    names = {each.record for each in _unclear(plan, migration)}
    if not isinstance(migration.state, TypePlan):
        return False
    inside = [each.source.walk for record in migration.nested for each in record.up if isinstance(each.source, Nested)]
    return not any(_holds(walk, names) for walk in inside) and not _deep(migration.state.up, names, DEEPEST)


def _unclear(plan: Plan, migration: Migration) -> list[RecordPlan]:
    """The records inside whose shape is not enough: the new version has it too, or another one means something else."""
    shared = _shared(plan, migration)
    others = [
        (each, record)
        for each in plan.migrations
        if each is not migration and isinstance(each.state, TypePlan)
        for record in each.nested
    ]
    return [
        own
        for own in migration.nested
        if own.shape in shared
        or any(
            own.shape == other.shape
            and not (own.in_place and other.in_place)
            and _way(plan, migration, own) != _way(plan, each, other)
            for each, other in others
        )
    ]


def _holds(walk: Walk, names: set[str]) -> bool:
    """Whether the walk leads to a record of these, at any depth."""
    match walk:
        case IntoRecord(name):
            return name in names
        case Again():
            return True
        case IntoList(element, tail):
            parts: tuple[Walk, ...] = (element, tail)
        case IntoTuple(parts) | AnyOf(parts):
            pass
        case IntoMap(known, key, value):
            parts = (*(each for _, each in known), key, value)
        case IntoContainer(_, key, value):
            parts = (key, value)
        case _:
            parts = ()
    return any(_holds(each, names) for each in parts)


def _deep(walk: Walk, names: set[str], left: int) -> bool:
    """Whether the walk leads to one where no guard looks: in a list, in a container, under any key."""
    match walk:
        case IntoRecord():
            return False
        case AnyOf(members):
            return any(_deep(each, names, left) for each in members)
        case IntoTuple(elements) if left:
            return any(_deep(each, names, left - 1) for each in elements)
        case IntoMap(known, key, value) if left:
            rest = _holds(key, names) or _holds(value, names)
            return rest or any(_deep(each, names, left - 1) for _, each in known)
    return _holds(walk, names)


def _at(places: list[Place]) -> Iterator[Alternative]:
    for place in places:
        yield (*place.tests, *record_tests(place.path, *place.shape))
