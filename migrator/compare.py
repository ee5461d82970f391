"""Compares the state records of two versions."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from migrator.admits import Question, admits
from migrator.changes import Diff, RenameCandidate
from migrator.typenames import Side

if TYPE_CHECKING:
    from migrator.modules import Module
    from migrator.records import Field, Record

# A candidate below this is noise: two fields that share nothing but their place.
_WORTH_OFFERING = 0.4


def compare(old_module: Module, old: Record, new_module: Module, new: Record) -> Diff:
    """What changed between the old record and the new one."""
    kept = tuple(name for name in new.names if name in old.names)
    added = tuple(name for name in new.names if name not in old.names)
    removed = tuple(name for name in old.names if name not in new.names)
    question = question_of(old_module, old, new_module, new)
    candidates = [
        candidate
        for before in removed
        for after in added
        if (candidate := _candidate(old, before, new, after, question)).score >= _WORTH_OFFERING
    ]
    return Diff(
        kept=kept,
        added=added,
        removed=removed,
        default_changed=tuple(name for name in kept if _default(old, name) != _default(new, name)),
        candidates=tuple(sorted(candidates, key=lambda each: (-each.score, each.old, each.new))),
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
    told = {record.name: record.names for record in old.records}
    tells = {record.name: record.names for record in new.records}

    def differ(name: str) -> bool:
        """By their fields where both versions tell them, else by their sizes."""
        if name in told and name in tells:
            return told[name] != tells[name]
        return before[name].size != after[name].size

    return tuple(sorted(filter(differ, shared)))


def _candidate(old: Record, before: str, new: Record, after: str, question: Question) -> RenameCandidate:
    one, other = old.get(before), new.get(after)
    assert one is not None  # noqa: S101 - both names come from these records
    assert other is not None  # noqa: S101 - as above
    weighed = [
        _by_name(before, after),
        _by_type(one, other, question),
        _by_default(one, other),
        _by_position(old, before, new, after),
    ]
    score = sum(weight for weight, _ in weighed)
    return RenameCandidate(before, after, min(1.0, score), tuple(text for weight, text in weighed if weight > 0))


def _by_name(before: str, after: str) -> tuple[float, str]:
    likeness = difflib.SequenceMatcher(a=before, b=after, autojunk=False).ratio()
    if before in after or after in before:
        likeness = max(likeness, 0.8)
    return (0.4 * likeness if likeness >= 0.5 else 0.0), "the names are alike"  # noqa: PLR2004 - half is chance


def _by_type(one: Field, other: Field, question: Question) -> tuple[float, str]:
    if one.type is None or other.type is None or other.type_text is None:
        return 0.0, ""
    if one.type_text == other.type_text:
        return 0.4, f"both are {other.type_text}"
    answer = admits(other.type, one.type, question)
    return (0.15, f"{other.type_text} admits {one.type_text}") if answer == "yes" else (-0.3, "")


def _by_default(one: Field, other: Field) -> tuple[float, str]:
    if one.default_text != other.default_text:
        return 0.0, ""
    if one.default is None:
        return 0.1, "neither has a default"
    return 0.3, f"both default to {other.default_text}"


def _by_position(old: Record, before: str, new: Record, after: str) -> tuple[float, str]:
    """Fields with the same neighbours: between the same kept fields nothing else was removed or added."""
    neighbours_old = _neighbours(old.names, before, frozenset(new.names))
    neighbours_new = _neighbours(new.names, after, frozenset(old.names))
    if neighbours_old == neighbours_new:
        return 0.3, "it stands in the same place"
    if set(neighbours_old) & set(neighbours_new) - {None}:
        return 0.1, "it stands beside the same field"
    return 0.0, ""


def _neighbours(names: tuple[str, ...], name: str, kept: frozenset[str]) -> tuple[str | None, str | None]:
    at = names.index(name)
    left = next((each for each in reversed(names[:at]) if each in kept), None)
    right = next((each for each in names[at + 1 :] if each in kept), None)
    return left, right
