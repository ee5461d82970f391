"""Two versions of a state's module with other modules beside it, compiled, injected and run."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from migrator import library
from migrator.request import Request
from migrator.terms import Atom
from tests.support.beams import compile_text

if TYPE_CHECKING:
    from pathlib import Path

    from migrator.library import Injection
    from migrator.otp import Helper
    from migrator.terms import Term
    from tests.support.node import Node

HEAD = """
-module({module}). -behaviour(gen_server). -vsn("{vsn}").
-export([init/1, handle_call/3, handle_cast/2]).
-state_record(state).
{decided}
init(S) -> {{ok, S}}.
handle_call(_, _, S) -> {{reply, S, S}}.
handle_cast(_, S) -> {{noreply, S}}.
"""
OLD = "-record(session, {id :: integer()}).\n-type t() :: #session{}.\n"
NEW = "-record(session, {id :: integer(), hits = 0 :: integer()}).\n-type t() :: #session{}.\n"
BEFORE, AFTER = "{session, 7}", "{session, 7, 0}"


@dataclass(frozen=True)
class World:
    """A helper and a node, a folder, and the name of the state's module in a test."""

    helper: Helper
    node: Node
    folder: Path
    module: str

    def beam(self, version: int, text: str) -> Path:
        """The state's module in that version."""
        # Attributes cannot stand behind functions.
        lines = text.splitlines(keepends=True)
        decided = "".join(line for line in lines if line.startswith("-state_migration"))
        head = HEAD.format(module=self.module, vsn=version, decided=decided)
        rest = "".join(line for line in lines if not line.startswith("-state_migration"))
        return compile_text(head + rest, self.folder / str(version), module=self.module)

    def other(self, module: str, version: int, text: str, *options: str) -> Path:
        """Another module in that version, beside the state's."""
        head = f"-module({module}).\n-compile([export_all, nowarn_export_all]).\n"
        return compile_text(head + text, self.folder / str(version), *options, module=module)

    def both(self, text: str, then: str | None = None) -> tuple[Path, Path]:
        """Two versions of the state's module."""
        return self.beam(1, text), self.beam(2, text if then is None else then)

    def inject(self, old: Path, new: Path, request: Request | None = None) -> Injection:
        """What `inject` gives."""
        return library.inject(self.helper, [old], new, request or Request())

    def migrated(self, old: Path, new: Path, request: Request | None = None) -> tuple[bytes, list[str]]:
        """The injected beam, and the codes of what was said."""
        result = self.inject(old, new, request)
        assert result.exit == 0, [each.message for each in result.diagnostics]
        (injected,) = result.injected
        return injected.after or injected.before, [each.code for each in result.diagnostics]

    def value(self, text: str) -> Term:
        """The value of an expression."""
        return self.node.live("value", text.encode())

    def up(self, beam: bytes, state: str) -> Term:
        """What the new code makes of an old state."""
        return self._run(beam, [ord("1")], state)

    def down(self, beam: bytes, state: str) -> Term:
        """What the new code makes of a new state on a downgrade."""
        return self._run(beam, (Atom("down"), [ord("1")]), state)

    def _run(self, beam: bytes, vsn: Term, state: str) -> Term:
        self.node.load(self.module, beam)
        reply = self.node.apply(self.module, "code_change", vsn, self.value(state), [])
        assert isinstance(reply, tuple)
        assert reply[0] == Atom("ok"), reply
        return reply[1]


@pytest.fixture
def world(helper: Helper, node: Node, tmp_path: Path, request: pytest.FixtureRequest) -> World:
    """A world with a module of its own for each test."""
    return World(helper, node, tmp_path, f"om_{zlib.crc32(request.node.name.encode())}")


def state_of(type_: str) -> str:
    """A state record that holds values of that type."""
    return f"-record(state, {{held :: {type_}}}).\n"


def codes_of(result: Injection) -> list[str]:
    """The codes of what was said, in order."""
    return [each.code for each in result.diagnostics]


def session_module(world: World, old: str = OLD, new: str = NEW) -> None:
    """The module `om_s` in both versions."""
    world.other("om_s", 1, old)
    world.other("om_s", 2, new)


MINE_OLD = "-record(session, {id :: integer()}).\n"
MINE_NEW = "-record(session, {tag = mine, id :: integer()}).\n"
