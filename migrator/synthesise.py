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

from migrator.conversion import Route, reads_all, upward, value_functions
from migrator.downward import downgrade_functions
from migrator.edits import Edits
from migrator.filling import moving_functions
from migrator.forms import Application, CaseSame, Clause, Function, Match, Text, Tuple, Variable
from migrator.migrated import Traces, to_term
from migrator.naming import built_in, down_name, extra_name, file_name, inner_name, own_name
from migrator.plan import Filled, Migration, Nested, Plan, identity, source_field, source_reads
from migrator.routes import group_of, routes_of
from migrator.terms import term_text
from migrator.tidy import tidy
from migrator.walking import nested_functions
from migrator.wrapping import (
    ambiguous,
    answer,
    call_own,
    frame,
    head,
    known_shapes,
    of_shapes,
    only_vsn,
    refusal,
)

if TYPE_CHECKING:
    from migrator.forms import Expression
    from migrator.plan import RecordPlan, Shape, Source
    from migrator.routes import Routes
    from migrator.wrapping import Frame


def synthesise(plan: Plan) -> Edits:
    """The edits that put the plan's migrations into its module."""
    routes = routes_of(plan)
    scene = frame(plan)
    wrapper = Function(plan.callback.function.name, (_to_downgrade(plan, scene), *_upgrade(plan, scene, routes)))
    inner = (*_inside_functions(plan, scene, routes), *nested_functions(plan, routes, scene.taken))
    inner = (*inner, *moving_functions(plan, routes, scene.taken))
    functions = [wrapper, *downgrade_functions(plan, scene, routes), *inner, *value_functions(routes)]
    if plan.own is not None:
        functions.append(_extra(plan))
    tidied = tuple(replace(each, clauses=tuple(map(tidy, each.clauses))) for each in functions)
    traces = _traces(plan)
    return Edits(tidied, traces, to_term(plan.record.name, traces, plan.migrations, plan.chosen))


def _traces(plan: Plan) -> Traces:
    function = plan.callback.function
    return Traces(
        file=file_name(plan),
        renamed=() if plan.own is None else ((function, own_name(plan)),),
        exported=() if plan.own is not None and plan.own.exported else (function,),
    )


def _to_downgrade(plan: Plan, scene: Frame) -> Clause:
    vsn = Match(Tuple((Text("down"), Variable("_"))), Variable(scene.vsn))
    arguments = head(plan, scene, vsn, Variable(scene.state), Variable(scene.extra))
    passed = head(plan, scene, Variable(scene.vsn), Variable(scene.state), Variable(scene.extra))
    return Clause(arguments, (), (Application(down_name(plan), passed),))


def _upgrade(plan: Plan, scene: Frame, routes: Routes) -> tuple[Clause, ...]:
    clauses = [clause for shape in known_shapes(plan) for clause in _of_shape(plan, scene, routes, shape)]
    clauses.append(refusal(plan, scene, plan.own.exempt_up if plan.own else ()))
    arguments = head(plan, scene, Variable(scene.vsn), Variable(scene.state), Variable(scene.extra))
    clauses.append(call_own(plan, scene, arguments, ()))
    return tuple(clauses)


def _of_shape(plan: Plan, scene: Frame, routes: Routes, shape: Shape) -> list[Clause]:
    """The clauses for states of one shape: one where the shape says all, else one for each vsn."""
    members = [each for each in plan.migrations if each.shape == shape]
    ways = {_meaning(plan, each) for each in members}
    if shape == plan.shape:
        ways.add(None)
    inside = _told_inside(plan)
    if shape == plan.shape and inside:
        return [_inside(plan, scene, inside)]
    if len(ways) == 1:
        return [] if None in ways else [_convert(plan, scene, routes, members, Variable(scene.vsn), ())]
    clauses = []
    for each in members:
        pattern, guards = only_vsn(each.vsn, scene.vsn)
        if _meaning(plan, each) is None:
            clauses.append(_pass(plan, scene, shape, pattern, guards))
        else:
            clauses.append(_convert(plan, scene, routes, [each], pattern, guards))
    vsns = [each.vsn for each in members]
    if shape == plan.shape:
        clauses.append(_pass(plan, scene, shape, *only_vsn(plan.vsn, scene.vsn)))
        vsns.append(plan.vsn)
    arguments = head(plan, scene, Variable(scene.vsn), Variable(scene.state), Variable(scene.extra))
    return [*clauses, Clause(arguments, of_shapes(plan, scene, [shape]), (ambiguous(scene, vsns),))]


def _pass(plan: Plan, scene: Frame, shape: Shape, vsn: Expression, guards: tuple[str, ...]) -> Clause:
    arguments = head(plan, scene, vsn, Variable(scene.state), Variable(scene.extra))
    return call_own(plan, scene, arguments, of_shapes(plan, scene, [shape], guards))


