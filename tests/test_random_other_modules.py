"""Changed records of another module at any place that its random types lead to, up and down on a real node."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from migrator import library
from migrator.terms import Atom
from tests.test_random_types import TYPES, Typed, renewed, told

if TYPE_CHECKING:
    from pathlib import Path

    from migrator.otp import Helper
    from migrator.terms import Term
    from tests.support.node import Node

EXAMPLES = int(os.environ.get("MIGRATOR_EXAMPLES", "0"))

ELSEWHERE = """
-module(elsewhere).
-record(item, {{a :: integer(){more}}}).
-record(box, {{one :: #item{{}}, many :: [#item{{}}]}}).
-type chain(T) :: stop | {{link, T, chain(T)}}.
-type chosen(A, B) :: {{left, A}} | {{right, B}}.
-type whole() :: {type_}.
-export_type([chain/1, chosen/2, whole/0]).
"""
HERE = """
-module(here).
-vsn("{vsn}").
{own}
-record(state, {{x :: elsewhere:whole(), own :: #item{{}} | undefined}}).
-state_record(state).
"""
# A record of the state's module by the same tag: the same one, or another one that does not change.
ALIKE = ("-record(item, {a :: integer()}).", "-record(item, {a :: integer(), b = new :: atom()}).")
UNLIKE = ("-record(item, {mine}).", "-record(item, {mine}).")


def _compiled(node: Node, source: str, path: Path) -> Path:
    beam = node.apply("live_compile", "text", source.encode())
    assert isinstance(beam, bytes)
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(beam)
    return path


@settings(
    max_examples=EXAMPLES or 40,
    derandomize=not EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(typed=TYPES, own=st.sampled_from([ALIKE, UNLIKE]), data=st.data())
def test_items_of_another_module(  # noqa: PLR0913, PLR0917 - three drawn, three fixtures
    helper: Helper, node: Node, tmp_path: Path, typed: Typed, own: tuple[str, str], data: st.DataObject
) -> None:
    """Section 2: its records are converted wherever its types lead, and the module's own of that tag are left alone."""
    note(typed.text)
    paths = []
    for version, more in (("1", ""), ("2", ", b = new :: atom()")):
        folder = tmp_path / version
        _compiled(node, ELSEWHERE.format(more=more, type_=typed.text), folder / "elsewhere.beam")
        source = HERE.format(vsn=version, own=own[int(version) - 1])
        paths.append(_compiled(node, source, folder / "here.beam"))
    result = library.inject(helper, paths[:1], paths[1])
    assert [each.message for each in result.diagnostics if each.kind.exit] == []
    beam = result.injected[0].after
    if beam is None:
        assert own == UNLIKE
        assert "#item" not in typed.text
        assert "#box" not in typed.text
        return
    node.load("here", beam)
    mine: Term = (Atom("item"), 5)
    for _ in range(3):
        value = data.draw(typed.values)
        before: Term = (Atom("state"), value, mine)
        after: Term = (Atom("state"), renewed(value), renewed(mine) if own == ALIKE else mine)
        old_vsn: Term = [49]
        ways: list[tuple[Term, Term, Term]] = [
            (before, old_vsn, after),
            (after, old_vsn, after),
            (after, (Atom("down"), old_vsn), before),
        ]
        for given_, vsn, expected in ways:
            answer = node.live("convert", Atom("here"), vsn, given_, [])
            assert told(answer) == told((Atom("ok"), expected))
