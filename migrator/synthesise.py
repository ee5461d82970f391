"""From a plan to the functions that carry it out (contract, sections 3 to 6).

For one old version, with a function of the module's own, they are:

    code_change({down, _} = OldVsn, State, Extra) ->
        'code_change down of kv'(OldVsn, State, Extra);
    code_change(OldVsn, {state, Name, Users} = Old, Extra) ->
        New = #state{name = Name, clients = Users},
        'code_change of kv'(OldVsn, New, 'extra with old_state of kv'(Extra, Old));
    code_change(_OldVsn, State, _Extra)
      when element(1, State) =:= state, tuple_size(State) =/= 3, tuple_size(State) =/= 4 ->
        {error, {state_migration, {unknown_shape, element(1, State), tuple_size(State)}}};
    code_change(OldVsn, State, Extra) ->
        'code_change of kv'(OldVsn, State, Extra).
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from migrator.conversion import Route, upward, value_functions
from migrator.defining import definition_functions
from migrator.downward import downgrade_functions
from migrator.edits import Edits
from migrator.filling import moving_functions
from migrator.forms import Application, Clause, Function, Match, Text, Tuple, Variable
from migrator.guarding import of_kinds
from migrator.migrated import Traces, to_term
from migrator.naming import built_in, down_name, extra_name, file_name, inner_name, own_name, up_name
from migrator.recordplan import RecordPlan
from migrator.routes import group_of, routes_of
from migrator.strangers import has_strangers, stranger_functions, unless_strange
from migrator.telling import by_vsn, meaning, told_inside
from migrator.terms import term_text
from migrator.tidy import tidy
from migrator.walking import nested_functions
from migrator.whole import along_types, anything_else, by_version, converting, if_changed, told_by_hand
from migrator.wrapping import (
    ambiguous,
    arguments_of,
    call_own,
    definition_of,
    frame,
    head,
    known_shapes,
    of_shapes,
    only_vsn,
    own_definitions,
    refusals,
)

if TYPE_CHECKING:
    from migrator.forms import Expression
    from migrator.plan import Migration, Plan
    from migrator.recordplan import Shape
    from migrator.routes import Routes
    from migrator.wrapping import Frame


def synthesise(plan: Plan) -> Edits:
    """The edits that put the plan's migrations into its module."""
    routes = routes_of(plan)
    scene = frame(plan)
    wrappers = _wrappers(plan, scene, _upgrade(plan, scene, routes))
    inner = (*_inside_functions(plan, scene, routes), *nested_functions(plan, routes, scene.taken))
    inner = (*inner, *moving_functions(plan, routes, scene.taken))
    functions = [*wrappers, *downgrade_functions(plan, scene, routes), *inner, *value_functions(routes)]
    functions += stranger_functions(plan, scene)
    functions += definition_functions(plan, functions)
    if plan.own is not None:
        functions.append(_extra(plan))
    tidied = tuple(replace(each, clauses=tuple(map(tidy, each.clauses))) for each in functions)
    traces = _traces(plan)
    return Edits(tidied, traces, to_term(plan.state, traces, plan.migrations, plan.chosen))


def _traces(plan: Plan) -> Traces:
    function = plan.callback.function
    return Traces(
        file=file_name(plan),
        renamed=() if plan.own is None else ((function, own_name(plan)),),
        exported=() if plan.own is not None and plan.own.exported else (function,),
    )


def _wrappers(plan: Plan, scene: Frame, upgrade: tuple[Clause, ...]) -> tuple[Function, ...]:
    """The callback; where states are or hold native records, both ways are functions, told the state's definition.

    code_change({down, _} = OldVsn, State, Extra) ->
        'code_change down of kv'(OldVsn, State, Extra, 'definition of kv'(State));
    code_change(OldVsn, State, Extra) ->
        'code_change up of kv'(OldVsn, State, Extra, 'definition of kv'(State)).
    """
    name, vsn, state, extra = (
        plan.callback.function.name,
        Variable(scene.vsn),
        Variable(scene.state),
        Variable(scene.extra),
    )
    down = Match(Tuple((Text("down"), Variable("_"))), vsn)
    passed = arguments_of(plan, scene, vsn, state, extra)
    told = (*passed, *definition_of(plan, scene))
    downward = unless_strange(plan, scene, Application(down_name(plan), told))
    to_downgrade = Clause(arguments_of(plan, scene, down, state, extra), (), (downward,))
    if not scene.definition and not has_strangers(plan):
        return (Function(name, (to_downgrade, *upgrade)),)
    to_upgrade = Clause(passed, (), (unless_strange(plan, scene, Application(up_name(plan), told)),))
    return Function(name, (to_downgrade, to_upgrade)), Function(up_name(plan), upgrade)


def _upgrade(plan: Plan, scene: Frame, routes: Routes) -> tuple[Clause, ...]:
    shaped = [clause for shape in known_shapes(plan) for clause in _of_shape(plan, scene, routes, shape)]
    told = told_by_hand(plan, scene, routes)
    own = plan.own
    refused = own_definitions(plan, scene, own.fields_up if own else ())
    refused += refusals(plan, scene, own.exempt_up if own else (), own.inside_up if own else ())
    clauses = [*shaped, *told, *refused]
    loose = by_version(plan, scene, routes)
    if loose:
        clauses = [*refused, *loose, *shaped, *told]
    clauses += along_types(plan, scene, routes, _asked(plan))
    clauses += anything_else(plan, scene, routes)
    arguments = head(plan, scene, Variable(scene.vsn), Variable(scene.state), Variable(scene.extra))
    return _reachable([*clauses, call_own(plan, scene, arguments, ())])


