"""Reads beams: from their bytes, through the helper, to the facts of their modules. Nothing is loaded or run."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeVar

from migrator.callbacks import KNOWN, declared
from migrator.constructionforms import constructions_of
from migrator.errors import HelperFault, InputFault
from migrator.faults import of_beam, of_fault
from migrator.files import read_bytes
from migrator.modules import (
    Attribute,
    ClauseFacts,
    Module,
    Positional,
    RecordShape,
    RecordUse,
    TuplePattern,
)
from migrator.records import Default, Definition, Field, Fun, FunctionName, Record, Yield
from migrator.terms import Atom
from migrator.typeforms import native_type, type_of
from migrator.types import RecordOf, TypeDefinition
from migrator.useforms import uses_of
from migrator.uses import NO_USES

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from migrator.callbacks import Callback
    from migrator.diagnostics import Diagnostic
    from migrator.otp import Helper
    from migrator.terms import Term
    from migrator.uses import Uses

Made = TypeVar("Made")

# What is asked for besides the records and types that are reached, by `code` of what is wanted.
_WANTS: dict[str, tuple[str, ...]] = {
    "whole": ("constructions",),
    "built": ("constructions",),
    "records": (),
    "declarations": ("declarations",),
    "lock": ("type_texts",),
    "beside": ("declarations", "type_texts"),
}

# Reading is quick; what takes this long hangs.
DEADLINE = 60.0


@dataclass(frozen=True, slots=True)
class Wanted:
    """One beam to read, with the records and types asked for besides those that it names.

    Of its code are read: with `whole` the conversion functions and what builds the records, with `built` the latter.
    With `declarations` all its records and types are read, and nothing else; `lock` reads what a lock file keeps.
    """

    path: Path
    records: tuple[str, ...] = ()
    code: str = "whole"
    types: tuple[str, ...] = ()


def read(
    helper: Helper, wanted: Sequence[Wanted], progress: Callable[[int, int], None] | None = None
) -> list[Module | Diagnostic]:
    """The modules of these beams, in their order; a diagnostic where one cannot be read.

    Raises:
        EnvironmentFault, ProtocolError: the helper cannot serve.
    """
    contents = [_content(each.path) for each in wanted]
    requests = [
        _request(each, content) for each, content in zip(wanted, contents, strict=True) if isinstance(content, bytes)
    ]
    replies = iter(helper.call_many(requests, DEADLINE, progress))
    modules = [
        _told(helper, each.path, content, next(replies)) if isinstance(content, bytes) else content
        for each, content in zip(wanted, contents, strict=True)
    ]
    return [
        _with_callback(helper, each, module) if isinstance(module, Module) else module
        for each, module in zip(wanted, modules, strict=True)
    ]


def read_again(helper: Helper, beam: bytes, path: Path, records: tuple[str, ...]) -> Module | Diagnostic:
    """The module of a beam that is not in a file yet."""
    (module,) = read_all_again(helper, [(Wanted(path, records), beam)])
    return module


def read_all_again(helper: Helper, wanted: Sequence[tuple[Wanted, bytes]]) -> list[Module | Diagnostic]:
    """The modules of beams that are not in their files yet, read in one go.

    Raises:
        EnvironmentFault, ProtocolError: the helper cannot serve.
    """
    replies = helper.call_many([_request(each, beam) for each, beam in wanted], DEADLINE)
    modules = [_told(helper, each.path, beam, reply) for (each, beam), reply in zip(wanted, replies, strict=True)]
    return [
        _with_callback(helper, each, module) if isinstance(module, Module) else module
        for (each, _), module in zip(wanted, modules, strict=True)
    ]


def read_facts(helper: Helper, wanted: Sequence[tuple[Wanted, bytes]]) -> list[dict[str, Any] | HelperFault]:
    """What the helper says of these beams (or entries of a lock), key by key as the protocol has it.

    Raises:
        EnvironmentFault, ProtocolError: the helper cannot serve.
    """
    replies = helper.call_many([_request(each, content) for each, content in wanted], DEADLINE)
    return [reply if isinstance(reply, HelperFault) else _facts(reply) for reply in replies]


def read_uses(helper: Helper, modules: Sequence[Module]) -> list[Module]:
    """The same modules with what their functions do with the fields of their records.

    A module that the helper gives up on stays without: its uses are unknown, and all else of it is known.

    Raises:
        EnvironmentFault, ProtocolError: the helper cannot serve.
    """
    requests: list[Term] = [
        (Atom("read"), module.beam, [Atom(each.name) for each in module.records], [], [Atom("uses")])
        for module in modules
    ]
    replies = helper.call_many(requests, DEADLINE)
    return [
        module if isinstance(reply, HelperFault) else replace(module, uses=_uses(reply))
        for module, reply in zip(modules, replies, strict=True)
    ]


def _uses(reply: Any) -> Uses:  # noqa: ANN401 - the wire's terms are of any type
    return next((uses_of(value) for key, value in reply if key == Atom("uses") and isinstance(value, bytes)), NO_USES)


def _with_callback(helper: Helper, wanted: Wanted, module: Module) -> Module | Diagnostic:
    """The module read once more for the callback that `-state_callback` names: only now is it known."""
    named = [callback for each in module.attribute("state_callback") if (callback := declared(each.value))]
    if not named or wanted.code != "whole" or named[0].function not in module.functions:
        return module
    (reply,) = helper.call_many([_request(wanted, module.beam, named[0])], DEADLINE)
    return _module(wanted.path, module.beam, reply)


def _content(path: Path) -> bytes | Diagnostic:
    try:
        return read_bytes(path)
    except InputFault as fault:
        return of_fault(fault)


def _request(wanted: Wanted, beam: bytes, *named: Callback) -> Term:
    whole = wanted.code == "whole"
    chosen = named or (KNOWN if whole else ())
    callbacks: list[Term] = [(Atom(each.function.name), each.arity, each.state, each.vsn) for each in chosen]
    wants: list[Term] = [Atom(name) for name in _WANTS[wanted.code]]
    wants += [(Atom("type"), Atom(name)) for name in wanted.types]
    return (Atom("read"), beam, [Atom(name) for name in wanted.records], callbacks, wants)


# What making values of facts comes to, where these are of no module.
_NO_SENSE = (AttributeError, TypeError, ValueError, LookupError)


def sense_of(helper: Helper, path: Path, beam: bytes, make: Callable[[], Made]) -> Made | Diagnostic:
    """What `make` makes of the facts told of a beam, or what is wrong with a beam whose facts make no sense.

    Raises:
        EnvironmentFault, ProtocolError: the helper cannot serve.
        AttributeError, TypeError, ValueError, LookupError: nothing is wrong with the beam: the fault is our own.
    """
    try:
        return make()
    except _NO_SENSE:
        try:
            helper.call((Atom("sound"), beam), DEADLINE)
        except HelperFault as fault:
            return of_beam(fault, path)
        raise


def _told(helper: Helper, path: Path, beam: bytes, reply: Term | HelperFault) -> Module | Diagnostic:
    """The module, or why there is none: what was told of forms that no compiler wrote may make no sense."""
    return sense_of(helper, path, beam, lambda: _module(path, beam, reply))


def _module(path: Path, beam: bytes, reply: Term | HelperFault) -> Module | Diagnostic:
    if isinstance(reply, HelperFault):
        return of_beam(reply, path)
    facts = _facts(reply)
    # A module that was compiled from forms alone names no file.
    name = facts["module"].name
    natives = {each.name: access.name for each, access in facts["natives"]}
    source = f"{name}.erl" if facts["file"] == Atom("none") else _text(facts["file"])
    return Module(
        name=name,
        path=_text(facts["path"]) if "path" in facts else str(path),
        beam=beam,
        file=source,
        md5=facts["md5"],
        vsn=facts["vsn"],
        compiler=None if facts["compiler"] == Atom("none") else _text(facts["compiler"]),
        behaviours=tuple(each.name for each in facts["behaviours"]),
        exports=_functions(facts["exports"]),
        functions=_functions(facts["functions"]),
        imports=frozenset(map(_function, facts["imports"])),
        attributes=tuple(
            Attribute(each.name, value, _text(file) or source, line) for each, value, file, line in facts["attributes"]
        ),
        records=tuple(_record(each, name, natives) for each in facts["records"]),
        record_index=tuple(RecordShape(name.name, *told) for name, *told in facts["record_index"]),
        types=(
            *(
                TypeDefinition(name.name, tuple(map(_text, parameters)), type_of(form))
                for name, parameters, form in facts["types"]
            ),
            *(TypeDefinition(native_type(record), (), RecordOf(record)) for record in natives),
        ),
        variables=frozenset(map(_text, facts["variables"])),
        callbacks=tuple((_function(name), tuple(map(_clause, clauses))) for name, clauses in facts["callbacks"]),
        constructions=constructions_of(facts["constructions"]),
        folder=_text(facts["folder"]) if "folder" in facts else None,
        beside=frozenset(each.name for each in facts["beside"]) if "beside" in facts else None,
        type_index=tuple((name.name, arity) for name, arity in facts["type_index"]),
    )


def _facts(reply: Term) -> dict[str, Any]:
    assert isinstance(reply, list)  # noqa: S101 - the protocol says so; a ProtocolError came before
    facts: dict[str, Any] = {}
    for pair in reply:
        match pair:
            case (Atom(key), value):
                facts[key] = value
    return facts


def _text(term: Any) -> str:  # noqa: ANN401 - the wire's terms are of any type
    return str(term.decode())


def _function(term: Any) -> FunctionName:  # noqa: ANN401 - as above
    name, arity = term
    return FunctionName(name.name, arity)


def _functions(text: bytes) -> frozenset[FunctionName]:
    return frozenset(FunctionName(name, arity) for name, arity in json.loads(text))


def _record(term: Any, module: str, natives: dict[str, str]) -> Record:  # noqa: ANN401 - as above
    name, file, line, declared = term
    fields = tuple(map(_field, declared))
    access = natives.get(name.name)
    kept = (
        None if access is None else Definition(module, name.name, access == "exported", tuple(f.name for f in fields))
    )
    return Record(name.name, fields, _text(file), line, definition=kept)


def _field(term: Any) -> Field:  # noqa: ANN401 - as above
    name, line, default, declared = term
    kept = None
    if default != Atom("none"):
        text, expanded, constant, calls, missing, yields = default
        kept = Default(
            _text(text),
            _text(expanded),
            constant == Atom("true"),
            tuple(map(_function, calls)),
            tuple(_unavailable(called, why) for _, called, why in missing if why != Atom("module")),
            tuple((module.name, _text(called)) for module, called, why in missing if why == Atom("module")),
            _yield(yields),
        )
    if declared == Atom("none"):
        return Field(name.name, line, kept)
    return Field(name.name, line, kept, type_of(declared[1]), _text(declared[0]))


def _unavailable(called: Any, why: Any) -> str:  # noqa: ANN401 - as above
    return "only a later OTP can compile that" if why == Atom("syntax") else f"{_text(called)} is gone"


def _clause(term: Any) -> ClauseFacts:  # noqa: ANN401 - as above
    _, line, up, down, shapes, uses, positional, inside, fields = term
    return ClauseFacts(
        line,
        up.name,
        down.name,
        tuple(map(_pattern, shapes)),
        tuple(RecordUse(record.name, _how(how), at) for record, how, at in uses),
        tuple(Positional("set" if kind.name == "set" else "grown", number, at) for kind, number, at in positional),
        tuple(map(_pattern, inside)),
        tuple((record.name, tuple(each.name for each in named), at) for record, named, at in fields),
    )


def _pattern(term: Any) -> TuplePattern:  # noqa: ANN401 - as above
    tag, size, line = term
    return TuplePattern(None if tag == Atom("any") else tag[1].name, size, line)


def _how(term: Any) -> str:  # noqa: ANN401 - as above
    words = {"pattern": "by its pattern", "guard": "in a guard", "body": "in its body"}
    match term:
        case Atom(name):
            return words.get(name, name)
        case (Atom("call"), Atom(function), int(arity)):
            return f"in {function}/{arity}, which it calls with it"
    return "in its body"


def _yield(term: Any) -> Yield:  # noqa: ANN401 - as above
    heads, funs = term
    return Yield(tuple(map(_text, heads)), tuple(Fun(kind.name, _text(text)) for kind, text in funs))
