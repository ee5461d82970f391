"""Guards: what is asked of a state before it is taken for one of a kind, as Erlang source."""

from __future__ import annotations

from typing import TYPE_CHECKING

from migrator.naming import built_in, definition_variable
from migrator.states import alternatives_of
from migrator.terms import atom_text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from migrator.plan import Plan
    from migrator.states import Alternative, Path, Place, State, Test

Guards = tuple[tuple[str, ...], ...]


def subject(plan: Plan, variable: str, path: Path) -> str:
    """What lies at that place: `element(2, map_get(key, State))`."""
    text = variable
    for kind, at in path:
        text = f"{built_in(plan, 'element' if kind == 'element' else 'map_get', 2)}({at}, {text})"
    return text


def tests(plan: Plan, variable: str, alternative: Alternative) -> tuple[str, ...]:
    """All tests of an alternative that can be asked."""
    return tuple(_test(plan, variable, test) for test in alternative if test.what != "only")


def _test(plan: Plan, variable: str, test: Test) -> str:
    asked = subject(plan, variable, test.path)
    match test.what:
        case "native" if not test.path:
            return f"{definition_variable(plan)} =:= {test.values[2]}"
        case "native":
            return f"{built_in(plan, 'is_record', 3)}({asked}, {test.values[0]}, {test.values[1]})"
        case "size":
            return f"{built_in(plan, 'tuple_size', 1)}({asked}) =:= {test.values[0]}"
        case "equal":
            return f"{asked} =:= {test.values[0]}"
        case "has":
            return f"{built_in(plan, 'is_map_key', 2)}({test.values[0]}, {asked})"
        case "lacks":
            return f"not {built_in(plan, 'is_map_key', 2)}({test.values[0]}, {asked})"
    return f"{built_in(plan, f'is_{test.values[0]}', 1)}({asked})"


def of_kinds(plan: Plan, variable: str, states: Iterable[State], more: tuple[str, ...] = ()) -> Guards:
    """The guards that hold for a state of one of these kinds, and the further tests; none where all states pass."""
    return either(plan, variable, (each for state in states for each in alternatives_of(state)), more)


def either(plan: Plan, variable: str, alternatives: Iterable[Alternative], more: tuple[str, ...] = ()) -> Guards:
    """The guards that hold where one of the alternatives does, and the further tests."""
    found = tuple(dict.fromkeys(tests(plan, variable, each) for each in alternatives))
    if () in found:
        return (more,) if more else ()
    return tuple((*each, *more) for each in found)


def unknown_definition(plan: Plan, places: Iterable[Place]) -> Guards:
    """The guards that hold where the whole state is a native record with a definition that no version has."""
    known = dict.fromkeys(each.definition for each in places if each.definition is not None and not each.path)
    variable, element = definition_variable(plan), built_in(plan, "element", 2)
    named = dict.fromkeys((each.module, each.name) for each in known if each is not None)
    return tuple(
        (
            f"{element}(1, {variable}) =:= {atom_text(module)}",
            f"{element}(2, {variable}) =:= {atom_text(name)}",
            *(f"{variable} =/= {each.text}" for each in known if each and (each.module, each.name) == (module, name)),
        )
        for module, name in named
    )


def unknown_sizes(
    plan: Plan, variable: str, places: Iterable[Place], exempt: Iterable[tuple[str | None, int]]
) -> dict[Path, Guards]:
    """For each place, the guards that hold where a record of a size that no version has lies there."""
    known = [each for each in places if each.definition is None]
    exempted = list(exempt)
    found: dict[Path, list[tuple[str, ...]]] = {}
    told: set[tuple[Path, Alternative, str]] = set()
    for place in known:
        key = (place.path, place.tests, place.tag)
        if place.kind != "record" or key in told:
            continue
        told.add(key)
        sizes = {each.size for each in known if (each.path, each.tag) == (place.path, place.tag)}
        sizes |= {size for tag, size in exempted if tag in (None, place.tag)}
        asked = subject(plan, variable, place.path)
        tag = f"{built_in(plan, 'element', 2)}(1, {asked}) =:= {atom_text(place.tag)}"
        others = [f"{built_in(plan, 'tuple_size', 1)}({asked}) =/= {size}" for size in sorted(sizes)]
        found.setdefault(place.path, []).append((*tests(plan, variable, place.tests), tag, *others))
    return {path: tuple(dict.fromkeys(guards)) for path, guards in found.items()}
