"""Nouns: Erlang types, as far as a comparison needs to tell them apart.

Source: the abstract format of types, https://www.erlang.org/doc/apps/erts/absform.html (section Types).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class AnyTerm:
    """`term()` or `any()`."""


@dataclass(frozen=True, slots=True)
class NoTerm:
    """`none()` or `no_return()`: the type without a value."""


@dataclass(frozen=True, slots=True)
class Literal:
    """One atom, integer or character. `kind` is `atom` or `integer`, since in Python True equals 1."""

    kind: str
    value: str | int


@dataclass(frozen=True, slots=True)
class Range:
    """Integers from `low` to `high`; None is unbounded."""

    low: int | None
    high: int | None


@dataclass(frozen=True, slots=True)
class Named:
    """A built-in type without structure of its own: `atom()`, `pid()`, `float()`, `map()`, `tuple()` and the like."""

    name: str


@dataclass(frozen=True, slots=True)
class Union:
    """`A | B`. Never nested: members of a member are members."""

    members: tuple[Type, ...]


@dataclass(frozen=True, slots=True)
class TupleOf:
    """`{A, B}`."""

    elements: tuple[Type, ...]


@dataclass(frozen=True, slots=True)
class ListOf:
    """A list: type of its elements, of its tail (a proper list's is `[]`), and whether it may be empty."""

    element: Type
    tail: Type | None
    nonempty: bool


@dataclass(frozen=True, slots=True)
class Association:
    """One association of a map type: `Key := Value` when required, else `Key => Value`."""

    key: Type
    value: Type
    required: bool


@dataclass(frozen=True, slots=True)
class MapOf:
    """`#{…}`."""

    associations: tuple[Association, ...]


@dataclass(frozen=True, slots=True)
class Bits:
    """`<<_:Base, _:_*Unit>>`."""

    base: int
    unit: int


@dataclass(frozen=True, slots=True)
class FunOf:
    """`fun((A, B) -> C)`; `arguments` is None for `fun((...) -> C)` and for a bare `fun()` (then `result` too)."""

    arguments: tuple[Type, ...] | None
    result: Type | None


@dataclass(frozen=True, slots=True)
class RecordOf:
    """`#name{field :: T}`: a record of the module; `narrowed` are the fields whose type is said here."""

    name: str
    narrowed: tuple[tuple[str, Type], ...] = ()


@dataclass(frozen=True, slots=True)
class UserType:
    """A type of the module, `name(A, B)`."""

    name: str
    arguments: tuple[Type, ...]


@dataclass(frozen=True, slots=True)
class RemoteType:
    """A type of another module, `module:name(A, B)`."""

    module: str
    name: str
    arguments: tuple[Type, ...]


@dataclass(frozen=True, slots=True)
class TypeVariable:
    """A parameter of a user type."""

    name: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """A type that we do not understand; `text` says what stood there."""

    text: str


Type: TypeAlias = (
    AnyTerm
    | NoTerm
    | Literal
    | Range
    | Named
    | Union
    | TupleOf
    | ListOf
    | MapOf
    | Bits
    | FunOf
    | RecordOf
    | UserType
    | RemoteType
    | TypeVariable
    | Unknown
)


@dataclass(frozen=True, slots=True)
class TypeDefinition:
    """What `-type name(Parameters) :: body` declares."""

    name: str
    parameters: tuple[str, ...]
    body: Type
