"""Finds the files beside our Python: next to the package in a checkout, inside it in a wheel."""

from __future__ import annotations

from pathlib import Path

from migrator.errors import EnvironmentFault

_PACKAGE = Path(__file__).resolve().parent


def folder(name: str) -> Path:
    """Give the folder of data files called `name`.

    Raises:
        EnvironmentFault: incomplete_install, it is in neither place.
    """
    # The wheel's place first: what else lies beside an installed package is not ours.
    for place in (_PACKAGE / name, _PACKAGE.parent / name):
        if place.is_dir():
            return place
    raise EnvironmentFault("incomplete_install", _PACKAGE / name)


def text(name: str, file: str) -> str:
    """Give the text of one file of that folder.

    Raises:
        EnvironmentFault: incomplete_install, the folder or the file is missing.
    """
    path = folder(name) / file
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise EnvironmentFault("incomplete_install", path) from None


def helper_sources() -> list[Path]:
    """Give the Erlang files of the helper (``.erl`` and the ``.hrl`` that they include), in order of name.

    Raises:
        EnvironmentFault: incomplete_install, the folder is missing or has no source.
    """
    place = folder("erlang_helpers")
    sources = sorted(path for path in place.iterdir() if path.suffix in {".erl", ".hrl"})
    if not sources:
        raise EnvironmentFault("incomplete_install", place)
    return sources