def _reachable(clauses: list[Clause]) -> tuple[Clause, ...]:
    """None behind one that takes every call: of such a clause the compiler would warn."""
    taking = [
        number
        for number, each in enumerate(clauses)
        if not each.guards and all(isinstance(argument, Variable) for argument in each.arguments)
    ]
    return tuple(clauses[: taking[0] + 1])


def _of_shape(plan: Plan, scene: Frame, routes: Routes, shape: Shape) -> list[Clause]:
    """The clauses for states of one shape: one where the shape says all, else one for each vsn."""
    loose = by_vsn(plan)
    members = [each for each in plan.migrations if each.shape == shape and each not in loose]
    if not members:
        return []
    ways = {meaning(plan, each) for each in members}
    if shape == plan.shape:
        ways.add(None)
    inside = told_inside(plan)
    if shape == plan.shape and inside:
        return [_inside(plan, scene, inside)]
    if len(ways) == 1:
        return [] if None in ways else [converting(plan, scene, routes, members, Variable(scene.vsn), (), _asked(plan))]
    clauses = []
    for each in members:
        pattern, guards = only_vsn(each.vsn, scene.vsn)
        if meaning(plan, each) is None:
            clauses.append(_pass(plan, scene, shape, pattern, guards))
        else:
            clauses.append(converting(plan, scene, routes, [each], pattern, guards, _asked(plan)))
    vsns = [each.vsn for each in members]
    if shape == plan.shape:
        clauses.append(_pass(plan, scene, shape, *only_vsn(plan.vsn, scene.vsn)))
        vsns.append(plan.vsn)
    arguments = head(plan, scene, Variable(scene.vsn), Variable(scene.state), Variable(scene.extra))
    return [*clauses, Clause(arguments, of_shapes(plan, scene, [shape]), (ambiguous(scene, vsns),))]


def _pass(plan: Plan, scene: Frame, shape: Shape, vsn: Expression, guards: tuple[str, ...]) -> Clause:
    arguments = head(plan, scene, vsn, Variable(scene.state), Variable(scene.extra))
    return call_own(plan, scene, arguments, of_shapes(plan, scene, [shape], guards))


def _asked(plan: Plan) -> tuple[str, ...]:
    """What a person must decide about old fields first."""
    asked = [each for each in plan.diagnostics if each.severity == "decision" and each.field is None]
    return tuple(f"{each.code}: {each.message}" for each in asked)


def _route(plan: Plan, routes: Routes, migration: Migration) -> Route:
    return Route(routes, "up", group_of(plan, migration))


def _inside(plan: Plan, scene: Frame, members: list[Migration]) -> Clause:
    """Where the state's own shape is the same in all versions, the records inside tell which one they are of.

    code_change(OldVsn, State, Extra) when element(1, State) =:= state, tuple_size(State) =:= 3 ->
        case 'whole state up of kv'(State) of
            State ->
                'code_change of kv'(OldVsn, State, Extra);
            New ->
                'code_change of kv'(OldVsn, New, 'extra with old_state of kv'(Extra, State))
        end;
    """
    vsn, state, extra = (Variable(name) for name in (scene.vsn, scene.state, scene.extra))
    arguments = head(plan, scene, vsn, state, extra)
    guards = of_kinds(plan, scene.state, [plan.state])
    notes = (*(f"from {term_text(each.vsn)}" for each in members), *_asked(plan))
    converted: Expression = state
    for each in members:
        converted = Application(_inside_name(plan, each), (converted,))
    return Clause(arguments, guards, (if_changed(plan, scene, converted, scene.new),), notes)


def _inside_name(plan: Plan, migration: Migration) -> str:
    number = plan.migrations.index(migration) + 1
    return inner_name(
        plan,
        f"whole {plan.state.name} up {number}" if len(plan.migrations) > 1 else f"whole {plan.state.name} up",
    )


def _inside_functions(plan: Plan, scene: Frame, routes: Routes) -> tuple[Function, ...]:
    """For each version whose states differ inside only, the function that converts what lies there."""
    functions = []
    for each in told_inside(plan) if plan.shape is not None else ():
        if not isinstance(each.state, RecordPlan):
            continue
        conversion = upward(plan, each.state, scene.taken, _route(plan, routes, each))
        functions.append(Function(_inside_name(plan, each), (Clause((conversion.pattern,), (), (conversion.result,)),)))
    return tuple(functions)


def _extra(plan: Plan) -> Function:
    """Extra, with the old state at its end where it is a proper list.

    'extra with old_state of kv'(Extra, Old) when length(Extra) >= 0 ->
        Extra ++ [{old_state, Old}];
    'extra with old_state of kv'(Extra, Old) ->
        [Extra, {old_state, Old}].
    """
    arguments = (Variable("Extra"), Variable("Old"))
    return Function(
        extra_name(plan),
        (
            Clause(
                arguments,
                ((f"{built_in(plan, 'length', 1)}(Extra) >= 0",),),
                (Text("Extra ++ [{old_state, Old}]"),),
            ),
            Clause(arguments, (), (Text("[Extra, {old_state, Old}]"),)),
        ),
    )
