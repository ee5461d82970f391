"""Decides by machine what a person is asked: as the data says where it knows, else the first thing that is offered."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from survey_judge import Asked, asked, renames, warned

from migrator.terms import atom_text

if TYPE_CHECKING:
    from survey_data import Row

    from migrator.outcomes import Planned

_INSIDE = re.compile(r"\{in, ((?:'[^']*'|\w+)), ")


def decisions(row: Row, planned: Planned, so_far: tuple[str, ...]) -> tuple[str, ...]:
    """The decisions so far and those for what is still open, as terms; the same ones where nothing can be decided."""
    found = list(so_far)
    if row.other_kind and asked(planned):
        return ("{state, survey_whole_up, survey_whole_down}",)
    for each in asked(planned):
        if (decided := _decided(row, each)) is not None and decided not in found:
            found.append(decided)
    found += [each for each in (*_deep(row, planned), *_other_kinds(row, planned)) if each not in found]
    return tuple(found)


def _other_kinds(row: Row, planned: Planned) -> list[str]:
    """A conversion of each kept field that is warned of, where the data is sure that it needs one."""
    kept = {each.name for each in row.old} & warned(planned)
    sure = [each.field for each in row.conversion if each.how != "type?" and each.field in kept]
    return [f"{{convert, {atom_text(field)}, survey_up, survey_down}}" for field in sure]


def _deep(row: Row, planned: Planned) -> list[str]:
    """Where a warning offers to look for a record everywhere in a field: in those that the data says hold it."""
    offered = any("{deep, " in line for each in planned.diagnostics for line in each.help)
    kept = {each.name for each in row.old} & {each.name for each in row.new}
    holding = [
        field
        for inner in row.nested
        for field in (
            *inner.fields,
            *(each.name for each in row.old if f"#{inner.name}{{" in f"{each.default} {each.type}"),
        )
        if field in kept and any(inner.name in each.message for each in planned.diagnostics if each.code == "M401")
    ]
    return [f"{{deep, {atom_text(field)}}}" for field in dict.fromkeys(holding)] if offered else []


def _decided(row: Row, open_: Asked) -> str | None:
    inside = next((found[1] for line in open_.lines if (found := _INSIDE.search(line))), None)
    decided = _simple(row, open_, known=inside is None)
    return decided if decided is None or inside is None else f"{{in, {inside}, [{decided}]}}"


def _simple(row: Row, open_: Asked, *, known: bool) -> str | None:
    match open_.code:
        case "M301":
            return _lost(row, open_, known=known)
        case "M302":
            return _given(_subject(open_, "init"), open_.lines)
        case "M303":
            name = _subject(open_, "copy")
            sure = {each.field for each in row.conversion if each.how != "type?"}
            if known and open_.field in sure:
                return f"{{convert, {name}, survey_up, survey_down}}"
            return f"{{copy, {name}}}"
        case "M306":
            return f"{{drop, {_subject(open_, 'drop')}, undefined}}"
    return _first_offered(open_)


def _first_offered(open_: Asked) -> str | None:
    """The first line that can be pasted as it stands: it has nothing to fill in."""
    for line in open_.lines:
        found = re.match(r"-state_migration\(\[(.*)\]\)\.", line)
        if found and not re.search(r"\b[A-Z][A-Z_]+\b|…", found[1]):
            return re.sub(r"^\{in, [^\[]*\[(.*)\]\}$", r"\1", found[1])
    return None


def _lost(row: Row, open_: Asked, *, known: bool) -> str:
    name = _subject(open_, "drop")
    new = next((new for new, old in renames(row).items() if known and atom_text(old) == name), None)
    return f"{{drop, {name}}}" if new is None else f"{{rename, {name}, {atom_text(new)}}}"


def _given(name: str, lines: tuple[str, ...]) -> str:
    if any("as_init" in line for line in lines):
        return f"{{init, {name}, as_init}}"
    return f"{{init, {name}, survey_made}}"


def _subject(open_: Asked, word: str) -> str:
    """The field as the line to paste has it: the fields of a record inside the state stand nowhere else."""
    for line in open_.lines:
        found = re.search(rf"\{{{word}, ('(?:[^'\\]|\\.)*'|\w+)", line)
        if found:
            return found[1]
    return atom_text(open_.field or "")
