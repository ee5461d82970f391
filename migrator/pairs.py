"""Nouns: an old record and the new one, side by side, with what was decided for the way between them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from migrator.terms import atom_text, term_text

if TYPE_CHECKING:
    from migrator.decisions import Decision, Written
    from migrator.fitting import Names
    from migrator.modules import Module
    from migrator.records import Field, Record
    from migrator.request import Request
    from migrator.walker import Guide


def statement(word: str, *parts: str) -> str:
    """A decision as a statement of a decisions file; the parts are those of the attribute's form."""
    match word, parts:
        case "rename", (old, new):
            return f"rename {old} -> {new}."
        case "convert", (field, *_):
            return f"convert {field} = EXPRESSION down EXPRESSION."
        case "init", (field, how):
            return f"init {field} as_init." if how == "as_init" else f"init {field} = EXPRESSION."
        case "drop", (field, _):
            return f"drop {field} down EXPRESSION."
    return f"{' '.join((word, *parts))}."


def paste_whole(request: Request) -> str:
    """The line to paste for a decision about the whole state, in the form that the user writes already."""
    if request.rules is not None:
        return "state = EXPRESSION down EXPRESSION."
    return "-state_migration([{state, UP_FUNCTION, DOWN_FUNCTION}])."


@dataclass(frozen=True, slots=True)
class Pair:
    """One old record and the new one. `inner` says that it lies inside the state.

    `up` and `down` lead to the changed records inside values of the old and of the new version; `converted` are
    those records, by old and new name.
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

    def decided(self, *kinds: type[Decision], field: str) -> Decision | None:
        """The decision of one of these kinds about that field."""
        for each in self.decisions:
            if isinstance(each.decision, kinds) and getattr(each.decision, "field", None) == field:
                return each.decision
        return None

    @property
    def way(self) -> str:
        """From which version to which, for a person."""
        return f"{term_text(self.old_module.vsn)} -> {term_text(self.new_module.vsn)}"

    def called(self, field: str) -> str:
        """The field for a person: with its record, where that is not the state's."""
        return f"{atom_text(field)} of #{atom_text(self.new.name)}{{}}" if self.inner else atom_text(field)

    def paste(self, word: str, *parts: str) -> str:
        """The line to paste for a decision about this record, in the form that the user writes already."""
        if self.request.rules is not None:
            said = statement(word, *parts)
            return f"record {atom_text(self.new.name)}. {said}" if self.inner else said
        decision = f"{{{', '.join((word, *parts))}}}"
        text = f"{{in, {atom_text(self.new.name)}, [{decision}]}}" if self.inner else decision
        return f"-state_migration([{text}])."

    def place(self, module: Module, record: Record, field: Field) -> str:
        """Where a field of one of the two is declared."""
        line = field.line or record.line
        return f"{record.file or module.file}:{line}, #{atom_text(record.name)}.{atom_text(field.name)}"
