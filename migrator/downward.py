"""The functions that run on a downgrade (contract, section 5).

Where the conversion runs first:

    'code_change down of kv'({down, _} = OldVsn, {state, Name, Clients} = New, Extra) ->
        Old = {state, Name, Clients, []},
        'code_change of kv'(OldVsn, Old, 'extra with old_state of kv'(Extra, New));

Where the module's own function does:

    'code_change down of kv'(OldVsn, State, Extra) ->
        try 'code_change of kv'(OldVsn, State, Extra) of
            Result -> 'code_change down result of kv'(OldVsn, Result)
        catch
            throw:{ok, _} = Result -> throw('code_change down result of kv'(OldVsn, Result))
        end.
    'code_change down result of kv'({down, _}, {ok, {state, Name, Clients}}) ->
        {ok, {state, Name, Clients, []}};
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from migrator.forms import Application, Clause, Function, Match, Text, TryThrown, Tuple, Variable
from migrator.guarding import either, of_kinds
from migrator.naming import built_in, down_name, extra_name, own_name, result_name
from migrator.plan import identity
from migrator.states import AnyState
from migrator.telling import old_already
from migrator.terms import term_text
from migrator.whole import if_changed, taken_down, walked
from migrator.wholes import TypePlan
from migrator.wrapping import (
    ambiguous,
    answer,
    arguments_of,
    call_own,
    definition_in,
    definition_of,
    head,
    no_downgrade,
    only_vsn,
    own_definitions,
    refusals,
    reply,
    unknown,
)

if TYPE_CHECKING:
    from migrator.forms import Expression
    from migrator.plan import Migration, Plan
    from migrator.routes import Routes
    from migrator.wrapping import Frame


def downgrade_functions(plan: Plan, scene: Frame, routes: Routes) -> tuple[Function, ...]:
    """Our function for downgrades, and the one that it needs when the module's own function runs first."""
    if plan.mode == "convert_first" or plan.own is None:
        return (Function(down_name(plan), _convert_first(plan, scene, routes)),)
    return (
        Function(down_name(plan), _own_first(plan, scene)),
        *_told_results(plan, scene),
        Function(result_name(plan), _results(plan, scene, routes)),
    )


def _told_results(plan: Plan, scene: Frame) -> tuple[Function, ...]:
    """Where states are native records, what asks for the definition of the one in the answer.

    'code_change down result of kv'(OldVsn, {ok, State} = Result) ->
        'code_change down result of kv'(OldVsn, Result, 'definition of kv'(State));
    'code_change down result of kv'(_OldVsn, Result) ->
        Result.
    """
    if not scene.definition:
        return ()
    vsn, result = Variable(scene.vsn), Variable(scene.result)
    replied = Match(reply(plan, scene, Variable(scene.state)), result)
    told = Application(result_name(plan), (vsn, result, *definition_of(plan, scene)))
    return (Function(result_name(plan), (Clause((vsn, replied), (), (told,)), Clause((vsn, result), (), (result,)))),)


def _answered(plan: Plan, scene: Frame, vsn: Expression, state: Expression) -> tuple[Expression, ...]:
    """The arguments of a clause for what the module's own function answered."""
    return (vsn, reply(plan, scene, state), *definition_in(scene, state))


def _target(plan: Plan, migration: Migration, scene: Frame) -> tuple[Expression, tuple[str, ...]]:
    """The pattern of OldVsn for a downgrade to that version: any, where it is the only one."""
    if len(plan.migrations) == 1:
        return Tuple((Text("down"), Variable("_"))), ()
    pattern, guards = only_vsn(migration.vsn, scene.target)
    return Tuple((Text("down"), pattern)), guards


def _changed(plan: Plan) -> list[Migration]:
    return [each for each in plan.migrations if not identity(plan, each)]


def _convert_first(plan: Plan, scene: Frame, routes: Routes) -> tuple[Clause, ...]:
    changed = _changed(plan)
    clauses = [_conversion(plan, scene, routes, each) for each in changed if not isinstance(each.state, TypePlan)]
    clauses += _refusals(plan, scene)
    clauses += [_along(plan, scene, routes, each) for each in changed if isinstance(each.state, TypePlan)]
    clauses.extend(_untold(plan, scene))
    arguments = head(plan, scene, Variable(scene.vsn), Variable(scene.state), Variable(scene.extra))
    return (*clauses, call_own(plan, scene, arguments, ()))


def _refusals(plan: Plan, scene: Frame) -> list[Clause]:
    own = plan.own
    passed = own_definitions(plan, scene, own.fields_down if own else ())
    return [*passed, *refusals(plan, scene, own.exempt_down if own else (), own.inside_down if own else ())]


def _along(plan: Plan, scene: Frame, routes: Routes, migration: Migration) -> Clause:
    """Where walks reach the records that changed: where there was none, the state goes on as it came."""
    target, guards = _target(plan, migration, scene)
    state = Variable(scene.state)
    arguments = head(plan, scene, Match(target, Variable(scene.vsn)), state, Variable(scene.extra))
    converted = walked(plan, routes, migration, "down", state)
    body = if_changed(plan, scene, converted, scene.old)
    return Clause(arguments, (guards,) if guards else (), (body,), (f"to {term_text(migration.vsn)}",))


