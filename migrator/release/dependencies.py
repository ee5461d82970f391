"""Which module must be loaded before which: what the code of both versions calls and names, over a whole release."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from migrator.release.codefacts import CodeFacts, Reference
    from migrator.release.drafts import Versions


@dataclass(frozen=True, slots=True)
class Order:
    """The order in which changed modules are loaded on the way up; on the way down it is turned round.

    `needs` has for each module those that are loaded before it, sorted. `circles` are the modules that need each
    other, each circle in the order in which it is loaded; `broken` are pairs of modules in one of them: the first is
    loaded before the second, although it calls what only the second's new version has.
    """

    modules: tuple[str, ...]
    needs: Mapping[str, tuple[str, ...]]
    circles: tuple[tuple[str, ...], ...]
    broken: tuple[tuple[str, str], ...]


def ordered(changed: Mapping[str, Versions]) -> Order:
    """The order for these modules of all applications: one that is called comes before its caller.

    Where the old caller calls what the new version of the called one lacks, and the new caller nothing that the old
    one lacks, the caller comes first: none calls what is not there. The same modules give the same order.
    """
    certain, likely = _edges(changed)
    needs = {name: certain[name] | likely[name] for name in changed}
    order: list[str] = []
    circles: list[tuple[str, ...]] = []
    for group in _components(needs):
        inner = tuple(_inside(group, certain)) if len(group) > 1 else group
        if len(group) > 1:
            circles.append(inner)
        order += inner
    place = {name: number for number, name in enumerate(order)}
    return Order(
        tuple(order),
        {name: tuple(sorted(each for each in needs[name] if place[each] < place[name])) for name in order},
        tuple(sorted(circles)),
        tuple(sorted((name, each) for name in order for each in certain[name] if place[each] > place[name])),
    )


def _edges(changed: Mapping[str, Versions]) -> tuple[dict[str, set[str]], dict[str, set[str]]]:
    """By module those that must be loaded before it: certainly, since it would call what is not there, and by rule."""
    certain: dict[str, set[str]] = defaultdict(set)
    likely: dict[str, set[str]] = defaultdict(set)
    for name, versions in changed.items():
        for each in _met(versions.new, changed):
            if _only_in(changed[each.module].new, changed[each.module].old, each):
                certain[name].add(each.module)
        for each in _met(versions.old, changed):
            if _only_in(changed[each.module].old, changed[each.module].new, each):
                certain[each.module].add(name)
    for name, versions in changed.items():
        for each in _met(versions.new, changed):
            if name not in certain[each.module]:
                likely[name].add(each.module)
    return certain, likely


def _met(facts: CodeFacts | None, changed: Mapping[str, Versions]) -> Iterator[Reference]:
    """What a version calls or names of the other changed modules."""
    if facts is not None:
        for reference in facts.calls | facts.named:
            if reference.module in changed and reference.module != facts.module:
                yield reference


def _only_in(one: CodeFacts | None, other: CodeFacts | None, reference: Reference) -> bool:
    return not _lacks(one, reference) and _lacks(other, reference)


def _lacks(facts: CodeFacts | None, reference: Reference) -> bool:
    """Whether that version certainly has no such function."""
    if facts is None:
        return True
    if reference.function is None or reference.arity is None or reference.function == "module_info":
        return False
    return (reference.function, reference.arity) not in facts.exports


def _components(needs: Mapping[str, Iterable[str]]) -> list[tuple[str, ...]]:
    """The strongly connected components, each sorted, what is needed before what needs it (Tarjan, without recursion).

    Started from each module by name, and along needs by name, so that the same graph gives the same list.
    """
    number: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    on_stack: set[str] = set()
    found: list[tuple[str, ...]] = []
    for root in sorted(needs):
        work = [] if root in number else [(root, iter(sorted(needs[root])))]
        if work:
            number[root] = low[root] = len(number)
            stack.append(root)
            on_stack.add(root)
        while work:
            name, left = work[-1]
            for other in left:
                if other not in number:
                    number[other] = low[other] = len(number)
                    stack.append(other)
                    on_stack.add(other)
                    work.append((other, iter(sorted(needs[other]))))
                    break
                if other in on_stack:
                    low[name] = min(low[name], number[other])
            else:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[name])
                if low[name] == number[name]:
                    start = stack.index(name)
                    found.append(tuple(sorted(stack[start:])))
                    on_stack.difference_update(stack[start:])
                    del stack[start:]
    return found


def _inside(group: Sequence[str], certain: Mapping[str, set[str]]) -> Iterator[str]:
    """The order inside a circle: by what is certain as far as that goes, else by name."""
    members = set(group)
    for part in _components({name: certain.get(name, set()) & members for name in sorted(group)}):
        yield from part
