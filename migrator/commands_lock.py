"""What `lock` and `check` do, once Erlang is on its way. Imported as `commands` is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from migrator import library
from migrator.checking import checked, status
from migrator.commands import Answer
from migrator.files import read_bytes, write_bytes
from migrator.lockfile import LARGEST, merged, parse, text_of
from migrator.locking import read_lock
from migrator.locks import check_lock, locked_release, pruned
from migrator.render.checked import render_module
from migrator.render.json import diagnostics_json, document, planned_json

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from migrator.commands import Progress
    from migrator.lockfile import Entry
    from migrator.otp import Helper
    from migrator.request import Request


_NOBODY = (
    "no module of {path} names its state record\n"
    "(`migrator scan {path}` lists those that seem to keep one and do not say so)\n"
)


def lock(helper: Helper, path: Path, output: Path | None, request: Request) -> Answer:
    """The lock of a release: on stdout, or added to a file."""
    before = read_bytes(output, LARGEST) if output is not None and output.exists() else None
    had = () if before is None else parse(before, str(output))
    entries = locked_release(helper, path, request).entries
    if output is None:
        return Answer(text_of(entries))
    now = merged(had, entries)
    data = text_of(now).encode()
    if data != before:
        write_bytes(output, data, expect=before)
    return Answer(_told(output, had, entries, now), talk="" if entries else _NOBODY.format(path=path))


def _told(output: Path, had: Sequence[Entry], given: Sequence[Entry], now: Sequence[Entry]) -> str:
    before = {entry.key: entry for entry in had}
    lines = [
        f"{entry.module} {entry.vsn}: {'replaced' if entry.key in before else 'added'}\n"
        for entry in given
        if entry.key not in before or entry.body != before[entry.key].body
    ]
    lines.append(
        f"{output}: {len(now)} {'entry' if len(now) == 1 else 'entries'}{'' if lines else ', nothing changed'}\n"
    )
    return "".join(lines)


def prune(path: Path, wanted: Sequence[str], output: Path | None) -> Answer:
    """Takes entries out of a lock file."""
    before = read_bytes(path, LARGEST)
    entries = parse(before, str(path))
    left = pruned(entries, wanted, path)
    write_bytes(output or path, text_of(left).encode(), expect=None if output else before)
    gone = [entry for entry in entries if entry not in left]
    return Answer("".join(f"{entry.module} {entry.vsn}: taken out\n" for entry in gone))


def check(  # noqa: PLR0913 - the options of the command
    helper: Helper,
    paths: Sequence[Path],
    *,
    form: str,
    request: Request,
    paint: Callable[[str, str], str],
    progress: Progress,
) -> Answer:
    """A verdict for each module between two releases."""
    found = checked(library.preview(helper, paths[:-1], paths[-1], request, progress))
    code = status(found)
    if form == "json":
        said = tuple(each for one in found for each in one.diagnostics)
        return Answer(document([planned_json(each.planned) for each in found]), said, status=code)
    text = "".join(render_module(each.module, each.verdict, each.way, each.diagnostics, paint) for each in found)
    return Answer(text or "no module here names a state record that both have: nothing to check\n", status=code)


def check_against(helper: Helper, lock_path: Path, path: Path, request: Request, form: str) -> Answer:
    """Whether a lock tells the truth about a release."""
    entries = read_lock(lock_path)
    release = locked_release(helper, path, request, {entry.name for entry in entries})
    found = check_lock(entries, release, path, lock_path)
    if form == "json":
        return Answer(document(diagnostics_json(found)), found)
    count = len(release.taking_part)
    told = (
        ""
        if found
        else f"{lock_path} tells the truth about {count} {'module' if count == 1 else 'modules'} of {path}\n"
    )
    return Answer(told, found)
