"""What is said of values that move, and where a field that would be dropped may move to (contract, section 2)."""

from __future__ import annotations

import difflib
from dataclasses import replace
from typing import TYPE_CHECKING

from migrator.diagnostics import CATALOGUE, Diagnostic
from migrator.shown import record_shown
from migrator.terms import atom_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from migrator.pairs import Moved, Pair
    from migrator.records import Field, Record

# How far inside a place is looked for, and how alike two names must be: below this it is chance.
_DEPTH = 4
_ALIKE = 0.8
_OFFERED = 3
# In a name shorter than this another is soon found.
_TELLING = 4


def uncertain(pair: Pair) -> Iterable[Diagnostic]:
    """A warning (M407) for each value that may find no record to move into, or to come back from."""
    for each in pair.moved:
        old = pair.old.get(each.old)
        if old is None or (each.certain_up and each.certain_down):
            continue
        lost = f"an upgrade loses {atom_text(each.old)}, and " if not each.certain_up else ""
        yield Diagnostic(
            CATALOGUE["M407"],
            f"{pair.called(each.old)} moves into {each.place}, and {atom_text(each.field)} may hold something else "
            f"than #{atom_text(each.path[0][0])}{{}}",
            f"where it does, {lost}a downgrade gives {atom_text(each.old)} {old.default_text} ({pair.way})",
            pair.place(pair.old_module, pair.old, old),
            (f"{atom_text(each.field)} :: #{atom_text(each.path[0][0])}{{}}   % where there is always one",),
        )


def given_up(pair: Pair, moved: Moved, told: Iterable[Diagnostic]) -> Iterable[Diagnostic]:
    """What is said of the old default of a field that moves: it is needed only where nothing can move back."""
    if moved.certain_down:
        return
    where = f"{atom_text(moved.field)} holds no #{atom_text(moved.path[0][0])}{{}}"
    for each in told:
        yield (
            each
            if each.severity != "decision"
            else replace(
                each,
                kind=CATALOGUE["M404"],
                consequence=f"where {where}, a downgrade leaves {pair.called(moved.old)} undefined",
                help=(),
            )
        )


def retyped(pair: Pair, moved: Moved, before: Field, doubt: str) -> Diagnostic:
    """The question (M303) whether a value is right where it moves to."""
    target = moved.target
    record = atom_text(moved.path[-1][0])
    line = pair.paste_inside(moved.path[-1][0], "copy", atom_text(target.name))
    return Diagnostic(
        CATALOGUE["M303"],
        f"{pair.called(moved.old)} moves into {moved.place}; its type was {before.type_text} and is "
        f"{target.type_text}: the new one does not admit all that the old one admits{doubt}",
        f"the old value is copied into #{record}{{}} as it is, and the new code may not understand it ({pair.way})",
        pair.place(pair.old_module, pair.old, before),
        (line,),
        old_field=moved.old,
    )


def offered(pair: Pair, field: Field) -> tuple[str, ...]:
    """The lines to paste for a field that would be dropped and has a likely place in a record inside the new state."""
    found = sorted(_likely(pair, field), key=lambda each: (-each[0], len(each[1]), each[1]))
    return tuple(
        f"{pair.paste('move', atom_text(field.name), *map(atom_text, path))}   % {why}"
        for likeness, path in found[:_OFFERED]
        for why in ("it has that name there" if likeness == 1 else "the names are alike",)
    )


def _likely(pair: Pair, field: Field) -> Iterator[tuple[float, tuple[str, ...]]]:
    carried = pair.names.source
    for outer in pair.new.fields:
        shown, _ = record_shown(pair.new_module, pair.new, outer, pair.down.side)
        record = pair.down.side.records.get(shown or "")
        if record is not None and record.name != pair.new.name:
            for inner, free in _fields_in(pair, record, outer.name in carried, (outer.name,), {pair.new.name}):
                likeness = _likeness(field.name, inner[-1])
                if free and likeness >= _ALIKE:
                    yield likeness, inner


def _fields_in(
    pair: Pair,
    record: Record,
    carried: bool,  # noqa: FBT001 - a fact of the place, no choice of the caller's
    path: tuple[str, ...],
    seen: set[str],
) -> Iterator[tuple[tuple[str, ...], bool]]:
    """The fields of a record at that path and of those inside it, and whether nothing else is their source."""
    was = {new: old for old, new in pair.converted}.get(record.name, record.name)
    old = pair.up.side.records.get(was) if carried else None
    for field in record.fields:
        kept = old is not None and field.name in old.names
        yield (*path, field.name), not kept
        shown, _ = record_shown(pair.new_module, record, field, pair.down.side)
        inner = pair.down.side.records.get(shown or "")
        if inner is not None and inner.name not in seen | {record.name} and len(path) < _DEPTH:
            yield from _fields_in(pair, inner, kept, (*path, field.name), seen | {record.name})


def _likeness(one: str, other: str) -> float:
    if one == other:
        return 1.0
    if min(len(one), len(other)) >= _TELLING and (one in other or other in one):
        return 0.9
    return min(0.99, difflib.SequenceMatcher(a=one, b=other, autojunk=False).ratio())