def _convert(  # noqa: PLR0913, PLR0917 - the parts of a clause
    plan: Plan,
    scene: Frame,
    routes: Routes,
    members: list[Migration],
    vsn: Expression,
    guards: tuple[str, ...],
) -> Clause:
    conversion = upward(plan, members[0].state, scene.taken, _route(plan, routes, members[0]))
    old, new = Variable(scene.old), Variable(scene.new)
    notes = (*(f"from {term_text(each.vsn)}" for each in members), *_asked(plan))
    arguments = head(plan, scene, vsn, Match(conversion.pattern, old), Variable(scene.extra))
    tests = (guards,) if guards else ()
    if plan.own is None:
        return Clause(arguments, tests, (answer(plan, scene, conversion.result, Variable(scene.extra)),), notes)
    extra = Application(extra_name(plan), (Variable(scene.extra), old))
    body = (Match(new, conversion.result), answer(plan, scene, new, extra))
    return Clause(arguments, tests, body, notes)


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
    vsn, state, extra, new = (Variable(name) for name in (scene.vsn, scene.state, scene.extra, scene.new))
    arguments = head(plan, scene, vsn, state, extra)
    guards = of_shapes(plan, scene, [plan.shape])
    notes = (*(f"from {term_text(each.vsn)}" for each in members), *_asked(plan))
    converted: Expression = state
    for each in members:
        converted = Application(_inside_name(plan, each), (converted,))
    if plan.own is None:
        return Clause(arguments, guards, (answer(plan, scene, converted, extra),), notes)
    told = Application(extra_name(plan), (extra, state))
    body = CaseSame(converted, state, answer(plan, scene, state, extra), new, answer(plan, scene, new, told))
    return Clause(arguments, guards, (body,), notes)


def _inside_name(plan: Plan, migration: Migration) -> str:
    number = plan.migrations.index(migration) + 1
    return inner_name(
        plan,
        f"whole {plan.record.name} up {number}" if len(plan.migrations) > 1 else f"whole {plan.record.name} up",
    )


def _inside_functions(plan: Plan, scene: Frame, routes: Routes) -> tuple[Function, ...]:
    """For each version whose states differ inside only, the function that converts what lies there."""
    functions = []
    for each in _told_inside(plan):
        conversion = upward(plan, each.state, scene.taken, _route(plan, routes, each))
        functions.append(Function(_inside_name(plan, each), (Clause((conversion.pattern,), (), (conversion.result,)),)))
    return tuple(functions)


def _told_inside(plan: Plan) -> list[Migration]:
    """The versions that the records inside a state of the new shape tell apart; none where they cannot tell all."""
    members = [each for each in plan.migrations if each.shape == plan.shape and _meaning(plan, each) is not None]
    ways = [(each.vsn, record) for each in members for record in each.nested if not record.in_place]
    # Two records of one version that share a shape lie in places of their own.
    alone = all(
        _elements(one) == _elements(other) or (vsn == same and one.record != other.record)
        for vsn, one in ways
        for same, other in ways
        if one.shape == other.shape
    )
    return members if alone and all(each.inside_only for each in members) else []


def _meaning(plan: Plan, migration: Migration) -> tuple[object, ...] | None:
    """What the conversion does with each element of the tuple; None where the state passes as it is.

    Two old versions that name an element differently mean the same when it becomes the same new field, unless a
    function reads the names, or what lies inside is converted in another way.
    """
    if identity(plan, migration) or migration.upgrade == "handwritten":
        return None
    deeper = any(isinstance(each.source, Nested | Filled) for each in migration.up)
    inside = group_of(plan, migration) if deeper else None
    return (inside, *_elements(migration.state))


def _elements(record: RecordPlan) -> tuple[object, ...]:
    """What becomes of each element of the tuple, with the names where a function reads them."""
    at = {field: number for number, field in enumerate(record.fields)}
    named = record.fields if any(reads_all(each.source) for each in record.up) else ()
    return (
        named,
        *(
            (at.get(source_field(each.source) or ""), _beside(each.source), _read(each.source, at))
            for each in record.up
        ),
    )


def _beside(source: object) -> object:
    """What else than its element makes a source what it is."""
    if isinstance(source, Filled):
        return source
    return getattr(source, "function", None) or getattr(source, "text", None) or getattr(source, "walk", None)


def _read(source: Source, at: dict[str, int]) -> tuple[tuple[str, int | None], ...]:
    """Which elements an expression reads, and which ones move."""
    return tuple((variable, at.get(field)) for variable, field in source_reads(source))


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
