"""What is to be said of the records of other modules (contract, section 2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from migrator.apart import together
from migrator.decisions import Keep
from migrator.diagnostics import CATALOGUE, Diagnostic
from migrator.foreign import reach
from migrator.recordplan import Shape
from migrator.terms import atom_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from migrator.modules import Module, Unseen
    from migrator.pairs import Pair
    from migrator.records import Default, Field, Record


def brought(pair: Pair) -> tuple[Diagnostic, ...]:
    """That a record of another module is converted (M509)."""
    home = pair.new.home or pair.old.home
    if not pair.inner or not home:
        return ()
    return (
        Diagnostic(
            CATALOGUE["M509"],
            f"#{atom_text(pair.new.tag)}{{}} of {atom_text(home)} changed, and types lead to it from the state: "
            "it is converted too",
            place=f"{pair.new.file}:{pair.new.line}, #{atom_text(pair.new.tag)}{{}}",
        ),
    )


def out_of_sight(pair: Pair) -> tuple[Diagnostic, ...]:
    """A warning for the modules that the state's types name and that are not at hand (M409), or not readable (M410)."""
    found: dict[str, dict[str, Unseen]] = {"M409": {}, "M410": {}}
    fields: dict[str, dict[str, None]] = {"M409": {}, "M410": {}}
    for module, record in ((pair.old_module, pair.old), (pair.new_module, pair.new)):
        for each in module.unseen:
            code = "M410" if each.found == "a beam" else "M409"
            led = [field.name for field in record.fields if _leads_to(module, field, each.module)]
            if led:
                found[code].setdefault(each.module, each)
                fields[code].update(dict.fromkeys(led))
    return tuple(_unseen(code, list(found[code].values()), list(fields[code]), pair) for code in found if found[code])


def _leads_to(module: Module, field: Field, name: str) -> bool:
    return field.type is not None and name in reach(module, (field.type,), "values").missing


def _unseen(code: str, modules: list[Unseen], fields: list[str], pair: Pair) -> Diagnostic:
    """One for all: where nothing of a library is at hand, its modules are many."""
    names = _listed([atom_text(each.module) for each in modules])
    more = f" (and so on for {len(modules) - 1} more)" if len(modules) > 1 else ""
    return Diagnostic(
        CATALOGUE[code],
        f"the types of {_listed(list(map(atom_text, fields)))} lead to types of {names}, "
        f"which cannot be seen: {modules[0].why}{more}",
        "a record of theirs inside the state, if it changed, stays as it is, and the new code does not match it",
        f"{pair.new_module.file}, #{atom_text(pair.new.name)}{{}}",
        tuple(
            f"put {each.module}.beam, with debug info, beside {pair.new_module.name}.beam, old and new"
            for each in modules[:3]
        ),
    )


# More names than these are not read.
_SHOWN = 5


def _listed(names: list[str]) -> str:
    shown = ", ".join(names[:_SHOWN])
    return f"{shown} and {len(names) - _SHOWN} more" if len(names) > _SHOWN else shown


def private_default(pair: Pair, field: Field, default: Default) -> Diagnostic:
    """A decision (M312): the default of a new field calls what its module keeps to itself."""
    name = atom_text(field.name)
    return Diagnostic(
        CATALOGUE["M312"],
        f"the default of the new field {pair.called(field.name)} is {default.text}, and "
        f"{' and '.join(default.private)} cannot be called from {atom_text(pair.new_module.name)}: it is not exported",
        f"the field would be undefined in every record that is converted ({pair.way})",
        pair.place(pair.new_module, pair.new, field),
        (pair.paste("init", name, "FUNCTION"),),
        field=field.name,
    )


def lifted_elsewhere(pair: Pair) -> str:
    """Why a value cannot be taken over from another module's code; empty where it is the state's own."""
    if not pair.new.home:
        return ""
    return f"{atom_text(pair.new.home)} computes it, and its expression means something there alone"


def untold(pair: Pair) -> tuple[Diagnostic, ...]:
    """A decision (M312) for each field in which one tuple could be a record of either of two modules."""
    return tuple(
        _untold(pair, field, *names)
        for field, names in _met(pair)
        if not pair.decided(Keep, field=field.name)
        and not pair.decided(Keep, field=pair.names.source.get(field.name, ""))
    )


def is_untold(pair: Pair, name: str) -> bool:
    """Whether that is so of this field."""
    return any(field.name == name for field, _ in _met(pair))


def _clashes(pair: Pair) -> frozenset[tuple[str, str]]:
    """The records of which a tuple could be one or the other."""
    records: dict[str, list[Record]] = {}
    for side in (pair.up.side, pair.down.side):
        for record in side.records.values():
            records.setdefault(record.name, []).append(record)
    if not any(record.other_tag for each in records.values() for record in each):
        return frozenset()
    shapes = {name: {Shape(each.tag, each.size, each.definition) for each in found} for name, found in records.items()}
    return frozenset(
        (one, other)
        for one in pair.up.affected | pair.down.affected
        for other in records
        if one != other and shapes.get(one, set()) & shapes[other] and (one, other) not in pair.converted
    )


def _met(pair: Pair) -> Iterator[tuple[Field, tuple[str, str]]]:
    if not (clashes := _clashes(pair)):
        return
    for field in pair.new.fields:
        before = pair.old.get(pair.names.source.get(field.name, ""))
        if before is None:
            continue
        for type_, side in ((before.type, pair.up.side), (field.type, pair.down.side)):
            names = together(type_, side, clashes) if type_ is not None else None
            if names is not None:
                yield field, names
                break


def _untold(pair: Pair, field: Field, one: str, other: str) -> Diagnostic:
    return Diagnostic(
        CATALOGUE["M312"],
        f"in {pair.called(field.name)} a tuple may be #{atom_text(one)}{{}} or #{atom_text(other)}{{}}: "
        "they have the same tag and size, and no place tells them apart",
        "one could be converted as if it were the other",
        pair.place(pair.new_module, pair.new, field),
        (pair.paste("copy", atom_text(field.name)), pair.paste("convert", atom_text(field.name), "UP", "DOWN")),
        field=field.name,
    )
