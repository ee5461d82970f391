"""The outcome of `inspect`, as text and as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from migrator.callbacks import callback_of
from migrator.migrated import from_term
from migrator.plan import source_field, source_word
from migrator.terms import atom_text, term_text
from migrator.walkterms import NotOurs

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


def render_inspected(module: Module, record: Record | None) -> str:
    """The module, its state record as declared, and the migrations that it carries; ends in a newline."""
    behaviours = ", ".join(module.behaviours) or "no behaviour"
    lines = [f"{module.name} ({module.file}), vsn {term_text(module.vsn)}, {behaviours}", ""]
    if record is None:
        names = ", ".join(f"#{atom_text(shape.name)}{{}}" for shape in module.record_index) or "none"
        lines.append(f"It names no state record. Its records: {names}.")
    else:
        callback = callback_of(module)
        own = "its own" if callback.function in module.functions else "none of its own"
        lines += [*_declaration(record), "", f"converted by {callback.function}, of which it has {own}"]
    carried = _carried(module)
    lines.append("")
    if not carried:
        lines.append("It carries no migration.")
    for migration in carried:
        lines += _migration(migration)
    return "\n".join(lines) + "\n"


def _declaration(record: Record) -> list[str]:
    fields = [_field(field) for field in record.fields]
    rows = [f"    {text}{',' if number < len(fields) - 1 else ''}" for number, text in enumerate(fields)]
    return [
        f"-record({atom_text(record.name)}, {{",
        *rows,
        f"}}).   % {record.file}:{record.line}, size {record.size}",
    ]


def _field(field: Field) -> str:
    default = f" = {field.default.text}" if field.default else ""
    declared = f" :: {field.type_text}" if field.type_text else ""
    return f"{atom_text(field.name)}{default}{declared}"


def _migration(migration: Migration) -> list[str]:
    lines = [f"It carries a migration from {term_text(migration.vsn)}, #{atom_text(migration.record)}{{}}:"]
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


def inspected_json(module: Module, record: Record | None) -> dict[str, Any]:
    """All of it; every key is always there."""
    return {
        "module": module.name,
        "file": module.file,
        "vsn": term_text(module.vsn),
        "behaviours": list(module.behaviours),
        "record": record.name if record else None,
        "fields": [
            {
                "field": each.name,
                "default": each.default.text if each.default else None,
                "type": each.type_text,
            }
            for each in record.fields
        ]
        if record
        else [],
        "carries": [
            {
                "vsn": term_text(migration.vsn),
                "record": migration.record,
                "fields": [
                    {
                        "field": each.field,
                        "source": source_word(each.source),
                        "from": source_field(each.source),
                    }
                    for each in migration.up
                ],
                "dropped": [each.field for each in migration.dropped],
                "lossless": migration.lossless,
            }
            for migration in _carried(module)
        ],
    }
