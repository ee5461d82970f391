"""Verbs: from a version's types to the grammar of its states, by which the helper makes and judges values.

A shape is a term, as erlang_helpers/README.md has it under `verify`. Each record and each user type (with its
parameters) is a named shape of its own, so that recursive types come back to themselves.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from migrator import types as t
from migrator.compare import side_of
from migrator.kinds import kinds_of
from migrator.states import StateRecord, StateType, called
from migrator.terms import Atom, atom_text
from migrator.typenames import Side, substitute
from migrator.verifying.beyond import NOTHING
from migrator.walker import CONTAINERS
from migrator.wholeterms import definition_term

if TYPE_CHECKING:
    from collections.abc import Iterable

    from migrator.modules import Module
    from migrator.records import Field, Record
    from migrator.states import State
    from migrator.terms import Term
    from migrator.verifying.beyond import Beyond
    from migrator.verifying.reading import Place

ANY = Atom("any")
_NONE = Atom("none")
_UNDEFINED: Term = (Atom("literal"), Atom("undefined"))
_BASIC = frozenset({"atom", "float", "iolist", "nil", "pid", "port", "reference", "tuple"})
# What an untyped field holds by its default and by what builds it (`kinds_of`).
_OF_KIND: dict[str, Term] = {
    "atom": (Atom("basic"), Atom("atom")),
    "binary": (Atom("bits"), 0, 8),
    "float": (Atom("basic"), Atom("float")),
    "fun": (Atom("fun"), Atom("any"), ANY),
    "integer": (Atom("range"), _NONE, _NONE),
    "list": (Atom("list"), ANY, (Atom("basic"), Atom("nil")), Atom("empty")),
    "map": (Atom("map"), [(ANY, ANY, Atom("optional"))]),
    "nil": (Atom("list"), ANY, (Atom("basic"), Atom("nil")), Atom("empty")),
    "pid": (Atom("basic"), Atom("pid")),
    "port": (Atom("basic"), Atom("port")),
    "reference": (Atom("basic"), Atom("reference")),
    "tuple": (Atom("basic"), Atom("tuple")),
    **{
        kind: (Atom("container"), Atom(name), ANY, ANY)
        for kind, name in (
            ("array", "array"),
            ("dict", "dict"),
            ("gb_sets", "gb_set"),
            ("gb_trees", "gb_tree"),
            ("orddict", "orddict"),
            ("ordsets", "ordset"),
            ("queue", "queue"),
            ("sets", "set"),
        )
    },
}
# Types that say less than their modules' pages: no function takes the 31st of February, or bytes that are no text.
_NARROWER = {
    "calendar:date": "date",
    "calendar:date1970": "date1970",
    "unicode:unicode_binary": "text",
    "Elixir.String:t": "text",
    "re:mp": "pattern",
    "rand:state": "generator",
}
# As the walks have it: a type whose parameter grows with each turn never comes back to itself.
_MOST_TURNS = 4


@dataclass(frozen=True, slots=True)
class Grammar:
    """The shape of the states of one version: `root`, and the `named` shapes that it speaks of.

    `unknown` are the types whose meaning is not at hand: any term stands in their places. `guessed` are untyped fields
    that a decision's function reads, with the kinds of values that the module's code gives them; `untyped` those of
    which nothing tells.
    """

    root: Term
    named: tuple[tuple[str, Term], ...] = ()
    unknown: tuple[str, ...] = ()
    guessed: tuple[tuple[Place, str], ...] = ()
    untyped: frozenset[Place] = frozenset()

    @property
    def term(self) -> Term:
        """The grammar as the helper takes it."""
        return (self.root, [(name.encode(), shape) for name, shape in self.named])


@dataclass(slots=True)
class _Making:
    """What is made so far: shapes by name (None while one is under way), and what is to be said."""

    module: Module
    side: Side
    read: frozenset[Place]
    beyond: Beyond
    named: dict[str, Term | None] = field(default_factory=dict)
    open: list[t.UserType | t.RemoteType] = field(default_factory=list)
    unknown: dict[str, None] = field(default_factory=dict)
    guessed: dict[Place, str] = field(default_factory=dict)
    untyped: set[Place] = field(default_factory=set)


def grammar_of(
    module: Module, state: State, read: frozenset[Place], records: Iterable[str] = (), beyond: Beyond = NOTHING
) -> Grammar:
    """The grammar of the states that this version keeps.

    Args:
        module: the version, with the types and records of other modules that its own lead to brought in.
        state: what it keeps.
        read: the fields that functions of decisions read: without a type, they hold what the code gives them.
        records: the records that are converted inside, which no type need lead to.
        beyond: what types of modules mean that are not at hand, as the Erlang in use has them.
    """
    making = _Making(module, side_of(module), read, beyond)
    match state:
        case StateRecord(name):
            root = _shape(t.RecordOf(name), making)
        case StateType(name):
            root = _shape(t.UserType(name, ()), making)
        case _:
            root = ANY
    for each in records:
        _shape(t.RecordOf(each), making)
    named = tuple((name, ANY if shape is None else shape) for name, shape in making.named.items())
    return Grammar(root, named, tuple(making.unknown), tuple(making.guessed.items()), frozenset(making.untyped))


def _shape(type_: t.Type, making: _Making) -> Term:  # noqa: C901, PLR0912 - a table of kinds
    match type_:
        case t.AnyTerm() | t.TypeVariable():
            return ANY
        case t.NoTerm():
            return _NONE
        case t.Literal(_, value):
            return (Atom("literal"), value if isinstance(value, int) else Atom(value))
        case t.Range(low, high):
            return (Atom("range"), _NONE if low is None else low, _NONE if high is None else high)
        case t.Named(name) if name in _BASIC:
            return (Atom("basic"), Atom(name))
        case t.Union(members):
            return (Atom("union"), [_shape(each, making) for each in members])
        case t.TupleOf(elements):
            return (Atom("tuple"), [_shape(each, making) for each in elements])
        case t.ListOf(element, tail, nonempty):
            ending = (Atom("basic"), Atom("nil")) if tail is None else _shape(tail, making)
            return (Atom("list"), _shape(element, making), ending, Atom("nonempty" if nonempty else "empty"))
        case t.MapOf(associations):
            return (Atom("map"), [_association(each, making) for each in associations])
        case t.Bits(base, unit):
            return (Atom("bits"), base, unit)
        case t.FunOf(arguments):
            # Nothing in a fun can be converted: what one returns is of no matter here.
            return (Atom("fun"), Atom("any") if arguments is None else len(arguments), ANY)
        case t.RecordOf(name) if name in making.side.records:
            return _record(type_, making)
        case t.RecordOf(name) if name in making.beyond.records:
            return _kept(type_, making)
        case t.UserType(name) if name in _NARROWER:
            return (Atom("basic"), Atom(_NARROWER[name]))
        case t.UserType(name, arguments) if (name, len(arguments)) in making.side.types:
            return _user(type_, making)
    return _elsewhere(type_, making)


def _elsewhere(type_: t.Type, making: _Making) -> Term:
    """What other modules declare; any term where nobody knows what the type means."""
    match type_:
        case t.RemoteType(module, name, arguments) if (module, name) in CONTAINERS:
            return _container(CONTAINERS[module, name], [_shape(each, making) for each in arguments])
        case t.RemoteType(module, name, ()) if f"{module}:{name}" in _NARROWER:
            return (Atom("basic"), Atom(_NARROWER[f"{module}:{name}"]))
        case t.RemoteType(module, name, arguments) if (module, name, len(arguments)) in making.beyond.types:
            return _remote(type_, making)
    making.unknown.setdefault(_text(type_))
    return ANY


def _association(association: t.Association, making: _Making) -> Term:
    kind = Atom("required" if association.required else "optional")
    return (_shape(association.key, making), _shape(association.value, making), kind)


def _container(kind: str, arguments: list[Term]) -> Term:
    """Without parameters any term is in it; those that have no keys have `any` for them."""
    value = arguments[-1] if arguments else ANY
    key = arguments[0] if len(arguments) > 1 else ANY
    return (Atom("container"), Atom(kind), key, value)


def _text(type_: t.Type) -> str:
    match type_:
        case t.RemoteType(module, name):
            return f"{atom_text(module)}:{atom_text(name)}()"
        case t.UserType(name) | t.Named(name):
            return f"{atom_text(name)}()"
        case t.RecordOf(name):
            return called("record", name)
        case t.Unknown(text):
            return text
    return type(type_).__name__


def _again(name: str) -> Term:
    return (Atom("again"), name.encode())


def _record(type_: t.RecordOf, making: _Making) -> Term:
    record = making.side.records[type_.name]
    # A record whose fields are narrowed here is a shape of its own.
    name = called("record", type_.name) + (f" {len(making.named) + 1}" if type_.narrowed else "")
    if name not in making.named:
        making.named[name] = None
        narrowed = dict(type_.narrowed)
        fields: list[Term] = [
            (
                Atom(each.name),
                _shape(narrowed[each.name], making) if each.name in narrowed else _field(record, each, making),
            )
            for each in record.fields
        ]
        tag = Atom(record.tag) if record.definition is None else definition_term(record.definition)
        making.named[name] = (Atom("record"), Atom(record.name), tag, fields)
    return _again(name)


def _field(record: Record, declared: Field, making: _Making) -> Term:
    place = (record.name, declared.name)
    # A native record without a value for such a field cannot be built.
    bare = declared.default is None and record.definition is None and _left_alone(record, declared, making.module)
    if declared.type is not None:
        shape = _shape(declared.type, making)
    elif place not in making.read:
        return ANY
    else:
        shape = _guessed(record, declared, place, making)
    if not bare or shape == ANY:
        return shape
    # It is `undefined` until someone sets it, whatever its type says.
    return (Atom("union"), [shape, _UNDEFINED])


def _left_alone(record: Record, declared: Field, module: Module) -> bool:
    """Whether a process may have the field as nobody set it: some construction leaves it.

    Where none is known, other modules build the record, by its type; without one it may be left too.
    """
    built = [each for each in module.constructions if each.kind == "new" and each.record == record.name]
    return any(each.value_of(declared.name) is None for each in built) or (not built and declared.type is None)


def _guessed(record: Record, declared: Field, place: Place, making: _Making) -> Term:
    """What an untyped field holds as the module's code tells; any term where that tells nothing."""
    kinds = kinds_of(making.module, record, declared)
    shapes = [_OF_KIND[kind] for kind in sorted(kinds.known) if kind in _OF_KIND]
    if not shapes:
        making.untyped.add(place)
        return ANY
    making.guessed[place] = kinds.text
    # A default such as `undefined` stands for no value, beside values of the kinds that are known.
    default = "" if declared.default is None else declared.default.text
    if kinds.placeholders and default.isidentifier():
        shapes.append((Atom("literal"), Atom(default)))
    return shapes[0] if len(shapes) == 1 else (Atom("union"), shapes)


