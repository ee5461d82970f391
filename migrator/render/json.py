"""Plans and diagnostics as JSON (contract, section 10). Every key is always there."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from migrator.diagnostics import MOST_LISTED, bounded
from migrator.recordplan import source_field, source_word
from migrator.states import StateRecord, StateType
from migrator.terms import term_text
from migrator.wholes import HandPlan, TypePlan

if TYPE_CHECKING:
    from collections.abc import Sequence

    from migrator.diagnostics import Diagnostic
    from migrator.outcomes import Planned
    from migrator.plan import Migration, Plan
    from migrator.recordplan import FieldPlan
    from migrator.states import State


def document(value: object) -> str:
    """The JSON document; ends in a newline."""
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


def planned_json(planned: Planned) -> dict[str, Any]:
    """The object for one module, whether its plan could be made or not."""
    plan = planned.plan
    record = (plan.main or plan.state.name) if plan else None
    name = plan.module if plan else (planned.new.name if planned.new else None)
    return {
        "module": name,
        "record": record,
        "verdict": planned.verdict,
        "from": [_migration(plan, each) for each in plan.migrations] if plan else [],
        "diagnostics": diagnostics_json(planned.diagnostics),
    }


def _migration(plan: Plan, migration: Migration) -> dict[str, Any]:
    shown = {
        "vsn": term_text(migration.vsn),
        "record": getattr(migration.kept, "main", None) or migration.record,
        "fields": [_field(each) for each in migration.up],
        "dropped": [{"field": each.field, "acknowledged": each.acknowledged} for each in migration.dropped],
        "down": [_field(each) for each in migration.down],
        "lossless": migration.lossless,
    }
    match migration.state:
        case TypePlan():
            return shown | _along(plan, migration)
        case HandPlan():
            fields, down = ([_by_hand(each) for each in _names(state)] for state in (plan.state, migration.kept))
            return shown | {"fields": fields, "down": down}
    return shown


def _along(plan: Plan, migration: Migration) -> dict[str, Any]:
    """The fields of all records that the type leads to, with their record's name where there is more than one."""
    named = plan.state.records if isinstance(plan.state, StateType) else ()
    alone = len({*named, *(each.new for each in migration.nested)}) == 1
    fields, dropped, down = [], [], []
    for each in migration.nested:
        old, new = ("", "") if alone else (f"{each.record}.", f"{each.new}.")
        fields += [_qualified(_field(one), new, old) for one in each.up]
        dropped += [{"field": f"{old}{one.field}", "acknowledged": one.acknowledged} for one in each.dropped]
        down += [_qualified(_field(one), old, new) for one in each.down]
    return {"fields": fields, "dropped": dropped, "down": down}


def _qualified(field: dict[str, Any], own: str, other: str) -> dict[str, Any]:
    source = None if field["from"] is None else f"{other}{field['from']}"
    return field | {"field": f"{own}{field['field']}", "from": source}


def _names(state: State) -> tuple[str, ...]:
    return state.fields if isinstance(state, StateRecord) else ()


def _by_hand(field: str) -> dict[str, Any]:
    """A field of a state that a function gives as a whole."""
    return {"field": field, "source": "convert", "from": None}


def _field(plan: FieldPlan) -> dict[str, Any]:
    return {"field": plan.field, "source": source_word(plan.source), "from": source_field(plan.source)}


def diagnostics_json(diagnostics: Sequence[Diagnostic]) -> list[dict[str, Any]]:
    """The list of them; of one code no more than a program can use, and then how many more there are."""
    return [_diagnostic(each) for each in bounded(diagnostics, MOST_LISTED)]


def _diagnostic(diagnostic: Diagnostic) -> dict[str, Any]:
    """The object for one diagnostic."""
    message = diagnostic.message
    return {
        "code": diagnostic.code,
        "severity": diagnostic.severity,
        "message": f"{message}: {diagnostic.consequence}" if diagnostic.consequence else message,
        "place": diagnostic.place,
        "help": "\n".join(diagnostic.help),
    }
