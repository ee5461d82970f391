"""Containers that hold changed records: whole ones are converted, and what only looks like one raises nothing."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from migrator import library
from migrator.errors import HelperFault
from migrator.terms import Atom

if TYPE_CHECKING:
    from pathlib import Path

    from migrator.otp import Helper
    from migrator.terms import Term
    from tests.support.node import Node

# MIGRATOR_BROKEN=100000 tries more of them.
COUNT = int(os.environ.get("MIGRATOR_BROKEN", "20000"))

TYPES = {
    "array": "array:array(#item{} | undefined)",
    "sparse": "array:array(#item{})",
    "dict": "dict:dict(integer(), #item{})",
    "keyed_dict": "dict:dict(#item{}, #item{})",
    "tree": "gb_trees:tree(integer(), #item{}) | {integer(), #item{}}",
    "keyed_tree": "gb_trees:tree(#item{}, #item{})",
    "gb_set": "gb_sets:set(#item{})",
    "set": "sets:set(#item{}) | #{atom() => #item{}}",
    "new_set": "sets:set(#item{}) | #{atom() => #item{}}",
    "queue": "queue:queue(#item{})",
    "orddict": "orddict:orddict(integer(), #item{})",
    "ordset": "ordsets:ordset(#item{})",
    "map": "#{#item{} => [#item{}]}",
    "improper": "nonempty_improper_list(#item{}, #item{}) | #item{}",
    "list_of_sets": "[sets:set(#item{})]",
}
SOURCE = """
-module(broken). -vsn("{vsn}"). -export([code_change/3]).
-record(item, {{a :: integer(){more}}}).
-record(state, {{{fields}}}).
-state_record(state).
code_change(_, State, _) -> {{ok, State}}.
"""
FAILING = """
-module(broken). -vsn("{vsn}"). -export([twice/1, code_change/3]).
-record(item, {{a :: integer(){more}}}).
-record(state, {{x :: {type_}}}).
-state_record(state).
-state_migration([{{in, item, [{{convert, a, twice, twice}}]}}]).
twice(A) -> 2 * A.
code_change(_, State, _) -> {{ok, State}}.
"""


def _loaded(helper: Helper, node: Node, folder: Path, *sources: str) -> None:
    paths = []
    for number, source in enumerate(sources):
        beam = node.apply("live_compile", "text", source.encode())
        assert isinstance(beam, bytes)
        path = folder / f"broken{number}.beam"
        path.write_bytes(beam)
        paths.append(path)
    result = library.inject(helper, paths[:-1], paths[-1])
    assert result.exit == 0, [each.message for each in result.diagnostics]
    assert result.injected[0].after is not None
    node.load("broken", result.injected[0].after)


@pytest.mark.parametrize("kind", [each for each in TYPES if each not in {"sparse", "keyed_dict", "keyed_tree"}])
def test_what_fails_in_a_whole_container_is_told(kind: str, helper: Helper, node: Node, tmp_path: Path) -> None:
    """A conversion of the user's own that fails is not taken for a broken container: nothing stays old in silence."""
    old, new = (FAILING.format(vsn=vsn, more=more, type_=TYPES[kind]) for vsn, more in ((1, ""), (2, ", b = new")))
    _loaded(helper, node, tmp_path, old, new)
    value = node.apply("live_broken", "failing", Atom(kind))
    with pytest.raises(HelperFault, match="badarith"):
        node.apply("broken", "code_change", [49], (Atom("state"), value), [])


def test_whole_and_broken_containers(helper: Helper, node: Node, tmp_path: Path) -> None:
    """Section 3: a value that is not of its type's shape raises nothing and loses nothing; a whole one is converted."""
    fields = ", ".join(f"{name} :: {type_}" for name, type_ in TYPES.items())
    ways = (SOURCE.format(vsn=vsn, more=more, fields=fields) for vsn, more in ((1, ""), (2, ", b = new")))
    _loaded(helper, node, tmp_path, *ways)
    kinds: Term = [Atom(each) for each in TYPES]
    assert node.apply("live_broken", "whole", Atom("broken"), kinds) == []
    assert node.apply("live_broken", "broken", Atom("broken"), kinds, 1, COUNT) == []
