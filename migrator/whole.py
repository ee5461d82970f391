"""Clauses for states that are not a bare record on both sides: along a type, or by hand (contract, section 3).

Along a type, where walks reach the records that changed:

    code_change(OldVsn, State, Extra) ->
        case 'inside conns 1 up of kv'(State) of
            State ->
                'code_change of kv'(OldVsn, State, Extra);
            New ->
                'code_change of kv'(OldVsn, New, 'extra with old_state of kv'(Extra, State))
        end.

By hand, with a guard for what the old version keeps:

    code_change(OldVsn, Old, Extra) when is_map(Old), is_map_key(users, Old) ->
        New = to_record(Old),
        'code_change of kv'(OldVsn, New, 'extra with old_state of kv'(Extra, Old));
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from migrator.conversion import Route, downward, upward
from migrator.forms import Application, CaseSame, Clause, Match, Variable
from migrator.guarding import either, of_kinds
from migrator.naming import built_in, extra_name
from migrator.recordplan import RecordPlan
from migrator.routes import WalkKey, group_of
from migrator.states import AnyState, StateType, beside
from migrator.telling import by_vsn, clear, in_doubt, meaning, within_reach
from migrator.terms import atom_text, term_text
from migrator.wholes import ByExpression, HandPlan, TypePlan
from migrator.wrapping import ambiguous, answer, call_own, head, only_vsn

if TYPE_CHECKING:
    from collections.abc import Sequence

    from migrator.forms import Expression
    from migrator.guarding import Guards
    from migrator.plan import Migration, Plan
    from migrator.records import FunctionName
    from migrator.routes import Direction, Routes
    from migrator.states import Alternative
    from migrator.wrapping import Frame


def by_hand(routes: Routes, how: FunctionName | ByExpression, value: Variable) -> Expression:
    """What the function or the expression makes of the whole state."""
    if isinstance(how, ByExpression):
        return Application(routes.texts[how.text, how.reads], (value,) if how.reads else ())
    return Application(how.name, (value,))


def walked(plan: Plan, routes: Routes, migration: Migration, direction: Direction, value: Expression) -> Expression:
    """The state with what its type leads to converted."""
    if not isinstance(migration.state, TypePlan):
        return value
    up = direction == "up"
    walk, named = (
        (migration.state.up, migration.state.up_named) if up else (migration.state.down, migration.state.down_named)
    )
    return routes.walked(WalkKey(direction, group_of(plan, migration), walk, named), value)


def taken_up(
    plan: Plan, scene: Frame, routes: Routes, migration: Migration, tests: tuple[str, ...]
) -> tuple[Expression, Guards, Expression]:
    """What stands at the state's place for a state of that version, bound to Old; the guards; the new state."""
    old = Variable(scene.old)
    if isinstance(migration.state, RecordPlan):
        conversion = upward(plan, migration.state, scene.taken, Route(routes, "up", group_of(plan, migration)))
        return Match(conversion.pattern, old), (tests,) if tests else (), conversion.result
    if isinstance(migration.state, HandPlan):
        guards = of_kinds(plan, scene.old, [beside(migration.kept, plan.state)], tests)
        return old, guards, by_hand(routes, migration.state.up, old)
    guards = of_kinds(plan, scene.old, [migration.kept], tests)
    return old, guards, walked(plan, routes, migration, "up", old)


def taken_down(
    plan: Plan, scene: Frame, routes: Routes, migration: Migration, tests: tuple[str, ...]
) -> tuple[Expression, Guards, Expression] | None:
    """The same for a state of the new version, bound to New; None where nothing leads back."""
    new = Variable(scene.new)
    if isinstance(migration.state, RecordPlan):
        conversion = downward(plan, migration.state, scene.taken, Route(routes, "down", group_of(plan, migration)))
        return Match(conversion.pattern, new), (tests,) if tests else (), conversion.result
    if isinstance(migration.state, HandPlan):
        how = migration.state.down
        guards = of_kinds(plan, scene.new, [beside(plan.state, migration.kept)], tests)
        return None if how is None else (new, guards, by_hand(routes, how, new))
    guards = of_kinds(plan, scene.new, [plan.state], tests)
    return new, guards, walked(plan, routes, migration, "down", new)


