"""The migrator in a test suite of your own: `assert_migrates`, and a pytest plugin with fixtures.

    from migrator.testing import assert_migrates

    def test_the_users_become_clients(migrator_pair):
        pair = migrator_pair("versions/1.0.0/kv.erl", "../src/kv.erl")
        assert_migrates(pair, "{state, ada, #{}, []}", "{state, ada, #{}, 5000, 0}")

Importing this imports neither pytest nor syrupy: `pip install migrator[pytest]` brings them.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from migrator.testing.asserting import assert_migrates, assert_refuses
    from migrator.testing.pair import Pair
    from migrator.testing.snapshots import ErlangSnapshotExtension
    from migrator.testing.workshop import Workshop, workshop

_WHERE = {
    "ErlangSnapshotExtension": "snapshots",
    "Pair": "pair",
    "Workshop": "workshop",
    "assert_migrates": "asserting",
    "assert_refuses": "asserting",
    "workshop": "workshop",
}

__all__ = ["ErlangSnapshotExtension", "Pair", "Workshop", "assert_migrates", "assert_refuses", "workshop"]


def __getattr__(name: str) -> Any:  # noqa: ANN401 - whatever is asked for
    """Imports on first use."""
    if name in _WHERE:
        return getattr(import_module(f"migrator.testing.{_WHERE[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
