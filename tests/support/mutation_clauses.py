"""Mistakes in which clause takes which state: their order, their guards, what is refused and what passes."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import combinations
from typing import TYPE_CHECKING

from migrator import forms as f
from migrator.naming import down_name, extra_name, result_name
from migrator.terms import atom_text
from tests.support.mutation_sites import clause_sites, with_functions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from migrator.edits import Edits
    from migrator.plan import Plan
    from tests.support.mutation_sites import ClauseSite, Made


REFUSAL = "{error, {state_migration, "


def _refuses(site: ClauseSite) -> bool:
    match site.clause.body:
        case (f.Text(text),):
            return text.startswith(REFUSAL)
    return False


def _outer(plan: Plan, site: ClauseSite) -> bool:
    """Whether the clause is one of those that get the callback's arguments."""
    return site.function.name in {plan.callback.function.name, down_name(plan), result_name(plan)}


def wrong_order(_: Plan, edits: Edits) -> Made:
    """A clause stands before the one that it stood behind."""
    for at, function in enumerate(edits.functions):
        for number in range(1, len(function.clauses)):
            one, other = function.clauses[number - 1 : number + 1]
            clauses = (*function.clauses[: number - 1], other, one, *function.clauses[number + 1 :])
            changed = with_functions(edits, at, replace(function, clauses=clauses))
            yield f"{function.name}, clauses {number} and {number + 1} exchanged", changed
        if len(function.clauses) > 2:
            clauses = (function.clauses[-1], *function.clauses[:-1])
            yield f"{function.name}, last clause first", with_functions(edits, at, replace(function, clauses=clauses))


def clause_missing(_: Plan, edits: Edits) -> Made:
    """A clause is not there."""
    for site in clause_sites(edits):
        if len(site.function.clauses) > 1:
            yield f"{site.where} missing", site.put(())


def accepted(plan: Plan, edits: Edits) -> Made:
    """A shape that must be refused passes on as it is."""
    for site in clause_sites(edits):
        if _outer(plan, site) and _refuses(site):
            last = site.function.clauses[-1]
            yield f"{site.where} passes it", site.put((replace(last, guards=site.clause.guards),))


def passed_refused(plan: Plan, edits: Edits) -> Made:
    """What must pass as it is gets refused: all of it, or what has the new shape already."""
    refusal = f.Text(REFUSAL + "{unknown_shape, state, 0}}}")
    for site in clause_sites(edits):
        if _outer(plan, site) and not _refuses(site):
            yield f"{site.where} refuses", site.put((replace(site.clause, body=(refusal,)),))
        if _outer(plan, site) and _refuses(site):
            for number, tests in enumerate(site.clause.guards):
                fewer = tuple(each for each in tests if "=/=" not in each)
                if fewer and fewer != tests:
                    guards = (*site.clause.guards[:number], fewer, *site.clause.guards[number + 1 :])
                    yield f"{site.where} refuses every size", site.put((replace(site.clause, guards=guards),))


def guard_missing(_: Plan, edits: Edits) -> Made:
    """One test of a guard is not made."""
    for site in clause_sites(edits):
        for number, tests in enumerate(site.clause.guards):
            for index, test in enumerate(tests):
                fewer = (*tests[:index], *tests[index + 1 :])
                kept = (fewer,) if fewer else ()
                guards = (*site.clause.guards[:number], *kept, *site.clause.guards[number + 1 :])
                # An alternative without a test holds always: then there is no guard.
                guards = guards if fewer else ()
                yield f"{site.where} without {test}", site.put((replace(site.clause, guards=guards),))


def wrong_guard(_: Plan, edits: Edits) -> Made:
    """A test asks for another size, for the opposite, or for another kind of term."""
    for site in clause_sites(edits):
        for number, tests in enumerate(site.clause.guards):
            for index, test in enumerate(tests):
                for other in _other_tests(test):
                    changed = (*tests[:index], other, *tests[index + 1 :])
                    guards = (*site.clause.guards[:number], changed, *site.clause.guards[number + 1 :])
                    yield f"{site.where}: {other} for {test}", site.put((replace(site.clause, guards=guards),))


def _other_tests(test: str) -> Iterator[str]:
    if match := re.search(r"(?:=[:/]=|>=) (\d+)$", test):
        yield f"{test[: match.start(1)]}{int(match[1]) + 1}"
    elif match := re.search(r", (\d+)\)$", test):
        yield f"{test[: match.start(1)]}{int(match[1]) + 1})"
    if "=:=" in test:
        yield test.replace("=:=", "=/=")
    elif "=/=" in test:
        yield test.replace("=/=", "=:=")
    elif test.startswith("is_"):
        yield f"not {test}"
    if test.startswith("length("):
        yield test.replace("length(", "is_list(").partition(" >=")[0]


def wrong_vsn(plan: Plan, edits: Edits) -> Made:
    """A clause asks for another version's vsn, or two versions are taken for each other."""
    for site in clause_sites(edits):
        if not _outer(plan, site):
            continue
        for index, argument in enumerate(site.clause.arguments):
            for asked in _other_vsns(argument):
                arguments = (*site.clause.arguments[:index], asked, *site.clause.arguments[index + 1 :])
                yield f"{site.where}: another vsn", site.put((replace(site.clause, arguments=arguments),))
    for at, function in enumerate(edits.functions):
        told = [number for number, each in enumerate(function.clauses) if _vsn_of(plan, each) is not None]
        for one, other in combinations(told, 2):
            first, second = function.clauses[one], function.clauses[other]
            if _vsn_of(plan, first) != _vsn_of(plan, second):
                clauses = list(function.clauses)
                clauses[one] = replace(first, arguments=_given_vsn(plan, first, second))
                clauses[other] = replace(second, arguments=_given_vsn(plan, second, first))
                changed = with_functions(edits, at, replace(function, clauses=tuple(clauses)))
                yield f"{function.name}, vsns of clauses {one + 1} and {other + 1} exchanged", changed


