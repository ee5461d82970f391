"""The ways between whole states as Erlang terms, for the attribute that carries them in a beam.

    {along_type, Old, Walk, [{Name, Walk}], Walk, [{Name, Walk}]}        up, then down
    {by_hand, Old, {to_map, 1}, {to_record, 1}}                          or {<<"expression">>, [<<"Value">>]}, or none

Old is `{record, state, [name, users]}`, `{kv, state, private, [name, users]}` of a native record,
`{type, conns, Alternatives, Places, Records}` or `any`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from migrator.records import Definition, FunctionName
from migrator.states import AnyState, Place, StateRecord, StateType, Test
from migrator.terms import Atom, text_of
from migrator.walks import NamedWalk
from migrator.walkterms import NotOurs, read_walk, walk_term
from migrator.wholes import ByExpression, HandPlan, TypePlan

if TYPE_CHECKING:
    from collections.abc import Iterable

    from migrator.states import Alternative, Path, State, Step, What
    from migrator.terms import Term


def whole_term(whole: TypePlan | HandPlan) -> Term:
    """The way as a term."""
    if isinstance(whole, HandPlan):
        return (Atom("by_hand"), _state(whole.old), _by(whole.up), _by(whole.down))
    up, down = _named(whole.up_named), _named(whole.down_named)
    return (Atom("along_type"), _state(whole.old), walk_term(whole.up), up, walk_term(whole.down), down)


def read_whole(term: Term) -> TypePlan | HandPlan | None:
    """The way that `whole_term` made the term of; None where the term is no such way at all.

    Raises:
        NotOurs: it made no such term.
    """
    match term:
        case (Atom("by_hand"), old, up, down) if isinstance(term, tuple):
            how = _read_by(up)
            if how is None:
                raise NotOurs
            return HandPlan(_read_state(old), how, _read_by(down))
        # A record may be called as our own word is: then its new name stands where Old does.
        case (Atom("along_type"), tuple(old), up, list(up_named), down, list(down_named)):
            kept = _read_state(old)
            if isinstance(kept, StateType):
                return TypePlan(kept, read_walk(up), read_walk(down), _read_named(up_named), _read_named(down_named))
    return None


def _named(walks: Iterable[NamedWalk]) -> list[Term]:
    return [(each.name.encode(), walk_term(each.walk)) for each in walks]


def _read_named(terms: list[Term]) -> tuple[NamedWalk, ...]:
    found = []
    for term in terms:
        match term:
            case (bytes(name), walk):
                found.append(NamedWalk(text_of(name) or "", read_walk(walk)))
            case _:
                raise NotOurs
    return tuple(found)


def _by(how: FunctionName | ByExpression | None) -> Term:
    match how:
        case FunctionName(name, arity):
            return (Atom(name), arity)
        case ByExpression(text, reads):
            return (text.encode(), [each.encode() for each in reads])
    return Atom("none")


def _read_by(term: Term) -> FunctionName | ByExpression | None:
    match term:
        case (Atom(name), int(arity)):
            return FunctionName(name, arity)
        case (bytes(text), list(reads)):
            return ByExpression(text_of(text) or "", tuple(_text(each) for each in reads))
        case Atom("none"):
            return None
    raise NotOurs


def _text(term: Term) -> str:
    return (text_of(term) if isinstance(term, bytes) else None) or ""


def _state(state: State) -> Term:
    match state:
        case StateRecord(_, _, _, Definition() as definition):
            return definition_term(definition)
        case StateRecord(name, _, fields):
            return (Atom("record"), Atom(name), [Atom(each) for each in fields])
        case StateType(name, alternatives, places, records):
            return (
                Atom("type"),
                Atom(name),
                [_tests(each) for each in alternatives],
                [_place(each) for each in places],
                [Atom(each) for each in records],
            )
    return Atom("any")


def _read_state(term: Term) -> State:
    match term:
        case (Atom("record"), Atom(name), list(fields)):
            return StateRecord(name, len(fields) + 1, tuple(each.name for each in fields if isinstance(each, Atom)))
        case (Atom("type"), Atom(name), list(alternatives), list(places), list(records)):
            return StateType(
                name,
                tuple(map(_read_tests, alternatives)),
                tuple(map(_read_place, places)),
                tuple(each.name for each in records if isinstance(each, Atom)),
            )
        case Atom("any"):
            return AnyState()
    definition = read_definition(term)
    if definition is None:
        raise NotOurs
    return StateRecord(definition.name, len(definition.fields) + 1, definition.fields, definition)


def definition_term(definition: Definition | None) -> Term:
    """What a native record's values keep of it, as a term; `none` for a tuple record."""
    if definition is None:
        return Atom("none")
    access = Atom("exported" if definition.exported else "private")
    return Atom(definition.module), Atom(definition.name), access, [Atom(each) for each in definition.fields]


def read_definition(term: Term) -> Definition | None:
    """The definition that `definition_term` made the term of.

    Raises:
        NotOurs: it made no such term.
    """
    match term:
        case Atom("none"):
            return None
        case (Atom(module), Atom(name), Atom("private" | "exported" as access), list(fields)):
            names = tuple(each.name for each in fields if isinstance(each, Atom))
            return Definition(module, name, access == "exported", names)
    raise NotOurs


def _place(place: Place) -> Term:
    told = (_path(place.path), _tests(place.tests), Atom(place.tag), place.size, Atom(place.kind))
    return told if place.definition is None else (*told, definition_term(place.definition))


def _read_place(term: Term) -> Place:
    match term:
        case (list(path), tests, Atom(tag), int(size), Atom(kind), *native):
            definition = read_definition(native[0]) if native else None
            sort: Literal["record", "tuple"] = "record" if kind == "record" else "tuple"
            return Place(_read_path(path), _read_tests(tests), tag, size, sort, definition)
    raise NotOurs


def _tests(tests: Alternative) -> Term:
    return [(_path(each.path), Atom(each.what), [value.encode() for value in each.values]) for each in tests]


_WHAT: dict[str, What] = {
    "size": "size",
    "equal": "equal",
    "is": "is",
    "native": "native",
    "has": "has",
    "only": "only",
}


def _read_tests(term: Term) -> Alternative:
    found = []
    for each in term if isinstance(term, list) else []:
        match each:
            case (list(path), Atom(what), list(values)) if what in _WHAT:
                found.append(Test(_read_path(path), _WHAT[what], tuple(map(_text, values))))
            case _:
                raise NotOurs
    return tuple(found)


def _path(path: Path) -> list[Term]:
    return [(Atom(kind), at.encode()) for kind, at in path]


def _read_path(terms: list[Term]) -> Path:
    return tuple(map(_read_step, terms))


def _read_step(term: Term) -> Step:
    match term:
        case (Atom("element"), bytes(at)):
            return ("element", _text(at))
        case (Atom("key"), bytes(at)):
            return ("key", _text(at))
    raise NotOurs
