"""Whether decisions fit the records that they speak of (contract, section 8)."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from migrator.callbacks import callback_of
from migrator.choose import nearest
from migrator.decisions import (
    Convert,
    Decision,
    Deep,
    Downgrade,
    Drop,
    Expression,
    InitAsInit,
    InitBy,
    Inside,
    Keep,
    Move,
    OnlyFrom,
    Rename,
    RenameRecord,
    TakeDefault,
    WholeState,
    Written,
    expressions_of,
)
from migrator.diagnostics import CATALOGUE, Diagnostic, Refused
from migrator.records import FunctionName
from migrator.terms import atom_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from migrator.decisions import Read
    from migrator.modules import Module


@dataclass(frozen=True, slots=True)
class Names:
    """The field names of an old version and of the new one, and which new field is which old one.

    `records` are the records inside the state that are converted, by old and new name. `tags` are the names of the
    old record and the new one; none for a version that the beam carries already, which no expression is applied to.
    `judged` has for decisions about what lies inside why each fits nothing, or None. `handed` are new fields that
    values move into from outside, `alone` those of them that have no other source; `built` are records that are built.
    """

    old: tuple[str, ...]
    new: tuple[str, ...]
    source: dict[str, str]
    records: frozenset[tuple[str, str]] = frozenset()
    tags: tuple[str, str] | None = None
    judged: tuple[tuple[Decision, str | None], ...] = ()
    handed: frozenset[str] = frozenset()
    alone: frozenset[str] = frozenset()
    built: frozenset[str] = frozenset()


def pair_names(old: tuple[str, ...], new: tuple[str, ...], decisions: Sequence[Written]) -> Names:
    """Which old field each new field comes from: by a rename, else by its own name."""
    renames = [each.decision for each in decisions if isinstance(each.decision, Rename)]
    dropped = {each.decision.field for each in decisions if isinstance(each.decision, Drop)}
    targets = {each.new: each.old for each in renames if each.old in old and each.new in new}
    away = {each.old for each in renames if each.old in old and each.new in new}
    # A rename onto a field that is copied fits nothing: it is left out here and reported by `misfit`.
    settled = {
        target: source for target, source in targets.items() if target not in old or target in away or target in dropped
    }
    gone = {*settled.values(), *(each.decision.old for each in decisions if isinstance(each.decision, Move))}
    copied = {name: name for name in new if name in old and name not in settled and name not in gone}
    return Names(old, new, {name: ({**copied, **settled})[name] for name in new if name in copied or name in settled})


def misfit(decision: Decision, names: Names, module: Module) -> str | None:  # noqa: C901, PLR0912 - a line a form
    """Why a decision fits nothing in this pair of records, as a sentence's end; None when it fits."""
    match decision:
        case Rename(old, new):
            return _misfit_rename(old, new, names)
        case Convert(field, up, down):
            if field not in names.source:
                return absent("a field that both records have", field, names.source)
            missing = _no_function(up, (1, 2), module)
            return missing or (None if down is None else _no_function(down, (1, 2), module))
        case InitBy(field, function):
            return _misfit_new(field, names) or _no_function(function, (0, 1), module)
        case InitAsInit(field) | TakeDefault(field):
            return _misfit_new(field, names)
        case Drop(field):
            if field not in names.old:
                return absent("a field of the old record", field, names.old)
            used = [new for new, old in names.source.items() if old == field]
            return f"the old field {atom_text(field)} is the source of the new {atom_text(used[0])}" if used else None
        case Keep(field):
            kept = {*names.source, *names.handed}
            return None if field in kept else absent("a field that both records have", field, kept)
        case Deep(field):
            missing = None if field in names.source else absent("a field that both records have", field, names.source)
            return missing or dict(names.judged).get(decision)
        case RenameRecord(old, new):
            return _misfit_record(old, new, names, module)
        case Inside(record):
            return _misfit_inside(record, names)
        case Move(old, path):
            return dict(names.judged).get(decision) or _misfit_move(old, path[0], names)
        case Downgrade():
            own = callback_of(module).function in module.functions
            return None if own else f"{module.name} has no function of its own that could run first or second"
        case WholeState(up, down):
            return _misfit_whole((up, down), module)
        case OnlyFrom():
            return None