def if_changed(plan: Plan, scene: Frame, converted: Expression, other: str) -> Expression:
    """The answer with the state that came out, as `other` where it is another one: then the old one stands in Extra."""
    state, extra, changed = Variable(scene.state), Variable(scene.extra), Variable(other)
    if plan.own is None:
        return answer(plan, scene, converted, extra)
    told = Application(extra_name(plan), (extra, state))
    return CaseSame(converted, state, answer(plan, scene, state, extra), changed, answer(plan, scene, changed, told))


def converting(  # noqa: PLR0913, PLR0917 - the parts of a clause
    plan: Plan,
    scene: Frame,
    routes: Routes,
    members: Sequence[Migration],
    vsn: Expression,
    tests: tuple[str, ...],
    notes: tuple[str, ...] = (),
) -> Clause:
    """The clause that takes the states of these versions, all of one meaning, and converts them."""
    argument, guards, result = taken_up(plan, scene, routes, members[0], tests)
    new, extra = Variable(scene.new), Variable(scene.extra)
    arguments = head(plan, scene, vsn, argument, extra)
    said = (*(f"from {term_text(each.vsn)}" for each in members), *notes)
    if plan.own is None:
        return Clause(arguments, guards, (answer(plan, scene, result, extra),), said)
    told = Application(extra_name(plan), (extra, Variable(scene.old)))
    return Clause(arguments, guards, (Match(new, result), answer(plan, scene, new, told)), said)


def along_types(plan: Plan, scene: Frame, routes: Routes, notes: tuple[str, ...] = ()) -> list[Clause]:
    """The clause that converts the records inside states of every version that they tell by themselves."""
    members = _chained(plan)
    if not members:
        return []
    anything = any(isinstance(each.kept, AnyState) for each in plan.migrations)
    kinds = [plan.state, *(each.kept for each in members)] if anything else []
    said = (*(f"from {term_text(each.vsn)}" for each in members), *notes)
    return [_along(plan, scene, routes, members, (Variable(scene.vsn), of_kinds(plan, scene.state, kinds), said))]


def _told_types(plan: Plan) -> list[Migration]:
    loose = by_vsn(plan)
    return [
        each
        for each in plan.migrations
        if isinstance(each.state, TypePlan) and meaning(plan, each) is not None and each not in loose
    ]


def _chained(plan: Plan) -> list[Migration]:
    """Those, and those whose doubtful states were told before: what is left of them the shapes tell."""
    told, loose = _told_types(plan), by_vsn(plan)
    return [each for each in plan.migrations if each in told or (each in loose and within_reach(plan, each))]


def _along(
    plan: Plan,
    scene: Frame,
    routes: Routes,
    members: Sequence[Migration],
    parts: tuple[Expression, Guards, tuple[str, ...]],
) -> Clause:
    vsn, guards, notes = parts
    converted: Expression = Variable(scene.state)
    done: list[object] = []
    for each in members:
        if meaning(plan, each) not in done:
            converted = walked(plan, routes, each, "up", converted)
            done.append(meaning(plan, each))
    arguments = head(plan, scene, vsn, Variable(scene.state), Variable(scene.extra))
    return Clause(arguments, guards, (if_changed(plan, scene, converted, scene.new),), notes)


def told_by_hand(plan: Plan, scene: Frame, routes: Routes) -> list[Clause]:
    """The clauses for states that a guard tells, of versions that keep something else than a bare record."""
    loose = by_vsn(plan)
    groups: dict[object, list[Migration]] = {}
    for each in plan.migrations:
        told = isinstance(each.state, HandPlan) and each.shape is None and each not in loose
        if told and not isinstance(each.kept, AnyState) and meaning(plan, each) is not None:
            groups.setdefault((each.kept, meaning(plan, each)), []).append(each)
    clauses = [converting(plan, scene, routes, members, Variable(scene.vsn), ()) for members in groups.values()]
    for each in loose:
        told_apart = clear(plan, each)
        if isinstance(each.state, HandPlan) and isinstance(each.state.old, StateType) and told_apart:
            only = replace(each.state, old=replace(each.state.old, alternatives=told_apart))
            clauses.append(converting(plan, scene, routes, [replace(each, state=only)], Variable(scene.vsn), ()))
    return clauses


