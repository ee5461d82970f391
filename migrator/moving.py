"""Where values `move`: into which records inside a new state, and what is said of it (contract, sections 2 and 8)."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from migrator.anywhere import way_through
from migrator.decisions import Convert, InitAsInit, InitBy, Keep, Move, inside
from migrator.fitting import absent, pair_names
from migrator.pairs import Moved, Place
from migrator.recordplan import Copy, FieldPlan, Filled, Given, Handed, Nested, RecordPlan, Renamed, TakenDefault
from migrator.records import Record
from migrator.shown import record_shown, records_shown
from migrator.terms import atom_text
from migrator.values import value_of
from migrator.walker import records_of, without
from migrator.walks import STAY

if TYPE_CHECKING:
    from collections.abc import Sequence

    from migrator.decisions import Decision, Written
    from migrator.fitting import Names
    from migrator.pairs import Pair
    from migrator.plan import Migration
    from migrator.recordplan import Source
    from migrator.records import Field

# A construction that gives no field a value.
_BARE = re.compile(r"#(?:'(?:[^'\\]|\\.)*'|[\w@]+)\{\}")


class _MisfitError(Exception):
    """A move that fits nothing, and why."""


@dataclass(frozen=True, slots=True)
class _Goes:
    """What moves: where it comes from, as it is here, the old field outside, and the rest of its path."""

    origin: str | Handed
    old: str
    path: tuple[str, ...]


def with_places(pairs: tuple[Pair, ...], top: tuple[Written, ...]) -> tuple[Pair, ...]:
    """The pairs with the places that values move into, as their decisions say; `top` are all decisions there are."""
    placed = tuple(_placed(pair, pairs, top) for pair in pairs)
    if not any(pair.places for pair in placed):
        return placed
    built = frozenset(
        each.new.name
        for pair in placed
        for place in pair.places
        if place.pair is not None
        for each in place.pair.with_built
        if each.built
    )
    first = replace(placed[0], names=replace(placed[0].names, built=built))
    return _alone((first, *placed[1:]))


def carried_names(
    migration: Migration, new: tuple[str, ...], decisions: tuple[Written, ...]
) -> list[tuple[Names, tuple[Written, ...]]]:
    """The field names of a migration that a beam carries, and of the records in it, with the decisions about each."""
    filled = [record for each in migration.records for record in _filled(each)]
    top = replace(
        pair_names(migration.fields, new, decisions),
        records=frozenset((each.record, each.new) for each in migration.nested),
        built=frozenset(each.new for each in filled),
    )
    found = [(top, decisions)]
    for each in (*migration.nested, *filled):
        held = inside(decisions, each.record, each.new)
        handed = frozenset(field.field for field in each.up if isinstance(field.source, Handed))
        found.append((replace(pair_names(each.fields, each.new_fields, held), handed=handed), held))
    return found


def _filled(record: RecordPlan) -> list[RecordPlan]:
    """The records that values move into, at any depth."""
    inner = [each.source.record for each in record.up if isinstance(each.source, Filled)]
    return [*inner, *(deeper for each in inner for deeper in _filled(each))]


def _placed(pair: Pair, pairs: Sequence[Pair], top: tuple[Written, ...], handed: Sequence[_Goes] = ()) -> Pair:
    """The pair with the places for what moves by its own decisions, and for what is handed in and goes further."""
    moves = list(dict.fromkeys(each.decision for each in pair.decisions if isinstance(each.decision, Move)))
    judged: list[tuple[Move, str | None]] = []
    moved: list[Moved] = []
    for move in moves:
        try:
            moved.append(_moved(pair, move, top))
            _not_through(move, [*(each.path for each in moves), *(each.path for each in handed)])
            judged.append((move, None))
        except _MisfitError as error:
            judged.append((move, str(error)))
    goes = [*handed, *(_Goes(move.old, move.old, move.path) for move, reason in judged if reason is None)]
    if not goes and not judged:
        return pair
    names = replace(pair.names, judged=(*pair.names.judged, *judged))
    return replace(pair, names=names, places=_places(pair, goes, pairs, top), moved=tuple(moved))


def _not_through(move: Move, paths: Sequence[tuple[str, ...]]) -> None:
    """A field that something moves into as a whole has nothing else move into a part of it.

    Raises:
        _MisfitError: another move goes to a part of its target, or to a whole that its target is part of.
    """
    for path in paths:
        shorter = min(len(path), len(move.path))
        if len(path) != len(move.path) and path[:shorter] == move.path[:shorter]:
            raise _MisfitError(f"something else moves into {'.'.join(map(atom_text, path))}")


# --- the way of one move ---


@dataclass(frozen=True, slots=True)
class _Step:
    """A record on the way: the new one, the old one where one is carried along, and how sure it is to be there."""

    new: Record
    old: Record | None
    source: dict[str, str]
    certain_up: bool
    certain_down: bool


def _step(pair: Pair, at: _Step, name: str, top: tuple[Written, ...]) -> _Step:
    """The record in that field.

    Raises:
        _MisfitError: there is no such field, or no record in it.
    """
    field = at.new.get(name)
    if field is None:
        what = "a field of the new record" if at.new is pair.new else f"a field of #{atom_text(at.new.name)}{{}}"
        raise _MisfitError(absent(what, name, at.new.names))
    found, certain = record_shown(pair.new_module, at.new, field, pair.down.side)
    record = pair.down.side.records.get(found or "")
    if record is not None and record.home:
        raise _MisfitError(f"#{atom_text(record.tag)}{{}} is declared in {atom_text(record.home)}, not in this module")
    if record is None:
        known = records_shown(pair.new_module, at.new, field, pair.down.side)[0]
        if len(known) > 1:
            several = " or ".join(f"#{atom_text(each)}{{}}" for each in known)
            raise _MisfitError(f"{several} may lie in {atom_text(name)}, and the path does not tell which")
        raise _MisfitError(f"no record is known to lie in {atom_text(name)}, by its type, its default or init/1")
    source = at.source.get(name)
    if source is None or at.old is None or (at.new is pair.new and pair.decided(Convert, field=name)):
        return _Step(record, None, {}, certain_up=True, certain_down=certain)
    before = at.old.get(source)
    was = {new: old for old, new in pair.converted}.get(record.name, record.name)
    old = pair.up.side.records.get(was)
    if before is None or old is None:
        raise _MisfitError(f"the old {pair.old_module.name} has no record #{atom_text(was)}{{}} that could lie there")
    certain_up = certain if before.type is None else record_shown(pair.old_module, at.old, before, pair.up.side)[1]
    names = pair_names(old.names, record.names, inside(top, old.name, record.name))
    return _Step(record, old, names.source, certain_up=certain_up, certain_down=certain)


def _moved(pair: Pair, move: Move, top: tuple[Written, ...]) -> Moved:
    if move.old not in pair.old.names:
        raise _MisfitError(absent("a field of the old record", move.old, pair.old.names))
    at = _Step(pair.new, pair.old, pair.names.source, certain_up=True, certain_down=True)
    path: list[tuple[str, str]] = []
    certain_up = certain_down = True
    for name, following in zip(move.path, move.path[1:], strict=False):
        at = _step(pair, at, name, top)
        path.append((at.new.name, following))
        certain_up, certain_down = certain_up and at.certain_up, certain_down and at.certain_down
    target = at.new.get(move.path[-1])
    if target is None:
        raise _MisfitError(absent(f"a field of #{atom_text(at.new.name)}{{}}", move.path[-1], at.new.names))
    if target.name in at.source:
        raise _MisfitError(
            f"the field {atom_text(target.name)} of #{atom_text(at.new.name)}{{}} has a source already: "
            f"the old {atom_text(at.source[target.name])}"
        )
    old = at.old.name if at.old else at.new.name
    accepted = any(
        isinstance(each.decision, Keep) and each.decision.field == target.name for each in inside(top, old, at.new.name)
    )
    return Moved(move.old, move.path[0], tuple(path), target, certain_up, certain_down, accepted)


# --- the places ---


def _places(pair: Pair, goes: Sequence[_Goes], pairs: Sequence[Pair], top: tuple[Written, ...]) -> tuple[Place, ...]:
    return tuple(
        _place(pair, name, [each for each in goes if each.path[0] == name], pairs, top)
        for name in dict.fromkeys(each.path[0] for each in goes)
    )


def _place(pair: Pair, name: str, goes: Sequence[_Goes], pairs: Sequence[Pair], top: tuple[Written, ...]) -> Place:
    """The place in that field: its record is converted with what moves in, is built, or was given by something else."""
    carried = None if pair.built else pair.old
    step = _step(pair, _Step(pair.new, carried, pair.names.source, certain_up=True, certain_down=True), name, top)
    origins = tuple(each.origin for each in goes)
    inner = [_Goes(Handed(number, each.old), each.old, each.path[1:]) for number, each in enumerate(goes)]
    field = pair.new.get(name)
    if step.old is None and field is not None and not _built(pair, field):
        return Place(name, origins, None, _updated(pair, step.new, inner), certain=step.certain_down)
    return Place(name, origins, _inside(pair, step, inner, pairs, top), None, certain=step.certain_up)


def _built(pair: Pair, field: Field) -> bool:
    """Whether a new field's record is built field by field: nothing else than its bare construction gives it."""
    if pair.decided(InitBy, InitAsInit, Convert, field=field.name):
        return False
    match value_of(pair, field):
        case Given():
            return False
        case TakenDefault(text):
            return text == "undefined" or _BARE.fullmatch(text) is not None
    return True


