"""What the module's own conversion function means for ours (contract, sections 3 and 5)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from migrator.callbacks import unknown_behaviours
from migrator.diagnostics import CATALOGUE, Diagnostic
from migrator.plan import OwnFunction
from migrator.states import AnyState, StateRecord, alternatives_of, called, places_of
from migrator.terms import atom_text
from migrator.wholes import HandPlan, TypePlan

if TYPE_CHECKING:
    from collections.abc import Sequence

    from migrator.callbacks import Callback
    from migrator.decisions import Mode
    from migrator.modules import ClauseFacts, Module
    from migrator.plan import Migration
    from migrator.states import Place, State, StateType


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
        inside_up=_inside_shapes(reachable(clauses, "up")),
        inside_down=_inside_shapes(reachable(clauses, "down")),
        fields_up=_named_fields(reachable(clauses, "up")),
        fields_down=_named_fields(reachable(clauses, "down")),
    )


def _named_fields(clauses: Sequence[ClauseFacts]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    return tuple(dict.fromkeys((name, fields) for clause in clauses for name, fields, _ in clause.fields))


def _tuple_shapes(clauses: Sequence[ClauseFacts]) -> tuple[tuple[str | None, int], ...]:
    return tuple(dict.fromkeys((pattern.tag, pattern.size) for clause in clauses for pattern in clause.shapes))


def _inside_shapes(clauses: Sequence[ClauseFacts]) -> tuple[tuple[str | None, int], ...]:
    """Only those with a tag: any pair inside the state could be anything."""
    found = ((each.tag, each.size) for clause in clauses for each in clause.inside if each.tag is not None)
    return tuple(dict.fromkeys(found))


def downgrade_mode(
    module: Module, callback: Callback, new: StateRecord | StateType, olds: Sequence[State]
) -> tuple[Mode, str]:
    """Which runs first on a downgrade, and why, as a sentence."""
    clauses = reachable(module.clauses(callback.function), "down")
    if not clauses:
        return "convert_first", "no clause of the module's own takes a downgrade"
    records = {new.name} if isinstance(new, StateRecord) else set(new.records)
    for clause in clauses:
        for use in clause.uses:
            if use.record in records:
                return "own_first", (
                    f"the clause of {callback.function} in line {clause.line} treats its state as "
                    f"#{atom_text(use.record)}{{}} ({use.how}, line {use.line})"
                )
        if _shaped(clause, new, olds):
            return "own_first", (
                f"the clause of {callback.function} in line {clause.line} has a tuple pattern of the new shape"
            )
    return "convert_first", f"no clause of {callback.function} treats its state as the new {_what(new)}"


def _what(state: StateRecord | StateType) -> str:
    return "record" if isinstance(state, StateRecord) else called("type", state.name)


def _shaped(clause: ClauseFacts, new: StateRecord | StateType, olds: Sequence[State]) -> bool:
    """Whether it has a tuple pattern of a record as the new version keeps it, and no old one."""
    before = {(place.path, place.shape) for old in olds for place in places_of(old)}
    return any(
        _laid(clause, place)
        for place in places_of(new)
        if place.kind == "record" and place.definition is None and (place.path, place.shape) not in before
    )


def _laid(clause: ClauseFacts, place: Place) -> list[int]:
    """The lines of the clause's tuple patterns for what lies at that place."""
    if place.path:
        return [each.line for each in clause.inside if (each.tag, each.size) == (place.tag, place.size)]
    return [each.line for each in clause.shapes if each.tag in (None, place.tag) and each.size == place.size]


def conflict(module: Module, callback: Callback, migration: Migration) -> Diagnostic | None:
    """The clause (M304) that an upgrade can reach and that has a pattern of the old shape."""
    if isinstance(migration.kept, AnyState):
        # What its states are like is not known: what a clause has a pattern for goes there.
        return None
    sizes = {shape.name: shape.size for shape in module.record_index}
    for clause in reachable(module.clauses(callback.function), "up"):
        for place in _converted(migration):
            if place.definition is not None:
                named = _for_fields(module, clause, place)
                if named:
                    return _clash(module, callback, *named)
                continue
            lines = _laid(clause, place)
            if (place.tag, place.tag) not in _names(migration):
                # The record's own syntax speaks of the new one, unless it has another name.
                lines += [u.line for u in clause.uses if u.record == place.tag and sizes.get(u.record) == place.size]
            if lines:
                return _clash(module, callback, f"{{{atom_text(place.tag)}, …}} of {place.size} elements", lines[0])
        for size in _untagged(migration):
            lines = [each.line for each in clause.shapes if each.size == size]
            if lines:
                return _clash(module, callback, f"{{…}} of {size} elements", lines[0])
    return None


def _for_fields(module: Module, clause: ClauseFacts, place: Place) -> tuple[str, int] | None:
    """A pattern of the clause for a native record that only the old definition has all fields of, and its line."""
    definition, new = place.definition, module.record(place.tag)
    if place.path or definition is None:
        return None
    for name, fields, line in clause.fields:
        gone = [each for each in fields if new is None or each not in new.names]
        if name == place.tag and gone and set(fields) <= set(definition.fields):
            return f"#{atom_text(name)}{{{atom_text(gone[0])} = …}}", line
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


def _clash(module: Module, callback: Callback, shown: str, line: int) -> Diagnostic:
    return Diagnostic(
        CATALOGUE["M304"],
        f"{callback.function} of {module.name} has a clause of its own for the old state {shown}",
        "the state would be converted before that clause sees it, so that it never runs",
        f"{module.file}:{line}",
        ("--prefer generated", "--prefer handwritten"),
        module=module.name,
    )


def _untagged(migration: Migration) -> list[int]:
    """The sizes of tuples without a tag of their own that are converted as a whole."""
    if not isinstance(migration.state, HandPlan):
        return []
    tag = (("element", "1"),)
    return [
        int(test.values[0])
        for tests in alternatives_of(migration.kept)
        for test in tests
        if (test.path, test.what) == ((), "size") and not any((t.path, t.what) == (tag, "equal") for t in tests)
    ]


def _converted(migration: Migration) -> list[Place]:
    """Where a record or a tuple stands that is not passed on as it is."""
    if not isinstance(migration.state, TypePlan):
        return list(places_of(migration.kept))
    changed = {
        (each.shape.tag, each.shape.size, each.shape.definition) for each in migration.nested if not each.in_place
    }
    return [place for place in places_of(migration.kept) if place.shape in changed]


def _names(migration: Migration) -> set[tuple[str, str]]:
    """The records with their names in both versions."""
    return {(each.record, each.new) for each in migration.records}
