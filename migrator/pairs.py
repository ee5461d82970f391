"""Nouns: an old record and the new one, side by side, with what was decided for the way between them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from migrator.recordplan import Foreign
from migrator.terms import atom_text, term_text

if TYPE_CHECKING:
    from migrator.decisions import Decision, Written
    from migrator.fitting import Names
    from migrator.modules import Module
    from migrator.recordplan import Handed, RecordPlan
    from migrator.records import Field, Record
    from migrator.request import Request
    from migrator.walker import Guide


def statement(word: str, *parts: str) -> str:
    """A decision as a statement of a decisions file; the parts are those of the attribute's form."""
    match word, parts:
        case "rename", (old, new):
            return f"rename {old} -> {new}."
        case "convert", (field, up, down):
            said = ["EXPRESSION" if each in {"UP_FUNCTION", "DOWN_FUNCTION"} else each for each in (up, down)]
            return f"convert {field} = {said[0]} down {said[1]}."
        case "init", (field, how):
            if how == "as_init":
                return f"init {field} as_init."
            return f"init {field} = {'EXPRESSION' if how == 'FUNCTION' else how}."
        case "move", (field, *path):
            return f"move {field} -> {'.'.join(path)}."
        case "in", (record, *_):
            return f"record {record}."
        case "drop", (field, _):
            return f"drop {field} down EXPRESSION."
    return f"{' '.join((word, *parts))}."


def paste_whole(request: Request) -> str:
    """The line to paste for a decision about the whole state, in the form that the user writes already."""
    if request.rules is not None:
        return f"{request.heads[0]}state = EXPRESSION down EXPRESSION."
    return "-state_migration([{state, UP_FUNCTION, DOWN_FUNCTION}])."


@dataclass(frozen=True, slots=True)
class Place:
    """A new field with a record that values move into: `handed` are the old fields, or what is handed in from outside.

    `pair` is the record there, old beside new; one that is built here has no old fields. `update` is how the values get
    into a record that is of the new version already, since something else gives it. `certain` says that the field can
    hold nothing but the record.
    """

    field: str
    handed: tuple[str | Handed, ...]
    pair: Pair | None
    update: RecordPlan | None
    certain: bool


@dataclass(frozen=True, slots=True)
class Moved:
    """An old field that moves to `target`, the last of the `path` of records and fields behind the new `field`.

    `certain_up` and `certain_down` say that there is always a place for it, `accepted` that a new type is right.
    """

    old: str
    field: str
    path: tuple[tuple[str, str], ...]
    target: Field
    certain_up: bool
    certain_down: bool
    accepted: bool

    @property
    def place(self) -> str:
        """The path as a person says it."""
        return ".".join(map(atom_text, (self.field, *(field for _, field in self.path))))


@dataclass(frozen=True, slots=True)
class Pair:
    """One old record and the new one. `inner` says that it lies inside the state.

    `up` and `down` lead to the changed records inside values of the old and of the new version; `converted` are
    those records, by old and new name. Of these no type leads from the state to the `hidden` ones (by old name);
    `untold` are changed records that `deep` cannot tell by their shape. What is `built` for what moves into it comes
    from no old record. `handed` are the fields that values move into from outside, `places` those with records that
    values move into, `moved` the old fields that do.
    """

    old_module: Module
    old: Record
    new_module: Module
    new: Record
    names: Names
    decisions: tuple[Written, ...]
    request: Request
    up: Guide
    down: Guide
    converted: frozenset[tuple[str, str]]
    inner: str = ""
    hidden: frozenset[str] = frozenset()
    untold: tuple[Record, ...] = ()
    built: bool = False
    handed: tuple[tuple[str, Handed], ...] = ()
    places: tuple[Place, ...] = ()
    moved: tuple[Moved, ...] = ()

    def decided(self, *kinds: type[Decision], field: str) -> Decision | None:
        """The decision of one of these kinds about that field."""
        for each in self.decisions:
            if isinstance(each.decision, kinds) and getattr(each.decision, "field", None) == field:
                return each.decision
        return None

    def place_in(self, field: str) -> Place | None:
        """The place in that new field, where values move into it."""
        return next((each for each in self.places if each.field == field), None)

    @property
    def with_built(self) -> tuple[Pair, ...]:
        """This pair, and those of the records inside that are built for what moves into them."""
        inner = [each.pair for each in self.places if each.pair is not None]
        below = [built for each in inner for built in each.with_built]
        return (self, *(each for each in below if each.built))

    @property
    def foreign(self) -> Foreign | None:
        """What a record's names do not say, where the state's module does not declare it."""
        if not self.new.home and self.old.tag == self.old.name and self.new.tag == self.new.name:
            return None
        return Foreign(self.new.home, self.old.tag, self.new.tag)

    @property
    def way(self) -> str:
        """From which version to which, for a person."""
        return f"{term_text(self.old_module.vsn)} -> {term_text(self.new_module.vsn)}"

    def called(self, field: str) -> str:
        """The field for a person: with its record, where that is not the state's."""
        return f"{atom_text(field)} of #{atom_text(self.new.name)}{{}}" if self.inner else atom_text(field)

    def paste(self, word: str, *parts: str) -> str:
        """The line to paste for a decision about this record, in the form that the user writes already."""
        return self.paste_inside(self.new.name if self.inner else "", word, *parts)

    def paste_inside(self, record: str, word: str, *parts: str) -> str:
        """The same for a record inside the state, by its name; an empty one is the state itself."""
        if self.request.rules is not None:
            said = statement(word, *parts)
            top, inside = self.request.heads
            return (
                f"{inside}record {atom_text(record)}. {said}" if record else f"{inside if word == 'in' else top}{said}"
            )
        last = (f"[{', '.join(parts[1:])}]",) if word in {"move", "in"} else parts[1:]
        decision = f"{{{', '.join((word, parts[0], *last))}}}"
        text = f"{{in, {atom_text(record)}, [{decision}]}}" if record else decision
        return f"-state_migration([{text}])."

    def place(self, module: Module, record: Record, field: Field) -> str:
        """Where a field of one of the two is declared."""
        line = field.line or record.line
        return f"{record.file or module.file}:{line}, #{atom_text(record.name)}.{atom_text(field.name)}"
