"""What is said and asked of the value of a new field: where `init/1` computes it, and what taking that over does."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from migrator.diagnostics import CATALOGUE, Diagnostic
from migrator.modules import ClosedValue, OpenValue
from migrator.others import lifted_elsewhere
from migrator.recordplan import Given, TakenDefault
from migrator.terms import atom_text
from migrator.values import Computed, Unseen, value_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from migrator.modules import Construction
    from migrator.pairs import Pair
    from migrator.recordplan import Source
    from migrator.records import Field, FunctionName


def as_init(pair: Pair, field: Field) -> tuple[Source, Diagnostic | None]:
    """What `{init, F, as_init}` gives the field, whatever default it has, and what is to be said of that."""
    value = value_of(pair, replace(field, default=None))
    match value:
        case Computed():
            return _lifted(pair, field, value)
        case Unseen():
            return TakenDefault("undefined"), _no_construction(pair, field)
        case Given():
            return value, None
    # init leaves the field alone: then it has its default.
    return TakenDefault(field.default_text), None


def set_by_init(pair: Pair, field: Field) -> tuple[Diagnostic, ...]:
    """The warning (M418) that a field declared as `undefined` is `undefined` in no new process."""
    if field.default_text != "undefined" or pair.inner:
        return ()
    value = value_of(pair, replace(field, default=None))
    if not isinstance(value, Computed | Given):
        return ()
    name = atom_text(field.name)
    texts = [value.text] if isinstance(value, Given) else [each.text for each in value.values]
    told = "; ".join(dict.fromkeys(map(_flat, texts)))
    lifts = isinstance(value, Given) or value.liftable is not None
    lines = [*([pair.paste("init", name, "as_init")] if lifts else []), pair.paste("init", name, "FUNCTION")]
    return (
        Diagnostic(
            CATALOGUE["M418"],
            f"the new field {pair.called(field.name)} is declared as undefined, and {pair.new_module.name} gives it "
            f"{told} ({value.origin})",
            f"an upgraded process has undefined there, as declared; a fresh one has not ({pair.way})",
            pair.place(pair.new_module, pair.new, field),
            (*lines, f"{pair.paste('default', name)}   % undefined is right"),
            field=field.name,
        ),
    )


def _no_construction(pair: Pair, field: Field) -> Diagnostic:
    name = atom_text(field.name)
    return Diagnostic(
        CATALOGUE["M113"],
        f"{{init, {name}, as_init}} cannot be done: {pair.new_module.name} builds no #{atom_text(pair.new.name)}{{}}",
        "the field would have no value, so nothing is generated",
        pair.place(pair.new_module, pair.new, field),
        (pair.paste("init", name, "FUNCTION"), pair.paste("default", name)),
        field=field.name,
    )


def _lifted(pair: Pair, field: Field, value: Computed) -> tuple[Source, Diagnostic | None]:
    if value.liftable is None:
        return TakenDefault("undefined"), _not_lifted(pair, field, value)
    source = Given(value.liftable.text, value.origin)
    effects = value.liftable.effects if isinstance(value.liftable, ClosedValue) else ()
    return source, _effect(pair, field, effects) if effects else None


def undecided(pair: Pair, field: Field, value: Computed) -> Diagnostic:
    """The question (M302) for the value of a field that init computes."""
    name = atom_text(field.name)
    shown = "; ".join(dict.fromkeys(f"{one.text} ({_line(each)})" for one, each in value.given if one is not None))
    alone = dict.fromkeys(_line(each) for one, each in value.given if one is None)
    left = f"; it is left alone in {', '.join(alone)}" if alone else ""
    help_ = [pair.paste("init", name, "FUNCTION"), pair.paste("default", name)]
    doubt = ""
    who = atom_text(pair.new.home) if pair.new.home else "init/1"
    if value.liftable is not None:
        help_.insert(0, pair.paste("init", name, "as_init"))
        effects = value.liftable.effects if isinstance(value.liftable, ClosedValue) else ()
        if effects:
            doubt = f"; with as_init the upgrade does {' and '.join(effects)}"
    elif value.missing:
        doubt = f"; as_init cannot give it, for it needs {_needed(value)}"
        help_ = [*_from_old_fields(pair, field, value), *help_]
    return Diagnostic(
        CATALOGUE["M302"],
        f"the new field {pair.called(field.name)} has no default and {who} computes it: {_flat(shown)}{left}",
        f"an upgraded process would have undefined there, a fresh one would not ({pair.way}){doubt}",
        pair.place(pair.new_module, pair.new, field),
        tuple(help_),
        field=field.name,
    )


def unseen(pair: Pair, field: Field) -> Diagnostic:
    """The warning (M416) that nothing says what a new process has in the field."""
    name = atom_text(field.name)
    return Diagnostic(
        CATALOGUE["M416"],
        f"{pair.new_module.name} builds the #{atom_text(pair.new.name)}{{}} of a new process nowhere: the new field "
        f"{pair.called(field.name)} has no default and becomes undefined",
        f"if the code that builds the state of a new process gives it a value, an upgraded one lacks it ({pair.way})",
        pair.place(pair.new_module, pair.new, field),
        (pair.paste("init", name, "FUNCTION"), pair.paste("default", name)),
        field=field.name,
    )


def _effect(pair: Pair, field: Field, effects: tuple[str, ...]) -> Diagnostic:
    told = " and ".join(effects)
    taken = "; a name that is taken already makes it fail, and the upgrade with it" if _names(effects) else ""
    return Diagnostic(
        CATALOGUE["M413"],
        f"as_init of the new field {pair.called(field.name)} has an effect: {_flat(told)}",
        f"it happens in each process when the upgrade runs, in addition to what the process holds already; a downgrade "
        f"does not undo it, so that it leaks{taken} ({pair.way})",
        pair.place(pair.new_module, pair.new, field),
        (pair.paste("init", atom_text(field.name), "FUNCTION"),),
        field=field.name,
    )


def _names(effects: Iterable[str]) -> bool:
    """Whether an effect takes a name that may be taken."""
    return any(re.search(r"\bnamed_table\b|\bregister\(|\{(local|global), ", effect) for effect in effects)


def _not_lifted(pair: Pair, field: Field, value: Computed) -> Diagnostic:
    why = f"it needs {_needed(value)}, which only init/1 knows" if value.missing else _differing(value)
    why = lifted_elsewhere(pair) or why
    return Diagnostic(
        CATALOGUE["M113"],
        f"{{init, {atom_text(field.name)}, as_init}} cannot be done: {why}",
        "the field would have no value, so nothing is generated",
        pair.place(pair.new_module, pair.new, field),
        (*_from_old_fields(pair, field, value), pair.paste("init", atom_text(field.name), "FUNCTION")),
        field=field.name,
    )


def _differing(value: Computed) -> str:
    """How the constructions differ, with their lines."""
    told = dict.fromkeys(
        f"{_line(each)} leaves it alone" if one is None else f"{_line(each)} gives {_flat(one.text)}"
        for one, each in value.given
    )
    return f"its constructions differ: {', '.join(told)}"


def _line(construction: Construction) -> str:
    """Its line, with its function where that is another than `init/1`."""
    function = str(construction.function)
    return f"line {construction.line}" if function == "init/1" else f"{function}, line {construction.line}"


def _needed(value: Computed) -> str:
    told: dict[tuple[str, FunctionName], str] = {}
    for free, each in value.missing:
        where = "an argument of" if free.kind == "argument" else "bound in"
        told.setdefault((free.name, each.function), f"{free.name} ({where} {each.function}, line {free.line})")
    return ", ".join(told.values())


def _flat(text: str) -> str:
    return " ".join(text.split())


# --- what init gave to other fields too ---


def _from_old_fields(pair: Pair, field: Field, value: Computed) -> tuple[str, ...]:
    """Lines to paste where the running state still holds what the expression needs: in fields that init gave it to."""
    told = {(one.text, tuple(free.name for free in one.free)) for one in value.values if isinstance(one, OpenValue)}
    if len(told) != 1 or len({one.text for one in value.values}) != 1:
        return ()
    ((text, names),) = told
    kept = [_kept(pair, name, [each for one, each in value.given if one is not None]) for name in names]
    if None in kept:
        return ()
    fields = dict(zip(names, (each for each in kept if each is not None), strict=True))
    name = atom_text(field.name)
    if pair.request.rules is not None:
        holder = f"Old#{atom_text(pair.old.name)}."
        read = {variable: f"{holder}{atom_text(old)}" for variable, old in fields.items()}
        return (pair.paste("init", name, _put_in(text, read)),)
    function = free_name(pair, f"{field.name}_init", 1)
    taken = ", ".join(f"{atom_text(old)} := {variable}" for variable, old in fields.items())
    return (
        f"{pair.paste('init', name, function)}   % what it needs the old state has too",
        f"{function}(#{{{taken}}}) -> {_flat(text)}.",
        f"-export([{function}/1]).",
    )


def _kept(pair: Pair, variable: str, built: Iterable[Construction]) -> str | None:
    """The old field in which every one of these constructions keeps the value of the variable."""
    common: set[str] | None = None
    for each in built:
        holding = {
            pair.names.source[name]
            for name, value in each.values
            if isinstance(value, OpenValue) and value.text == variable and name in pair.names.source
        }
        common = holding if common is None else common & holding
    return min(common) if common else None


def free_name(pair: Pair, name: str, arity: int) -> str:
    """A name for a function of the new module that none of its functions has, as Erlang writes it."""
    taken = {each.name for each in pair.new_module.functions if each.arity == arity}
    while name in taken:
        name += "_"
    return atom_text(name)


_TOKEN = re.compile(r""""(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|\$\\?.|[\w@]+""")


def _put_in(text: str, values: dict[str, str]) -> str:
    """The expression with its variables replaced; as the arguments of a fun where a variable could mean another."""
    if re.search(r"\bfun\b|\|\|", text):
        return f"(fun({', '.join(values)}) -> {_flat(text)} end)({', '.join(values.values())})"
    return _flat(_TOKEN.sub(lambda found: values.get(found[0], found[0]), text))
