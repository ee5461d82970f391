"""Changed records at any place that a random type leads to, up and down on a real node."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hypothesis import HealthCheck, assume, given, note, settings
from hypothesis import strategies as st

from migrator import library
from migrator.terms import Atom, Improper, Map, term_text

if TYPE_CHECKING:
    from pathlib import Path

    from hypothesis.strategies import SearchStrategy

    from migrator.otp import Helper
    from migrator.terms import Term
    from tests.support.node import Node

# MIGRATOR_EXAMPLES=2000 looks for new ones; without it every run tries the same.
EXAMPLES = int(os.environ.get("MIGRATOR_EXAMPLES", "0"))

HEAD = """
-module(anywhere).
-vsn("{vsn}").
-record(item, {{a :: integer(){more}}}).
-record(box, {{one :: #item{{}}, many :: [#item{{}}]}}).
-type chain(T) :: stop | {{link, T, chain(T)}}.
-type chosen(A, B) :: {{left, A}} | {{right, B}}.
-record(state, {{x :: {type_}{last}}}).
-state_record(state).
-export_type([chain/1, chosen/2]).
"""


@dataclass(frozen=True)
class Typed:
    """A type as Erlang writes it, and values of it in which every item is an old one."""

    text: str
    values: SearchStrategy[Term]


ITEM = Typed("#item{}", st.integers(0, 9).map(lambda a: (Atom("item"), a)))
BOX = Typed("#box{}", st.tuples(st.just(Atom("box")), ITEM.values, st.lists(ITEM.values, max_size=2)))
LEAVES = (
    ITEM,
    BOX,
    Typed("integer()", st.integers(-1, 300)),
    Typed("binary()", st.binary(max_size=3)),
    Typed("a | b", st.sampled_from([Atom("a"), Atom("b")])),
)


def _list(of: Typed) -> Typed:
    return Typed(f"[{of.text}]", st.lists(of.values, max_size=3))


def _improper(of: Typed) -> Typed:
    ends = st.tuples(st.lists(of.values, min_size=1, max_size=2), ITEM.values)
    return Typed(
        f"nonempty_improper_list({of.text}, #item{{}})", ends.map(lambda pair: Improper(tuple(pair[0]), pair[1]))
    )


def _maybe(of: Typed) -> Typed:
    return Typed(f"undefined | {of.text}", st.just(Atom("undefined")) | of.values)


def _map(of: Typed) -> Typed:
    made = st.lists(of.values, max_size=3).map(lambda values: Map(tuple(enumerate(values))))
    return Typed(f"#{{integer() => {of.text}}}", made)


def _known(of: Typed) -> Typed:
    made = st.tuples(of.values, st.integers(0, 9)).map(
        lambda pair: Map(((Atom("inner"), pair[0]), (Atom("other"), pair[1])))
    )
    return Typed(f"#{{inner := {of.text}, other := integer()}}", made)


def _chain(of: Typed) -> Typed:
    def linked(values: list[Term]) -> Term:
        chain: Term = Atom("stop")
        for value in values:
            chain = (Atom("link"), value, chain)
        return chain

    return Typed(f"chain({of.text})", st.lists(of.values, max_size=3).map(linked))


def _tuple(one: Typed, other: Typed) -> Typed:
    return Typed(f"{{{one.text}, {other.text}}}", st.tuples(one.values, other.values))


def _either(one: Typed, other: Typed) -> Typed:
    return Typed(f"{one.text} | {other.text}", one.values | other.values)


def _set(of: Typed) -> Typed:
    """One of version 2; elements that are equal are one."""
    made = st.lists(of.values, max_size=2, unique_by=term_text).map(
        lambda items: Map(tuple((each, []) for each in items))
    )
    return Typed(f"sets:set({of.text})", made)


def _chosen(one: Typed, other: Typed) -> Typed:
    left = one.values.map(lambda value: (Atom("left"), value))
    right = other.values.map(lambda value: (Atom("right"), value))
    return Typed(f"chosen({one.text}, {other.text})", left | right)


def _more(inner: SearchStrategy[Typed]) -> SearchStrategy[Typed]:
    alone = st.sampled_from([_list, _improper, _maybe, _map, _known, _chain, _set])
    both = st.sampled_from([_tuple, _chosen, _either])
    return st.builds(lambda make, of: make(of), alone, inner) | st.builds(
        lambda make, one, other: make(one, other), both, inner, inner
    )


TYPES = st.recursive(st.sampled_from(LEAVES), _more, max_leaves=5)


def renewed(term: Term) -> Term:
    """The term with every old item made a new one."""
    match term:
        case (Atom("item"), a):
            return (Atom("item"), a, Atom("new"))
        case tuple():
            return tuple(map(renewed, term))
        case list():
            return list(map(renewed, term))
        case Improper(items, tail):
            return Improper(tuple(map(renewed, items)), renewed(tail))
        case Map(pairs):
            return Map(tuple((renewed(key), renewed(value)) for key, value in pairs))
    return term


def told(term: Term) -> str:
    """The term as text, with the pairs of its maps in one order."""
    match term:
        case tuple():
            return f"{{{', '.join(map(told, term))}}}"
        case list():
            return f"[{', '.join(map(told, term))}]"
        case Improper(items, tail):
            return f"[{', '.join(map(told, items))} | {told(tail)}]"
        case Map(pairs):
            return f"#{{{', '.join(sorted(f'{told(key)} => {told(value)}' for key, value in pairs))}}}"
    return term_text(term)


def _compiled(node: Node, source: str, path: Path) -> Path:
    beam = node.apply("live_compile", "text", source.encode())
    assert isinstance(beam, bytes)
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(beam)
    return path


@settings(
    max_examples=EXAMPLES or 120,
    derandomize=not EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(typed=TYPES, grows=st.booleans(), data=st.data())
def test_items_anywhere(  # noqa: PLR0913 - three drawn, three fixtures
    helper: Helper, node: Node, tmp_path: Path, typed: Typed, data: st.DataObject, *, grows: bool
) -> None:
    """Section 2: whatever the type, each record in the state is converted, nothing else is touched, twice is once."""
    source = HEAD.replace("{type_}", typed.text.replace("{", "{{").replace("}", "}}"))
    note(typed.text)
    old = _compiled(node, source.format(vsn="1", more="", last=""), tmp_path / "1" / "anywhere.beam")
    more, last = ", b = new :: atom()", ", y = 0" if grows else ""
    new = _compiled(node, source.format(vsn="2", more=more, last=last), tmp_path / "2" / "anywhere.beam")
    result = library.inject(helper, [old], new)
    # A union in which one looks like another: a person decides.
    assume("M314" not in [each.code for each in result.diagnostics])
    assert [each.message for each in result.diagnostics if each.kind.exit] == []
    beam = result.injected[0].after
    if beam is None:
        assert "#item" not in typed.text
        assert "#box" not in typed.text
        return
    node.load("anywhere", beam)
    for _ in range(3):
        value = data.draw(typed.values)
        before = (Atom("state"), value)
        after = (Atom("state"), renewed(value), *((0,) if grows else ()))
        old_vsn: Term = [49]
        ways: list[tuple[Term, Term, Term]] = [
            (before, old_vsn, after),
            (after, old_vsn, after),
            (after, (Atom("down"), old_vsn), before),
        ]
        for given_, vsn, expected in ways:
            answer = node.live("convert", Atom("anywhere"), vsn, given_, [])
            assert told(answer) == told((Atom("ok"), expected))
