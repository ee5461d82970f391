"""Nouns: where each field's value comes from, and the plan of one record."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from migrator.records import Definition, FunctionName
    from migrator.walks import NamedWalk, Walk


@dataclass(frozen=True, slots=True)
class Copy:
    """The value of the other record's field of the same name."""

    field: str


@dataclass(frozen=True, slots=True)
class Renamed:
    """The value of the other record's field `field`, which has another name."""

    field: str


@dataclass(frozen=True, slots=True)
class Converted:
    """What a function of the new module makes of the other record's field; with arity 2 it gets all fields as a map."""

    field: str
    function: FunctionName


@dataclass(frozen=True, slots=True)
class Nested:
    """The value of the other record's field, the changed records inside it converted.

    `walk` reaches them, `named` are the walks of recursive types that it uses.
    """

    field: str
    walk: Walk
    named: tuple[NamedWalk, ...] = ()


@dataclass(frozen=True, slots=True)
class Given:
    """A value of its own: an Erlang expression, and who said so. `calls` are functions of the new module in it."""

    text: str
    origin: str


@dataclass(frozen=True, slots=True)
class GivenBy:
    """A value of its own, from a function of the new module; with arity 1 it gets all fields as a map."""

    function: FunctionName


@dataclass(frozen=True, slots=True)
class ConvertedTo:
    """What an expression makes of the other record's field; `reads` are its variables, with their fields."""

    field: str
    text: str
    reads: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class GivenFrom:
    """A value of its own, from an expression; `reads` are its variables, with the other record's fields."""

    text: str
    reads: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class TakenDefault:
    """The record's own default: `text` is Erlang source that is evaluated when the conversion runs.

    On the way up the new record's construction supplies it; on the way down `text` is compiled.
    """

    text: str


@dataclass(frozen=True, slots=True)
class Handed:
    """What `move` hands into a record: the value of that number, from the field `field` outside."""

    number: int
    field: str


@dataclass(frozen=True, slots=True)
class Filled:
    """A record into which values of other fields `move`.

    `value` is where the record comes from, with all that is not such a record converted on its way; None where it is
    built here, from what `record` says. `handed` are the values that move. `certain` says that nothing but the record
    can be there.
    """

    value: Source | None
    record: RecordPlan
    handed: tuple[Source, ...]
    certain: bool


@dataclass(frozen=True, slots=True)
class Taken:
    """What moves back: it is taken out of the record in the other record's field `field`, by records and their fields.

    `walk` and `named` as in `Nested`; `otherwise` is the value where no such record is there.
    """

    field: str
    path: tuple[tuple[str, str], ...]
    walk: Walk
    named: tuple[NamedWalk, ...]
    otherwise: Source


Moving: TypeAlias = Handed | Filled | Taken
Source: TypeAlias = (
    Copy | Renamed | Converted | ConvertedTo | Nested | Given | GivenBy | GivenFrom | TakenDefault | Moving
)


def source_word(source: Source) -> str:
    """The contract's word for a source (section 2)."""
    match source:
        case Copy():
            return "copy"
        case Renamed():
            return "rename"
        case Converted() | ConvertedTo():
            return "convert"
        case Nested() | Taken():
            return "nested"
        case Filled(value):
            return "init" if value is None or source_field(value) is None else "nested"
        case Handed():
            return "move"
        case Given() | GivenBy() | GivenFrom():
            return "init"
        case TakenDefault():
            return "default"


def source_field(source: Source) -> str | None:
    """The field of the other record that a source reads, or None."""
    match source:
        case Copy(field) | Renamed(field) | Converted(field, _) | ConvertedTo(field, _, _) | Nested(field, _, _):
            return field
        case Taken(field):
            return field
        case Filled(value):
            return None if value is None else source_field(value)
    return None


