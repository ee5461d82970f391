"""`{copy, F}` as the answer to M303, where records changed inside the field."""

from __future__ import annotations

import pytest

from tests.support.cases import Bench, codes, decided, server

pytest_plugins = ["tests.support.bench"]

NARROWED = [
    ("#r{} | undefined", "#r{}", "{r,1,2}", "{r,1,7,2}"),
    ("#{old_id() => #r{}}", "#{new_id() => #r{}}", "#{x => {r,1,2}}", "#{x => {r,1,7,2}}"),
]


@pytest.mark.parametrize(("before", "after", "held", "converted"), NARROWED)
def test_a_type_that_is_said_to_be_right_is_still_led_by(
    bench: Bench, before: str, after: str, held: str, converted: str
) -> None:
    """`{copy, F}`, the answer to M303, accepts the type; what changed inside is converted, as it is with `--allow`."""

    def versions(*said: str) -> tuple[str, str]:
        ids = "-type old_id() :: integer() | atom().\n-type new_id() :: integer() | binary().\n"
        old = server(f"f :: {before}", vsn='"1"').replace(
            "-record(state", f"{ids}-record(r, {{a, b}}).\n-record(state", 1
        )
        new = server(f"f :: {after}", *said, vsn='"2"')
        return old, new.replace("-record(state", f"{ids}-record(r, {{a, n = 7, b}}).\n-record(state", 1)

    asked = bench.preview(*versions())
    assert codes(asked) == ["M303"]
    assert "the changed records inside are converted" in next(
        each.consequence for each in asked.diagnostics if each.code == "M303"
    )
    bench.install(*versions(decided("{copy, f}")))
    assert bench.convert('"1"', f"{{state,{held}}}") == f"{{ok,{{state,{converted}}}}}"
    assert bench.convert('{down, "1"}', f"{{state,{converted}}}") == f"{{ok,{{state,{held}}}}}"
