"""Changed records that the state may hold in a place that no type reveals (contract, section 2)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from migrator import types as t
from migrator.compare import side_of
from migrator.contents import Judged, judge
from migrator.decisions import Deep
from migrator.diagnostics import CATALOGUE, Diagnostic
from migrator.records import Field
from migrator.terms import atom_text
from migrator.typenames import Side, names_in, parts_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from migrator.changes import Diff
    from migrator.modules import Module
    from migrator.pairs import Pair
    from migrator.request import Request


_UNSAID = "no type says whether the state holds one"


def unrevealed(pair: Pair, diff: Diff) -> tuple[Diagnostic, ...]:
    """A diagnostic for each changed record that no type leads to, where a field could hold anything."""
    converted = {old for old, _ in pair.converted} - pair.hidden
    hidden = [name for name in diff.changed_records if name not in converted]
    side = side_of(pair.old_module)
    open_ = [
        field.name for field in pair.old.fields if holds_anything(field, side) and not _looked_through(pair, field)
    ]
    modules = pair.old_module, pair.new_module
    found = [(name, _UNSAID, _judged(pair, open_, name)) for name in hidden]
    # Of what is converted where types lead to it a warning is worth its place where the code shows more.
    for name in (each for each in diff.changed_records if each in converted):
        fields = [
            each.name
            for each in pair.old.fields
            if each.name in open_ and not _leads_to(each, name, side) and not _moved_into(pair, each.name)
        ]
        shown = [each for each in _judged(pair, fields, name) if each.answer == "shown"]
        found.append((name, "is converted where a type leads to it, which none does everywhere", shown))
    return tuple(
        _hidden(
            name,
            f"{why}; {_said(judged)}",
            (*_deep_lines(pair, judged), *_type_lines(pair, judged, name)),
            modules,
            pair.request,
            next((each.field for each in judged if each.answer == "shown"), ""),
        )
        for name, why, judged in found
        if judged
    )


def _moved_into(pair: Pair, field: str) -> bool:
    """Whether values move into the record that lies there: then it is known, and converted."""
    kept = _kept_as(pair, field)
    return kept is not None and pair.place_in(kept) is not None


def _leads_to(field: Field, name: str, side: Side) -> bool:
    return field.type is not None and name in names_in(field.type, side)[0]


def hidden_in(
    type_: t.Type, named: str, names: Sequence[str], modules: tuple[Module, Module], request: Request
) -> tuple[Diagnostic, ...]:
    """The same for these records and a state that is a value of the old version's type; `named` is the new one's."""
    if not holds_anything(Field("", type=type_), side_of(modules[0])):
        return ()
    line = (
        f"-type {atom_text(named)}() :: #{{}}{{{{}}}}.   % or as it lies there, in both versions: the type leads to it"
    )
    return tuple(
        _hidden(name, f"{_UNSAID}; it could lie in the state", (line.format(atom_text(name)),), modules, request)
        for name in names
    )


def _hidden(  # noqa: PLR0913, PLR0917 - all that it says
    name: str, said: str, lines: tuple[str, ...], modules: tuple[Module, Module], request: Request, field: str = ""
) -> Diagnostic:
    return Diagnostic(
        CATALOGUE["M307" if request.unrevealed == "ask" else "M401"],
        f"the record {atom_text(name)} changed, and {said}",
        "old tuples of it inside the state stay as they are, and the new code does not match them",
        f"{modules[1].file}, #{atom_text(name)}{{}}",
        lines,
        module=modules[1].name,
        # A warning; a decision would be shown as one on the field itself.
        field=None if request.unrevealed == "ask" else field,
    )


def _kept_as(pair: Pair, field: str) -> str | None:
    """The new field that the old one is the source of."""
    return next((new for new, old in pair.names.source.items() if old == field), None)


def _looked_through(pair: Pair, field: Field) -> bool:
    kept = _kept_as(pair, field.name)
    return kept is not None and pair.decided(Deep, field=kept) is not None


def _deep_lines(pair: Pair, fields: list[Judged]) -> tuple[str, ...]:
    kept = [name for each in fields if (name := _kept_as(pair, each.field)) is not None]
    return tuple(pair.paste("deep", atom_text(name)) for name in kept[:_OFFERED])


# So many lines to paste are one too many to choose from.
_OFFERED = 3


def _judged(pair: Pair, fields: list[str], name: str) -> list[Judged]:
    """The fields that could hold such a record: first those that the code shows to do so, without those that cannot."""
    known = [each for field in fields if (each := _judge(pair, field, name)).answer != "other"]
    return sorted(known, key=lambda each: each.answer != "shown")


def _judge(pair: Pair, field: str, name: str) -> Judged:
    """The old code made what runs now; where it is silent, the new code may tell what it expects there."""
    judged = judge(pair.old_module, pair.old, field, name)
    after = next((new for new, old in pair.names.source.items() if old == field), None)
    if judged.answer == "unknown" and after is not None:
        expected = judge(pair.new_module, pair.new, after, name)
        if expected.answer == "shown":
            return replace(expected, field=field, sign=f"in the new code {expected.sign}")
    return judged


def _said(judged: list[Judged]) -> str:
    shown = [f"{atom_text(each.field)} ({each.sign})" for each in judged if each.answer == "shown"]
    maybe = [atom_text(each.field) for each in judged if each.answer != "shown"]
    if not shown:
        return f"it could lie in {_listed(maybe)}"
    return f"the code shows it in {_listed(shown)}" + (f"; it could lie in {_listed(maybe)} too" if maybe else "")


def _type_lines(pair: Pair, judged: list[Judged], name: str) -> tuple[str, ...]:
    """The type that leads to the record, for the first of the fields that both versions have under that name."""
    first = next((each for each in judged if _kept_as(pair, each.field) == each.field), None)
    if first is None:
        return ()
    record = f"#{atom_text(name)}{{}}"
    if first.answer == "shown" and first.depth == "holds":
        return (
            f"{atom_text(first.field)} :: [{record}]   % or as it lies there, in both versions: the type leads to it",
        )
    return (f"{atom_text(first.field)} :: {record}   % in both versions: the type leads to it",)


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
