"""Compiles the migrations of decided rows and runs each up and down in a real process."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from survey_data import spec

from migrator import library
from migrator.recordplan import (
    Converted,
    ConvertedTo,
    Copy,
    FieldPlan,
    Given,
    GivenBy,
    Nested,
    RecordPlan,
    Renamed,
    TakenDefault,
)
from migrator.terms import Atom, Term

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from survey_build import Workshop
    from survey_data import Declared, Row

    from migrator.otp import Helper
    from migrator.outcomes import Injected, Planned
    from migrator.plan import Migration

_BATCH = 200


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a row's migration: a word for counting, and what was wrong."""

    word: str
    why: str = ""


def run(
    helper: Helper, shop: Workshop, rows: Sequence[Row], decisions: Mapping[str, tuple[str, ...]]
) -> dict[str, Outcome]:
    """Makes, injects and runs the rows; all of them can be planned without a question."""
    outcomes: dict[str, Outcome] = {}
    for start in range(0, len(rows), _BATCH):
        batch = {row.name: row for row in rows[start : start + _BATCH]}
        with shop.folders(f"run_{start}") as (old, new):
            shop.make(list(batch.values()), decisions, (old, new))
            injection = library.inject(helper, [old], new)
            outcomes.update(_batch(shop, batch, decisions, injection, old))
    return outcomes


def _batch(
    shop: Workshop,
    rows: Mapping[str, Row],
    decisions: Mapping[str, tuple[str, ...]],
    injection: library.Injection,
    old: Path,
) -> dict[str, Outcome]:
    outcomes: dict[str, Outcome] = {}
    runs: dict[str, Term] = {}
    if not injection.injected:
        stopped = [each for each in injection.diagnostics if each.kind.exit]
        return dict.fromkeys(rows, Outcome("not injected", str(stopped[:1])))
    for planned, made in zip(injection.planned, injection.injected, strict=True):
        name = planned.job.new.stem
        found = _unrun(planned, made)
        if found is not None:
            outcomes[name] = found
        else:
            runs[name] = _run(rows[name], decisions.get(name, ()), planned, made, (old / f"{name}.beam").read_bytes())
    outcomes.update(zip(runs, called(shop, list(runs.values())), strict=True))
    return outcomes


def called(shop: Workshop, runs: list[Term]) -> list[Outcome]:
    """What came of runs as `survey_node` takes them."""
    results = shop.call("survey_node", "run_all", runs)
    assert isinstance(results, list)  # noqa: S101 - as run_all/1 answers
    return [_outcome(each) for each in results]


def _unrun(planned: Planned, made: Injected) -> Outcome | None:
    stopped = [each for each in (*planned.diagnostics, *made.diagnostics) if each.kind.exit]
    if stopped:
        return Outcome("not injected", f"{stopped[0].code} {stopped[0].message}")
    if planned.plan is None or planned.plan.verdict == "unchanged":
        return Outcome("unchanged")
    return Outcome("not injected") if made.after is None else None


def _outcome(result: Term) -> Outcome:
    match result:
        case (Atom(word), bytes(why)):
            return Outcome(word.replace("_", " "), why.decode())
    return Outcome("up and down")


def _run(row: Row, decided: tuple[str, ...], planned: Planned, made: Injected, old: bytes) -> Term:
    plan = planned.plan
    assert plan is not None  # noqa: S101 - only what was injected is run
    assert made.after is not None  # noqa: S101 - as above
    (migration,) = plan.migrations
    if row.other_kind:
        shapes: list[Term] = [
            (Atom(record if record is not None else "none"), [Atom(each.name) for each in fields])
            for record, fields in ((row.old_record, row.old), (row.new_record, row.new))
        ]
        return (spec(row, decided), old, made.after, migration.vsn, *shapes)
    return (
        spec(row, decided),
        old,
        made.after,
        migration.vsn,
        (Atom(migration.record or ""), [(Atom(each.name), _sample(each, migration)) for each in row.old]),
        [(Atom(each.record), _inner(each)) for each in migration.nested],
        (Atom(plan.state.name), [(Atom(each.field), _up(each, row.new)) for each in migration.up]),
        [(Atom(each.field), _down(each, row.old, migration)) for each in migration.down],
    )


def _sample(field: Declared, migration: Migration) -> Term:
    """A changed record where the type says that the field, or a list that it holds, is one; else anything."""
    found = re.fullmatch(r"(\[)?#'?(\w+)'?\{\}(\])?", field.type or "")
    carried = {each.source.field for each in migration.up if isinstance(each.source, Nested)}
    if found is None or field.name not in carried or found[2] not in {each.record for each in migration.nested}:
        return Atom("plain")
    return (Atom("list" if found[1] else "bare"), Atom(found[2]))


def _inner(plan: RecordPlan) -> Term:
    fields: list[Term] = [Atom(each) for each in plan.fields]
    up: list[Term] = [(Atom(each.field), _up(each, ())) for each in plan.up]
    return (Atom(plan.new), fields, up)


def _up(plan: FieldPlan, declared: tuple[Declared, ...]) -> Term:
    match plan.source:
        case Copy(field) | Renamed(field):
            return (Atom("old"), Atom(field))
        case Nested(field):
            return (Atom("nested"), Atom(field))
        case Converted(field) | ConvertedTo(field):
            return (Atom("up"), Atom(field))
        case GivenBy():
            return Atom("made")
        case Given():
            return Atom("given")
        case TakenDefault():
            return _default(plan.field, declared)
    return Atom("any")


def _down(plan: FieldPlan, declared: tuple[Declared, ...], migration: Migration) -> Term:
    match plan.source:
        case Copy() | Renamed() | Converted() | ConvertedTo():
            return (Atom("old"), Atom(plan.field))
        case Nested() if all(each.keeps_all for each in migration.nested):
            return (Atom("old"), Atom(plan.field))
        case TakenDefault(text):
            return _default(plan.field, declared) if text != "undefined" else Atom("undefined")
    return Atom("any")


def _default(field: str, declared: tuple[Declared, ...]) -> Term:
    """`default` where the record declares one that compiled: the oracle tells its value."""
    return Atom("default" if any(each.name == field and each.default for each in declared) else "undefined")
