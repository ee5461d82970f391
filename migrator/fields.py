"""Every field accounted for: the plan from one old record to the new one and back (contract, section 2)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from migrator.admits import admits
from migrator.anywhere import shape_questions, way_through
from migrator.compare import compare, question_of
from migrator.decisions import Convert, Drop, Expression, InitAsInit, InitBy, Keep, TakeDefault
from migrator.diagnostics import CATALOGUE, Diagnostic
from migrator.fitting import function_of
from migrator.funs import held_funs
from migrator.initial import as_init, set_by_init, undecided, unseen
from migrator.leaks import leaking
from migrator.likely import conversions, rekinded
from migrator.lookalikes import looking_alike
from migrator.moved import given_up, offered, retyped, uncertain
from migrator.moving import beside
from migrator.needing import required, required_back
from migrator.others import brought, is_untold, out_of_sight, private_default, untold
from migrator.recordplan import (
    Converted,
    ConvertedTo,
    Copy,
    Dropped,
    FieldPlan,
    Filled,
    Given,
    GivenBy,
    GivenFrom,
    Handed,
    Nested,
    RecordPlan,
    Renamed,
    Source,
    Taken,
    TakenDefault,
    source_reads,
)
from migrator.terms import atom_text, term_text
from migrator.unrevealed import unrevealed
from migrator.untouched import untouched
from migrator.values import Computed, Unseen, value_of
from migrator.walks import STAY, Anywhere

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from migrator.admits import Question
    from migrator.changes import Diff
    from migrator.pairs import Pair, Place
    from migrator.records import Field
    from migrator.walks import NamedWalk, Walk


def plan_fields(pair: Pair) -> tuple[RecordPlan, tuple[Diagnostic, ...]]:
    """The plan of this pair, and what is to be said of it.

    Where a person must decide, the plan has what would happen without a decision, and a diagnostic asks.
    """
    diff = compare(pair.old_module, pair.old, pair.new_module, pair.new)
    found: list[Diagnostic] = []
    up = tuple(FieldPlan(field.name, _source(pair, field, found)) for field in pair.new.fields)
    dropped = _dropped(pair, diff, up, found)
    down = tuple(FieldPlan(field.name, _source_back(pair, field, found)) for field in pair.old.fields)
    found.extend(leaking(pair, [each.field for each in dropped], _vanishing(pair, down)))
    _retyped(pair, found)
    found.extend(rekinded(pair, [each.field for each in found if each.code in {"M303", "M505"}]))
    found.extend(uncertain(pair))
    found.extend(_changed_defaults(pair, diff))
    found.extend(held_funs(pair))
    if not pair.inner:
        found.extend((*unrevealed(pair, diff), *out_of_sight(pair), *shape_questions(pair)))
        for inner in untouched(pair):
            found.extend(replace(each, field=None) for each in (*rekinded(inner, ()), *held_funs(inner)))
    found.extend((*untold(pair), *looking_alike(pair), *brought(pair)))
    names, kinds = (pair.old.name, pair.new.name, pair.old.names), (pair.old.definition, pair.new.definition)
    plan = RecordPlan(*names, up, dropped, down, pair.foreign, *kinds)
    told = [replace(each, module=pair.new_module.name) for each in found]
    if pair.inner:
        # The fields of the state alone have a place of their own in what is shown.
        told = [replace(each, field=None, old_field=None) for each in told]
    return plan, tuple(told)


def _vanishing(pair: Pair, down: Sequence[FieldPlan]) -> list[str]:
    """The new fields that no old one takes on a downgrade."""
    taken = {*pair.names.source, *(field for each in down for _, field in source_reads(each.source))}
    return [field.name for field in pair.new.fields if field.name not in taken]


def _source(pair: Pair, field: Field, found: list[Diagnostic]) -> Source:
    handed = dict(pair.handed).get(field.name)
    if handed is not None:
        return handed
    place = pair.place_in(field.name)
    return _own_source(pair, field, found) if place is None else _filled(pair, field, place, found)


def _filled(pair: Pair, field: Field, place: Place, found: list[Diagnostic]) -> Source:
    """The record in that field, with the values that move into it."""
    handed: list[Source] = []
    for origin in place.handed:
        moved = next((each for each in pair.moved if each.old == origin), None)
        old = None if moved is None else pair.old.get(moved.old)
        if isinstance(origin, Handed) or moved is None or old is None:
            handed.append(origin if isinstance(origin, Handed) else Handed(0, origin))
        else:
            handed.append(_carried(pair, moved.target, moved.old, "", way_through(pair, pair.up, old, moved.target)))
    if place.pair is None:
        value = _own_source(pair, field, found)
        given = Given(value.text, "its default") if isinstance(value, TakenDefault) else value
        assert place.update is not None  # noqa: S101 - a place has one of the two
        return Filled(given, place.update, tuple(handed), place.certain)
    inner, told = plan_fields(place.pair)
    found.extend(told)
    if place.pair.built:
        return Filled(None, inner, tuple(handed), place.certain)
    return Filled(beside(_own_source(pair, field, found), inner.record), inner, tuple(handed), place.certain)


def _own_source(pair: Pair, field: Field, found: list[Diagnostic]) -> Source:
    old = pair.names.source.get(field.name)
    if old is not None:
        match pair.decided(Convert, field=field.name):
            case Convert(_, Expression() as up):
                return ConvertedTo(old, up.text, _variables(up, old))
            case Convert(_, str(up)):
                function = function_of(up, (1, 2), pair.new_module)
                if function is not None:
                    return Converted(old, function)
        return _carried(pair, field, old, field.name, way_through(pair, pair.up, pair.old.get(old), field))
    if pair.new.definition is None or field.default is not None:
        return _new_value(pair, field, found)
    said: list[Diagnostic] = []
    source, asked = required(pair, field, _new_value(pair, field, said), said)
    found.extend(asked)
    return source


def _variables(expression: Expression, value: str) -> tuple[tuple[str, str], ...]:
    """The variables of an expression with the other record's fields, `value` for the one that `Value` stands for."""
    reads = tuple((each.variable, each.field) for each in expression.reads)
    return (("Value", value), *reads) if expression.value else reads


