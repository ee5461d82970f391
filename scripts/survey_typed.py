"""The survey's decisions with functions that give values of the fields' types: then what is wrong is not of theirs.

`survey_made` gives an atom, and `survey_up` a tuple, whatever the type says: right for a run that looks where a value
went, but `verify` rightly finds fault with it. Here each such decision gets functions of its own.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from migrator.compare import side_of
from migrator.examples.making import Maker, values_of, word_of
from migrator.recordplan import Converted
from migrator.render.literals import flat_text

if TYPE_CHECKING:
    from survey_found import Found

    from migrator.modules import Module
    from migrator.plan import Migration

_NAME = r"'(?:[^'\\]|\\.)*'|\w+"
_MADE = re.compile(rf"(?:\{{in, (?P<inside>{_NAME}), \[)?\{{init, (?P<field>{_NAME}), survey_made\}}")
_CONVERTED = re.compile(rf"\{{convert, (?P<field>{_NAME}), survey_up, survey_down\}}")


def typed(found: Found) -> tuple[str, ...]:
    """The decisions of a row, and the functions that they name, as Erlang text."""
    planned, row = found.final, found.row
    if planned is None or planned.plan is None or planned.new is None or row.other_kind:
        return found.decided
    decided: list[str] = []
    functions: list[str] = []
    for number, each in enumerate(found.decided):
        if made := _MADE.match(each):
            record = _bare(made["inside"]) or row.new_record or ""
            value = _value(planned.new, record, _bare(made["field"])) or "survey_made"
            decided.append(each.replace("survey_made", f"survey_made_{number}"))
            functions.append(f"survey_made_{number}() -> {value}.")
        elif converted := _CONVERTED.fullmatch(each):
            field = _bare(converted["field"])
            new = _value(planned.new, row.new_record or "", field)
            old = _value(planned.olds[0], row.old_record or "", _taken(planned.plan.migrations[0], field))
            decided.append(each.replace("survey_up, survey_down", f"survey_up_{number}, survey_down_{number}"))
            functions += _both_ways(number, new, old)
        else:
            decided.append(each)
    return (*decided, *functions)


def _taken(migration: Migration, field: str) -> str:
    """The old field that is converted: another one where it was renamed too."""
    sources = {each.field: each.source for each in migration.up}
    source = sources.get(field)
    return source.field if isinstance(source, Converted) else field


def _both_ways(number: int, new: str | None, old: str | None) -> tuple[str, str]:
    """A conversion into a value of the new type, and one into a value of the old; as it was where there is no type."""
    back = f"survey_down_{number}({{survey_up, V}}) -> V; " if old is None else ""
    return (
        f"survey_up_{number}({'V' if new is None else '_'}) -> {new or '{survey_up, V}'}.",
        f"{back}survey_down_{number}(_) -> {old or 'survey_old'}.",
    )


def _bare(name: str | None) -> str:
    return "" if name is None else name.strip("'")


def _value(module: Module, record: str, field: str) -> str | None:
    """A value of the field's type as Erlang text; None where it has none, or one without values."""
    declared = next((each for each in module.records if each.name == record), None)
    of_field = None if declared is None else declared.get(field)
    if of_field is None or of_field.type is None:
        return None
    values = values_of(of_field.type, Maker(side_of(module), word_of(field), 11))
    return flat_text(values[0]) if values else None
