"""A real Erlang node for tests, driven over its stdin and stdout."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from migrator import otp
from migrator.terms import Atom

if TYPE_CHECKING:
    from migrator.otp import Helper
    from migrator.terms import Term

_SOURCES = sorted(Path(__file__).parent.glob("live_*.erl"))
DEADLINE = 30.0


@dataclass(frozen=True)
class Node:
    """A running node."""

    helper: Helper

    def apply(self, module: str, function: str, *arguments: Term) -> Term:
        """What `module:function(arguments…)` gives; HelperFault when it raises."""
        return self.helper.call((Atom("apply"), Atom(module), Atom(function), list(arguments)), DEADLINE)

    def live(self, function: str, *arguments: Term) -> Term:
        """What a function of `live_node` gives."""
        return self.apply("live_node", function, *arguments)

    def load(self, module: str, beam: bytes) -> None:
        """Loads a beam; what was loaded before stays as old code."""
        self.live("load", Atom(module), beam)


def release_of(node: Node) -> int:
    """Which OTP release the node is: 25."""
    release = node.apply("erlang", "list_to_integer", node.apply("erlang", "system_info", Atom("otp_release")))
    assert isinstance(release, int)
    return release


def start_node(folder: Path, named: Path | None = None) -> Node:
    """Compiles and starts the node, of the Erlang that is named or of this machine's; `close` its helper at the end."""
    erl = otp.find_erl(None) if named is None else named
    erlc = "erlc" if named is None else str(named.with_name("erlc"))
    subprocess.run([erlc, "-o", str(folder), *map(str, _SOURCES)], check=True)
    return Node(
        otp.attach([str(erl), "-noinput", "-boot", "no_dot_erlang", "-pa", str(folder), "-s", "live_node", "main"])
    )