def _carried(pair: Pair, field: Field, source: str, new: str, way: tuple[Walk, tuple[NamedWalk, ...]]) -> Source:
    """The value of a field of the other side, with the changed records inside it converted where there are some.

    `new` is what the new record calls it, empty where it moves elsewhere.
    """
    walk, named = way
    if walk != STAY and (isinstance(walk, Anywhere) or not _left_whole(pair, new, field.name, source)):
        return Nested(source, walk, named)
    return Copy(source) if source == field.name else Renamed(source)


def _left_whole(pair: Pair, new: str, *names: str) -> bool:
    """Whether `{copy, F}` with one of these names says so. As the answer to M303 it is about the type alone."""
    if not any(pair.decided(Keep, field=name) for name in names):
        return False
    before, after = pair.old.get(pair.names.source.get(new, "")), pair.new.get(new)
    return before is None or after is None or is_untold(pair, new) or _admitted(pair, before, after) == "yes"


def _admitted(pair: Pair, before: Field, after: Field) -> str:
    """Whether the new type admits all that the old one does; where one has none, nothing is asked."""
    if before.type is None or after.type is None:
        return "yes"
    return admits(after.type, before.type, _question(pair))


def _question(pair: Pair) -> Question:
    return question_of(pair.old_module, pair.old, pair.new_module, pair.new, pair.converted)


