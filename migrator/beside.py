"""Finds and reads the modules that lie beside a beam in its release, as far as types lead to them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from migrator.foreign import own_types, reach
from migrator.modules import Module, Unseen
from migrator.read import DEADLINE, Wanted, read
from migrator.release.roots import versions_of
from migrator.terms import Atom

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from migrator.diagnostics import Diagnostic
    from migrator.otp import Helper


@dataclass(frozen=True, slots=True)
class _Library:
    """A `lib` folder: its beams by module, and for each version the folders of the applications that run together."""

    beams: dict[str, tuple[Path, ...]]
    versions: tuple[frozenset[str], ...]

    def beside(self, ebin: Path, name: str) -> tuple[Path, ...]:
        """The beams of a module in the release that the `ebin` belongs to, or in any where nothing tells."""
        application = ebin.absolute().parent.name
        mine = [folders for folders in self.versions if application in folders]
        together = frozenset().union(*mine)
        return tuple(each for each in self.beams.get(name, ()) if not mine or each.parent.parent.name in together)


@dataclass(slots=True)
class Shelf:
    """What was found and read in this run: beams by path, and the `lib` folders that they lie in."""

    read: dict[Wanted, Module | Diagnostic] = field(default_factory=dict)
    libraries: dict[Path, _Library] = field(default_factory=dict)


@dataclass(slots=True)
class _Search:
    """One module, with what is known of its neighbours so far."""

    module: Module
    found: dict[str, Module] = field(default_factory=dict)
    unseen: dict[str, Unseen] = field(default_factory=dict)

    def wanted(self) -> frozenset[str]:
        """The modules that its types lead to and that nobody has looked for yet."""
        return reach(self.known(), own_types(self.module)).missing - self.unseen.keys()

    def known(self) -> Module:
        """The module with its neighbours."""
        return replace(
            self.module,
            neighbours=tuple(self.found[name] for name in sorted(self.found)),
            unseen=tuple(self.unseen[name] for name in sorted(self.unseen)),
        )


def with_neighbours(helper: Helper, modules: Sequence[Module | Diagnostic], shelf: Shelf) -> list[Module | Diagnostic]:
    """The modules with those of their releases that their types lead to, at any distance.

    Raises:
        EnvironmentFault, ProtocolError: the helper cannot serve.
    """
    searches = {number: _Search(each) for number, each in enumerate(modules) if isinstance(each, Module)}
    open_ = list(searches.values())
    while wanted := [(search, names) for search in open_ if (names := search.wanted())]:
        places = {
            (search.module.path, name): _places(search.module, name, shelf)
            for search, names in wanted
            for name in names
        }
        _read(helper, [Wanted(path, code="declarations") for paths in places.values() for path in paths], shelf)
        for search, names in wanted:
            for name in names:
                _settle(search, name, places[search.module.path, name], shelf)
        open_ = [search for search, _ in wanted]
    _forget_otp(helper, searches.values())
    return [searches[number].known() if number in searches else each for number, each in enumerate(modules)]


def _read(helper: Helper, wanted: Iterable[Wanted], shelf: Shelf) -> None:
    new = [each for each in dict.fromkeys(wanted) if each not in shelf.read]
    shelf.read.update(zip(new, read(helper, new), strict=True) if new else ())


def _settle(search: _Search, name: str, paths: tuple[Path, ...], shelf: Shelf) -> None:
    """Puts the module of that name where it belongs, among those found or those that cannot be seen."""
    modules = [shelf.read[Wanted(path, code="declarations")] for path in paths]
    if not modules:
        search.unseen[name] = Unseen(name, f"{name}.beam is not beside {search.module.path}", "no beam")
        return
    first = modules[0]
    if any(isinstance(each, Module) and isinstance(first, Module) and each.beam != first.beam for each in modules):
        places = " and ".join(map(str, paths))
        search.unseen[name] = Unseen(name, f"it lies in {places}, and which of them runs is not known", "no beam")
    elif isinstance(first, Module) and first.name == name:
        search.found[name] = first
    elif isinstance(first, Module):
        search.unseen[name] = Unseen(name, f"{paths[0]} is the module {first.name}", "no beam")
    else:
        search.unseen[name] = Unseen(name, first.message, "a beam")


def _places(module: Module, name: str, shelf: Shelf) -> tuple[Path, ...]:
    """Where a module of that name lies: beside the beam, else in the other applications of the same `lib`."""
    path = Path(module.path if module.folder is None else f"{module.folder}/{module.name}.beam")
    if name == module.name and path.is_file():
        return (path,)
    if "/" in name or "\0" in name:
        return ()
    beside = path.parent / f"{name}.beam"
    try:
        if beside.is_file():
            return (beside,)
    except OSError:
        # No file has a name as long as an atom may be.
        return ()
    library = _library(path.parent)
    if library is None:
        return ()
    if library not in shelf.libraries:
        shelf.libraries[library] = _listed(library)
    return shelf.libraries[library].beside(path.parent, name)


def _library(folder: Path) -> Path | None:
    """The folder of all applications, where the beam lies in that of one: `lib/APP[-VSN]/ebin`."""
    application = folder.absolute().parent
    if folder.absolute().name != "ebin":
        return None
    named = application.parent.name == "lib" or (folder / f"{application.name.partition('-')[0]}.app").is_file()
    return application.parent if named else None


def _listed(library: Path) -> _Library:
    found: dict[str, tuple[Path, ...]] = {}
    for path in sorted(library.glob("*/ebin/*.beam")):
        found[path.stem] = (*found.get(path.stem, ()), path)
    versions = (each.applications for each in versions_of(library.parent))
    return _Library(
        found, tuple(frozenset(n for name, vsn in each for n in (f"{name}-{vsn}", name)) for each in versions)
    )


def _forget_otp(helper: Helper, searches: Iterable[_Search]) -> None:
    """What OTP itself keeps in its types concerns no one, where it is not at hand."""
    searches = list(searches)
    names = sorted({name for search in searches for name in search.unseen})
    if not names:
        return
    reply = helper.call((Atom("otp_modules"), [Atom(name) for name in names]), DEADLINE)
    known = {each.name for each in reply if isinstance(each, Atom)} if isinstance(reply, list) else set()
    for search in searches:
        search.unseen = {name: each for name, each in search.unseen.items() if name not in known}


def with_constructions(
    helper: Helper, olds: Sequence[Module | Diagnostic], new: Module | Diagnostic, shelf: Shelf
) -> Module | Diagnostic:
    """The new module, its neighbours with the places where they build records that changed.

    Raises:
        EnvironmentFault, ProtocolError: the helper cannot serve.
    """
    if not isinstance(new, Module) or not new.neighbours:
        return new
    before = [each for old in olds if isinstance(old, Module) for each in old.neighbours]
    wanted = {
        each.name: Wanted(Path(each.path), names)
        for each in new.neighbours
        if (names := _changed(each, [old for old in before if old.name == each.name]))
    }
    _read(helper, wanted.values(), shelf)
    neighbours = []
    for each in new.neighbours:
        whole = shelf.read[wanted[each.name]] if each.name in wanted else None
        built = whole.constructions if isinstance(whole, Module) else ()
        neighbours.append(replace(each, constructions=built))
    return replace(new, neighbours=tuple(neighbours))


def _changed(new: Module, olds: Sequence[Module]) -> tuple[str, ...]:
    """The records of a module that an old version defines differently, or not at all."""
    digests = {(shape.name, shape.digest) for shape in new.record_index}
    told = [{(shape.name, shape.digest) for shape in old.record_index} for old in olds] or [set()]
    return tuple(sorted({name for known in told for name, _ in digests - known}))
