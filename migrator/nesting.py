"""Which records inside the state must be converted, and the pairs of them (contract, section 2)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from migrator.anywhere import Sought, is_deep, sought, why_not_deep
from migrator.compare import side_of
from migrator.decisions import Deep, inside, renamed_records
from migrator.fitting import pair_names
from migrator.foreign import joined
from migrator.moving import with_places
from migrator.pairs import Pair
from migrator.shown import revealed
from migrator.walker import Guide, records_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from migrator.decisions import Decision, Written
    from migrator.fitting import Names
    from migrator.modules import Module
    from migrator.records import Record
    from migrator.request import Request
    from migrator.typenames import Side
    from migrator.types import Type


NOTHING = Sought()


@dataclass(frozen=True, slots=True)
class Versions:
    """Two versions of a module and their state records."""

    old_module: Module
    old: Record
    new_module: Module
    new: Record


@dataclass(frozen=True, slots=True)
class Found:
    """The records that roots lead to in both versions, those of them that are converted, and the ways to these.

    `sought` are the records that a `deep` looks for; `hidden` those of them, by old name, that no type leads to.
    """

    sides: tuple[Side, Side]
    mates: list[tuple[Record, Record]]
    converted: frozenset[tuple[str, str]]
    up: Guide
    down: Guide
    sought: Sought
    hidden: frozenset[str]


def pairs_of(versions: Versions, decisions: tuple[Written, ...], request: Request) -> tuple[Pair, ...]:
    """The pair of state records, then one for each record inside the state that must be converted, by name."""
    versions = _with_others(versions)
    new_module = revealed(versions.new_module, versions.new, decisions)
    versions = replace(versions, new_module=new_module, new=new_module.record(versions.new.name) or versions.new)
    modules = versions.old_module, versions.new_module
    sides = side_of(modules[0]), side_of(modules[1])
    roots = types_of(versions.old), types_of(versions.new)
    named = {versions.old.name: versions.new.name, **renamed_records(decisions)}
    deep = sought_in(sides, roots, named, decisions, (versions.old.name, versions.new.name))
    found = find(sides, roots, named, decisions, deep)
    top = pair_in(found, modules, (versions.old, versions.new), (decisions, request, ""))
    return with_places((top, *inner_pairs(found, modules, decisions, request)), decisions)


def sought_in(
    sides: tuple[Side, Side],
    roots: tuple[tuple[Type, ...], tuple[Type, ...]],
    named: dict[str, str],
    decisions: tuple[Written, ...],
    states: tuple[str, str] | None = None,
) -> Sought:
    """The records that a `deep` looks for; `states` are the names of the state records, where the states are these."""
    if not is_deep(decisions):
        return NOTHING
    reached = frozenset(old.name for old, _ in _mates(sides, roots, named))
    return sought(_both(sides, named, reached, states), decisions)


def find(
    sides: tuple[Side, Side],
    roots: tuple[tuple[Type, ...], tuple[Type, ...]],
    named: dict[str, str],
    decisions: tuple[Written, ...],
    deep: Sought = NOTHING,
) -> Found:
    """What the roots, types of the old version and of the new one, lead to; `named` are new names by old ones."""
    typed = _mates(sides, roots, named)
    reached = frozenset(old.name for old, _ in typed)
    mates = _with_hidden(typed, deep, sides, named)
    affected = _affected(mates, sides, decisions)
    converted = frozenset((old.name, new.name) for old, new in mates if old.name in affected)
    # A field without a type here may have one there, which uses the types of its own version.
    worlds = [replace(one, types=other.types | one.types) for one, other in (sides, sides[::-1])]
    befores, afters = (tuple(sorted(pair[side].name for pair in deep.records)) for side in (0, 1))
    up = Guide(worlds[0], frozenset(old for old, _ in converted), befores)
    down = Guide(worlds[1], frozenset(new for _, new in converted), afters)
    hidden = frozenset(old for old, _ in converted if old not in reached)
    return Found(sides, mates, converted, up, down, deep, hidden)


def pair_in(
    found: Found,
    modules: tuple[Module, Module],
    records: tuple[Record, Record],
    parts: tuple[tuple[Written, ...], Request, str],
) -> Pair:
    """The two records side by side; `parts` are the decisions about them, the request, and `inner` as a pair has it."""
    (old, new), (held, request, inner) = records, parts
    names = replace(pair_names(old.names, new.names, held), records=found.converted, tags=(old.tag, new.tag))
    return Pair(
        modules[0],
        old,
        modules[1],
        new,
        replace(names, judged=_judged(held, names, new, found.sides[1], found.sought)),
        held,
        request,
        found.up,
        found.down,
        found.converted,
        inner,
        hidden=found.hidden,
        untold=() if inner else found.sought.untold,
    )


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


def _with_others(versions: Versions) -> Versions:
    """The versions with the records of other modules that types lead to."""
    old, new = joined(versions.old_module, versions.new_module)
    return Versions(
        old, old.record(versions.old.name) or versions.old, new, new.record(versions.new.name) or versions.new
    )


def _judged(
    held: tuple[Written, ...], names: Names, new: Record, side: Side, found: Sought
) -> tuple[tuple[Decision, str | None], ...]:
    """Of each decision about what lies inside, why it fits nothing, or None."""
    return tuple(
        (each.decision, why_not_deep(each.decision, names, new, side, found))
        for each in held
        if isinstance(each.decision, Deep)
    )


def _both(
    sides: tuple[Side, Side], named: dict[str, str], reached: frozenset[str], states: tuple[str, str] | None
) -> list[tuple[Record, Record]]:
    """All records that both versions have; the state's own only where a type leads to one inside a state."""
    both = ((old, sides[1].records.get(named.get(old.name, old.name))) for old in sides[0].records.values())
    return [
        (old, new)
        for old, new in both
        if new is not None
        and (old.name in reached or states is None or (old.name != states[0] and new.name != states[1]))
    ]


def _with_hidden(
    typed: list[tuple[Record, Record]], found: Sought, sides: tuple[Side, Side], named: dict[str, str]
) -> list[tuple[Record, Record]]:
    """The records that types lead to, those that are looked for, and those that types lead to from these; by name."""
    mates = {old.name: (old, new) for old, new in typed}
    for old, new in found.records:
        for one, other in ((old, new), *_mates(sides, (types_of(old), types_of(new)), named)):
            mates.setdefault(one.name, (one, other))
    return [mates[name] for name in sorted(mates)]


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
        if (old.name, old.names, old.definition) != (new.name, new.names, new.definition)
        or inside(decisions, old.name, new.name)
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
