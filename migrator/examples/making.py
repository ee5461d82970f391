"""From a type to values of it: one to begin with, then those at its edges. The same type gives the same values."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from migrator import types as t
from migrator.examples import values as v
from migrator.terms import atom_text
from migrator.typenames import Side, substitute
from migrator.walker import CONTAINERS

if TYPE_CHECKING:
    from migrator.examples.values import Value
    from migrator.records import Record

# So many values of one type are looked at.
MOST = 4
# A recursive type is entered so often.
_TURNS = 2
# So many types and records may lie around a value that is still made in all its kinds: types lead to types, and what
# they come to grows with every step. A union of many members, as those of syntax trees, is left sooner.
_DEEP, _MANY, _DEEP_OF_MANY = 3, 6, 2
# Further in nothing is made any more.
_DEEPEST = 6
_LARGE = 1 << 64
_KEYED = frozenset({"dict", "gb_tree"})


@dataclass(frozen=True, slots=True)
class Maker:
    """What the names in types mean, and what makes a value unlike others: a word for texts and a number.

    `under` are the names of types and records that the value lies in.
    """

    side: Side
    word: str
    number: int
    under: tuple[str, ...] = ()

    def inside(self, word: str, number: int) -> Maker:
        """The maker of a part of the value."""
        return replace(self, word=word, number=self.number + number)


def values_of(type_: t.Type, maker: Maker) -> list[Value]:  # noqa: C901, PLR0912 - a line for each type
    """Values of the type, the first one unlike those of other makers where it allows that; none where it has none."""
    match type_:
        case t.NoTerm():
            return []
        case t.Literal(_, value):
            return [v.atom(value) if isinstance(value, str) else v.Plain(str(value))]
        case t.Range(low, high):
            return _integers(low, high, maker.number)
        case t.Named(name):
            return _named(name, maker)
        case t.Union(members):
            return _union(members, maker)
        case t.TupleOf(elements):
            return [v.Tuple(each) for each in _together(elements, maker)]
        case t.ListOf(element, tail, nonempty):
            return _list(element, tail, nonempty=nonempty, maker=maker)
        case t.MapOf(associations):
            return _map(associations, maker)
        case t.Bits(base, unit):
            return _bits(base, unit, maker.word)
        case t.FunOf(arguments):
            return [v.Plain(f"fun erlang:apply/{3 if arguments is None else len(arguments)}")]
        case t.RecordOf(name, narrowed):
            return _record(name, dict(narrowed), maker)
        case t.UserType(name, arguments):
            return _user(name, arguments, maker)
        case t.RemoteType(module, name, arguments):
            return _remote(CONTAINERS.get((module, name)), arguments, maker)
    return untyped(maker)


def untyped(maker: Maker) -> list[Value]:
    """A value for a place that may hold any term."""
    return [v.atom(f"some_{maker.word}")]


def record_values(record: Record, of_field: dict[str, list[Value]]) -> list[Value]:
    """Tuples of the record: the first with the first value of each field, the next with the next ones, and so on."""
    columns = [of_field[name] for name in record.names]
    if not all(columns):
        return []
    rows = min(MOST, max((len(each) for each in columns), default=1))
    tag = v.atom(record.tag)
    return _unlike([v.Tuple((tag, *(each[row % len(each)] for each in columns))) for row in range(rows)])


def _integers(low: int | None, high: int | None, number: int) -> list[Value]:
    first = number if low is None or low <= number else low + number
    if high is not None and first > high:
        first = max(low, high - number) if low is not None else high
    edges = [0 if low is None else low, _LARGE if high is None else high, -_LARGE]
    wanted = [first, *(each for each in edges if (low is None or each >= low) and (high is None or each <= high))]
    return _unlike([v.Plain(str(each)) for each in wanted])


def _named(name: str, maker: Maker) -> list[Value]:
    word, number = maker.word, maker.number
    known: dict[str, list[Value]] = {
        "atom": [v.atom(word), v.atom("")],
        "float": [v.Plain(f"{number}.5"), v.Plain("0.0")],
        "pid": [v.Plain("self()")],
        "port": [v.Plain(f'list_to_port("#Port<0.{number}>")')],
        "reference": [v.Plain(f'list_to_ref("#Ref<0.0.0.{number}>")')],
        "tuple": [v.Tuple((v.atom(word), v.Plain(str(number)))), v.Tuple(())],
        "nil": [v.EMPTY],
        "iolist": [v.Items((_text(word),)), v.EMPTY],
    }
    return known.get(name) or untyped(maker)


def _union(members: tuple[t.Type, ...], maker: Maker) -> list[Value]:
    """What has a structure of its own comes first: `#session{} | undefined` is about the session."""
    if len(maker.under) >= (_DEEP_OF_MANY if len(members) > _MANY else _DEEP):
        simplest = sorted(members, key=_weight)
        return next((found[:1] for each in simplest if (found := values_of(each, maker))), [])
    several = [values_of(each, maker) for each in sorted(members, key=lambda one: isinstance(one, t.Literal))]
    firsts = [each[0] for each in several if each]
    return _unlike([*firsts, *(value for each in several for value in each[1:])])


def _weight(type_: t.Type) -> int:
    """How much is to be made for a value of the type: what has no parts comes first, records last."""
    match type_:
        case t.Literal() | t.Range() | t.Named() | t.Bits():
            return 0
        case t.RecordOf():
            return 2
    return 1


def _list(element: t.Type, tail: t.Type | None, *, nonempty: bool, maker: Maker) -> list[Value]:
    if element == t.Range(0, 0x10FFFF) and tail is None:
        # A string, as far as a person is concerned.
        return [v.Plain(f'"{maker.word}"'), *([] if nonempty else [v.EMPTY])]
    first = values_of(element, maker)
    alone = len(maker.under) >= _DEEP
    second = first if alone else values_of(element, maker.inside(f"{maker.word}_2", 1))
    ends: list[Value | None] = [None] if tail is None else [*values_of(tail, maker.inside(f"{maker.word}_end", 2))]
    found: list[Value] = []
    if first and ends:
        end = None if ends[0] == v.EMPTY else ends[0]
        found = [v.Items((first[0],), end)]
        found += [] if alone else [v.Items((*first[1:2], second[0]), end)]
    return _unlike(found + ([] if nonempty else [v.EMPTY]))


def _map(associations: tuple[t.Association, ...], maker: Maker) -> list[Value]:
    rows: list[tuple[list[Value], list[Value], bool]] = []
    for at, each in enumerate(associations):
        part = maker.inside(f"{maker.word}_{at + 1}" if at else maker.word, at)
        key = part.inside(f"{part.word}_key", 0) if isinstance(each.key, t.AnyTerm) else part
        rows.append((values_of(each.key, key), values_of(each.value, part), each.required))
    if any(required and not (keys and given) for keys, given, required in rows):
        return []
    there = [(keys, given, required) for keys, given, required in rows if keys and given]
    full_pairs = [_pairs([(keys[0], given[row % len(given)]) for keys, given, _ in there]) for row in range(2)]
    few_pairs = _pairs([(keys[0], given[0]) for keys, given, required in there if required])
    return _unlike([*full_pairs, few_pairs])


def _pairs(pairs: list[tuple[Value, Value]]) -> v.Pairs:
    return v.Pairs(tuple(dict(pairs).items()))


def _bits(base: int, unit: int, word: str) -> list[Value]:
    byte = 8
    if unit == 0 or base % byte or unit % byte:
        least = v.Plain("<<>>" if base == 0 else f"<<0:{base}>>")
        return [v.Plain(f"<<1:{base + unit}>>"), least] if unit else [least]
    if unit != byte:
        return [v.Plain(f"<<1:{base + unit}>>"), v.Plain(f"<<0:{base}>>" if base else "<<>>")]
    text = word if len(word.encode()) >= base // byte else word.ljust(base // byte, "_")
    return [_text(text), v.Plain(f"<<0:{base}>>" if base else "<<>>")]


def _text(word: str) -> Value:
    return v.Plain(f'<<"{word}">>')


def _record(name: str, narrowed: dict[str, t.Type], maker: Maker) -> list[Value]:
    record = maker.side.records.get(name)
    if record is None:
        return untyped(maker)
    label = f"#{name}"
    # A native record is no tuple: where nothing but one can be, nothing is known.
    if record.definition is not None or maker.under.count(label) >= _TURNS or len(maker.under) >= _DEEPEST:
        return []
    under = (*maker.under, label)
    of_field: dict[str, list[Value]] = {}
    for at, field in enumerate(record.fields):
        # `admin_name`: the values of two records of one name are unlike each other too.
        part = Maker(maker.side, f"{maker.word}_{word_of(field.name)}", 10 * maker.number + at, under)
        type_ = narrowed.get(field.name, field.type)
        of_field[field.name] = untyped(part) if type_ is None else values_of(type_, part)
        # Where it is too deep for one of its type: a place that is only passed on.
        if not of_field[field.name] and len(under) >= _DEEP:
            of_field[field.name] = [v.UNDEFINED]
    return record_values(record, of_field)


def _user(name: str, arguments: tuple[t.Type, ...], maker: Maker) -> list[Value]:
    definition = maker.side.types.get((name, len(arguments)))
    if definition is None:
        return untyped(maker)
    label = f"{name}/{len(arguments)}"
    if maker.under.count(label) >= _TURNS or len(maker.under) >= _DEEPEST:
        return []
    body = substitute(definition.body, dict(zip(definition.parameters, arguments, strict=True)))
    return values_of(body, replace(maker, under=(*maker.under, label)))


def _remote(kind: str | None, arguments: tuple[t.Type, ...], maker: Maker) -> list[Value]:
    if kind is None:
        return untyped(maker)
    any_ = t.AnyTerm()
    if kind == "orddict":
        pair = t.TupleOf(arguments or (any_, any_))
        return _list(pair, None, nonempty=False, maker=maker)[:: MOST - 2] or [v.EMPTY]
    if kind == "ordset":
        return [*_list(arguments[0] if arguments else any_, None, nonempty=False, maker=maker)[:1], v.EMPTY]
    inner = t.TupleOf(arguments or (any_, any_)) if kind in _KEYED else arguments[0] if arguments else any_
    return [*(v.Container(kind, (each,)) for each in values_of(inner, maker)[:2]), v.Container(kind, ())]


def _together(types: tuple[t.Type, ...], maker: Maker) -> list[tuple[Value, ...]]:
    columns = [
        values_of(each, maker.inside(f"{maker.word}_{at}" if at > 1 else maker.word, at - 1))
        for at, each in enumerate(types, start=1)
    ]
    if not all(columns):
        return []
    rows = min(MOST, max((len(each) for each in columns), default=1))
    return [tuple(each[row % len(each)] for each in columns) for row in range(rows)]


def _unlike(values: list[Value]) -> list[Value]:
    return list(dict.fromkeys(values))[:MOST]


def word_of(name: str) -> str:
    """A word for texts and atoms that reminds of a field: letters, digits and underscores."""
    word = "".join(each if each.isascii() and (each.isalnum() or each == "_") else "_" for each in name).strip("_")
    return word.lower() if word and atom_text(word.lower()) == word.lower() else f"a_{word.lower()}".rstrip("_")
