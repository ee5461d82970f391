"""Checksums of beams as `beam_lib:md5/1` has them: the same whether stripped, compressed, or with a migration."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from migrator.files import read_bytes
from migrator.terms import Atom, text_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from migrator.errors import HelperFault
    from migrator.otp import Helper
    from migrator.terms import Term

# Taking a migration out compiles the module again.
_DEADLINE = 300.0


@dataclass(frozen=True, slots=True)
class Digest:
    """What a module is, ours taken out; None for what its beam does not tell.

    `md5` is that of `beam_lib:md5/1`, `compiler` the compiler's version, `source` a checksum of the abstract code
    without its places.
    """

    md5: bytes | None
    compiler: str | None
    source: bytes | None

    def changed(self, other: Digest) -> bool:
        """Whether the other one is a module of other code; what another compiler made of the same source is not."""
        if self.md5 is None or other.md5 is None or self.md5 == other.md5:
            return False
        return self.compiler == other.compiler or self.source is None or self.source != other.source


UNKNOWN = Digest(None, None, None)


def digests(
    helper: Helper, paths: Iterable[Path], progress: Callable[[int, int], None] | None = None
) -> dict[Path, Digest]:
    """The digest of each beam; a file that is no beam tells nothing.

    Raises:
        InputFault: one cannot be read.
        EnvironmentFault, ProtocolError: the helper cannot serve.
    """
    wanted = list(dict.fromkeys(paths))
    requests: list[Term] = [(Atom("digest"), read_bytes(path)) for path in wanted]
    replies = helper.call_many(requests, _DEADLINE, progress)
    return {path: _digest(reply) for path, reply in zip(wanted, replies, strict=True)}


def _digest(reply: Term | HelperFault) -> Digest:
    match reply:
        case (md5, compiler, source):
            return Digest(_bytes(md5), text_of(compiler) if isinstance(compiler, bytes) else None, _bytes(source))
    return UNKNOWN


def _bytes(term: Term) -> bytes | None:
    return term if isinstance(term, bytes) else None
