"""Nouns: what a beam says of its module, as facts. Nothing here is a judgement."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from migrator.records import UNKNOWN_YIELD, Yield
from migrator.uses import NO_USES, Uses

if TYPE_CHECKING:
    from migrator.records import FunctionName, Record
    from migrator.terms import Term
    from migrator.types import TypeDefinition

Reach: TypeAlias = Literal["no", "some", "every"]


@dataclass(frozen=True, slots=True)
class Attribute:
    """One attribute of ours in a module: its name, value and place."""

    name: str
    value: Term
    file: str
    line: int


@dataclass(frozen=True, slots=True)
class TuplePattern:
    """A tuple pattern that a clause lays on its state. `tag` is None where the tag is no atom."""

    tag: str | None
    size: int
    line: int


@dataclass(frozen=True, slots=True)
class RecordUse:
    """A place where a clause treats its state as the record `record`; `how` says it for a person."""

    record: str
    how: str
    line: int


@dataclass(frozen=True, slots=True)
class Positional:
    """A place where a clause treats its state as a bare tuple.

    `grown`: it gives it `number` more elements (fewer, where negative); `set`: it sets the element of that number.
    """

    kind: Literal["grown", "set"]
    number: int
    line: int


@dataclass(frozen=True, slots=True)
class ClauseFacts:
    """A clause of the module's own callback, judged alone.

    `up` and `down` say which of the calls of that direction its head takes. `inside` are tuple patterns that it lays
    on what it takes out of the state, `fields` the records, fields and lines of record patterns that it lays on it.
    """

    line: int
    up: Reach
    down: Reach
    shapes: tuple[TuplePattern, ...]
    uses: tuple[RecordUse, ...]
    positional: tuple[Positional, ...] = ()
    inside: tuple[TuplePattern, ...] = ()
    fields: tuple[tuple[str, tuple[str, ...], int], ...] = ()


@dataclass(frozen=True, slots=True)
class ConstantValue:
    """A field's value in a construction that is a literal."""

    text: str
    yields: Yield = UNKNOWN_YIELD


@dataclass(frozen=True, slots=True)
class ClosedValue:
    """A field's value in a construction that has no free variables; `effects` are its calls with a lasting effect."""

    text: str
    effects: tuple[str, ...]
    yields: Yield = UNKNOWN_YIELD


@dataclass(frozen=True, slots=True)
class FreeVariable:
    """A variable that an expression needs: an `argument` of its function, or a `local` one, and where it is bound."""

    name: str
    kind: Literal["argument", "local"]
    line: int


@dataclass(frozen=True, slots=True)
class OpenValue:
    """A field's value in a construction that needs the variables `free`."""

    text: str
    free: tuple[FreeVariable, ...]
    yields: Yield = UNKNOWN_YIELD


ConstructedValue: TypeAlias = ConstantValue | ClosedValue | OpenValue


@dataclass(frozen=True, slots=True)
class Construction:
    """A construction (`kind` new) or an update of a record in the module's code.

    `values` has the fields that it gives, `others` the value of `_ = Value`. `from_init`: `init/1` gets there.
    """

    kind: Literal["new", "update"]
    function: FunctionName
    line: int
    from_init: bool
    record: str
    values: tuple[tuple[str, ConstructedValue], ...]
    others: ConstructedValue | None = None

    def value_of(self, field: str) -> ConstructedValue | None:
        """What this construction gives the field, or None when it leaves the field alone."""
        return dict(self.values).get(field, self.others)


@dataclass(frozen=True, slots=True)
class RecordShape:
    """One line of the index of all records: enough to see that a record changed, by `names` that its fields did."""

    name: str
    size: int
    digest: bytes
    names: bytes


@dataclass(frozen=True, slots=True)
class Unseen:
    """A module that a type names and whose declarations are not at hand; `found` says whether there is a beam of it."""

    module: str
    why: str
    found: Literal["no beam", "a beam"]


@dataclass(frozen=True, slots=True)
class Module:
    """One version of a module.

    `vsn` is what OTP passes as OldVsn for it (`release_handler_1:get_vsn/1`). `records` are those asked for and all
    that these reach, by name; `type_index` has every type that it declares. `beam` is the file's content. `neighbours`
    are the modules of the same release whose types its own types lead to, with all that they declare; `unseen` those of
    them that could not be read. `beside` and `folder` are what a lock file says of the modules beside it; without one
    the folder of `path` tells.
    """

    name: str
    path: str
    beam: bytes
    file: str
    md5: bytes
    vsn: Term
    compiler: str | None
    behaviours: tuple[str, ...]
    exports: frozenset[FunctionName]
    functions: frozenset[FunctionName]
    imports: frozenset[FunctionName]
    attributes: tuple[Attribute, ...]
    records: tuple[Record, ...]
    record_index: tuple[RecordShape, ...]
    types: tuple[TypeDefinition, ...]
    variables: frozenset[str]
    callbacks: tuple[tuple[FunctionName, tuple[ClauseFacts, ...]], ...]
    constructions: tuple[Construction, ...]
    neighbours: tuple[Module, ...] = ()
    unseen: tuple[Unseen, ...] = ()
    beside: frozenset[str] | None = None
    type_index: tuple[tuple[str, int], ...] = ()
    folder: str | None = None
    uses: Uses = NO_USES

    def record(self, name: str) -> Record | None:
        """The record of that name, when it was asked for or reached."""
        return next((record for record in self.records if record.name == name), None)

    def attribute(self, name: str) -> tuple[Attribute, ...]:
        """All attributes of that name, in order."""
        return tuple(attribute for attribute in self.attributes if attribute.name == name)

    def clauses(self, function: FunctionName) -> tuple[ClauseFacts, ...]:
        """The clauses of a callback that was asked for; empty when the module does not define it."""
        return dict(self.callbacks).get(function, ())
