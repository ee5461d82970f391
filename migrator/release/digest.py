"""Checksums of beams as `beam_lib:md5/1` has them: the same whether stripped, compressed, or with a migration."""

from __future__ import annotations

from typing import TYPE_CHECKING

from migrator.files import read_bytes
from migrator.terms import Atom

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from migrator.errors import HelperFault
    from migrator.otp import Helper
    from migrator.terms import Term

# Taking a migration out compiles the module again.
_DEADLINE = 300.0


def digests(helper: Helper, paths: Iterable[Path]) -> dict[Path, bytes | None]:
    """The checksum of each beam without what `inject` put in; None where it cannot be told.

    That is so of a file that is no beam, and of a stripped beam with a migration that was given a `-vsn`.

    Raises:
        InputFault: one cannot be read.
        EnvironmentFault, ProtocolError: the helper cannot serve.
    """
    wanted = list(dict.fromkeys(paths))
    requests: list[Term] = [(Atom("digest"), read_bytes(path)) for path in wanted]
    replies = helper.call_many(requests, _DEADLINE)
    return {path: _digest(reply) for path, reply in zip(wanted, replies, strict=True)}


def _digest(reply: Term | HelperFault) -> bytes | None:
    return reply if isinstance(reply, bytes) else None
