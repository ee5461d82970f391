"""Two states side by side: every field by its name, where it comes from, and what was expected where it differs."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from migrator import etf
from migrator.recordplan import RecordPlan, source_field, source_word
from migrator.render.table import source_detail
from migrator.terms import Atom, Map, atom_text, term_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Literal

    from migrator.modules import Module
    from migrator.outcomes import Planned
    from migrator.plan import Migration
    from migrator.recordplan import FieldPlan
    from migrator.terms import Term

# A longer text is cut in the table; below it all of it stands.
_WIDEST = 32
_LONGEST = 600
# Records by the tag and size of their tuples.
Names: TypeAlias = "Mapping[tuple[str, int], tuple[str, ...]]"


def render_difference(  # noqa: PLR0913, PLR0917 - three states and what they are
    planned: Planned, migration: Migration, way: Literal["up", "down"], before: Term, expected: Term, got: Term
) -> str:
    """The states of a test that failed; ends in a newline."""
    names = _names(planned, way)
    state = migration.state
    lines: list[str] = []
    if isinstance(state, RecordPlan):
        fields = state.up if way == "up" else state.down
        if all(_is_tuple(each, len(fields) + 1) for each in (expected, got)):
            lines += [*_table(state, way, before, expected, got), ""]
    for path, wanted, found in differences(expected, got, names):
        lines += [f"{path or 'the state'}:", f"  expected  {_cut(wanted)}", f"  got       {_cut(found)}"]
    return "\n".join(lines) + "\n"


def _is_tuple(term: Term, size: int) -> bool:
    return isinstance(term, tuple) and len(term) == size


def _names(planned: Planned, way: Literal["up", "down"]) -> Names:
    """The fields of the records that the state may hold; where both versions have that shape, those after it."""
    modules: list[Module] = [*planned.olds, *([planned.new] if planned.new else [])]
    ordered = modules if way == "up" else modules[::-1]
    return {
        (record.tag, record.size): record.names
        for module in ordered
        for home in (*module.neighbours, module)
        for record in home.records
    }


def _table(plan: RecordPlan, way: Literal["up", "down"], before: Term, expected: Term, got: Term) -> list[str]:
    fields, olds = (plan.up, plan.fields) if way == "up" else (plan.down, plan.new_fields)
    had = dict(zip(olds, before[1:], strict=False)) if isinstance(before, tuple) else {}
    rows = [("", "field", "its value", "before", "expected", "got")]
    for at, each in enumerate(fields, start=1):
        wanted, found = _at(expected, at), _at(got, at)
        mark = " " if etf.encode(wanted) == etf.encode(found) else ">"
        source = source_field(each.source)
        came = _short(had[source]) if source in had else ""
        rows.append((mark, atom_text(each.field), _origin(each), came, _short(wanted), _short(found)))
    widths = [max(len(row[column]) for row in rows) for column in range(6)]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]


def _at(term: Term, place: int) -> Term:
    assert isinstance(term, tuple)  # noqa: S101 - the caller asked
    return term[place]


def _origin(each: FieldPlan) -> str:
    detail = " ".join(source_detail(each.source).split())
    word = source_word(each.source)
    return word if detail == atom_text(each.field) else f"{word} {detail}"[:_WIDEST]


def _short(term: Term) -> str:
    text = term_text(term)
    return text if len(text) <= _WIDEST else f"{text[: _WIDEST - 1]}…"


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}… ({len(text)} characters)"


def differences(expected: Term, got: Term, names: Names, path: str = "") -> Iterator[tuple[str, str, str]]:
    """Where two terms differ, each place as deep as it can be told: its path, and both texts."""
    if etf.encode(expected) == etf.encode(got):
        return
    if isinstance(expected, tuple) and isinstance(got, tuple) and len(expected) == len(got) and expected[:1] == got[:1]:
        fields = _fields(expected, names)
        for at, (one, other) in enumerate(zip(expected, got, strict=True)):
            yield from differences(one, other, names, _step(path, fields[at]))
    elif isinstance(expected, list) and isinstance(got, list) and len(expected) == len(got):
        for at, (one, other) in enumerate(zip(expected, got, strict=True), start=1):
            yield from differences(one, other, names, _step(path, f"[{at}]"))
    elif isinstance(expected, Map) and isinstance(got, Map) and _keys(expected) == _keys(got):
        for (key, one), (_, other) in zip(expected.pairs, got.pairs, strict=True):
            yield from differences(one, other, names, _step(path, term_text(key)))
    else:
        yield path, *_told(expected, got)


def _told(expected: Term, got: Term) -> tuple[str, str]:
    """Both as text; tuples of other sizes or tags with what they are."""
    return _described(expected, got), _described(got, expected)


def _described(term: Term, other: Term) -> str:
    text = term_text(term)
    if isinstance(term, tuple) and isinstance(other, tuple) and len(term) != len(other):
        return f"{text}   % {len(term)} elements"
    return text


def _fields(term: tuple[Term, ...], names: Names) -> list[str]:
    tag = term[0] if term else None
    known = names.get((tag.name, len(term))) if isinstance(tag, Atom) else None
    if known is None or not isinstance(tag, Atom):
        return [f"element {at}" for at in range(1, len(term) + 1)]
    return ["", *(f"#{atom_text(tag.name)}.{atom_text(name)}" for name in known)]


def _step(path: str, step: str) -> str:
    return f"{path} -> {step}" if path else step


def _keys(term: Map) -> list[bytes]:
    return [etf.encode(key) for key, _ in term.pairs]
