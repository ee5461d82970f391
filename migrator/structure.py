"""The plan between states that are not the bare record: along a type, or the whole of them by hand."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from migrator.admits import Question, admits
from migrator.compare import changed_records, side_of
from migrator.decisions import (
    Downgrade,
    Expression,
    Inside,
    OnlyFrom,
    RenameRecord,
    WholeState,
    Written,
    inside,
    renamed_records,
)
from migrator.diagnostics import CATALOGUE, Diagnostic
from migrator.fields import plan_fields
from migrator.fitting import Names
from migrator.foreign import joined
from migrator.kept import along
from migrator.lookalikes import lookalikes, told
from migrator.moving import with_places
from migrator.nesting import find, inner_pairs, pair_in, sought_in
from migrator.pairs import paste_whole
from migrator.plan import Migration
from migrator.records import FunctionName
from migrator.states import AnyState, StateType, shown
from migrator.terms import atom_text, term_text
from migrator.unrevealed import hidden_in
from migrator.wholes import ByExpression, HandPlan, TypePlan

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from migrator.kept import Kept
    from migrator.modules import Module
    from migrator.nesting import Found
    from migrator.pairs import Pair
    from migrator.request import Request
    from migrator.states import State


@dataclass(frozen=True, slots=True)
class Along:
    """Two versions whose states are walked along their types.

    `pairs` are the records that are converted, `kept_as_is` those that the types name and that are not, for what is to
    be said of their fields. `names` and `decisions` are what decisions about no record by name speak of.
    """

    old: Kept
    new: Kept
    found: Found
    pairs: tuple[Pair, ...]
    kept_as_is: tuple[Pair, ...]
    names: Names
    decisions: tuple[Written, ...]
    request: Request


@dataclass(frozen=True, slots=True)
class ByHand:
    """Two versions between whose states functions or expressions convert; `others` are all other decisions there."""

    old: Kept
    new: Kept
    decision: WholeState
    names: Names
    decisions: tuple[Written, ...]
    others: tuple[Written, ...] = ()


_OF_ALL = (Downgrade, Inside, OnlyFrom, RenameRecord, WholeState)


def of_main(decisions: Iterable[Written], state: State) -> tuple[Written, ...]:
    """The decisions with those about fields put to the one record that the state's type names directly."""
    if not isinstance(state, StateType) or state.main is None:
        return tuple(decisions)
    main = state.main
    return tuple(
        each if isinstance(each.decision, _OF_ALL) else replace(each, decision=Inside(main, (each,)))
        for each in decisions
    )


def along_types(old: Kept, new: Kept, decisions: tuple[Written, ...], request: Request) -> Along:
    """What two types lead to, side by side."""
    main = new.state.main if isinstance(new.state, StateType) else None
    held = of_main(decisions, new.state)
    modules = joined(old.module, new.module)
    old, new = replace(old, module=modules[0]), replace(new, module=modules[1])
    sides = side_of(modules[0]), side_of(modules[1])
    named = renamed_records(decisions)
    roots = (old.type,), (new.type,)
    found = find(sides, roots, named, held, sought_in(sides, roots, named, held))
    idle = _idle(inner_pairs(found, modules, held, request))
    found = _without(found, idle)
    pairs = with_places(inner_pairs(found, modules, held, request), held)
    direct = {*along(old).records, *along(new).records}
    others = tuple(
        pair_in(found, modules, (before, after), (inside(held, before.name, after.name), request, after.name))
        for before, after in found.mates
        if (before.name, after.name) in idle
        or ((before.name, after.name) not in found.converted and direct & {before.name, after.name})
    )
    names = Names((), (), {}, frozenset((each.old.name, each.new.name) for each in (*pairs, *others)))
    return Along(old, new, found, _of_main(pairs, main), _of_main(others, main), names, held, request)


