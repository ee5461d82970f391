"""Types and records of other modules, brought into the state's module where its types lead to them.

A type `session:t()` becomes a user type `session:t` of the state's module, and what it is made of is brought along. A
record keeps its tag as its name, unless another module on the way has a record of that tag that is defined differently:
then it is called `session:conn`, and its tag is told apart from its name.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, TypeAlias

from migrator import types as t
from migrator.compare import side_of
from migrator.modules import ClosedValue, ConstantValue, OpenValue
from migrator.neighbours import without_neighbours
from migrator.terms import atom_text
from migrator.typenames import names_in, parts_of, rebuilt
from migrator.walker import CONTAINERS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from migrator.modules import ConstructedValue, Construction, Module
    from migrator.records import Default, Field, Record

Depth: TypeAlias = Literal["values", "all"]
# The names of records brought in, by module and tag.
Names: TypeAlias = "Mapping[tuple[str, str], str]"

# As OTP allows for an atom.
_LONGEST_ATOM = 255
# Record syntax in an expression means something in its own module alone.
_RECORD_SYNTAX = re.compile(r"#(?!\{)")


@dataclass(frozen=True, slots=True)
class Reached:
    """The types (module, name, arity) and records (module, tag) on the way, and modules that are not at hand."""

    types: frozenset[tuple[str, str, int]]
    records: frozenset[tuple[str, str]]
    missing: frozenset[str]


@dataclass(frozen=True, slots=True)
class _World:
    """A module with its neighbours, and what each of them declares."""

    home: Module
    modules: dict[str, Module]
    types: dict[str, dict[tuple[str, int], t.TypeDefinition]]
    records: dict[str, dict[str, Record]]


def _world(home: Module) -> _World:
    types: dict[str, dict[tuple[str, int], t.TypeDefinition]] = {}
    records: dict[str, dict[str, Record]] = {}
    # Of the module itself its own facts go before what a second reading of it declares.
    for module in (*home.neighbours, home):
        types.setdefault(module.name, {}).update({(each.name, len(each.parameters)): each for each in module.types})
        records.setdefault(module.name, {}).update({each.name: each for each in module.records})
    return _World(home, {each.name: each for each in home.neighbours}, types, records)


def own_types(module: Module) -> list[t.Type]:
    """The types of all that was read of a module: of its records' fields, and what its user types stand for."""
    fields = [field.type for record in module.records for field in record.fields if field.type is not None]
    return fields + [each.body for each in module.types]


def reach(module: Module, types: Iterable[t.Type], depth: Depth = "all") -> Reached:
    """What these types of the module lead to, with its neighbours; with `values` not through funs."""
    return _reach(_world(module), types, depth)


def _reach(world: _World, from_: Iterable[t.Type], depth: Depth) -> Reached:
    types: set[tuple[str, str, int]] = set()
    records: set[tuple[str, str]] = set()
    missing: set[str] = set()
    open_ = [(world.home.name, type_) for type_ in from_]

    def at_hand(module: str) -> bool:
        if module in world.modules:
            return True
        missing.add(module)
        return False

    while open_:
        home, inner = open_.pop()
        if depth == "values" and isinstance(inner, t.FunOf):
            continue
        open_.extend((home, part) for part in parts_of(inner))
        match inner:
            case t.RecordOf(name) if (home, name) not in records:
                record = world.records.get(home, {}).get(name)
                if record is not None:
                    records.add((home, name))
                    open_.extend((home, each.type) for each in record.fields if each.type is not None)
                else:
                    at_hand(home)
            case t.UserType() | t.RemoteType():
                module, name = (inner.module, inner.name) if isinstance(inner, t.RemoteType) else (home, inner.name)
                key = (module, name, len(inner.arguments))
                if key in types or (isinstance(inner, t.RemoteType) and (module, name) in CONTAINERS):
                    continue
                definition = world.types.get(module, {}).get(key[1:])
                if definition is not None:
                    types.add(key)
                    open_.append((module, definition.body))
                else:
                    at_hand(module)
    return Reached(frozenset(types), frozenset(records), frozenset(missing))


