"""A state of any type: the records that it leads to are converted up and down on a real node, and nothing else is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from migrator import library
from migrator.terms import Atom, term_text
from tests.test_random_types import EXAMPLES, HEAD, TYPES, Typed, _compiled, renewed

if TYPE_CHECKING:
    from pathlib import Path

    from migrator.otp import Helper
    from migrator.terms import Term
    from tests.support.node import Node

STATE = HEAD[: HEAD.index("-record(state")] + "-type kept() :: {type_}.\n-state_type(kept).\n-export_type([chain/1]).\n"
OWN = "-export([code_change/3]).\ncode_change(_, State, Extra) -> {{ok, {{State, Extra}}}}.\n"


@settings(
    max_examples=EXAMPLES or 80,
    derandomize=not EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(typed=TYPES, own=st.booleans(), data=st.data())
def test_items_anywhere_in_a_state(  # noqa: PLR0913 - three drawn, three fixtures
    helper: Helper, node: Node, tmp_path: Path, typed: Typed, data: st.DataObject, *, own: bool
) -> None:
    """Sections 1 and 3: whatever the state's type, and whether or not the module has a function of its own."""
    source = STATE.replace("{type_}", typed.text.replace("{", "{{").replace("}", "}}")) + (OWN if own else "")
    note(typed.text)
    old = _compiled(node, source.format(vsn="1", more=""), tmp_path / "1" / "anywhere.beam")
    new = _compiled(node, source.format(vsn="2", more=", b = new :: atom()"), tmp_path / "2" / "anywhere.beam")
    result = library.inject(helper, [old], new)
    assert [each.message for each in result.diagnostics if each.kind.exit] == []
    beam = result.injected[0].after
    if beam is None:
        assert "#item" not in typed.text
        assert "#box" not in typed.text
        return
    node.load("anywhere", beam)
    for _ in range(3):
        before = data.draw(typed.values)
        after = renewed(before)
        old_vsn: Term = [49]
        ways: list[tuple[Term, Term, Term]] = [
            (before, old_vsn, after),
            (after, old_vsn, after),
            (after, (Atom("down"), old_vsn), before),
        ]
        for given_, vsn, expected in ways:
            answer = node.live("convert", Atom("anywhere"), vsn, given_, [])
            extra: Term = [] if term_text(given_) == term_text(expected) else [(Atom("old_state"), given_)]
            kept: Term = (expected, extra) if own else expected
            assert term_text(answer) == term_text((Atom("ok"), kept))
