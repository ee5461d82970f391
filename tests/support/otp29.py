"""OTP 29, for what only it has: native records. Tests that need it are skipped where it is not at hand."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from migrator.otp import Helper
    from tests.support.node import Node
    from tests.support.samples import Sample

_FETCHED = Path(__file__).parent.parent.parent / ".work" / "otp" / "29" / "bin" / "erl"


def find_erl29() -> Path | None:
    """The `erl` of OTP 29: that of MIGRATOR_TEST_OTP29, else what `scripts/otp 29` fetched; None without either."""
    told = os.environ.get("MIGRATOR_TEST_OTP29")
    erl = Path(told) if told else _FETCHED
    return erl if erl.exists() else None


def erl29() -> Path:
    """The same; the test is skipped without it."""
    erl = find_erl29()
    if erl is None:
        pytest.skip("no OTP 29, which has native records: `scripts/otp 29`, or MIGRATOR_TEST_OTP29=PATH of its erl")
    return erl


def serving(request: pytest.FixtureRequest, sample: Sample) -> tuple[Helper, Node]:
    """The helper and the node for a sample: those of OTP 29 where it has native records."""
    names = ("helper29", "node29") if sample.native else ("helper", "node")
    return request.getfixturevalue(names[0]), request.getfixturevalue(names[1])
