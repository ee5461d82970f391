"""What this version cannot do is said, and nothing is done by halves."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from migrator import library
from tests.support.beams import compile_text

if TYPE_CHECKING:
    from pathlib import Path

    from migrator.otp import Helper

SOURCE = "-module(m).\n-record(state, {{a}}).\n{attributes}\n"


@pytest.mark.parametrize(
    ("attributes", "code"),
    [
        ("-state_type(wrapped).\n-type wrapped(T) :: {#state{}, T}.\n-export_type([wrapped/1]).", "M122"),
        ("-state_record(state).\n-state_callback({convert, 2, 3}).", "M114"),
        ("-state_record(state).\n-state_callback(convert).", "M114"),
        ("-state_record(state).\n-state_migration([{move, a, [b]}]).", "M114"),
        ("-state_record(state).\n-state_migration([{state, up, down, more}]).", "M114"),
    ],
)
def test_it_is_said(attributes: str, code: str, helper: Helper, tmp_path: Path) -> None:
    """An attribute or a decision that this version does not know is refused with its place, never passed over."""
    beam = compile_text(SOURCE.format(attributes=attributes), tmp_path)
    (planned,) = library.preview(helper, [beam], beam)
    assert [each.code for each in planned.diagnostics] == [code]
    assert "m.erl:" in planned.diagnostics[0].place