def source_reads(source: Source) -> tuple[tuple[str, str], ...]:
    """The variables of an expression, with the other record's fields that they stand for; what moves has none."""
    match source:
        case ConvertedTo(_, _, reads) | GivenFrom(_, reads):
            return reads
        case Filled(value, _, handed):
            moved = tuple(("", field) for each in handed if (field := source_field(each)) is not None)
            return moved if value is None else (*moved, *source_reads(value))
    return ()


@dataclass(frozen=True, slots=True)
class FieldPlan:
    """Where one field's value comes from."""

    field: str
    source: Source


@dataclass(frozen=True, slots=True)
class Dropped:
    """An old field that is no source of anything; `acknowledged` by a decision or an allowance."""

    field: str
    acknowledged: bool


@dataclass(frozen=True, slots=True)
class Shape:
    """What a converter can see of a record's value: its tag and its size; of a native one the definition that it keeps.

    The size of a native record is that of a tuple with as many fields.
    """

    tag: str
    size: int
    definition: Definition | None = None


@dataclass(frozen=True, slots=True)
class Foreign:
    """What the names of a record do not say: its tuples' tags, and the module that declares it.

    `module` is empty where the state's module declares the new record too.
    """

    module: str
    old_tag: str
    new_tag: str


@dataclass(frozen=True, slots=True)
class RecordPlan:
    """The way between an old record and a new one, inside a state or as the state itself.

    `up` has the new record's fields in order, `down` the old record's, which are also `fields`. `foreign` is there for
    a record that the state's module does not declare. A native record has a definition.
    """

    record: str
    new: str
    fields: tuple[str, ...]
    up: tuple[FieldPlan, ...]
    dropped: tuple[Dropped, ...]
    down: tuple[FieldPlan, ...]
    foreign: Foreign | None = None
    old_definition: Definition | None = None
    new_definition: Definition | None = None

    @property
    def shape(self) -> Shape:
        """The shape of the old record."""
        tag = self.foreign.old_tag if self.foreign else self.record
        return Shape(tag, len(self.fields) + 1, self.old_definition)

    @property
    def new_shape(self) -> Shape:
        """The shape of the new record."""
        return Shape(self.foreign.new_tag if self.foreign else self.new, len(self.up) + 1, self.new_definition)

    @property
    def declared_here(self) -> bool:
        """Whether the state's module has record syntax for the new record."""
        return self.foreign is None or not self.foreign.module

    @property
    def new_fields(self) -> tuple[str, ...]:
        """The fields of the new record, in order."""
        return tuple(each.field for each in self.up)

    @property
    def in_place(self) -> bool:
        """Whether each field keeps its element of the tuple, whatever is converted inside it."""
        if self.shape != self.new_shape:
            return False
        pairs = zip(self.fields, self.up, strict=True)
        return all(isinstance(each.source, Copy | Renamed | Nested) and each.source.field == old for old, each in pairs)

    @property
    def unchanged(self) -> bool:
        """Whether a tuple of the old record is one of the new record as it is."""
        return self.in_place and all(isinstance(each.source, Copy | Renamed) for each in self.up)

    @property
    def keeps_all(self) -> bool:
        """Whether down after up gives back every field, nested records apart."""
        return len(self.given_back) == len(self.down)

    @property
    def given_back(self) -> tuple[str, ...]:
        """The old fields that down after up gives back, nested records apart."""
        up = {source_field(each.source): each for each in self.up}
        moved = {
            field
            for each in self.up
            if isinstance(each.source, Filled) and each.source.certain
            for _, field in source_reads(each.source)
        }
        found = []
        for each in self.down:
            there = up.get(each.field)
            if isinstance(each.source, Taken) and each.field in moved:
                found.append(each.field)
            elif there is None or source_field(each.source) != there.field:
                continue
            elif not isinstance(each.source, Converted | ConvertedTo) and not isinstance(
                there.source, Converted | ConvertedTo
            ):
                found.append(each.field)
        return tuple(found)
