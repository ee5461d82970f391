"""Reads types from their abstract forms.

Source: https://www.erlang.org/doc/apps/erts/absform.html, section Types, and the built-in types of
https://www.erlang.org/doc/reference_manual/typespec.html.
"""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING

from migrator.terms import Atom, term_text
from migrator.types import (
    AnyTerm,
    Association,
    Bits,
    FunOf,
    ListOf,
    Literal,
    MapOf,
    Named,
    NoTerm,
    Range,
    RecordOf,
    RemoteType,
    TupleOf,
    Type,
    TypeVariable,
    Union,
    Unknown,
    UserType,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from migrator.terms import Term

ANY = AnyTerm()
NIL = Named("nil")
INTEGER = Range(None, None)
CHARACTER = Range(0, 0x10FFFF)
BYTE = Range(0, 255)
BINARY = Bits(0, 8)
BITSTRING = Bits(0, 1)

_ALIASES: dict[str, Type] = {
    "any": ANY,
    "term": ANY,
    "dynamic": ANY,
    "none": NoTerm(),
    "no_return": NoTerm(),
    "nil": NIL,
    "integer": INTEGER,
    "non_neg_integer": Range(0, None),
    "pos_integer": Range(1, None),
    "neg_integer": Range(None, -1),
    "byte": BYTE,
    "char": CHARACTER,
    "arity": BYTE,
    "number": Union((Named("float"), INTEGER)),
    "boolean": Union((Literal("atom", "true"), Literal("atom", "false"))),
    "bool": Union((Literal("atom", "true"), Literal("atom", "false"))),
    "timeout": Union((Literal("atom", "infinity"), Range(0, None))),
    "module": Named("atom"),
    "node": Named("atom"),
    "mfa": TupleOf((Named("atom"), Named("atom"), BYTE)),
    "identifier": Union((Named("pid"), Named("port"), Named("reference"))),
    "iodata": Union((Named("iolist"), BINARY)),
    "bitstring": BITSTRING,
    "nonempty_binary": Bits(8, 8),
    "nonempty_bitstring": Bits(1, 1),
    "string": ListOf(CHARACTER, None, nonempty=False),
    "nonempty_string": ListOf(CHARACTER, None, nonempty=True),
    "function": FunOf(None, None),
}


def native_type(record: str) -> str:
    """The name of the type that stands for a module's native record, where the module is named: `#sess:session{}`."""
    return f"#{record}"


def type_of(form: Term) -> Type:
    """The type that an abstract form describes; `Unknown` where it is of no known kind."""
    match form:
        case (Atom("ann_type"), _, [_, inner]) | (Atom("paren_type"), _, [inner]):
            return type_of(inner)
        case (Atom("type"), _, Atom(name), arguments):
            return _built_in(name, arguments)
        case (Atom("user_type"), _, Atom(name), list(arguments)):
            return UserType(name, tuple(type_of(argument) for argument in arguments))
        case (
            Atom("remote_type"),
            _,
            [(Atom("atom"), _, Atom(module)), (Atom("atom"), _, Atom(name)), list(args)],
        ):
            return RemoteType(module, name, tuple(type_of(argument) for argument in args))
        case (Atom("var"), _, Atom(name)):
            return ANY if name == "_" else TypeVariable(name)
    return _literal(form)


def _literal(form: Term) -> Type:
    match form:
        case (Atom("atom"), _, Atom(name)):
            return Literal("atom", name)
        case (Atom("integer"), _, int(value)) | (Atom("char"), _, int(value)):
            return Literal("integer", value)
        case (Atom("op"), _, Atom(sign), operand):
            return _computed(sign, [operand]) or Unknown(term_text(form))
        case (Atom("op"), _, Atom(sign), left, right):
            return _computed(sign, [left, right]) or Unknown(term_text(form))
    return Unknown(term_text(form))


# Integers in types may be computed: `0..(1 bsl 16) - 1`. No shift is honest that makes a number of megabytes.
_LONGEST_SHIFT = 4096
_OPERATORS: dict[tuple[str, int], Callable[..., int]] = {
    ("-", 1): operator.neg,
    ("+", 1): operator.pos,
    ("bnot", 1): operator.invert,
    ("-", 2): operator.sub,
    ("+", 2): operator.add,
    ("*", 2): operator.mul,
    ("bsl", 2): lambda one, by: one << by if by >= 0 else one >> -by,
    ("bsr", 2): lambda one, by: one >> by if by >= 0 else one << -by,
    ("band", 2): operator.and_,
    ("bor", 2): operator.or_,
    ("bxor", 2): operator.xor,
    # Erlang's round towards zero.
    ("div", 2): lambda one, by: abs(one) // abs(by) * (1 if (one < 0) == (by < 0) else -1),
    ("rem", 2): lambda one, by: abs(one) % abs(by) * (-1 if one < 0 else 1),
}


def _computed(sign: str, operands: list[Term]) -> Literal | None:
    """The integer that the operator makes of these, or None."""
    values = [each.value for each in map(_literal, operands) if isinstance(each, Literal)]
    numbers = [each for each in values if isinstance(each, int)]
    compute = _OPERATORS.get((sign, len(numbers)))
    if len(numbers) != len(operands) or compute is None:
        return None
    if (sign in {"div", "rem"} and not numbers[1]) or (sign in {"bsl", "bsr"} and abs(numbers[1]) > _LONGEST_SHIFT):
        return None
    return Literal("integer", compute(*numbers))


def _bound(form: Term) -> int | None:
    inner = _literal(form)
    return inner.value if isinstance(inner, Literal) and isinstance(inner.value, int) else None


def _built_in(name: str, arguments: Term) -> Type:
    match name, arguments:
        case "union", list(members):
            return union(*(type_of(member) for member in members))
        case "range", [low, high]:
            return Range(_bound(low), _bound(high))
        case "tuple", list(elements):
            return TupleOf(tuple(type_of(element) for element in elements))
        case "map", list(pairs):
            return MapOf(tuple(_association(pair) for pair in pairs))
        case "map", _:
            return MapOf((Association(ANY, ANY, required=False),))
        case "record", [(Atom("atom"), _, Atom(record)), *narrowed]:
            return RecordOf(record, tuple(_narrowed(field) for field in narrowed))
        case "record", [(Atom("tuple"), _, [(Atom("atom"), _, Atom(module)), (Atom("atom"), _, Atom(record))])]:
            # A native record by its module's name: as a type that the module declares.
            return RemoteType(module, native_type(record), ())
        case "binary", [base, unit]:
            return Bits(_bound(base) or 0, _bound(unit) or 0)
        case "binary", _:
            return BINARY
    return _list_or_fun(name, arguments)


def _list_or_fun(name: str, arguments: Term) -> Type:  # noqa: C901 - a line for each form
    match name, arguments:
        case "list", [element]:
            return ListOf(type_of(element), None, nonempty=False)
        case "list", _:
            return ListOf(ANY, None, nonempty=False)
        case "nonempty_list", [element]:
            return ListOf(type_of(element), None, nonempty=True)
        case "nonempty_list", _:
            return ListOf(ANY, None, nonempty=True)
        case "maybe_improper_list", [element, tail]:
            return ListOf(type_of(element), type_of(tail), nonempty=False)
        case (("maybe_improper_list" | "nonempty_maybe_improper_list"), []):
            return ListOf(ANY, ANY, nonempty=name.startswith("nonempty"))
        case (("nonempty_improper_list" | "nonempty_maybe_improper_list"), [element, tail]):
            return ListOf(type_of(element), type_of(tail), nonempty=True)
        case "fun", [(Atom("type"), _, Atom("product"), list(taken)), result]:
            return FunOf(tuple(type_of(argument) for argument in taken), type_of(result))
        case "fun", [_, result]:
            return FunOf(None, type_of(result))
        case "fun", _:
            return FunOf(None, None)
    return _ALIASES.get(name, Named(name))


def _association(form: Term) -> Association:
    match form:
        case (Atom("type"), _, Atom(kind), [key, value]):
            return Association(type_of(key), type_of(value), required=kind == "map_field_exact")
    return Association(Unknown(term_text(form)), ANY, required=False)


def _narrowed(form: Term) -> tuple[str, Type]:
    match form:
        case (Atom("type"), _, Atom("field_type"), [(Atom("atom"), _, Atom(field)), inner]):
            return field, type_of(inner)
    return "", Unknown(term_text(form))


def union(*members: Type) -> Type:
    """The union of these types, flat and without repetition."""
    flat: list[Type] = []
    for member in members:
        for part in member.members if isinstance(member, Union) else (member,):
            if part not in flat:
                flat.append(part)
    return flat[0] if len(flat) == 1 else Union(tuple(flat))