def _vsn_of(plan: Plan, clause: f.Clause) -> str | None:
    """The literal that a clause asks for as OldVsn, as text."""
    if len(clause.arguments) < plan.callback.arity:
        return None
    match clause.arguments[plan.callback.vsn - 1]:
        case f.Text(text) | f.Match(f.Text(text), _) | f.Tuple((f.Text("down"), f.Text(text))):
            return text
        case f.Match(f.Tuple((f.Text("down"), f.Text(text))), _):
            return text
    return None


def _given_vsn(plan: Plan, clause: f.Clause, other: f.Clause) -> tuple[f.Expression, ...]:
    at = plan.callback.vsn - 1
    mine, theirs = _vsn_of(plan, clause), _vsn_of(plan, other)

    def put(each: f.Expression) -> f.Expression:
        match each:
            case f.Text(text) if text == mine:
                return f.Text(theirs or "")
            case f.Match(pattern, value):
                return f.Match(put(pattern), value)
            case f.Tuple(elements):
                return f.Tuple(tuple(map(put, elements)))
        return each

    return (*clause.arguments[:at], put(clause.arguments[at]), *clause.arguments[at + 1 :])


def _other_vsns(argument: f.Expression) -> Iterator[f.Expression]:
    match argument:
        case f.Tuple((f.Text("down"), f.Text())):
            yield f.Tuple((f.Text("down"), f.Text("'another vsn'")))
        case f.Match(f.Tuple((f.Text("down"), f.Text())) as vsn, value):
            yield from (f.Match(each, value) for each in _other_vsns(vsn))
        case f.Text():
            yield f.Text("'another vsn'")
        case f.Match(f.Text(), value):
            yield f.Match(f.Text("'another vsn'"), value)


def wrong_refusal(plan: Plan, edits: Edits) -> Made:
    """What is refused is refused with another term."""
    for site in clause_sites(edits):
        if _outer(plan, site) and _refuses(site):
            (refusal,) = site.clause.body
            text = refusal.text if isinstance(refusal, f.Text) else ""
            for old, new in (
                ("unknown_shape", "unknown_state"),
                ("ambiguous_version", "ambiguous"),
                ("no_downgrade", "no_way"),
                ("state_migration", "migration"),
                ("tuple_size(", "1 + tuple_size("),
                ("element(1,", "element(tuple_size(State),"),
                ("[", "[none, "),
            ):
                if old in text:
                    changed = f.Text(text.replace(old, new, 1))
                    yield f"{site.where}: {new} for {old}", site.put((replace(site.clause, body=(changed,)),))


def taken_twice(plan: Plan, edits: Edits) -> Made:
    """A state that is new already is changed once more, up; one that is old already is, down."""
    for name, shape in ((plan.callback.function.name, plan.shape), (down_name(plan), plan.migrations[0].shape)):
        for at, function in enumerate(edits.functions):
            last = function.clauses[-1]
            bound = last.arguments[plan.callback.state - 1] if len(last.arguments) == plan.callback.arity else None
            if function.name != name or shape is None or shape.size == 1 or not isinstance(bound, f.Variable):
                continue
            spare = tuple(f.Variable(f"Spare{number}") for number in range(1, shape.size - 1))
            state = f.Tuple((f.Text(atom_text(shape.tag)), *spare, f.Variable("Spare")))
            arguments = list(last.arguments)
            arguments[plan.callback.state - 1] = f.Match(state, bound)
            given = f.Text(f"setelement({shape.size}, {bound.name}, {{again, Spare}})")
            body = tuple(_with_state(each, bound, given) for each in last.body)
            clause = f.Clause(tuple(arguments), (), body)
            front = 1 if function.name == plan.callback.function.name else 0
            clauses = (*function.clauses[:front], clause, *function.clauses[front:])
            yield f"{name} changes what is done", with_functions(edits, at, replace(function, clauses=clauses))


def _with_state(expression: f.Expression, state: f.Expression, given: f.Text) -> f.Expression:
    match expression:
        case f.Tuple(elements):
            return f.Tuple(tuple(_with_state(each, state, given) for each in elements))
        case f.Application(name, arguments):
            return f.Application(name, tuple(_with_state(each, state, given) for each in arguments))
        case f.TryThrown(call, _, _):
            changed = _with_state(call, state, given)
            return replace(expression, call=changed) if isinstance(changed, f.Application) else expression
    return given if expression == state else expression


def extra_wrongly_told(plan: Plan, edits: Edits) -> Made:
    """An Extra that is no proper list is taken for one, or a proper one for none."""
    for at, function in enumerate(edits.functions):
        if function.name == extra_name(plan):
            first, second = function.clauses
            for what, clauses in (
                ("every Extra is a list", (replace(first, guards=()),)),
                ("no Extra is a list", (second,)),
            ):
                yield f"{function.name}, {what}", with_functions(edits, at, replace(function, clauses=clauses))


CLAUSE_OPERATORS: dict[str, Callable[[Plan, Edits], Iterator[tuple[str, Edits]]]] = {
    "a wrong order of clauses": wrong_order,
    "a clause missing": clause_missing,
    "a refused shape accepted": accepted,
    "a pass-through refused": passed_refused,
    "a guard missing": guard_missing,
    "a wrong guard": wrong_guard,
    "a wrong vsn": wrong_vsn,
    "a wrong refusal": wrong_refusal,
    "done once more": taken_twice,
    "Extra told wrongly": extra_wrongly_told,
}
