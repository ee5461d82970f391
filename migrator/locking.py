"""Makes the entries of lock files from releases, and gives them out where old versions are asked for."""

from __future__ import annotations

import tempfile
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from migrator.beside import Shelf, with_neighbours
from migrator.compilers import otp_of
from migrator.diagnostics import CATALOGUE, Diagnostic, Refused
from migrator.errors import HelperFault
from migrator.faults import bug, of_beam
from migrator.files import read_bytes
from migrator.lockentry import Whence, content_of, entry_of, neighbours_in, with_neighbours_of
from migrator.lockfile import LARGEST, Entry, in_order, is_lock, parse
from migrator.modules import Module
from migrator.outcomes import Job, Planned
from migrator.read import Wanted, read, read_facts
from migrator.release.find import beams_of, is_folder, split
from migrator.release.jobs import may_take_part

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from migrator.otp import Helper


@dataclass(frozen=True, slots=True)
class Lock:
    """A lock file as OLD: its entries, those of one version where it is asked for as `LOCK@VSN`."""

    path: Path
    entries: tuple[Entry, ...]
    version: str | None = None


def read_lock(path: Path) -> tuple[Entry, ...]:
    """The entries of a lock file.

    Raises:
        InputFault, Refused: it cannot be read, or is no whole lock.
    """
    return parse(read_bytes(path, LARGEST), str(path))


def locked_in(path: Path) -> Lock | None:
    """The lock that an OLD means, or None where it means something else.

    Raises:
        InputFault, Refused: it is a lock, and cannot be used.
    """
    file, version = split(path)
    if not file.is_file():
        return None
    content = read_bytes(file)
    if not is_lock(file.name, content):
        return None
    entries = parse(content, str(file))
    if version is None:
        return Lock(file, entries)
    chosen = tuple(entry for entry in entries if entry.answers(version))
    if not chosen:
        known = list(dict.fromkeys(entry.vsn for entry in in_order(entries)))
        raise Refused(
            Diagnostic(
                CATALOGUE["M135"],
                f"{file} has nothing of version {version}; its versions are {', '.join(known[-8:]) or 'none'}",
                "there is no old version to start from",
                str(file),
                tuple(f"{file}@{vsn.strip(chr(34))}" for vsn in known[-3:]),
            )
        )
    return Lock(file, chosen, version)


@dataclass(frozen=True, slots=True)
class Taken:
    """A beam and the entry that a lock has of it, or should have."""

    path: Path
    module: Module
    entry: Entry


def take(helper: Helper, paths: Sequence[Path]) -> list[Taken | Diagnostic]:
    """The entry of each of these beams, in their order; a diagnostic where one cannot be read.

    Raises:
        EnvironmentFault, ProtocolError: the helper cannot serve.
    """
    modules = read(helper, [Wanted(path, code="records") for path in paths])
    readable = [module for module in modules if isinstance(module, Module)]
    # All its records: the next version may reveal one in a field that has no type here.
    wanted = [Wanted(Path(each.path), tuple(shape.name for shape in each.record_index), "lock") for each in readable]
    facts = read_facts(helper, [(want, module.beam) for want, module in zip(wanted, readable, strict=True)])
    entries = [
        with_neighbours_of(entry, near) if (entry := _entry(want.path, fact)) else None
        for want, fact, near in zip(wanted, facts, _beside(helper, wanted), strict=True)
    ]
    again = iter(
        read_facts(helper, [(want, _alone(entry)) for want, entry in zip(wanted, entries, strict=True) if entry])
    )
    done = iter(
        [
            _proved(module, entry, fact, next(again)) if entry and isinstance(fact, dict) else _unread(fact, module)
            for module, entry, fact in zip(readable, entries, facts, strict=True)
        ]
    )
    return [next(done) if isinstance(module, Module) else module for module in modules]


