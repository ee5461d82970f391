"""Funs of the old code in the state: they die with it (contract, section 2, of what a kept field holds)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from migrator import types as t
from migrator.compare import side_of
from migrator.decisions import Convert, Keep
from migrator.diagnostics import CATALOGUE, Diagnostic
from migrator.initial import free_name
from migrator.terms import atom_text
from migrator.typenames import parts_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from migrator.modules import Module
    from migrator.pairs import Pair
    from migrator.records import Field, Fun, Record, Yield
    from migrator.typenames import Side


def held_funs(pair: Pair) -> tuple[Diagnostic, ...]:
    """A warning (M412) for each kept field that holds a fun of the old code, as a type, a default or init says."""
    if pair.old_module.md5 == pair.new_module.md5:
        return ()
    found: list[Diagnostic] = []
    for field in pair.new.fields:
        before = pair.old.get(pair.names.source.get(field.name, ""))
        if before is None or pair.decided(Keep, Convert, field=field.name):
            continue
        made = _made(pair.old_module, pair.old, before) or _made(pair.new_module, pair.new, field)
        local = [each for each in made if each[0].kind != "external"]
        if local:
            found.append(_warning(pair, field, _told(*local[0]), [fun for fun, _, _ in local]))
        elif not made:
            typed = next((text for text in _fun_types(pair, before, field) if text), None)
            if typed is not None:
                found.append(_warning(pair, field, f"its type is {typed}", []))
    return tuple(found)


def _fun_types(pair: Pair, before: Field, field: Field) -> Iterator[str | None]:
    for one, module in ((before, pair.old_module), (field, pair.new_module)):
        if one.type is not None and _holds_fun(one.type, side_of(module)):
            yield one.type_text


def _made(module: Module, record: Record, field: Field) -> list[tuple[Fun, str, Yield]]:
    """The funs that the field is given, each with where that is and all that it is given there."""
    found: list[tuple[Fun, str, Yield]] = []
    if field.default is not None:
        found += [(fun, "its default", field.default.yields) for fun in field.default.yields.funs]
    for each in module.constructions:
        value = each.value_of(field.name) if each.record == record.name else None
        if value is not None:
            found += [(fun, f"{each.function}, line {each.line},", value.yields) for fun in value.yields.funs]
    return found


def _told(fun: Fun, where: str, _: Yield) -> str:
    text = f"fun {fun.text}" if fun.kind == "local" else " ".join(fun.text.split())
    return f"{where} is {text}" if where == "its default" else f"{where} gives it {text}"


def _holds_fun(type_: t.Type, side: Side) -> bool:
    """Whether the type says that there is a fun in its values; those in records belong to the records' fields."""
    open_, seen = [type_], set[tuple[str, int]]()
    while open_:
        inner = open_.pop()
        match inner:
            case t.FunOf():
                return True
            case t.UserType(name, arguments) if (name, len(arguments)) not in seen:
                seen.add((name, len(arguments)))
                definition = side.types.get((name, len(arguments)))
                open_.extend(() if definition is None else (definition.body,))
        open_.extend(() if isinstance(inner, t.RecordOf) else parts_of(inner))
    return False


def _warning(pair: Pair, field: Field, evidence: str, local: list[Fun]) -> Diagnostic:
    return Diagnostic(
        CATALOGUE["M412"],
        f"the kept field {pair.called(field.name)} holds a fun of the old code: {evidence}",
        "it goes on running the old code until that is purged, with the next upgrade at the latest; from then on a "
        f"call of it raises badfun ({pair.way})",
        pair.place(pair.new_module, pair.new, field),
        (*_lines(pair, field, local), f"{pair.paste('copy', atom_text(field.name))}   % it is right as it is"),
        field=field.name,
    )


def _lines(pair: Pair, field: Field, local: list[Fun]) -> tuple[str, ...]:
    """Lines that put the exported function in the place of the fun, which means the code of the day."""
    name = atom_text(field.name)
    names = {fun.text for fun in local if fun.kind == "local"}
    if len(names) != 1 or len({fun.text for fun in local}) != 1:
        return (pair.paste("convert", name, "UP_FUNCTION", "DOWN_FUNCTION"),)
    (function,) = names
    fun = f"fun {atom_text(pair.new_module.name)}:{function}"
    value = f"if is_function(Value) -> {fun}; true -> Value end"
    instead = f"% {fun} instead of fun {function}, here and where the field is set"
    exported = any(f"{atom_text(each.name)}/{each.arity}" == function for each in pair.new_module.exports)
    export = instead if exported else f"-export([{function}]).   {instead}"
    if pair.request.rules is not None:
        return (pair.paste("convert", name, value, value), export)
    up, down = free_name(pair, f"{field.name}_up", 1), free_name(pair, f"{field.name}_down", 1)
    return (
        pair.paste("convert", name, up, down),
        f"-export([{up}/1, {down}/1]).",
        f"{up}(Value) -> {value}.",
        f"{down}(Value) -> {value}.",
        export,
    )
