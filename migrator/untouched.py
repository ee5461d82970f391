"""The records inside the state that are carried as they are: they are looked at all the same."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from migrator.compare import side_of
from migrator.fitting import pair_names
from migrator.walker import records_in

if TYPE_CHECKING:
    from migrator.pairs import Pair
    from migrator.records import Record
    from migrator.typenames import Side


def untouched(pair: Pair) -> tuple[Pair, ...]:
    """A pair for each record that types lead to from the state in both versions and that is not converted, by name."""
    sides = side_of(pair.old_module), side_of(pair.new_module)
    shared = _reached(pair.old, sides[0]) & _reached(pair.new, sides[1])
    converted = {name for both in pair.converted for name in both}
    return tuple(
        replace(
            pair,
            old=sides[0].records[name],
            new=sides[1].records[name],
            names=pair_names(sides[0].records[name].names, sides[1].records[name].names, ()),
            decisions=(),
            inner=name,
        )
        for name in sorted(shared - converted - {pair.old.name, pair.new.name})
    )


def _reached(state: Record, side: Side) -> set[str]:
    seen: set[str] = set()
    open_ = [state]
    while open_:
        for field in open_.pop().fields:
            for name in records_in(field.type, side) if field.type else ():
                if name not in seen and name in side.records:
                    seen.add(name)
                    open_.append(side.records[name])
    return seen