def _beside(helper: Helper, wanted: Sequence[Wanted]) -> list[list[Entry]]:
    """What the modules declare to which types of each of these lead, at any distance."""
    modules = read(helper, [replace(each, code="records") for each in wanted])
    near = [each.neighbours if isinstance(each, Module) else () for each in with_neighbours(helper, modules, Shelf())]
    reads = {each.path: (Wanted(Path(each.path), code="beside"), each.beam) for some in near for each in some}
    facts = dict(zip(reads, read_facts(helper, list(reads.values())), strict=True))
    return [[entry for each in some if (entry := _entry(Path(each.path), facts[each.path]))] for some in near]


# Where a default has the functions that are not at hand.
_MISSING = 4


def _entry(path: Path, facts: dict[str, Any] | HelperFault) -> Entry | None:
    if isinstance(facts, HelperFault):
        return None
    called = {module.name for module, _, why in _lacking(facts) if why.name == "module"}
    return entry_of(facts, [each for each in called if (path.parent / f"{each}.beam").exists()])


def _lacking(facts: dict[str, Any]) -> list[Any]:
    """What the OTP at hand does not have for the defaults of its records, as the protocol has it."""
    return [
        each
        for _, _, _, fields in facts["records"]
        for _, _, default, _ in fields
        if isinstance(default, tuple)
        for each in default[_MISSING]
    ]


def _later(module: Module, fault: HelperFault) -> Diagnostic:
    """The entry would have to be read by an OTP that its syntax is too new for."""
    built = otp_of(module.compiler or "")
    return Diagnostic(
        CATALOGUE["M208"],
        f"{module.path} has a default that only a later OTP than this one can read: {fault.text.partition(': ')[2]}",
        "its entry in a lock file could not be read again",
        f"{module.file}, #{', #'.join(each.name for each in module.records)}",
        (f"--erl PATH   # an erl of OTP {built}" if built else "--erl PATH   # the erl that compiled it",),
        module=module.name,
    )


def _alone(entry: Entry) -> bytes:
    return content_of(entry, Whence("lock", "lock", ""))


def _unread(fault: dict[str, Any] | HelperFault, module: Module) -> Diagnostic:
    return of_beam(fault, Path(module.path)) if isinstance(fault, HelperFault) else bug("no entry", module.name)


def _proved(
    module: Module, entry: Entry, facts: dict[str, Any], again: dict[str, Any] | HelperFault
) -> Taken | Diagnostic:
    """The entry, once it is known that Erlang reads from it what it was made of."""
    if isinstance(again, HelperFault):
        if any(why.name == "syntax" for _, _, why in _lacking(facts)):
            return _later(module, again)
        return bug(f"the lock entry of {module.name} cannot be read", again.text)
    wrong = [key for key in facts if key not in _OF_THE_CODE and _said(key, facts[key]) != _said(key, again.get(key))]
    if wrong:
        return bug(f"the lock entry of {module.name} does not say what the beam says", ", ".join(wrong))
    return Taken(Path(module.path), module, entry)


# What a lock does not have; places and prints of expressions are not compared.
_OF_THE_CODE = frozenset(
    ("file", "source", "md5", "compiler", "exports", "functions", "imports", "attributes", "type_texts")
)


def _said(key: str, value: Any) -> Any:  # noqa: ANN401 - the wire's terms are of any type
    if key == "records":
        return sorted(
            (name.name, [(field, _meant(default), declared) for field, _, default, declared in fields])
            for name, _, _, fields in value
        )
    return sorted(map(repr, value)) if isinstance(value, list) else value


def _meant(default: Any) -> Any:  # noqa: ANN401 - as above
    return default[1 : _MISSING + 1] if isinstance(default, tuple) else default


@dataclass(frozen=True, slots=True)
class Unlocked:
    """Old versions as beams or folders, entries of locks among them; `taken` are the new ones beside a lock."""

    olds: tuple[Path, ...]
    taken: tuple[Taken, ...] = ()


