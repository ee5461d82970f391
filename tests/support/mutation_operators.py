"""Wrong migrations on purpose: each operator makes one kind of mistake at every place where it can be made."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

from migrator import forms as f
from migrator.naming import down_name, extra_name, own_name, result_name
from migrator.render.erlang import render_erlang
from tests.support.mutation_clauses import CLAUSE_OPERATORS
from tests.support.mutation_sites import parts, sites
from tests.support.mutation_texts import TEXT_OPERATORS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from migrator.edits import Edits
    from migrator.forms import Expression
    from migrator.plan import Plan
    from tests.support.mutation_sites import Made, Site


@dataclass(frozen=True)
class Mutant:
    """A wrong migration: what kind of mistake, where and which, and the edits that have it."""

    operator: str
    where: str
    edits: Edits


WRONG = f.Text("'not this'")


def mutants(plan: Plan, edits: Edits) -> Iterator[Mutant]:
    """All mutants of one module's migration, in an order that is always the same; each differs from the original."""
    for name, operator in OPERATORS.items():
        for where, mutated in operator(plan, edits):
            if mutated.functions != edits.functions:
                yield Mutant(name, where, mutated)


def _told(site: Site, what: str) -> str:
    return f"{site.of.where}: {what}"


def _text(expression: Expression) -> str:
    """An expression as source."""
    rendered = render_erlang([f.Function("x", (f.Clause((), (), (expression,)),))])
    return rendered.partition("->\n")[2].strip().removesuffix(".").strip()


def _constructions(edits: Edits) -> Iterator[tuple[Site, tuple[Expression | None, ...]]]:
    """The records and tuples that are built, with their values: of a default None."""
    for site in sites(edits):
        if site.place == "body":
            match site.expression:
                case f.RecordExpression(_, fields):
                    yield site, tuple(each.value for each in fields)
                case f.Tuple((f.Text(tag), *values)) if tag not in {"ok", "error"}:
                    yield site, tuple(values)
                case f.Tuple((f.Variable() | f.Application(), *_) as values):
                    yield site, tuple(values)


def _with_values(site: Site, values: tuple[Expression | None, ...]) -> Edits:
    match site.expression:
        case f.RecordExpression(name, fields):
            changed = tuple(replace(each, value=value, note="") for each, value in zip(fields, values, strict=True))
            return site.put(f.RecordExpression(name, changed))
        case f.Tuple((f.Text() as tag, *_)):
            return site.put(f.Tuple((tag, *(value for value in values if value is not None))))
    return site.put(f.Tuple(tuple(value for value in values if value is not None)))


def _set(values: tuple[Expression | None, ...], index: int, new: Expression) -> tuple[Expression | None, ...]:
    return (*values[:index], new, *values[index + 1 :])


def swapped(_: Plan, edits: Edits) -> Made:
    """Two fields that lie side by side get each other's value."""
    for site, values in _constructions(edits):
        kept = [index for index, value in enumerate(values) if value is not None]
        for one, other in pairwise(kept):
            new = _set(_set(values, one, values[other] or WRONG), other, values[one] or WRONG)
            yield _told(site, f"values {one + 1} and {other + 1} swapped"), _with_values(site, new)


def dropped(_: Plan, edits: Edits) -> Made:
    """A field is undefined in the place of its value."""
    for site, values in _constructions(edits):
        for index, value in enumerate(values):
            if value is not None and not isinstance(value, f.Text):
                new = _set(values, index, f.Text("undefined"))
                yield _told(site, f"value {index + 1} undefined"), _with_values(site, new)


def wrong_default(_: Plan, edits: Edits) -> Made:
    """A field gets another value than the record's default, or than the constant that the plan names."""
    for site, values in _constructions(edits):
        for index, value in enumerate(values):
            if value is None or isinstance(value, f.Text):
                yield _told(site, f"default {index + 1}"), _with_values(site, _set(values, index, WRONG))


def shifted(_: Plan, edits: Edits) -> Made:
    """Every value stands one field further, the last one first."""
    for site, values in _constructions(edits):
        kept = [index for index, value in enumerate(values) if value is not None]
        if len(kept) > 1:
            new = values
            for index, before in zip(kept, [kept[-1], *kept[:-1]], strict=True):
                new = _set(new, index, values[before] or WRONG)
            yield _told(site, "values shifted by one"), _with_values(site, new)
    for site in sites(edits):
        match site.place, site.expression:
            case "argument", f.Tuple((f.Text() as tag, *variables)) if len(variables) > 1:
                yield _told(site, "elements read one too far"), site.put(f.Tuple((tag, variables[-1], *variables[:-1])))


