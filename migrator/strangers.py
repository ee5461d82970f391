"""Native records of a definition that no version has, inside states of a type: such a state is refused (section 3).

    code_change(OldVsn, State, Extra) ->
        case [Unknown || {_, _, _} = Unknown <- ['unknown record 1 of kv'(State)]] of
            [] -> 'code_change up of kv'(OldVsn, State, Extra);
            [Unknown | _] -> {error, {state_migration, Unknown}}
        end.

    'unknown record 1 of kv'(State) when tuple_size(State) =:= 2, is_record(element(1, State), kv, conn) ->
        'unknown record of kv'('definition of kv'(element(1, State)));
    'unknown record 1 of kv'(_) ->
        none.

    'unknown record of kv'({kv, conn, false, [a]}) ->
        none;
    'unknown record of kv'({_, Name, _, Fields}) ->
        {unknown_shape, Name, Fields}.

No guard sees a definition, so that all this is asked before.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from migrator.forms import Application, Clause, Function, Text, Variable
from migrator.guarding import subject, tests
from migrator.naming import built_in, definition_name, inner_name
from migrator.states import AnyState, places_of
from migrator.terms import atom_text

if TYPE_CHECKING:
    from migrator.plan import Plan
    from migrator.states import Place
    from migrator.wrapping import Frame


def _places(plan: Plan) -> tuple[Place, ...]:
    """The places inside states where a native record stands, each with the definition of one version.

    None where the module's own code names a field of such a record that no version has, or where nothing says what a
    version keeps.
    """
    kept = [*(each.kept for each in plan.migrations), plan.state]
    if AnyState() in kept:
        return ()
    places = [each for state in kept for each in places_of(state) if each.path and each.definition is not None]
    named = (*plan.own.fields_up, *plan.own.fields_down) if plan.own is not None else ()
    return tuple(each for each in dict.fromkeys(places) if not _foreseen(each, places, named))


def _foreseen(place: Place, places: list[Place], named: tuple[tuple[str, tuple[str, ...]], ...]) -> bool:
    known = [set(each.definition.fields) for each in places if each.definition and each.tag == place.tag]
    return any(name == place.tag and not any(set(fields) <= each for each in known) for name, fields in named)


def has_strangers(plan: Plan) -> bool:
    """Whether a state may hold a native record of an unknown definition in a place that its type names."""
    return bool(_places(plan))


def stranger_functions(plan: Plan, scene: Frame) -> tuple[Function, ...]:
    """A function for each such place, and the one that knows all definitions; nothing without any."""
    places = _places(plan)
    known = dict.fromkeys(each.definition.text for each in places if each.definition is not None)
    if not known:
        return ()
    name = inner_name(plan, "unknown record")
    other = Clause((Text("{_, Name, _, Fields}"),), (), (Text("{unknown_shape, Name, Fields}"),))
    clauses = tuple(Clause((Text(each),), (), (Text("none"),)) for each in known)
    return *_asking(plan, scene, places), Function(name, (*clauses, other))


def _asking(plan: Plan, scene: Frame, places: tuple[Place, ...]) -> list[Function]:
    state = Variable(scene.state)
    found: dict[tuple[object, ...], Function] = {}
    for each in places:
        if each.definition is None:
            continue
        asked = subject(plan, scene.state, each.path)
        native = f"{atom_text(each.definition.module)}, {atom_text(each.definition.name)}"
        guards = (*tests(plan, scene.state, each.tests), f"{built_in(plan, 'is_record', 3)}({asked}, {native})")
        if guards not in found:
            told = Application(definition_name(plan), (Text(asked),))
            taken = Clause((state,), (guards,), (Application(inner_name(plan, "unknown record"), (told,)),))
            name = inner_name(plan, f"unknown record {len(found) + 1}")
            found[guards] = Function(name, (taken, Clause((Variable("_"),), (), (Text("none"),))))
    return list(found.values())


def unless_strange(plan: Plan, scene: Frame, call: Application) -> Application | Text:
    """The call, or the refusal of a state that holds such a record."""
    asking = _asking(plan, scene, _places(plan))
    if not asking:
        return call
    asked = ", ".join(f"{atom_text(each.name)}({scene.state})" for each in asking)
    return Text(
        f"case [Unknown || {{_, _, _}} = Unknown <- [{asked}]] of\n"
        f"        [] -> {_text(call)};\n"
        "        [Unknown | _] -> {error, {state_migration, Unknown}}\n"
        "    end"
    )


def _text(call: Application) -> str:
    """The call of variables, and of functions of them, on one line."""
    parts = (
        _text(each) if isinstance(each, Application) else each.name
        for each in call.arguments
        if isinstance(each, Application | Variable)
    )
    return f"{atom_text(call.function)}({', '.join(parts)})"