def _new_value(pair: Pair, field: Field, found: list[Diagnostic]) -> Source:  # noqa: C901 - a line for each way
    value = value_of(pair, field)
    if field.default is not None and field.default.private and not pair.decided(InitBy, field=field.name):
        found.append(private_default(pair, field, field.default))
        return TakenDefault("undefined")
    match pair.decided(InitBy, InitAsInit, TakeDefault, field=field.name):
        case InitBy(_, Expression() as expression):
            return GivenFrom(expression.text, _variables(expression, field.name))
        case InitBy(_, str(name)):
            function = function_of(name, (0, 1), pair.new_module)
            if function is not None:
                return GivenBy(function)
        case TakeDefault():
            return TakenDefault(field.default_text)
        case InitAsInit():
            source, said = as_init(pair, field)
            found.extend(() if said is None else (said,))
            return source
        case None if field.default is not None:
            found.extend(set_by_init(pair, field))
    match value:
        case Computed():
            asked = undecided(pair, field, value)
            found.append(_allowed(asked, "default") if "default" in pair.request.allow else asked)
            return TakenDefault("undefined")
        case Unseen():
            found.append(unseen(pair, field))
            return TakenDefault("undefined")
        case Given(text, origin):
            found.append(
                Diagnostic(
                    CATALOGUE["M502"],
                    f"the new field {pair.called(field.name)} takes {text}, as {origin} gives it",
                    place=pair.place(pair.new_module, pair.new, field),
                    field=field.name,
                )
            )
    return value


def _dropped(pair: Pair, diff: Diff, up: Sequence[FieldPlan], found: list[Diagnostic]) -> tuple[Dropped, ...]:
    # What an expression reads is accounted for.
    used = {*pair.names.source.values(), *(field for each in up for _, field in source_reads(each.source))}
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
                        f"the field {pair.called(field.name)} is dropped, as --allow drop permits",
                        place=pair.place(pair.old_module, pair.old, field),
                        old_field=field.name,
                    )
                )
            continue
        found.append(_lost(pair, diff, field))
    return tuple(dropped)


def _lost(pair: Pair, diff: Diff, field: Field) -> Diagnostic:
    free = [each for each in diff.candidates if each.old == field.name and each.new not in pair.names.source]
    name = atom_text(field.name)
    lines = list(offered(pair, field)) if not pair.inner else []
    lines += [f"{pair.paste('rename', name, atom_text(each.new))}   % {', '.join(each.evidence)}" for each in free[:3]]
    return Diagnostic(
        CATALOGUE["M301"],
        f"the old field {name} has no place in the new #{atom_text(pair.new.name)}{{}}: its value would be lost",
        f"every process{_of(pair)} loses it on the upgrade ({pair.way}); a downgrade gives it {field.default_text}",
        pair.place(pair.old_module, pair.old, field),
        (*lines, pair.paste("drop", name)),
        old_field=field.name,
    )


def _of(pair: Pair) -> str:
    """Which module it is, where the place does not say so: it is in a lock file, which has those of many."""
    return "" if pair.old_module.folder is None else f" of {atom_text(pair.new_module.name)}"


def _source_back(pair: Pair, field: Field, found: list[Diagnostic]) -> Source:
    new = next((new for new, old in pair.names.source.items() if old == field.name), None)
    if new is not None:
        match pair.decided(Convert, field=new):
            case Convert(_, _, Expression() as down):
                return ConvertedTo(new, down.text, _variables(down, new))
            case Convert(_, _, str(down)):
                function = function_of(down, (1, 2), pair.new_module)
                if function is not None:
                    return Converted(new, function)
            case Convert(_, _, None):
                return _old_default(pair, field, found)
        return _carried(pair, field, new, new, way_through(pair, pair.down, pair.new.get(new), field))
    moved = next((each for each in pair.moved if each.old == field.name), None)
    if moved is not None:
        walk, named = way_through(pair, pair.down, moved.target, field)
        told: list[Diagnostic] = []
        otherwise = _old_default(pair, field, told)
        found.extend(given_up(pair, moved, told))
        return Taken(moved.field, moved.path, walk, named, otherwise)
    match pair.decided(Drop, field=field.name):
        case Drop(_, Expression() as down):
            return GivenFrom(down.text, _variables(down, field.name))
        case Drop(_, (value,)):
            return Given(term_text(value), "a decision")
    return _old_default(pair, field, found)


