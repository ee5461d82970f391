"""Makes the modules of the survey's rows: one Erlang node compiles them all."""

from __future__ import annotations

import shutil
import subprocess
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self

from survey_data import spec

from migrator.terms import Atom, Term
from tests.support.node import Node, start_node

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from survey_data import Row

_BATCH = 100
_DEADLINE = 300.0


@dataclass(frozen=True, slots=True)
class Made:
    """What came of making a row's modules: the texts that were left out, or why there are none."""

    left_out: tuple[str, ...] = ()
    failed: str | None = None


class Workshop:
    """A node with the survey's own modules, and folders for the beams that it makes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        ebin = folder / "node"
        ebin.mkdir()
        sources = sorted(Path(__file__).parent.glob("survey_*.erl"))
        subprocess.run(["erlc", "-o", str(ebin), *map(str, sources)], check=True)  # noqa: S607 - erlc as on the PATH
        self.node: Node = start_node(ebin)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.node.helper.close()

    def call(self, module: str, function: str, *arguments: Term) -> Term:
        """What a function of the node gives."""
        return self.node.helper.call((Atom("apply"), Atom(module), Atom(function), list(arguments)), _DEADLINE)

    @contextmanager
    def folders(self, name: str) -> Iterator[tuple[Path, Path]]:
        """Two empty folders for the old and the new modules; gone at the end."""
        old, new = self.folder / name / "old", self.folder / name / "new"
        for each in (old, new):
            each.mkdir(parents=True)
        yield old, new
        shutil.rmtree(self.folder / name)

    def make(
        self, rows: Sequence[Row], decisions: Mapping[str, tuple[str, ...]], into: tuple[Path, Path]
    ) -> dict[str, Made]:
        """Compiles both modules of each row, the new one with its decisions."""
        made: dict[str, Made] = {}
        folders = [str(each).encode() for each in into]
        for start in range(0, len(rows), _BATCH):
            batch = rows[start : start + _BATCH]
            specs: list[Term] = [spec(row, decisions.get(row.name, ())) for row in batch]
            results = self.call("survey_modules", "make_all", specs, *folders)
            assert isinstance(results, list)  # noqa: S101 - as make_all/3 answers
            made.update((row.name, _made(result)) for row, result in zip(batch, results, strict=True))
        return made


def _made(result: Term) -> Made:
    match result:
        case (Atom("made"), list(left_out)):
            return Made(tuple(_text(each) for each in left_out))
        case (Atom("not_made"), bytes(why)):
            return Made(failed=why.decode())
    raise AssertionError(result)


def _text(left_out: Term) -> str:
    match left_out:
        case (_, bytes(text)):
            return text.decode()
    raise AssertionError(left_out)
