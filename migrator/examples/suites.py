"""From a plan to what a generated test module checks of it."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Literal, TypeAlias

from migrator.examples import values as v
from migrator.examples.carrying import Way, carried_record, through
from migrator.examples.states import States, of_record, of_type, records_of
from migrator.examples.suite import Example, Kept, Suite, Unknown, VersionSuite, WayBack
from migrator.foreign import joined
from migrator.naming import field_variables, own_name
from migrator.plan import identity
from migrator.recordplan import Nested, RecordPlan, Taken, source_field
from migrator.records import Field, Record
from migrator.states import StateRecord, StateType, places_of
from migrator.terms import term_text
from migrator.wholes import HandPlan, TypePlan

if TYPE_CHECKING:
    from collections.abc import Sequence

    from migrator.examples.values import Value
    from migrator.modules import Module
    from migrator.outcomes import Planned
    from migrator.plan import Migration, Plan
    from migrator.states import State


# What a downgrade to a version's vsn leads to: an older version may have the same.
Target: TypeAlias = Literal["this", "another"]


def suite_of(planned: Planned) -> Suite | None:
    """What is checked of a module's migrations; None where there is none to check."""
    plan, new = planned.plan, planned.new
    if plan is None or new is None or plan.verdict != "migrate":
        return None
    labels = _labels(plan)
    targets: set[str] = set()
    versions = []
    for migration, label in zip(plan.migrations, labels, strict=True):
        told = term_text(migration.vsn)
        versions.append(
            _version(
                plan, migration, label, _before(planned.olds, migration), new, "another" if told in targets else "this"
            )
        )
        targets.add(told)
    kept = (plan.state, *(one.kept for one in plan.migrations))
    bare = all(isinstance(each, StateRecord) and each.definition is None for each in kept)
    return Suite(
        plan.module,
        plan.vsn,
        _kept(plan.state),
        plan.callback,
        None if plan.own is None else own_name(plan),
        plan.mode,
        tuple(versions),
        _unknown(plan) if bare else None,
        "passes" if bare else "unclear",
    )


def _kept(state: State, fields: tuple[str, ...] = ()) -> Kept:
    return Kept(state.name, fields or state.fields) if isinstance(state, StateRecord) else Kept(None)


def _labels(plan: Plan) -> list[str]:
    """A part of a function's name for each old version."""
    found: list[str] = []
    for migration in plan.migrations:
        text = re.sub(r"[^a-z0-9]+", "_", term_text(migration.vsn).lower()).strip("_") or "unknown"
        number = sum(1 for each in found if each == text or each.startswith(f"{text}_again"))
        found.append(f"{text}_again_{number}" if number else text)
    return found


def _before(olds: Sequence[Module], migration: Migration) -> Module | None:
    """The old version that the migration is from; None where the new beam carried it already."""
    for old in olds:
        record = None if migration.record is None else old.record(migration.record)
        if old.vsn != migration.vsn:
            continue
        if not isinstance(migration.state, RecordPlan) or (record and record.names == migration.fields):
            return old
    return None


def _version(  # noqa: PLR0913, PLR0917 - what is known of one version
    plan: Plan, migration: Migration, label: str, old: Module | None, new: Module, target: Target
) -> VersionSuite:
    before, after = (None, new) if old is None else joined(old, new)
    up = Way("up", migration, records_of(after))
    down = Way("down", migration, records_of(after))
    told: list[str] = []
    ups = _examples(_olds(migration, before, after), up, down, told)
    downs = _examples(_news(plan, migration, before, after), down, None, told)
    state = migration.state
    way_back: WayBack = "another" if target == "another" else "generated"
    if _native(plan, migration):
        told, ups, downs = ["native records are in its states, and no such state is tried here"], (), ()
    elif isinstance(state, HandPlan):
        told = ["functions of yours convert the whole state: what they make of it is not checked here"]
        ups, downs = (), downs if state.down is None else ()
        way_back = "refused" if state.down is None else way_back
    return VersionSuite(
        migration.vsn,
        label,
        _kept(migration.kept, migration.fields),
        "nothing" if identity(plan, migration) else migration.upgrade,
        way_back,
        state if isinstance(state, RecordPlan) else None,
        ups,
        downs,
        _answer(state, down) if isinstance(state, RecordPlan) and downs else None,
        tuple(dict.fromkeys(told)),
    )


def _native(plan: Plan, migration: Migration) -> bool:
    """Whether there are native records (OTP 29) in the states: their values are no tuples, and keep a definition."""
    states = any(isinstance(each, StateRecord) and each.definition for each in (plan.state, migration.kept))
    return states or any(each.old_definition or each.new_definition for each in migration.records)


def _answer(plan: RecordPlan, down: Way) -> tuple[Value, Value] | None:
    """A new state of variables, and what the way back makes of it."""
    if any(isinstance(each.source, Nested | Taken) for each in plan.down):
        return None
    # What no old field takes is named so that the compiler does not miss it.
    used = {source_field(each.source) for each in plan.down}
    names = field_variables(plan.new_fields, frozenset({"Result", "Answer"}))
    variables = (v.Plain(name if field in used else f"_{name}") for field, name in names.items())
    new = v.Tuple((v.atom(plan.new_shape.tag), *variables))
    old = carried_record(plan, new, down)
    return None if v.opened(old) is not None else (new, old)


def _olds(migration: Migration, before: Module | None, after: Module) -> States:
    match migration.state:
        case RecordPlan() as plan:
            record = None if before is None else before.record(plan.record)
            module = after if before is None else before
            return of_record(module, record or _bare(plan.record, plan.fields), plan, after.record(plan.new), "up")
        case TypePlan(StateType(name)) if before is not None:
            return of_type(before, name)
    return States(())


def _news(plan: Plan, migration: Migration, before: Module | None, after: Module) -> States:
    match migration.state:
        case RecordPlan() as one:
            record = after.record(one.new) or _bare(one.new, one.new_fields)
            other = None if before is None else before.record(one.record)
            return of_record(after, record, one, other, "down")
    if isinstance(plan.state, StateType):
        return of_type(after, plan.state.name)
    return States(())


def _bare(name: str, fields: tuple[str, ...]) -> Record:
    return Record(name, tuple(Field(each) for each in fields))


def _examples(states: States, way: Way, back: Way | None, told: list[str]) -> tuple[Example, ...]:
    if states.lacking is not None:
        told.append(f"no {'old' if way.direction == 'up' else 'new'} state is tried: {states.lacking}")
    found = []
    for about, state in states.states:
        other = _carried(state, way)
        found.append(Example(about, state, other, None if back is None else _carried(other, back)))
    return tuple(found)


def _carried(state: Value, way: Way) -> Value:
    match way.migration.state:
        case RecordPlan() as plan if isinstance(state, v.Tuple):
            return carried_record(plan, state, way)
        case TypePlan(_, up, down, up_named, down_named):
            walk, named = (up, up_named) if way.direction == "up" else (down, down_named)
            return through(walk, state, replace(way, named=named))
    return v.Open("what functions of yours give")


def _unknown(plan: Plan) -> Unknown:
    """The smallest shape beyond all that are known, that no clause of the module's own has a pattern for."""
    (place,) = places_of(plan.state)
    own = plan.own
    taken = {size for _, size in (*own.exempt_up, *own.exempt_down)} if own else set()
    known = [each.size for one in (plan.state, *(each.kept for each in plan.migrations)) for each in places_of(one)]
    size = max(known) + 1
    while size in taken:
        size += 1
    return Unknown(place.tag, size)
