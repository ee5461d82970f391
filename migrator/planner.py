"""Plans a migration: from the facts of several old versions and a new one to every field's source and fate."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias

from migrator.callbacks import callback_of
from migrator.decisions import Downgrade, WholeState, for_version, read_decisions, whole_state
from migrator.diagnostics import CATALOGUE, Diagnostic, Refused
from migrator.fields import plan_fields
from migrator.fitting import Names, not_too_many, unfit
from migrator.kept import kept_by_new, kept_by_old
from migrator.migrated import chosen_mode, from_term
from migrator.moving import carried_names
from migrator.nesting import Versions, pairs_of
from migrator.others import out_of_sight
from migrator.own import conflict, downgrade_mode, guessed_callback, own_function
from migrator.plan import Migration, Plan, identity
from migrator.request import Choice, Request
from migrator.ruled import heads, new_choice, old_choice
from migrator.ruleset import Ruled
from migrator.stale import stale
from migrator.states import AnyState, StateRecord, shown
from migrator.structure import (
    Along,
    ByHand,
    along_types,
    by_hand,
    changed_structure,
    contradicted,
    of_main,
    plan_along,
    plan_by_hand,
)
from migrator.terms import term_text
from migrator.versions import for_others, indistinct, merge, version_key
from migrator.walkterms import NotOurs
from migrator.wholes import HandPlan

if TYPE_CHECKING:
    from collections.abc import Sequence

    from migrator.callbacks import Callback
    from migrator.decisions import Mode, Written
    from migrator.kept import Kept
    from migrator.modules import Module
    from migrator.pairs import Pair
    from migrator.states import State, StateType


NO_RULES = Ruled()


def plan(olds: Sequence[Module], new: Module, request: Request, ruled: Ruled = NO_RULES) -> Plan:
    """The plan that carries the states of the old versions, and of those that `new` carries already, to `new`.

    Raises:
        Refused: the inputs do not allow a plan (other modules, no such record, decisions that fit nothing …).
    """
    for old in olds:
        _same_module(old, new)
        _not_swapped(old, new)
    kept = kept_by_new(new, new_choice(ruled, new, request.choice))
    request = replace(request, heads=heads(ruled, new.name, kept.record.name if kept.record else None))
    carried = carried_by(new, kept.state)
    decisions = (*_decisions(new), *ruled.decisions)
    not_too_many(decisions, new)
    ways = [_way(old, kept, decisions, request, old_choice(ruled, old, request.choice)) for old in olds]
    _all_fit(decisions, ways, carried, kept)
    return _plan(ways, carried, kept, decisions, request)


@dataclass(frozen=True, slots=True)
class Bare:
    """Two versions that keep a bare record: the pair of these, then those of the records inside."""

    pairs: tuple[Pair, ...]


Way: TypeAlias = Bare | Along | ByHand


def _way(old: Module, new: Kept, decisions: Sequence[Written], request: Request, choice: Choice | None) -> Way:
    """What is between one old version and the new one."""
    held = for_version(decisions, old.vsn)
    hand = whole_state(held)
    kept = kept_by_old(old, choice, new, hand)
    if hand is not None:
        return by_hand(kept, new, hand, held)
    if kept.record is not None and new.record is not None:
        return Bare(pairs_of(Versions(old, kept.record, new.module, new.record), held, request))
    if isinstance(new.state, StateRecord):
        raise Refused(changed_structure(kept, new, request))
    return along_types(kept, new, held, request)


def _plan(
    ways: Sequence[Way],
    carried: Sequence[Migration],
    kept: Kept,
    decisions: Sequence[Written],
    request: Request,
) -> Plan:
    new = kept.module
    callback = callback_of(new)
    if callback.function in new.imports and callback.function not in new.functions:
        raise Refused(_imported(new, callback))
    planned = [_migration(way) for way in ways]
    draft = Plan(
        module=new.name,
        path=new.path,
        file=new.file,
        vsn=new.vsn,
        state=_new_state(kept),
        callback=callback,
        own=own_function(new, callback),
        mode="convert_first",
        mode_reason="",
        migrations=(),
        diagnostics=(),
        names=new.variables,
        hidden=new.functions | new.imports,
    )
    settled = [_settle(draft, migration, new, request) for migration, _ in planned]
    merged = merge(carried, [migration for migration, _ in settled])
    mode, reason = _mode(new, callback, merged, draft, decisions)
    chosen = _chosen(new, decisions)
    if chosen is not None and chosen != mode:
        mode, reason = chosen, "a decision in a file said so when it was injected"
    draft = replace(draft, migrations=merged, mode=mode, mode_reason=reason, chosen=chosen)
    diagnostics = [each for _, found in planned for each in found]
    diagnostics += [each for _, found in settled for each in found]
    diagnostics += (*indistinct(draft), *for_others(draft, decisions))
    if any(not identity(draft, each) for each in merged):
        diagnostics += guessed_callback(new, callback)
    diagnostics += stale(new, draft)
    if draft.own is not None and any(not identity(draft, each) for each in merged):
        diagnostics.append(_mode_shown(draft, request))
    return replace(draft, diagnostics=tuple(dict.fromkeys(diagnostics)))


def _imported(new: Module, callback: Callback) -> Diagnostic:
    name = callback.function.name
    arguments = ", ".join(f"A{number}" for number in range(1, callback.arity + 1))
    return Diagnostic(
        CATALOGUE["M124"],
        f"{new.name} imports {callback.function}: an imported function cannot be wrapped",
        "OTP does not call an imported function, and none of that name can be made beside it",
        new.file,
        (f"{name}({arguments}) -> MODULE:{name}({arguments}).   % in the place of the -import",),
        module=new.name,
    )


def _new_state(kept: Kept) -> StateRecord | StateType:
    assert not isinstance(kept.state, AnyState)  # noqa: S101 - only of an old version nothing need be known
    return kept.state


def _migration(way: Way) -> tuple[Migration, tuple[Diagnostic, ...]]:
    """The migration from one old version: its state first, then the records inside."""
    match way:
        case Along():
            return plan_along(way)
        case ByHand():
            return plan_by_hand(way)
    plans = [plan_fields(pair) for pair in way.pairs]
    migration = Migration(way.pairs[0].old_module.vsn, plans[0][0], tuple(plan for plan, _ in plans[1:]))
    return migration, tuple(each for _, found in plans for each in found)


def plan_again(planned: Plan, new: Module) -> Plan:
    """The plan for a beam into which `planned` was injected, from what stands in the beam alone.

    Raises:
        Refused: it carries nothing that can be read.
    """
    kept = kept_by_new(new, Choice(planned.state.name) if isinstance(planned.state, StateRecord) else None)
    carried = carried_by(new, kept.state)
    return _plan([], carried, kept, _decisions(new), Request())


def carried_by(module: Module, state: State) -> tuple[Migration, ...]:
    """The migrations that a beam carries already.

    Raises:
        Refused: its `-state_migrated` is not ours, or of another state (M117).
    """
    found: list[Migration] = []
    for attribute in module.attribute("state_migrated"):
        try:
            name, migrations = from_term(attribute.value)
        except NotOurs:
            name, migrations = "", ()
        if name != shown(state):
            raise Refused(
                Diagnostic(
                    CATALOGUE["M117"],
                    f"{module.name} carries a -state_migrated that this version cannot read"
                    if not name
                    else f"{module.name} carries a migration of {name}, not of {shown(state)}",
                    "what was generated before would be lost or done twice",
                    module.path,
                    (f"migrator eject {module.path}",),
                    module=module.name,
                )
            )
        found.extend(migrations)
    return tuple(found)


def _same_module(old: Module, new: Module) -> None:
    if old.name != new.name:
        raise Refused(
            Diagnostic(
                CATALOGUE["M105"],
                f"{old.path} is {old.name}, {new.path} is {new.name}: they are not two versions of one module",
                "no process is upgraded from the one to the other",
                old.path,
                ("give the same module's beam of both releases",),
                module=new.name,
            )
        )


def _not_swapped(old: Module, new: Module) -> None:
    before, after = version_key(old.vsn), version_key(new.vsn)
    alike = isinstance(old.vsn, int) == isinstance(new.vsn, int)
    if before is not None and after is not None and alike and before > after:
        raise Refused(
            Diagnostic(
                CATALOGUE["M106"],
                f"the old {new.name} is {term_text(old.vsn)}, the new one {term_text(new.vsn)}: they seem swapped",
                "the migration would lead the wrong way; for a downgrade the newer beam carries both ways",
                old.path,
                (f"migrator preview {new.path} {old.path}",),
                module=new.name,
            )
        )


def _decisions(new: Module) -> tuple[Written, ...]:
    written, unreadable = read_decisions(new.attribute("state_migration"))
    if unreadable:
        raise Refused(
            *(
                Diagnostic(
                    CATALOGUE["M114"],
                    f"{each.text} is no decision: {each.reason}",
                    "a decision that is not applied would leave a field to chance, so nothing is generated",
                    f"{each.file}:{each.line}",
                    (
                        "{rename, OLD, NEW}",
                        "{drop, FIELD}",
                        "{drop, FIELD, VALUE}",
                        "{default, FIELD}",
                        "{copy, FIELD}",
                        "{move, OLD, [FIELD, FIELD]}",
                        "{deep, FIELD}",
                    ),
                    module=new.name,
                )
                for each in unreadable
            )
        )
    return written


def _all_fit(decisions: Sequence[Written], ways: Sequence[Way], carried: Sequence[Migration], kept: Kept) -> None:
    new, state = kept.module, kept.state
    known = [each for way in ways for each in _known(way)]
    for migration in carried:
        held = of_main(for_version(decisions, migration.vsn), state)
        if isinstance(migration.state, HandPlan):
            held = tuple(each for each in held if isinstance(each.decision, WholeState | Downgrade))
        if kept.record is None or isinstance(migration.state, HandPlan):
            records = frozenset((each.record, each.new) for each in migration.nested)
            known += [(Names((), (), {}, records), held), *carried_names(migration, (), held)[1:]]
        else:
            known += carried_names(migration, kept.record.names, held)
    misfits = unfit(decisions, known, new)
    elsewhere = [each for _, held in known for each in held]
    misfits += [
        each for way in ways if isinstance(way, ByHand) for each in contradicted(way, decisions, elsewhere, new)
    ]
    if misfits:
        # A record of a module that is not at hand is one that no type leads to.
        unseen = (each for way in ways if isinstance(way, Bare) for each in out_of_sight(way.pairs[0]))
        raise Refused(*misfits, *unseen)


def _known(way: Way) -> list[tuple[Names, Sequence[Written]]]:
    """The names that decisions may speak of, with the decisions that hold there."""
    if isinstance(way, Bare):
        return [(pair.names, pair.decisions) for each in way.pairs for pair in each.with_built]
    found: list[tuple[Names, Sequence[Written]]] = [(way.names, way.decisions)]
    pairs = (*way.pairs, *way.kept_as_is) if isinstance(way, Along) else ()
    return found + [(pair.names, pair.decisions) for pair in pairs]


def _settle(
    draft: Plan, migration: Migration, new: Module, request: Request
) -> tuple[Migration, tuple[Diagnostic, ...]]:
    """Who converts on the way up, where the module's own function has a clause for the old shape too."""
    if identity(draft, migration):
        return migration, ()
    clash = conflict(new, draft.callback, migration)
    if clash is None:
        return migration, ()
    if request.prefer is None:
        return migration, (clash,)
    return replace(migration, upgrade=request.prefer), ()