def _inside(pair: Pair, step: _Step, inner: Sequence[_Goes], pairs: Sequence[Pair], top: tuple[Written, ...]) -> Pair:
    """The pair of the record there, with what moves into it; one that is built has no old fields."""
    old = step.old if step.old is not None else Record(step.new.name, ())
    held = inside(top, old.name, step.new.name)
    into = [(each.path[0], each.origin) for each in inner if len(each.path) == 1]
    handed = tuple((field, origin) for field, origin in into if isinstance(origin, Handed))
    names = replace(
        pair_names(old.names, step.new.names, held),
        records=pair.names.records,
        tags=(old.name, step.new.name),
        judged=_known(pairs, old, step.new),
        handed=frozenset(field for field, _ in handed),
    )
    bare = replace(
        pair,
        old=old,
        new=step.new,
        names=names,
        decisions=held,
        inner=step.new.name,
        built=step.old is None,
        untold=(),
        handed=handed,
        moved=(),
        places=(),
    )
    return _placed(bare, pairs, top, [each for each in inner if len(each.path) > 1])


def _known(pairs: Sequence[Pair], old: Record, new: Record) -> tuple[tuple[Decision, str | None], ...]:
    return next((each.names.judged for each in pairs if (each.old, each.new) == (old, new)), ())


