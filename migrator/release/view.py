"""A release as it is read: where its beams are stripped, those with their debug info stand in their places."""

from __future__ import annotations

import tempfile
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from migrator.diagnostics import CATALOGUE, Diagnostic, Refused
from migrator.files import read_bytes
from migrator.locking import locked_in, write_entry
from migrator.migrated import from_term
from migrator.release.attributes import attributes
from migrator.release.chunks import code_digest, has_debug_info
from migrator.release.digest import digests
from migrator.release.find import split
from migrator.release.jobs import may_take_part
from migrator.release.open import opened
from migrator.terms import Atom, term_text
from migrator.walkterms import NotOurs

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from migrator.locking import Lock
    from migrator.otp import Helper
    from migrator.outcomes import Planned
    from migrator.release.model import ModuleFile, Release
    from migrator.terms import Term

_MIGRATED = Atom("state_migrated")


@dataclass(frozen=True, slots=True)
class View:
    """A release and the path under which it is read.

    `real` has the release's own path of each beam that is read elsewhere, by the path there; `stripped` the release's
    own bytes of those that have no debug info, while others are read.
    """

    release: Release
    path: Path
    real: dict[Path, Path] = field(default_factory=dict)
    stripped: dict[Path, bytes] = field(default_factory=dict)

    @property
    def root(self) -> Path:
        """The folder that is read."""
        return split(self.path)[0]

    def beams(self) -> Iterator[tuple[Path, ModuleFile]]:
        """Each beam's path as it is read, and the beam of the release."""
        read = {real: view for view, real in self.real.items()}
        return ((read.get(each.path, each.path), each) for each in self.release.beams)


@contextmanager
def viewed(
    helper: Helper, release: Release, sources: Sequence[Path], named: Collection[str], option: str
) -> Iterator[View]:
    """The release with the debug info that other folders, or lock files, have of its stripped beams.

    Args:
        helper: tells whether two beams have one code where a migration was put into one of them.
        release: to be read.
        sources: releases in any shape, or locks.
        named: modules that take part whatever their beams say.
        option: the one that names such sources, for messages.

    Raises:
        InputFault, Refused: a source cannot be used, or has debug info of another build alone (M152).
        EnvironmentFault, ProtocolError: the helper cannot serve.
    """
    vsn = split(release.given)[1]
    if not sources:
        yield View(release, _versioned(release.root, vsn))
        return
    with ExitStack() as stack:
        shelf = _Shelf()
        for source in sources:
            lock = locked_in(source)
            if lock is not None:
                shelf.locks.append(lock)
            else:
                shelf.add(stack.enter_context(opened(source)))
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="migrator-"))) / "release"
        view = View(release, _versioned(folder, vsn))
        _fill(helper, view, folder, shelf, named, option)
        yield view


def _versioned(folder: Path, vsn: str | None) -> Path:
    return folder if vsn is None else folder.with_name(f"{folder.name}@{vsn}")


@dataclass(slots=True)
class _Shelf:
    """Where debug info is looked for: beams by module, and locks."""

    beams: dict[str, list[Path]] = field(default_factory=dict)
    locks: list[Lock] = field(default_factory=list)

    def add(self, release: Release) -> None:
        """Puts a release's beams there."""
        for each in release.beams:
            self.beams.setdefault(each.module, []).append(each.path)


def _fill(  # noqa: PLR0913, PLR0917 - as above
    helper: Helper, view: View, folder: Path, shelf: _Shelf, named: Collection[str], option: str
) -> None:
    """Makes a folder like the release, of links, and notes which of its beams stand for which."""
    release = view.release
    wrong: list[Diagnostic] = []
    releases = release.root / "releases"
    folder.mkdir()
    if releases.is_dir():
        (folder / "releases").symlink_to(releases.absolute())
    for application in release.applications:
        inside = application.ebin.relative_to(release.root)
        # Of an `ebin` alone its own name tells the application.
        ebin = folder / (inside if inside.parts else Path(release.root.resolve().parent.name) / "ebin")
        ebin.mkdir(parents=True)
        if application.app_file is not None:
            (ebin / application.app_file.name).symlink_to(application.app_file.absolute())
        for each in application.beams:
            beam = read_bytes(each.path)
            place = ebin / each.path.name
            view.real[place] = each.path
            found = each.path if has_debug_info(beam) else _debug_info(helper, each, beam, shelf, ebin)
            if isinstance(found, Path):
                place.symlink_to(found.absolute())
                if found != each.path:
                    view.stripped[place] = beam
            elif found is None:
                place.symlink_to(each.path.absolute())
                if each.module in shelf.beams and (each.module in named or may_take_part(each.path)):
                    wrong.append(_another_build(each, shelf.beams[each.module], option))
    if wrong:
        raise Refused(*wrong)


