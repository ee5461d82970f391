"""Modules that were compiled from forms alone: nothing in their beams names a source file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from migrator import library

if TYPE_CHECKING:
    from pathlib import Path

    from migrator.otp import Helper
    from tests.support.node import Node

SOURCE = """
-module(nofile).
-behaviour(gen_server).
-export([init/1]).
-record(state, {a}).
-state_record(state).
-state_migration([{drop, b}]).
init([]) -> {ok, #state{}}.
"""


@pytest.fixture
def beam(node: Node, tmp_path: Path) -> Path:
    """Such a beam."""
    compiled = node.apply("live_compile", "text", SOURCE.encode())
    assert isinstance(compiled, bytes)
    path = tmp_path / "nofile.beam"
    path.write_bytes(compiled)
    return path


def test_places_name_the_module(helper: Helper, beam: Path) -> None:
    """Diagnostics need a place to point at: the module's file as it would be called."""
    module = library.inspect(helper, beam)
    assert [(each.file, each.line) for each in module.attribute("state_migration")] == [("nofile.erl", 7)]
    assert module.file == "nofile.erl"


def test_scan_lists_it(helper: Helper, beam: Path) -> None:
    """A scan finds its state record as it does in any module."""
    (scanned,), unreadable = library.scan(helper, [beam])
    assert (scanned.file, scanned.says, unreadable) == ("nofile.erl", ("state",), [])
