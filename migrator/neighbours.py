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
    gone = beside(old) - {module for module in _called(old) if _stands_by(new, module)}
    return replace(old, records=tuple(_record(record, gone) for record in old.records))


def beside(module: Module) -> frozenset[str]:
    """The modules that its defaults call and this OTP does not have, and that stand beside it."""
    if module.beside is not None:
        return module.beside & _called(module)
    return frozenset(called for called in _called(module) if _stands_by(module, called))


def _called(module: Module) -> frozenset[str]:
    return frozenset(
        called
        for record in module.records
        for field in record.fields
        if field.default
        for called, _ in field.default.elsewhere
    )


def _stands_by(module: Module, called: str) -> bool:
    return (Path(module.path).parent / f"{called}.beam").exists()


def _record(record: Record, gone: frozenset[str]) -> Record:
    return replace(record, fields=tuple(_field(field, gone) for field in record.fields))


def _field(field: Field, gone: frozenset[str]) -> Field:
    if field.default is None:
        return field
    return replace(field, default=_default(field.default, gone))


def _default(default: Default, missing_modules: frozenset[str]) -> Default:
    gone = tuple(called for module, called in default.elsewhere if module in missing_modules)
    return replace(default, missing=default.missing + gone)
