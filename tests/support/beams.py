"""Compiles Erlang source for tests with the real compiler."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def compile_text(source: str, folder: Path, *options: str, module: str = "m") -> Path:
    """The beam of a module's source, compiled with debug info into `folder` (made if missing).

    `options` are erlc's, `+debug_info` is added unless `+no_debug_info` is among them.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{module}.erl"
    path.write_text(source, encoding="utf-8")
    return compile_file(path, folder, *options)


def compile_file(path: Path, folder: Path, *options: str) -> Path:
    """The beam of a source file, compiled with debug info into `folder` (made if missing)."""
    folder.mkdir(parents=True, exist_ok=True)
    chosen = [option for option in options if option != "+no_debug_info"]
    if "+no_debug_info" not in options:
        chosen.append("+debug_info")
    subprocess.run(["erlc", *chosen, "-o", str(folder), str(path)], check=True)
    return folder / f"{path.stem}.beam"
