"""Members of a union that one value may be both of: a tuple beside a record of its tag and size, or beside a gb_tree.

Generated code takes such a value for the tuple where something in it is to be converted (`walkguards.py`). That is
right where the tuple always holds such a thing and the other one never does in that place; else nothing tells them
apart, and a person decides.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias

from migrator import types as t
from migrator.apart import places_in
from migrator.decisions import Convert, Keep
from migrator.diagnostics import CATALOGUE, Diagnostic
from migrator.terms import atom_text
from migrator.typenames import Side, resolve
from migrator.walker import records_in
from migrator.walkguards import NODES, TAGGED

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from migrator.pairs import Pair

# What a guard sees of a value: its kind, the size of a tuple, its tag or an atom's name; None is any.
Head: TypeAlias = tuple[str, int | None, str | None]

_ANY: Head = ("any", None, None)
_CONTAINERS = {("gb_trees", "tree"): "gb_tree", ("gb_sets", "set"): "gb_set"}
_TAGS = {("dict", "dict"): "dict", ("array", "array"): "array", ("sets", "set"): "set"}


@dataclass(frozen=True, slots=True)
class _World:
    """What the types of one side mean, and which of its records are converted."""

    side: Side
    affected: frozenset[str]

    def members(self, type_: t.Type | None) -> tuple[t.Type, ...]:
        """What a value of the type may be; any term where there is none."""
        resolved = t.AnyTerm() if type_ is None else resolve(type_, self.side)
        return resolved.members if isinstance(resolved, t.Union) else (resolved,)

    def reaches(self, type_: t.Type) -> bool:
        """Whether something in a value of the type is converted."""
        return bool(records_in(type_, self.side) & self.affected)

    def heads(self, type_: t.Type | None) -> frozenset[Head]:
        """What a guard sees of the values of a type."""
        return frozenset(head for each in self.members(type_) for head in self._heads(each))

    def _heads(self, type_: t.Type) -> tuple[Head, ...]:
        match type_:
            case t.NoTerm():
                return ()
            case t.RecordOf(name) if name in self.side.records:
                record = self.side.records[name]
                return (("native", None, name) if record.definition else ("tuple", record.size, record.tag),)
            case t.TupleOf(elements):
                match self.members(elements[0]) if elements else ():
                    case (t.Literal("atom", tag),):
                        return (("tuple", len(elements), str(tag)),)
                return (("tuple", len(elements), None),)
            case t.Literal("atom", value):
                return (("atom", None, str(value)),)
            case t.Named(name) if name in _NAMED:
                return _NAMED[name]
            case t.RemoteType(module, name) if (module, name) in _TAGS:
                # A set of version 2 is a map.
                maps: tuple[Head, ...] = (("map", None, None),) if module == "sets" else ()
                return ("tuple", None, _TAGS[module, name]), *maps
            case t.RemoteType("gb_trees" | "gb_sets" | "queue"):
                return (("tuple", 2, None),)
            case t.RemoteType("orddict" | "ordsets"):
                return (("list", None, None),)
        return next(((kind,) for form, kind in _FORMS if isinstance(type_, form)), (_ANY,))


_FORMS: tuple[tuple[type, Head], ...] = tuple(
    (form, (kind, None, None))
    for form, kind in (
        (t.ListOf, "list"),
        (t.MapOf, "map"),
        (t.Literal, "integer"),
        (t.Range, "integer"),
        (t.Bits, "bits"),
        (t.FunOf, "fun"),
    )
)
_NAMED: dict[str, tuple[Head, ...]] = {
    **{each: ((each, None, None),) for each in ("atom", "pid", "port", "reference", "float", "tuple")},
    "nil": (("list", None, None),),
    "iolist": (("list", None, None),),
}


def _meet(one: frozenset[Head], other: frozenset[Head]) -> bool:
    """Whether a value may be seen as one of either."""
    return any(
        _ANY in {a, b} or (a[0] == b[0] and all(None in {x, y} or x == y for x, y in zip(a[1:], b[1:], strict=True)))
        for a in one
        for b in other
    )


def lookalikes(type_: t.Type, side: Side, affected: frozenset[str]) -> tuple[str, str] | None:
    """Two members of a union somewhere in the type that nothing tells apart, for a person; None without any."""
    world = _World(side, affected)
    if not world.reaches(type_):
        return None
    for members in places_in(type_, side):
        tuples = [each for each in members if isinstance(each, t.TupleOf) and world.reaches(each)]
        others = sorted((each for each in members if isinstance(each, t.RecordOf | t.RemoteType)), key=repr)
        for one in tuples:
            for other in others:
                shown = _alike(one.elements, other, world)
                if shown:
                    first = ", ".join(("…",) * len(one.elements))
                    return f"a tuple {{{first}}}", shown
    return None


def _alike(elements: Sequence[t.Type], other: t.Type, world: _World) -> str:
    """The other member for a person, where a tuple of these elements may be taken for it; empty where not."""
    if not elements:
        return ""
    first = world.heads(elements[0])
    match other:
        case t.RecordOf(name) if name in world.affected and name in world.side.records:
            record = world.side.records[name]
            if record.definition is not None or record.size != len(elements):
                return ""
            if not _meet(first, frozenset({("atom", None, record.tag)})):
                return ""
            fields = [each.type for each in record.fields]
            return "" if _told(elements[1:], fields, world) else f"#{atom_text(record.tag)}{{}}"
        case t.RemoteType(module, name, arguments) if (module, name) in _CONTAINERS:
            integer = frozenset({("integer", None, None)})
            if len(elements) == 2 and _meet(first, integer):  # noqa: PLR2004 - a pair
                return f"{module}:{name}()" if _in_root(elements[1], arguments[:1], module, world) else ""
        case t.RemoteType(module, name) if (module, name) in _TAGS:
            kind = _TAGS[module, name]
            if len(elements) in TAGGED[kind] and _meet(first, frozenset({("atom", None, kind)})):
                return f"{module}:{name}()"
    return ""


def _told(elements: Sequence[t.Type], fields: Sequence[t.Type | None], world: _World) -> bool:
    """Whether an element is always something to convert, and no field in the place of one ever is."""
    always = False
    for element, field in zip(elements, fields, strict=True):
        converted, rest = _split(element, world)
        if converted and _meet(converted, world.heads(field)):
            return False
        always = always or bool(converted and not rest)
    return always


def _split(element: t.Type, world: _World) -> tuple[frozenset[Head], bool]:
    """What a guard sees of an element that holds something to convert, and whether it may hold nothing of that kind."""
    members = world.members(element)
    walked = [each for each in members if world.reaches(each)]
    seen = frozenset(head for each in walked for head in world.heads(each))
    # An empty list is told from no other value that holds nothing.
    return seen, len(walked) < len(members) or any(isinstance(each, t.ListOf) and not each.nonempty for each in walked)


def _in_root(element: t.Type, keys: Sequence[t.Type], module: str, world: _World) -> bool:
    """Whether what is to be converted in a pair's second element may be the root of a gb_tree with such keys."""
    size = NODES["gb_tree" if module == "gb_trees" else "gb_set"]
    tags = frozenset[Head](
        ("atom", None, tag) if tag else _ANY
        for each in world.members(element)
        if world.reaches(each) and not _ends(each)
        for kind, of, tag in world.heads(each)
        if kind == "any" or (kind == "tuple" and of in {None, size})
    )
    return any(_meet(tags, world.heads(key)) for key in keys or (None,))


