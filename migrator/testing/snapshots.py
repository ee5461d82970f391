"""Snapshots of Erlang for syrupy: one `.erl` file each, with a given name."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode

if TYPE_CHECKING:
    from syrupy.location import PyTestLocation
    from syrupy.types import SnapshotIndex


class ErlangSnapshotExtension(SingleFileSnapshotExtension):
    """Keeps each text in `__snapshots__/TEST_FILE/NAME.erl`; a snapshot without a name is an error.

    Use it with the fixture `erlang_snapshot`, or as `snapshot.use_extension(ErlangSnapshotExtension)`.
    """

    file_extension = "erl"
    _write_mode = WriteMode.TEXT

    @classmethod
    def get_snapshot_name(cls, *, test_location: PyTestLocation, index: SnapshotIndex = 0) -> str:  # noqa: ARG003 - the name says all
        """The given name.

        Raises:
            TypeError: there is none; a counted one would change whenever a snapshot is added before it.
        """
        if not isinstance(index, str):
            raise TypeError('a snapshot of Erlang needs a name: erlang_snapshot(name="kv")')
        return index

    @classmethod
    def write_snapshot(cls, **given: Any) -> None:  # noqa: ANN401 - syrupy's own arguments, passed on
        """Writes it. syrupy warns of names that are not made of the test's: these are of a person's choice."""
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message=r"\s*Can not relate snapshot")
            super().write_snapshot(**given)
