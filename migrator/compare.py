"""Compares the state records of two versions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from migrator.admits import Question
from migrator.changes import Diff
from migrator.evidence import candidates
from migrator.typenames import Side

if TYPE_CHECKING:
    from migrator.modules import Module
    from migrator.records import Record


def compare(old_module: Module, old: Record, new_module: Module, new: Record) -> Diff:
    """What changed between the old record and the new one."""
    kept = tuple(name for name in new.names if name in old.names)
    added = tuple(name for name in new.names if name not in old.names)
    removed = tuple(name for name in old.names if name not in new.names)
    question = question_of(old_module, old, new_module, new)
    return Diff(
        kept=kept,
        added=added,
        removed=removed,
        default_changed=tuple(name for name in kept if _default(old, name) != _default(new, name)),
        candidates=candidates(old_module, old, new_module, new, question),
        changed_records=changed_records(old_module, new_module, frozenset({old.name, new.name})),
    )


def question_of(
    old_module: Module,
    old: Record,
    new_module: Module,
    new: Record,
    converted: frozenset[tuple[str, str]] = frozenset(),
) -> Question:
    """The question whether types of the one version admit those of the other, where `converted` records are."""
    return Question(side_of(old_module), side_of(new_module), ((old.name, new.name), *sorted(converted)), converted)


def side_of(module: Module) -> Side:
    """What the names in a module's types mean."""
    return Side(
        {record.name: record for record in module.records},
        {(definition.name, len(definition.parameters)): definition for definition in module.types},
    )


def _default(record: Record, name: str) -> str | None:
    field = record.get(name)
    return field.default_text if field else None


def changed_records(old: Module, new: Module, states: frozenset[str] = frozenset()) -> tuple[str, ...]:
    """Records, other than the bare states, that both versions have and whose tuples differ in shape or meaning."""
    before = {shape.name: shape for shape in old.record_index}
    after = {shape.name: shape for shape in new.record_index}
    shared = before.keys() & after.keys() - states

    def differ(name: str) -> bool:
        """By the names of their fields, in order."""
        return before[name].names != after[name].names

    return tuple(sorted(filter(differ, shared)))
