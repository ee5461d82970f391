"""Nouns: the way between whole states, where the state is not the bare record or is converted by hand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from migrator.walks import STAY

if TYPE_CHECKING:
    from migrator.records import FunctionName
    from migrator.states import State, StateType
    from migrator.walks import NamedWalk, Walk


@dataclass(frozen=True, slots=True)
class TypePlan:
    """The way between the values of an old type and those of the new one: walks to the records that changed."""

    old: StateType
    up: Walk
    down: Walk
    up_named: tuple[NamedWalk, ...] = ()
    down_named: tuple[NamedWalk, ...] = ()

    @property
    def unchanged(self) -> bool:
        """Whether a value of the old type is one of the new type as it is."""
        return self.up == STAY and self.down == STAY


@dataclass(frozen=True, slots=True)
class ByExpression:
    """An expression of `Value`, the whole state; `reads` is that variable, or nothing."""

    text: str
    reads: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class HandPlan:
    """The way between whole states by hand: functions of the new module, or expressions; `down` may be missing."""

    old: State
    up: FunctionName | ByExpression
    down: FunctionName | ByExpression | None


def by_text(how: FunctionName | ByExpression | None) -> str:
    """What converts a whole state, for a person."""
    if how is None:
        return "nothing"
    return how.text if isinstance(how, ByExpression) else str(how)