def by_version(plan: Plan, scene: Frame, routes: Routes) -> list[Clause]:
    """The clauses for states that OldVsn alone tells: one for each vsn, and the refusal of all others."""
    loose = [each for each in by_vsn(plan) if not isinstance(each.kept, AnyState)]
    if not loose:
        return []
    doubts = [alternative for each in loose for alternative in in_doubt(plan, each)]
    clauses = [_by_vsn(plan, scene, routes, each, doubts) for each in plan.migrations]
    pattern, tests = only_vsn(plan.vsn, scene.vsn)
    state, extra = Variable(scene.state), Variable(scene.extra)
    passing = head(plan, scene, pattern, state, extra)
    clauses.append(call_own(plan, scene, passing, either(plan, scene.state, doubts, tests)))
    arguments = head(plan, scene, Variable(scene.vsn), state, extra)
    vsns = [*(each.vsn for each in plan.migrations), plan.vsn]
    return [*clauses, Clause(arguments, either(plan, scene.state, doubts), (ambiguous(scene, vsns),))]


def _by_vsn(plan: Plan, scene: Frame, routes: Routes, migration: Migration, doubts: Sequence[Alternative]) -> Clause:
    vsn, tests = only_vsn(migration.vsn, scene.vsn)
    state, extra = Variable(scene.state), Variable(scene.extra)
    guards = either(plan, scene.state, doubts, tests)
    if meaning(plan, migration) is None:
        return call_own(plan, scene, head(plan, scene, vsn, state, extra), guards)
    if not isinstance(migration.state, TypePlan):
        return converting(plan, scene, routes, [migration], vsn, tests)
    told = _told_types(plan)
    members = told if migration in told else [migration]
    return _along(plan, scene, routes, members, (vsn, guards, (f"from {term_text(migration.vsn)}",)))


def anything_else(plan: Plan, scene: Frame, routes: Routes) -> list[Clause]:
    """The clauses for versions of which nothing says what they keep: all that is nothing else is theirs.

    What the new version keeps passes, and what a clause of the module's own has a tuple pattern for goes there.
    """
    members = [each for each in plan.migrations if isinstance(each.kept, AnyState) and meaning(plan, each) is not None]
    if not members:
        return []
    state, extra, vsn = Variable(scene.state), Variable(scene.extra), Variable(scene.vsn)
    arguments = head(plan, scene, vsn, state, extra)
    clauses = []
    kinds = of_kinds(plan, scene.state, [plan.state])
    if kinds and not _chained(plan):
        clauses.append(call_own(plan, scene, arguments, kinds))
    exempt = plan.own.exempt_up if plan.own else ()
    if exempt:
        clauses.append(call_own(plan, scene, arguments, tuple(_of_shape(plan, scene, *each) for each in exempt)))
    if len({meaning(plan, each) for each in members}) == 1 and kinds:
        return [*clauses, converting(plan, scene, routes, members, vsn, ())]
    for each in members:
        pattern, tests = only_vsn(each.vsn, scene.vsn)
        clauses.append(converting(plan, scene, routes, [each], pattern, tests))
    pattern, tests = only_vsn(plan.vsn, scene.vsn)
    passing = head(plan, scene, pattern, state, extra)
    clauses.append(call_own(plan, scene, passing, (tests,) if tests else ()))
    return [*clauses, Clause(arguments, (), (ambiguous(scene, [*(each.vsn for each in members), plan.vsn]),))]


def _of_shape(plan: Plan, scene: Frame, tag: str | None, size: int) -> tuple[str, ...]:
    told = () if tag is None else (f"{built_in(plan, 'element', 2)}(1, {scene.state}) =:= {atom_text(tag)}",)
    return (*told, f"{built_in(plan, 'tuple_size', 1)}({scene.state}) =:= {size}")