def _kept(type_: t.RecordOf, making: _Making) -> Term:
    """A record of a module that is not at hand: a tuple, since nothing of ours is done to it."""
    kept = making.beyond.records[type_.name]
    name = called("record", type_.name) + (f" {len(making.named) + 1}" if type_.narrowed else "")
    if name not in making.named:
        making.named[name] = None
        fields = {**dict(kept.fields), **dict(type_.narrowed)}
        tag: Term = (Atom("literal"), Atom(kept.tag))
        making.named[name] = (Atom("tuple"), [tag, *(_shape(fields[field], making) for field, _ in kept.fields)])
    return _again(name)


def _user(type_: t.UserType, making: _Making) -> Term:
    definition = making.side.types[type_.name, len(type_.arguments)]
    return _instance(type_, definition.parameters, definition.body, making)


def _remote(type_: t.RemoteType, making: _Making) -> Term:
    declaration = making.beyond.types[type_.module, type_.name, len(type_.arguments)]
    shape = _instance(type_, declaration.parameters, declaration.body, making)
    # Only its module knows how such a value is made, but for pids and the like.
    return (Atom("opaque"), shape) if declaration.opaque else shape


def _instance(type_: t.UserType | t.RemoteType, parameters: tuple[str, ...], body: t.Type, making: _Making) -> Term:
    """The named shape of a type with these parameters."""
    name = _called(type_)
    if name in making.named:
        return _again(name)
    if sum(1 for each in making.open if _text(each) == _text(type_)) >= _MOST_TURNS:
        return ANY
    bound = dict(zip(parameters, type_.arguments, strict=True))
    making.named[name] = None
    making.open.append(type_)
    making.named[name] = _shape(substitute(body, bound), making)
    making.open.pop()
    return _again(name)


def _called(type_: t.UserType | t.RemoteType) -> str:
    """A name for the type with its parameters; equal for equal ones alone."""
    if not type_.arguments:
        return _text(type_)
    return f"{_text(type_).removesuffix('()')}({', '.join(map(repr, type_.arguments))})"
