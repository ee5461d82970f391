"""The records of a module's two versions, and what a state tells of which of them it is."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping

    from migrator.release.rehearsal import Direction, State

# The tag of a record, and its fields in order.
Records: TypeAlias = "Mapping[str, tuple[str, ...]]"
# The tag of a record of another module, and its sizes (as `tuple_size/1` says) before and after, None where it is gone.
Others: TypeAlias = "Mapping[str, tuple[int, int | None]]"


@dataclass(frozen=True, slots=True)
class Shapes:
    """The records of a module's old and new version.

    `others` are those that changed in other modules, and that this one does not declare.
    """

    old: Records
    new: Records
    others: Others = field(default_factory=dict)

    def of(self, direction: Direction) -> tuple[Records, Records]:
        """Those of the version that was left, and of the one that was installed."""
        return (self.new, self.old) if direction == "down" else (self.old, self.new)

    def is_old(self, direction: Direction, state: State) -> bool:
        """Whether the state has the shape of the version that was left, and that of the installed one is another."""
        if state.tag is None:
            return False
        left, installed = (_size(records, state.tag) for records in self.of(direction))
        return left == state.size != installed

    def is_new(self, direction: Direction, state: State) -> bool:
        """Whether the state has a shape that only the installed version knows."""
        if state.tag is None:
            return False
        left, installed = (_size(records, state.tag) for records in self.of(direction))
        return left != state.size == installed

    def old_inside(self, direction: Direction, state: State) -> tuple[tuple[str, int], ...]:
        """Tag and size of the records inside the state that are those of the version that was left."""
        left, installed = self.of(direction)
        found = {
            (tag, size)
            for tag, size in state.inside
            if _size(left, tag) == size != _size(installed, tag)
            or (tag not in left and tag not in installed and self._other(direction, tag, size))
        }
        return tuple(sorted(found))

    def _other(self, direction: Direction, tag: str, size: int) -> bool:
        sizes = self.others.get(tag)
        if sizes is None:
            return False
        left, installed = sizes[::-1] if direction == "down" else sizes
        return left == size != installed

    def misplaced(self, direction: Direction, state: State) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Of a state whose size tells nothing: its fields in another place now, and those that others stand in for."""
        left, installed = (records.get(state.tag or "", ()) for records in self.of(direction))
        if not left or len(left) != len(installed) or state.size != len(left) + 1:
            return (), ()
        pairs = [(before, after) for before, after in zip(left, installed, strict=True) if before != after]
        moved = tuple(before for before, _ in pairs if before in installed)
        replaced = tuple(before for before, _ in pairs if before not in installed)
        return moved, replaced


def _size(records: Records, tag: str) -> int | None:
    fields = records.get(tag)
    return None if fields is None else len(fields) + 1
