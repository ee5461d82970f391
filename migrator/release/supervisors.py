"""Nouns: supervisors, the child specs that their `init/1` gives, and what becomes of them in an upgrade.

A term of a child spec may hold what cannot be told without running it: ``{'$unknown', Line, Text, Why}`` for what an
expression gives, ``{'$some', Line, Text, Values}`` for one of several values, ``{'$append', List, List}``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from migrator.terms import Atom, Improper, Map, term_text

if TYPE_CHECKING:
    from migrator.diagnostics import Diagnostic
    from migrator.terms import Term

# How `init/1` is known: from its abstract code alone, or from what it gives in a throw-away node.
Mode = Literal["read", "eval"]

_UNKNOWN, _SOME, _APPEND = Atom("$unknown"), Atom("$some"), Atom("$append")
_OPAQUE = (_UNKNOWN, _SOME, _APPEND, Atom("$fun"), Atom("$started"))


@dataclass(frozen=True, slots=True)
class Gap:
    """Something that the code does not tell: the expression, and its line, 0 where none is known."""

    line: int
    text: str


@dataclass(frozen=True, slots=True)
class Child:
    """A child spec, all defaults filled in; `hangs_on` is the expression that decides whether it is there."""

    id: Term
    start: Term
    restart: Term
    shutdown: Term
    type: Term
    modules: Term
    significant: Term
    hangs_on: Gap | None

    @property
    def known(self) -> bool:
        """Whether it can be addressed: its id is known."""
        return is_known(self.id)

    @property
    def names(self) -> tuple[str, ...]:
        """The modules that it names."""
        return (
            tuple(each.name for each in self.modules if isinstance(each, Atom))
            if isinstance(self.modules, list)
            else ()
        )


@dataclass(frozen=True, slots=True)
class Place:
    """Where a supervisor hangs: the name of the supervisor above it, and its id there."""

    name: Term
    id: Term


@dataclass(frozen=True, slots=True)
class Supervisor:
    """A supervisor as it runs: one for each name under which its module is started.

    `name` is as `supervisor:terminate_child/2` takes it, None where it has none or none is known. `flags` are
    strategy, intensity and period, None where they cannot be told. `gaps` are the parts of its child specs that cannot
    be told, `faults` what `supervisor:check_childspecs/1` has against them. `unread` says why nothing is known. `runs`
    is `sure` where it is started with its application, whatever the environment says.
    """

    module: str
    application: str
    file: str
    name: Term | None
    flags: tuple[Term, ...] | None
    children: tuple[Child, ...]
    gaps: tuple[Gap, ...] = ()
    faults: tuple[str, ...] = ()
    above: Place | None = None
    unread: str = ""
    line: int = 0
    runs: Literal["sure", "perhaps"] = "sure"

    @property
    def simple(self) -> bool:
        """Whether its children are all of one spec, and started while it runs."""
        return self.flags is not None and self.flags[0] == Atom("simple_one_for_one")


@dataclass(frozen=True, slots=True)
class Started:
    """A process that a child spec starts: the module that it runs, and the kind that its start function says."""

    supervisor: Supervisor
    child: Child
    kind: str
    module: str


@dataclass(frozen=True, slots=True)
class Tree:
    """What a release supervises.

    Where `init/1` was run: `on_load` are the supervisors' modules with such a function, and `not_run` are modules whose
    `init/1` could not be run, with the reason; they were read.
    """

    supervisors: tuple[Supervisor, ...]
    processes: tuple[Started, ...]
    on_load: tuple[str, ...] = ()
    not_run: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Steps:
    """The instructions of an appup for one supervisor's module, in one direction.

    `first` stand before the first instruction that loads or removes a module, `last` behind the last one; `update`
    stands among them, behind those that load what the `init/1` calls. `before` names the modules whose own `update`
    finds their processes only once `update` ran, `behind` those that must be updated before it.
    """

    first: tuple[Term, ...] = ()
    update: Term | None = None
    last: tuple[Term, ...] = ()
    before: tuple[str, ...] = ()
    behind: tuple[str, ...] = ()

    @property
    def instructions(self) -> tuple[Term, ...]:
        """All of them, in order."""
        return (*self.first, *(() if self.update is None else (self.update,)), *self.last)


@dataclass(frozen=True, slots=True)
class SupervisorChange:
    """What an upgrade, and the downgrade, must do for one supervisor's module, and what is to be said of it."""

    module: str
    application: str
    up_steps: Steps
    down_steps: Steps
    diagnostics: tuple[Diagnostic, ...]

    @property
    def up(self) -> tuple[Term, ...]:
        """The instructions of the upgrade, in order."""
        return self.up_steps.instructions

    @property
    def down(self) -> tuple[Term, ...]:
        """The instructions of the downgrade, in order."""
        return self.down_steps.instructions


def is_known(term: Term) -> bool:
    """Whether nothing in it is left open."""
    match term:
        case tuple():
            return not (term and term[0] in _OPAQUE) and all(map(is_known, term))
        case list():
            return all(map(is_known, term))
        case Improper(items=items, tail=tail):
            return all(map(is_known, items)) and is_known(tail)
        case Map(pairs=pairs):
            return all(is_known(key) and is_known(value) for key, value in pairs)
    return True


def without_lines(term: Term) -> Term:
    """The term, what is open in it without its line: the same expression in two versions is then equal."""
    match term:
        case (mark, int(), text, rest) if mark in (_UNKNOWN, _SOME):
            return (mark, text, without_lines(rest))
        case tuple():
            return tuple(map(without_lines, term))
        case list():
            return list(map(without_lines, term))
        case Improper(items=items, tail=tail):
            return Improper(tuple(map(without_lines, items)), without_lines(tail))
        case Map(pairs=pairs):
            return Map(tuple((without_lines(key), without_lines(value)) for key, value in pairs))
    return term


def shown(term: Term) -> str:
    """The term as a person reads it: an open part is its expression."""
    if is_known(term):
        return term_text(term)
    match term:
        case (mark, int(), bytes(text), _) if mark in (_UNKNOWN, _SOME):
            return text.decode()
        case tuple() if term and term[0] in _OPAQUE:
            return "…"
        case tuple():
            return "{" + ",".join(map(shown, term)) + "}"
        case list():
            return "[" + ",".join(map(shown, term)) + "]"
    return "…"
