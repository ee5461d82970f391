"""A plan as a table that a person reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from migrator.plan import identity
from migrator.recordplan import (
    Converted,
    ConvertedTo,
    Filled,
    Given,
    GivenBy,
    GivenFrom,
    Handed,
    RecordPlan,
    Taken,
    TakenDefault,
    source_field,
    source_word,
)
from migrator.states import shown
from migrator.terms import atom_text, term_text
from migrator.wholes import HandPlan, by_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from migrator.plan import Migration, Plan
    from migrator.recordplan import Shape, Source


def render_table(plan: Plan) -> str:
    """The plan: for each old version every field's source and fate, up and down; ends in a newline."""
    lines = [f"{plan.module}  {shown(plan.state)}  {plan.verdict}"]
    for migration in plan.migrations:
        lines += ["", *_migration(plan, migration)]
    if any(not identity(plan, each) for each in plan.migrations):
        first = "the conversion" if plan.mode == "convert_first" else "the module's own function"
        lines += ["", f"on a downgrade {first} runs first: {plan.mode_reason}"]
    return "\n".join(lines) + "\n"


def _migration(plan: Plan, migration: Migration) -> list[str]:
    asked = {each.field: each.code for each in plan.diagnostics if each.severity == "decision" and each.field}
    lost = {each.old_field: each.code for each in plan.diagnostics if each.severity == "decision" and each.old_field}
    before, after = shown(migration.kept), shown(plan.state)
    kinds = _kind(migration.shape), _kind(plan.shape)
    if None not in kinds and kinds[0] != kinds[1]:
        before, after = f"{before}, {kinds[0]},", f"{after}, {kinds[1]}"
    renamed = "" if before == after else f"{before} becomes {after}, "
    head = f"{term_text(migration.vsn)} -> {term_text(plan.vsn)}: {renamed}"
    if identity(plan, migration):
        return [f"{head}the state is the same"]
    lossless = "nothing is lost on the way back" if migration.lossless else "not all comes back"
    who = ", the module's own function converts the state" if migration.upgrade == "handwritten" else ""
    back = f"{term_text(plan.vsn)} -> {term_text(migration.vsn)}:"
    lines = [f"{head}{lossless}{who}"]
    match migration.state:
        case RecordPlan():
            lines += [*_up(migration.state, asked, lost)]
            for each in migration.records:
                lines += _filled(each, migration.nested)
            lines += ["", back, *_down(migration.state, lost)]
        case HandPlan(_, up, down):
            lines[0] = f"{head}by hand{who}"
            refused = "it is refused: no decision says how" if down is None else f"the whole state by {by_text(down)}"
            lines += [f"  the whole state by {by_text(up)}", "", back, f"  {refused}"]
    for each in migration.nested:
        if not isinstance(migration.state, RecordPlan) and each.new == plan.main:
            lines += ["", f"{_record(each)} in {after}:", *_up(each, asked, lost), "", back, *_down(each, lost)]
            continue
        lines += ["", f"inside the state, {_record(each)}:"]
        lines += [*_up(each, {}, {}), "", "and back:", *_down(each, {})]
    return lines


def _kind(shape: Shape | None) -> str | None:
    """What a bare state is: a tuple, or a native record."""
    if shape is None:
        return None
    return "a tuple" if shape.definition is None else "a native record"


def _record(plan: RecordPlan) -> str:
    changed = "" if plan.record == plan.new else f", which was #{atom_text(plan.record)}{{}}"
    home = "" if plan.foreign is None or not plan.foreign.module else f" of {atom_text(plan.foreign.module)}"
    return f"#{atom_text(plan.new_shape.tag)}{{}}{home}{changed}"


def _up(plan: RecordPlan, asked: dict[str, str], lost: dict[str, str]) -> list[str]:
    up = [
        (each.field, source_word(each.source), source_detail(each.source), asked.get(each.field, ""))
        for each in plan.up
    ]
    gone = [
        (each.field, "drop", "accepted" if each.acknowledged else "to be decided", lost.get(each.field, ""))
        for each in plan.dropped
    ]
    moved = [
        (each.field, "move", f"into {_place(each.source)}", lost.get(each.field, ""))
        for each in plan.down
        if isinstance(each.source, Taken)
    ]
    fates = [*moved, *gone]
    return [
        *_rows([("new field", "source", "", ""), *up]),
        *(["", *_rows([("old field", "fate", "", ""), *fates])] if fates else []),
    ]


def _filled(record: RecordPlan, shown: Sequence[RecordPlan]) -> list[str]:
    """The records that values move into, where they are not shown as records inside the state."""
    lines: list[str] = []
    for each in record.up:
        if isinstance(each.source, Filled):
            inner = each.source.record
            if inner not in shown:
                head = f"in {atom_text(each.field)}, #{atom_text(inner.new)}{{}}:"
                lines += ["", head, *_rows([("new field", "source", "", ""), *_sources(inner)])]
            lines += _filled(inner, shown)
    return lines


def _sources(plan: RecordPlan) -> list[tuple[str, str, str, str]]:
    return [(each.field, source_word(each.source), source_detail(each.source), "") for each in plan.up]


def _down(plan: RecordPlan, lost: dict[str, str]) -> list[str]:
    down = [
        (each.field, source_word(each.source), source_detail(each.source), lost.get(each.field, ""))
        for each in plan.down
    ]
    return _rows([("old field", "source", "", ""), *down])


def source_detail(source: Source) -> str:
    """What a source is made of, for a person: the field, the function, the value."""
    match source:
        case Given(text, origin):
            return f"{text}  ({origin})"
        case GivenBy(function):
            return str(function)
        case Converted(field, function):
            return f"{atom_text(field)} by {function}"
        case ConvertedTo(field, text, reads):
            return f"{atom_text(field)} by {_with_reads(text, reads)}"
        case GivenFrom(text, reads):
            return _with_reads(text, reads)
        case TakenDefault(text):
            return text
        case Handed(_, field):
            return atom_text(field)
        case Taken():
            return _place(source)
        case Filled(value, record):
            what = f"#{atom_text(record.new)}{{}}" if value is None else source_detail(value)
            names = (source_field(each) or getattr(each, "field", "") for each in source.handed)
            return f"{what}, with {', '.join(map(atom_text, names))}"
    return atom_text(source_field(source) or "")


def _place(source: Taken) -> str:
    """The path of a move, as it is decided."""
    return ".".join(map(atom_text, (source.field, *(field for _, field in source.path))))


def _with_reads(text: str, reads: Sequence[tuple[str, str]]) -> str:
    """The expression, and what its variables are."""
    told = ", ".join(f"{variable} is {atom_text(field)}" for variable, field in reads if variable != "Value")
    return f"{text}  ({told})" if told else text


def _rows(rows: Sequence[tuple[str, str, str, str]]) -> list[str]:
    shown = [
        (atom_text(rows[0][0]).strip("'"), *rows[0][1:]),
        *((atom_text(row[0]), *row[1:]) for row in rows[1:]),
    ]
    widths = [max(len(row[column].split("\n")[0]) for row in shown) for column in range(4)]
    return [
        "  " + "  ".join(" ".join(cell.split()).ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in shown
    ]
