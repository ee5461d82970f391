"""Nouns: the instructions of an appup, in all the forms that `systools` takes, and how each is written.

Source: `systools_rc:expand_script/1` and `check_syntax/1` of sasl, and https://www.erlang.org/doc/man/appup.html.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, TypeAlias

from migrator.terms import Atom

if TYPE_CHECKING:
    from collections.abc import Collection

    from migrator.terms import Term

Purge: TypeAlias = Literal["soft_purge", "brutal_purge"]

BRUTAL: Purge = "brutal_purge"
SOFT = Atom("soft")
DEFAULT = Atom("default")
_ADVANCED = Atom("advanced")
_SUPERVISOR = Atom("supervisor")
_PURGES: dict[Term, Purge] = {Atom("soft_purge"): "soft_purge", Atom("brutal_purge"): "brutal_purge"}
_MOD_TYPES: dict[Term, Literal["static", "dynamic"]] = {Atom("static"): "static", Atom("dynamic"): "dynamic"}


@dataclass(frozen=True, slots=True)
class Update:
    """`update`: processes are suspended, the module is loaded, `code_change` runs where the change is advanced.

    `change` is `soft` or `{advanced, Extra}`; `timeout` an integer in milliseconds, `default` or `infinity`. On a
    downgrade a `dynamic` module converts before the older code is loaded, a `static` one (a supervisor) behind it.
    """

    module: str
    change: Term = SOFT
    deps: tuple[str, ...] = ()
    pre: Purge = BRUTAL
    post: Purge = BRUTAL
    timeout: Term = DEFAULT
    mod_type: Literal["static", "dynamic"] = "dynamic"

    @property
    def advanced(self) -> bool:
        """Whether `code_change` is called."""
        return self.change != SOFT


@dataclass(frozen=True, slots=True)
class Load:
    """`load_module`: the code is replaced, and no process is told."""

    module: str
    deps: tuple[str, ...] = ()
    pre: Purge = BRUTAL
    post: Purge = BRUTAL


@dataclass(frozen=True, slots=True)
class Add:
    """`add_module`."""

    module: str
    deps: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Delete:
    """`delete_module`."""

    module: str
    deps: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Other:
    """Any other instruction, as the term that it is: `apply`, those of applications, and the low-level ones."""

    term: Term


Instruction: TypeAlias = Update | Load | Add | Delete | Other

OfModule = (Update, Load, Add, Delete)
SUPERVISOR_CHANGE: Term = (_ADVANCED, [])


def supervisor(module: str) -> Update:
    """`{update, Module, supervisor}`."""
    return Update(module, SUPERVISOR_CHANGE, mod_type="static")


def advanced(module: str, extra: Term) -> Update:
    """`{update, Module, {advanced, Extra}}`."""
    return Update(module, (_ADVANCED, extra))


def instruction(term: Term) -> Instruction:
    """The instruction that a term is. What is no legal form of the four of modules comes back as `Other`."""
    match term:
        case tuple() if len(term) > 1 and isinstance(term[1], Atom):
            module = term[1].name
            match term[0]:
                case Atom("update"):
                    return _update(module, term[2:]) or Other(term)
                case Atom("load_module"):
                    return _load(module, term[2:]) or Other(term)
                case Atom("add_module" | "delete_module" as name):
                    made = Add if name == "add_module" else Delete
                    deps = _deps(term[2]) if len(term) == 3 else () if len(term) == 2 else None  # noqa: PLR2004 - forms
                    return Other(term) if deps is None else made(module, deps)
    return Other(term)


def _update(module: str, rest: tuple[Term, ...]) -> Update | None:
    """The eight forms: what follows `{update, Module`."""
    match rest:
        case ():
            return Update(module)
        case (Atom("supervisor"),):
            return supervisor(module)
        case (list() as deps,):
            return _whole(module, SOFT, deps=deps)
        case (change,):
            return _whole(module, change)
        case (change, deps):
            return _whole(module, change, deps=deps)
        case (change, pre, post, deps):
            return _whole(module, change, pre, post, deps)
        case (timeout, change, pre, post, deps):
            return _whole(module, change, pre, post, deps, timeout)
        case (mod_type, timeout, change, pre, post, deps):
            return _whole(module, change, pre, post, deps, timeout, mod_type)
    return None


_AS_OTP: Term = Atom("brutal_purge")
_NONE: list[Term] = []


def _whole(  # noqa: PLR0913, PLR0917 - the elements of the longest form
    module: str,
    change: Term,
    pre: Term = _AS_OTP,
    post: Term = _AS_OTP,
    deps: Term = _NONE,
    timeout: Term = DEFAULT,
    mod_type: Term = _AS_OTP,
) -> Update | None:
    needed = _deps(deps)
    kind = "dynamic" if mod_type == _AS_OTP else _MOD_TYPES.get(mod_type) if isinstance(mod_type, Atom) else None
    before, behind = _purge(pre), _purge(post)
    if needed is None or kind is None or before is None or behind is None:
        return None
    if not _is_change(change) or not _is_timeout(timeout):
        return None
    return Update(module, change, needed, before, behind, timeout, kind)


def _load(module: str, rest: tuple[Term, ...]) -> Load | None:
    match rest:
        case ():
            return Load(module)
        case (deps,):
            needed = _deps(deps)
            return None if needed is None else Load(module, needed)
        case (pre, post, deps):
            needed, before, behind = _deps(deps), _purge(pre), _purge(post)
            if needed is None or before is None or behind is None:
                return None
            return Load(module, needed, before, behind)
    return None


def _deps(term: Term) -> tuple[str, ...] | None:
    if not isinstance(term, list):
        return None
    names = tuple(each.name for each in term if isinstance(each, Atom))
    return names if len(names) == len(term) else None


def _purge(term: Term) -> Purge | None:
    return _PURGES.get(term) if isinstance(term, Atom) else None


def _is_change(term: Term) -> bool:
    return term == SOFT or (isinstance(term, tuple) and len(term) == 2 and term[0] == _ADVANCED)  # noqa: PLR2004 - a pair


def _is_timeout(term: Term) -> bool:
    return term in (DEFAULT, Atom("infinity")) or (isinstance(term, int) and term > 0)


def alone(given: Instruction) -> Instruction:
    """The instruction without its dependencies."""
    return given if isinstance(given, Other) else replace(given, deps=())


def restricted(given: Instruction, wanted: Collection[str]) -> Instruction:
    """The instruction with those of its dependencies alone."""
    if isinstance(given, Other):
        return given
    return replace(given, deps=tuple(each for each in given.deps if each in wanted))


def term_of(given: Instruction) -> Term:
    """The term to write: the shortest form that says how processes are treated and what is purged.

    An `update` always says its purge methods and its dependencies, since these are what a reader asks about.
    """
    match given:
        case Update() if given == supervisor(given.module):
            return (Atom("update"), Atom(given.module), _SUPERVISOR)
        case Update(module, change, deps, pre, post, timeout, mod_type):
            rest: tuple[Term, ...] = (change, Atom(pre), Atom(post), _atoms(deps))
            if timeout != DEFAULT or mod_type != "dynamic":
                rest = (timeout, *rest)
            if mod_type != "dynamic":
                rest = (Atom(mod_type), *rest)
            return (Atom("update"), Atom(module), *rest)
        case Load(module, deps, pre, post):
            name: tuple[Term, ...] = (Atom("load_module"), Atom(module))
            if (pre, post) != (BRUTAL, BRUTAL):
                return (*name, Atom(pre), Atom(post), _atoms(deps))
            return (*name, _atoms(deps)) if deps else name
        case Add(module, deps):
            return (Atom("add_module"), Atom(module), *((_atoms(deps),) if deps else ()))
        case Delete(module, deps):
            return (Atom("delete_module"), Atom(module), *((_atoms(deps),) if deps else ()))
        case Other(term):
            return term


def _atoms(names: tuple[str, ...]) -> list[Term]:
    return [Atom(name) for name in names]