def _updated(pair: Pair, record: Record, inner: Sequence[_Goes]) -> RecordPlan:
    """How values get into a record of the new version: each field stays but those that they move into."""
    fields: list[FieldPlan] = []
    for field in record.fields:
        goes = [each for each in inner if each.path[0] == field.name]
        origins = [each.origin for each in goes if isinstance(each.origin, Handed)]
        if not goes:
            fields.append(FieldPlan(field.name, Copy(field.name)))
        elif len(goes[0].path) == 1:
            fields.append(FieldPlan(field.name, origins[0]))
        else:
            found, certain = record_shown(pair.new_module, record, field, pair.down.side)
            deeper = [_Goes(Handed(number, each.old), each.old, each.path[1:]) for number, each in enumerate(goes)]
            plan = _updated(pair, pair.down.side.records[found or ""], deeper)
            fields.append(FieldPlan(field.name, Filled(Copy(field.name), plan, tuple(origins), certain)))
    kinds = record.definition, record.definition
    return RecordPlan(record.name, record.name, record.names, tuple(fields), (), (), None, *kinds)


# --- one place for a record, or more ---


def _alone(pairs: tuple[Pair, ...]) -> tuple[Pair, ...]:
    """The pairs, where a record that lies in one place alone is the one there: it is converted with what moves in."""
    for _ in pairs:
        for place in [each for pair in pairs for each in pair.places]:
            inner = place.pair
            if inner is None or inner.built or not inner.handed:
                continue
            at = [n for n, each in enumerate(pairs) if n and (each.old, each.new) == (inner.old, inner.new)]
            if at and not pairs[at[0]].handed and inner.old.name not in _reached(pairs):
                alone = replace(inner, names=replace(inner.names, alone=inner.names.handed))
                pairs = (*pairs[: at[0]], alone, *pairs[at[0] + 1 :])
    return pairs


def _reached(pairs: Sequence[Pair]) -> frozenset[str]:
    """The old records that walks lead to, apart from those at a place."""
    found: set[str] = set()
    for pair in pairs:
        for new, old in pair.names.source.items():
            before, after = pair.old.get(old), pair.new.get(new)
            if after is None:
                continue
            walk, named = way_through(pair, pair.up, before, after)
            place = pair.place_in(new)
            if place is not None and place.pair is not None:
                walk = without(walk, named, place.pair.old.name)
            found |= records_of(walk, named)
    return frozenset(found)


# --- what becomes of it ---


def beside(source: Source, record: str) -> Source:
    """The source of a field with that record, for what else may be there."""
    if not isinstance(source, Nested):
        return source
    rest = without(source.walk, source.named, record)
    return Renamed(source.field) if rest == STAY else Nested(source.field, rest, source.named)
