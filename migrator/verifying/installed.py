"""Verbs: what types of OTP's own modules mean, and of Elixir's library, as the Erlang in use has them.

Only states are made and judged by these: a plan never hangs on which OTP is at hand. No more is read than the modules
that types lead to, each once in a run.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from migrator import types as t
from migrator.errors import HelperFault, InputFault
from migrator.files import read_bytes
from migrator.terms import Atom
from migrator.typeforms import type_of
from migrator.typenames import parts_of, rebuilt
from migrator.verifying.beyond import Beyond, Declaration, Kept, called_there
from migrator.walker import CONTAINERS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from migrator.modules import Module
    from migrator.otp import Helper
    from migrator.terms import Term

DEADLINE = 60.0
# Definitions on the way from one module's states. None of OTP's own types leads to nearly as many; what lies beyond is
# any term.
MOST = 2000


@dataclass(frozen=True, slots=True)
class _Declared:
    """What one module declares, as the helper tells it: forms are looked at when a type leads to them."""

    types: dict[tuple[str, int], tuple[Term, Term, Term]]
    records: dict[str, list[tuple[str, Term]]]


_NOTHING = _Declared({}, {})


@dataclass(slots=True)
class Shelf:
    """The modules that were read in this run, and where Elixir's library lies besides."""

    folders: Sequence[Path] = ()
    read: dict[str, _Declared] = field(default_factory=dict)


def beyond(helper: Helper, shelf: Shelf, modules: Iterable[Module]) -> Beyond:
    """What the types of these modules lead to in modules that are neither theirs nor beside them.

    A module that this Erlang does not have, or that cannot be read, is not among it.

    Raises:
        EnvironmentFault, ProtocolError: the helper cannot serve.
    """
    types: dict[tuple[str, str, int], Declaration] = {}
    records: dict[str, Kept] = {}
    open_ = [inner for each in modules for inner in _remote(_types_of(each))]
    while open_ and len(types) < MOST:
        _read(helper, shelf, {each.module for each in open_})
        found: list[t.Type] = []
        for each in open_:
            found += _definition(each, shelf, types, records)
        open_ = list(_remote(found))
    return Beyond(types, records)


def _types_of(module: Module) -> Iterator[t.Type]:
    for record in module.records:
        yield from (each.type for each in record.fields if each.type is not None)
    yield from (each.body for each in module.types)


def _remote(types: Iterable[t.Type]) -> Iterator[t.RemoteType]:
    """The types of other modules that stand in these, and those of records; not in what funs take and give."""
    open_ = list(types)
    while open_:
        inner = open_.pop()
        if isinstance(inner, t.FunOf):
            continue
        open_.extend(parts_of(inner))
        if isinstance(inner, t.RemoteType) and (inner.module, inner.name) not in CONTAINERS:
            yield inner


def _definition(
    type_: t.RemoteType, shelf: Shelf, types: dict[tuple[str, str, int], Declaration], records: dict[str, Kept]
) -> Iterator[t.Type]:
    """Notes what the type means; gives the types that this is made of."""
    key = (type_.module, type_.name, len(type_.arguments))
    declared = shelf.read.get(type_.module, _NOTHING)
    if key in types or key[1:] not in declared.types:
        return
    parameters, form, kind = declared.types[key[1:]]
    body = _qualified(type_of(form), type_.module)
    types[key] = Declaration(tuple(_texts(parameters)), body, kind == Atom("opaque"))
    yield body
    yield from _of_records(body, type_.module, declared, records)


def _of_records(body: t.Type, module: str, declared: _Declared, records: dict[str, Kept]) -> Iterator[t.Type]:
    """Notes the records that a type leads to in its module; gives the types of their fields."""
    open_ = [body]
    while open_:
        inner = open_.pop()
        open_.extend(parts_of(inner))
        if not isinstance(inner, t.RecordOf) or inner.name in records:
            continue
        tag = inner.name.removeprefix(f"{module}:")
        if tag not in declared.records:
            continue
        fields = tuple(
            (name, t.AnyTerm() if form == Atom("none") else _qualified(type_of(form), module))
            for name, form in declared.records[tag]
        )
        records[inner.name] = Kept(tag, fields)
        open_ += [each for _, each in fields]
        yield from (each for _, each in fields)


def _qualified(type_: t.Type, home: str) -> t.Type:
    """The type as one that means the same in any module."""
    inner = rebuilt(type_, lambda each: _qualified(each, home))
    match inner:
        case t.UserType(name, arguments):
            return t.RemoteType(home, name, arguments)
        case t.RecordOf(name, narrowed):
            return t.RecordOf(called_there(home, name), narrowed)
    return inner


# --- reading ---


def _read(helper: Helper, shelf: Shelf, names: Iterable[str]) -> None:
    wanted = sorted(set(names) - shelf.read.keys())
    shelf.read.update(dict.fromkeys(wanted, _NOTHING))
    if not wanted:
        return
    told: Any = helper.call((Atom("beams"), [Atom(name) for name in wanted]), DEADLINE)
    places = {name.name: Path(_text(path)) for name, path in told}
    for name in set(wanted) - places.keys():
        places.update((name, path) for path in _beside(name, shelf.folders))
    beams = [(name, beam) for name, path in sorted(places.items()) if (beam := _bytes(path)) is not None]
    requests: list[Term] = [(Atom("declared"), beam) for _, beam in beams]
    for (name, _), answer in zip(beams, helper.call_many(requests, DEADLINE), strict=True):
        if not isinstance(answer, HelperFault):
            shelf.read[name] = _declared(answer)


def _beside(name: str, folders: Sequence[Path]) -> list[Path]:
    """The beam of a module of Elixir's library, where the release has one."""
    if not name.startswith("Elixir.") or "/" in name or "\0" in name:
        return []
    libraries = [folder for folder in folders if (folder / "elixir.app").is_file()]
    return [path for folder in libraries[:1] if (path := folder / f"{name}.beam").is_file()]


def _bytes(path: Path) -> bytes | None:
    try:
        return read_bytes(path)
    except InputFault:
        return None


def _declared(answer: Any) -> _Declared:  # noqa: ANN401 - the wire's terms are of any type
    types, records = answer
    return _Declared(
        {(name.name, len(parameters)): (parameters, form, kind) for name, parameters, form, kind in types},
        {name.name: [(each.name, form) for each, form in fields] for name, fields in records},
    )


def _texts(parameters: Term) -> list[str]:
    return [_text(each) for each in parameters] if isinstance(parameters, list) else []


def _text(term: Term) -> str:
    return term.decode() if isinstance(term, bytes) else ""
