"""Whether a new type admits every value of an old one.

The old type is taken apart into the members of its union; each must be admitted by one member of the new type.
Recursive types are compared as their coinductive reading says: a pair under comparison is taken to hold.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias

from migrator import types as t
from migrator.typeforms import ANY, BINARY, BYTE, NIL, union
from migrator.typenames import Side, names_in, resolve

if TYPE_CHECKING:
    from collections.abc import Iterable

    from migrator.records import Record

Answer: TypeAlias = Literal["yes", "no", "unknown"]


@dataclass(frozen=True, slots=True)
class Question:
    """Two versions' worlds, which old record is which new one where the names differ, and which are converted.

    Of a record that is converted its own plan says what becomes of its fields: as a type it is admitted.
    """

    old: Side
    new: Side
    renamed: tuple[tuple[str, str], ...] = ()
    converted: frozenset[tuple[str, str]] = frozenset()
    facing: int = 0

    def turned(self) -> Question:
        """The same question from the other side, for what stands left of a fun's arrow."""
        return Question(
            self.new,
            self.old,
            tuple((new, old) for old, new in self.renamed),
            frozenset((new, old) for old, new in self.converted),
            1 - self.facing,
        )


# So many different uses of one type inside each other no one writes by hand.
_MOST_TURNS = 8

Asked: TypeAlias = tuple[int, t.Type, t.Type]


@dataclass(frozen=True, slots=True)
class Assumed:
    """What is under comparison, and what is known from before.

    Answers of `yes` that were found while a pair was taken to hold fall with it: `order` has them as they were found.
    """

    path: frozenset[Asked] = frozenset()
    known: dict[Asked, Answer] = field(default_factory=dict)
    order: list[Asked] = field(default_factory=list)


# So many pairs of types inside two types are more than a person could follow.
_MOST_PAIRS = 5000


def admits(new: t.Type, old: t.Type, question: Question) -> Answer:
    """Whether every value of `old` is one of `new`; `unknown` where a type's meaning is not known here."""
    if old == new and _means_the_same(old, question):
        return "yes"
    try:
        return _admits(new, old, question, Assumed())
    except RecursionError:
        # Deeper than any type that was written by hand.
        return "unknown"


def _means_the_same(type_: t.Type, q: Question) -> bool:
    """Whether all names that the type uses, at any depth, are declared alike on both sides."""
    records, types = names_in(type_, q.old)
    return all(q.old.types.get(name) == q.new.types.get(name) for name in types) and all(
        _fields(q.old.records.get(name)) == _fields(q.new.records.get(name)) or (name, name) in q.converted
        for name in records
    )


def _fields(record: Record | None) -> tuple[tuple[str, t.Type | None], ...]:
    return () if record is None else tuple((field.name, field.type) for field in record.fields)


def _all(answers: Iterable[Answer]) -> Answer:
    """Asks no further than the first no: the tags of two tuples tell most of them apart."""
    found: Answer = "yes"
    for answer in answers:
        if answer == "no":
            return "no"
        found = answer if answer == "unknown" else found
    return found


def _any(answers: Iterable[Answer]) -> Answer:
    """Asks no further than the first yes."""
    found: Answer = "no"
    for answer in answers:
        if answer == "yes":
            return "yes"
        found = answer if answer == "unknown" else found
    return found


def _admits(new: t.Type, old: t.Type, q: Question, assumed: Assumed) -> Answer:
    asked = (q.facing, old, new)
    if asked in assumed.path:
        return "yes"
    if asked in assumed.known:
        return assumed.known[asked]
    if _grows(old, assumed) or _grows(new, assumed) or len(assumed.known) > _MOST_PAIRS:
        return "unknown"
    before = len(assumed.order)
    answer = _compared(new, old, q, Assumed(assumed.path | {asked}, assumed.known, assumed.order))
    if answer != "yes":
        for fallen in assumed.order[before:]:
            del assumed.known[fallen]
        del assumed.order[before:]
    else:
        assumed.order.append(asked)
    assumed.known[asked] = answer
    return answer


def _compared(new: t.Type, old: t.Type, q: Question, assumed: Assumed) -> Answer:
    new_flat, old_flat = resolve(new, q.new), resolve(old, q.old)
    if isinstance(new_flat, t.AnyTerm):
        return "yes"
    olds = old_flat.members if isinstance(old_flat, t.Union) else (old_flat,)
    news = new_flat.members if isinstance(new_flat, t.Union) else (new_flat,)
    covered = _intervals(news)
    return _all(_member(one, news, covered, q, assumed) for one in olds)


