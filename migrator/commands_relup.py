"""What `relup` does, once Erlang is on its way. Imported as `commands` is."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from migrator.commands import Answer
from migrator.files import read_bytes, write_bytes
from migrator.release.elsewhere import appups_in
from migrator.release.open import opened
from migrator.release.pack import pack, tarball_of
from migrator.release.relup import make_relup, rel_file
from migrator.render.json import document
from migrator.render.relup import relup_json, render_relup

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from migrator.otp import Helper
    from migrator.release.model import Release


@dataclass(frozen=True, slots=True)
class Targets:
    """Where `relup` writes: the relup, and the tarball where one is to be `packed`; None for their places in NEW."""

    relup: Path | None
    tarball: Path | None
    mode: Literal["relup", "packed"]


def relup(helper: Helper, paths: Sequence[Path], appups: Path | None, targets: Targets, form: str) -> Answer:
    """The relup between releases, written, and the tarball where one is asked for."""
    with ExitStack() as stack:
        *olds, new = [stack.enter_context(opened(path)) for path in paths]
        more = stack.enter_context(appups_in(appups, new)) if appups is not None else None
        made = make_relup(helper, olds, new, more.release if more else None)
        found = more.told(made.diagnostics) if more else made.diagnostics
        outputs = [(file, made.text)] if (file := _file(new, targets)) is not None else []
        tarball = None
        if targets.mode == "packed":
            content, warnings = pack(helper, new, made)
            found += warnings
            tarball = targets.tarball or tarball_of(new)
            # Last: where it is there, all of it is.
            outputs.append((tarball, content))
        written = [path for path, data in outputs if _write(path, data)]
    if form == "json":
        return Answer(document(relup_json(made, file, tarball, found)), found)
    talk = "" if written else "nothing changed\n"
    return Answer(render_relup(made, written), found, talk)


def _file(new: Release, targets: Targets) -> Path | None:
    """Where the relup goes by itself: nowhere, where NEW is a tarball and it goes into that."""
    if targets.relup is not None:
        return targets.relup
    return None if new.shape == "tarball" else rel_file(new).parent / "relup"


def _write(path: Path, data: bytes) -> bool:
    """Whether it had to be written."""
    if path.is_file() and path.stat().st_size == len(data) and read_bytes(path) == data:
        return False
    write_bytes(path, data)
    return True
