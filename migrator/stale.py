"""A conversion function of the module's own that seems to have been written for another version than the known ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

from migrator.diagnostics import CATALOGUE, Diagnostic
from migrator.own import reachable
from migrator.plan import identity
from migrator.terms import atom_text, term_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from migrator.modules import ClauseFacts, Module, Positional
    from migrator.plan import Migration, Plan
    from migrator.recordplan import Shape


def stale(module: Module, plan: Plan) -> tuple[Diagnostic, ...]:
    """A warning (M405) for each place of the own function that fits no state which it will get."""
    shapes = [plan.shape, *(each.shape for each in plan.migrations)]
    if any(each is None or each.definition is not None for each in shapes):
        # By its elements only a bare record is known, and a native one has none.
        return ()
    migrating = [each for each in plan.migrations if not identity(plan, each)]
    clauses = module.clauses(plan.callback.function)
    found: list[Diagnostic] = []
    if not migrating or any(each.upgrade == "generated" for each in migrating):
        first = "the conversion runs first: " if migrating else ""
        for clause in reachable(clauses, "up"):
            found.extend(_places(module, plan, clause, _shape(plan), first))
    if plan.mode == "convert_first":
        for shape in dict.fromkeys(map(_shape, migrating)):
            for clause in reachable(clauses, "down"):
                if clause.up == "no":
                    found.extend(_places(module, plan, clause, shape, "on a downgrade the conversion runs first: "))
    if migrating:
        for clause in dict.fromkeys((*reachable(clauses, "up"), *reachable(clauses, "down"))):
            found.extend(_patterns(module, plan, clause))
    return tuple(dict.fromkeys(found))


def _shape(state: Plan | Migration) -> Shape:
    assert state.shape is not None  # noqa: S101 - others are not judged here
    return state.shape


def _patterns(module: Module, plan: Plan, clause: ClauseFacts) -> Iterator[Diagnostic]:
    """Tuple patterns of a state record's tag with a size that no known version has."""
    known = [*map(_shape, plan.migrations), _shape(plan)]
    tags, sizes = {each.tag for each in known}, {each.size for each in known}
    for pattern in clause.shapes:
        if pattern.tag in tags and pattern.size not in sizes:
            yield _warning(
                module,
                plan,
                pattern.line,
                f"has a clause for a {{{atom_text(pattern.tag)}, …}} of {pattern.size} elements: it seems to have been "
                f"written for a version that is none of {_versions(plan)}",
                f"states of the known versions have been converted to {_shape(plan).size} elements before and never "
                "match; one of that size would go to it as it is",
                ("migrator inject OLDER_BEAM OLD_BEAM NEW_BEAM   # where states of that version may still come",),
            )


def _places(module: Module, plan: Plan, clause: ClauseFacts, given: Shape, first: str) -> Iterator[Diagnostic]:
    """What it does by position to a state that has the shape `given` when it gets it."""
    most: dict[str, Positional] = {}
    for place in clause.positional:
        # Of several that are appended one after the other the last tells how many they are.
        if place.kind == "grown" and ("grown" not in most or abs(place.number) > abs(most["grown"].number)):
            most["grown"] = place
        elif place.kind == "set":
            yield _set(module, plan, place, given, first)
    if "grown" in most and most["grown"].number:
        yield _grown(module, plan, most["grown"], given, first)


def _grown(module: Module, plan: Plan, place: Positional, given: Shape, first: str) -> Diagnostic:
    count = abs(place.number)
    if count >= given.size:
        # It goes round; how often is not known.
        return _again_and_again(module, plan, place, given, first)
    elements = "an element" if count == 1 else f"{count} elements"
    does = f"appends {elements} to its state" if place.number > 0 else f"takes {elements} away from its state"
    size = given.size + place.number
    return _warning(
        module,
        plan,
        place.line,
        f"{does}: it seems to have been written for {_written_for(plan, given, place.number)}",
        f"{first}the state that it gets has {given.size} elements already; where the clause does this, the process "
        f"goes on with {size}, which is no #{atom_text(given.tag)}{{}}, and fails on its next use",
        _trivial(plan),
    )