def _grows(type_: t.Type, assumed: Assumed) -> bool:
    """Whether a user type was met within itself so often, each time of something else, that it may never end.

    `-type t(A) :: nil | {A, t([A])}.` is of another type at every step.
    """
    if not isinstance(type_, t.UserType) or not type_.arguments:
        return False
    met = {
        each for _, *both in assumed.path for each in both if isinstance(each, t.UserType) and each.name == type_.name
    }
    return len(met - {type_}) >= _MOST_TURNS


Interval: TypeAlias = tuple[float, float]


def _interval(type_: t.Type) -> Interval | None:
    match type_:
        case t.Literal("integer", int(value)):
            return value, value
        case t.Range(low, high):
            return float("-inf") if low is None else low, float("inf") if high is None else high
    return None


def _intervals(types: tuple[t.Type, ...]) -> list[Interval]:
    """The integers that these types cover together, as disjoint intervals."""
    merged: list[Interval] = []
    for low, high in sorted(interval for type_ in types if (interval := _interval(type_)) is not None):
        if merged and low <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(merged[-1][1], high))
        else:
            merged.append((low, high))
    return merged


def _member(old: t.Type, news: tuple[t.Type, ...], covered: list[Interval], q: Question, assumed: Assumed) -> Answer:
    if isinstance(old, t.NoTerm):
        return "yes"
    interval = _interval(old)
    if interval is not None:
        if any(low <= interval[0] and interval[1] <= high for low, high in covered):
            return "yes"
        opaque = any(isinstance(new, t.Unknown | t.UserType | t.RemoteType) for new in news)
        return "unknown" if opaque else "no"
    return _any(_one(old, new, q, assumed) for new in news)


def _one(old: t.Type, new: t.Type, q: Question, assumed: Assumed) -> Answer:  # noqa: C901, PLR0912 - a table of kinds
    match old, new:
        case _, t.AnyTerm():
            return "yes"
        case t.RecordOf(), t.RecordOf():
            return _records(old, new, q, assumed)
        case t.RecordOf(), t.Named("record"):
            return _native(old, q.old)
        case (t.RecordOf(), (t.TupleOf() | t.Named("tuple"))) if _native(old, q.old) != "yes":
            opened = _opened(old, q.old)
            return "unknown" if opened is None else _one(opened, new, q, assumed)
        case (t.TupleOf(), t.RecordOf()) if _native(new, q.new) != "yes":
            opened = _opened(new, q.new)
            return "unknown" if opened is None else _one(old, opened, q, assumed)
        case t.TupleOf(), t.Named("tuple"):
            return "yes"
        case t.TupleOf(olds), t.TupleOf(news):
            if len(olds) != len(news):
                return "no"
            return _all(_admits(n, o, q, assumed) for o, n in zip(olds, news, strict=True))
        case t.Literal("atom"), t.Named("atom"):
            return "yes"
        case ((t.ListOf() | t.Named("nil")), (t.ListOf() | t.Named("iolist"))):
            return _lists(old, new, q, assumed)
        case t.Named("iolist"), t.ListOf():
            return _lists(t.ListOf(union(BYTE, BINARY, old), union(BINARY, NIL), nonempty=False), new, q, assumed)
        case t.MapOf(), t.MapOf():
            return _maps(old, new, q, assumed)
        case t.Bits(), t.Bits():
            return "yes" if _bits(old, new) else "no"
        case t.FunOf(), t.FunOf():
            return _funs(old, new, q, assumed)
    return _by_name(old, new, q, assumed)


# OTP's containers, which without parameters are those of any term.
_OF_ANYTHING = frozenset(
    {
        ("array", "array"),
        ("dict", "dict"),
        ("gb_sets", "set"),
        ("gb_trees", "tree"),
        ("orddict", "orddict"),
        ("queue", "queue"),
        ("sets", "set"),
    }
)


