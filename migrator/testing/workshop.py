"""Where a test suite's versions are compiled, planned and tried: the helper, and a node that is thrown away."""

from __future__ import annotations

import re
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from migrator import library, otp
from migrator.request import Request, parse_choice
from migrator.terms import Atom
from migrator.testing.pair import Pair

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from typing import Literal

    from migrator.otp import Helper
    from migrator.terms import Term

# Of compiling a file, and of converting a state, in seconds.
_LONGEST = 60.0
_MODULE = re.compile(r"^\s*-module\(\s*('(?:[^'\\]|\\.)+'|[a-z][\w@]*)\s*\)", re.MULTILINE)
_STATE = re.compile(r"^\s*-state_(?:record|type)\(", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Workshop:
    """The helper that plans, the node that tries, and a folder for what is compiled."""

    helper: Helper
    node: Helper
    folder: Path

    def pair(  # noqa: PLR0913 - what a plan hangs on
        self,
        old: str | Path | Sequence[str | Path],
        new: str | Path,
        *,
        erl_opts: str = "[]",
        module: str | None = None,
        record: str | None = None,
        rules: str | Path | None = None,
        allow: Collection[Literal["drop", "retype", "default"]] = (),
        prefer: Literal["generated", "handwritten"] | None = None,
        here: Path | None = None,
    ) -> Pair:
        """Two versions of a module, compiled and planned.

        Args:
            old: the old version, or several: the text of a module, an `.erl` file, a folder of them, a beam, a lock
                file or `LOCK@VSN`.
            new: the new version: as above, but for a lock file.
            erl_opts: options of the compiler, as Erlang text; debug info is added.
            module: which module is meant, where a folder has several that name their state.
            record: the state record (`NAME` or `OLD:NEW`), where the module does not name it.
            rules: a decisions file, or a folder of them.
            allow: as the option `--allow`.
            prefer: as the option `--prefer`.
            here: where relative paths begin; the fixture says the test's own folder.

        Raises:
            AssertionError: a version does not compile.
            Refused, InputFault, EnvironmentFault: as `migrator.preview` raises them.
        """
        base = here or Path.cwd()
        olds = [old] if isinstance(old, str | Path) else list(old)
        place = self.folder / str(sum(1 for _ in self.folder.iterdir()))
        place.mkdir()
        target = self._beam(new, base, place / "new", erl_opts, module)
        known = [
            self._beam(each, base, place / f"old{at}", erl_opts, module or target.stem) for at, each in enumerate(olds)
        ]
        request = Request(
            choice=None if record is None else parse_choice(record),
            allow=frozenset(allow),
            prefer=prefer,
            rules=None if rules is None else base / rules,
        )
        return Pair(library.inject(self.helper, known, target, request), self.node)

    def _beam(self, given: str | Path, base: Path, place: Path, erl_opts: str, module: str | None) -> Path:
        """The beam of a version; a file that is no source is taken as it is."""
        text = str(given)
        if named := _MODULE.search(text):
            place.mkdir()
            source = place / f"{named[1].strip(chr(39))}.erl"
            source.write_text(text, encoding="utf-8")
            return self._compiled(source, place, erl_opts)
        path = base / given
        if path.is_dir() and (sources := sorted(path.glob("*.erl"))):
            place.mkdir()
            beams = {source.stem: self._compiled(source, place, erl_opts) for source in sources}
            return beams[module or _keeping(path, sources)]
        if path.suffix == ".erl":
            place.mkdir()
            return self._compiled(path, place, erl_opts)
        return path

    def _compiled(self, source: Path, place: Path, erl_opts: str) -> Path:
        request: Term = (Atom("trial_compile"), str(source).encode(), str(place).encode(), erl_opts.encode())
        match self.node.call(request, _LONGEST):
            case (Atom("ok"), bytes(name)):
                return place / f"{name.decode()}.beam"
            case (_, bytes(why)):
                raise AssertionError(f"{source} does not compile:\n{why.decode()}")
        raise AssertionError(f"{source} does not compile")


def _keeping(folder: Path, sources: Sequence[Path]) -> str:
    """The one module of a folder that names its state."""
    found = [source.stem for source in sources if _STATE.search(source.read_text(encoding="utf-8"))]
    if len(found) != 1:
        said = ", ".join(found) or "none"
        raise AssertionError(f"{folder}: one module has to name its state (here: {said}); module=… says which is meant")
    return found[0]


@contextmanager
def workshop(folder: Path, erl: Path | None = None) -> Iterator[Workshop]:
    """Starts the helper and the node; `folder` is for what is compiled, and empty.

    Raises:
        EnvironmentFault: there is no Erlang, or it cannot serve.
    """
    program = otp.find_erl(erl)
    with otp.start(program) as helper, otp.throw_away(program) as trial:
        yield Workshop(helper, trial, folder)