def _again_and_again(module: Module, plan: Plan, place: Positional, given: Shape, first: str) -> Diagnostic:
    does = "appends elements to its state" if place.number > 0 else "takes elements away from its state"
    return _warning(
        module,
        plan,
        place.line,
        f"{does} again and again: it seems to have been written for states of other sizes than {_versions(plan)} have",
        f"{first}the state that it gets has {given.size} elements already; with any other number it is no "
        f"#{atom_text(given.tag)}{{}}, and the process fails on its next use",
        _trivial(plan),
    )


def _set(module: Module, plan: Plan, place: Positional, given: Shape, first: str) -> Diagnostic:
    record = module.record(_shape(plan).tag)
    names = {_shape(each): each.fields for each in plan.migrations}
    names |= {_shape(plan): record.names if record else ()}
    field = _field(names[given], place.number)
    elsewhere = [
        f"{_field(each.fields, place.number)} in {term_text(each.vsn)}"
        for each in plan.migrations
        if each.shape != given and _field(each.fields, place.number) != field
    ]
    told = f" ({', '.join(elsewhere)})" if elsewhere else ""
    what = f"that is {field}{told}" if field else f"#{atom_text(given.tag)}{{}} has {given.size} elements{told}"
    return _warning(
        module,
        plan,
        place.line,
        f"sets element {place.number} of its state by its number: {what}",
        f"{first}it is set in a state of {given.size} elements, whichever record the clause was written for"
        if field
        else f"{first}setelement raises badarg, and the upgrade fails",
        (f"State#{atom_text(given.tag)}{{FIELD = VALUE}}",) if given == plan.shape else _trivial(plan),
    )


def _field(names: tuple[str, ...], index: int) -> str:
    """What the element of that number is, for a person; empty where there is none."""
    if index == 1:
        return "the record's name"
    return f"the field {atom_text(names[index - 2])}" if 1 < index <= len(names) + 1 else ""


def _written_for(plan: Plan, given: Shape, more: int) -> str:
    """The states of which it makes one of a known version."""
    size = given.size - more
    vsns = [term_text(each.vsn) for each in plan.migrations if _shape(each).size == size]
    if given != plan.shape and size == _shape(plan).size:
        vsns.append(term_text(plan.vsn))
    told = f"that of version {' and '.join(vsns)}" if vsns else "which no known version has"
    others = [
        f", or for one of {_shape(each).size - more}, to make that of version {term_text(each.vsn)}"
        for each in plan.migrations
        if given == plan.shape and _shape(each).size != given.size and _shape(each).size - more > 0
    ]
    return f"a state of {size} elements, {told}{''.join(dict.fromkeys(others))}"


def _versions(plan: Plan) -> str:
    return ", ".join(dict.fromkeys(term_text(each) for each in (*(m.vsn for m in plan.migrations), plan.vsn)))


def _trivial(plan: Plan) -> tuple[str, ...]:
    """The clause that leaves all to the conversion, with the arguments of this callback."""
    callback = plan.callback
    places = {callback.vsn: "_OldVsn", callback.state: "State", callback.extra: "_Extra"}
    named = dict(callback.others)
    names = [
        places.get(each) or (named[each] if named[each] in callback.reply else f"_{named[each]}")
        for each in range(1, callback.arity + 1)
    ]
    answer = f"{{ok, {', '.join(callback.reply)}}}"
    return (f"{atom_text(callback.function.name)}({', '.join(names)}) -> {answer}.   % the conversion does it",)


def _warning(  # noqa: PLR0913, PLR0917 - the parts of a diagnostic
    module: Module, plan: Plan, line: int, does: str, consequence: str, help_: tuple[str, ...]
) -> Diagnostic:
    return Diagnostic(
        CATALOGUE["M405"],
        f"{plan.callback.function} of {module.name} {does}",
        consequence,
        f"{module.file}:{line}",
        help_,
        module=module.name,
    )
