"""What the processes of a version keep: the record or the type that it names (contract, section 1)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from migrator import types as t
from migrator.choose import check_callback, nearest, new_record, old_record, state_record_name
from migrator.compare import side_of
from migrator.diagnostics import CATALOGUE, Diagnostic, Refused
from migrator.states import AnyState, StateRecord, StateType
from migrator.statetypes import state_type
from migrator.terms import Atom, atom_text, term_text
from migrator.typenames import resolve

if TYPE_CHECKING:
    from migrator.decisions import WholeState
    from migrator.modules import Attribute, Module
    from migrator.records import Record
    from migrator.request import Choice
    from migrator.states import State


@dataclass(frozen=True, slots=True)
class Kept:
    """What one version of a module keeps: its state, its type, and the record where the state is a bare one."""

    module: Module
    state: State
    type: t.Type
    record: Record | None = None


def state_type_name(module: Module) -> str | None:
    """The name in `-state_type`, or None.

    Raises:
        Refused: two attributes name the state (M126), or its value is no name (M114).
    """
    attributes = module.attribute("state_type")
    both = (*module.attribute("state_record"), *attributes)
    if not attributes:
        return None
    if len(both) > 1:
        raise Refused(_twice(module, both))
    match attributes[0].value:
        case Atom(name):
            return name
    raise Refused(
        Diagnostic(
            CATALOGUE["M114"],
            f"-state_type({term_text(attributes[0].value)}) of {module.name} names no type",
            "it cannot be told what its processes keep",
            f"{attributes[0].file}:{attributes[0].line}",
            ("-state_type(NAME).   % for a type NAME() of the module",),
            module=module.name,
        )
    )


def _twice(module: Module, both: tuple[Attribute, ...]) -> Diagnostic:
    said = " and ".join(f"-{each.name}({term_text(each.value)}) in line {each.line}" for each in both)
    return Diagnostic(
        CATALOGUE["M126"],
        f"{module.name} names its state twice: {said}",
        "it cannot be told which of them its processes keep",
        f"{both[-1].file}:{both[-1].line}",
        ("keep one of them",),
        module=module.name,
    )


def kept_by_new(module: Module, choice: Choice | None) -> Kept:
    """What the new version keeps.

    Raises:
        Refused: it does not say (M111), says two things (M112, M126), names what it does not have (M110, M127), or has
            a callback that is none (M114).
    """
    check_callback(module)
    name = state_type_name(module)
    if name is None:
        return of_record(module, new_record(module, choice))
    if choice is not None:
        raise Refused(_no_record(module, name, choice))
    return of_type(module, name)


def kept_by_old(module: Module, choice: Choice | None, new: Kept, hand: WholeState | None) -> Kept:
    """What an old version keeps: what it names, else what is called as in the new version.

    Where it has neither and the whole state is converted `by hand`, it may keep anything.

    Raises:
        Refused: it says two things (M112, M126), or has no such record or type (M110, M127).
    """
    if choice is not None:
        return of_record(module, old_record(module, choice, choice.new))
    name = state_type_name(module)
    if name is not None:
        return _bare(of_type(module, name), new)
    if isinstance(new.state, StateRecord):
        if hand is not None and state_record_name(module) is None and module.record(new.state.name) is None:
            return Kept(module, AnyState(), t.AnyTerm())
        try:
            return of_record(module, old_record(module, None, new.state.name))
        except Refused as refused:
            raise Refused(*(_or_by_hand(each) for each in refused.diagnostics)) from refused
    named = state_record_name(module)
    if named is not None:
        return of_record(module, old_record(module, None, named))
    wanted = new.state.name if isinstance(new.state, StateType) else ""
    if hand is not None and (wanted, 0) not in side_of(module).types:
        return Kept(module, AnyState(), t.AnyTerm())
    return of_type(module, wanted)


def _or_by_hand(absent: Diagnostic) -> Diagnostic:
    """An old version without such a record may have kept something else."""
    if absent.code != "M110":
        return absent
    line = "-state_migration([{state, UP_FUNCTION, DOWN_FUNCTION}]).   % where it kept no record at all"
    return replace(absent, help=(*absent.help, line))


def of_record(module: Module, record: Record) -> Kept:
    """The state is that bare record."""
    state = StateRecord(record.name, record.size, record.names, record.definition)
    return Kept(module, state, t.RecordOf(record.name), record)


def of_type(module: Module, name: str) -> Kept:
    """The state is a value of the type of that name.

    Raises:
        Refused: the module has no such type (M127).
    """
    side = side_of(module)
    if (name, 0) not in side.types:
        raise Refused(_no_type(module, name))
    type_ = t.UserType(name, ())
    return Kept(module, state_type(name, type_, side), type_)


def shown_type(module: Module) -> StateType | None:
    """The type to show of one module, where it names one.

    Raises:
        Refused: it names two states (M126), or a type that it does not have (M127).
    """
    name = state_type_name(module)
    return None if name is None else along(of_type(module, name))


def _bare(kept: Kept, new: Kept) -> Kept:
    """The old version's bare record, where its type is nothing but that and the new version keeps one."""
    match resolve(kept.type, side_of(kept.module)):
        case t.RecordOf(name) if new.record is not None and (record := kept.module.record(name)) is not None:
            return of_record(kept.module, record)
    return kept


def along(kept: Kept) -> StateType:
    """The state as one that is walked along its type."""
    if isinstance(kept.state, StateType):
        return kept.state
    name = kept.record.name if kept.record else ""
    return state_type(name, kept.type, side_of(kept.module))


def _no_type(module: Module, name: str) -> Diagnostic:
    declared = {each for each, arity in module.type_index if arity == 0}
    parameters = [arity for each, arity in module.type_index if each == name]
    close = nearest(name, declared)
    attribute = next(iter(module.attribute("state_type")), None)
    place = f"{attribute.file}:{attribute.line}" if attribute else module.file
    if parameters:
        return Diagnostic(
            CATALOGUE["M122"],
            f"-state_type({atom_text(name)}) of {module.name}: {atom_text(name)}/{parameters[0]} has parameters",
            "nothing is generated for it",
            place,
            (f"-type {atom_text(f'state_of_{name}')}() :: {atom_text(name)}(…).   % one without parameters",),
            module=module.name,
        )
    if declared:
        known = f"its types are {', '.join(f'{atom_text(each)}()' for each in sorted(declared)[:8])}"
    else:
        known = "it has no type at all"
    return Diagnostic(
        CATALOGUE["M127"],
        f"{module.name} ({module.path}) has no type {atom_text(name)}(); {known}",
        "what its processes keep is not known, so that nothing can be converted along it",
        place,
        (
            *(f"-state_type({atom_text(each)})." for each in close),
            f"-type {atom_text(name)}() :: TYPE.   % in both versions",
            "-state_migration([{state, UP_FUNCTION, DOWN_FUNCTION}]).   % or the whole state by hand",
        ),
        module=module.name,
    )


def _no_record(module: Module, name: str, choice: Choice) -> Diagnostic:
    attribute = module.attribute("state_type")[0]
    return Diagnostic(
        CATALOGUE["M128"],
        f"{module.name} keeps a value of the type {atom_text(name)}(), and --record names #{atom_text(choice.new)}{{}}",
        "--record names a record that is the whole state; a type it cannot name",
        f"{attribute.file}:{attribute.line}",
        (f"-state_type({atom_text(name)}).   % and no --record",),
        module=module.name,
    )
