"""The modules between two releases that a run works on."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from migrator.callbacks import BY_BEHAVIOUR, KNOWN
from migrator.outcomes import Job
from migrator.release.attributes import attributes
from migrator.release.chunks import chunks_of
from migrator.release.find import beams_of
from migrator.terms import Atom

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence
    from pathlib import Path

    from migrator.release.match import ModuleChange
    from migrator.release.model import ModuleFile
    from migrator.request import Choice

_GZIP = 16 + zlib.MAX_WBITS
_LARGEST = 256 * 1024 * 1024


def jobs_of(olds: Sequence[Path], new: Path, named: Collection[str] = ()) -> tuple[Job, ...]:
    """A job for each module of the new release that may take part, or is `named`, and that an old one has too.

    Raises:
        InputFault, Refused: as `release_in`.
    """
    return jobs_named(beams_between(olds, new), named)


@dataclass(frozen=True, slots=True)
class Beams:
    """The beams of old releases and of a new one. Finding them reads every `.app`, so that it is done once in a run."""

    olds: tuple[tuple[ModuleFile, ...], ...]
    new: tuple[ModuleFile, ...]


def beams_between(olds: Sequence[Path], new: Path) -> Beams:
    """The beams of these releases.

    Raises:
        InputFault, Refused: as `release_in`.
    """
    return Beams(tuple(map(beams_of, olds)), beams_of(new))


def jobs_named(beams: Beams, named: Collection[str]) -> tuple[Job, ...]:
    """As `jobs_of`, of beams that were found already."""
    return jobs_where(beams, lambda each: each.module in named or may_take_part(each.path))


def jobs_where(beams: Beams, wanted: Callable[[ModuleFile], bool]) -> tuple[Job, ...]:
    """A job for each module of the new release that is wanted, and that an old one has too.

    Modules are matched by application and name; one that moved to another application is found by its name alone.
    """
    releases = [_by_name(old) for old in beams.olds]
    jobs = []
    for found in beams.new:
        if not wanted(found):
            continue
        before = tuple(path for release in releases if (path := _match(release, found)) is not None)
        if before:
            jobs.append(Job(before, found.path))
    return tuple(jobs)


def may_keep(path: Path, choice: Choice) -> bool:
    """Whether a beam could keep its state in that record: cheap, and wrong only in saying yes too often."""
    content = _unpacked(path.read_bytes())
    if not _is_whole(content):
        return True
    name = choice.new.encode()
    return any(word in content for word in _STATEFUL) and (name in content or name in _literals(content))


# In bytes, of the constants of a module when they are unpacked.
_LARGEST_LITERALS = 128 << 20


def _literals(content: bytes) -> bytes:
    """The constants of a beam: a state that is never matched may be named in these alone."""
    packed = dict(chunks_of(content) or ()).get(b"LitT", b"")
    try:
        # Since OTP 28 they are not packed.
        return zlib.decompressobj().decompress(packed[4:], _LARGEST_LITERALS) if int.from_bytes(packed[:4]) else packed
    except zlib.error:
        return packed


def may_convert(path: Path) -> bool:
    """Whether a beam could have a state that OTP asks it to convert: cheap, and wrong only in saying yes too often."""
    content = _unpacked(path.read_bytes())
    return any(word in content for word in _STATEFUL)


# Each name stands in the module's atoms or attributes, which nothing compresses.
_STATEFUL = tuple(name.encode() for name in (*BY_BEHAVIOUR, *(each.function.name for each in KNOWN)))


def _by_name(found: Sequence[ModuleFile]) -> dict[str, list[ModuleFile]]:
    names: dict[str, list[ModuleFile]] = {}
    for each in found:
        names.setdefault(each.module, []).append(each)
    return names


def _match(release: dict[str, list[ModuleFile]], wanted: ModuleFile) -> Path | None:
    same = release.get(wanted.module, [])
    best = next((each for each in same if each.application == wanted.application), None)
    chosen = best or (same[0] if same else None)
    return chosen.path if chosen else None


# What names a module's state; a word that many other things of a module can have.
_NAMING = (Atom("state_record"), Atom("state_type"))


def may_take_part(path: Path) -> bool:
    """Whether a beam has a `-state_record` or a `-state_type`, whatever else is called so.

    Of a file that is no whole beam nothing is known: it is for the helper to say what is wrong with it.
    """
    content = _unpacked(path.read_bytes())
    if not _is_whole(content):
        return True
    if not any(word.name.encode() in content for word in _NAMING):
        return False
    return any(name in _NAMING for name, _ in attributes(content))


def may_be_migrated(path: Path) -> bool:
    """Whether a beam could carry a migration of ours: cheap, and wrong only in saying yes too often."""
    content = _unpacked(path.read_bytes())
    return not _is_whole(content) or b"state_migrated" in content


def only_migrated(change: ModuleChange) -> bool:
    """Whether nothing but what is ours is known to differ.

    Records of another module in the state may have changed then; or, without debug info, its own: what a migration
    was put into cannot be told from the old code.
    """
    old, new = change.old, change.new
    if old is None or new is None or not may_be_migrated(new.path):
        return False
    return old.path.read_bytes() != new.path.read_bytes()


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
