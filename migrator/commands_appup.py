"""What `appup` does, once Erlang is on its way. Imported as `commands` is."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from migrator import library
from migrator.commands import Answer
from migrator.diagnostics import CATALOGUE, Diagnostic, Refused, exit_code
from migrator.files import write_bytes
from migrator.locking import locked_in
from migrator.release.drafting import Sources, drafted
from migrator.release.drafts import Existing
from migrator.release.open import opened
from migrator.render.appups import drafts_json, refused_drafts_json, render_drafts, render_texts
from migrator.render.json import document
from migrator.termtext import text_in

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from migrator.commands import Progress
    from migrator.otp import Helper
    from migrator.release.drafts import Drafts, Steps, Upgrade
    from migrator.release.model import Application, Release
    from migrator.release.wishes import Wishes


@dataclass(frozen=True, slots=True)
class Place:
    """Where `appup` writes: beside each `.app` of NEW, or into a folder; or nowhere."""

    output: Path | None
    mode: Literal["write", "dry_run"]


def appup(  # noqa: PLR0913 - the options of the command
    helper: Helper,
    paths: Sequence[Path],
    *,
    form: str,
    wishes: Wishes,
    place: Place,
    paint: Callable[[str, str], str],
    progress: Progress,
) -> Answer:
    """The appups of a release: written, or printed with `dry_run`."""
    _refuse_locks(paths[:-1])
    with ExitStack() as stack:
        *olds, new = (stack.enter_context(opened(path)) for path in paths)
        if new.shape == "tarball" and place.output is None and place.mode == "write":
            raise Refused(_no_place(new))
        sources = Sources(lambda application: _existing(application, place), _steps)
        drafts = drafted(helper, olds, new, wishes, sources, progress)
        targets = {each.application.name: _target(each.application, place, new) for each in drafts.drafts}
        found = drafts.diagnostics
        if not exit_code(found) and place.mode == "write":
            _write(drafts, {each.application.name: _path(each.application, place) for each in drafts.drafts})
        if form == "json":
            return Answer(document(drafts_json(drafts, targets, found)), found)
        if exit_code(found):
            return Answer("", found)
        if place.mode == "dry_run":
            return Answer(render_texts(drafts, targets), found)
        return Answer(render_drafts(drafts, targets, paint), found)


def refused(error: Exception) -> str:
    """The JSON document where nothing could be worked out."""
    return document(refused_drafts_json(library.diagnostics_of(error)))


def _refuse_locks(olds: Sequence[Path]) -> None:
    locks = [each for each in olds if locked_in(each) is not None]
    if locks:
        raise Refused(
            *(
                Diagnostic(
                    CATALOGUE["M161"],
                    f"{each} is a lock file: it has the states of a release, and none of its code",
                    "which modules changed, and what they call, cannot be told from it",
                    str(each),
                    ("migrator appup OLD_RELEASE NEW   # its lib folder, its root or its tarball",),
                )
                for each in locks
            )
        )


def _no_place(new: Release) -> Diagnostic:
    return Diagnostic(
        CATALOGUE["M165"],
        f"{new.given} is a tarball: appups cannot be written beside the .app files in it",
        "nothing was written",
        str(new.given),
        (f"migrator appup -o DIR OLD {new.given}", f"migrator appup --dry-run OLD {new.given}"),
    )


def _path(application: Application, place: Place) -> Path:
    return (place.output or application.ebin) / f"{application.name}.appup"


def _target(application: Application, place: Place, new: Release) -> Path:
    """The path as it is told: in a tarball, where it would be in there."""
    path = _path(application, place)
    if new.shape == "tarball" and place.output is None:
        return new.given / path.relative_to(new.root)
    return path


def _existing(application: Application, place: Place) -> Existing | None:
    """The appup that is there: where one was written before, else beside the `.app`."""
    for path in (_path(application, place), application.ebin / f"{application.name}.appup"):
        if path.exists():
            return Existing(str(path), text_in(path))
    return None


def _steps(_: Upgrade) -> Mapping[str, Steps]:
    return {}


def _write(drafts: Drafts, paths: Mapping[str, Path]) -> None:
    for draft in drafts.drafts:
        path = paths[draft.application.name]
        before = path.read_bytes() if path.exists() else None
        data = draft.text.encode()
        if draft.before is not None and before is not None and before.decode(errors="replace") != draft.before:
            # What is not UTF-8 was read as Latin-1, and stays that.
            data = draft.text.encode("latin-1", errors="replace")
        if data != before:
            path.parent.mkdir(parents=True, exist_ok=True)
            write_bytes(path, data, expect=before)
