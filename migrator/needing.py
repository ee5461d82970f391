"""Native records (OTP 29): a field without a default must be given a value, so that `undefined` stands in for none."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from migrator.decisions import Convert, TakeDefault
from migrator.diagnostics import CATALOGUE, Diagnostic
from migrator.recordplan import Given, TakenDefault
from migrator.terms import atom_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from migrator.pairs import Pair
    from migrator.recordplan import Source
    from migrator.records import Field

_UNBUILT = "without a value for it the new record cannot be built"


def required(
    pair: Pair, field: Field, source: Source, said: Sequence[Diagnostic]
) -> tuple[Source, tuple[Diagnostic, ...]]:
    """The source of a new field without a default, and what is said and asked of it, from those of a tuple's field."""
    codes = {each.code for each in said}
    if not isinstance(source, TakenDefault) or "M113" in codes:
        return source, tuple(said)
    if pair.decided(TakeDefault, field=field.name):
        return source, (_no_default(pair, field),)
    if "M505" in codes:
        return Given("undefined", "--allow default"), tuple(said)
    if "M302" in codes:
        default = pair.paste("default", atom_text(field.name))
        return source, tuple(
            replace(each, consequence=_UNBUILT, help=tuple(line for line in each.help if line != default))
            for each in said
        )
    return source, (_asked(pair, field),)


def _asked(pair: Pair, field: Field) -> Diagnostic:
    """The question (M460) for the value of a new field that nothing gives one."""
    return Diagnostic(
        CATALOGUE["M460"],
        f"the new field {pair.called(field.name)} has no default, and nothing tells what value it has",
        f"{_UNBUILT} ({pair.way})",
        pair.place(pair.new_module, pair.new, field),
        (pair.paste("init", atom_text(field.name), "FUNCTION"), f"{_declared(field)}   % in the record"),
        field=field.name,
    )


def _declared(field: Field) -> str:
    declared = f" :: {field.type_text}" if field.type_text else ""
    return f"{atom_text(field.name)} = DEFAULT{declared}"


def _no_default(pair: Pair, field: Field) -> Diagnostic:
    name = atom_text(field.name)
    return Diagnostic(
        CATALOGUE["M113"],
        f"{{default, {name}}} cannot be done: a field of a native record has no default unless it declares one",
        "the field would have no value, so nothing is generated",
        pair.place(pair.new_module, pair.new, field),
        (pair.paste("init", name, "FUNCTION"), f"{_declared(field)}   % in the record"),
        field=field.name,
    )


def required_back(pair: Pair, field: Field) -> Diagnostic:
    """The question (M461) for the value that an old field has after a downgrade, where nothing leads back to it."""
    name = atom_text(field.name)
    new = next((new for new, old in pair.names.source.items() if old == field.name), None)
    one_way = new is not None and pair.decided(Convert, field=new) is not None
    moved = any(each.old == field.name for each in pair.moved)
    line = pair.paste("convert", atom_text(new or ""), "UP_FUNCTION", "DOWN_FUNCTION") if one_way else ""
    return Diagnostic(
        CATALOGUE["M461"],
        f"the old field {pair.called(field.name)} has no default: nothing tells its value after a downgrade",
        f"the old code finds undefined there, which none of its own states has ({pair.way})",
        pair.place(pair.old_module, pair.old, field),
        (line or (f"{name} = DEFAULT   % in the old record" if moved else pair.paste("drop", name, "VALUE")),),
        old_field=field.name,
    )
