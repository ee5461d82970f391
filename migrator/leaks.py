"""Fields that go, and leave something behind that lives on: a timer, a monitor, a table, a socket, a process."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from migrator.compare import side_of
from migrator.diagnostics import CATALOGUE, Diagnostic
from migrator.holdings import MONITOR, REFERENCE, TIMER, Holding, given_by, taken_by, typed_as
from migrator.terms import atom_text
from migrator.uses import FromCall

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from migrator.modules import Module
    from migrator.pairs import Pair
    from migrator.records import Field, Record
    from migrator.uses import Depth


@dataclass(frozen=True, slots=True)
class Leak:
    """What a field held, by which sign, for a person. `depth`: the value is it, or has it somewhere inside."""

    holding: Holding
    sign: str
    depth: Depth


def leaking(pair: Pair, gone: Iterable[str], going: Iterable[str]) -> Iterator[Diagnostic]:
    """A warning for each old field of `gone`, and a word on each new one of `going`, that held what lives on.

    Nothing of what the module's own `code_change` takes from the old state and ends, as far as the code shows it.
    """
    ended = {taken_by(each.call, each.position) for each in pair.new_module.uses.old_state}
    for name in gone:
        if leaks := _left(held(pair.old_module, pair.old, name), ended):
            yield _dropped(pair, name, leaks)
    for name in going:
        if leaks := _left(held(pair.new_module, pair.new, name), ended):
            yield _vanishing(pair, name, leaks)


def _left(leaks: tuple[Leak, ...], ended: set[Holding | None]) -> tuple[Leak, ...]:
    """Those that nothing ends; what some reference is of is ended with any of the things that references are of."""
    return tuple(
        each
        for each in leaks
        if each.holding not in ended and not (each.holding == REFERENCE and ended & {TIMER, MONITOR})
    )


def held(module: Module, record: Record, name: str) -> tuple[Leak, ...]:
    """What a field holds that lives on: by the code first, which knows best, then by its default and its type."""
    field = record.get(name)
    if field is None:
        return ()
    found = [*_given(module, record, field), *_passed(module, record, field), *_typed(module, field)]
    first: dict[str, Leak] = {}
    for each in found:
        first.setdefault(each.holding.name, each)
    # That it is some reference is said where nothing says what of.
    known = tuple(each for each in first.values() if each.holding != REFERENCE)
    return known or tuple(first.values())


def _given(module: Module, record: Record, field: Field) -> Iterator[Leak]:
    for each in module.uses.given:
        if (each.record, each.field) != (record.name, field.name):
            continue
        for origin in each.origins:
            holding = given_by(origin.call, origin.element) if isinstance(origin, FromCall) else None
            if holding is None or not isinstance(origin, FromCall):
                continue
            sign = (
                f"its default is {field.default_text}"
                if each.function is None
                else f"{origin.call} gives it ({each.function}, line {each.line})"
            )
            yield Leak(holding, sign, origin.depth)


def _passed(module: Module, record: Record, field: Field) -> Iterator[Leak]:
    given = [each for each in module.uses.given if (each.record, each.field) == (record.name, field.name)]
    # A name, which the code says: nothing is lost with the field. What a header declares is given values elsewhere too.
    own = (record.file or module.file) == module.file
    if own and given and all(each.origins == ("plain",) for each in given):
        return
    for each in module.uses.passed:
        holding = taken_by(each.call, each.position)
        if (each.record, each.field) == (record.name, field.name) and holding is not None:
            yield Leak(holding, f"it is passed to {each.call} ({each.function}, line {each.line})", each.depth)


def _typed(module: Module, field: Field) -> Iterator[Leak]:
    if field.type is not None:
        for holding, depth in typed_as(field.type, side_of(module)):
            yield Leak(holding, f"its type is {field.type_text}", depth)


def _dropped(pair: Pair, name: str, leaks: tuple[Leak, ...]) -> Diagnostic:
    field = pair.old.get(name)
    assert field is not None  # noqa: S101 - it holds something
    called = atom_text(name)
    return Diagnostic(
        CATALOGUE["M414"],
        f"the old field {called}{_of(pair, pair.old)} held {_named(leaks)}, and is dropped: {leaks[0].sign}",
        f"after the upgrade {_lives_on(pair, leaks)} ({pair.way})",
        pair.place(pair.old_module, pair.old, field),
        (f"{pair.paste('rename', called, 'FIELD')}   % or keep the field", *_clean_up(pair, name, leaks)),
        old_field=name,
    )


def _vanishing(pair: Pair, name: str, leaks: tuple[Leak, ...]) -> Diagnostic:
    field = pair.new.get(name)
    assert field is not None  # noqa: S101 - as above
    return Diagnostic(
        CATALOGUE["M513"],
        f"the new field {pair.called(name)} holds {_named(leaks)}, and no old field takes it on a downgrade: "
        f"{leaks[0].sign}",
        f"after a downgrade {_lives_on(pair, leaks)}",
        pair.place(pair.new_module, pair.new, field),
        field=name,
    )


def _of(pair: Pair, record: Record) -> str:
    return f" of #{atom_text(record.name)}{{}}" if pair.inner else ""


# Who gets what arrives.
_RECEIVERS = {
    "gen_server": " in handle_info",
    "gen_event": " in handle_info",
    "gen_fsm": " in handle_info",
    "gen_statem": " as an info event",
}


def _lives_on(pair: Pair, leaks: tuple[Leak, ...]) -> str:
    known = (each for each in pair.new_module.behaviours if each in _RECEIVERS)
    where = next((_RECEIVERS[each] for each in known), " at the process")
    return "; ".join(dict.fromkeys(each.holding.lives_on.format(where=where) for each in leaks))


def _named(leaks: tuple[Leak, ...]) -> str:
    return " and ".join(each.holding.name for each in leaks)


def _clean_up(pair: Pair, name: str, leaks: tuple[Leak, ...]) -> tuple[str, ...]:
    """The expression that ends it in the module's own `code_change`, where the value alone is it."""
    first = leaks[0]
    if pair.inner:
        return ()
    native = pair.old.definition is not None
    at = "Was" if native else f"element({pair.old.names.index(name) + 2}, Old)"
    done = first.holding.clean_up.replace("X", at) if first.depth == "is" else ""
    call = done or f"CLEAN_UP({at})"
    shape = f"Old when is_record(Old, {atom_text(pair.old.name)}, {pair.old.size}), {at} =/= undefined"
    pattern = f"#_{{{atom_text(name)} = {at}}} when {at} =/= undefined" if native else shape
    body = f"{call}; _ -> ok end   % in the module's own code_change"
    return (f"case proplists:get_value(old_state, Extra) of {pattern} -> {body}",)
