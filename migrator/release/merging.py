"""Reads the appup that is there, and writes entries into its text: all else stays as it is, byte for byte."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from migrator.diagnostics import CATALOGUE, Diagnostic, Refused
from migrator.release.reach import entry_for
from migrator.render.appup import MARK, entry_text, mark, vsn_text
from migrator.terms import text_of
from migrator.termtext import parse_terms

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from migrator.release.reach import Fits
    from migrator.terms import Term
    from migrator.termtext import Written

_MARKED = re.compile(re.escape(MARK) + r"[0-9a-f]+[ \t]*\r?\n\s*\Z")
_SPACE = re.compile(r"(?:\s|%[^\n]*(?:\n|\Z))*")
_GAP = re.compile(r"\s*")


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of an appup: for a version or a regular expression, and its place in the text.

    `start` is where its mark begins, if it has one; `ours`: we wrote it, and nobody changed it since.
    """

    key: Term
    instructions: Term
    start: int
    end: int
    line: int
    ours: bool

    @property
    def is_pattern(self) -> bool:
        """Whether it is for all versions that a regular expression matches."""
        return isinstance(self.key, bytes)


@dataclass(frozen=True, slots=True)
class Side:
    """The entries of one direction, and where they stand: `start` is behind the bracket."""

    entries: tuple[Entry, ...]
    start: int

    def answering(self, vsn: str, fits: Fits) -> Entry | None:
        """The entry that systools takes for that version; `fits` says which ones a regular expression means."""
        found = entry_for([(each.key, each.instructions) for each in self.entries], vsn, fits)
        return None if found is None else self.entries[found.number]


@dataclass(frozen=True, slots=True)
class AppupText:
    """An appup as it is written: the version that it leads to, the entries up, and those down."""

    text: str
    vsn: str
    vsn_start: int
    vsn_end: int
    up: Side
    down: Side


def parse_appup(text: str, path: str) -> AppupText:
    """The appup in that text.

    Raises:
        Refused: it holds no terms (M140), or something that is no appup (M163).
    """
    terms = parse_terms(text, path)
    if len(terms) == 1 and isinstance(terms[0].term, tuple) and len(terms[0].parts) == 3:  # noqa: PLR2004 - its form
        vsn, up, down = terms[0].parts
        name = text_of(vsn.term)
        if name is not None and not isinstance(vsn.term, bytes):
            return AppupText(text, name, vsn.start, vsn.end, _side(text, up, path), _side(text, down, path))
    raise _no_appup(path, terms[0] if terms else None, "{Vsn, UpFrom, DownTo} is meant, and nothing else")


def _side(text: str, given: Written, path: str) -> Side:
    if not isinstance(given.term, list) or (given.term and not given.parts):
        raise _no_appup(path, given, "a list of {Vsn, Instructions} is meant")
    # A mark is looked for behind the entry before: all of the text for each would take for ever.
    starts = [given.start, *(each.end for each in given.parts)]
    return Side(
        tuple(_entry(text, each, after, path) for each, after in zip(given.parts, starts, strict=False)),
        given.start + 1,
    )


def _entry(text: str, given: Written, after: int, path: str) -> Entry:
    if not isinstance(given.term, tuple) or len(given.parts) != 2:  # noqa: PLR2004 - its form
        raise _no_appup(path, given, "{Vsn, Instructions} is meant")
    key, instructions = given.term
    marked = _MARKED.search(text, after, given.start)
    ours = marked is not None and marked[0].startswith(mark(key, instructions))
    return Entry(key, instructions, marked.start() if marked and ours else given.start, given.end, given.line, ours)


def _no_appup(path: str, given: Written | None, why: str) -> Refused:
    place = f"{path}:{given.line}:{given.column}" if given else path
    return Refused(
        Diagnostic(
            CATALOGUE["M163"],
            f"{path} is no appup: {why}",
            "systools would make no relup from it, and we cannot add to it",
            place,
            ('{"NEW_VSN", [{"OLD_VSN", [INSTRUCTION, …]}], [{"OLD_VSN", [INSTRUCTION, …]}]}.',),
        )
    )


@dataclass(frozen=True, slots=True)
class _Edit:
    start: int
    end: int
    text: str


def merged(
    appup: AppupText, vsn: str, up: Mapping[str, Sequence[Term]], down: Mapping[str, Sequence[Term]], fits: Fits
) -> str:
    """The text with these entries, by old version, in it, and leading to `vsn`.

    An entry of exactly that version is replaced in its place; one that is new stands before all others, since
    systools takes the first that fits. Where the text led to another version, entries of ours that are not replaced
    are taken out: they were made for that version. `fits` says which versions a regular expression means.
    """
    edits = [*_edited(appup, appup.up, up, vsn, fits), *_edited(appup, appup.down, down, vsn, fits)]
    if appup.vsn != vsn:
        edits.append(_Edit(appup.vsn_start, appup.vsn_end, vsn_text(vsn)))
    text = appup.text
    for edit in sorted(edits, key=lambda each: (each.start, each.end), reverse=True):
        text = text[: edit.start] + edit.text + text[edit.end :]
    return text


def _edited(appup: AppupText, side: Side, wanted: Mapping[str, Sequence[Term]], vsn: str, fits: Fits) -> list[_Edit]:
    edits = []
    fresh = []
    replaced = set()
    for old, instructions in wanted.items():
        answering = side.answering(old, fits)
        if answering is None or answering.is_pattern:
            fresh.append(entry_text(old, instructions))
        else:
            replaced.add(answering.start)
            edits.append(_Edit(answering.start, answering.end, entry_text(old, instructions)))
    left = {
        number
        for number, entry in enumerate(side.entries)
        if appup.vsn == vsn or not entry.ours or entry.start in replaced
    }
    edits += _taken_out(appup.text, side, left)
    if fresh:
        edits.append(_Edit(side.start, side.start, ",\n  ".join(fresh) + (",\n  " if left else "")))
    return edits


def _taken_out(text: str, side: Side, left: Collection[int]) -> list[_Edit]:
    """The edits that take out the entries which are not left, each with one comma."""
    edits = []
    last = max(left, default=-1)
    for number, entry in enumerate(side.entries):
        if number in left:
            continue
        edits.append(_Edit(entry.start, entry.end, ""))
        if number < last:
            comma = _comma(text, entry.end)
            gap = _GAP.match(text, comma + 1)
            edits.append(_Edit(comma, gap.end() if gap else comma + 1, ""))
    for number, entry in enumerate(side.entries[:-1]):
        # What is behind the last one that is left loses the comma before it.
        if number >= last:
            comma = _comma(text, entry.end)
            edits.append(_Edit(comma, comma + 1, ""))
    return edits


def _comma(text: str, after: int) -> int:
    """Where the comma is behind an entry: only space and comments stand between them."""
    found = _SPACE.match(text, after)
    assert found is not None  # noqa: S101 - it matches nothing too
    return found.end()
