"""Changed records that the state may hold in a place that no type reveals (contract, section 2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from migrator import types as t
from migrator.compare import side_of
from migrator.decisions import Deep
from migrator.diagnostics import CATALOGUE, Diagnostic
from migrator.terms import atom_text
from migrator.typenames import Side, parts_of

if TYPE_CHECKING:
    from migrator.changes import Diff
    from migrator.pairs import Pair
    from migrator.records import Field


def unrevealed(pair: Pair, diff: Diff) -> tuple[Diagnostic, ...]:
    """A diagnostic for each changed record that no type leads to, where a field could hold anything."""
    converted = {old for old, _ in pair.converted} - pair.hidden
    hidden = [name for name in diff.changed_records if name not in converted]
    side = side_of(pair.old_module)
    open_ = [field for field in pair.old.fields if holds_anything(field, side) and not _looked_through(pair, field)]
    fields = [atom_text(field.name) for field in open_]
    if not fields:
        return ()
    kind = CATALOGUE["M307" if pair.request.unrevealed == "ask" else "M401"]
    return tuple(
        Diagnostic(
            kind,
            f"the record {atom_text(name)} changed, and no type says whether the state holds one; "
            f"it could lie in {_listed(fields)}",
            "old tuples of it inside the state stay as they are, and the new code does not match them",
            f"{pair.new_module.file}, #{atom_text(name)}{{}}",
            (
                *_deep_lines(pair, open_),
                f"{fields[0]} :: #{atom_text(name)}{{}}   % in both versions: the type leads to it",
            ),
        )
        for name in hidden
    )


def _kept_as(pair: Pair, field: Field) -> str | None:
    """The new field that the old one is the source of."""
    return next((new for new, old in pair.names.source.items() if old == field.name), None)


def _looked_through(pair: Pair, field: Field) -> bool:
    kept = _kept_as(pair, field)
    return kept is not None and pair.decided(Deep, field=kept) is not None


def _deep_lines(pair: Pair, fields: list[Field]) -> tuple[str, ...]:
    kept = [name for field in fields if (name := _kept_as(pair, field)) is not None]
    return tuple(pair.paste("deep", atom_text(name)) for name in kept[:_OFFERED])


# So many lines to paste are one too many to choose from.
_OFFERED = 3
# More names than these are not read.
_SHOWN = 5


def _listed(fields: list[str]) -> str:
    shown = ", ".join(fields[:_SHOWN])
    return f"{shown} and {len(fields) - _SHOWN} more" if len(fields) > _SHOWN else shown


def holds_anything(field: Field, side: Side) -> bool:
    """Whether the field's type leaves open what lies in it, at any depth; one without a type does."""
    if field.type is None:
        return True
    open_, records, types = [field.type], set[str](), set[tuple[str, int]]()
    while open_:
        inner = open_.pop()
        match inner:
            case t.AnyTerm() | t.Named("tuple") | t.RemoteType() | t.Unknown():
                return True
            case t.RecordOf(name) if name not in records:
                records.add(name)
                declared = side.records[name].fields if name in side.records else ()
                if any(each.type is None for each in declared):
                    return True
                open_.extend(each.type for each in declared if each.type is not None)
            case t.UserType(name, arguments) if (name, len(arguments)) not in types:
                types.add((name, len(arguments)))
                definition = side.types.get((name, len(arguments)))
                if definition is None:
                    return True
                open_.append(definition.body)
        # What a fun has closed over no type tells; it dies with the old code in any case.
        open_.extend(() if isinstance(inner, t.FunOf) else parts_of(inner))
    return False
