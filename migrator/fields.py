"""Every field accounted for: the plan from one old record to the new one and back (contract, section 2)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from migrator.admits import admits
from migrator.compare import compare, question_of
from migrator.decisions import Convert, Drop, InitAsInit, InitBy, Keep, TakeDefault, Written
from migrator.diagnostics import CATALOGUE, Diagnostic
from migrator.fitting import Names, function_of, pair_names
from migrator.plan import (
    Converted,
    Copy,
    Dropped,
    FieldPlan,
    Given,
    GivenBy,
    Migration,
    Renamed,
    Source,
    TakenDefault,
)
from migrator.terms import atom_text, term_text
from migrator.values import Computed, value_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from migrator.changes import Diff
    from migrator.decisions import Decision
    from migrator.modules import Module
    from migrator.records import Field, Record
    from migrator.request import Request


@dataclass(frozen=True, slots=True)
class Pair:
    """One old version and the new one, with what was decided for this way."""

    old_module: Module
    old: Record
    new_module: Module
    new: Record
    names: Names
    decisions: tuple[Written, ...]
    request: Request

    def decided(self, *kinds: type[Decision], field: str) -> Decision | None:
        """The decision of one of these kinds about that field."""
        for each in self.decisions:
            if isinstance(each.decision, kinds) and getattr(each.decision, "field", None) == field:
                return each.decision
        return None

    @property
    def way(self) -> str:
        """From which version to which, for a person."""
        return f"{term_text(self.old_module.vsn)} -> {term_text(self.new_module.vsn)}"


def make_pair(  # noqa: PLR0913, PLR0917 - a pair has six parts
    old_module: Module,
    old: Record,
    new_module: Module,
    new: Record,
    decisions: tuple[Written, ...],
    request: Request,
) -> Pair:
    """The pair of records with their fields matched as decided."""
    return Pair(old_module, old, new_module, new, pair_names(old.names, new.names, decisions), decisions, request)


def plan_fields(pair: Pair) -> tuple[Migration, tuple[Diagnostic, ...]]:
    """The migration of this pair, and what is to be said of it.

    Where a person must decide, the migration has what would happen without a decision, and a diagnostic asks.
    """
    diff = compare(pair.old_module, pair.old, pair.new_module, pair.new)
    found: list[Diagnostic] = []
    up = tuple(FieldPlan(field.name, _source(pair, field, found)) for field in pair.new.fields)
    dropped = _dropped(pair, diff, found)
    down = tuple(FieldPlan(field.name, _source_back(pair, field, found)) for field in pair.old.fields)
    _retyped(pair, found)
    found.extend(_changed_defaults(pair, diff))
    found.extend(_unrevealed(pair, diff))
    migration = Migration(pair.old_module.vsn, pair.old.name, pair.old.names, up, dropped, down)
    return migration, tuple(replace(each, module=pair.new_module.name) for each in found)


def _place(module: Module, record: Record, field: Field) -> str:
    line = field.line or record.line
    return f"{record.file or module.file}:{line}, #{atom_text(record.name)}.{atom_text(field.name)}"


def _paste(text: str) -> str:
    return f"-state_migration([{text}])."


def _source(pair: Pair, field: Field, found: list[Diagnostic]) -> Source:
    old = pair.names.source.get(field.name)
    if old is not None:
        match pair.decided(Convert, field=field.name):
            case Convert(_, up):
                function = function_of(up, (1, 2), pair.new_module)
                if function is not None:
                    return Converted(old, function)
        return Copy(old) if old == field.name else Renamed(old)
    return _new_value(pair, field, found)


def _new_value(pair: Pair, field: Field, found: list[Diagnostic]) -> Source:
    value = value_of(pair.new_module, pair.new, field)
    match pair.decided(InitBy, InitAsInit, TakeDefault, field=field.name):
        case InitBy(_, name):
            function = function_of(name, (0, 1), pair.new_module)
            if function is not None:
                return GivenBy(function)
        case TakeDefault():
            return TakenDefault(field.default_text)
        case InitAsInit():
            return _lifted(pair, field, value, found)
    match value:
        case Computed():
            if "default" not in pair.request.allow:
                found.append(_undecided(pair, field, value))
            return TakenDefault("undefined")
        case Given(text, origin):
            found.append(
                Diagnostic(
                    CATALOGUE["M502"],
                    f"the new field {atom_text(field.name)} takes {text}, as {origin} gives it",
                    place=_place(pair.new_module, pair.new, field),
                    field=field.name,
                )
            )
    return value


def _lifted(pair: Pair, field: Field, value: Source | Computed, found: list[Diagnostic]) -> Source:
    if isinstance(value, Computed):
        if value.liftable is not None:
            return Given(value.liftable.text, f"init/1, line {value.expressions[0][1]}")
        why = (
            f"it needs {', '.join(value.missing)}, which only init/1 knows"
            if value.missing
            else "its constructions differ"
        )
        found.append(
            Diagnostic(
                CATALOGUE["M113"],
                f"{{init, {atom_text(field.name)}, as_init}} cannot be done: {why}",
                "the field would have no value, so nothing is generated",
                _place(pair.new_module, pair.new, field),
                (_paste(f"{{init, {atom_text(field.name)}, FUNCTION}}"),),
                field=field.name,
            )
        )
        return TakenDefault("undefined")
    return value


def _undecided(pair: Pair, field: Field, value: Computed) -> Diagnostic:
    name = atom_text(field.name)
    shown = "; ".join(f"{text} (line {line})" for text, line in value.expressions)
    lines = [_paste(f"{{init, {name}, FUNCTION}}"), _paste(f"{{default, {name}}}")]
    if value.liftable is not None:
        lines.insert(0, _paste(f"{{init, {name}, as_init}}"))
    return Diagnostic(
        CATALOGUE["M302"],
        f"the new field {name} has no default and init/1 computes it: {shown}",
        f"an upgraded process would have undefined there, a fresh one would not ({pair.way})",
        _place(pair.new_module, pair.new, field),
        tuple(lines),
        field=field.name,
    )


def _dropped(pair: Pair, diff: Diff, found: list[Diagnostic]) -> tuple[Dropped, ...]:
    used = set(pair.names.source.values())
    dropped: list[Dropped] = []
    for field in pair.old.fields:
        if field.name in used:
            continue
        decided = pair.decided(Drop, field=field.name) is not None
        dropped.append(Dropped(field.name, decided or "drop" in pair.request.allow))
        if dropped[-1].acknowledged:
            if not decided:
                found.append(
                    Diagnostic(
                        CATALOGUE["M504"],
                        f"the field {atom_text(field.name)} is dropped, as --allow drop permits",
                        place=_place(pair.old_module, pair.old, field),
                        old_field=field.name,
                    )
                )
            continue
        found.append(_lost(pair, diff, field))
    return tuple(dropped)


def _lost(pair: Pair, diff: Diff, field: Field) -> Diagnostic:
    free = [each for each in diff.candidates if each.old == field.name and each.new not in pair.names.source]
    name = atom_text(field.name)
    lines = [
        f"{_paste(f'{{rename, {name}, {atom_text(each.new)}}}')}   % {', '.join(each.evidence)}" for each in free[:3]
    ]
    return Diagnostic(
        CATALOGUE["M301"],
        f"the old field {name} has no place in the new #{atom_text(pair.new.name)}{{}}: its value would be lost",
        f"every process loses it on the upgrade ({pair.way}); a downgrade gives it {field.default_text}",
        _place(pair.old_module, pair.old, field),
        (*lines, _paste(f"{{drop, {name}}}")),
        old_field=field.name,
    )


def _source_back(pair: Pair, field: Field, found: list[Diagnostic]) -> Source:
    new = next((new for new, old in pair.names.source.items() if old == field.name), None)
    if new is not None:
        match pair.decided(Convert, field=new):
            case Convert(_, _, str(down)):
                function = function_of(down, (1, 2), pair.new_module)
                if function is not None:
                    return Converted(new, function)
            case Convert(_, _, None):
                return _old_default(pair, field, found)
        return Copy(new) if new == field.name else Renamed(new)
    match pair.decided(Drop, field=field.name):
        case Drop(_, (value,)):
            return Given(term_text(value), "a decision")
    return _old_default(pair, field, found)


def _old_default(pair: Pair, field: Field, found: list[Diagnostic]) -> Source:
    if field.default is None:
        return TakenDefault("undefined")
    missing = [
        f"the new {pair.new_module.name} has no {each}"
        for each in field.default.calls
        if each not in pair.new_module.functions
    ]
    missing += [f"{each} is gone" for each in field.default.missing]
    name = atom_text(field.name)
    if missing:
        allowed = "drop" in pair.request.allow
        found.append(
            Diagnostic(
                CATALOGUE["M404" if allowed else "M306"],
                f"the old default of {name} is {field.default.text}, and {', '.join(missing)}",
                "after a downgrade the field is undefined, as --allow drop permits"
                if allowed
                else "a downgrade could not give the field a value",
                _place(pair.old_module, pair.old, field),
                (_paste(f"{{drop, {name}, VALUE}}"),),
                old_field=field.name,
            )
        )
        return TakenDefault("undefined")
    if field.default.calls:
        calls = ", ".join(map(str, field.default.calls))
        found.append(
            Diagnostic(
                CATALOGUE["M402"],
                f"the old default of {name} is {field.default.text}: on a downgrade the new {calls} is called",
                "it may not do what the old function of that name did",
                _place(pair.old_module, pair.old, field),
                (_paste(f"{{drop, {name}, VALUE}}"),),
                old_field=field.name,
            )
        )
    return TakenDefault(field.default.expanded)


def _retyped(pair: Pair, found: list[Diagnostic]) -> None:
    question = question_of(pair.old_module, pair.old, pair.new_module, pair.new)
    for field in pair.new.fields:
        before = pair.old.get(pair.names.source.get(field.name, ""))
        if before is None or before.type is None or field.type is None:
            continue
        if pair.decided(Keep, Convert, field=field.name) or "retype" in pair.request.allow:
            continue
        answer = admits(field.type, before.type, question)
        if answer == "yes":
            continue
        found.append(_retype(pair, before, field, answer))


def _retype(pair: Pair, before: Field, field: Field, answer: str) -> Diagnostic:
    name = atom_text(field.name)
    if before.type_text == field.type_text:
        change = f"the type of {name}, {field.type_text}, no longer means what it meant"
    else:
        change = f"the type of {name} was {before.type_text} and is {field.type_text}"
    doubt = "" if answer == "no" else " (what the types mean is not known here)"
    return Diagnostic(
        CATALOGUE["M303"],
        f"{change}: the new one does not admit all that the old one admits{doubt}",
        f"the old value is copied as it is, and the new code may not understand it ({pair.way})",
        _place(pair.new_module, pair.new, field),
        (_paste(f"{{copy, {name}}}"), _paste(f"{{convert, {name}, UP_FUNCTION, DOWN_FUNCTION}}")),
        field=field.name,
    )


def _changed_defaults(pair: Pair, diff: Diff) -> Iterable[Diagnostic]:
    for name in diff.default_changed:
        before, after = pair.old.get(name), pair.new.get(name)
        if before is not None and after is not None:
            yield Diagnostic(
                CATALOGUE["M503"],
                f"the default of {atom_text(name)} was {before.default_text} and is {after.default_text}: "
                "the running value is kept",
                place=_place(pair.new_module, pair.new, after),
                field=name,
            )


def _unrevealed(pair: Pair, diff: Diff) -> Sequence[Diagnostic]:
    revealed = {each.name for each in pair.old_module.records} & {each.name for each in pair.new_module.records}
    hidden = [name for name in diff.changed_records if name not in revealed]
    kind = CATALOGUE["M307" if pair.request.unrevealed == "ask" else "M401"]
    return [
        Diagnostic(
            kind,
            f"the record {atom_text(name)} changed, and no type says whether the state holds one",
            "old tuples of it inside the state stay as they are, and the new code does not match them",
            f"{pair.new_module.file}, #{atom_text(name)}{{}}",
            (f"give the field that holds it a type with #{atom_text(name)}{{}} in it",),
        )
        for name in hidden
    ]
