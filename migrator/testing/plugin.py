"""The pytest plugin: fixtures that compile, plan and try migrations. All they need is imported when one is used."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from syrupy.assertion import SnapshotAssertion

    from migrator.testing.pair import Pair
    from migrator.testing.workshop import Workshop


@pytest.fixture(scope="session")
def migrator_workshop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workshop]:
    """Give the Erlang that compiles, plans and tries: started at the first use, once for all tests."""
    from migrator.testing.workshop import workshop  # noqa: PLC0415 - whoever uses no fixture of ours waits for nothing

    with workshop(tmp_path_factory.mktemp("migrator")) as started:
        yield started


@pytest.fixture(scope="module")
def migrator_pair(request: pytest.FixtureRequest, migrator_workshop: Workshop) -> Callable[..., Pair]:
    """Give a function: `migrator_pair(OLD, NEW)` are two versions of a module; paths begin at the test's folder."""
    from functools import partial  # noqa: PLC0415 - as above

    return partial(migrator_workshop.pair, here=Path(request.path).parent)


@pytest.fixture
def erlang_snapshot(request: pytest.FixtureRequest) -> SnapshotAssertion:
    """Give snapshots of Erlang: what equals `erlang_snapshot` of a name is in a file of that name."""
    try:
        from migrator.testing.snapshots import ErlangSnapshotExtension  # noqa: PLC0415 - as above
    except ModuleNotFoundError:
        pytest.fail("erlang_snapshot needs syrupy: pip install 'migrator[pytest]'", pytrace=False)
    snapshot: SnapshotAssertion = request.getfixturevalue("snapshot")
    return snapshot.use_extension(ErlangSnapshotExtension)
