"""What `appup` does, once Erlang is on its way. Imported as `commands` is."""

from __future__ import annotations

from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from migrator.commands import Answer
from migrator.diagnostics import CATALOGUE, Diagnostic, Refused, exit_code
from migrator.files import write_bytes
from migrator.locking import locked_in
from migrator.release.appupsrc import prescribed
from migrator.release.drafting import Sources, drafted
from migrator.release.drafts import Existing
from migrator.release.find import split
from migrator.release.journal import finished
from migrator.release.open import opened
from migrator.release.preparing import Reading, prepared
from migrator.release.validate import validate
from migrator.render.appups import drafts_json, render_drafts, render_texts
from migrator.render.json import document
from migrator.termtext import text_in

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from migrator.commands import Progress
    from migrator.otp import Helper
    from migrator.release.drafts import Drafts, Prepared, Upgrade
    from migrator.release.model import Application, Release
    from migrator.release.supervisors import Mode
    from migrator.release.wishes import Wishes
    from migrator.release.written import Prescribed


@dataclass(frozen=True, slots=True)
class Run:
    """What a run works with: Erlang, where it writes, where else `.appup.src` files are and their variables.

    `supervisors` says how these are looked at: with `eval` their `init/1` runs in a throw-away node.
    """

    erl: Path
    place: Place
    sources: tuple[Path, ...] = ()
    variables: Mapping[str, str] = field(default_factory=dict)
    supervisors: Mode = "read"


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
    run: Run,
    paint: Callable[[str, str], str],
    progress: Progress,
) -> Answer:
    """The appups of a release: written, or printed with `dry_run`."""
    _refuse_locks(paths[:-1])
    finished(split(paths[-1])[0])
    place = run.place
    with ExitStack() as stack:
        *olds, new = (stack.enter_context(opened(path)) for path in paths)
        if new.shape == "tarball" and place.output is None and place.mode == "write":
            raise Refused(_no_place(new))
        written = {old.given: prescribed(run.erl, old, new, run.sources, run.variables) for old in olds}

        def steps(upgrade: Upgrade) -> Prepared:
            return prepared(helper, upgrade, new, Reading(run.supervisors, run.erl), written[upgrade.old.given])

        sources = Sources(_existing_in(written, place), steps)
        drafts = drafted(helper, olds, new, wishes, sources, progress)
        targets = {each.application.name: _target(each.application, place, new) for each in drafts.drafts}
        found = drafts.diagnostics
        if not exit_code(found):
            found += _validated(run.erl, drafts, new)
        if not exit_code(found) and place.mode == "write":
            _write(drafts, {each.application.name: _path(each.application, place) for each in drafts.drafts})
        if form == "json":
            return Answer(document(drafts_json(drafts, targets, found)), found)
        if exit_code(found):
            return Answer("", found)
        if place.mode == "dry_run":
            return Answer(render_texts(drafts, targets), found)
        return Answer(render_drafts(drafts, targets, paint), found)


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


_Written = dict["Path", "tuple[Prescribed, ...]"]


def _existing_in(written: _Written, place: Place) -> Callable[[Application], Existing | None]:
    """What gives the appup that an application has."""
    bases = {
        each.application: (str(each.sources.appup), each.appup)
        for found in reversed(written.values())
        for each in found
        if each.appup is not None
    }
    return lambda application: _existing(application, place, bases.get(application.name))


def _existing(application: Application, place: Place, base: tuple[str, str] | None) -> Existing | None:
    """The appup that is there: what its source comes to, else what was written before, else that beside the `.app`."""
    target = _path(application, place)
    current = text_in(target) if target.exists() else None
    if base is not None:
        return Existing(*base, current)
    if current is not None:
        return Existing(str(target), current, current)
    beside = application.ebin / target.name
    return Existing(str(beside), text_in(beside), None) if beside.exists() else None


def _validated(erl: Path, drafts: Drafts, new: Release) -> tuple[Diagnostic, ...]:
    """What systools has against the drafts."""
    texts = {each.application.name: each.text for each in drafts.drafts}
    return tuple(
        said
        for upgrade in drafts.upgrades
        for said in validate(erl, upgrade.old, new, {name: texts[name] for name in upgrade.shared})
    )


def _write(drafts: Drafts, paths: Mapping[str, Path]) -> None:
    """Writes all of them; when one cannot be written, those before it are put back."""
    done: list[tuple[Path, bytes | None]] = []
    try:
        for draft in drafts.drafts:
            path = paths[draft.application.name]
            before = path.read_bytes() if path.exists() else None
            data = _encoded(draft.text, before)
            if data != before:
                path.parent.mkdir(parents=True, exist_ok=True)
                write_bytes(path, data, expect=before)
                done.append((path, before))
    except BaseException:
        for path, before in done:
            if before is None:
                path.unlink()
            else:
                write_bytes(path, before)
        raise


def _encoded(text: str, before: bytes | None) -> bytes:
    """The text in UTF-8; in Latin-1 where the file was read as that, and can hold it."""
    try:
        (before or b"").decode()
    except UnicodeDecodeError:
        with suppress(UnicodeEncodeError):
            return text.encode("latin-1")
    return text.encode()