def _old_default(pair: Pair, field: Field, found: list[Diagnostic]) -> Source:
    if field.default is None:
        found.extend(() if pair.old.definition is None else (required_back(pair, field),))
        return TakenDefault("undefined")
    missing = [
        f"the new {pair.new_module.name} has no {each}"
        for each in field.default.calls
        if each not in pair.new_module.functions
    ]
    missing += field.default.missing
    missing += [f"{each} is not exported" for each in field.default.private]
    name = atom_text(field.name)
    if missing:
        allowed = "drop" in pair.request.allow
        found.append(
            Diagnostic(
                CATALOGUE["M404" if allowed else "M306"],
                f"the old default of {pair.called(field.name)} is {field.default.text}, and {', '.join(missing)}",
                "after a downgrade the field is undefined, as --allow drop permits"
                if allowed
                else "a downgrade could not give the field a value",
                pair.place(pair.old_module, pair.old, field),
                (pair.paste("drop", name, "VALUE"),),
                old_field=field.name,
            )
        )
        return TakenDefault("undefined")
    if field.default.calls or field.default.theirs:
        calls = ", ".join((*map(str, field.default.calls), *field.default.theirs))
        found.append(
            Diagnostic(
                CATALOGUE["M402"],
                f"the old default of {pair.called(field.name)} is {field.default.text}: "
                f"on a downgrade the new {calls} is called",
                "it may not do what the old function of that name did",
                pair.place(pair.old_module, pair.old, field),
                (pair.paste("drop", name, "VALUE"),),
                old_field=field.name,
            )
        )
    return TakenDefault(field.default.expanded)


def _retyped(pair: Pair, found: list[Diagnostic]) -> None:
    question = _question(pair)
    for field in pair.new.fields:
        before = pair.old.get(pair.names.source.get(field.name, ""))
        if before is None or before.type is None or field.type is None:
            continue
        if pair.decided(Keep, Convert, field=field.name):
            continue
        answer = admits(field.type, before.type, question)
        if answer == "yes":
            continue
        _ask_retype(pair, _retype(pair, before, field, answer), found)
    for moved in pair.moved:
        before = pair.old.get(moved.old)
        if before is None or before.type is None or moved.target.type is None or moved.accepted:
            continue
        answer = admits(moved.target.type, before.type, question)
        if answer != "yes":
            _ask_retype(pair, retyped(pair, moved, before, _doubt(answer)), found)


def _ask_retype(pair: Pair, undecided: Diagnostic, found: list[Diagnostic]) -> None:
    found.append(_allowed(undecided, "retype") if "retype" in pair.request.allow else undecided)


def _doubt(answer: str) -> str:
    return "" if answer == "no" else " (what the types mean is not known here)"


def _allowed(undecided: Diagnostic, kind: str) -> Diagnostic:
    """What would have been asked, and `--allow` answered."""
    return replace(
        undecided, kind=CATALOGUE["M505"], message=f"{undecided.message}; --allow {kind} permits it", help=()
    )


def _retype(pair: Pair, before: Field, field: Field, answer: str) -> Diagnostic:
    name = atom_text(field.name)
    if before.type_text == field.type_text:
        change = f"the type of {pair.called(field.name)}, {field.type_text}, no longer means what it meant"
    else:
        change = f"the type of {pair.called(field.name)} was {before.type_text} and is {field.type_text}"
    doubt = _doubt(answer)
    inside = way_through(pair, pair.up, before, field)[0] != STAY
    kept = "the changed records inside are converted, the rest of the old value" if inside else "the old value"
    return Diagnostic(
        CATALOGUE["M303"],
        f"{change}: the new one does not admit all that the old one admits{doubt}",
        f"{kept} is copied as it is, and the new code may not understand it ({pair.way})",
        pair.place(pair.new_module, pair.new, field),
        (pair.paste("copy", name), *conversions(pair, before, field)),
        field=field.name,
    )


def _changed_defaults(pair: Pair, diff: Diff) -> Iterable[Diagnostic]:
    for name in diff.default_changed:
        before, after = pair.old.get(name), pair.new.get(name)
        if before is not None and after is not None and not pair.decided(Convert, field=name):
            yield Diagnostic(
                CATALOGUE["M503"],
                f"the default of {pair.called(name)} was {before.default_text} and is {after.default_text}: "
                "the running value is kept",
                place=pair.place(pair.new_module, pair.new, after),
                field=name,
            )
