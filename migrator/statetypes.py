"""From a state's type to what a guard sees of it, and to the places where it names records directly."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

from migrator import types as t
from migrator.states import DEEPEST, Place, StateType, Test, record_tests
from migrator.terms import atom_text
from migrator.typenames import Side, substitute
from migrator.walker import records_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from migrator.states import Alternative, Path, Step

# More alternatives than these no person tells apart; the place is then not looked at.
_MOST = 32

_NAMED = {
    "atom": "atom",
    "pid": "pid",
    "port": "port",
    "reference": "reference",
    "float": "float",
    "tuple": "tuple",
    "nil": "list",
}


def state_type(name: str, type_: t.Type, side: Side) -> StateType:
    """The state that is a value of that type."""
    alternatives = tuple(dict.fromkeys(_seen(type_, side, (), frozenset())))
    places = tuple(dict.fromkeys(_places(type_, side, (), (), frozenset())))
    return StateType(name, alternatives, places, tuple(sorted(records_in(type_, side))))


def _opened(type_: t.UserType, side: Side, seen: frozenset[t.Type]) -> t.Type | None:
    """What a user type stands for; None for one that is under way already, or not known."""
    definition = side.types.get((type_.name, len(type_.arguments)))
    if definition is None or type_ in seen:
        return None
    return substitute(definition.body, dict(zip(definition.parameters, type_.arguments, strict=True)))


def _seen(type_: t.Type, side: Side, path: Path, under: frozenset[t.Type]) -> tuple[Alternative, ...]:
    match type_:
        case t.NoTerm():
            return ()
        case t.Union(members):
            found = tuple(each for member in members for each in _seen(member, side, path, under))
            return found if len(found) <= _MOST else ((),)
        case t.UserType():
            inner = _opened(type_, side, under)
            return ((),) if inner is None else _seen(inner, side, path, under | {type_})
        case t.Literal(_, value):
            return ((Test(path, "equal", (_literal(value),)),),)
        case t.RecordOf(name):
            record = side.records.get(name)
            return ((),) if record is None else (record_tests(path, name, record.size, record.definition),)
        case t.TupleOf(elements):
            parts = [(_element(number), each) for number, each in enumerate(elements, start=1)]
            return _with((Test(path, "size", (str(len(elements)),)),), parts, side, path, under)
        case t.MapOf(associations):
            return _map(associations, side, path, under)
        case t.RemoteType(module, name, _):
            return _container(module, name, path)
    kind = _kind(type_)
    return ((),) if kind is None else ((Test(path, "is", (kind,)),),)


def _kind(type_: t.Type) -> str | None:
    match type_:
        case t.Range():
            return "integer"
        case t.ListOf():
            return "list"
        case t.Bits(_, unit):
            return "binary" if unit % 8 == 0 else "bitstring"
        case t.FunOf():
            return "function"
        case t.Named(name):
            return _NAMED.get(name)
    return None


def _element(number: int) -> Step:
    return ("element", str(number))


def _key(text: str) -> Step:
    return ("key", text)


def _literal(value: str | int) -> str:
    return atom_text(value) if isinstance(value, str) else str(value)


def _with(
    own: Alternative, parts: list[tuple[Step, t.Type]], side: Side, path: Path, under: frozenset[t.Type]
) -> tuple[Alternative, ...]:
    """The own tests with what tells the parts apart: literals, and the tuples and maps that lie there."""
    if len(path) >= DEEPEST:
        return (own,)
    choices = [_told(_seen(inner, side, (*path, step), under)) for step, inner in parts]
    told = [each for each in choices if each != ((),)]
    count = 1
    for each in told:
        count *= len(each)
    if count > _MOST:
        return (own,)
    return tuple((*own, *(test for part in one for test in part)) for one in product(*told))


def _told(alternatives: tuple[Alternative, ...]) -> tuple[Alternative, ...]:
    """Without what the value of a part is only declared to be: a state that breaks its type there is still one."""
    kept = tuple(dict.fromkeys(tuple(test for test in each if _tells(test, each)) for each in alternatives))
    return ((),) if () in kept else kept


def _tells(test: Test, among: Alternative) -> bool:
    """A map is told by its keys."""
    keyed = {each.path for each in among if each.what == "has"}
    return test.path in keyed if test.what in {"is", "only"} else True


def _map(
    associations: tuple[t.Association, ...], side: Side, path: Path, under: frozenset[t.Type]
) -> tuple[Alternative, ...]:
    literal = [(each, _literal(each.key.value)) for each in associations if isinstance(each.key, t.Literal)]
    needed = [(key, each.value) for each, key in literal if each.required]
    own = (Test(path, "is", ("map",)), *(Test(path, "has", (key,)) for key, _ in needed))
    if len(literal) == len(associations):
        own = (*own, Test(path, "only", tuple(key for _, key in literal)))
    return _with(own, [(_key(key), value) for key, value in needed], side, path, under)


def _container(module: str, name: str, path: Path) -> tuple[Alternative, ...]:
    match module, name:
        case "dict", "dict":
            return (record_tests(path, "dict", 9),)
        case "array", "array":
            # Of five elements until OTP 28, of nine since.
            return record_tests(path, "array", 5), record_tests(path, "array", 9)
        case "sets", "set":
            return record_tests(path, "set", 9), (Test(path, "is", ("map",)),)
        case ("gb_trees", "tree") | ("gb_sets", "set") | ("queue", "queue"):
            return ((Test(path, "size", ("2",)),),)
        case ("orddict", "orddict") | ("ordsets", "ordset"):
            return ((Test(path, "is", ("list",)),),)
    return ((),)


def _places(type_: t.Type, side: Side, path: Path, around: Alternative, under: frozenset[t.Type]) -> Iterator[Place]:
    match type_:
        case t.Union(members):
            for member in members:
                yield from _places(member, side, path, around, under)
        case t.UserType():
            inner = _opened(type_, side, under)
            if inner is not None:
                yield from _places(inner, side, path, around, under | {type_})
        case t.RecordOf(name) if name in side.records:
            yield Place(path, around, name, side.records[name].size, "record", side.records[name].definition)
        case t.TupleOf(elements) if len(path) < DEEPEST:
            yield from _spelled(elements, path, around)
            for step, each, here in _elements(elements, path, around):
                yield from _places(each, side, step, here, under)
        case t.MapOf(associations) if len(path) < DEEPEST:
            for step, each, here in _values(associations, path, around):
                yield from _places(each, side, step, here, under)


def _spelled(elements: tuple[t.Type, ...], path: Path, around: Alternative) -> Iterator[Place]:
    """A tuple whose first element is an atom looks like a record."""
    match elements:
        case (t.Literal(_, str(tag)), *_):
            yield Place(path, around, tag, len(elements), "tuple")


def _elements(
    elements: tuple[t.Type, ...], path: Path, around: Alternative
) -> Iterator[tuple[Path, t.Type, Alternative]]:
    """The elements of a tuple, with what holds around each: its size, and what is literal in it."""
    steps = [(*path, _element(number)) for number in range(1, len(elements) + 1)]
    fixed = [
        Test(step, "equal", (_literal(each.value),))
        for step, each in zip(steps, elements, strict=True)
        if isinstance(each, t.Literal)
    ]
    here = (*around, Test(path, "size", (str(len(elements)),)), *fixed)
    return ((step, each, here) for step, each in zip(steps, elements, strict=True))


def _values(
    associations: tuple[t.Association, ...], path: Path, around: Alternative
) -> Iterator[tuple[Path, t.Type, Alternative]]:
    """The values under literal keys of a map."""
    for association in associations:
        if isinstance(association.key, t.Literal):
            key = _literal(association.key.value)
            tests = (Test(path, "is", ("map",)), Test(path, "has", (key,)))
            yield (*path, _key(key)), association.value, (*around, *tests)
