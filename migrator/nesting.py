"""Which records inside the state must be converted, and the pairs of them (contract, section 2)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from migrator.compare import side_of
from migrator.decisions import inside, renamed_records
from migrator.fitting import pair_names
from migrator.foreign import joined
from migrator.pairs import Pair
from migrator.walker import Guide, records_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from migrator.decisions import Written
    from migrator.modules import Module
    from migrator.records import Record
    from migrator.request import Request
    from migrator.typenames import Side


@dataclass(frozen=True, slots=True)
class Versions:
    """Two versions of a module and their state records."""

    old_module: Module
    old: Record
    new_module: Module
    new: Record


def pairs_of(versions: Versions, decisions: tuple[Written, ...], request: Request) -> tuple[Pair, ...]:
    """The pair of state records, then one for each record inside the state that must be converted, by name."""
    versions = _with_others(versions)
    sides = side_of(versions.old_module), side_of(versions.new_module)
    mates = _mates(versions, sides, renamed_records(decisions))
    affected = _affected(mates, sides, decisions)
    converted = frozenset((old.name, new.name) for old, new in mates if old.name in affected)
    # A field without a type here may have one there, which uses the types of its own version.
    worlds = [replace(one, types=other.types | one.types) for one, other in (sides, sides[::-1])]
    up = Guide(worlds[0], frozenset(old for old, _ in converted))
    down = Guide(worlds[1], frozenset(new for _, new in converted))

    def pair(old: Record, new: Record, held: tuple[Written, ...], inner: str) -> Pair:
        names = replace(pair_names(old.names, new.names, held), records=converted, tags=(old.tag, new.tag))
        return Pair(
            versions.old_module,
            old,
            versions.new_module,
            new,
            names,
            held,
            request,
            up,
            down,
            converted,
            inner,
        )

    top = pair(versions.old, versions.new, decisions, "")
    inner = [
        pair(old, new, inside(decisions, old.name, new.name), new.name)
        for old, new in mates
        if (old.name, new.name) in converted
    ]
    return (top, *inner)


def _with_others(versions: Versions) -> Versions:
    """The versions with the records of other modules that types lead to."""
    old, new = joined(versions.old_module, versions.new_module)
    return Versions(
        old, old.record(versions.old.name) or versions.old, new, new.record(versions.new.name) or versions.new
    )


def _mates(versions: Versions, sides: tuple[Side, Side], renamed: dict[str, str]) -> list[tuple[Record, Record]]:
    """The records that types lead to from the state, in both versions; a state inside a state is one of them."""
    before = set(_reached(versions.old, sides[0]))
    after = set(_reached(versions.new, sides[1]))
    named = {versions.old.name: versions.new.name, **renamed}
    mates = []
    for name in sorted(before | {old for old in sides[0].records if named.get(old, old) in after}):
        old, new = sides[0].records.get(name), sides[1].records.get(named.get(name, name))
        if old is not None and new is not None:
            mates.append((old, new))
    return mates


def _reached(state: Record, side: Side) -> Iterator[str]:
    seen: set[str] = set()
    open_ = [state]
    while open_:
        record = open_.pop()
        for field in record.fields:
            for name in records_in(field.type, side) if field.type else ():
                if name not in seen and name in side.records:
                    seen.add(name)
                    open_.append(side.records[name])
                    yield name


def _affected(
    mates: list[tuple[Record, Record]], sides: tuple[Side, Side], decisions: tuple[Written, ...]
) -> frozenset[str]:
    """The old names of those whose tuples changed or are converted, or hold one that is, at any depth."""
    affected = {
        old.name
        for old, new in mates
        if old.name != new.name or old.names != new.names or inside(decisions, old.name, new.name)
    }
    grown = True
    while grown:
        more = {
            old.name
            for old, new in mates
            if old.name not in affected
            and (_holds(old, sides[0], affected) or _holds_new(new, sides[1], mates, affected))
        }
        affected |= more
        grown = bool(more)
    return frozenset(affected)


def _holds(record: Record, side: Side, affected: set[str]) -> bool:
    return any(records_in(field.type, side) & affected for field in record.fields if field.type)


def _holds_new(record: Record, side: Side, mates: list[tuple[Record, Record]], affected: set[str]) -> bool:
    return _holds(record, side, {new.name for old, new in mates if old.name in affected})
