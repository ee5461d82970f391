"""`assert_migrates`: a state before, a state after, and a message that shows where they differ, field by field."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from migrator.terms import term_text
from migrator.testing.difference import render_difference
from migrator.testing.pair import same

if TYPE_CHECKING:
    from typing import Literal

    from migrator.testing.pair import Given, Pair


def assert_migrates(  # noqa: PLR0913 - what a conversion hangs on
    pair: Pair,
    before: Given,
    after: Given,
    *,
    way: Literal["up", "down", "there and back"] = "up",
    version: str | None = None,
    old_vsn: Given | None = None,
    extra: Given = "[]",
    state_name: str = "a_state_name",
) -> None:
    """The conversion turns the one state into the other: the generated code runs on a real node.

    Args:
        pair: two versions, as the fixture `migrator_pair` gives them.
        before: the state before, as Erlang text (`"{state, ada, 3}"`) or as a value of `migrator.terms`.
        after: the state that must come of it.
        way: `up` from the old version, `down` to it, or `there and back`: up, and from `after` down to `before`.
        version: the vsn of the old version, where there are several.
        old_vsn: what stands for OldVsn, in the place of what OTP passes.
        extra: the argument Extra.
        state_name: the name of a machine's state.

    Raises:
        AssertionError: it turns it into something else, refuses it, or there is no migration.
    """
    __tracebackhide__ = True
    if way == "there and back":
        for one, other, direction in ((before, after, "up"), (after, before, "down")):
            assert_migrates(
                pair,
                one,
                other,
                way=cast('Literal["up", "down"]', direction),
                version=version,
                old_vsn=old_vsn,
                extra=extra,
                state_name=state_name,
            )
        return
    outcome = pair.convert(before, way=way, version=version, old_vsn=old_vsn, extra=extra, state_name=state_name)
    migration, plan = pair.migration(version), pair.plan
    ends = [term_text(migration.vsn), term_text(plan.vsn)]
    told = f"{plan.module}, {' -> '.join(ends if way == 'up' else ends[::-1])}"
    if outcome.state is None:
        raise AssertionError(f"{told}: the state is refused\n\n  {term_text(pair.term(before))}\n\n{outcome.refusal}")
    expected = pair.term(after)
    if not same(outcome.state, expected):
        shown = render_difference(pair.planned, migration, way, pair.term(before), expected, outcome.state)
        raise AssertionError(f"{told}: another state comes of it\n\n{shown}")


def assert_refuses(  # noqa: PLR0913 - as above
    pair: Pair,
    state: Given,
    reason: str = "",
    *,
    way: Literal["up", "down"] = "up",
    version: str | None = None,
    old_vsn: Given | None = None,
    extra: Given = "[]",
    state_name: str = "a_state_name",
) -> None:
    """The conversion refuses that state, and what it says holds the text `reason`: `unknown_shape`, say.

    Args:
        pair: two versions, as the fixture `migrator_pair` gives them.
        state: the state, as Erlang text or as a value of `migrator.terms`.
        reason: what the refusal must hold.
        way: `up` from the old version, or `down` to it.
        version: the vsn of the old version, where there are several.
        old_vsn: what stands for OldVsn, in the place of what OTP passes.
        extra: the argument Extra.
        state_name: the name of a machine's state.

    Raises:
        AssertionError: it gives a state, or refuses for another reason.
    """
    __tracebackhide__ = True
    outcome = pair.convert(state, way=way, version=version, old_vsn=old_vsn, extra=extra, state_name=state_name)
    if outcome.refusal is None:
        got = "" if outcome.state is None else term_text(outcome.state)
        raise AssertionError(f"{pair.plan.module} takes the state, and gives\n\n  {got}")
    if reason not in outcome.refusal:
        raise AssertionError(f"{pair.plan.module} refuses it, and says nothing of {reason}:\n\n{outcome.refusal}")
