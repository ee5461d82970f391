"""Which record a field holds: by its type, else by its default or by what `init/1` gives it (contract, section 8)."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from migrator import types as t
from migrator.compare import side_of
from migrator.decisions import Inside, Move
from migrator.terms import atom_text
from migrator.typenames import resolve

if TYPE_CHECKING:
    from collections.abc import Iterable

    from migrator.decisions import Written
    from migrator.modules import Module
    from migrator.records import Field, Record
    from migrator.typenames import Side

# A construction: `#name{…}`, as the compiler's own printer writes it.
_CONSTRUCTION = re.compile(r"#((?:'(?:[^'\\]|\\.)*')|[^\W\d_A-Z][\w@]*)\{")


def record_shown(module: Module, record: Record, field: Field, side: Side) -> tuple[str | None, bool]:
    """The one record that the field may hold, and whether it can hold nothing else."""
    names, certain = records_shown(module, record, field, side)
    return (names[0] if len(names) == 1 else None), certain


def records_shown(module: Module, record: Record, field: Field, side: Side) -> tuple[tuple[str, ...], bool]:
    """The records that the field itself may hold, and whether it can hold nothing else."""
    if field.type is None:
        return _constructed(module, record, field), False
    resolved = resolve(field.type, side)
    members = resolved.members if isinstance(resolved, t.Union) else (resolved,)
    names = tuple(sorted({each.name for each in members if isinstance(each, t.RecordOf)}))
    return names, len(members) == 1


def _constructed(module: Module, record: Record, field: Field) -> tuple[str, ...]:
    texts = [] if field.default is None else [field.default.text]
    texts += [
        value.text
        for each in module.constructions
        if each.record == record.name and (value := each.value_of(field.name)) is not None
    ]
    found = {matched[1] for text in texts if (matched := _CONSTRUCTION.match(text))}
    return tuple(each.name for each in module.record_index if atom_text(each.name) in found)


def revealed(module: Module, record: Record, decisions: Iterable[Written]) -> Module:
    """The module with a type for each field without one that something moves through: the record that is built there.

    Anything else may be there too, so it is passed on as it is.
    """
    for written in decisions:
        match written.decision:
            case Move(_, path):
                module = _along(module, record.name, path[:-1])
            case Inside(name, decided) if module.record(name) is not None:
                module = revealed(module, module.record(name) or record, decided)
    return module


def _along(module: Module, name: str, path: tuple[str, ...]) -> Module:
    for each in path:
        record = module.record(name)
        field = None if record is None else record.get(each)
        if record is None or field is None:
            return module
        found, _ = record_shown(module, record, field, side_of(module))
        if found is None:
            return module
        if field.type is None:
            typed = replace(field, type=t.Union((t.RecordOf(found), t.AnyTerm())))
            fields = tuple(typed if one.name == each else one for one in record.fields)
            kept = (replace(one, fields=fields) if one.name == name else one for one in module.records)
            module = replace(module, records=tuple(kept))
        name = found
    return module
