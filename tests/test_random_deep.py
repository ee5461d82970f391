"""`{deep, Field}` on any term: each old record in it is converted, each new one on the way back, and nothing else."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from migrator import library
from migrator.terms import Atom, Improper, Map, term_text
from tests.support.beams import compile_text

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from migrator.otp import Helper
    from migrator.terms import Term
    from tests.support.node import Node

# MIGRATOR_EXAMPLES=2000 looks for new ones; without it every run tries the same.
EXAMPLES = int(os.environ.get("MIGRATOR_EXAMPLES", "0"))
SOURCE = """
-module(looked). -behaviour(gen_server). -vsn("{vsn}").
-export([init/1, handle_call/3, handle_cast/2]).
-record(item, {{a{more}}}).
-record(state, {{x}}).
-state_record(state).
{decision}
init(S) -> {{ok, S}}.
handle_call(_, _, S) -> {{reply, {{S, #item{{}}, #state{{}}}}, S}}.
handle_cast(_, S) -> {{noreply, S}}.
"""
ITEM, NEW = Atom("item"), Atom("new")

_scalars: st.SearchStrategy[Term] = st.integers() | st.sampled_from([ITEM, NEW, Atom("state"), b"item", 1.5])
# Two keys stay two keys whatever becomes of them.
_keys: st.SearchStrategy[Term] = _scalars | st.tuples(st.just(ITEM), _scalars)


def _map(pairs: list[tuple[Term, Term]]) -> Term:
    return Map(tuple(pairs))


def _more(inner: st.SearchStrategy[Term]) -> st.SearchStrategy[Term]:
    several = st.lists(inner, max_size=4)
    return (
        several
        | several.map(tuple)
        | several.map(lambda items: (ITEM, *items))
        | inner.map(lambda value: (ITEM, value))
        | st.builds(lambda item, items: Improper((item, *items), ITEM), inner, several)
        | st.lists(st.tuples(_keys, inner), max_size=3, unique_by=lambda pair: term_text(pair[0])).map(_map)
    )


TERMS: st.SearchStrategy[Term] = st.recursive(_scalars, _more, max_leaves=12)


def _up(term: Term) -> Term:
    if isinstance(term, tuple) and len(term) == 2 and term[0] == ITEM:
        return (ITEM, _up(term[1]), NEW)
    return _inside(_up, term)


def _down(term: Term) -> Term:
    if isinstance(term, tuple) and len(term) == 3 and term[0] == ITEM:
        return (ITEM, _down(term[1]))
    return _inside(_down, term)


def _told(term: Term) -> str:
    """The term as text, with the pairs of its maps in one order."""

    def in_order(inner: Term) -> Term:
        told = _inside(in_order, inner)
        return Map(tuple(sorted(told.pairs, key=term_text))) if isinstance(told, Map) else told

    return term_text(in_order(term))


def _inside(convert: Callable[[Term], Term], term: Term) -> Term:
    match term:
        case tuple():
            return tuple(map(convert, term))
        case list():
            return list(map(convert, term))
        case Improper(items, tail):
            return Improper(tuple(map(convert, items)), convert(tail))
        case Map(pairs):
            return Map(tuple((convert(key), convert(value)) for key, value in pairs))
    return term


def test_any_term(helper: Helper, node: Node, tmp_path: Path) -> None:
    """Section 8: whatever lies around a record, and whatever only looks like one."""
    old = compile_text(SOURCE.format(vsn=1, more="", decision=""), tmp_path / "1", module="looked")
    said = "-state_migration([{deep, x}])."
    new = compile_text(SOURCE.format(vsn=2, more=", b = new", decision=said), tmp_path / "2", module="looked")
    (injected,) = library.inject(helper, [old], new).injected
    assert injected.after is not None
    node.load("looked", injected.after)

    def answer(vsn: Term, value: Term) -> Term:
        return node.live("convert", Atom("looked"), vsn, (Atom("state"), value), [])

    @settings(
        max_examples=EXAMPLES or 300,
        derandomize=not EXAMPLES,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow],
    )
    @given(value=TERMS)
    def holds(value: Term) -> None:
        version: Term = [49]
        after, before = _up(value), _down(value)
        for vsn, given_, expected in (
            (version, value, after),
            (version, after, after),
            ((Atom("down"), version), value, before),
            ((Atom("down"), version), before, before),
        ):
            assert _told(answer(vsn, given_)) == _told((Atom("ok"), (Atom("state"), expected)))

    holds()