def _ends(type_: t.Type) -> bool:
    """Whether it is a tuple with a literal where a node of a gb_tree has its smaller and greater ones, or nil."""
    return isinstance(type_, t.TupleOf) and any(
        isinstance(each, t.Literal) and each.value != "nil" for each in type_.elements[-2:]
    )


def looking_alike(pair: Pair) -> Iterator[Diagnostic]:
    """A decision (M314) for each field in which nothing tells two members of a union apart."""
    for field in pair.new.fields:
        before = pair.old.get(pair.names.source.get(field.name, ""))
        if before is None or pair.decided(Convert, field=field.name):
            continue
        if any(pair.decided(Keep, field=name) for name in (field.name, before.name)):
            continue
        for type_, guide in ((before.type, pair.up), (field.type, pair.down)):
            found = lookalikes(type_, guide.side, guide.affected) if type_ is not None else None
            if found is not None:
                name = atom_text(field.name)
                lines = (pair.paste("copy", name), pair.paste("convert", name, "UP", "DOWN"))
                place = pair.place(pair.new_module, pair.new, field)
                yield replace(told(pair.called(field.name), found, place, lines), field=field.name)
                break


def told(where: str, found: tuple[str, str], place: str, lines: tuple[str, ...]) -> Diagnostic:
    """What is asked (M314) of such a union."""
    return Diagnostic(
        CATALOGUE["M314"],
        f"in {where} a value may be {found[0]} or {found[1]}: one looks like the other, and what lies in them does not "
        "tell them apart either",
        "one could be converted as if it were the other",
        place,
        lines,
    )
