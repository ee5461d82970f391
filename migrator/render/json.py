"""Plans and diagnostics as JSON (contract, section 10). Every key is always there."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from migrator.plan import source_field, source_word
from migrator.terms import term_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from migrator.diagnostics import Diagnostic
    from migrator.outcomes import Planned
    from migrator.plan import FieldPlan, Migration


def document(value: object) -> str:
    """The JSON document; ends in a newline."""
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


def planned_json(planned: Planned) -> dict[str, Any]:
    """The object for one module, whether its plan could be made or not."""
    plan = planned.plan
    record = plan.record.name if plan else None
    name = plan.module if plan else (planned.new.name if planned.new else None)
    return {
        "module": name,
        "record": record,
        "verdict": planned.verdict,
        "from": [_migration(each) for each in plan.migrations] if plan else [],
        "diagnostics": [diagnostic_json(each) for each in planned.diagnostics],
    }


def refused_json(diagnostics: Sequence[Diagnostic]) -> dict[str, Any]:
    """The object where the work could not even begin."""
    return {
        "module": next((each.module for each in diagnostics if each.module), None),
        "record": None,
        "verdict": "blocked",
        "from": [],
        "diagnostics": [diagnostic_json(each) for each in diagnostics],
    }


def _migration(migration: Migration) -> dict[str, Any]:
    return {
        "vsn": term_text(migration.vsn),
        "record": migration.record,
        "fields": [_field(each) for each in migration.up],
        "dropped": [{"field": each.field, "acknowledged": each.acknowledged} for each in migration.dropped],
        "down": [_field(each) for each in migration.down],
        "lossless": migration.lossless,
    }


def _field(plan: FieldPlan) -> dict[str, Any]:
    return {"field": plan.field, "source": source_word(plan.source), "from": source_field(plan.source)}


def diagnostic_json(diagnostic: Diagnostic) -> dict[str, Any]:
    """The object for one diagnostic."""
    message = diagnostic.message
    return {
        "code": diagnostic.code,
        "severity": diagnostic.severity,
        "message": f"{message}: {diagnostic.consequence}" if diagnostic.consequence else message,
        "place": diagnostic.place,
        "help": "\n".join(diagnostic.help),
    }
