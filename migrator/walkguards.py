"""What a guard sees of the values that a walk takes, as Erlang source, and which walks a guard tells apart.

A tuple of the type `{atom(), #item{}}` may have the tag and size of a record beside it, and `{integer(), #item{}}` the
shape of a gb_tree. Such a tuple is taken first, and only where something in it would be converted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from migrator.naming import built_in
from migrator.records import FunctionName
from migrator.terms import atom_text
from migrator.walks import Again, AnyOf, Anywhere, IntoContainer, IntoList, IntoMap, IntoRecord, IntoTuple, Only, Walk

if TYPE_CHECKING:
    from migrator.guarding import Guards
    from migrator.plan import Plan
    from migrator.recordplan import Shape
    from migrator.routes import WalkKey

# The containers that are tuples with a tag: the sizes of each. An array is of nine elements since OTP 29.
TAGGED = {"dict": (9,), "array": (5, 9), "set": (9,)}
# No array of OTP 29 is as large as one whose indices have so many bits.
_MOST_BITS = 1024
# A gb_tree's node has four elements, a gb_set's three.
NODES = {"gb_tree": 4, "gb_set": 3}


def shape_of(plan: Plan, key: WalkKey, name: str) -> Shape:
    """The shape of a record inside the state, on the side that values come from."""
    for record in plan.migrations[key.version].nested:
        if key.direction == "up" and record.record == name:
            return record.shape
        if key.direction == "down" and record.new == name:
            return record.new_shape
    raise KeyError(name)


def _shapes(plan: Plan, key: WalkKey, name: str) -> tuple[Shape, ...]:
    """Both shapes of a record, that to convert first: one that is converted already is to be known for one too."""
    shape = shape_of(plan, key, name)
    both = ((each.shape, each.new_shape) for each in plan.migrations[key.version].nested)
    return tuple(dict.fromkeys((shape, *next(each for each in both if shape in each))))


def _is_shape(plan: Plan, shape: Shape, value: str) -> tuple[str, ...]:
    if shape.definition is None:
        return is_record(plan, atom_text(shape.tag), shape.size, value)
    named = (atom_text(shape.definition.module), atom_text(shape.definition.name))
    return (f"{built_in(plan, 'is_record', 3)}({value}, {', '.join(named)})",)


def is_record(plan: Plan, tag: str, size: int, value: str = "Value") -> tuple[str, ...]:
    """The tests for a record of that tag (as text) and size.

    Where the module has its own `is_record/3`, `erl_lint` takes `erlang:is_record/3` in a guard for that one.
    """
    if FunctionName("is_record", 3) not in plan.hidden:
        return (f"is_record({value}, {tag}, {size})",)
    return (
        f"{built_in(plan, 'tuple_size', 1)}({value}) =:= {size}",
        f"{built_in(plan, 'element', 2)}(1, {value}) =:= {tag}",
    )


def is_container(plan: Plan, kind: str, value: str = "Value") -> Guards:
    """The guards that hold for a container of that kind; of a gb_tree or gb_set that is not empty."""
    if kind in TAGGED:
        found = tuple(is_record(plan, kind, size, value) for size in TAGGED[kind])
        return (*found[:-1], (*found[-1], *_sound(plan, value))) if kind == "array" else found
    size, element, integer, is_list = (
        built_in(plan, name, arity)
        for name, arity in (("tuple_size", 1), ("element", 2), ("is_integer", 1), ("is_list", 1))
    )
    one, other = f"{element}(1, {value})", f"{element}(2, {value})"
    pair = f"{size}({value}) =:= 2"
    if kind in NODES:
        return ((pair, f"{integer}({one})", f"{size}({other}) =:= {NODES[kind]}"),)
    return ((pair, f"{is_list}({one})", f"{is_list}({other})"),)


def _sound(plan: Plan, value: str) -> tuple[str, ...]:
    """The tests for an array of OTP 29 that its own functions come to an end with, and lose nothing of.

    They go down four bits of the index at each level, to level 0, and never get there from a number that is no
    multiple of four; nor do they look whether the levels take as many elements as it is said to have. What stands in
    the cache they put in the place of sixteen elements, whatever it is.
    """
    size, zero, cache, bits = (f"{built_in(plan, 'element', 2)}({at}, {value})" for at in (2, 3, 6, 9))
    return (
        f"{built_in(plan, 'tuple_size', 1)}({cache}) =:= 16",
        f"{bits} rem 4 =:= 0",
        f"{bits} >= 0",
        f"{bits} < {_MOST_BITS}",
        f"{zero} >= 0",
        f"{size} + {zero} =< 16 bsl {bits}",
    )


def converts(plan: Plan, key: WalkKey, elements: tuple[Walk, ...]) -> Guards:
    """The guards that hold where an element of a tuple, `Element1` and so on, may hold something to convert."""
    found = [
        each
        for number, walk in enumerate(elements, start=1)
        for each in _taken(plan, key, walk, f"Element{number}", frozenset())
    ]
    return () if () in found else tuple(dict.fromkeys(found))


def _taken(plan: Plan, key: WalkKey, walk: Walk, value: str, seen: frozenset[str]) -> Guards:
    """The guards that hold for a value of the walk's shape; `()` among them where any value may be one."""
    match walk:
        case IntoRecord(record):
            return tuple(_is_shape(plan, each, value) for each in _shapes(plan, key, record))
        case IntoList():
            return ((f"{built_in(plan, 'is_list', 1)}({value})", f"{value} =/= []"),)
        case IntoTuple(elements):
            size, element = built_in(plan, "tuple_size", 1), built_in(plan, "element", 2)
            literal = [
                f"{element}({number}, {value}) =:= {each.text}"
                for number, each in enumerate(elements, start=1)
                if isinstance(each, Only)
            ]
            return ((f"{size}({value}) =:= {len(elements)}", *literal),)
        case IntoMap():
            return ((f"{built_in(plan, 'is_map', 1)}({value})",),)
        case IntoContainer(kind):
            return is_container(plan, kind, value)
        case AnyOf(members):
            return tuple(tests for each in members for tests in _taken(plan, key, each, value, seen))
        case Again(name) if name not in seen:
            again = next(each.walk for each in key.named if each.name == name)
            return _taken(plan, key, again, value, seen | {name})
        case Anywhere():
            return ((),)
    return ()


def overlap(plan: Plan, key: WalkKey, elements: tuple[Walk, ...], other: Walk) -> bool:
    """Whether a tuple of these elements may have the shape of the other walk."""
    first = elements[0].text if elements and isinstance(elements[0], Only) else None
    match other:
        case IntoRecord(record):
            shape = shape_of(plan, key, record)
            return shape.definition is None and shape.size == len(elements) and first in {None, atom_text(shape.tag)}
        case IntoContainer(kind) if kind in TAGGED:
            return len(elements) in TAGGED[kind] and first in {None, kind}
        case IntoContainer(kind) if kind in NODES and len(elements) == 2:  # noqa: PLR2004 - a pair
            return not isinstance(elements[1], Only) and (first is None or first.isdigit())
    return False
