"""Which records a `{deep, Field}` looks for, and where it looks (contract, section 8).

All changed records of the module take part, those too that no type leads to. What is looked through is the value of the
field, and then, in each record that is found, the fields whose types leave open what lies in them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from migrator.decisions import Deep, Inside, Rename, inside
from migrator.diagnostics import CATALOGUE, Diagnostic
from migrator.fitting import pair_names
from migrator.terms import atom_text
from migrator.unrevealed import holds_anything
from migrator.walks import STAY, Anywhere

if TYPE_CHECKING:
    from collections.abc import Iterable

    from migrator.decisions import Written
    from migrator.fitting import Names
    from migrator.pairs import Pair
    from migrator.records import Field, Record
    from migrator.typenames import Side
    from migrator.walker import Guide
    from migrator.walks import NamedWalk, Walk


@dataclass(frozen=True, slots=True)
class Sought:
    """The records that are looked for, old beside new; and those that changed and that no shape tells."""

    records: tuple[tuple[Record, Record], ...] = ()
    untold: tuple[Record, ...] = ()


def is_deep(decisions: Iterable[Written]) -> bool:
    """Whether one of the decisions, or of those inside, is a `deep`."""
    return any(
        isinstance(each.decision, Deep) or (isinstance(each.decision, Inside) and is_deep(each.decision.decisions))
        for each in decisions
    )


def sought(mates: Iterable[tuple[Record, Record]], decisions: tuple[Written, ...]) -> Sought:
    """Which of these are looked for: those whose tuples change, by their shapes or because a decision names them."""
    records: list[tuple[Record, Record]] = []
    untold: list[Record] = []
    for old, new in mates:
        named = any(
            isinstance(each.decision, Inside) and each.decision.record in (old.name, new.name) for each in decisions
        )
        held = inside(decisions, old.name, new.name)
        source = pair_names(old.names, new.names, held).source
        stays = [source.get(field) for field in new.names] == list(old.names)
        altered = any(not isinstance(each.decision, Rename | Deep) for each in held)
        if (old.tag, old.size, old.definition) != (new.tag, new.size, new.definition) or altered:
            records.append((old, new))
        elif not stays:
            if named:
                records.append((old, new))
            else:
                untold.append(new)
    return Sought(tuple(records), tuple(untold))


def way_through(pair: Pair, guide: Guide, own: Field | None, other: Field) -> tuple[Walk, tuple[NamedWalk, ...]]:
    """The way through a value: to everything in it, or as the type of its own side tells, or that of the other side."""
    deep = _deep_way(pair, guide, own, other)
    if deep is not None:
        return deep, ()
    way = guide.walk(own.type if own is not None else None)
    return guide.walk(other.type) if way[0] == STAY else way


def _deep_way(pair: Pair, guide: Guide, own: Field | None, other: Field) -> Anywhere | None:
    """The way through a field's value where everything in it is looked through, else None."""
    if not guide.anywhere:
        return None
    for name in {other.name, *(() if own is None else (own.name,))}:
        if pair.decided(Deep, field=name):
            return Anywhere(guide.anywhere)
    if not pair.inner or pair.old.name not in pair.up.anywhere:
        return None
    told = own if own is not None and own.type is not None else other
    return Anywhere(guide.anywhere) if holds_anything(told, guide.side) else None


def why_not_deep(decision: Deep, names: Names, new: Record, side: Side, found: Sought) -> str | None:
    """Why there is nothing for the decision to do, as a sentence's end; None where it fits."""
    field = new.get(decision.field)
    if field is None or decision.field not in names.source:
        return None
    if not found.records and not found.untold:
        return "no record that both versions have changed, so nothing in it needs a conversion"
    if not holds_anything(field, side):
        return f"its type, {field.type_text}, tells all that lies in it, and what changed there is converted"
    return None


def shape_questions(pair: Pair) -> tuple[Diagnostic, ...]:
    """A question (M310) for each changed record whose old tuples look like the new ones."""
    return tuple(
        Diagnostic(
            CATALOGUE["M310"],
            f"the fields of #{atom_text(each.name)}{{}} changed, and its tuples have {each.size} elements as before: "
            "deep cannot tell an old one from a new one",
            "those that lie in an old state stay as they are, and the new code takes their elements for other fields",
            f"{each.file or pair.new_module.file}:{each.line}, #{atom_text(each.name)}{{}}",
            (f"{pair.paste('in', atom_text(each.name))}   % all of them in an old state are old ones",),
        )
        for each in pair.untold
    )
