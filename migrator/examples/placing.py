"""Generated test modules as files in a folder: none that is not ours is ever written over."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from migrator.diagnostics import CATALOGUE, Diagnostic, Refused
from migrator.examples.suites import suite_of
from migrator.files import make_folder, read_bytes, write_bytes
from migrator.render.eunit import MARK, file_name, render_suite

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path
    from typing import Literal

    from migrator.outcomes import Planned


@dataclass(frozen=True, slots=True)
class Placed:
    """A test module as it is to be written; `before` is what is there now, None where nothing is."""

    path: Path
    before: bytes | None
    after: bytes

    def fate(self, mode: Literal["write", "dry_run"]) -> str:
        """What becomes of it, for a person."""
        if self.before == self.after:
            return "are there already"
        return "are written" if mode == "write" else "would be written"


def placed(planned: Iterable[Planned], folder: Path) -> tuple[Placed, ...]:
    """The test modules of all these plans that have a migration. Writes nothing.

    Raises:
        Refused: a file of that name is there and is not ours (M191).
        InputFault: one cannot be read.
    """
    found: list[Placed] = []
    strangers: list[Diagnostic] = []
    for each in planned:
        suite = suite_of(each)
        if suite is None:
            continue
        path = folder / file_name(suite.module)
        before = read_bytes(path) if path.exists() or path.is_symlink() else None
        if before is not None and MARK.encode() not in before.splitlines():
            strangers.append(_not_ours(path, suite.module))
        found.append(Placed(path, before, render_suite(suite).encode()))
    if strangers:
        raise Refused(*strangers)
    return tuple(found)


@contextmanager
def written(files: Iterable[Placed]) -> Iterator[None]:
    """Writes those that differ from what is there, each atomically; where what follows fails, all are as before.

    Raises:
        InputFault, EnvironmentFault: one cannot be written.
    """
    done: list[Placed] = []
    try:
        for each in files:
            if each.before != each.after:
                make_folder(each.path.parent)
                write_bytes(each.path, each.after, expect=each.before)
                done.append(each)
        yield
    except BaseException:
        for each in done:
            if each.before is None:
                each.path.unlink(missing_ok=True)
            else:
                write_bytes(each.path, each.before)
        raise


def _not_ours(path: Path, module: str) -> Diagnostic:
    return Diagnostic(
        CATALOGUE["M191"],
        f"{path} is there, and was not written by inject --eunit",
        "it is left as it is, and nothing is written",
        str(path),
        (
            f"git mv {path} {path.with_name(f'{module}_own_tests.erl')}   # and the name in its -module",
            "migrator inject --eunit DIR …   # a folder of its own, named in {eunit_tests, …} or {extra_src_dirs, …}",
        ),
        module=module,
    )
