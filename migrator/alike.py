"""Which fields of two versions are used in the same places: the functions of both compared, use by use."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Sequence

    from migrator.modules import Module
    from migrator.records import FunctionName
    from migrator.uses import Place


@dataclass(frozen=True, slots=True)
class Alike:
    """How far the uses of one old field and one new field are the same.

    `same` counts the places, `weight` is less where what surrounds them differs; `old` and `new` are all uses of the
    one and of the other; `functions` those that have the places, in the old order.
    """

    same: int
    weight: float
    old: int
    new: int
    functions: tuple[FunctionName, ...]


def needs_uses(old: Module, new: Module) -> bool:
    """Whether fields or records came or went, so that it matters what the code does with them."""
    before = {record.name: frozenset(record.names) for record in old.records}
    after = {record.name: frozenset(record.names) for record in new.records}
    names = {shape.name: shape.names for shape in old.record_index}
    return before != after or any(names.get(shape.name, shape.names) != shape.names for shape in new.record_index)


# A use in its version: its place, and the field's name where both versions have the field.
_Use: TypeAlias = "tuple[Place, str]"

_GROUP = {"read": "get", "value": "get", "pattern": "pattern", "new": "set", "update": "set"}

# What is set is told by its value, wherever the record goes then.
_SET = {"new": 0, "update": 0}

# What must be the same, from the surest sign to the weakest, with its weight. The fields that both versions have stand
# in the row too, by name, so that the order of the uses tells apart places that look the same.
_SIGNS: tuple[tuple[float, Callable[[Place], Hashable]], ...] = (
    (1.0, lambda at: (at.how, at.heads, at.way, at.inner, at.statement)),
    (1.0, lambda at: (at.how, at.heads, at.way, at.inner)),
    (0.8, lambda at: (at.how, at.way, at.inner, at.statement)),
    # Something was put around it.
    (0.8, lambda at: (at.how, at.heads, _SET.get(at.how, at.near), at.inner)),
    (0.7, lambda at: (_GROUP[at.how], at.heads, at.way)),
    (0.4, lambda at: (_GROUP[at.how], at.way)),
)


def used_alike(
    old: Module, old_record: str, new: Module, new_record: str, names: tuple[frozenset[str], frozenset[str]]
) -> dict[tuple[str, str], Alike]:
    """How far removed and added fields (`names`) are used in the same places, where both are used."""
    removed, added = names
    before = _rows(old.uses.places, old_record, removed)
    after = _rows(new.uses.places, new_record, added)
    found: dict[tuple[str, str], list[tuple[Place, float]]] = defaultdict(list)
    left_old: list[_Use] = []
    left_new: list[_Use] = []
    for function in before.keys() | after.keys():
        one, other = before.get(function, []), after.get(function, [])
        rest, others = _matched(one, other, found)
        left_old += rest if function not in after else []
        left_new += others if function not in before else []
    # What a function did may be done by one of another name now.
    _matched(sorted(left_old, key=_order), sorted(left_new, key=_order), found, _SIGNS[:1])
    uses_old = Counter(place.field for row in before.values() for place, kept in row if not kept)
    uses_new = Counter(place.field for row in after.values() for place, kept in row if not kept)
    return {
        (one, other): _alike(found.get((one, other), []), uses_old[one], uses_new[other])
        for one in sorted(removed)
        for other in sorted(added)
        if uses_old[one] and uses_new[other]
    }


def _order(use: _Use) -> int:
    return use[0].line


def _rows(places: Iterable[Place], record: str, changed: frozenset[str]) -> dict[FunctionName, list[_Use]]:
    rows: dict[FunctionName, list[_Use]] = defaultdict(list)
    for place in places:
        if place.record == record:
            rows[place.function].append((place, "" if place.field in changed else place.field))
    return dict(rows)


def _matched(
    one: Sequence[_Use],
    other: Sequence[_Use],
    found: dict[tuple[str, str], list[tuple[Place, float]]],
    signs: Sequence[tuple[float, Callable[[Place], Hashable]]] = _SIGNS,
) -> tuple[list[_Use], list[_Use]]:
    """Notes the uses of two rows that are the same, and gives those that are left."""
    rest, others = list(one), list(other)
    for weight, sign in signs:
        if not rest or not others:
            break
        matcher = SequenceMatcher(
            None, [(kept, sign(at)) for at, kept in rest], [(kept, sign(at)) for at, kept in others], autojunk=False
        )
        taken_old: set[int] = set()
        taken_new: set[int] = set()
        for block in matcher.get_matching_blocks():
            for step in range(block.size):
                at, kept = rest[block.a + step]
                if not kept:
                    found[at.field, others[block.b + step][0].field].append((at, weight))
                taken_old.add(block.a + step)
                taken_new.add(block.b + step)
        rest = [use for index, use in enumerate(rest) if index not in taken_old]
        others = [use for index, use in enumerate(others) if index not in taken_new]
    return rest, others


def _alike(found: Sequence[tuple[Place, float]], old: int, new: int) -> Alike:
    functions = tuple(dict.fromkeys(place.function for place, _ in sorted(found, key=lambda each: each[0].line)))
    return Alike(len(found), sum(weight for _, weight in found), old, new, functions)
