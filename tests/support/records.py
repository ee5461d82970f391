"""Random records, and random edits of them, with what must become of every field; for Hypothesis."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from hypothesis import strategies as st

from migrator.terms import UNDEFINED, Atom, Map, atom_text, term_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from migrator.terms import Term

MODULE = "edited"
OLDER_VSN, OLD_VSN, NEW_VSN = "0.9", "1.0", "2.0"


@dataclass(frozen=True)
class Default:
    """An expression for a field, and what it is worth in the old record and in the new one."""

    text: str
    in_old: Term
    in_new: Term


@dataclass(frozen=True)
class Declared:
    """A field of a record; `init` is the constant that `init/1` gives it."""

    name: str
    default: Default | None
    init: Term | None = None


@dataclass(frozen=True)
class Edit:
    """Two versions of a record: what `sources` has is kept, all else is new or, with its decision, gone.

    `dropped` has for each field that is gone the value that a downgrade is to give it, or None.
    """

    old_name: str
    new_name: str
    old: tuple[Declared, ...]
    new: tuple[Declared, ...]
    sources: Mapping[str, str]
    dropped: Mapping[str, Term | None]
    own: str

    @property
    def same_shape(self) -> bool:
        """Whether no tuple can tell which version it is of."""
        return (self.old_name, len(self.old)) == (self.new_name, len(self.new))

    @property
    def decisions(self) -> str:
        """What a person would write."""
        texts = [f"{{rename, {atom_text(old)}, {atom_text(new)}}}" for new, old in self.sources.items() if new != old]
        for name, value in self.dropped.items():
            texts.append(f"{{drop, {atom_text(name)}{'' if value is None else ', ' + term_text(value)}}}")
        return f"-state_migration([{', '.join(texts)}])."

    def up(self, state: tuple[Term, ...]) -> tuple[Term, ...]:
        """The new state for an old one."""
        values = dict(zip((each.name for each in self.old), state[1:], strict=True))
        return (Atom(self.new_name), *(self._value(each, values) for each in self.new))

    def _value(self, field: Declared, values: Mapping[str, Term]) -> Term:
        if field.name in self.sources:
            return values[self.sources[field.name]]
        if field.default is not None:
            return field.default.in_new
        return UNDEFINED if field.init is None else field.init

    def down(self, state: tuple[Term, ...]) -> tuple[Term, ...]:
        """The old state for a new one."""
        values = dict(zip((each.name for each in self.new), state[1:], strict=True))
        back = {old: new for new, old in self.sources.items()}
        return (
            Atom(self.old_name),
            *(values[back[each.name]] if each.name in back else self._lost(each) for each in self.old),
        )

    def _lost(self, field: Declared) -> Term:
        value = self.dropped[field.name]
        if value is not None:
            return value
        return UNDEFINED if field.default is None else field.default.in_old

    def words(self) -> dict[str, str]:
        """The contract's word for the source of each new field."""
        return {each.name: self._word(each) for each in self.new}

    def _word(self, field: Declared) -> str:
        if field.name in self.sources:
            return "copy" if self.sources[field.name] == field.name else "rename"
        return "default" if field.init is None or field.default is not None else "init"


# --- terms and expressions -----------------------------------------------------------------------------------------

# Like variables of generated code, like each other once they are variables, in need of quotes, like keywords.
_NAMES = (
    *("name", "name_", "user_name", "user name", "userName", "UserName"),
    *("OldVsn", "State", "Extra", "Old", "New", "Vsn", "Result", "_Old"),
    *("end", "when", "of", "'", "it's", "a\\b", "a.b", "a b", "1", "ü", "Ü", "é_x", "->", "%x", "{}", "\n"),
)
# Not `'_'`: test_field_called_underscore says why.
names = st.sampled_from(_NAMES) | st.text(
    st.characters(exclude_categories=("Cs", "Cn")), min_size=1, max_size=6
).filter(lambda name: name != "_")

_SIMPLE = (
    st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.binary(max_size=4)
    | st.sampled_from([Atom(name) for name in ("undefined", "true", "false", "a", "'", "Old")])
)
terms: st.SearchStrategy[Term] = st.recursive(
    _SIMPLE,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.tuples(inner, inner)
        | st.builds(lambda value: Map(((Atom("key"), value),)), inner)
    ),
    max_leaves=4,
)
_VARIABLES = st.sampled_from(("Old", "New", "State", "Extra", "OldVsn", "Name", "UserName", "Vsn", "Result"))


def _constant(term: Term) -> Default:
    return Default(term_text(term), term, term)


def _comprehension(name: str) -> Default:
    value: list[Term] = [(Atom("a"), 1), (Atom("b"), 1)]
    return Default(f"[{{{name}, 1}} || {name} <- [a, b]]", value, value)


def _applied_fun(one: str, other: str) -> Default:
    other = f"{other}2" if one == other else other
    value: Term = (7, [7])
    return Default(f"(fun({one}) -> {other} = [{one}], {{{one}, {other}}} end)(7)", value, value)


def _inner_case(name: str) -> Default:
    return Default(f"(fun() -> case limit() of {name} -> {name} + 1 end end)()", 22 + 1, 22 + 1)


# A function of the module: on a downgrade, too, it is the new one that is called.
_CALL = Default("limit()", 22, 22)
_RECORD = Default("#inner{}", (Atom("inner"), 1), (Atom("inner"), 2, Atom("none")))
_OF_RECORD = Default("[#inner{a = limit()}]", [(Atom("inner"), 22)], [(Atom("inner"), 22, Atom("none"))])

