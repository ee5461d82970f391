"""The forms of an appup's instructions: each legal one is read and means the same to systools as what is written."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from migrator.release.codefacts import CodeFacts, Reference
from migrator.release.dependencies import ordered
from migrator.release.drafts import Versions
from migrator.release.instructions import DEFAULT, Add, Delete, Load, Other, Update, instruction, supervisor, term_of
from migrator.render.appup import spaced
from migrator.terms import Atom
from migrator.termtext import parse_terms

if TYPE_CHECKING:
    from migrator.terms import Term

ADVANCED: Term = (Atom("advanced"), [Atom("x")])

# A form, what it is, and how it is written.
FORMS = {
    "{update, m}": (Update("m"), "{update, m, soft, brutal_purge, brutal_purge, []}"),
    "{update, m, supervisor}": (supervisor("m"), "{update, m, supervisor}"),
    "{update, m, soft}": (Update("m"), "{update, m, soft, brutal_purge, brutal_purge, []}"),
    "{update, m, [a, b]}": (Update("m", deps=("a", "b")), "{update, m, soft, brutal_purge, brutal_purge, [a, b]}"),
    "{update, m, {advanced, [x]}, [a]}": (
        Update("m", ADVANCED, ("a",)),
        "{update, m, {advanced, [x]}, brutal_purge, brutal_purge, [a]}",
    ),
    "{update, m, {advanced, [x]}, soft_purge, brutal_purge, []}": (
        Update("m", ADVANCED, pre="soft_purge"),
        "{update, m, {advanced, [x]}, soft_purge, brutal_purge, []}",
    ),
    "{update, m, 7000, soft, brutal_purge, soft_purge, [a]}": (
        Update("m", deps=("a",), post="soft_purge", timeout=7000),
        "{update, m, 7000, soft, brutal_purge, soft_purge, [a]}",
    ),
    "{update, m, static, infinity, {advanced, [x]}, brutal_purge, brutal_purge, []}": (
        Update("m", ADVANCED, timeout=Atom("infinity"), mod_type="static"),
        "{update, m, static, infinity, {advanced, [x]}, brutal_purge, brutal_purge, []}",
    ),
    "{update, m, dynamic, default, soft, brutal_purge, brutal_purge, []}": (
        Update("m", timeout=DEFAULT),
        "{update, m, soft, brutal_purge, brutal_purge, []}",
    ),
    "{load_module, m}": (Load("m"), "{load_module, m}"),
    "{load_module, m, [a]}": (Load("m", ("a",)), "{load_module, m, [a]}"),
    "{load_module, m, soft_purge, soft_purge, []}": (
        Load("m", pre="soft_purge", post="soft_purge"),
        "{load_module, m, soft_purge, soft_purge, []}",
    ),
    "{add_module, m}": (Add("m"), "{add_module, m}"),
    "{add_module, m, [a]}": (Add("m", ("a",)), "{add_module, m, [a]}"),
    "{delete_module, m}": (Delete("m"), "{delete_module, m}"),
    "{delete_module, m, [a]}": (Delete("m", ("a",)), "{delete_module, m, [a]}"),
}

# systools refuses each of these, or they are not about one module.
OTHERS = [
    "{update, m, hard}",
    "{update, m, dynamic, soft, brutal_purge, brutal_purge, []}",
    "{update, m, 0, soft, brutal_purge, brutal_purge, []}",
    "{update, m, soft, brutal_purge, []}",
    "{update, m, [1]}",
    "{load_module, m, soft_purge}",
    "{load_module, m, hard, hard, []}",
    "{add_module, m, a}",
    "{apply, {m, f, []}}",
    "{add_application, m}",
    "{add_application, m, permanent}",
    "{remove_application, m}",
    "{restart_application, m}",
    "restart_emulator",
    "{load, {m, brutal_purge, brutal_purge}}",
]


@pytest.mark.parametrize("form", FORMS)
def test_a_form_is_read_and_written(form: str) -> None:
    """Each legal form is read as what it is, and what is written for it is read as the same."""
    (written,) = parse_terms(f"{form}.", "x")
    read, shown = FORMS[form]
    assert instruction(written.term) == read
    assert spaced(term_of(read)) == shown
    assert instruction(term_of(read)) == read


@pytest.mark.parametrize("form", OTHERS)
def test_all_else_stays_as_it_is(form: str) -> None:
    """What is no legal form of the four for modules is kept as the term that it is."""
    (written,) = parse_terms(f"{form}.", "x")
    assert instruction(written.term) == Other(written.term)
    assert term_of(instruction(written.term)) == written.term


# --- order ---

_NAMES = [f"m{number}" for number in range(7)]


def _facts(name: str, exports: set[str], calls: set[tuple[str, str]]) -> CodeFacts:
    references = frozenset(Reference(module, function, 0) for module, function in calls if module != name)
    return CodeFacts(name, (), (), frozenset((each, 0) for each in exports), references, frozenset())


_SIDE = st.dictionaries(
    st.sampled_from(_NAMES),
    st.tuples(
        st.sets(st.sampled_from(["f", "g"])),
        st.sets(st.tuples(st.sampled_from(_NAMES), st.sampled_from(["f", "g"])), max_size=3),
    ),
)


@given(old=_SIDE, new=_SIDE)
def test_none_calls_what_is_not_there(
    old: dict[str, tuple[set[str], set[tuple[str, str]]]], new: dict[str, tuple[set[str], set[tuple[str, str]]]]
) -> None:
    """At each step of the way up, a call that its own version means to work meets its function, or it is told."""
    versions = {
        name: Versions(
            name,
            "shop",
            _facts(name, *old[name]) if name in old else None,
            _facts(name, *new[name]) if name in new else None,
        )
        for name in {*old, *new}
    }
    order = ordered(versions)
    assert sorted(order.modules) == sorted(versions)
    loaded: set[str] = set()
    told = {frozenset(pair) for pair in order.broken}
    for module in ("", *order.modules):
        loaded.add(module)
        running = {name: each.new if name in loaded else each.old for name, each in versions.items()}
        for name, code in running.items():
            for call in code.calls if code else ():
                if call.module not in running:
                    continue
                home = new if name in loaded else old
                meant = call.module in home and call.function in home[call.module][0]
                callee = running[call.module]
                there = callee is not None and (call.function, 0) in callee.exports
                assert there or not meant or frozenset((name, call.module)) in told
    assert ordered(dict(reversed(versions.items()))) == order


@given(old=_SIDE, new=_SIDE)
def test_what_is_needed_comes_before(
    old: dict[str, tuple[set[str], set[tuple[str, str]]]], new: dict[str, tuple[set[str], set[tuple[str, str]]]]
) -> None:
    """Dependencies lead to modules that are loaded before, so that systools meets no circle."""
    both = sorted(old.keys() & new.keys())
    versions = {name: Versions(name, "shop", _facts(name, *old[name]), _facts(name, *new[name])) for name in both}
    order = ordered(versions)
    place = {name: number for number, name in enumerate(order.modules)}
    assert all(place[each] < place[name] for name in both for each in order.needs[name])
