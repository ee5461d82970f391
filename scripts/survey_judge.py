"""Compares what the migrator plans for a row with what the data says of it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from migrator.recordplan import Given, Nested, RecordPlan, TakenDefault, source_field
from migrator.terms import atom_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from survey_data import Added, Row

    from migrator.diagnostics import Diagnostic
    from migrator.outcomes import Planned
    from migrator.recordplan import Source

# What a person is asked, and what stops a run for another reason: nothing is converted in silence.
ASKS = ("decision", "error")


@dataclass(frozen=True, slots=True)
class Asked:
    """An open decision: its code, the field of the state that it is about (or None), and the lines to paste."""

    code: str
    field: str | None
    lines: tuple[str, ...]
    message: str


def asked(planned: Planned) -> tuple[Asked, ...]:
    """All that stands in the way of generating."""
    return tuple(
        Asked(each.code, each.field if each.field is not None else each.old_field, each.help, each.message)
        for each in planned.diagnostics
        if each.severity in ASKS
    )


def warned(planned: Planned) -> frozenset[str]:
    """The fields of the state that a warning is about: they are generated as planned, and not in silence."""
    told = [each for each in planned.diagnostics if each.severity == "warning"]
    return frozenset(field for each in told for field in (each.field, each.old_field) if field is not None)


def renames(row: Row) -> dict[str, str]:
    """The renames that the data takes for likely, from the new name to the old one; each field once."""
    found: dict[str, str] = {}
    for old, new in row.likely:
        if new not in found and old not in found.values():
            found[new] = old
    return found


def structure(row: Row, first: Planned, final: Planned, ever: frozenset[str]) -> str:
    """The word right, or the first thing in which the plan, with its decisions, has not the structure of the data.

    `ever` are the fields that something was asked or warned about, in the plan without decisions or in a later one.
    """
    if final.plan is None:
        return f"no plan: {', '.join(sorted({each.code for each in final.diagnostics if each.severity in ASKS}))}"
    stopped = asked(final)
    if stopped:
        return f"still open: {stopped[0].code}"
    if row.other_kind:
        return "right"
    plan = final.plan.migrations[0].state
    if not isinstance(plan, RecordPlan):
        return "converted as a whole"
    return next(_wrong_structure(row, first, plan, ever), "right")


def _wrong_structure(row: Row, first: Planned, plan: RecordPlan, ever: frozenset[str]) -> Iterator[str]:
    renamed, old = renames(row), {each.name for each in row.old}
    for field in plan.up:
        expected = field.field if field.field in old else renamed.get(field.field)
        if source_field(field.source) != expected:
            yield "mapped otherwise"
    asks = {each.field for each in asked(first)}
    for source in renamed.values():
        if source not in asks:
            yield "a rename that was not asked for"
    told = [each for each in first.diagnostics if each.severity != "info"]
    for inner in row.nested:
        # What only a new field holds was not there before.
        held = not inner.fields or bool(old & set(inner.fields))
        if inner.reshaped and held and not _converted(inner.name, inner.fields, plan):
            yield f"nested, {_said(inner.name, told)} ({inner.evidence})"
    for each in row.conversion:
        names = {each.field, renamed.get(each.field)}
        if each.how != "type?" and not names & ever:
            yield f"conversion, {_mentioned(each.field, first.diagnostics)}"


def _converted(record: str, fields: tuple[str, ...], plan: RecordPlan) -> bool:
    ways = [each.field for each in plan.up if isinstance(each.source, Nested)]
    ways += [each.source.field for each in plan.up if isinstance(each.source, Nested)]
    # A record inside another one is reached through the field of that one.
    return bool(ways) and (not fields or bool(set(fields) & set(ways)) or record in ways)


def _said(record: str, told: list[Diagnostic]) -> str:
    # The data may list a record that lies in no field of the state: it says so by listing no field.
    name = re.escape(atom_text(record))
    return "warned of" if any(re.search(rf"\b{name}\b", each.message) for each in told) else "in silence"


def _mentioned(field: str, said: tuple[Diagnostic, ...]) -> str:
    severities = {each.severity for each in said if field in (each.field, each.old_field)}
    return "warned of" if "warning" in severities else "told" if severities else "in silence"


def values(row: Row, first: Planned) -> Iterator[tuple[str, str]]:
    """For each new field whose value is not the data's, not asked for and not warned of: the field and what it gets."""
    if first.plan is None or not first.plan.migrations or row.other_kind:
        return
    told = {each.field for each in asked(first)} | warned(first)
    sources = {each.field: each.source for each in first.plan.migrations[0].up}
    for field, added in row.added:
        if field in told or field not in sources:
            continue
        if (why := _wrong_value(sources[field], added)) is not None:
            yield field, why


def _wrong_value(source: Source, added: Added) -> str | None:
    match source:
        case TakenDefault(text) if added.default is not None:
            return None if _same(text, added.default) else f"the default {text}, the data has {added.default}"
        case TakenDefault(text):
            why = _not_undefined(added)
            return None if why is None else f"{text}, {why}"
        case Given(text) if not any(_same(text, each) for each in added.init):
            return f"{text}, the data has {', '.join(added.init)}"
    return None


def _not_undefined(added: Added) -> str | None:
    """Why undefined may not be what a fresh process has."""
    if added.verdict == "default_undefined" or (added.init and {*added.init} <= {"undefined", "?undef"}):
        return None
    if added.verdict == "unknown_no_construction":
        return "and no construction is known"
    return f"and init has {', '.join(added.init)}"


def _same(ours: str, theirs: str) -> bool:
    """Whether two texts say the same; what a macro in the data stands for is not known."""
    parts = re.split(r"\?\w+", _plain(theirs))
    return re.fullmatch(".+".join(map(re.escape, parts)), _plain(ours)) is not None


def _plain(text: str) -> str:
    return re.sub(r"(?<=\d)_(?=\d)|[\s()']", "", text)


def declared_undefined(row: Row, first: Planned) -> tuple[str, ...]:
    """New fields that are declared as undefined and that init computes: the declaration is taken."""
    told = {each.field for each in asked(first)} | warned(first)
    return tuple(
        field
        for field, added in row.added
        if _plain(added.default or "") == "undefined" and added.verdict == "init_computed" and field not in told
    )


def suggested(first: Planned) -> dict[str, tuple[str, ...]]:
    """For each old field that would be dropped: the new fields offered for it, best first."""
    found: dict[str, tuple[str, ...]] = {}
    for each in asked(first):
        if each.code == "M301" and each.field is not None:
            pairs = [_rename(line) for line in each.lines]
            found[each.field] = tuple(new for old, new in filter(None, pairs) if old == each.field)
    return found


_NAME = r"('(?:[^'\\]|\\.)*'|[a-z][\w@]*)"
_RENAME = re.compile(rf"rename,? {_NAME}(?:, | -> ){_NAME}")


def _rename(line: str) -> tuple[str, str] | None:
    found = _RENAME.search(line)
    return (_unquoted(found[1]), _unquoted(found[2])) if found else None


def _unquoted(name: str) -> str:
    return re.sub(r"\\(.)", r"\1", name[1:-1]) if name.startswith("'") else name
