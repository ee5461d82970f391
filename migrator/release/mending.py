"""Mends the entries of an appup so that they call `code_change`: as little as that takes, all other text is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from migrator.diagnostics import Refused
from migrator.release.appups import CHANGE, DOWN, UP, appup_in, pairs_of
from migrator.release.reach import Script, entry_for, reached
from migrator.terms import Atom, atom_text, text_of
from migrator.termtext import parse_terms

if TYPE_CHECKING:
    from collections.abc import Iterator

    from migrator.release.appups import Need
    from migrator.release.reach import Fits
    from migrator.termtext import Written


def mend(need: Need, text: str, fits: Fits) -> str:
    """The text of the appup with `{update, M, {advanced, []}}` for each of these modules in the entry of that version.

    What is there is changed as little as that takes, and all else is kept, comments too. What cannot be mended (an
    entry that is not there, a module that is deleted) stays as it is.
    """
    try:
        appup = appup_in(parse_terms(text, str(need.path)))
    except Refused:
        return text
    if appup is None or need.vsn is None:
        return text
    edits: list[tuple[int, int, str]] = []
    for side in (UP, DOWN):
        entry = entry_for(appup.parts[side].term, need.vsn, fits)
        written = None if entry is None else _instructions(appup, side, entry)
        # A string is a list too, and nothing can be put between its quotes.
        if written is not None and text[written.start] == "[":
            edits += _edits(written, need)
    if edits and text_of(appup.parts[0].term) != need.application.vsn:
        first = appup.parts[0]
        edits.append((first.start, first.end, f'"{need.application.vsn}"'))
    for start, end, new in sorted(edits, reverse=True):
        text = text[:start] + new + text[end:]
    return text


def _instructions(appup: Written, side: int, entry: Script) -> Written | None:
    written = appup.parts[side].parts[entry.number].parts[-1]
    return written if isinstance(written.term, list) else None


def _edits(instructions: Written, need: Need) -> Iterator[tuple[int, int, str]]:
    known = reached(instructions.term)
    new: list[str] = []
    for module, application in pairs_of(need):
        way = known.way(module, application)
        if way == "absent":
            new.append(f"{{update, {atom_text(module)}, {CHANGE}}}")
        elif way in {"suspended", "loaded"}:
            for each in _flat(instructions):
                yield from _advanced(each, module)
    if not new:
        return
    parts = instructions.parts
    if parts:
        indent = ",\n" + " " * (parts[-1].column - 1)
        yield parts[-1].end, parts[-1].end, "".join(indent + each for each in new)
    else:
        yield instructions.end - 1, instructions.end - 1, ", ".join(new)


def _flat(instructions: Written) -> Iterator[Written]:
    for each in instructions.parts:
        if isinstance(each.term, list):
            yield from _flat(each)
        else:
            yield each


def _advanced(instruction: Written, module: str) -> Iterator[tuple[int, int, str]]:
    """What makes of an instruction about that module an `update` with `{advanced, []}`; its other parts stay."""
    match instruction.term:
        case (Atom("update"), Atom(name), *_) if name == module:
            soft = [each for each in instruction.parts[2:] if each.term == Atom("soft")]
            if soft:
                yield soft[0].start, soft[0].end, CHANGE
            else:
                yield instruction.parts[1].end, instruction.parts[1].end, f", {CHANGE}"
        case (Atom("load_module" | "add_module"), Atom(name), *_) if name == module:
            yield instruction.parts[0].start, instruction.parts[0].end, "update"
            yield instruction.parts[1].end, instruction.parts[1].end, f", {CHANGE}"
