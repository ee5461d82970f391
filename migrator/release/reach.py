"""What the instructions of an upgrade do with each module: whether its processes' states come through `code_change`.

Both languages of `release_handler` are read: that of `.appup` files, as `systools_rc` expands it, and of a `relup`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias

from migrator.terms import Atom, text_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from migrator.terms import Term

# What becomes of the processes of a module, the best first: their state goes through `code_change`; they start anew;
# they are suspended while the code is loaded, their state left as it is; the code is loaded under their feet; the
# module leaves the node; nothing happens.
Way: TypeAlias = Literal["converted", "restarted", "suspended", "loaded", "deleted", "absent"]

_BEST: tuple[Way, ...] = ("converted", "restarted", "suspended", "loaded", "deleted", "absent")
# Whether a version fits an entry's regular expression: Erlang alone can say (see `patterns`).
Fits: TypeAlias = "Callable[[bytes, str], bool]"

_EMULATOR = (Atom("restart_new_emulator"), Atom("restart_emulator"))


@dataclass(frozen=True, slots=True)
class Reached:
    """What a list of instructions does: by module, and to whole applications or the whole node."""

    ways: dict[str, Way] = field(default_factory=dict)
    applications: frozenset[str] = frozenset()
    emulator: bool = False

    def way(self, module: str, application: str = "") -> Way:
        """What becomes of the processes of that module of that application."""
        found = self.ways.get(module, "absent")
        if found != "converted" and (self.emulator or application in self.applications):
            return "restarted"
        return found


def reached(instructions: Term) -> Reached:
    """What these instructions do, of an `.appup`'s entry or of a `relup`'s. What is no instruction does nothing.

    A state is converted only where the module's processes are suspended too: `release_handler` calls `code_change`
    of none but those.
    """
    flat = tuple(_flat(instructions))
    suspended: set[str] = set()
    ways: dict[str, Way] = {}
    for each in flat:
        suspended.update(_suspended(each))
        for module, way in _told(each, suspended):
            ways[module] = min(way, ways.get(module, "absent"), key=_BEST.index)
    restarted = frozenset(name for each in flat if (name := _restarted(each)) is not None)
    return Reached(ways, restarted, any(each in _EMULATOR for each in flat))


def _flat(instructions: Term) -> Iterator[Term]:
    """The instructions one by one: scripts may have lists in lists."""
    for each in instructions if isinstance(instructions, list) else ():
        if isinstance(each, list):
            yield from _flat(each)
        else:
            yield each


def _told(instruction: Term, suspended: set[str]) -> Iterator[tuple[str, Way]]:
    match instruction:
        case (Atom("update"), Atom(module), *rest):
            yield module, _updated(rest)
        case (Atom("load_module" | "add_module"), Atom(module), *_) | (Atom("load"), (Atom(module), _, _)):
            yield module, "suspended" if module in suspended else "loaded"
        case (Atom("delete_module"), Atom(module), *_) | (Atom("remove"), (Atom(module), _, _)):
            yield module, "deleted"
        case (Atom("code_change"), changes) | (Atom("code_change"), _, changes):
            for change in changes if isinstance(changes, list) else ():
                match change:
                    case (Atom(module), _) if module in suspended:
                        yield module, "converted"
        case (Atom("stop" | "start"), list() as modules):
            yield from ((each.name, "restarted") for each in modules if isinstance(each, Atom))


def _updated(rest: Sequence[Term]) -> Way:
    """All eight forms of `update`: the change is what is `soft`, `supervisor` or `{advanced, Extra}`."""
    for each in rest:
        match each:
            case Atom("supervisor") | (Atom("advanced"), _):
                return "converted"
    return "suspended"


def _suspended(instruction: Term) -> Iterator[str]:
    match instruction:
        case (Atom("suspend"), list() as modules):
            for each in modules:
                match each:
                    case Atom(module) | (Atom(module), _):
                        yield module


def _restarted(instruction: Term) -> str | None:
    match instruction:
        case (Atom("restart_application"), Atom(name)):
            return name
        case (Atom("apply"), (Atom("application"), Atom("stop"), [Atom(name)])):
            return name
    return None


@dataclass(frozen=True, slots=True)
class Script:
    """An entry of an `.appup` or a `relup`: the version that it is for as it stands there, its place in the list."""

    version: Term
    instructions: Term
    number: int


def entry_for(entries: Term, vsn: str, fits: Fits) -> Script | None:
    """The entry for that version, as `systools` finds it: the first that is the version, or a pattern of all of it.

    Args:
        entries: `[{Vsn, Instructions}]` of an `.appup`, or `[{Vsn, Description, Instructions}]` of a `relup`.
        vsn: of the application for an `.appup`, of the release for a `relup`.
        fits: whether that version fits a regular expression.
    """
    for number, entry in enumerate(entries if isinstance(entries, list) else ()):
        match entry:
            case (version, instructions) | (version, _, instructions) if _is_for(version, vsn, fits):
                return Script(version, instructions, number)
    return None


def _is_for(version: Term, vsn: str, fits: Fits) -> bool:
    return fits(version, vsn) if isinstance(version, bytes) else text_of(version) == vsn


def no_pattern(_: bytes, __: str) -> bool:
    """For a relup: `release_handler` knows no regular expressions."""
    return False


@dataclass(frozen=True, slots=True)
class Unreached:
    """A module whose state is not converted in that direction, and what happens to it instead."""

    module: str
    direction: Literal["up", "down"]
    way: Way


def unreached(up: Term | None, down: Term | None, modules: Iterable[tuple[str, str]]) -> tuple[Unreached, ...]:
    """Those of these modules, each with its application, whose old states would stay under new code, or the reverse.

    Args:
        up: the instructions to the new version, None where there are none.
        down: those back.
        modules: pairs of a module and its application.
    """
    return unreached_by([reached(up or [])], [reached(down or [])], modules)


def unreached_by(
    up: Sequence[Reached], down: Sequence[Reached], modules: Iterable[tuple[str, str]]
) -> tuple[Unreached, ...]:
    """The same where each of several scripts may be the one: those that none of them converts, with the best way."""
    sides: tuple[tuple[Literal["up", "down"], Sequence[Reached]], ...] = (("up", up), ("down", down))
    return tuple(
        Unreached(module, direction, way)
        for module, application in modules
        for direction, scripts in sides
        if (way := _best([each.way(module, application) for each in scripts])) not in {"converted", "restarted"}
    )


def _best(ways: Iterable[Way]) -> Way:
    return min(ways, key=_BEST.index, default="absent")
