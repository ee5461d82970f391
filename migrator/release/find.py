"""Finds the beams of a release: an `ebin`, a `lib` folder or a release root."""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from migrator.diagnostics import CATALOGUE, Diagnostic, Refused
from migrator.outcomes import Job

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from pathlib import Path

_GZIP = 16 + zlib.MAX_WBITS
_LARGEST = 256 * 1024 * 1024
_APPLICATION = re.compile(r"(?P<name>.+?)(?:-(?P<vsn>\d[^/]*))?")


@dataclass(frozen=True, slots=True)
class Found:
    """A beam of a release: its application (`` where none is told), its module by file name, and its path."""

    application: str
    module: str
    path: Path


def beams_of(folder: Path) -> tuple[Found, ...]:
    """The beams of a release, sorted by application and module.

    Raises:
        Refused: there is none (M120), or an application is there twice (M123).
    """
    ebins = _ebins(folder)
    found = sorted(
        (Found(_application(ebin), path.stem, path) for ebin in ebins for path in ebin.glob("*.beam")),
        key=lambda each: (each.application, each.module, each.path),
    )
    if not found:
        raise Refused(
            Diagnostic(
                CATALOGUE["M120"],
                f"{folder} holds no beam, neither by itself nor in */ebin or lib/*/ebin",
                "there is nothing to work on",
                str(folder),
                ("give an ebin, a lib folder or a release root",),
            )
        )
    for one, other in pairwise(found):
        if (one.application, one.module) == (other.application, other.module):
            raise Refused(
                Diagnostic(
                    CATALOGUE["M123"],
                    f"{one.application} stands in {folder} twice: {one.path.parent} and {other.path.parent}",
                    "it cannot be told which of them the release runs",
                    str(folder),
                    ("give a folder with one version of each application",),
                )
            )
    return tuple(found)


def _ebins(folder: Path) -> list[Path]:
    if any(folder.glob("*.beam")):
        return [folder]
    for pattern in ("*/ebin", "lib/*/ebin"):
        ebins = sorted(path for path in folder.glob(pattern) if path.is_dir())
        if ebins:
            return ebins
    return []


def _application(ebin: Path) -> str:
    if ebin.name != "ebin":
        return ""
    matched = _APPLICATION.fullmatch(ebin.resolve().parent.name)
    return matched["name"] if matched else ""


def jobs_of(olds: Sequence[Path], new: Path, named: Collection[str] = ()) -> tuple[Job, ...]:
    """A job for each module of the new release that may take part, or is `named`, and that an old one has too.

    Modules are matched by application and name; one that moved to another application is found by its name alone.

    Raises:
        Refused: as `beams_of`.
    """
    releases = [_by_name(beams_of(old)) for old in olds]
    jobs = []
    for found in beams_of(new):
        if found.module not in named and not may_take_part(found.path):
            continue
        before = tuple(path for release in releases if (path := _match(release, found)) is not None)
        if before:
            jobs.append(Job(before, found.path))
    return tuple(jobs)


def _by_name(found: Sequence[Found]) -> dict[str, list[Found]]:
    names: dict[str, list[Found]] = {}
    for each in found:
        names.setdefault(each.module, []).append(each)
    return names


def _match(release: dict[str, list[Found]], wanted: Found) -> Path | None:
    same = release.get(wanted.module, [])
    best = next((each for each in same if each.application == wanted.application), None)
    chosen = best or (same[0] if same else None)
    return chosen.path if chosen else None


def may_take_part(path: Path) -> bool:
    """Whether a beam could have a `-state_record` or a `-state_type`: cheap, and wrong only in saying yes too often.

    Of a file that is no whole beam nothing is known: it is for the helper to say what is wrong with it.
    """
    content = _unpacked(path.read_bytes())
    return not _is_whole(content) or b"state_record" in content or b"state_type" in content


def _unpacked(content: bytes) -> bytes:
    """The content of a beam that may be compressed; as it is where it cannot be unpacked."""
    if not content.startswith(b"\x1f\x8b"):
        return content
    try:
        return zlib.decompressobj(wbits=_GZIP).decompress(content, _LARGEST)
    except zlib.error:
        return content


def _is_whole(content: bytes) -> bool:
    """Whether it is a beam that is not compressed, and none of its bytes are missing."""
    form, size, kind = content[:4], content[4:8], content[8:12]
    return (form, kind) == (b"FOR1", b"BEAM") and int.from_bytes(size) + 8 == len(content)
