"""What speaks for a rename: the two fields' use, type, default, position and names."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from migrator.admits import Question, admits
from migrator.alike import Alike, used_alike
from migrator.changes import RenameCandidate

if TYPE_CHECKING:
    from migrator.modules import Module
    from migrator.records import Field, Record

# A candidate below this is noise: two fields that share nothing but their place.
WORTH_OFFERING = 0.4

# Use counts most: what the code does with a field is what the field means.
_USE = 0.9
# Both are used, and nowhere alike: the code speaks against it.
_NO_USE = -0.25
# Of fewer uses nothing is concluded where none is alike.
_ENOUGH = 2
# A candidate that is so much less likely than another for the same field is noise beside it.
_FAR = 0.6
# More functions than these are not read.
_SHOWN = 3


def candidates(
    old_module: Module, old: Record, new_module: Module, new: Record, question: Question
) -> tuple[RenameCandidate, ...]:
    """The removed fields that added ones could be, the likeliest first."""
    removed = [field for field in old.fields if field.name not in new.names]
    added = [field for field in new.fields if field.name not in old.names]
    names = frozenset(each.name for each in removed), frozenset(each.name for each in added)
    alike = used_alike(old_module, old.name, new_module, new.name, names) if removed and added else {}
    found = [
        candidate
        for before in removed
        for after in added
        if (candidate := _candidate(old, before, new, after, question, alike)).score >= WORTH_OFFERING
    ]
    kept = [each for each in found if not any(_outdone(each, other) for other in found)]
    return tuple(sorted(kept, key=lambda each: (-each.score, each.old, each.new)))


def _outdone(one: RenameCandidate, other: RenameCandidate) -> bool:
    """Whether the other is far likelier, and both cannot be true."""
    exclusive = (one.old == other.old) != (one.new == other.new)
    return exclusive and other.score - one.score >= _FAR


def _candidate(  # noqa: PLR0913, PLR0917 - two fields, each of its record, and what is known of them
    old: Record, one: Field, new: Record, other: Field, question: Question, alike: dict[tuple[str, str], Alike]
) -> RenameCandidate:
    weighed = [
        _by_use(alike.get((one.name, other.name))),
        _by_type(one, other, question),
        _by_default(one, other),
        _by_position(old, one.name, new, other.name),
        _by_name(one.name, other.name),
    ]
    score = sum(weight for weight, _ in weighed)
    return RenameCandidate(one.name, other.name, score, tuple(text for weight, text in weighed if weight > 0))


def _by_use(alike: Alike | None) -> tuple[float, str]:
    if alike is None:
        return 0.0, ""
    if not alike.same:
        return (_NO_USE if min(alike.old, alike.new) >= _ENOUGH else 0.0), ""
    share = alike.weight / max(1, min(alike.old, alike.new))
    # Where the one is used far more than the other, a few places in common say less.
    balance = 2 * alike.weight / (alike.old + alike.new)
    weight = _USE * (min(1.0, share) + min(1.0, balance)) / 2
    functions = [str(each) for each in alike.functions]
    shown = ", ".join([*functions[:_SHOWN], *(["…"] if len(functions) > _SHOWN else [])])
    places = f"{alike.same} of {alike.old} places" if alike.old > 1 else "place"
    return weight, f"used in the same {places} ({shown})"


def _by_name(before: str, after: str) -> tuple[float, str]:
    likeness = difflib.SequenceMatcher(a=before, b=after, autojunk=False).ratio()
    if before in after or after in before:
        likeness = max(likeness, 0.8)
    return (0.4 * likeness if likeness >= 0.5 else 0.0), "the names are alike"  # noqa: PLR2004 - half is chance


def _by_type(one: Field, other: Field, question: Question) -> tuple[float, str]:
    if one.type is None or other.type is None:
        return 0.0, ""
    if one.type_text == other.type_text:
        return 0.4, f"both are {other.type_text}"
    answer = admits(other.type, one.type, question)
    # What the types mean may be unknown: that speaks neither for it nor against it.
    weight = {"yes": 0.15, "no": -0.3}.get(answer, 0.0)
    return weight, f"{other.type_text} admits {one.type_text}"


def _by_default(one: Field, other: Field) -> tuple[float, str]:
    if one.default_text != other.default_text:
        return 0.0, ""
    if one.default is None:
        return 0.1, "neither has a default"
    return 0.3, f"both default to {other.default_text}"


def _by_position(old: Record, before: str, new: Record, after: str) -> tuple[float, str]:
    """Fields between the same kept fields: at the same distance from the first where as many came as went, or not."""
    gap_old, at_old = _gap(old.names, before, frozenset(new.names))
    gap_new, at_new = _gap(new.names, after, frozenset(old.names))
    if gap_old[:2] == gap_new[:2]:
        alone = gap_old[2] == gap_new[2] and at_old == at_new
        return (0.3, "it stands in the same place") if alone else (0.15, "it stands between the same fields")
    if set(gap_old[:2]) & set(gap_new[:2]) - {None}:
        return 0.1, "it stands beside the same field"
    return 0.0, ""


def _gap(names: tuple[str, ...], name: str, kept: frozenset[str]) -> tuple[tuple[str | None, str | None, int], int]:
    """The kept fields on both sides of a field with how many fields lie between them, and which of these it is."""
    at = names.index(name)
    left = next((index for index in range(at - 1, -1, -1) if names[index] in kept), -1)
    right = next((index for index in range(at + 1, len(names)) if names[index] in kept), len(names))
    beside = (names[left] if left >= 0 else None, names[right] if right < len(names) else None)
    return (*beside, right - left - 1), at - left
