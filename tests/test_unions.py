"""Unions whose members look alike: every record in any member is converted, or a person is asked (contract, 2)."""

from __future__ import annotations

import os
import zlib
from typing import TYPE_CHECKING

import pytest

from migrator import library
from migrator.terms import Atom, term_text
from migrator.verifying.findings import Trial

if TYPE_CHECKING:
    from pathlib import Path

    from migrator.library import Injection
    from migrator.otp import Helper
    from migrator.terms import Term
    from tests.support.node import Node

# MIGRATOR_VERIFY_STATES=1000 tries more.
STATES = int(os.environ.get("MIGRATOR_VERIFY_STATES", "100"))
SOURCE = """
-module({module}). -behaviour(gen_server). -vsn("{vsn}").
-export([init/1, handle_call/3, handle_cast/2]).
-record(item, {{a :: integer(){more}}}).
-record(quad, {{a :: integer(), b :: integer(), c :: integer(){more}}}).
-record(loose, {{a{more}}}).
-record(same, {{a{more}}}).
-type chain() :: stop | {{link, #item{{}}, chain()}}.
-type tree() :: #item{{}} | {{tree(), tree()}}.
-record(state, {{x :: {type_}}}).
-state_record(state).
init(S) -> {{ok, S}}.
handle_call(_, _, S) -> {{reply, S, S}}.
handle_cast(_, S) -> {{noreply, S}}.
"""
"""Old item, quad and loose have one, three and one fields, new ones one more that is `new`."""

CASES = [
    # A set of version 2 is a map, #{Element => []}.
    ("sets:set(#item{}) | #{atom() => #item{}}", "#{OLD => []}", "#{NEW => []}"),
    ("sets:set(#item{}) | #{atom() => #item{}}", "#{x => OLD}", "#{x => NEW}"),
    ("sets:set(#item{}) | #{atom() => #item{}}", "sets:from_list([OLD, x], [{version, 1}])", None),
    ("sets:set(#item{}) | #{atom() => #item{}}", "sets:from_list([OLD, x], [{version, 2}])", None),
    ("#{#item{} => x} | sets:set(#item{})", "#{OLD => x}", "#{NEW => x}"),
    ("#{#item{} => x} | sets:set(#item{})", "sets:from_list([OLD], [{version, 2}])", None),
    ("#{k := #item{}} | sets:set(#item{})", "#{k => OLD}", None),
    ("#{k := #item{}} | sets:set(#item{})", "#{k => [], OLD => []}", None),
    ("sets:set(#item{}) | #{k => #item{}} | sets:set(#quad{})", "sets:from_list([OLD, QUAD], [{version, 1}])", None),
    ("sets:set(#item{}) | #{k => #item{}} | sets:set(#quad{})", "sets:from_list([OLD, QUAD], [{version, 2}])", None),
    # No set at all, but nothing of it may be lost.
    ("sets:set(#item{})", "#{OLD => kept}", None),
    # A recursive type beside others.
    ("chain() | #item{}", "{link, OLD, {link, OLD, stop}}", None),
    ("chain() | #item{}", "OLD", None),
    ("tree() | [tree()]", "[{OLD, {OLD, OLD}}]", None),
    ("tree() | [tree()]", "{{OLD, OLD}, OLD}", None),
    ("[chain()] | chain() | #{a => tree()}", "[{link, OLD, stop}]", None),
    ("[chain()] | chain() | #{a => tree()}", "{link, OLD, stop}", None),
    ("[chain()] | chain() | #{a => tree()}", "#{a => {OLD, OLD}}", None),
    # Tuples that a tag tells apart, beside one of any tag.
    ("{a, #item{}} | {b, #quad{}} | {atom(), [#item{}]}", "{b, [OLD]}", None),
    ("{a, #item{}} | {b, #quad{}} | {atom(), [#item{}]}", "{b, QUAD}", None),
    ("{a, #item{}} | {b, #quad{}} | {atom(), [#item{}]}", "{a, OLD}", None),
    # A balanced tree is a pair too.
    ("gb_trees:tree(integer(), #quad{}) | {integer(), #quad{}}", "{7, QUAD}", None),
    ("gb_trees:tree(integer(), #quad{}) | {integer(), #quad{}}", "gb_trees:from_orddict([{1, QUAD}, {2, QUAD}])", None),
    ("gb_trees:tree(integer(), #quad{}) | {1, #quad{}}", "gb_trees:from_orddict([{1, QUAD}])", None),
    ("gb_trees:tree(integer(), #quad{}) | {1, #quad{}}", "{1, QUAD}", None),
    ("gb_trees:tree(integer(), #quad{}) | {integer(), #item{}}", "{7, OLD}", None),
    ("gb_trees:tree(integer(), #quad{}) | {integer(), [#item{}]}", "{7, [OLD]}", None),
    ("gb_sets:set(#item{}) | {integer(), {integer(), #item{}, x}}", "gb_sets:from_list([OLD])", None),
    ("queue:queue(#item{}) | {integer(), #quad{}}", "queue:from_list([OLD, OLD])", None),
    ("queue:queue(#item{}) | {[#item{}], integer()}", "{[OLD], 1}", None),
    ("queue:queue(#item{}) | {[#item{}], integer()}", "queue:from_list([OLD, OLD])", None),
    # A tuple and a record of one tag and size, which their elements tell apart.
    ("{item, #item{}} | #item{}", "{item, OLD}", None),
    ("{item, #item{}} | #item{}", "OLD", None),
    ("{atom(), #item{}} | #item{}", "{item, OLD}", None),
    ("{atom(), #item{}} | #item{}", "{other, OLD}", None),
    ("{atom(), #item{}} | #item{}", "OLD", None),
]