def _idle(pairs: tuple[Pair, ...]) -> frozenset[tuple[str, str]]:
    """The records that a decision speaks of and that all the same pass as they are, by old and new name."""
    return frozenset((pair.old.name, pair.new.name) for pair in pairs if plan_fields(pair)[0].unchanged)


def _without(found: Found, idle: frozenset[tuple[str, str]]) -> Found:
    converted = found.converted - idle
    up = replace(found.up, affected=frozenset(old for old, _ in converted))
    down = replace(found.down, affected=frozenset(new for _, new in converted))
    return replace(found, converted=converted, up=up, down=down)


def _of_main(pairs: tuple[Pair, ...], main: str | None) -> tuple[Pair, ...]:
    """The pairs, that of the one record which the type names directly as the state's own."""
    return tuple(replace(each, inner="") if each.new.name == main else each for each in pairs)


def by_hand(old: Kept, new: Kept, decision: WholeState, decisions: tuple[Written, ...]) -> ByHand:
    """What a decision about the whole state speaks of."""
    mine = tuple(each for each in decisions if isinstance(each.decision, WholeState | Downgrade))
    return ByHand(old, new, decision, Names((), (), {}), mine, tuple(each for each in decisions if each not in mine))


def contradicted(
    way: ByHand, decisions: Sequence[Written], elsewhere: Sequence[Written], module: Module
) -> list[Diagnostic]:
    """A diagnostic (M113) for each decision about a part of a state that is converted as a whole.

    One that is written for every version may hold for another one, where the whole state is of this one alone.
    """
    (whole,) = [each for each in way.decisions if each.decision == way.decision][:1]
    found = []
    for other in way.others:
        if whole not in decisions and other in decisions and other in elsewhere:
            continue
        found.append(
            Diagnostic(
                CATALOGUE["M113"],
                f"{whole.text} ({whole.place}) and {other.text} ({other.place}) contradict each other "
                f"for states from {term_text(way.old.module.vsn)}",
                "the function is given the whole old state and gives the whole new one, so nothing else can be applied",
                other.place,
                ("keep one of them, or put each into the {from, VSN, […]} that it is for",),
                module=module.name,
            )
        )
    return found


def plan_along(way: Along) -> tuple[Migration, tuple[Diagnostic, ...]]:
    """The migration along two types, and what is to be said of it."""
    planned = [plan_fields(pair) for pair in way.pairs]
    said = [each for _, found in planned for each in found]
    said += [each for pair in way.kept_as_is for each in plan_fields(pair)[1]]
    up, down = way.found.up.walk(way.old.type), way.found.down.walk(way.new.type)
    state = TypePlan(along(way.old), up[0], down[0], up[1], down[1])
    said += _structure(way)
    said += _lookalikes(way)
    said += _hidden(way, said)
    return Migration(way.old.module.vsn, state, tuple(plan for plan, _ in planned)), tuple(said)


def _structure(way: Along) -> list[Diagnostic]:
    """Whether the new type admits what the old one admits, the records in it converted; and the other way round."""
    known = frozenset((pair.old.name, pair.new.name) for pair in (*way.pairs, *way.kept_as_is))
    sides = side_of(way.old.module), side_of(way.new.module)
    question = Question(sides[0], sides[1], tuple(sorted(known)), known)
    answer = admits(way.new.type, way.old.type, question)
    if answer != "yes":
        asked = changed_structure(way.old, way.new, way.request)
        if "retype" not in way.request.allow:
            return [asked]
        message = f"{asked.message}; --allow retype permits it"
        return [replace(asked, kind=CATALOGUE["M505"], message=message, help=())]
    if admits(way.old.type, way.new.type, question.turned()) == "no":
        return [_wider(way)]
    return []


def _lookalikes(way: Along) -> list[Diagnostic]:
    """Where in the state nothing tells two members of a union apart (M314)."""
    for kept, guide in ((way.old, way.found.up), (way.new, way.found.down)):
        found = lookalikes(kept.type, guide.side, guide.affected)
        if found is not None:
            place = f"{way.new.module.file}, {shown(way.new.state)}"
            asked = told(shown(kept.state), found, place, (paste_whole(way.request),))
            return [replace(asked, module=way.new.module.name)]
    return []


