"""Types that use each other are compared in reasonable time, whatever their number of ways."""

from __future__ import annotations

from typing import TYPE_CHECKING

from migrator import library
from tests.support.beams import compile_text

if TYPE_CHECKING:
    from pathlib import Path

    from migrator.otp import Helper

NUMBER = 16


def _source(vsn: str, leaf: str) -> str:
    """Each of the types has an alternative for each of them: more ways than could be walked one by one."""
    ways = " | ".join(f"{{way{number}, t{number}()}}" for number in range(NUMBER))
    types = "".join(f"-type t{number}() :: {leaf} | {ways}.\n" for number in range(NUMBER))
    record = "-record(state, {x :: t0()}).\n-state_record(state).\n"
    exported = ", ".join(f"t{number}/0" for number in range(NUMBER))
    return f'-module(ways).\n-vsn("{vsn}").\n-export_type([{exported}]).\n{types}{record}'


def test_types_that_use_each_other(helper: Helper, tmp_path: Path) -> None:
    """A wider type is admitted, a narrower one is asked about, and both are told at once."""
    narrow = compile_text(_source("1", "leaf"), tmp_path / "1", module="ways")
    wide = compile_text(_source("2", "leaf | more"), tmp_path / "2", module="ways")
    back = compile_text(_source("3", "leaf"), tmp_path / "3", module="ways")
    (widened,) = library.preview(helper, [narrow], wide)
    (narrowed,) = library.preview(helper, [wide], back)
    assert [each.code for each in widened.diagnostics] == []
    assert [each.code for each in narrowed.diagnostics] == ["M303"]