def _filled(text: str, more: str) -> str:
    """The expression with the records of a version in the places of their names."""
    new = f", {more}" if more else ""
    return text.replace("QUAD", f"{{quad, 1, 2, 3{new}}}").replace("OLD", f"{{item, 1{new}}}")


def _injected(helper: Helper, node: Node, folder: Path, type_: str, *, state: str = "") -> tuple[str, Injection]:
    module = f"union{zlib.crc32(type_.encode())}"
    source = SOURCE.replace("-state_record(state).", state or "-state_record(state).")
    old, new = (
        _compiled(node, source.format(module=module, vsn=vsn, more=more, type_=type_), folder / f"{module}{vsn}.beam")
        for vsn, more in ((1, ""), (2, ", n = new"))
    )
    return module, library.inject(helper, [old], new)


def _compiled(node: Node, source: str, path: Path) -> Path:
    beam = node.apply("live_compile", "text", source.encode())
    assert isinstance(beam, bytes)
    path.write_bytes(beam)
    return path


def _term(node: Node, text: str) -> Term:
    return node.live("value", text.encode())


def _up_and_down(node: Node, module: str, old: Term, new: Term) -> list[tuple[Term, Term]]:
    """What each conversion must give, and what it gave: up, up again, down, down again."""
    up: Term = [49]
    down: Term = (Atom("down"), [49])
    ways = ((up, old, new), (up, new, new), (down, new, old), (down, old, old))
    return [
        ((Atom("ok"), expected), node.live("convert", Atom(module), vsn, given, [])) for vsn, given, expected in ways
    ]


@pytest.mark.parametrize(("type_", "before", "after"), CASES)
def test_each_member_is_converted(  # noqa: PLR0913, PLR0917 - three parts of a case and three fixtures
    type_: str, before: str, after: str | None, helper: Helper, node: Node, tmp_path: Path
) -> None:
    """Section 2: a record in any member of the union is converted, up and down, twice as once."""
    module, result = _injected(helper, node, tmp_path, type_)
    assert result.exit == 0, [each.message for each in result.diagnostics]
    assert result.injected[0].after is not None
    node.load(module, result.injected[0].after)
    old = _term(node, f"{{state, {_filled(before, '')}}}")
    new = _term(node, f"{{state, {_filled(after.replace('NEW', 'OLD') if after else before, 'new')}}}")
    for expected, given in _up_and_down(node, module, old, new):
        assert term_text(expected) == term_text(given)


def test_verify_finds_no_fault_in_any_of_them(helper: Helper, node: Node, tmp_path: Path) -> None:
    """What the generated code makes of states of all these types is what the plan says, as verify understands it."""
    # `{item, #item{}}` is to be kept, though it looks like an old record: verify asks of it why it is there.
    types = [*dict.fromkeys(type_ for type_, _, _ in CASES if " | #item{}" not in type_)]
    fields = ", ".join(f"x{number} :: {type_}" for number, type_ in enumerate(types))
    old, new = (
        _compiled(node, source, tmp_path / f"unions{number}.beam")
        for number, source in enumerate(
            SOURCE.replace("x :: {type_}", "{fields}").format(module="unions", vsn=vsn, more=more, fields=fields)
            for vsn, more in ((1, ""), (2, ", n = new"))
        )
    )
    (verified,) = library.verify(helper, [old], new, trial=Trial(STATES, seed=1))
    assert [each.message for each in verified.diagnostics if each.kind.exit] == []
    assert verified.result == "holds"