def wrong_tag(_: Plan, edits: Edits) -> Made:
    """The tuple that comes out has another tag."""
    for site, _values in _constructions(edits):
        match site.expression:
            case f.Tuple((f.Text(), *values)):
                yield _told(site, "tag"), site.put(f.Tuple((f.Text("wrong_tag"), *values)))
            case f.RecordExpression():
                yield _told(site, "tag"), site.put(f.Text(f"setelement(1, {_text(site.expression)}, wrong_tag)"))


def wrong_size(_: Plan, edits: Edits) -> Made:
    """The tuple that comes out has one element too many, or one too few."""
    for site, _values in _constructions(edits):
        match site.expression:
            case f.Tuple((f.Text() as tag, *values)) if values:
                yield _told(site, "one too few"), site.put(f.Tuple((tag, *values[:-1])))
                yield _told(site, "one too many"), site.put(f.Tuple((tag, *values, WRONG)))
            case f.RecordExpression():
                whole = _text(site.expression)
                yield _told(site, "one too many"), site.put(f.Text(f"erlang:append_element({whole}, more)"))


def _ours(plan: Plan, edits: Edits) -> frozenset[str]:
    """Our functions that convert something inside, or give a value."""
    outer = {plan.callback.function.name, own_name(plan), down_name(plan), result_name(plan), extra_name(plan)}
    return frozenset(each.name for each in edits.functions) - outer


def _applications(plan: Plan, edits: Edits) -> Iterator[tuple[Site, f.Application, str]]:
    """The calls of functions that convert: `ours` for walks and records inside, `decided` for what a person wrote."""
    ours = _ours(plan, edits)
    outer = {own_name(plan), down_name(plan), result_name(plan), extra_name(plan)}
    for site in sites(edits):
        if site.place == "body" and isinstance(site.expression, f.Application):
            name = site.expression.function
            if name not in outer:
                kind = "ours" if name in ours and not name.startswith("value ") else "decided"
                yield site, site.expression, kind


def shallow(plan: Plan, edits: Edits) -> Made:
    """What lies inside is not converted: a walk is left out."""
    for site, call, kind in _applications(plan, edits):
        if kind == "ours" and call.arguments:
            yield _told(site, f"{call.function} left out"), site.put(call.arguments[0])


def convert_left_out(plan: Plan, edits: Edits) -> Made:
    """A function or an expression of a decision is not called: the old value goes on, or undefined."""
    for site, call, kind in _applications(plan, edits):
        if kind == "decided":
            kept = call.arguments[0] if call.arguments else f.Text("undefined")
            yield _told(site, f"{call.function} left out"), site.put(kept)


def converted_twice(plan: Plan, edits: Edits) -> Made:
    """What was converted is converted once more."""
    for site, call, _ in _applications(plan, edits):
        if call.arguments:
            twice = f.Application(call.function, (call, *call.arguments[1:]))
            yield _told(site, f"{call.function} twice"), site.put(twice)


def lost_extra(plan: Plan, edits: Edits) -> Made:
    """The old state does not reach Extra, or what was in it is lost."""
    for site in sites(edits):
        match site.expression:
            case f.Application(name, (extra, _)) if name == extra_name(plan):
                yield _told(site, "Extra as it came"), site.put(extra)
                yield _told(site, "Extra empty"), site.put(f.Text("[]"))
            case f.Text("Extra ++ [{old_state, Old}]" | "[Extra, {old_state, Old}]"):
                yield _told(site, "old state alone"), site.put(f.Text("[{old_state, Old}]"))
                yield _told(site, "Extra alone"), site.put(f.Text("(fun(_) -> Extra end)(Old)"))


def wrong_extra(plan: Plan, edits: Edits) -> Made:
    """Extra has the new state in the place of the old one, or has it in the wrong form."""
    for site in sites(edits):
        match site.expression:
            case f.Application(name, (extra, f.Variable(old))) if name == extra_name(plan):
                bound = [each.pattern for each in site.of.clause.body if isinstance(each, f.Match)]
                for pattern in bound:
                    yield _told(site, f"{_text(pattern)} for {old}"), site.put(f.Application(name, (extra, pattern)))
            case f.Text("Extra ++ [{old_state, Old}]"):
                yield _told(site, "before the others"), site.put(f.Text("[{old_state, Old} | Extra]"))
                yield _told(site, "without its key"), site.put(f.Text("Extra ++ [Old]"))
            case f.Text("[Extra, {old_state, Old}]"):
                yield _told(site, "improper"), site.put(f.Text("[{old_state, Old} | Extra]"))


