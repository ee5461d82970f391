"""Any random edit of any native record (OTP 29), from a tuple record or to one too: up and down, on a real node."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from migrator import library
from migrator.terms import Atom, atom_text, term_text
from tests.support.laboratory import Laboratory
from tests.support.records import names, terms

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from migrator.terms import Term

pytest_plugins = ["tests.support.bench29"]

# OTP 29.1 takes no binary with numbers in it for a native record's default.
literals = terms.filter(lambda term: "<<" not in term_text(term))

# MIGRATOR_EXAMPLES=2000 looks for new ones; without it every run tries the same.
EXAMPLES = int(os.environ.get("MIGRATOR_EXAMPLES", "0"))
OLD_VSN, NEW_VSN = "1.0", "2.0"
Kind = str  # tuple, private or exported: a native record of that access


@dataclass(frozen=True)
class Version:
    """One version of the record: its fields with their values in a new process, and whether that is a default."""

    kind: Kind
    name: str
    fields: tuple[tuple[str, Term, bool], ...]

    def value(self, given_: dict[str, Term]) -> Term:
        """A state of that version."""
        values = [(Atom(name), given_[name]) for name, _, _ in self.fields]
        if self.kind == "tuple":
            return (Atom(self.name), *(value for _, value in values))
        exported = Atom("true" if self.kind == "exported" else "false")
        return (Atom("$native"), Atom("randomly"), Atom(self.name), exported, list(values))

    def source(self, vsn: str, decisions: str = "") -> str:
        """The module in that version."""
        name = atom_text(self.name)
        fields = ", ".join(
            atom_text(each) + (f" = {term_text(value)}" if declared else "") for each, value, declared in self.fields
        )
        told = ", ".join(f"{atom_text(each)} = {term_text(v)}" for each, v, declared in self.fields if not declared)
        return "\n".join(
            [
                "-module(randomly).",
                "-behaviour(gen_server).",
                f'-vsn("{vsn}").',
                "-export([init/1, handle_call/3, handle_cast/2]).",
                f"-record({name}, {{{fields}}})." if self.kind == "tuple" else f"-record #{name}{{{fields}}}.",
                f"-export_record([{name}])." if self.kind == "exported" else "",
                f"-state_record({name}).",
                decisions,
                f"init([]) -> {{ok, #{name}{{{told}}}}}.",
                "handle_call(_, _, State) -> {reply, ok, State}.",
                "handle_cast(_, State) -> {noreply, State}.",
            ]
        )


@dataclass(frozen=True)
class Edit:
    """Two versions: old names by new ones of what is kept, and the values after a downgrade of what is gone."""

    old: Version
    new: Version
    kept: dict[str, str]
    gone: dict[str, Term]

    @property
    def decisions(self) -> str:
        """What a person would write."""
        said = [f"{{rename, {atom_text(old)}, {atom_text(new)}}}" for new, old in self.kept.items() if new != old]
        said += [f"{{drop, {atom_text(name)}, {term_text(value)}}}" for name, value in self.gone.items()]
        return f"-state_migration([{', '.join(said)}])."

    @property
    def told(self) -> bool:
        """Whether what a state is tells its version."""
        shapes = [(each.kind, each.name, [name for name, _, _ in each.fields]) for each in (self.old, self.new)]
        if shapes[0][0] == shapes[1][0] == "tuple":
            return False
        return shapes[0] != shapes[1]


@st.composite
def edits(draw: st.DrawFn) -> Edit:
    """An edit in which at least one version is native."""
    old_kind, new_kind = draw(st.sampled_from([(a, b) for a in KINDS for b in KINDS if (a, b) != ("tuple", "tuple")]))
    every = draw(st.lists(names, max_size=9, unique=True))
    count = draw(st.integers(0, len(every)))
    free, old, new, kept, gone = every[count:], [], [], {}, {}
    for name in every[:count]:
        old.append((name, draw(literals), draw(st.booleans())))
        fate = draw(st.sampled_from(("keep", "keep", "rename", "drop")))
        if fate == "drop":
            gone[name] = draw(terms)
            continue
        after = free.pop() if fate == "rename" and free else name
        kept[after] = name
        new.append((after, draw(literals), draw(st.booleans())))
    new += [(name, draw(literals), draw(st.booleans())) for name in free]
    record = draw(names)
    renamed = record if draw(st.booleans()) else draw(names)
    return Edit(
        Version(old_kind, record, tuple(old)),
        Version(new_kind, renamed, tuple(draw(st.permutations(new)))),
        kept,
        gone,
    )


KINDS = ("tuple", "private", "exported")


def text(vsn: str) -> Term:
    """A vsn as OTP passes it."""
    return list(map(ord, vsn))


@settings(
    max_examples=EXAMPLES or 40,
    derandomize=not EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(edit=edits(), data=st.data())
def test_any_edit(edit: Edit, data: st.DataObject, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    """Each field of the new state is what the edit says, the way back likewise, and a new state passes."""
    room = Laboratory("randomly", tmp_path, request.getfixturevalue("helper29"), request.getfixturevalue("node29"))
    sources = edit.old.source(OLD_VSN), edit.new.source(NEW_VSN, edit.decisions)
    note("\n\n".join(sources))
    beams = [room.compile(source, version) for source, version in zip(sources, ("old", "new"), strict=True)]
    result = library.inject(room.helper, beams[:1], beams[1])
    assert [each.message for each in result.diagnostics if each.kind.exit] == []
    (made,) = result.injected
    room.node.load("randomly", made.after or made.before)
    before = {name: data.draw(terms) for name, _, _ in edit.old.fields}
    after = {name: before[edit.kept[name]] if name in edit.kept else value for name, value, _ in edit.new.fields}
    old, new = edit.old.value(before), edit.new.value(after)
    if made.after is None:
        assert old == new
        return
    assert (Atom("ok"), new) == room.convert(text(OLD_VSN), old, [])
    assert (Atom("ok"), new) == room.convert(text(NEW_VSN), new, [])
    if edit.told:
        assert (Atom("ok"), new) == room.convert(text(OLD_VSN), new, [])
    back = {old_name: after[new_name] for new_name, old_name in edit.kept.items()} | edit.gone
    assert (Atom("ok"), edit.old.value(back)) == room.convert((Atom("down"), text(OLD_VSN)), new, [])
    foreign = replace(edit.old, fields=(*edit.old.fields, ("one more field", 1, True)))
    if foreign.kind != "tuple":
        told = room.convert(text(OLD_VSN), foreign.value(before | {"one more field": 1}), [])
        assert isinstance(told, tuple)
        assert told[0] == Atom("error")
