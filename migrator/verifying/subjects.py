"""Verbs: what the helper needs to try the way between one old version and the new one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from migrator.foreign import joined
from migrator.migrated import to_term
from migrator.naming import own_name
from migrator.synthesise import synthesise
from migrator.terms import Atom, Map, term_text
from migrator.verifying.beyond import NOTHING
from migrator.verifying.grammar import Grammar, grammar_of
from migrator.verifying.reading import read_on_the_way_down, read_on_the_way_up

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from migrator.callbacks import Callback
    from migrator.modules import Module
    from migrator.plan import Migration, Plan
    from migrator.terms import Term
    from migrator.verifying.beyond import Beyond

_NONE = Atom("none")


@dataclass(frozen=True, slots=True)
class Subject:
    """The way from one old version, with the grammars of its states and the new version's.

    `old` and `new` are the modules with what their types lead to in others brought in. `request` is what the helper
    takes for it.
    """

    migration: Migration
    old: Module
    new: Module
    old_states: Grammar
    new_states: Grammar
    request: Term


def subject_of(
    plan: Plan, old: Module, new: Module, look: Callable[[Sequence[Module]], Beyond] | None = None
) -> Subject:
    """What the helper needs for the way from that old version.

    Args:
        plan: the plan, from several old versions perhaps.
        old: one of them.
        new: the new version.
        look: finds what types of modules mean that are not at hand.
    """
    number = next(n for n, each in enumerate(plan.migrations) if term_text(each.vsn) == term_text(old.vsn))
    migration = plan.migrations[number]
    before, after = joined(old, new)
    beyond = NOTHING if look is None else look((before, after))
    olds, news = [each.record for each in migration.nested], [each.new for each in migration.nested]
    old_states = grammar_of(before, migration.kept, read_on_the_way_up(migration), olds, beyond)
    new_states = grammar_of(after, plan.state, read_on_the_way_down(plan, migration), news, beyond)
    return Subject(
        migration,
        before,
        after,
        old_states,
        new_states,
        _request(plan, number, (old_states, new_states), after),
    )


def callback_term(callback: Callback) -> Term:
    """The function that converts states, what stands where in its arguments, and how it answers."""
    places = {"State": callback.state} | {name: position for position, name in callback.others}
    return (
        Atom(callback.function.name),
        callback.arity,
        callback.state,
        callback.vsn,
        callback.extra,
        [places[part] for part in callback.reply],
        Atom("thrown" if callback.takes_thrown else "returned"),
    )


def own_term(plan: Plan) -> Term:
    """The module's own conversion function as it is called once it is wrapped."""
    return Atom("none") if plan.own is None else (Atom(own_name(plan)), plan.callback.arity)


def _request(plan: Plan, number: int, states: tuple[Grammar, Grammar], new: Module) -> Term:
    own = plan.own
    exempt = (own.exempt_up, own.exempt_down) if own else ((), ())
    inside = (own.inside_up, own.inside_down) if own else ((), ())
    fields = (own.fields_up, own.fields_down) if own else ((), ())
    return Map(
        (
            (Atom("plan"), to_term(plan.state, synthesise(plan).traces, plan.migrations, plan.chosen)),
            (Atom("from"), number),
            (Atom("new_vsn"), plan.vsn),
            (Atom("mode"), Atom(plan.mode)),
            (Atom("old"), states[0].term),
            (Atom("new"), states[1].term),
            (Atom("exempt"), tuple(map(_shapes, exempt))),
            (Atom("inside"), tuple(map(_shapes, inside))),
            (Atom("fields"), tuple(map(_named, fields))),
            (Atom("defaults"), _defaults(new)),
            (Atom("lossless"), _lossless(plan.migrations[number])),
        )
    )


def _shapes(shapes: Iterable[tuple[str | None, int]]) -> Term:
    return [(Atom("any") if tag is None else (Atom("tag"), Atom(tag)), size) for tag, size in shapes]


def _named(fields: Iterable[tuple[str, tuple[str, ...]]]) -> Term:
    return [(Atom(name), [Atom(each) for each in named]) for name, named in fields]


def _defaults(new: Module) -> Term:
    """What the new records declare, as it can be evaluated in the new module."""
    return [
        (Atom(record.name), Atom(field.name), field.default.expanded.encode())
        for record in new.records
        for field in record.fields
        if field.default is not None
    ]


def _lossless(migration: Migration) -> Term:
    """The fields that come back as they were, what lies in nested records apart."""
    return [(Atom(each.record), Atom(field)) for each in migration.records for field in each.given_back]