@contextmanager
def unlocked(helper: Helper, olds: Sequence[Path], new: Path, named: Collection[str] = ()) -> Iterator[Unlocked]:
    """The old versions, in the place of each lock files that read like beams, which are gone afterwards.

    Beside a release these are folders, beside a beam its module's entries. The new version's own entry is left out.

    Raises:
        InputFault, Refused: a lock cannot be used.
    """
    locks = [locked_in(old) for old in olds]
    if not any(locks):
        yield Unlocked(tuple(olds))
        return
    paths = _taking_part(new, named) if is_folder(new) else [new]
    taken = tuple(each for each in take(helper, paths) if isinstance(each, Taken))
    own = {(each.entry.key, each.entry.declared) for each in taken}
    with tempfile.TemporaryDirectory(prefix="migrator-") as folder:
        given: list[Path] = []
        for number, (old, lock) in enumerate(zip(olds, locks, strict=True)):
            if lock is None:
                given.append(old)
                continue
            entries = [
                each for each in lock.entries if lock.version is not None or (each.key, each.declared) not in own
            ]
            if is_folder(new):
                given += _folders(lock, entries, Path(folder) / str(number))
            else:
                name = taken[0].entry.module if taken else new.stem
                given += _files(lock, entries, name, Path(folder) / str(number))
        yield Unlocked(tuple(given), taken if is_folder(new) else ())


def _taking_part(release: Path, named: Collection[str]) -> list[Path]:
    return [found.path for found in beams_of(release) if found.module in named or may_take_part(found.path)]


def _folders(lock: Lock, entries: Sequence[Entry], place: Path) -> list[Path]:
    """A folder with the first version of each module, one with the second of those that have one, and so on."""
    made: list[Path] = []
    seen: Counter[str] = Counter()
    for entry in in_order(entries):
        folder = place / str(seen[entry.module])
        seen[entry.module] += 1
        write_entry(lock, entry, folder)
        if folder not in made:
            made.append(folder)
    return made


def _files(lock: Lock, entries: Sequence[Entry], module: str, place: Path) -> list[Path]:
    """A file for each version of that module."""
    if all(entry.module != module for entry in lock.entries):
        known = sorted({entry.module for entry in lock.entries})
        raise Refused(
            Diagnostic(
                CATALOGUE["M134"],
                f"{lock.path} has no entry of {module}; it has {', '.join(known[:8]) or 'none at all'}",
                "there is no old version to start from",
                str(lock.path),
                (f"migrator lock OLD_RELEASE -o {lock.path}   # with --record for a module that names no record",),
                module=module,
            )
        )
    wanted = [entry for entry in in_order(entries) if entry.module == module]
    return [write_entry(lock, entry, place / str(number)) for number, entry in enumerate(wanted)]


def write_entry(lock: Lock, entry: Entry, folder: Path) -> Path:
    """Writes an entry into a folder as a file that reads like a beam, with what it knows of modules beside it."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{entry.name}.beam"
    beside = folder / "beside" / entry.name
    beside.mkdir(parents=True, exist_ok=True)
    whence = Whence(str(lock.path), f"{lock.path}@{entry.version}", str(beside))
    content = content_of(entry, whence)
    path.write_bytes(content)
    # Types of the others may lead back to the module.
    for name, text in ((entry.name, content), *neighbours_in(entry, whence)):
        (beside / f"{Path(name).name}.beam").write_bytes(text)
    return path


def unknown_to(given: Unlocked, planned: Sequence[Planned]) -> list[Planned]:
    """An outcome for each module beside a lock that has nothing of it: it may be new, or it was left out."""
    known = {each.job.new for each in planned}
    return [
        Planned(
            Job((), each.path),
            None,
            (),
            each.module,
            (
                Diagnostic(
                    CATALOGUE["M514"],
                    f"no lock has an older version of {each.module.name}: it is taken to be new",
                    "nothing is generated for it",
                    each.module.file,
                    ("migrator lock OLD_RELEASE -o LOCK   # if that release had it already",),
                    module=each.module.name,
                ),
            ),
        )
        for each in given.taken
        if each.path not in known
    ]
