"""Versions whose state records share tag and size (contract, section 3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from migrator import library
from migrator.terms import Atom
from tests.support.beams import compile_text

if TYPE_CHECKING:
    from pathlib import Path

    from migrator.otp import Helper
    from tests.support.node import Node

HEAD = """
-module({module}). -behaviour(gen_server). -vsn("{vsn}").
-export([init/1, handle_call/3, handle_cast/2, code_change/3]).
-state_record(state).
{records}
init(S) -> {{ok, S}}.
handle_call(_, _, S) -> {{reply, S, S}}.
handle_cast(_, S) -> {{noreply, S}}.
code_change(_, #state{{}} = S, _) -> {{ok, S}}.
"""


def _beams(folder: Path, module: str, *versions: tuple[str, str]) -> list[Path]:
    return [
        compile_text(HEAD.format(module=module, vsn=vsn, records=records), folder / str(number), module=module)
        for number, (vsn, records) in enumerate(versions)
    ]


def test_record_syntax_is_no_conflict(helper: Helper, node: Node, tmp_path: Path) -> None:
    """Section 3: a clause that speaks of `#state{}` means the new record, also where the old one has the same size."""
    olds = ("1", "-record(state, {a, b})."), ("2", "-record(state, {b, a}).")
    old, new = _beams(tmp_path, "same_syntax", *olds)
    result = library.inject(helper, [old], new)
    assert [each.code for each in result.diagnostics if each.kind.exit] == []
    node.load("same_syntax", result.injected[0].after or b"")
    swapped = node.live("convert", Atom("same_syntax"), [49], (Atom("state"), 1, 2), [])
    assert swapped == (Atom("ok"), (Atom("state"), 2, 1))


def test_shapes_inside_need_no_vsn(helper: Helper, node: Node, tmp_path: Path) -> None:
    """Section 3: where records inside tell the versions apart, the same vsn in both is no hindrance."""
    state = "-record(state, {in :: [#item{}]})."
    olds = ("1", f"-record(item, {{a}}).\n{state}"), ("1", f"-record(item, {{a, b = 0}}).\n{state}")
    old, new = _beams(tmp_path, "same_inside", *olds)
    result = library.inject(helper, [old], new)
    assert [each.code for each in result.diagnostics if each.kind.exit] == []
    node.load("same_inside", result.injected[0].after or b"")
    item, grown = (Atom("item"), 7), (Atom("item"), 7, 0)
    up = node.live("convert", Atom("same_inside"), [49], (Atom("state"), [item, grown]), [])
    assert up == (Atom("ok"), (Atom("state"), [grown, grown]))
