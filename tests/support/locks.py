"""Releases for tests of lock files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.support.cases import server

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.cases import Bench


def release(bench: Bench, root: str, **fields: str) -> Path:
    """A release of one application, with a server for each name, and a module that names no record."""
    ebin = f"{root}/lib/app-1/ebin"
    for name, given_ in fields.items():
        bench.compile(server(given_, name=name, vsn=f'"{root}"'), ebin, name=name)
    bench.compile("-module(plain).\n-record(state, {a}).", ebin, name="plain")
    return bench.folder / root
