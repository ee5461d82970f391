"""Nouns: what a person decided about a migration, and how it is written (contract, section 8)."""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import field as attribute_of
from typing import TYPE_CHECKING, Literal, TypeAlias

from migrator.terms import Atom, term_text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from migrator.modules import Attribute
    from migrator.terms import Term

Mode: TypeAlias = Literal["convert_first", "own_first"]
Allowance: TypeAlias = Literal["drop", "retype", "default"]
Preference: TypeAlias = Literal["generated", "handwritten"]


@dataclass(frozen=True, slots=True)
class Read:
    """A field that an expression reads, `Old#record.field`: what it is called there, and where that stands."""

    variable: str
    record: str
    field: str
    line: int = attribute_of(default=0, compare=False)
    column: int = attribute_of(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Expression:
    """An Erlang expression in a decisions file, valid in the new module with the variables of what it reads bound.

    `value` says that it uses `Value`.
    """

    text: str
    reads: tuple[Read, ...] = ()
    value: bool = False


@dataclass(frozen=True, slots=True)
class Rename:
    """The old field `old` is the new field `new`."""

    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Convert:
    """The field's value is converted by functions of the new module, or by expressions.

    `down` is None where nothing leads back.
    """

    field: str
    up: str | Expression
    down: str | Expression | None


@dataclass(frozen=True, slots=True)
class InitBy:
    """The new field is given its value by a function of the new module, or by an expression."""

    field: str
    function: str | Expression


@dataclass(frozen=True, slots=True)
class InitAsInit:
    """The new field is given what `init/1` gives it."""

    field: str


@dataclass(frozen=True, slots=True)
class TakeDefault:
    """The new field takes the record's default, `undefined` too."""

    field: str


@dataclass(frozen=True, slots=True)
class Drop:
    """The old field's loss is wanted; after a downgrade it has the value `down`, else the old record's default."""

    field: str
    down: tuple[Term, ...] | Expression = ()


@dataclass(frozen=True, slots=True)
class Keep:
    """`{copy, field}`: the type changed, the value is right as it is."""

    field: str


@dataclass(frozen=True, slots=True)
class Move:
    """The old field's value goes into a field of a record inside: a field of the new record, then those inside it."""

    old: str
    path: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Deep:
    """The changed records that no type leads to are converted wherever they lie in that field's value."""

    field: str


@dataclass(frozen=True, slots=True)
class Downgrade:
    """Which runs first on a downgrade: the conversion or the module's own function (contract, section 5)."""

    mode: Mode


@dataclass(frozen=True, slots=True)
class Inside:
    """The decisions are about a record inside the state, by its old or its new name."""

    record: str
    decisions: tuple[Written, ...]


@dataclass(frozen=True, slots=True)
class RenameRecord:
    """The record `old` inside the state is called `new` now."""

    old: str
    new: str


@dataclass(frozen=True, slots=True)
class WholeState:
    """The whole state is converted by functions of the new module, or by expressions; `down` may be missing."""

    up: str | Expression
    down: str | Expression | None


@dataclass(frozen=True, slots=True)
class OnlyFrom:
    """The decisions inside hold only when coming from that vsn."""

    vsn: Term
    decisions: tuple[Written, ...]


Decision: TypeAlias = (
    Rename
    | Convert
    | InitBy
    | InitAsInit
    | TakeDefault
    | Drop
    | Keep
    | Move
    | Deep
    | Downgrade
    | Inside
    | RenameRecord
    | WholeState
    | OnlyFrom
)


def expressions_of(decision: Decision) -> tuple[Expression | None, Expression | None]:
    """The expressions of a decision: that of the way up, and that of the way down."""
    up: object = None
    down: object = None
    match decision:
        case Convert(_, up, down):
            pass
        case InitBy(_, up):
            pass
        case Drop(_, down):
            pass
        case WholeState(up, down):
            pass
    return (up if isinstance(up, Expression) else None), (down if isinstance(down, Expression) else None)


@dataclass(frozen=True, slots=True)
class Written:
    """A decision with the text and the place where it is written."""

    decision: Decision
    text: str
    file: str
    line: int
    column: int | None = None

    @property
    def place(self) -> str:
        """Where it is written; in an attribute no column is known."""
        return f"{self.file}:{self.line}" + ("" if self.column is None else f":{self.column}")


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Something in `-state_migration` that is no decision."""

    text: str
    file: str
    line: int
    reason: str


def read_decisions(attributes: Iterable[Attribute]) -> tuple[tuple[Written, ...], tuple[Unreadable, ...]]:
    """The decisions of all `-state_migration` attributes, in order, and what could not be read as one."""
    written: list[Written] = []
    unreadable: list[Unreadable] = []
    for attribute in attributes:
        items = attribute.value if isinstance(attribute.value, list) else [attribute.value]
        for item in items:
            found = _decision(item, attribute)
            if isinstance(found, Written):
                written.append(found)
            else:
                unreadable.append(found)
    return tuple(written), tuple(unreadable)


def _decision(term: Term, attribute: Attribute) -> Written | Unreadable:
    text = term_text(term)
    place = (attribute.file, attribute.line)
    match term:
        case (Atom("from"), vsn, list(inner)):
            found = _several(inner, attribute, "from")
            return found if isinstance(found, Unreadable) else Written(OnlyFrom(vsn, found), text, *place)
        case (Atom("in"), Atom(record), list(inner)):
            found = _several(inner, attribute, "in")
            return found if isinstance(found, Unreadable) else Written(Inside(record, found), text, *place)
    decision = _simple(term)
    if decision is None:
        return Unreadable(text, *place, "it is not one of the forms that a decision has")
    return Written(decision, text, *place)


# What would hold nowhere: a version in a version, and what is said of the whole state inside a part of it.
_NOT_WITHIN: dict[str, tuple[type, ...]] = {
    "from": (OnlyFrom, Downgrade),
    "in": (Inside, OnlyFrom, RenameRecord, Downgrade, WholeState),
}


def _several(terms: list[Term], attribute: Attribute, within: str) -> tuple[Written, ...] | Unreadable:
    parts = [_decision(item, attribute) for item in terms]
    for part in parts:
        if isinstance(part, Written) and isinstance(part.decision, _NOT_WITHIN[within]):
            return Unreadable(part.text, part.file, part.line, f"it cannot stand inside {{{within}, …}}")
    unreadable = [part for part in parts if isinstance(part, Unreadable)]
    return unreadable[0] if unreadable else tuple(part for part in parts if isinstance(part, Written))


def _simple(term: Term) -> Decision | None:  # noqa: C901, PLR0912 - a line for each form that is written
    match term:
        case (Atom("rename"), Atom(old), Atom(new)):
            return Rename(old, new)
        case (Atom("rename_record"), Atom(old), Atom(new)):
            return RenameRecord(old, new)
        case (Atom("convert"), Atom(field), Atom(up), Atom(down)):
            return Convert(field, up, down)
        case (Atom("convert"), Atom(field), Atom(up)):
            return Convert(field, up, None)
        case (Atom("init"), Atom(field), Atom("as_init")):
            return InitAsInit(field)
        case (Atom("init"), Atom(field), Atom(function)):
            return InitBy(field, function)
        case (Atom("default"), Atom(field)):
            return TakeDefault(field)
        case (Atom("drop"), Atom(field)):
            return Drop(field)
        case (Atom("drop"), Atom(field), down):
            return Drop(field, (down,))
        case (Atom("copy"), Atom(field)):
            return Keep(field)
        case (Atom("move"), Atom(old), list(path)) if len(path) > 1 and all(isinstance(each, Atom) for each in path):
            return Move(old, tuple(each.name for each in path if isinstance(each, Atom)))
        case (Atom("deep"), Atom(field)):
            return Deep(field)
        case (Atom("state"), Atom(up), Atom(down)):
            return WholeState(up, down)
        case (Atom("state"), Atom(up)):
            return WholeState(up, None)
        case (Atom("downgrade"), Atom("convert_first")):
            return Downgrade("convert_first")
        case (Atom("downgrade"), Atom("own_first")):
            return Downgrade("own_first")
    return None


def for_version(decisions: Iterable[Written], vsn: Term) -> tuple[Written, ...]:
    """The decisions that hold when coming from `vsn`: those for every version and those inside a fitting `from`."""
    held: list[Written] = []
    for written in decisions:
        match written.decision:
            case OnlyFrom(wanted, inner):
                if term_text(wanted) == term_text(vsn):
                    held.extend(inner)
            case _:
                held.append(written)
    return tuple(held)


def inside(decisions: Iterable[Written], *names: str) -> tuple[Written, ...]:
    """The decisions about the record inside the state that has one of these names."""
    return tuple(
        each
        for written in decisions
        if isinstance(written.decision, Inside) and written.decision.record in names
        for each in written.decision.decisions
    )


def flat(decisions: Iterable[Written]) -> tuple[Written, ...]:
    """The decisions, and those inside that hold for one version or one record."""
    found: list[Written] = []
    for written in decisions:
        found.append(written)
        if isinstance(written.decision, Inside | OnlyFrom):
            found.extend(flat(written.decision.decisions))
    return tuple(found)


def renamed_records(decisions: Iterable[Written]) -> dict[str, str]:
    """The new names of records inside the state, by their old ones."""
    return {each.decision.old: each.decision.new for each in decisions if isinstance(each.decision, RenameRecord)}


def whole_state(decisions: Iterable[Written]) -> WholeState | None:
    """The decision to convert the whole state by hand, where there is one."""
    return next((each.decision for each in decisions if isinstance(each.decision, WholeState)), None)
