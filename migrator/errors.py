"""What can go wrong at the doors to the world, as data.

Every exception here says what happened and where; the words that a person reads are made elsewhere.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from pathlib import Path

EnvironmentReason = Literal[
    "no_erlang",  # no erl where it was looked for, or it cannot be executed
    "wrong_otp",  # not the OTP release that is needed
    "no_compiler",  # erl is there and cannot compile the helper
    "incomplete_install",  # files of our own are missing
    "died",  # the helper ended by itself
    "hung",  # the helper answered nothing for too long
    "no_room",  # the disk or the quota is full
    "cannot_write",  # no right to write there, or a read-only file system
]
InputReason = Literal[
    "no_such_file",
    "is_a_folder",
    "unreadable",
    "too_big",
    "read_only_target",  # no permission bit allows anyone to write it
    "no_plain_file",  # a named pipe, a socket or a device, which could make us wait for ever
    "too_long",  # a text that is longer than any of its kind
    "changed",  # another process replaced it between our reading and our writing
]


class MigratorError(Exception):
    """The base of all that the migrator raises on purpose."""


class ProtocolError(MigratorError):
    """The wire between Python and Erlang carried, or would have carried, something that is no message.

    Attributes:
        detail: what was wrong with it, for a bug report.
    """

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


class EnvironmentFault(MigratorError):  # noqa: N818 - a fault of the environment, not an error in it
    """The environment cannot serve (exit 5).

    Attributes:
        reason: which of the known ways.
        path: the file or program that it is about, where there is one.
        detail: what the operating system or the helper itself said; may have several lines, may be empty.
    """

    def __init__(self, reason: EnvironmentReason, path: Path | None = None, detail: str = "") -> None:
        super().__init__(reason, path, detail)
        self.reason: EnvironmentReason = reason
        self.path = path
        self.detail = detail


class InputFault(MigratorError):  # noqa: N818 - named like its sibling
    """An input cannot be used (exit 4).

    Attributes:
        reason: which of the known ways.
        path: the file as it was asked for.
        detail: what the operating system said, or empty.
    """

    def __init__(self, reason: InputReason, path: Path, detail: str = "") -> None:
        super().__init__(reason, path, detail)
        self.reason: InputReason = reason
        self.path = path
        self.detail = detail


class HelperFault(MigratorError):  # noqa: N818 - also a value: one outcome among many of a batch
    """The helper answered one request with an error and lives on.

    Attributes:
        kind: the kind of error, one of those that the protocol's page lists.
        text: the helper's own words.
    """

    def __init__(self, kind: str, text: str) -> None:
        super().__init__(kind, text)
        self.kind = kind
        self.text = text
