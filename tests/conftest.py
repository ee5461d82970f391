"""Fixtures that several tests share; the helper and a real node are each started once."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from migrator import library, otp
from tests.support.node import start_node

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from migrator.otp import Helper
    from tests.support.node import Node


@pytest.fixture(scope="session")
def helper() -> Iterator[Helper]:
    """The helper, for the whole run."""
    with library.start() as started:
        yield started


@pytest.fixture(scope="session")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    """A real node, for the whole run. Tests use modules of their own names in it."""
    started = start_node(tmp_path_factory.mktemp("node"))
    yield started
    started.helper.close()


@pytest.fixture
def erl() -> Path:
    """Give the Erlang of this machine."""
    if shutil.which("erl") is None:
        pytest.skip("no erl on the PATH")
    return otp.find_erl(None)


@pytest.fixture(scope="session")
def rebar3_tools() -> Path | None:
    """Where rebar3 is: None is the PATH, else the folder of MIGRATOR_TEST_TOOLS (with another OTP, say)."""
    named = os.environ.get("MIGRATOR_TEST_TOOLS")
    if named is None and shutil.which("rebar3") is None:
        pytest.skip("no rebar3 on the PATH; `scripts/setup` installs it")
    return Path(named) if named else None


@pytest.fixture
def program(tmp_path: Path) -> Callable[[str], Path]:
    """Give a maker of executable scripts."""

    def make(text: str) -> Path:
        path = tmp_path / "erl"
        path.write_text(text)
        path.chmod(0o755)
        return path

    return make
