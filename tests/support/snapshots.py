"""Snapshots of generated Erlang: one `.erl` file each, with a given name, in `tests/snapshots`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode

if TYPE_CHECKING:
    from syrupy.location import PyTestLocation
    from syrupy.types import SnapshotIndex

FOLDER = Path(__file__).parent.parent / "snapshots"


class ErlangSnapshots(SingleFileSnapshotExtension):
    """Keeps each text in a file that is called as the test says; a snapshot without a name is an error."""

    file_extension = "erl"
    _write_mode = WriteMode.TEXT

    @classmethod
    def dirname(cls, *, test_location: PyTestLocation) -> str:  # noqa: ARG003 - one folder for all tests
        """The folder that the files are in."""
        return str(FOLDER)

    @classmethod
    def get_snapshot_name(cls, *, test_location: PyTestLocation, index: SnapshotIndex = 0) -> str:  # noqa: ARG003 - as above
        """The given name.

        Raises:
            TypeError: there is none; a counted one would change whenever a snapshot is added before it.
        """
        if not isinstance(index, str):
            raise TypeError("a snapshot of Erlang needs a name: snapshot(name=…)")
        return index
