"""Kept fields whose values seem to be of another kind now, and the likely conversions (contract, section 2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from migrator.decisions import Convert, Keep
from migrator.diagnostics import CATALOGUE, Diagnostic
from migrator.initial import free_name
from migrator.kinds import Kinds, conversion, kinds_of
from migrator.terms import atom_text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from migrator.pairs import Pair
    from migrator.records import Field

# What is made of tuples is one.
_TUPLES = frozenset({"tuple", "record", "timestamp", "dict", "queue", "gb_trees", "gb_sets", "sets", "array"})
# An atom stands beside values of any kind: that it is all that is known of one version says little.
_TEXT = frozenset({"atom", "binary", "list"})


def rekinded(pair: Pair, asked: Iterable[str | None]) -> tuple[Diagnostic, ...]:
    """A warning (M411) for each kept field of another kind, but for those that are asked about already."""
    known = set(asked)
    found: list[Diagnostic] = []
    for field in pair.new.fields:
        before = pair.old.get(pair.names.source.get(field.name, ""))
        if before is None or field.name in known or pair.decided(Keep, Convert, field=field.name):
            continue
        kinds = _of_both(pair, before, field)
        if _differ(*kinds):
            found.append(_warning(pair, field, *kinds))
    return tuple(found)


def conversions(pair: Pair, before: Field, field: Field) -> tuple[str, ...]:
    """The lines to paste for a field that must be converted: with what does it, where that is known."""
    return _lines(pair, field, *_of_both(pair, before, field))


def _of_both(pair: Pair, before: Field, field: Field) -> tuple[Kinds, Kinds]:
    return kinds_of(pair.old_module, pair.old, before), kinds_of(pair.new_module, pair.new, field)


def _differ(old: Kinds, new: Kinds) -> bool:
    """Whether what is known of both has nothing in common; where both are of several kinds, that says nothing."""
    if not old.known or not new.known or min(len(old.known), len(new.known)) > 1 or old.known & new.known:
        return False
    both = old.known | new.known
    if "tuple" in both and both <= _TUPLES:
        return False
    if "atom" in both:
        return both <= _TEXT
    # What is a list may be `[]`, and so may be what is made of lists.
    return "nil" not in both or not both & {"list", "orddict", "ordsets"}


def _warning(pair: Pair, field: Field, old: Kinds, new: Kinds) -> Diagnostic:
    return Diagnostic(
        CATALOGUE["M411"],
        f"the kept field {pair.called(field.name)} held {old.text} and seems to hold {new.text} now",
        f"the old value is copied as it is, and the new code may not understand it ({pair.way})",
        pair.place(pair.new_module, pair.new, field),
        (*_lines(pair, field, old, new), f"{pair.paste('copy', atom_text(field.name))}   % it is right as it is"),
        field=field.name,
    )


def _lines(pair: Pair, field: Field, old: Kinds, new: Kinds) -> tuple[str, ...]:
    name = atom_text(field.name)
    up, down = _expression(old, new), _expression(new, old)
    if up is None or down is None:
        return (pair.paste("convert", name, "UP_FUNCTION", "DOWN_FUNCTION"),)
    if pair.request.rules is not None:
        return (pair.paste("convert", name, up, down),)
    functions = free_name(pair, f"{field.name}_up", 1), free_name(pair, f"{field.name}_down", 1)
    return (
        pair.paste("convert", name, *functions),
        f"-export([{functions[0]}/1, {functions[1]}/1]).",
        f"{functions[0]}(Value) -> {up}.",
        f"{functions[1]}(Value) -> {down}.",
    )


def _expression(source: Kinds, target: Kinds) -> str | None:
    """What converts a value; one that stands for none stays as it is."""
    found = conversion(source, target)
    if found is None or not (source.placeholders or target.placeholders):
        return found
    if "atom" in source.known | target.known:
        return f"case Value of undefined -> undefined; _ -> {found} end"
    return f"if is_atom(Value) -> Value; true -> {found} end"
