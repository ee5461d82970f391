"""Nouns: what the processes of one version keep as their state, and what a guard sees of it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal, TypeAlias

from migrator.terms import atom_text

if TYPE_CHECKING:
    from migrator.records import Definition

Step: TypeAlias = tuple[Literal["element", "key"], str]
Path: TypeAlias = tuple[Step, ...]
What: TypeAlias = Literal["size", "equal", "is", "native", "has", "only", "lacks"]


@dataclass(frozen=True, slots=True)
class Test:
    """One thing that holds for what lies at `path` in a state: an element of a tuple, a value of a map, in steps.

    `size` of a tuple; `equal` to a literal; `is` of what `is_…` tells; `native` a native record of that module, name
    and definition, which is asked of the whole state alone; `has` a key. `only` (these keys, no others) is
    known from the type and not asked of a state; `lacks` (not this key) is asked where nothing else tells two kinds
    apart. `values` are Erlang source.
    """

    path: Path
    what: What
    values: tuple[str, ...]


# So deep a guard looks.
DEEPEST = 3

# All tests of one alternative hold together; a state is of its kind when those of any alternative hold.
Alternative: TypeAlias = tuple[Test, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """A place where a state's type names a record directly: that record's tuple there, where `tests` hold around it.

    `kind` is `tuple` for a tuple that the type spells out with that tag: its size is known, that is all.
    """

    path: Path
    tests: Alternative
    tag: str
    size: int
    kind: Literal["record", "tuple"] = "record"
    definition: Definition | None = None

    @property
    def shape(self) -> tuple[str, int, Definition | None]:
        """What is seen of the record there."""
        return self.tag, self.size, self.definition


@dataclass(frozen=True, slots=True)
class StateRecord:
    """The state is the bare record of that name, a tuple of that size; `fields` are only for what is shown of it.

    That of a native record is no tuple: it has a definition.
    """

    name: str
    size: int
    fields: tuple[str, ...] = field(default=(), compare=False)
    definition: Definition | None = None


@dataclass(frozen=True, slots=True)
class StateType:
    """The state is a value of the type of that name; a guard sees one of the `alternatives`.

    `places` are the records that the type names directly, `records` all that it leads to but for those inside records.
    """

    name: str
    alternatives: tuple[Alternative, ...]
    places: tuple[Place, ...]
    records: tuple[str, ...] = ()

    @property
    def main(self) -> str | None:
        """The one record that the type names directly; None where it names none or several."""
        names = {place.tag for place in self.places if place.kind == "record"}
        return names.pop() if len(names) == 1 else None


@dataclass(frozen=True, slots=True)
class AnyState:
    """Nothing says what that version keeps: all that no other version keeps is taken for it."""


State: TypeAlias = StateRecord | StateType | AnyState

_ATOMS = frozenset({"atom", "boolean"})
_NUMBERS = frozenset({"number", "integer", "float"})
_BITS = frozenset({"bitstring", "binary"})


def called(kind: Literal["record", "type"], name: str) -> str:
    """A state for a person: `#state{}`, or `conns()` where it is a value of a type."""
    return f"#{atom_text(name)}{{}}" if kind == "record" else f"{atom_text(name)}()"


def shown(state: State) -> str:
    """The state for a person."""
    match state:
        case StateRecord(name):
            return called("record", name)
        case StateType(name):
            return called("type", name)
    return "a state of which nothing is said"


def alternatives_of(state: State) -> tuple[Alternative, ...]:
    """What a guard sees of such a state; no alternative with a test where it can be anything."""
    match state:
        case StateRecord(name, size, _, definition):
            return (record_tests((), name, size, definition),)
        case StateType(_, alternatives):
            return alternatives
    return ((),)


def places_of(state: State) -> tuple[Place, ...]:
    """Where records stand in it directly."""
    match state:
        case StateRecord(name, size, _, definition):
            return (Place((), (), name, size, "record", definition),)
        case StateType():
            return state.places
    return ()


def record_tests(path: Path, name: str, size: int, definition: Definition | None = None) -> Alternative:
    """What holds for a record's tuple at that place, or for a native record."""
    if definition is not None:
        values = (atom_text(definition.module), atom_text(definition.name), definition.text)
        return (Test(path, "native", values),)
    return (Test((*path, ("element", "1")), "equal", (atom_text(name),)), Test(path, "size", (str(size),)))


def could_be(guarded: State, other: State) -> bool:
    """Whether a state of the kind `other` may pass the guards for the kind `guarded`."""
    return any(may_be(one, two) for one in alternatives_of(guarded) for two in alternatives_of(other))


def may_be(guarded: Alternative, other: Alternative) -> bool:
    """Whether a state like `other` may pass the guards for one like `guarded`."""
    return not _apart(tuple(test for test in guarded if test.what != "only"), other)


def beside(state: State, other: State) -> State:
    """The state with what its guards must ask too where one of the kind `other` would pass them.

    A closed map lacks the keys that maps of the other kind always have.
    """
    if not isinstance(state, StateType):
        return state
    return replace(state, alternatives=tuple((*own, *_lacked(own, other)) for own in state.alternatives))


def _lacked(own: Alternative, other: State) -> tuple[Test, ...]:
    found: dict[Test, None] = {}
    for each in alternatives_of(other):
        if may_be(own, each):
            pairs = ((a, b) for a in own for b in each if a.path == b.path and (a.what, b.what) == ("only", "has"))
            lacking = [Test(b.path, "lacks", b.values) for a, b in pairs if _excludes(b, a)]
            found.update(dict.fromkeys(lacking[:1]))
    return tuple(found)


def _apart(one: Alternative, other: Alternative) -> bool:
    return any(a.path == b.path and (_excludes(a, b) or _excludes(b, a)) for a in one for b in other)


def _excludes(one: Test, other: Test) -> bool:
    match one.what, other.what:
        case ("size", "size") | ("equal", "equal"):
            return one.values != other.values
        case "native", "native":
            # Inside a state a guard sees no definition.
            return one.values[:2] != other.values[:2] or (not one.path and one.values != other.values)
        case "native", _:
            return True
        case "size", _:
            return other.what != "native" and other.values != ("tuple",)
        case "equal", "is":
            return other.values[0] not in _kinds_of(one.values[0])
        case "equal", ("has" | "only"):
            return True
        case "is", "is":
            return not _overlap(one.values[0], other.values[0])
        case "is", ("has" | "only"):
            return one.values != ("map",)
        case "has", "only":
            return one.values[0] not in other.values
    return False


def _kinds_of(literal: str) -> frozenset[str]:
    """What `is_…` says of a literal."""
    if literal.lstrip("-").isdigit():
        return frozenset({"integer", "number"})
    return _ATOMS if literal in {"true", "false"} else frozenset({"atom"})


def _overlap(one: str, other: str) -> bool:
    return one == other or any({one, other} <= group and {one, other} != {"integer", "float"} for group in _GROUPS)


_GROUPS = (_ATOMS, _NUMBERS, _BITS)
