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

from migrator.conversion import Route, downward
from migrator.forms import Application, Clause, Function, Match, Text, TryThrown, Tuple, Variable
from migrator.naming import built_in, down_name, extra_name, own_name, result_name
from migrator.plan import identity
from migrator.routes import group_of
from migrator.terms import term_text
from migrator.wrapping import (
    ambiguous,
    answer,
    call_own,
    head,
    known_shapes,
    of_shapes,
    only_vsn,
    refusal,
    reply,
    unknown,
    unknown_shape,
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
        Function(result_name(plan), _results(plan, scene, routes)),
    )


def _target(plan: Plan, migration: Migration, scene: Frame) -> tuple[Expression, tuple[str, ...]]:
    """The pattern of OldVsn for a downgrade to that version: any, where it is the only one."""
    if len(plan.migrations) == 1:
        return Tuple((Text("down"), Variable("_"))), ()
    pattern, guards = only_vsn(migration.vsn, scene.target)
    return Tuple((Text("down"), pattern)), guards


def _changed(plan: Plan) -> list[Migration]:
    return [each for each in plan.migrations if not identity(plan, each)]


def _convert_first(plan: Plan, scene: Frame, routes: Routes) -> tuple[Clause, ...]:
    clauses = [_conversion(plan, scene, routes, each) for each in _changed(plan)]
    clauses.append(refusal(plan, scene, plan.own.exempt_down if plan.own else ()))
    clauses.extend(_untold(plan, scene))
    arguments = head(plan, scene, Variable(scene.vsn), Variable(scene.state), Variable(scene.extra))
    return (*clauses, call_own(plan, scene, arguments, ()))


def _conversion(plan: Plan, scene: Frame, routes: Routes, migration: Migration) -> Clause:
    conversion = downward(plan, migration.state, scene.taken, Route(routes, "down", group_of(plan, migration)))
    target, guards = _target(plan, migration, scene)
    old, new = Variable(scene.old), Variable(scene.new)
    vsn = Match(target, Variable(scene.vsn))
    arguments = head(plan, scene, vsn, Match(conversion.pattern, new), Variable(scene.extra))
    tests, notes = ((guards,) if guards else ()), (f"to {term_text(migration.vsn)}",)
    if plan.own is None:
        return Clause(arguments, tests, (answer(plan, scene, conversion.result, Variable(scene.extra)),), notes)
    extra = Application(extra_name(plan), (Variable(scene.extra), new))
    return Clause(arguments, tests, (Match(old, conversion.result), answer(plan, scene, old, extra)), notes)


def _untold(plan: Plan, scene: Frame) -> list[Clause]:
    """With several old versions, the refusal of a target that is none of them."""
    if len(plan.migrations) == 1:
        return []
    vsns = [each.vsn for each in plan.migrations]
    others = [f"{scene.target} =/= {term_text(vsn)}" for vsn in vsns]
    vsn = Match(Tuple((Text("down"), Variable(scene.target))), Variable(scene.vsn))
    arguments = head(plan, scene, vsn, Variable(scene.state), Variable(scene.extra))
    return [Clause(arguments, of_shapes(plan, scene, known_shapes(plan), others), (ambiguous(scene, vsns),))]


def _own_first(plan: Plan, scene: Frame) -> tuple[Clause, ...]:
    clauses: list[Clause] = []
    for migration in plan.migrations:
        if migration.shape != plan.shape:
            target, guards = _target(plan, migration, scene)
            arguments = head(plan, scene, target, Variable(scene.state), Variable(scene.extra))
            shaped = of_shapes(plan, scene, [migration.shape], guards)
            clauses.append(Clause(arguments, shaped, (reply(plan, scene, Variable(scene.state)),)))
    clauses.append(refusal(plan, scene, plan.own.exempt_down if plan.own else ()))
    clauses.extend(_untold(plan, scene))
    arguments = head(plan, scene, Variable(scene.vsn), Variable(scene.state), Variable(scene.extra))
    call = Application(own_name(plan), arguments)
    result = Variable(scene.result)
    then = Application(result_name(plan), (Variable(scene.vsn), result))
    body: Expression = Application(result_name(plan), (Variable(scene.vsn), call))
    if plan.callback.takes_thrown:
        thrown = Tuple((Text("ok"), *(Variable("_") for _ in plan.callback.reply)))
        body = TryThrown(call, result, then, thrown, built_in(plan, "throw", 1))
    return (*clauses, Clause(arguments, (), (body,)))


def _results(plan: Plan, scene: Frame, routes: Routes) -> tuple[Clause, ...]:
    clauses: list[Clause] = []
    for migration in _changed(plan):
        conversion = downward(plan, migration.state, scene.taken, Route(routes, "down", group_of(plan, migration)))
        target, guards = _target(plan, migration, scene)
        clauses.append(
            Clause(
                (target, reply(plan, scene, conversion.pattern)),
                (guards,) if guards else (),
                (reply(plan, scene, conversion.result),),
                (f"to {term_text(migration.vsn)}",),
            )
        )
    vsn, state = Variable(scene.vsn), Variable(scene.state)
    exempt = plan.own.exempt_down if plan.own else ()
    clauses.append(
        Clause((vsn, reply(plan, scene, state)), unknown(plan, scene, exempt), (unknown_shape(plan, scene),))
    )
    result = Variable(scene.result)
    return (*clauses, Clause((vsn, result), (), (result,)))