def _misfit_whole(both: tuple[str | Expression | None, ...], module: Module) -> str | None:
    for how in both:
        if isinstance(how, Expression):
            if how.reads:
                return "in an expression for the whole state only Value can be used"
        elif how is not None and (missing := _no_function(how, (1,), module)):
            return missing
    return None


def _misfit_inside(record: str, names: Names) -> str | None:
    known = {name for pair in names.records for name in pair} | names.built
    if record in known:
        return None
    return absent("a record that a type leads to from the state", record, known)


def _misfit_record(old: str, new: str, names: Names, module: Module) -> str | None:
    known = [*(shape.name for shape in module.record_index), *(name for _, name in sorted(names.records))]
    if new not in known:
        return absent(f"a record of the new {module.name}", new, known)
    if old == new:
        return f"#{atom_text(new)}{{}} is its name already"
    if (old, new) not in names.records:
        return f"no type leads from the state to #{atom_text(old)}{{}} and to #{atom_text(new)}{{}}"
    return None


def _misfit_rename(old: str, new: str, names: Names) -> str | None:
    if old not in names.old:
        return absent("a field of the old record", old, names.old)
    if new not in names.new:
        return absent("a field of the new record", new, names.new)
    if names.source.get(new) != old:
        return f"the new field {atom_text(new)} is copied from the old field of the same name"
    return None


def _misfit_move(old: str, into: str, names: Names) -> str | None:
    if old not in names.old:
        return absent("a field of the old record", old, names.old)
    return None if into in names.new else absent("a field of the new record", into, names.new)


def _misfit_new(field: str, names: Names) -> str | None:
    if field in names.alone:
        return f"the new field {atom_text(field)} has a source already: a value that moves into it"
    if field not in names.new:
        return absent("a field of the new record", field, names.new)
    if field in names.source:
        return f"the new field {atom_text(field)} has a source already: the old {atom_text(names.source[field])}"
    return None


def absent(what: str, field: str, among: Iterable[str]) -> str:
    """That there is no such thing, with the nearest names, as a sentence's end."""
    close = nearest(field, among)
    hint = f"; did you mean {' or '.join(map(atom_text, close))}?" if close else ""
    return f"{atom_text(field)} is not {what}{hint}"


def function_of(name: str, arities: Sequence[int], module: Module) -> FunctionName | None:
    """The first function of that name, with one of those arities, that the module has."""
    return next(
        (FunctionName(name, arity) for arity in arities if FunctionName(name, arity) in module.functions),
        None,
    )


def _no_function(name: str | Expression, arities: tuple[int, ...], module: Module) -> str | None:
    if isinstance(name, Expression) or function_of(name, arities, module) is not None:
        return None
    wanted = " or ".join(f"{atom_text(name)}/{arity}" for arity in arities)
    close = nearest(name, {each.name for each in module.functions})
    hint = f"; did you mean {' or '.join(map(atom_text, close))}?" if close else ""
    return f"the new {module.name} has no function {wanted}{hint}"


# A record has 1,023 fields at most, and of each there is little to decide.
MOST_DECISIONS = 5_000
# Of decisions that contradict each other so many are shown.
_SHOWN = 4


def not_too_many(decisions: Sequence[Written], module: Module) -> None:
    """Does nothing where a module has as many decisions as one may need.

    Raises:
        Refused: it has far more (M159): each is held against all the others.
    """
    number = sum(1 for each in decisions for _ in _flat(each))
    if number > MOST_DECISIONS:
        raise Refused(
            Diagnostic(
                CATALOGUE["M159"],
                f"{module.name} has {number} decisions, and no state needs more than {MOST_DECISIONS}",
                "to hold each against all the others would take for ever, so nothing is generated",
                decisions[-1].place,
                ("what wrote them? a decision for each field that changed is enough",),
                module=module.name,
            )
        )


def unfit(
    decisions: Sequence[Written], pairs: Sequence[tuple[Names, Sequence[Written]]], module: Module
) -> list[Diagnostic]:
    """A diagnostic (M113) for each decision that fits none of the pairs for which it holds.

    `pairs` has, for each old version, the field names and the decisions that hold when coming from it.
    """
    flat = [inner for each in decisions for inner in _flat(each)]
    places = [(names, frozenset(map(_known_by, held))) for names, held in pairs]
    found: list[Diagnostic] = []
    for written in flat:
        reasons = [misfit(written.decision, names, module) for names, held in places if _known_by(written) in held]
        if reasons and all(reasons):
            found.append(_misfit_diagnostic(written, reasons[0] or "", module))
    found.extend(_unread(flat, places, module))
    return found + _contradictions(pairs, module)


