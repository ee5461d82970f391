"""Where random edits of one module are compiled, migrated and run, one after the other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from migrator.terms import Atom

if TYPE_CHECKING:
    from pathlib import Path

    from migrator.otp import Helper
    from migrator.terms import Term
    from tests.support.node import Node


@dataclass(frozen=True)
class Laboratory:
    """The module, a folder for its beams of one edit after the other, the helper, and the node to run them in."""

    module: str
    folder: Path
    helper: Helper
    node: Node

    def compile(self, source: str, version: str) -> Path:
        """The beam of that source."""
        beam = self.node.apply("live_compile", "text", source.encode())
        assert isinstance(beam, bytes)
        path = self.folder / version / f"{self.module}.beam"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(beam)
        return path

    def convert(self, vsn: Term, state: Term, extra: Term) -> Term:
        """What `code_change` of the loaded module answers."""
        return self.node.live("convert", Atom(self.module), vsn, state, extra)