def _by_name(old: t.Type, new: t.Type, q: Question, assumed: Assumed) -> Answer:
    match old, new:
        case t.RemoteType(m1, n1, olds), t.RemoteType(m2, n2, news) if (m1, n1, len(olds)) == (
            m2,
            n2,
            len(news),
        ):
            return _all(_admits(n, o, q, assumed) for o, n in zip(olds, news, strict=True))
        case t.RemoteType(m1, n1, olds), t.RemoteType(m2, n2, ()) if (m1, n1) == (m2, n2) and (m1, n1) in _OF_ANYTHING:
            return "yes"
        case t.RemoteType(m1, n1, ()), t.RemoteType(m2, n2, news) if (m1, n1) == (m2, n2) and (m1, n1) in _OF_ANYTHING:
            return _all(_admits(n, ANY, q, assumed) for n in news)
        case t.UserType(n1, olds), t.UserType(n2, news) if (n1, len(olds)) == (n2, len(news)):
            return _all(_admits(n, o, q, assumed) for o, n in zip(olds, news, strict=True))
        case ((t.Unknown() | t.UserType() | t.RemoteType() | t.TypeVariable()), _):
            return "yes" if old == new else "unknown"
        case _, (t.Unknown() | t.UserType() | t.RemoteType() | t.TypeVariable()):
            return "unknown"
    return "yes" if old == new else "no"


def _opened(record: t.RecordOf, side: Side) -> t.TupleOf | None:
    definition = side.records.get(record.name)
    if definition is None:
        return None
    narrowed = dict(record.narrowed)
    fields = tuple(narrowed.get(each.name, each.type or ANY) for each in definition.fields)
    return t.TupleOf((t.Literal("atom", definition.tag), *fields))


def _native(record: t.RecordOf, side: Side) -> Answer:
    """Whether it is a native record, which is no tuple."""
    declared = side.records.get(record.name)
    if declared is None:
        return "unknown"
    return "no" if declared.definition is None else "yes"


def _records(old: t.RecordOf, new: t.RecordOf, q: Question, assumed: Assumed) -> Answer:
    if (old.name, new.name) in q.converted:
        return "yes"
    if dict(q.renamed).get(old.name, old.name) != new.name:
        return "no"
    before, after = q.old.records.get(old.name), q.new.records.get(new.name)
    if before is None or after is None:
        return "unknown"
    if (before.names, before.definition) != (after.names, after.definition) or (old.name != new.name):
        return "no"
    olds, news = _opened(old, q.old), _opened(new, q.new)
    if olds is None or news is None:
        return "unknown"
    pairs = zip(before.fields, olds.elements[1:], news.elements[1:], strict=True)
    typed = [(o, n) for each, o, n in pairs if each.type is not None]
    return _all(_admits(n, o, q, assumed) for o, n in typed)


def _lists(old: t.Type, new: t.Type, q: Question, assumed: Assumed) -> Answer:
    if isinstance(new, t.Named):
        new = t.ListOf(union(BYTE, BINARY, new), union(BINARY, NIL), nonempty=False)
    if not isinstance(new, t.ListOf):
        return "no"
    if not isinstance(old, t.ListOf):
        return "no" if new.nonempty else "yes"
    if new.nonempty and not old.nonempty:
        return "no"
    tails = _admits(new.tail or NIL, old.tail or NIL, q, assumed)
    return _all([_admits(new.element, old.element, q, assumed), tails])


def _maps(old: t.MapOf, new: t.MapOf, q: Question, assumed: Assumed) -> Answer:
    def fits(o: t.Association, n: t.Association) -> Answer:
        return _all([_admits(n.key, o.key, q, assumed), _admits(n.value, o.value, q, assumed)])

    # An association for one key goes before those for many.
    own = {n.key: n for n in new.associations if isinstance(n.key, t.Literal)}
    each = [_any(fits(o, n) for n in ([own[o.key]] if o.key in own else new.associations)) for o in old.associations]
    told = {o.key for o in old.associations}
    # What one association of the old type has for many keys it may have for that one too.
    each += [
        _admits(n.value, o.value, q, assumed)
        for key, n in own.items()
        for o in old.associations
        if key not in told and _admits(o.key, key, q.turned(), assumed) != "no"
    ]
    needed = [_any(fits(o, n) for o in old.associations if o.required) for n in new.associations if n.required]
    return _all([*each, *needed])


def _bits(old: t.Bits, new: t.Bits) -> bool:
    if new.unit == 0:
        return old == new
    return old.base >= new.base and (old.base - new.base) % new.unit == 0 and old.unit % new.unit == 0


def _funs(old: t.FunOf, new: t.FunOf, q: Question, assumed: Assumed) -> Answer:
    if new.result is None:
        return "yes"
    result = _admits(new.result, old.result or ANY, q, assumed)
    if new.arguments is None:
        return result
    if old.arguments is None or len(old.arguments) != len(new.arguments):
        return "no"
    turned = q.turned()
    taken = [_admits(o, n, turned, assumed) for o, n in zip(old.arguments, new.arguments, strict=True)]
    return _all([*taken, result])