def _mode(
    new: Module,
    callback: Callback,
    migrations: Sequence[Migration],
    draft: Plan,
    decisions: Sequence[Written],
) -> tuple[Mode, str]:
    for written in decisions:
        if isinstance(written.decision, Downgrade):
            return written.decision.mode, f"the decision {written.text} says so"
    return downgrade_mode(new, callback, draft.state, [migration.kept for migration in migrations])


def _chosen(new: Module, decisions: Sequence[Written]) -> Mode | None:
    """The mode that a file chose, now or for what the beam carries; an attribute's stands in the beam anyway."""
    for written in decisions:
        if isinstance(written.decision, Downgrade):
            return None if written.column is None else written.decision.mode
    return next((mode for each in new.attribute("state_migrated") if (mode := chosen_mode(each.value))), None)


def _mode_shown(draft: Plan, request: Request) -> Diagnostic:
    first = "the conversion" if draft.mode == "convert_first" else "the module's own function"
    other = "own_first" if draft.mode == "convert_first" else "convert_first"
    said = f"{request.heads[0]}downgrade {other}."
    return Diagnostic(
        CATALOGUE["M501"],
        f"on a downgrade {first} runs first: {draft.mode_reason}",
        place=draft.file,
        help=(f"-state_migration([{{downgrade, {other}}}])." if request.rules is None else said,),
        module=draft.module,
    )
