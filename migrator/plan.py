"""Nouns: the plan of a migration. All that is shown to a person and all that is compiled come from it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from migrator.recordplan import Dropped, FieldPlan, RecordPlan, Shape
from migrator.states import StateRecord
from migrator.wholes import HandPlan, TypePlan

if TYPE_CHECKING:
    from migrator.callbacks import Callback
    from migrator.decisions import Mode
    from migrator.diagnostics import Diagnostic
    from migrator.records import FunctionName
    from migrator.states import State, StateType
    from migrator.terms import Term


@dataclass(frozen=True, slots=True)
class Migration:
    """The way between one old version and the new one: that of its state, and of the records inside.

    With `upgrade` handwritten the module's own function converts old states, and only the way down is generated.
    """

    vsn: Term
    state: RecordPlan | TypePlan | HandPlan
    nested: tuple[RecordPlan, ...] = ()
    upgrade: Literal["generated", "handwritten"] = "generated"

    @property
    def kept(self) -> State:
        """What the old version keeps."""
        if isinstance(self.state, RecordPlan):
            size, definition = len(self.state.fields) + 1, self.state.old_definition
            return StateRecord(self.state.record, size, definition=definition)
        return self.state.old

    @property
    def record(self) -> str | None:
        """The old record's name; the type's where the state is a value of one; None where nothing says what it is."""
        return getattr(self.kept, "name", None)

    @property
    def fields(self) -> tuple[str, ...]:
        """The old record's fields, in order."""
        return self.state.fields if isinstance(self.state, RecordPlan) else ()

    @property
    def up(self) -> tuple[FieldPlan, ...]:
        """The source of each new field, in order."""
        return self.state.up if isinstance(self.state, RecordPlan) else ()

    @property
    def down(self) -> tuple[FieldPlan, ...]:
        """The source of each old field on the way back, in order."""
        return self.state.down if isinstance(self.state, RecordPlan) else ()

    @property
    def dropped(self) -> tuple[Dropped, ...]:
        """The old fields that are no source of anything."""
        return self.state.dropped if isinstance(self.state, RecordPlan) else ()

    @property
    def shape(self) -> Shape | None:
        """The shape of the old record; None where the state is none."""
        match self.kept:
            case StateRecord(name, size, _, definition):
                return Shape(name, size, definition)
        return None

    @property
    def records(self) -> tuple[RecordPlan, ...]:
        """The plan of the state, where it is a record, then those of the records inside it."""
        return (self.state, *self.nested) if isinstance(self.state, RecordPlan) else self.nested

    @property
    def lossless(self) -> bool:
        """Whether down after up gives back every field of the old records; what functions do is not known."""
        return not isinstance(self.state, HandPlan) and all(each.keeps_all for each in self.records)

    @property
    def inside_only(self) -> bool:
        """Whether only records inside the state change, each so that its own shape tells which version it is of."""
        alone = not isinstance(self.state, HandPlan) and getattr(self.state, "in_place", True)
        return alone and all(each.in_place or each.shape != each.new_shape for each in self.nested)


@dataclass(frozen=True, slots=True)
class OwnFunction:
    """The module's own conversion function.

    `exempt_up` and `exempt_down` are the shapes for which a clause that the direction can reach has a tuple pattern
    (a tag of None stands for every tag); `inside_up` and `inside_down` those that it lays on a part of the state;
    `fields_up` and `fields_down` the records and fields of its record patterns.
    """

    exported: bool
    exempt_up: tuple[tuple[str | None, int], ...]
    exempt_down: tuple[tuple[str | None, int], ...]
    inside_up: tuple[tuple[str | None, int], ...] = ()
    inside_down: tuple[tuple[str | None, int], ...] = ()
    fields_up: tuple[tuple[str, tuple[str, ...]], ...] = ()
    fields_down: tuple[tuple[str, tuple[str, ...]], ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """All that is known and decided of one module's migration.

    `own` is None when the module has no conversion function. `names` are variables that generated code must not use,
    `hidden` functions that a bare call would not take from `erlang`, since the module has its own. `chosen` is a mode
    that a decisions file chose: it must stand in the beam, since nothing else there says so.
    """

    module: str
    path: str
    file: str
    vsn: Term
    state: StateRecord | StateType
    callback: Callback
    own: OwnFunction | None
    mode: Mode
    mode_reason: str
    migrations: tuple[Migration, ...]
    diagnostics: tuple[Diagnostic, ...]
    names: frozenset[str] = frozenset()
    hidden: frozenset[FunctionName] = frozenset()
    chosen: Mode | None = None

    @property
    def shape(self) -> Shape | None:
        """The shape of the new record; None where the state is not the bare record."""
        match self.state:
            case StateRecord(name, size, _, definition):
                return Shape(name, size, definition)
        return None

    @property
    def main(self) -> str | None:
        """The record that decisions without a name of one are about: the state's, the only one that its type names."""
        return self.state.name if isinstance(self.state, StateRecord) else self.state.main

    @property
    def blocked(self) -> bool:
        """Whether something stands in the way of generating."""
        return any(diagnostic.kind.exit for diagnostic in self.diagnostics)

    @property
    def verdict(self) -> Literal["unchanged", "migrate", "blocked"]:
        """What comes of it: nothing to do, a migration, or first a person's decision."""
        if self.blocked:
            return "blocked"
        return "migrate" if any(not identity(self, each) for each in self.migrations) else "unchanged"


def identity(plan: Plan, migration: Migration) -> bool:
    """Whether a state of that old version is a state of the new one as it is."""
    match migration.state:
        case HandPlan():
            return False
        case TypePlan():
            return migration.state.unchanged
    return migration.shape == plan.shape and migration.state.unchanged
