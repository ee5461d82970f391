"""The folders in `samples/`: found, compiled, and with the values that must come out of their migrations."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from migrator import options
from migrator.cli import command
from migrator.terms import Atom, text_of

if TYPE_CHECKING:
    from migrator.request import Request
    from migrator.terms import Term
    from tests.support.node import Node

ROOT = Path(__file__).parent.parent.parent / "samples"


# Since OTP 28 whoever keeps a gen_fsm is told so at each callback.
_OPTIONS: list[Term] = [Atom("nowarn_deprecated_callback")]


@dataclass(frozen=True)
class Sample:
    """One kind of change: a folder with the sources of two or more versions of one module, the last the new one.

    Other modules may lie beside it; then `-state_record` says which one it is.
    """

    name: str
    versions: tuple[str, ...]
    module: str

    @property
    def folder(self) -> Path:
        """Where it is."""
        return ROOT / self.name

    @property
    def native(self) -> bool:
        """Whether it has native records, which only OTP 29 compiles."""
        return any("\n-record #" in each.read_text(encoding="utf-8") for each in self.folder.glob("v*/*.erl"))

    @property
    def olds(self) -> tuple[str, ...]:
        """The folders of the old versions."""
        return self.versions[:-1]

    @property
    def new(self) -> str:
        """The folder of the new version."""
        return self.versions[-1]


def samples() -> tuple[Sample, ...]:
    """All samples of a kind of change, by name; a whole project is none of them."""
    folders = (path for path in sorted(ROOT.iterdir()) if path.is_dir())
    return tuple(_sample(path) for path in folders if not (path / "rebar.config").exists())


def _sample(folder: Path) -> Sample:
    sources = sorted(folder.glob("v*/*.erl"))
    modules = {source.stem for source in sources}
    if len(modules) > 1:
        modules = {each.stem for each in sources if "\n-state_record(" in each.read_text(encoding="utf-8")}
    (module,) = modules
    return Sample(folder.name, tuple(sorted({source.parent.name for source in sources})), module)


@dataclass(frozen=True)
class Change:
    """What must come out of a state: `after` in the new code's eyes (up) or in the old code's (down)."""

    version: str
    before: Term
    extra: Term
    after: Term


@dataclass(frozen=True)
class Machine:
    """The state of a state machine, beside its data: what an upgrade, or a downgrade, makes of it."""

    way: str
    version: str
    before: Term
    after: Term


@dataclass(frozen=True)
class Expected:
    """What a sample's `expected.terms` says.

    `kind` is the behaviour of its process (`special` for one without any), `start` the argument on which it is started.
    In `refused`, `after` is what `sys:change_code` answers.
    """

    kind: str
    options: tuple[str, ...]
    start: Term
    up: tuple[Change, ...]
    down: tuple[Change, ...]
    refused: tuple[Change, ...]
    machine: tuple[Machine, ...]


def expected_of(node: Node, sample: Sample) -> Expected:
    """Reads `expected.terms`.

    Raises:
        ValueError: it has something that means nothing, or too little to show anything.
    """
    terms = node.apply("live_compile", "consult", str(sample.folder / "expected.terms").encode())
    found: dict[str, list[Change]] = {"up": [], "down": [], "refused": []}
    chosen: tuple[str, ...] = ()
    process = "gen_server"
    start: Term = []
    machine: list[Machine] = []
    for term in terms if isinstance(terms, list) else []:
        match term:
            case (Atom("options"), list(texts)):
                chosen = tuple(text_of(text) or "" for text in texts)
            case (Atom("kind"), Atom(name)):
                process = name
            case (Atom("machine"), Atom(("up" | "down") as way), Atom(version), before, after):
                machine.append(Machine(way, version, before, after))
            case (Atom("start"), argument):
                start = argument
            case (Atom(("up" | "down" | "refused") as kind), Atom(version), before, extra, after):
                found[kind].append(Change(version, before, extra, after))
            case _:
                raise ValueError(f"{sample.name}/expected.terms: {term!r} means nothing")
    up, down, refused = (tuple(found[way]) for way in ("up", "down", "refused"))
    expected = Expected(process, chosen, start, up, down, refused, tuple(machine))
    for version in sample.olds:
        if not {version} <= {each.version for each in expected.up} & {each.version for each in expected.down}:
            raise ValueError(f"{sample.name}/expected.terms shows no upgrade from {version}, or no downgrade to it")
    return expected


def request_of(expected: Expected, sample: Sample) -> Request:
    """What the command makes of the sample's options, given in the sample's folder."""
    context = command.commands["preview"].make_context("preview", [*expected.options, "OLD", "NEW"])
    request = options.request(context.params)
    return request if request.rules is None else replace(request, rules=sample.folder / request.rules)


def compile_sample(node: Node, sample: Sample, folder: Path) -> dict[str, Path]:
    """The beams of all versions, by the version's folder; a warning of the compiler's is an error."""
    # What stands beside the versions is the same in all of them: the behaviour that the module is written for, say.
    for source in sample.folder.glob("*.erl"):
        match node.apply("live_compile", "source", str(source).encode(), _OPTIONS):
            case (bytes(beam), b"[]"):
                node.load(source.stem, beam)
    for version in sample.versions:
        for source in sorted((sample.folder / version).glob("*.erl")):
            compiled = node.apply("live_compile", "source", str(source).encode(), _OPTIONS)
            match compiled:
                case (bytes(beam), b"[]"):
                    path = folder / version / f"{source.stem}.beam"
                    path.parent.mkdir(parents=True, exist_ok=True)
                    path.write_bytes(beam)
                case _:
                    raise ValueError(f"{source} does not compile without a warning: {compiled!r}")
    return {version: folder / version / f"{sample.module}.beam" for version in sample.versions}
