"""Modules that were beside the old beam and are not beside the new one: what a default calls there is gone."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from migrator.modules import Module
    from migrator.records import Default, Field, Record


def without_neighbours(old: Module, new: Module) -> Module:
    """The old module, its defaults marked that call a module which the old folder has and the new one has not."""
    if not any(field.default and field.default.elsewhere for record in old.records for field in record.fields):
        return old
    folders = Path(old.path).parent, Path(new.path).parent
    return replace(old, records=tuple(_record(record, *folders) for record in old.records))


def _record(record: Record, before: Path, after: Path) -> Record:
    return replace(record, fields=tuple(_field(field, before, after) for field in record.fields))


def _field(field: Field, before: Path, after: Path) -> Field:
    if field.default is None:
        return field
    return replace(field, default=_default(field.default, before, after))


def _default(default: Default, before: Path, after: Path) -> Default:
    gone = tuple(
        called
        for module, called in default.elsewhere
        if (before / f"{module}.beam").exists() and not (after / f"{module}.beam").exists()
    )
    return replace(default, missing=default.missing + gone)
