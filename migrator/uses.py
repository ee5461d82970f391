"""Nouns: what a module's functions do with the fields of its records, as facts. Nothing here is a judgement."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from migrator.records import FunctionName  # noqa: TC001 - a noun's field types are part of its public face

How: TypeAlias = Literal["read", "update", "pattern", "new", "value"]
# Whether the one thing is the other, or lies somewhere inside it.
Depth: TypeAlias = Literal["is", "holds"]


@dataclass(frozen=True, slots=True)
class Call:
    """A function of some module, as a call names it."""

    module: str
    name: str
    arity: int

    def __str__(self) -> str:
        return f"{self.module}:{self.name}/{self.arity}"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a field is used: `how`, in which function and line.

    The numbers are equal where the code is, whatever its variables, fields and records are called: `heads` of the
    clauses around it, `way` from the statement to it, `near` of its last steps, `inner` of what stands there,
    `statement` of the whole statement.
    """

    record: str
    field: str
    how: How
    function: FunctionName
    line: int
    heads: int
    way: int
    near: int
    inner: int
    statement: int


@dataclass(frozen=True, slots=True)
class FromCall:
    """What a call gave; `element` is that of the tuple that it gave, 0 for all of it."""

    depth: Depth
    call: Call
    element: int


@dataclass(frozen=True, slots=True)
class FromRecord:
    """A record made in this module."""

    depth: Depth
    record: str


@dataclass(frozen=True, slots=True)
class FromField:
    """What another field had, or the same one before."""

    depth: Depth
    record: str
    field: str


Origin: TypeAlias = FromCall | FromRecord | FromField | Literal["plain", "unknown"]


@dataclass(frozen=True, slots=True)
class GivenValue:
    """What a field is given in one place; `function` is None for its declared default."""

    record: str
    field: str
    function: FunctionName | None
    line: int
    origins: tuple[Origin, ...]


@dataclass(frozen=True, slots=True)
class PassedTo:
    """A call that a field's value, or something out of it, is an argument of; `position` counts from 1."""

    record: str
    field: str
    depth: Depth
    function: FunctionName
    line: int
    call: Call
    position: int


@dataclass(frozen=True, slots=True)
class SeenAs:
    """A place where a field's value, or something out of it, is treated as the record `seen`."""

    record: str
    field: str
    function: FunctionName
    line: int
    seen: str


@dataclass(frozen=True, slots=True)
class MadeNew:
    """A place where a record is made by its syntax, whatever fields it names."""

    record: str
    function: FunctionName
    line: int


@dataclass(frozen=True, slots=True)
class BuiltAside:
    """A place where a record is made without its syntax; `record` is None where it could be any."""

    record: str | None
    function: FunctionName
    line: int


@dataclass(frozen=True, slots=True)
class OldStatePassed:
    """A call with something out of the old state, which a `code_change` finds in its Extra, as an argument."""

    function: FunctionName
    line: int
    call: Call
    position: int


@dataclass(frozen=True, slots=True)
class Uses:
    """All of it, in the order of the module."""

    places: tuple[Place, ...] = ()
    given: tuple[GivenValue, ...] = ()
    passed: tuple[PassedTo, ...] = ()
    seen: tuple[SeenAs, ...] = ()
    made: tuple[MadeNew, ...] = ()
    built: tuple[BuiltAside, ...] = ()
    old_state: tuple[OldStatePassed, ...] = ()


NO_USES = Uses()
