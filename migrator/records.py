"""Nouns: records and their fields, as a beam's debug info declares them."""

from __future__ import annotations

from dataclasses import dataclass

from migrator.terms import atom_text
from migrator.types import Type  # noqa: TC001 - a noun's field types are part of its public face


@dataclass(frozen=True, slots=True)
class Definition:
    """What a value of a native record (OTP 29) keeps of its record: it tells one version's values from another's.

    `exported` says that other modules may match and read its fields; `fields` are in order.
    """

    module: str
    name: str
    exported: bool
    fields: tuple[str, ...]

    @property
    def text(self) -> str:
        """The definition as generated code has it, as an Erlang literal."""
        access = "true" if self.exported else "false"
        named = ", ".join(map(atom_text, self.fields))
        return f"{{{atom_text(self.module)}, {atom_text(self.name)}, {access}, [{named}]}}"

    @property
    def pattern(self) -> str:
        """A pattern for every value of a record of that module and name, whatever definition it keeps."""
        return f"#{atom_text(self.module)}:{atom_text(self.name)}{{}}"


@dataclass(frozen=True, slots=True)
class FunctionName:
    """A function of a module: its name and arity."""

    name: str
    arity: int

    def __str__(self) -> str:
        return f"{self.name}/{self.arity}"


@dataclass(frozen=True, slots=True)
class Fun:
    """A fun that an expression makes: `local` (`fun f/1`), `anonymous` (`fun … end`) or `external` (`fun m:f/1`).

    `text` is `f/1` for a local one, else the expression.
    """

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Yield:
    """What an expression yields, as far as its form tells.

    `heads` are the outermost of the values that it may have: `map`, `list`, `nil`, `atom undefined` …, `dict:new/0` for
    what a function of another module gives, `unknown`. `funs` are those that lie in the value.
    """

    heads: tuple[str, ...] = ("unknown",)
    funs: tuple[Fun, ...] = ()


UNKNOWN_YIELD = Yield()


@dataclass(frozen=True, slots=True)
class Default:
    """A field's declared default.

    `text` is the expression as written; `expanded` the same with its module's records and imports resolved, valid
    in every module that has the functions `calls`; `constant` says that it is a literal. `missing` says what the OTP at
    hand lacks for it (functions that are gone, say), `elsewhere` are functions of modules that it does not have, with
    their modules: they may be the release's own. `theirs` are functions of another module, whose record this is, and
    `private` those of them that it does not export.
    """

    text: str
    expanded: str
    constant: bool
    calls: tuple[FunctionName, ...] = ()
    missing: tuple[str, ...] = ()
    elsewhere: tuple[tuple[str, str], ...] = ()
    yields: Yield = UNKNOWN_YIELD
    theirs: tuple[str, ...] = ()
    private: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a record. `type` and `type_text` are None where no type is declared."""

    name: str
    line: int = 0
    default: Default | None = None
    type: Type | None = None
    type_text: str | None = None

    @property
    def default_text(self) -> str:
        """The value of a field that nobody sets, as Erlang source."""
        return "undefined" if self.default is None else self.default.text


@dataclass(frozen=True, slots=True)
class Record:
    """A record: its name, where it is declared, and its fields in order.

    `home` is the module that declares it, where the state's module does not. `other_tag` is its tuples' tag where the
    name is another: two modules may each have a record of that tag. Of a native record its values keep `definition`.
    """

    name: str
    fields: tuple[Field, ...]
    file: str = ""
    line: int = 0
    home: str = ""
    other_tag: str = ""
    definition: Definition | None = None

    @property
    def tag(self) -> str:
        """The first element of its tuples, the name that its values have."""
        return self.other_tag or self.name

    @property
    def size(self) -> int:
        """The size of its tuples, as `tuple_size/1` says: the tag counts."""
        return len(self.fields) + 1

    @property
    def names(self) -> tuple[str, ...]:
        """The field names, in order."""
        return tuple(field.name for field in self.fields)

    def get(self, name: str) -> Field | None:
        """The field of that name, or None."""
        return next((field for field in self.fields if field.name == name), None)
