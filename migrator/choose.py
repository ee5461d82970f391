"""Which record keeps the state, in the new version and in an old one (contract, section 1)."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from migrator.callbacks import declared
from migrator.diagnostics import CATALOGUE, Diagnostic, Refused
from migrator.terms import Atom, atom_text, term_text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from migrator.modules import Attribute, Module
    from migrator.records import Record
    from migrator.request import Choice


def new_record(module: Module, choice: Choice | None) -> Record:
    """The state record of the new version.

    Raises:
        Refused: it names none (M111), two (M112), or one that it does not have (M110).
    """
    name = choice.new if choice else state_record_name(module)
    if name is None:
        shown = atom_text(_likely(module) or "state")
        raise Refused(
            Diagnostic(
                CATALOGUE["M111"],
                f"{module.name} does not say which record keeps its state",
                "nothing is generated for it, and its processes keep the old state under the new code",
                module.file,
                (f"-state_record({shown}).", f"--record {shown}"),
                module=module.name,
            )
        )
    return _existing(module, name)


def check_callback(module: Module) -> None:
    """Sees to it that each `-state_callback` of the new version is one.

    Raises:
        Refused: one names no function and its arguments (M114).
    """
    for attribute in module.attribute("state_callback"):
        if declared(attribute.value) is None:
            raise Refused(_no_callback(module, attribute))


def _no_callback(module: Module, attribute: Attribute) -> Diagnostic:
    return Diagnostic(
        CATALOGUE["M114"],
        f"-state_callback({term_text(attribute.value)}) of {module.name} names no function and its arguments",
        "it cannot be told which function converts the state",
        f"{attribute.file}:{attribute.line}",
        (
            "-state_callback({FUNCTION, ARITY, STATE_ARGUMENT}).",
            "-state_callback({FUNCTION, ARITY, STATE_ARGUMENT, OLD_VSN_ARGUMENT, EXTRA_ARGUMENT}).",
        ),
        module=module.name,
    )


def old_record(module: Module, choice: Choice | None, name: str) -> Record:
    """The state record of an old version: the one that it names, else the one called as the new one is.

    Raises:
        Refused: it names two (M112), or has no such record (M110).
    """
    if choice:
        return _existing(module, choice.old or choice.new)
    return _existing(module, state_record_name(module) or name)


def shown_record(module: Module, name: str | None) -> Record | None:
    """The record to show of one module: the one asked for, else the one that it names; None when it names none.

    Raises:
        Refused: it names two (M112), or it does not have that record (M110).
    """
    wanted = name or state_record_name(module)
    return None if wanted is None else _existing(module, wanted)


def state_record_name(module: Module) -> str | None:
    """The name in `-state_record`, or None.

    Raises:
        Refused: there are two of them, or its value is no name (M112, M114).
    """
    attributes = module.attribute("state_record")
    if len(attributes) > 1:
        lines = " and ".join(str(attribute.line) for attribute in attributes)
        raise Refused(
            Diagnostic(
                CATALOGUE["M112"],
                f"{module.name} has two -state_record attributes, in lines {lines}",
                "it cannot be told which record its processes keep",
                f"{attributes[1].file}:{attributes[1].line}",
                ("keep one of: " + ", ".join(f"-state_record({term_text(a.value)})." for a in attributes),),
                module=module.name,
            )
        )
    if not attributes:
        return None
    match attributes[0].value:
        case Atom(name):
            return name
    raise Refused(
        Diagnostic(
            CATALOGUE["M114"],
            f"-state_record({term_text(attributes[0].value)}) of {module.name} names no record",
            "it cannot be told which record its processes keep",
            f"{attributes[0].file}:{attributes[0].line}",
            ("-state_record(state).",),
            module=module.name,
        )
    )


def _existing(module: Module, name: str) -> Record:
    record = module.record(name)
    if record is not None:
        return record
    names = [shape.name for shape in module.record_index]
    close = nearest(name, names)
    known = f"its records are {', '.join(map(atom_text, names))}" if names else "it has no record at all"
    raise Refused(
        Diagnostic(
            CATALOGUE["M110"],
            f"{module.name} ({module.path}) has no record {atom_text(name)}; {known}",
            "a state of that name cannot exist in this version",
            module.file,
            tuple(f"--record {atom_text(each)}" for each in close),
            module=module.name,
        )
    )


def nearest(name: str, names: Iterable[str]) -> tuple[str, ...]:
    """Up to three of the names that look most like `name`, the likeliest first."""
    return tuple(difflib.get_close_matches(name, list(names), n=3, cutoff=0.5))


def _likely(module: Module) -> str | None:
    names = [shape.name for shape in module.record_index]
    return next((each for each in ("state", "data", "st") if each in names), names[0] if len(names) == 1 else None)
