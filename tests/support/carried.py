"""What the beams in a tarball say of the migrations that they carry."""

from __future__ import annotations

import tarfile
from typing import TYPE_CHECKING, Any

from migrator.migrated import from_term
from migrator.terms import Atom

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    from tests.support.node import Node


def carried(tarball: Path, applications: Collection[str], node: Node) -> dict[str, int]:
    """From how many versions each module of these applications migrates; those that do not are left out."""
    found = {}
    with tarfile.open(tarball) as tar:
        for member in tar:
            content = tar.extractfile(member)
            if member.name.endswith(".beam") and content is not None and _application(member.name) in applications:
                # By OTP's own reader: a stripped beam is a beam as well.
                reply: Any = node.apply("beam_lib", "chunks", content.read(), [Atom("attributes")])
                module, ((_, attributes),) = reply[1]
                for name, values in attributes:
                    if name == Atom("state_migrated"):
                        found[module.name] = len(from_term(values)[1])
    return found


def _application(name: str) -> str:
    """The application in `…/lib/APP-VSN/ebin/MODULE.beam`."""
    return name.split("/")[-3].rpartition("-")[0]
