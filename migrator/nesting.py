"""Which records inside the state must be converted, and the pairs of them (contract, section 2)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from migrator.compare import side_of
from migrator.decisions import inside, renamed_records
from migrator.fitting import pair_names
from migrator.pairs import Pair
from migrator.walker import Guide, records_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from migrator.decisions import Written
    from migrator.modules import Module
    from migrator.records import Record
    from migrator.request import Request
    from migrator.typenames import Side
    from migrator.types import Type


@dataclass(frozen=True, slots=True)
class Versions:
    """Two versions of a module and their state records."""

    old_module: Module
    old: Record
    new_module: Module
    new: Record


@dataclass(frozen=True, slots=True)
class Found:
    """The records that roots lead to in both versions, those of them that are converted, and the ways to these."""

    mates: list[tuple[Record, Record]]
    converted: frozenset[tuple[str, str]]
    up: Guide
    down: Guide


def pairs_of(versions: Versions, decisions: tuple[Written, ...], request: Request) -> tuple[Pair, ...]:
    """The pair of state records, then one for each record inside the state that must be converted, by name."""
    sides = side_of(versions.old_module), side_of(versions.new_module)
    roots = types_of(versions.old), types_of(versions.new)
    named = {versions.old.name: versions.new.name, **renamed_records(decisions)}
    found = find(sides, roots, named, decisions)
    modules = versions.old_module, versions.new_module
    top = pair_in(found, modules, (versions.old, versions.new), (decisions, request, ""))
    return (top, *inner_pairs(found, modules, decisions, request))


def find(
    sides: tuple[Side, Side],
    roots: tuple[tuple[Type, ...], tuple[Type, ...]],
    named: dict[str, str],
    decisions: tuple[Written, ...],
) -> Found:
    """What the roots, types of the old version and of the new one, lead to; `named` are new names by old ones."""
    mates = _mates(sides, roots, named)
    affected = _affected(mates, sides, decisions)
    converted = frozenset((old.name, new.name) for old, new in mates if old.name in affected)
    # A field without a type here may have one there, which uses the types of its own version.
    worlds = [replace(one, types=other.types | one.types) for one, other in (sides, sides[::-1])]
    up = Guide(worlds[0], frozenset(old for old, _ in converted))
    down = Guide(worlds[1], frozenset(new for _, new in converted))
    return Found(mates, converted, up, down)


def pair_in(
    found: Found,
    modules: tuple[Module, Module],
    records: tuple[Record, Record],
    parts: tuple[tuple[Written, ...], Request, str],
) -> Pair:
    """The two records side by side; `parts` are the decisions about them, the request, and `inner` as a pair has it."""
    (old, new), (held, request, inner) = records, parts
    names = replace(pair_names(old.names, new.names, held), records=found.converted, tags=(old.name, new.name))
    return Pair(modules[0], old, modules[1], new, names, held, request, found.up, found.down, found.converted, inner)


def inner_pairs(
    found: Found, modules: tuple[Module, Module], decisions: tuple[Written, ...], request: Request
) -> tuple[Pair, ...]:
    """A pair for each record that is converted inside the state, by name."""
    return tuple(
        pair_in(found, modules, (old, new), (inside(decisions, old.name, new.name), request, new.name))
        for old, new in found.mates
        if (old.name, new.name) in found.converted
    )


def types_of(record: Record) -> tuple[Type, ...]:
    """The types of its fields."""
    return tuple(field.type for field in record.fields if field.type is not None)


def _mates(
    sides: tuple[Side, Side], roots: tuple[tuple[Type, ...], tuple[Type, ...]], named: dict[str, str]
) -> list[tuple[Record, Record]]:
    """The records that types lead to from the roots, in both versions; a state inside a state is one of them."""
    before = set(_reached(roots[0], sides[0]))
    after = set(_reached(roots[1], sides[1]))
    mates = []
    for name in sorted(before | {old for old in sides[0].records if named.get(old, old) in after}):
        old, new = sides[0].records.get(name), sides[1].records.get(named.get(name, name))
        if old is not None and new is not None:
            mates.append((old, new))
    return mates


def _reached(roots: tuple[Type, ...], side: Side) -> Iterator[str]:
    seen: set[str] = set()
    open_ = list(roots)
    while open_:
        for name in records_in(open_.pop(), side):
            if name not in seen and name in side.records:
                seen.add(name)
                open_.extend(types_of(side.records[name]))
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
