"""Any random edit of any random record, up and then down, on a real node: hundreds of edits in one node."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, assume, currently_in_test_context, given, note, settings
from hypothesis import strategies as st

from migrator import library
from migrator.recordplan import source_field, source_word
from migrator.render.erlang import render_erlang
from migrator.synthesise import synthesise
from migrator.terms import Atom
from tests.support.laboratory import Laboratory
from tests.support.records import (
    MODULE,
    OLDER_VSN,
    Declared,
    Edit,
    edits,
    new_source,
    old_source,
    states,
    with_an_older,
)

if TYPE_CHECKING:
    from migrator.otp import Helper
    from migrator.plan import Migration, Plan
    from migrator.terms import Term
    from tests.support.node import Node

# MIGRATOR_EXAMPLES=5000 looks for new ones; without it every run tries the same.
EXAMPLES = int(os.environ.get("MIGRATOR_EXAMPLES", "0"))


@pytest.fixture(scope="module")
def laboratory(helper: Helper, node: Node, tmp_path_factory: pytest.TempPathFactory) -> Laboratory:
    """One for all edits."""
    return Laboratory(MODULE, tmp_path_factory.mktemp("edits"), helper, node)


def _note(text: str) -> None:
    """Shows it with a failing example; a test of one case alone shows its own."""
    if currently_in_test_context():
        note(text)


def _migrated(laboratory: Laboratory, edit: Edit) -> tuple[Plan, bytes | None]:
    """The plan, and the new beam with its migration; None where nothing is to be done."""
    _note(old_source(edit))
    _note(new_source(edit))
    old, new = laboratory.compile(old_source(edit), "v1"), laboratory.compile(new_source(edit), "v2")
    result = library.inject(laboratory.helper, [old], new)
    assert [each.message for each in result.diagnostics if each.kind.exit] == []
    (planned,), (injected,) = result.planned, result.injected
    assert planned.plan is not None
    if injected.after is not None:
        _note(render_erlang(synthesise(planned.plan).functions))
    return planned.plan, injected.after


def _accounted(edit: Edit, migration: Migration) -> None:
    """Every new field has the source that the edit gives it, every old one is such a source or dropped."""
    assert edit.words() == {each.field: source_word(each.source) for each in migration.up}
    taken = {each.field: source_field(each.source) for each in migration.up}
    assert edit.sources == {new: old for new, old in taken.items() if old is not None}
    assert set(edit.dropped) == {each.field for each in migration.dropped}
    assert all(each.acknowledged for each in migration.dropped)
    assert [each.name for each in edit.old] == [each.field for each in migration.down]


@settings(
    max_examples=EXAMPLES or 300,
    derandomize=not EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(edit=edits(), data=st.data())
def test_any_edit_up_and_down(laboratory: Laboratory, edit: Edit, data: st.DataObject) -> None:
    """Whatever the edit, states go up and down as the plan says, once is as twice, and no kept field is lost."""
    plan, beam = _migrated(laboratory, edit)
    _accounted(edit, plan.migrations[0])
    before = data.draw(states(edit.old_name, edit.old), label="old state")
    other = data.draw(states(edit.new_name, edit.new), label="new state")
    if beam is None:
        # Then a state of the old version is a state of the new one, and back.
        assert (before, other) == (edit.up(before), edit.down(other))
        return
    laboratory.node.load(MODULE, beam)
    old_vsn, new_vsn = plan.migrations[0].vsn, plan.vsn
    down = (Atom("down"), old_vsn)

    after = edit.up(before)
    assert (Atom("ok"), after) == laboratory.convert(old_vsn, before, [])
    assert (Atom("ok"), after) == laboratory.convert(new_vsn if edit.same_shape else old_vsn, after, [])
    assert (Atom("ok"), edit.down(after)) == laboratory.convert(down, after, [])
    assert (Atom("ok"), edit.down(other)) == laboratory.convert(down, other, [])
    kept = [place for place, field in enumerate(edit.old, 1) if field.name in edit.sources.values()]
    back = edit.down(after)
    assert [before[place] for place in kept] == [back[place] for place in kept]


@settings(max_examples=EXAMPLES or 60, derandomize=not EXAMPLES, deadline=None)
@given(edit=edits(), unknown=st.integers(0, 15))
def test_any_other_state(laboratory: Laboratory, edit: Edit, unknown: int) -> None:
    """Whatever the edit, an unknown size is refused in both directions, and what is no such tuple passes."""
    plan, beam = _migrated(laboratory, edit)
    assume(beam is not None and unknown not in (len(edit.old), len(edit.new)))
    laboratory.node.load(MODULE, beam or b"")
    others: list[Term] = [Atom("other"), (), (1, 2), [Atom(edit.old_name)]]
    vsn = plan.migrations[0].vsn
    for told in (vsn, (Atom("down"), vsn)):
        for tag in (Atom(edit.old_name), Atom(edit.new_name)):
            refused = (Atom("state_migration"), (Atom("unknown_shape"), tag, unknown + 1))
            assert (Atom("error"), refused) == laboratory.convert(told, (tag, *range(unknown)), [])
        for state in others:
            assert (Atom("ok"), state) == laboratory.convert(told, state, [])


@settings(
    max_examples=EXAMPLES or 100,
    derandomize=not EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(both=with_an_older(), data=st.data())
def test_any_two_edits_to_one_version(laboratory: Laboratory, both: tuple[Edit, Edit], data: st.DataObject) -> None:
    """Whatever the edits from two old versions, one beam takes both up and down; one run or two give the same bytes."""
    sources = [old_source(both[0], OLDER_VSN), old_source(both[1]), new_source(both[1])]
    for source in sources:
        _note(source)
    older, old, new = map(laboratory.compile, sources, ("v0", "v1", "v2"))
    result = library.inject(laboratory.helper, [older, old], new)
    assert [each.message for each in result.diagnostics if each.kind.exit] == []
    (planned,), (injected,) = result.planned, result.injected
    assert planned.plan is not None
    assume(injected.after is not None)
    beam = injected.after or b""
    _note(render_erlang(synthesise(planned.plan).functions))
    laboratory.node.load(MODULE, beam)
    for edit, migration in zip(both, planned.plan.migrations, strict=True):
        before = data.draw(states(edit.old_name, edit.old), label="old state")
        after = edit.up(before)
        assert (Atom("ok"), after) == laboratory.convert(migration.vsn, before, [])
        assert (Atom("ok"), after) == laboratory.convert(planned.plan.vsn, after, [])
        assert (Atom("ok"), edit.down(after)) == laboratory.convert((Atom("down"), migration.vsn), after, [])
    alone = [library.preview(laboratory.helper, [path], new)[0].plan for path in (old, older)]
    # One that needs nothing leaves no trace when it comes first: the test below.
    assume(all(each is not None and each.verdict == "migrate" for each in alone))
    for path in (old, older):
        library.write(library.inject(laboratory.helper, [path], new).injected)
    assert beam == new.read_bytes()


def test_unchanged_version_beside_a_changed_one(laboratory: Laboratory) -> None:
    """An old version whose states need nothing leaves a beam alone; beside a changed one it is recorded."""
    field, other = Declared("name", None), Declared("other", None)
    edit = Edit("state", "state", (field, other), (field, other), {"name": "name", "other": "other"}, {}, "none")
    changed = replace(edit, old=(field,), sources={"name": "name"})
    unchanged = laboratory.compile(old_source(edit), "v1")
    older = laboratory.compile(old_source(changed, OLDER_VSN), "v0")
    new = laboratory.compile(new_source(edit), "v2")
    (at_once,) = library.inject(laboratory.helper, [older, unchanged], new).injected
    (alone,) = library.inject(laboratory.helper, [unchanged], new).injected
    assert alone.after is None
    for path in (older, unchanged):
        library.write(library.inject(laboratory.helper, [path], new).injected)
    assert at_once.after == new.read_bytes()


def test_field_called_underscore(laboratory: Laboratory) -> None:
    """A field may be called `'_'`: what `init/1` gives it is not given to the other fields."""
    new = (Declared("_", None, 7), Declared("name", None))
    plan, _ = _migrated(laboratory, Edit("state", "state", (), new, {}, {}, "none"))
    assert {each.field: source_word(each.source) for each in plan.migrations[0].up} == {"_": "init", "name": "default"}