def joined(old: Module, new: Module) -> tuple[Module, Module]:
    """Both versions with the types and records of other modules that their own types lead to.

    A module of which one version is not at hand, where both lead to it, is left out of both: of what its types have in
    common nothing is known.
    """
    if not any(each.neighbours or _names_itself(each) for each in (old, new)):
        return old, new
    missing = reach(old, own_types(old)).missing | reach(new, own_types(new)).missing
    before, after = (_world(_without(each, missing)) for each in (old, new))
    reached = tuple(_reach(world, own_types(world.home), "all") for world in (before, after))
    names = _names(before, after, frozenset().union(*(each.records for each in reached)))
    return _brought(before, reached[0], names, after), _brought(after, reached[1], names, after)


def _names_itself(module: Module) -> bool:
    """Whether a type of the module is written as one of another, with the module's own name before it."""
    open_ = own_types(module)
    while open_:
        inner = open_.pop()
        if isinstance(inner, t.RemoteType) and inner.module == module.name:
            return True
        open_.extend(parts_of(inner))
    return False


def _without(module: Module, missing: frozenset[str]) -> Module:
    return replace(module, neighbours=tuple(each for each in module.neighbours if each.name not in missing))


# --- names ---


def _names(before: _World, after: _World, records: Iterable[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """A name for each record of another module: its tag where that says all."""
    home = after.home.name
    own = {shape.name for world in (before, after) for shape in world.home.record_index}
    by_tag: dict[str, list[str]] = {tag: [home] if tag in own else [] for _, tag in sorted(records)}
    for module, tag in sorted(records):
        if module != home:
            by_tag[tag].append(module)
    names: dict[tuple[str, str], str] = {}
    taken = set(own)
    for tag, modules in by_tag.items():
        groups: list[list[str]] = []
        for module in modules:
            same = next((group for group in groups if _all_same(group, module, tag, before, after)), None)
            if same is None:
                groups.append([module])
            else:
                same.append(module)
        for group in groups:
            name = tag if group[0] == home or len(groups) == 1 else _unlike(f"{group[0]}:{tag}", taken)
            taken.add(name)
            names.update(((module, tag), name) for module in group)
    return names


def _unlike(name: str, taken: set[str]) -> str:
    wanted, number = name[:_LONGEST_ATOM], 1
    while wanted in taken:
        number += 1
        wanted = f"{name[: _LONGEST_ATOM - 4]}:{number}"
    return wanted


def _all_same(group: list[str], module: str, tag: str, before: _World, after: _World) -> bool:
    return all(_same(_of(world, each), _of(world, module), tag) for each in group for world in (before, after))


def _of(world: _World, name: str) -> Module | None:
    return world.home if name == world.home.name else world.modules.get(name)


def _same(one: Module | None, other: Module | None, tag: str) -> bool:
    """Whether nothing speaks against two modules meaning the same record: that of an include file, say."""
    if one is None or other is None:
        return True
    digests = [next((each.digest for each in module.record_index if each.name == tag), None) for module in (one, other)]
    if None in digests or digests[0] != digests[1]:
        return None in digests
    first, second = one.record(tag), other.record(tag)
    if first is None or second is None:
        return True
    if first.definition is not None:
        # A native record is its module's own, whatever others declare.
        return False
    here, there = side_of(one), side_of(other)
    for field in first.fields:
        records, types = (frozenset[str](), frozenset[tuple[str, int]]())
        if field.type is not None:
            records, types = names_in(field.type, here)
        if any(here.types.get(each) != there.types.get(each) for each in types):
            return False
        if any(_declared(here.records.get(each)) != _declared(there.records.get(each)) for each in records):
            return False
    return True


def _declared(record: Record | None) -> tuple[tuple[str, t.Type | None], ...]:
    return () if record is None else tuple((field.name, field.type) for field in record.fields)


# --- bringing in ---


def _brought(world: _World, reached: Reached, names: Names, after: _World) -> Module:
    """The module of that version with what it reaches in others."""
    home = world.home
    own = {(each.name, len(each.parameters)) for each in home.types}
    types = [replace(each, body=_qualified(each.body, home.name, world, names)) for each in home.types]
    for module, name, arity in sorted(reached.types):
        if module == home.name and (name, arity) in own:
            continue
        definition = world.types[module][name, arity]
        called = name if module == home.name else f"{module}:{name}"
        body = _qualified(definition.body, module, world, names)
        types.append(t.TypeDefinition(called, definition.parameters, body))
    records = {each.name: _typed(each, home.name, world, names) for each in home.records}
    declared = {shape.name for shape in home.record_index}
    constructions = list(home.constructions)
    for module, tag in sorted(reached.records):
        if (module, tag) not in names or (module == home.name and tag in records):
            continue
        name = names[module, tag]
        if module in world.modules:
            built = [each for each in world.modules[module].constructions if each.record == tag]
            constructions += [_elsewhere(each, name) for each in built]
        if name not in records:
            here = "" if name == tag and tag in declared else module
            record = world.records[module][tag]
            if here or world is not after:
                record = _callable(world, module, tag, after)
            typed = _typed(record, module, world, names)
            records[name] = replace(typed, name=name, home=here, other_tag="" if name == tag else tag)
    return replace(
        home, types=tuple(types), records=tuple(records.values()), constructions=tuple(constructions), neighbours=()
    )


def _typed(record: Record, home: str, world: _World, names: Names) -> Record:
    return replace(record, fields=tuple(_field(each, home, world, names) for each in record.fields))


def _field(field: Field, home: str, world: _World, names: Names) -> Field:
    return field if field.type is None else replace(field, type=_qualified(field.type, home, world, names))


def _qualified(type_: t.Type, home: str, world: _World, names: Names) -> t.Type:
    """A type of the module `home` as one of the state's module."""

    def go(inner: t.Type) -> t.Type:
        return _qualified(inner, home, world, names)

    match type_:
        case t.RecordOf(name, narrowed):
            own = name if home == world.home.name else f"{home}:{name}"
            return t.RecordOf(names.get((home, name), own), tuple((field, go(inner)) for field, inner in narrowed))
        case t.UserType(name, arguments):
            called = name if home == world.home.name else f"{home}:{name}"
            return t.UserType(called, tuple(map(go, arguments)))
        case t.RemoteType(module, name, arguments):
            taken = tuple(map(go, arguments))
            known = (name, len(arguments)) in world.types.get(module, {}) and (module, name) not in CONTAINERS
            if not known:
                return t.RemoteType(module, name, taken)
            return t.UserType(name if module == world.home.name else f"{module}:{name}", taken)
    return rebuilt(type_, go)


# --- values ---


def _callable(world: _World, module: str, tag: str, after: _World) -> Record:
    """The record with defaults that can stand in the state's module: they call what the other module exports."""
    record = world.records[module][tag]
    new = _of(after, module)
    if world is not after and new is not None and module in world.modules:
        alone = replace(world.modules[module], records=(record,))
        record = without_neighbours(alone, new).records[0]
    fields = []
    for field in record.fields:
        default = field.default
        fields.append(field if default is None else replace(field, default=_exported(default, module, new)))
    return replace(record, fields=tuple(fields))


def _exported(default: Default, module: str, new: Module | None) -> Default:
    exports = new.exports if new is not None else frozenset()
    theirs = tuple(f"{atom_text(module)}:{each}" for each in default.calls)
    private = tuple(text for text, each in zip(theirs, default.calls, strict=True) if each not in exports)
    return replace(default, text=default.expanded, calls=(), theirs=theirs, private=private)


def _elsewhere(construction: Construction, name: str) -> Construction:
    """A construction in another module: its init/1 says nothing of our states, nor do its expressions mean the same."""
    return replace(
        construction,
        record=name,
        from_init=False,
        values=tuple((field, _only_constant(value)) for field, value in construction.values),
        others=None if construction.others is None else _only_constant(construction.others),
    )


def _only_constant(value: ConstructedValue) -> ConstructedValue:
    match value:
        case ConstantValue(text) if _RECORD_SYNTAX.search(text):
            return OpenValue(text, ())
        case ClosedValue(text):
            return OpenValue(text, ())
    return value
