"""What the node must know to try terms on a converter: how it is called, its versions, and states that are shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from migrator.naming import own_name
from migrator.states import StateRecord
from migrator.terms import Atom, Map

if TYPE_CHECKING:
    from collections.abc import Sequence

    from migrator.plan import Plan
    from migrator.recordplan import Shape
    from migrator.terms import Term
    from tests.support.samples import Expected, Sample


def subject_of(sample: Sample, expected: Expected, plan: Plan) -> Term:
    """What the Erlang side must know of a sample: how its function is called, the versions, and the states shown."""
    olds = [(each.version, each.before) for each in expected.up] + [
        (each.version, each.after) for each in expected.down
    ]
    news: list[Term] = [each.after for each in expected.up] + [each.before for each in expected.down]
    return _subject(plan, sample.name, sample.olds, olds, news)


def subject_of_plan(plan: Plan) -> Term:
    """The same of any module: its states are made of the plan's records, each field a term that tells its name."""
    names = [f"v{number}" for number, _ in enumerate(plan.migrations)]
    olds = [
        (name, _built(shape, each.fields))
        for name, each in zip(names, plan.migrations, strict=True)
        if (shape := each.shape) is not None
    ]
    news = [_built(plan.shape, plan.state.fields)] if plan.shape and isinstance(plan.state, StateRecord) else []
    inside: list[Term] = []
    for migration in plan.migrations:
        for record in migration.nested:
            inside += [_built(record.shape, record.fields), _built(record.new_shape, record.new_fields)]
    held = [_holding(state, inside) for _, state in olds]
    return _subject(plan, "none", names, [*olds, *zip(names, held, strict=False)], news, inside)


def _built(shape: Shape, fields: Sequence[str]) -> tuple[Term, ...]:
    values = fields or [f"field{number}" for number in range(1, shape.size)]
    return (Atom(shape.tag), *((Atom("in"), Atom(each)) for each in values))


def _holding(state: Term, inside: list[Term]) -> Term:
    """The state with lists of what may lie inside in the place of its fields."""
    return (state[0], *(inside for _ in state[1:])) if inside and isinstance(state, tuple) else state


def _subject(  # noqa: PLR0913, PLR0917 - all that the node must know
    plan: Plan,
    name: str,
    versions: Sequence[str],
    olds: Sequence[tuple[str, Term]],
    news: Sequence[Term],
    inside: Sequence[Term] = (),
) -> Term:
    callback = plan.callback
    others = {position for position, _ in callback.others}
    shown: list[tuple[str, Term]] = [*olds, *(("new", state) for state in news)]
    parts: list[Term] = [*(state for _, state in shown), *inside]
    for _, state in shown:
        parts += [field for field in state if field != []] if isinstance(state, tuple) else []
    vsns: list[Term] = [(Atom(version), one.vsn) for version, one in zip(versions, plan.migrations, strict=True)]
    shapes: list[Term] = []
    for version, state in shown:
        records = [each for each in _tuples(state) if isinstance(each[0], Atom)]
        shapes += [(Atom(version), (each[0], len(each))) for each in records]
    named: list[Term] = [*([2] if 2 in others and len(callback.reply) > 1 else []), callback.state]
    pairs: dict[str, Term] = {
        "sample": Atom(name),
        "module": Atom(plan.module),
        "function": Atom(callback.function.name),
        "arity": callback.arity,
        "state": callback.state,
        "vsn": callback.vsn,
        "extra": callback.extra,
        "own": Atom("none") if plan.own is None else (Atom(own_name(plan)), callback.arity),
        "named": named,
        "thrown": Atom("true" if callback.takes_thrown else "false"),
        "vsns": vsns,
        "new_vsn": plan.vsn,
        "olds": [state for _, state in olds],
        "news": list(news),
        "parts": parts,
        "shapes": shapes,
    }
    return Map(tuple((Atom(key), value) for key, value in pairs.items()))


def _tuples(state: Term) -> list[tuple[Term, ...]]:
    """The tuple that a state is; of a wrapped one or of a map those that it holds."""
    if isinstance(state, tuple):
        return (
            [state, *(each for each in state if isinstance(each, tuple) and each)]
            if not isinstance(state[0], Atom)
            else [state]
        )
    if isinstance(state, Map):
        return [each for _, each in state.pairs if isinstance(each, tuple) and each]
    return []
