"""Fixtures that several tests share; the helper and a real node are each started once."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from migrator import library, otp
from tests.support.node import start_node

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

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


@pytest.fixture
def program(tmp_path: Path) -> Callable[[str], Path]:
    """Give a maker of executable scripts."""

    def make(text: str) -> Path:
        path = tmp_path / "erl"
        path.write_text(text)
        path.chmod(0o755)
        return path

    return make