def _conversion(plan: Plan, scene: Frame, routes: Routes, migration: Migration) -> Clause:
    target, tests = _target(plan, migration, scene)
    notes = (f"to {term_text(migration.vsn)}",)
    taken = taken_down(plan, scene, routes, migration, tests)
    old, new, extra = Variable(scene.old), Variable(scene.new), Variable(scene.extra)
    if taken is None:
        return _no_way_back(plan, scene, tests, notes)
    argument, guards, result = taken
    arguments = head(plan, scene, Match(target, Variable(scene.vsn)), argument, extra)
    if plan.own is None:
        return Clause(arguments, guards, (answer(plan, scene, result, extra),), notes)
    told = Application(extra_name(plan), (extra, new))
    return Clause(arguments, guards, (Match(old, result), answer(plan, scene, old, told)), notes)


def _no_way_back(plan: Plan, scene: Frame, tests: tuple[str, ...], notes: tuple[str, ...]) -> Clause:
    """The refusal of a downgrade for which a decision names no function."""
    target = Tuple((Text("down"), Variable(scene.target)))
    arguments = head(plan, scene, target, Variable(scene.state), Variable(scene.extra))
    return Clause(arguments, of_kinds(plan, scene.state, [plan.state], tests), (no_downgrade(scene),), notes)


def _untold(plan: Plan, scene: Frame) -> list[Clause]:
    """With several old versions, the refusal of a target that is none of them."""
    if len(plan.migrations) == 1:
        return []
    vsns = [each.vsn for each in plan.migrations]
    others = [f"{scene.target} =/= {term_text(vsn)}" for vsn in vsns]
    vsn = Match(Tuple((Text("down"), Variable(scene.target))), Variable(scene.vsn))
    arguments = head(plan, scene, vsn, Variable(scene.state), Variable(scene.extra))
    kinds = dict.fromkeys([*(each.kept for each in plan.migrations if each.kept != AnyState()), plan.state])
    return [Clause(arguments, of_kinds(plan, scene.state, kinds, tuple(others)), (ambiguous(scene, vsns),))]


def _own_first(plan: Plan, scene: Frame) -> tuple[Clause, ...]:
    clauses: list[Clause] = []
    for migration in plan.migrations:
        already = old_already(plan, migration)
        if already:
            target, tests = _target(plan, migration, scene)
            arguments = head(plan, scene, target, Variable(scene.state), Variable(scene.extra))
            guards = either(plan, scene.state, already, tests)
            clauses.append(Clause(arguments, guards, (reply(plan, scene, Variable(scene.state)),)))
    clauses.extend(_refusals(plan, scene))
    clauses.extend(_untold(plan, scene))
    arguments = head(plan, scene, Variable(scene.vsn), Variable(scene.state), Variable(scene.extra))
    passed = arguments_of(plan, scene, Variable(scene.vsn), Variable(scene.state), Variable(scene.extra))
    call = Application(own_name(plan), passed)
    result = Variable(scene.result)
    then = Application(result_name(plan), (Variable(scene.vsn), result))
    body: Expression = Application(result_name(plan), (Variable(scene.vsn), call))
    if plan.callback.takes_thrown:
        thrown = Tuple((Text("ok"), *(Variable("_") for _ in plan.callback.reply)))
        body = TryThrown(call, result, then, thrown, built_in(plan, "throw", 1))
    return (*clauses, Clause(arguments, (), (body,)))


def _results(plan: Plan, scene: Frame, routes: Routes) -> tuple[Clause, ...]:
    changed = _changed(plan)
    clauses = [_result(plan, scene, routes, each) for each in changed if not isinstance(each.state, TypePlan)]
    vsn, state = Variable(scene.vsn), Variable(scene.state)
    own = plan.own
    for guards, refused in unknown(plan, scene, own.exempt_down if own else (), own.inside_down if own else ()):
        clauses.append(Clause(_answered(plan, scene, vsn, state), guards, (refused,)))
    for each in changed:
        if isinstance(each.state, TypePlan):
            target, tests = _target(plan, each, scene)
            result = reply(plan, scene, walked(plan, routes, each, "down", state))
            notes = (f"to {term_text(each.vsn)}",)
            guards = (tests,) if tests else ()
            clauses.append(Clause(_answered(plan, scene, target, state), guards, (result,), notes))
    result_ = Variable(scene.result)
    return (*clauses, Clause((vsn, result_, *definition_in(scene, result_)), (), (result_,)))


def _result(plan: Plan, scene: Frame, routes: Routes, migration: Migration) -> Clause:
    """What the module's own function answered, with the state that it gives converted."""
    target, tests = _target(plan, migration, scene)
    notes = (f"to {term_text(migration.vsn)}",)
    taken = taken_down(plan, scene, routes, migration, tests)
    if taken is None:
        guards = of_kinds(plan, scene.state, [plan.state], tests)
        down = Tuple((Text("down"), Variable(scene.target)))
        arguments = _answered(plan, scene, down, Variable(scene.state))
        return Clause(arguments, guards, (no_downgrade(scene),), notes)
    argument, guards, result = taken
    return Clause(_answered(plan, scene, target, argument), guards, (reply(plan, scene, result),), notes)