def changed_structure(old: Kept, new: Kept, request: Request) -> Diagnostic:
    """The question (M308) what becomes of a state that the new version does not keep any more."""
    return Diagnostic(
        CATALOGUE["M308"],
        f"the state was {shown(old.state)} and is {shown(new.state)}: "
        "the new one does not admit all that the old one admits",
        f"an old state would reach the new code as it is ({term_text(old.module.vsn)} -> {term_text(new.module.vsn)})",
        f"{new.module.file}, {shown(new.state)}",
        (paste_whole(request),),
        module=new.module.name,
    )


def _wider(way: Along) -> Diagnostic:
    return Diagnostic(
        CATALOGUE["M406"],
        f"the old {shown(way.old.state)} does not admit all that the new {shown(way.new.state)} admits",
        "on a downgrade a state that the old version does not know is handed on as it is",
        f"{way.new.module.file}, {shown(way.new.state)}",
        (paste_whole(way.request),),
        module=way.new.module.name,
    )


def _hidden(way: Along, said: list[Diagnostic]) -> list[Diagnostic]:
    """A changed record that no type leads to, where the state's type leaves open what lies in it."""
    led_to = {pair.old.name for pair in (*way.pairs, *way.kept_as_is)}
    names = [name for name in changed_records(way.old.module, way.new.module) if name not in led_to]
    told = {each.place for each in said if each.code in {"M401", "M307"}}
    named = way.new.state.name if isinstance(way.new.state, StateType) else "NAME"
    found = hidden_in(way.old.type, named, names, (way.old.module, way.new.module), way.request)
    return [each for each in found if each.place not in told]


def plan_by_hand(way: ByHand) -> tuple[Migration, tuple[Diagnostic, ...]]:
    """The migration that the decision says, and what is to be said of it."""
    up, down = _how(way.decision.up), None if way.decision.down is None else _how(way.decision.down)
    migration = Migration(way.old.module.vsn, HandPlan(way.old.state, up, down))
    said = [_matched(way)]
    if down is None:
        said.append(_one_way(way))
    return migration, tuple(said)


def _how(said: str | Expression) -> FunctionName | ByExpression:
    if isinstance(said, Expression):
        return ByExpression(said.text, ("Value",) if said.value else ())
    return FunctionName(said, 1)


def _matched(way: ByHand) -> Diagnostic:
    how = _how(way.decision.up)
    said = str(how) if isinstance(how, FunctionName) else how.text
    if isinstance(way.old.state, AnyState):
        what = f"all that is not {shown(way.new.state)}, nor of another old version"
        why = f"{way.old.module.name} {term_text(way.old.module.vsn)} does not say what it keeps"
        line = "-state_record(NAME).   % or -state_type(NAME). in the old version: then only that is taken"
        lines: tuple[str, ...] = (line,)
    else:
        what, why, lines = shown(way.old.state), "", ()
    return Diagnostic(
        CATALOGUE["M506"],
        f"coming from {term_text(way.old.module.vsn)}, {what} is converted as a whole by {said}",
        why,
        way.new.module.file,
        lines,
        module=way.new.module.name,
    )


def _one_way(way: ByHand) -> Diagnostic:
    return Diagnostic(
        CATALOGUE["M406"],
        f"no decision says how {shown(way.new.state)} becomes the state of {term_text(way.old.module.vsn)} again",
        "a downgrade to it is refused: {error, {state_migration, {no_downgrade, Vsn}}}",
        way.new.module.file,
        (f"{{state, {_said(way.decision.up)}, DOWN_FUNCTION}}",),
        module=way.new.module.name,
    )


def _said(how: str | Expression) -> str:
    return atom_text(how) if isinstance(how, str) else how.text