defaults = (
    st.builds(_constant, terms)
    | st.builds(_comprehension, _VARIABLES)
    | st.builds(_applied_fun, _VARIABLES, _VARIABLES)
    | st.builds(_inner_case, _VARIABLES)
    | st.sampled_from((_CALL, _RECORD, _OF_RECORD))
)

# --- edits ----------------------------------------------------------------------------------------------------------

OWN = {
    "none": "",
    "passes": "-export([code_change/3]).\ncode_change(_OldVsn, State, _Extra) -> {ok, State}.",
    "speaks of the new record": "-export([code_change/3]).\n"
    "code_change({{down, _}}, #{record}{{}} = State, _Extra) -> {{ok, State}};\n"
    "code_change(_OldVsn, State, _Extra) -> {{ok, State}}.",
    "throws": "-export([code_change/3]).\n"
    "code_change({{down, _}}, State, _Extra) when is_record(State, {record}) -> throw({{ok, State}});\n"
    "code_change(_OldVsn, State, _Extra) -> throw({{ok, State}}).",
    "is private": "-export([own/0]).\nown() -> code_change(a, b, c).\n"
    "code_change(_OldVsn, State, _Extra) -> {ok, State}.",
}


_FATES = ("keep", "keep", "keep", "rename", "drop", "drop with a value")


@st.composite
def edits(draw: st.DrawFn) -> Edit:
    """A record of up to twelve fields, and any edit of it."""
    # Else the only thing that tells the versions apart, their vsn, would hardly ever have to.
    reordered = draw(st.integers(0, 4)) == 0
    count, added = draw(st.integers(0, 12)), 0 if reordered else draw(st.integers(0, 5))
    every = draw(st.lists(names, min_size=count + added, max_size=count + added, unique=True))
    free = every[count:]
    old = tuple(Declared(name, draw(st.none() | defaults)) for name in every[:count])
    new: list[Declared] = []
    sources: dict[str, str] = {}
    dropped: dict[str, Term | None] = {}
    for field in old:
        fate = "keep" if reordered else draw(st.sampled_from(_FATES))
        if fate == "rename" and free:
            name = free.pop()
        elif fate.startswith("drop"):
            dropped[field.name] = None if fate == "drop" else draw(terms)
            continue
        else:
            name = field.name
        sources[name] = field.name
        new.append(Declared(name, draw(st.just(field.default) | st.none() | defaults)))
    for name in free:
        init = draw(st.none() | terms.filter(lambda term: term != UNDEFINED))
        new.append(Declared(name, draw(defaults) if init is None and draw(st.booleans()) else None, init))
    record = draw(names)
    return Edit(
        old_name=record,
        new_name=record if reordered or draw(st.booleans()) else draw(names),
        old=old,
        new=tuple(draw(st.permutations(new)) if reordered or draw(st.booleans()) else new),
        sources=sources,
        dropped=dropped,
        own=draw(st.sampled_from(tuple(OWN))),
    )


@st.composite
def with_an_older(draw: st.DrawFn) -> tuple[Edit, Edit]:
    """Edits from two old versions to one new one: the older one has some of the other's fields, in any order."""
    edit = draw(edits())
    kept = draw(st.lists(st.sampled_from(edit.old), unique_by=lambda field: field.name)) if edit.old else []
    names_kept = {field.name for field in kept}
    older = replace(
        edit,
        old=tuple(kept),
        sources={new: old for new, old in edit.sources.items() if old in names_kept},
        dropped={name: value for name, value in edit.dropped.items() if name in names_kept},
    )
    return older, edit


def states(record: str, fields: tuple[Declared, ...]) -> st.SearchStrategy[tuple[Term, ...]]:
    """States of that record, with any values."""
    return st.tuples(st.just(Atom(record)), *(terms for _ in fields))


def old_source(edit: Edit, vsn: str = OLD_VSN) -> str:
    """The old module."""
    return _source(edit.old_name, edit.old, vsn, "-record(inner, {a = 1}).", "limit() -> 11.")


def new_source(edit: Edit) -> str:
    """The new module, with the decisions and a conversion function of its own, if any."""
    own = OWN[edit.own]
    if "{record}" in own:
        own = own.format(record=atom_text(edit.new_name))
    parts = ("-record(inner, {a = 2, b = none}).", edit.decisions, own, "limit() -> 22.")
    return _source(edit.new_name, edit.new, NEW_VSN, *parts)


def _source(record: str, fields: tuple[Declared, ...], vsn: str, *parts: str) -> str:
    name = atom_text(record)
    declared = ", ".join(
        atom_text(each.name) + ("" if each.default is None else f" = {each.default.text}") for each in fields
    )
    given = ", ".join(f"{atom_text(each.name)} = {term_text(each.init)}" for each in fields if each.init is not None)
    attributes = [each for each in parts if each.startswith("-")]
    functions = [each for each in parts if not each.startswith("-")]
    return "\n".join(
        [
            f"-module({MODULE}).",
            "-behaviour(gen_server).",
            f'-vsn("{vsn}").',
            "-export([init/1, handle_call/3, handle_cast/2, limit/0]).",
            *attributes[:1],
            f"-record({name}, {{{declared}}}).",
            f"-state_record({name}).",
            *attributes[1:],
            f"init([]) -> {{ok, #{name}{{{given}}}}}.",
            "handle_call(inner, _From, State) -> {reply, #inner{}, State}.",
            "handle_cast(_Request, State) -> {noreply, State}.",
            *functions,
        ]
    )
