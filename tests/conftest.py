"""Fixtures that several tests share: the helper, and a real node, each started once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from migrator import library
from tests.support.node import start_node

if TYPE_CHECKING:
    from collections.abc import Iterator

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
