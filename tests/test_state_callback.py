"""Any other behaviour's conversion function, as `-state_callback` names it (contract, section 1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from migrator import library
from migrator.terms import Atom
from tests.support.beams import compile_text

if TYPE_CHECKING:
    from pathlib import Path

    from migrator.otp import Helper
    from migrator.terms import Term
    from tests.support.node import Node

OLD = '-module({module}).\n-vsn("1").\n-record(state, {{a}}).\n-export([new/1]).\nnew(A) -> #state{{a = A}}.\n'
NEW = '-module({module}).\n-vsn("2").\n-record(state, {{a, b = 0}}).\n-state_record(state).\n{more}\n'
EXPORTED = "-export([convert/4]).\nconvert(Name, Extra, State, Vsn) -> {ok, State, Name, Extra, Vsn}.\n"
BEFORE, AFTER = (Atom("state"), 7), (Atom("state"), 7, 0)


def _load(helper: Helper, node: Node, folder: Path, module: str, more: str) -> None:
    old = compile_text(OLD.format(module=module), folder / "1", module=module)
    new = compile_text(NEW.format(module=module, more=more), folder / "2", module=module)
    result = library.inject(helper, [old], new)
    assert [each.message for each in result.diagnostics if each.kind.exit] == []
    node.load(module, result.injected[0].after or b"")


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ([[], [], BEFORE, [49]], (Atom("ok"), AFTER, [], [(Atom("old_state"), BEFORE)], [49])),
        ([[], [], AFTER, [49]], (Atom("ok"), AFTER, [], [], [49])),
        (
            [[], [], AFTER, (Atom("down"), [49])],
            (Atom("ok"), BEFORE, [], [(Atom("old_state"), AFTER)], (Atom("down"), [49])),
        ),
    ],
)
def test_named_function_is_wrapped(
    arguments: list[Term], expected: Term, helper: Helper, node: Node, tmp_path: Path
) -> None:
    """Section 1: `{Function, Arity, State, OldVsn, Extra}` says where each argument stands, the rest are passed on."""
    module = f"cb{len(str(arguments))}"
    _load(helper, node, tmp_path, module, "-state_callback({convert, 4, 3, 4, 2}).\n" + EXPORTED)
    assert expected == node.apply(module, "convert", *arguments)


def test_function_is_synthesised(helper: Helper, node: Node, tmp_path: Path) -> None:
    """Section 6: where the module has no such function, one is made and exported."""
    _load(helper, node, tmp_path, "cbnone", "-state_callback({migrate, 3, 2}).")
    assert (Atom("ok"), AFTER) == node.apply("cbnone", "migrate", [49], BEFORE, [])
    assert (Atom("ok"), BEFORE) == node.apply("cbnone", "migrate", (Atom("down"), [49]), AFTER, [])


SPECIAL_OLD = '-module(sp).\n-vsn("1").\n-record(state, {a}).\n-export([new/1]).\nnew(A) -> #state{a = A}.\n'
SPECIAL_NEW = (
    '-module(sp).\n-vsn("2").\n-record(state, {a, b = 0}).\n-state_record(state).\n-export([system_continue/3]).\n'
    "system_continue(_, _, State) -> exit(State).\n"
)


def test_special_process_without_a_conversion(helper: Helper, node: Node, tmp_path: Path) -> None:
    """Section 1: a module that handles system messages and has no behaviour gets a `system_code_change/4`."""
    olds = [compile_text(SPECIAL_OLD, tmp_path / "1", module="sp")]
    (made,) = library.inject(helper, olds, compile_text(SPECIAL_NEW, tmp_path / "2", module="sp")).injected
    node.load("sp", made.after or b"")
    assert (Atom("ok"), AFTER) == node.apply("sp", "system_code_change", BEFORE, Atom("sp"), [49], [])
    assert (Atom("ok"), BEFORE) == node.apply("sp", "system_code_change", AFTER, Atom("sp"), (Atom("down"), [49]), [])