def _debug_info(helper: Helper, stripped: ModuleFile, beam: bytes, shelf: _Shelf, ebin: Path) -> Path | str | None:
    """The beam that has it, the name of a lock whose entry was put into the `ebin`, or None."""
    wanted = code_digest(beam)
    candidates = [(path, read_bytes(path)) for path in shelf.beams.get(stripped.module, ())]
    for path, content in candidates:
        if code_digest(content) == wanted and has_debug_info(content):
            return path
    said = attributes(beam)
    # A migration of ours is other code: then the module's own attributes, its vsn among them, must do.
    if _is_migrated(beam):
        for path, content in candidates:
            if has_debug_info(content) and _others(attributes(content)) == _others(said):
                return path
    since = _migrated_since(helper, stripped, candidates)
    if since is not None:
        return since
    vsn = _vsn(said)
    for lock in shelf.locks:
        for entry in lock.entries:
            if entry.name == stripped.module and vsn is not None and entry.answers(vsn):
                write_entry(lock, entry, ebin)
                return str(lock.path)
    return None


def _migrated_since(helper: Helper, stripped: ModuleFile, candidates: Sequence[tuple[Path, bytes]]) -> Path | None:
    """The beam that a hook changed after this one was packed: Erlang takes the migration out and compares."""
    changed = [path for path, content in candidates if has_debug_info(content) and _is_migrated(content)]
    known = digests(helper, [stripped.path, *changed]) if changed else {}
    wanted = known[stripped.path].md5 if changed else None
    return next((path for path in changed if wanted is not None and known[path].md5 == wanted), None)


def _is_migrated(beam: bytes) -> bool:
    return any(name == _MIGRATED for name, _ in attributes(beam))


def _others(attributes: list[tuple[Term, Term]]) -> list[str]:
    return sorted(term_text(each) for each in attributes if each[0] != _MIGRATED)


def _vsn(attributes: list[tuple[Term, Term]]) -> str | None:
    """The vsn as `release_handler_1:get_vsn/1` gives it, as Erlang source."""
    found = next((value for name, value in attributes if name == Atom("vsn")), None)
    if found is None:
        return None
    return term_text(found[0] if isinstance(found, list) and len(found) == 1 else found)


def _another_build(stripped: ModuleFile, places: Sequence[Path], option: str) -> Diagnostic:
    return Diagnostic(
        CATALOGUE["M152"],
        f"{stripped.path} is stripped, and {places[0]} was built of other code",
        "its records cannot be known: those of another build may not be those that the processes hold",
        str(stripped.path),
        (f"{option} DIR   # a lib folder of the build that this release was made of",),
        module=stripped.module,
    )


def lost(view: View, planned: Sequence[Planned]) -> tuple[Diagnostic, ...]:
    """What stripped beams carry already and would lose: they are made anew, of debug info that does not have it."""
    return tuple(
        _lost(view.real[each.job.new], missing, each.plan.module)
        for each in planned
        if each.plan is not None and each.plan.verdict == "migrate" and each.job.new in view.stripped
        if (
            missing := _carried(view.stripped[each.job.new])
            - {term_text(migration.vsn) for migration in each.plan.migrations}
        )
    )


def _carried(beam: bytes) -> set[str]:
    """The old versions whose migrations a beam carries, as Erlang source."""
    found: set[str] = set()
    for name, value in attributes(beam):
        if name != _MIGRATED:
            continue
        try:
            _, migrations = from_term(value)
        except NotOurs:
            return {"another version of the migrator"}
        found |= {term_text(each.vsn) for each in migrations}
    return found


def _lost(beam: Path, missing: set[str], module: str) -> Diagnostic:
    versions = ", ".join(sorted(missing))
    return Diagnostic(
        CATALOGUE["M153"],
        f"{beam} is stripped, and carries a migration from {versions} that this run does not make",
        f"it is made anew from its debug info: states of {versions} would stay as they are under the new code",
        str(beam),
        ("migrator hook OLD OTHER_OLD… NEW   # all old versions in one run, or a lock file that has them",),
        module=module,
    )