def _flat(written: Written) -> tuple[Written, ...]:
    """The decisions inside those that hold for one version or one record, with those themselves."""
    match written.decision:
        case OnlyFrom(_, inner):
            return tuple(each for one in inner for each in _flat(one))
        case Inside(_, inner):
            return (written, *(each for one in inner for each in _flat(one)))
    return (written,)


def _known_by(written: Written) -> tuple[str, str]:
    """What tells a decision from the others, and can be looked up: one may hold any term."""
    return written.text, written.place


def _unread(
    flat: Sequence[Written], pairs: Sequence[tuple[Names, frozenset[tuple[str, str]]]], module: Module
) -> list[Diagnostic]:
    """What expressions read and one of the versions that they hold for does not have: there they could not run."""
    found: list[Diagnostic] = []
    for written in flat:
        for names, held in pairs:
            if names.tags is None or _known_by(written) not in held or misfit(written.decision, names, module):
                continue
            for read, reason in _bad_reads(written.decision, names, names.tags):
                told = _misfit_diagnostic(written, reason, module)
                found.append(replace(told, place=f"{written.file}:{read.line}:{read.column}"))
    return list(dict.fromkeys(found))


def _bad_reads(decision: Decision, names: Names, tags: tuple[str, str]) -> Iterator[tuple[Read, str]]:
    up, down = expressions_of(decision)
    for expression, record, fields in ((up, tags[0], names.old), (down, tags[1], names.new)):
        for read in expression.reads if expression else ():
            side = "old" if fields is names.old else "new"
            if isinstance(decision, WholeState):
                continue
            if read.record != record:
                yield read, absent(f"the {side} record that this is about", read.record, [record])
            elif read.field not in fields:
                yield read, absent(f"a field of the {side} record {atom_text(record)}", read.field, fields)


def _misfit_diagnostic(written: Written, reason: str, module: Module) -> Diagnostic:
    return Diagnostic(
        CATALOGUE["M113"],
        f"the decision {written.text} fits nothing: {reason}",
        "a decision that is not applied would leave a field to chance, so nothing is generated",
        written.place,
        ("take it out, or name the field that is meant",),
        module=module.name,
    )


def _contradictions(pairs: Sequence[tuple[Names, Sequence[Written]]], module: Module) -> list[Diagnostic]:
    found: dict[str, Diagnostic] = {}
    for _, held in pairs:
        said_once = {repr(each.decision): each for each in reversed(held)}.values()
        claims = Counter(claim for each in said_once for claim in _claims(each.decision))
        claimed: dict[tuple[str, str], list[Written]] = {}
        for written in held:
            for claim in _claims(written.decision):
                claimed.setdefault(claim, []).append(written)
        for (side, field), texts in claimed.items():
            if claims[side, field] > 1:
                said = _shown(list(dict.fromkeys(f"{each.text} ({each.place})" for each in texts)))
                found[said] = Diagnostic(
                    CATALOGUE["M113"],
                    f"two decisions about the {side} {atom_text(field)} contradict each other: {said}",
                    "only one of them can hold, so nothing is generated",
                    texts[-1].place,
                    ("keep one of them",),
                    module=module.name,
                )
    return list(found.values())


def _shown(texts: Sequence[str]) -> str:
    more = f" and {len(texts) - _SHOWN} more" if len(texts) > _SHOWN else ""
    return " and ".join(texts[:_SHOWN]) + more


def _claims(decision: Decision) -> tuple[tuple[str, str], ...]:
    """What a decision settles alone: the fate of an old field, the source of a new one."""
    match decision:
        case Rename(old, new):
            return ("old field", old), ("new field", new)
        case Drop(field):
            return (("old field", field),)
        case Move(old, path):
            return ("old field", old), ("field inside", ".".join(path))
        case InitBy(field) | InitAsInit(field) | TakeDefault(field):
            return (("new field", field),)
        case Convert(field) | Deep(field):
            return (("conversion of", field),)
        case RenameRecord(old, new):
            return ("old record", old), ("new record", new)
        case Downgrade():
            return (("order on a", "downgrade"),)
        case WholeState():
            return (("conversion of the", "state"),)
    return ()
