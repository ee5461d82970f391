"""The outcome of `inspect`, as text and as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from migrator.callbacks import callback_of
from migrator.migrated import from_term
from migrator.recordplan import RecordPlan, source_field, source_word
from migrator.states import StateType, called
from migrator.states import shown as shown_state
from migrator.terms import atom_text, term_text
from migrator.walkterms import NotOurs
from migrator.wholes import HandPlan, by_text

if TYPE_CHECKING:
    from migrator.modules import Module
    from migrator.plan import Migration
    from migrator.records import Field, Record


def _carried(module: Module) -> tuple[Migration, ...]:
    found: list[Migration] = []
    for attribute in module.attribute("state_migrated"):
        try:
            found.extend(from_term(attribute.value)[1])
        except NotOurs:
            continue
    return tuple(found)


def render_inspected(module: Module, record: Record | None, state: StateType | None = None) -> str:
    """The module, its state record as declared, and the migrations that it carries; ends in a newline.

    Where the state is a value of a type, the records that this leads to.
    """
    behaviours = ", ".join(module.behaviours) or "no behaviour"
    lines = [f"{module.name} ({module.file}), vsn {term_text(module.vsn)}, {behaviours}", ""]
    if state is not None:
        lines += [f"-state_type({atom_text(state.name)}).   % {_led_to(state)}", ""]
        lines += [line for each in _records(module, state) for line in (*_declaration(each), "")]
        lines.append(_converter(module))
    elif record is None:
        names = ", ".join(f"#{atom_text(shape.name)}{{}}" for shape in module.record_index) or "none"
        lines.append(f"It names no state record. Its records: {names}.")
    else:
        lines += [*_declaration(record), "", _converter(module)]
    carried = _carried(module)
    lines.append("")
    if not carried:
        lines.append("It carries no migration.")
    for migration in carried:
        lines += _migration(migration)
    return "\n".join(lines) + "\n"


def _converter(module: Module) -> str:
    callback = callback_of(module)
    own = "its own" if callback.function in module.functions else "none of its own"
    return f"converted by {callback.function}, of which it has {own}"


def _led_to(state: StateType) -> str:
    names = ", ".join(f"#{atom_text(each)}{{}}" for each in state.records) or "no record"
    return f"{called('type', state.name)} leads to {names}"


def _records(module: Module, state: StateType) -> list[Record]:
    return [record for name in state.records if (record := module.record(name)) is not None]


def _declaration(record: Record) -> list[str]:
    fields = [_field(field) for field in record.fields]
    rows = [f"    {text}{',' if number < len(fields) - 1 else ''}" for number, text in enumerate(fields)]
    place = f"{record.file}:{record.line}"
    if record.definition is not None:
        return [f"-record #{atom_text(record.name)}{{", *rows, f"}}.   % {place}, native"]
    return [f"-record({atom_text(record.name)}, {{", *rows, f"}}).   % {place}, size {record.size}"]


def _field(field: Field) -> str:
    default = f" = {field.default.text}" if field.default else ""
    declared = f" :: {field.type_text}" if field.type_text else ""
    return f"{atom_text(field.name)}{default}{declared}"


def _migration(migration: Migration) -> list[str]:
    lines = [f"It carries a migration from {term_text(migration.vsn)}, {shown_state(migration.kept)}:"]
    if isinstance(migration.state, HandPlan):
        lines.append(f"  the whole state by {by_text(migration.state.up)}, and back by {by_text(migration.state.down)}")
    for record in migration.records:
        if record is not migration.state:
            lines.append(f"  inside the state, #{atom_text(record.record)}{{}} to #{atom_text(record.new)}{{}}:")
        for each in record.up:
            source = source_field(each.source)
            lines.append(
                f"  {atom_text(each.field)}: {source_word(each.source)}{f' {atom_text(source)}' if source else ''}"
            )
        lines += [f"  {atom_text(each.field)} is dropped" for each in record.dropped]
    return lines


def inspected_json(module: Module, record: Record | None, state: StateType | None = None) -> dict[str, Any]:
    """All of it; every key is always there."""
    told = {record.name: record.fields} if record else {}
    if state is not None:
        told = {each.name: each.fields for each in _records(module, state)}
    return {
        "module": module.name,
        "file": module.file,
        "vsn": term_text(module.vsn),
        "behaviours": list(module.behaviours),
        "record": (state.main or state.name) if state else record.name if record else None,
        "type": state.name if state else None,
        "fields": [
            {
                "field": each.name if len(told) == 1 else f"{name}.{each.name}",
                "default": each.default.text if each.default else None,
                "type": each.type_text,
            }
            for name, fields in told.items()
            for each in fields
        ],
        "carries": [_carries(migration) for migration in _carried(module)],
        "diagnostics": [],
    }


def _carries(migration: Migration) -> dict[str, Any]:
    records = migration.records
    names = migration.kept.records if isinstance(migration.kept, StateType) else ()
    # The records inside a bare record are not told here; those that a type leads to are all that there is.
    shown = records[:1] if isinstance(migration.state, RecordPlan) else records
    alone = len({*names, *(each.record for each in shown)}) <= 1
    return {
        "vsn": term_text(migration.vsn),
        "record": getattr(migration.kept, "main", None) or migration.record,
        "fields": [
            {
                "field": each.field if alone else f"{record.new}.{each.field}",
                "source": source_word(each.source),
                "from": _from(record, source_field(each.source), alone),
            }
            for record in shown
            for each in record.up
        ],
        "dropped": [
            each.field if alone else f"{record.record}.{each.field}" for record in shown for each in record.dropped
        ],
        "lossless": migration.lossless,
    }


def _from(record: RecordPlan, field: str | None, alone: object) -> str | None:
    return field if field is None or alone else f"{record.record}.{field}"
