"""Decides how one module is upgraded: from what both versions of its beam are to OTP, and what a person asked for."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from migrator.diagnostics import CATALOGUE, Diagnostic
from migrator.release.instructions import (
    SOFT,
    Add,
    Delete,
    Load,
    Update,
    advanced,
    supervisor,
)
from migrator.terms import atom_text

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from migrator.release.codefacts import CodeFacts
    from migrator.release.drafts import Versions
    from migrator.release.instructions import Instruction
    from migrator.release.wishes import Wishes


@dataclass(frozen=True, slots=True)
class Decided:
    """How a module is upgraded, without its dependencies, and what is to be said of it."""

    instruction: Instruction
    diagnostics: tuple[Diagnostic, ...] = ()


def decided(versions: Versions, wishes: Wishes, kept: Collection[str] = ()) -> Decided:
    """The instruction of the way up for a module that changed.

    `kept` are the modules that name their state, and whose state is the same in both versions.
    """
    module, old, new = versions.module, versions.old, versions.new
    if old is None:
        return Decided(Add(module))
    if new is None:
        return Decided(Delete(module))
    if new.is_supervisor and not new.converts:
        return Decided(_wished(supervisor(module), wishes))
    if new.converts or (new.takes_part and not new.is_migrated and module not in kept):
        made = _wished(advanced(module, wishes.extras.get(module, [])), wishes)
        return Decided(made, tuple(_unconverted(module, old, new)))
    if new.is_stateful:
        return Decided(_wished(Update(module), wishes), () if module in kept else (_suspended(module),))
    return Decided(_wished(Load(module), wishes))


def turned(instruction: Instruction) -> Instruction:
    """The instruction of the way down: what was added is deleted, all else is the same."""
    match instruction:
        case Add(module, deps):
            return Delete(module, deps)
        case Delete(module, deps):
            return Add(module, deps)
    return instruction


def _wished(made: Update | Load, wishes: Wishes) -> Update | Load:
    purge = wishes.purges.get(made.module, wishes.purge)
    made = replace(made, pre=purge, post=purge)
    if isinstance(made, Load):
        return made
    return replace(made, timeout=wishes.timeouts.get(made.module, wishes.timeout))


def _unconverted(module: str, old: CodeFacts, new: CodeFacts) -> Iterator[Diagnostic]:
    if new.converts:
        return
    yield Diagnostic(
        CATALOGUE["M425"],
        f"{module} keeps a state that it names, and no function in its beam converts it (yet)",
        "the appup calls code_change: without one, release_handler would restart the node with the old release"
        if new.is_stateful or old.is_stateful
        else "the appup calls code_change, which is not there",
        module,
        ("migrator hook OLD NEW   # before the release is packaged",),
        module=module,
    )


def _suspended(module: str) -> Diagnostic:
    return Diagnostic(
        CATALOGUE["M516"],
        f"{module} keeps a state, and exports no code_change",
        "its processes are suspended while it is loaded, and keep their state as it is",
        module,
        (f"-state_record(NAME).   % in {atom_text(module)}, if its state changes; then: migrator hook OLD NEW",),
        module=module,
    )


def not_met(wishes: Wishes, made: Mapping[str, Instruction]) -> Iterator[Diagnostic]:
    """An error for each wish about a module that gets no instruction which could take it."""
    for option, names, kinds in (
        ("--purge", wishes.purges, (Update, Load)),
        ("--timeout", wishes.timeouts, (Update,)),
        ("--extra", wishes.extras, (Update,)),
    ):
        for name in names:
            given = made.get(name)
            fits = isinstance(given, kinds) and (option != "--extra" or _takes_extra(given))
            if not fits:
                yield Diagnostic(
                    CATALOGUE["M160"],
                    f"{option} is given for {name}, which gets {_what(given)}",
                    "what is asked for would not happen, so nothing was written",
                    name,
                    (f"take {option} {name}=… out, or check the module's name",),
                    module=name,
                )


def _takes_extra(given: Instruction | None) -> bool:
    return isinstance(given, Update) and given.change != SOFT and given.mod_type == "dynamic"


def _what(given: Instruction | None) -> str:
    match given:
        case Update() if not given.advanced:
            return "an update that calls no code_change"
        case Update():
            return "an update as a supervisor"
        case Load():
            return "load_module"
        case Add():
            return "add_module"
        case Delete():
            return "delete_module"
    return "no instruction"