def not_converted(_: Plan, edits: Edits) -> Made:
    """The state goes on as it came: its clause takes it and converts nothing."""
    for site, _values in _constructions(edits):
        clause = site.of.clause
        for index, argument in enumerate(clause.arguments):
            tagged = argument.pattern if isinstance(argument, f.Match) else argument
            match tagged:
                case f.Tuple((f.Text(tag), *_)) if tag not in {"down", "ok"}:
                    whole = f.Variable("Unconverted")
                    arguments = (*clause.arguments[:index], f.Match(argument, whole), *clause.arguments[index + 1 :])
                    changed = replace(clause, arguments=arguments)
                    body = _replaced(clause.body, site.expression, whole)
                    yield _told(site, "as it came"), site.of.put((replace(changed, body=body),))


def _replaced(body: tuple[Expression, ...], old: Expression, new: Expression) -> tuple[Expression, ...]:
    """The body with that very expression replaced, wherever it lies."""

    def within(each: Expression) -> Expression:
        if each is old:
            return new
        for child, rebuilt in parts(each):
            changed = within(child)
            if changed is not child:
                return rebuilt(changed)
        return each

    return tuple(map(within, body))


def wrong_answer(_: Plan, edits: Edits) -> Made:
    """The answer is not the tuple that the behaviour takes."""
    for site in sites(edits):
        match site.place, site.expression:
            case "body", f.Tuple((f.Text("ok"), *values)):
                yield _told(site, "without ok"), site.put(values[-1])
                yield _told(site, "error for ok"), site.put(f.Tuple((f.Text("error"), *values)))
                if len(values) > 1:
                    yield _told(site, "another state name"), site.put(f.Tuple((f.Text("ok"), WRONG, *values[1:])))


def own_called_wrongly(plan: Plan, edits: Edits) -> Made:
    """The module's own function is left out, called twice, or gets another OldVsn or state name."""
    places = {plan.callback.vsn: "OldVsn", **dict(plan.callback.others)}
    for site in sites(edits):
        match site.place, site.expression:
            case "body", f.Application(name, arguments) if name == own_name(plan):
                answer: list[Expression] = [f.Text("ok")]
                named = {position for position, _ in plan.callback.others} if len(plan.callback.reply) > 1 else set()
                answer += [arguments[each - 1] for each in (*sorted(named), plan.callback.state)]
                yield _told(site, "own function left out"), site.put(f.Tuple(tuple(answer)))
                twice = f.Text(f"element(2, {{{_text(site.expression)}, {_text(site.expression)}}})")
                yield _told(site, "own function called twice"), site.put(twice)
                for position, what in places.items():
                    other = (*arguments[: position - 1], WRONG, *arguments[position:])
                    yield _told(site, f"another {what}"), site.put(f.Application(name, other))


def result_wrongly_taken(plan: Plan, edits: Edits) -> Made:
    """On a downgrade what the own function answered, or threw, is not converted."""
    for site in sites(edits):
        match site.expression:
            case f.TryThrown(call, _, then):
                plain = f.Application(then.function, (then.arguments[0], call))
                yield _told(site, "thrown is not caught"), site.put(plain)
                yield _told(site, "not converted"), site.put(call)
                caught = f.Text(f"try {_text(plain)} catch throw:Thrown -> Thrown end")
                yield _told(site, "thrown is not converted"), site.put(caught)
            case f.Application(name, (_, result)) if name == result_name(plan) and site.place == "body":
                yield _told(site, "not converted"), site.put(result)


OPERATORS: dict[str, Callable[[Plan, Edits], Iterator[tuple[str, Edits]]]] = {
    "two fields swapped": swapped,
    "a field dropped": dropped,
    "a wrong default": wrong_default,
    "off by one": shifted,
    "a wrong tag": wrong_tag,
    "a wrong size": wrong_size,
    "shallow": shallow,
    "a convert left out": convert_left_out,
    "converted twice": converted_twice,
    "not converted": not_converted,
    "Extra lost": lost_extra,
    "Extra wrong": wrong_extra,
    "a wrong answer": wrong_answer,
    "the own function called wrongly": own_called_wrongly,
    "its result taken wrongly": result_wrongly_taken,
    **CLAUSE_OPERATORS,
    **TEXT_OPERATORS,
}
