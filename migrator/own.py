"""What the module's own conversion function means for ours (contract, sections 3 and 5)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from migrator.callbacks import unknown_behaviours
from migrator.diagnostics import CATALOGUE, Diagnostic
from migrator.plan import OwnFunction
from migrator.terms import atom_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from migrator.callbacks import Callback
    from migrator.decisions import Mode
    from migrator.modules import ClauseFacts, Module
    from migrator.plan import Migration, Shape


def reachable(clauses: Sequence[ClauseFacts], direction: Literal["up", "down"]) -> tuple[ClauseFacts, ...]:
    """The clauses that a call of that direction can reach: none behind one that takes every such call."""
    found: list[ClauseFacts] = []
    for clause in clauses:
        reach = clause.up if direction == "up" else clause.down
        if reach != "no":
            found.append(clause)
        if reach == "every":
            break
    return tuple(found)


def own_function(module: Module, callback: Callback) -> OwnFunction | None:
    """The module's own conversion function, or None when it defines none."""
    if callback.function not in module.functions:
        return None
    clauses = module.clauses(callback.function)
    return OwnFunction(
        exported=callback.function in module.exports,
        exempt_up=_tuple_shapes(reachable(clauses, "up")),
        exempt_down=_tuple_shapes(reachable(clauses, "down")),
    )


def _tuple_shapes(clauses: Sequence[ClauseFacts]) -> tuple[tuple[str | None, int], ...]:
    return tuple(dict.fromkeys((pattern.tag, pattern.size) for clause in clauses for pattern in clause.shapes))


def downgrade_mode(module: Module, callback: Callback, new: Shape, olds: Sequence[Shape]) -> tuple[Mode, str]:
    """Which runs first on a downgrade, and why, as a sentence."""
    clauses = reachable(module.clauses(callback.function), "down")
    if not clauses:
        return "convert_first", "no clause of the module's own takes a downgrade"
    for clause in clauses:
        for use in clause.uses:
            if use.record == new.tag:
                return "own_first", (
                    f"the clause of {callback.function} in line {clause.line} treats its state as "
                    f"#{atom_text(new.tag)}{{}} ({use.how}, line {use.line})"
                )
        for pattern in clause.shapes:
            if pattern.tag in (None, new.tag) and pattern.size == new.size and new not in olds:
                return "own_first", (
                    f"the clause of {callback.function} in line {clause.line} has a tuple pattern of the new shape"
                )
    return "convert_first", f"no clause of {callback.function} treats its state as the new record"


def conflict(module: Module, callback: Callback, migration: Migration) -> Diagnostic | None:
    """The clause (M304) that an upgrade can reach and that has a pattern of the old shape."""
    old = migration.shape
    sizes = {shape.name: shape.size for shape in module.record_index}
    for clause in reachable(module.clauses(callback.function), "up"):
        lines = [p.line for p in clause.shapes if p.tag in (None, old.tag) and p.size == old.size]
        if old.tag != migration.state.new:
            # The record's own syntax speaks of the new one, unless it has another name.
            lines += [u.line for u in clause.uses if u.record == old.tag and sizes.get(u.record) == old.size]
        if lines:
            shown = f"{{{atom_text(old.tag)}, …}} of {old.size} elements"
            return Diagnostic(
                CATALOGUE["M304"],
                f"{callback.function} of {module.name} has a clause of its own for the old state {shown}",
                "the state would be converted before that clause sees it, so that it never runs",
                f"{module.file}:{lines[0]}",
                ("--prefer generated", "--prefer handwritten"),
                module=module.name,
            )
    return None


def guessed_callback(module: Module, callback: Callback) -> tuple[Diagnostic, ...]:
    """A warning (M417) where nothing says that the module's behaviour calls the function that is made."""
    unknown = unknown_behaviours(module)
    if not unknown:
        return ()
    named = ", ".join(map(atom_text, unknown))
    return (
        Diagnostic(
            CATALOGUE["M417"],
            f"{module.name} has the behaviour {named}, and nothing says which function converts its state: "
            f"{callback.function} is made",
            "if the behaviour does not call that function, the state is never converted",
            module.file,
            ("-state_callback({FUNCTION, ARITY, STATE_ARGUMENT}).",),
            module=module.name,
        ),
    )
