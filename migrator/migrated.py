"""The attribute `-state_migrated`: what a beam says of the migration that it carries (contract, section 7).

    -state_migrated([{migrator, 1},
                     {file, <<"kv.migration.erl">>},
                     {renamed, [{{code_change, 3}, 'code_change of kv'}]},
                     {exported, []},
                     {record, state},
                     {from, "1.0.0",
                      {state, state, [name, users],
                       [{name, {copy, name}}, {clients, {rename, users}}, {timeout, {default, <<"5000">>}}],
                       [],
                       [{name, {copy, name}}, {users, {rename, clients}}]},
                      [],
                      generated}]).

A `from` has the old version's vsn, its state record, the records inside that are converted, and who converts on the
way up. A record has its old and new name, its old fields, the source of each new field, the old fields that are
dropped, and the source of each old field on the way down.

A record that the module itself does not declare has one element more: `{foreign, Module, OldTag, NewTag}`.

One that is native, before or after, has `{native, Old, New}`, each `none` or what its values keep of it,
`{Module, Name, private | exported, [Field]}`.

A record that values move into is `{filled, Source, Record, [Source], certain}`: where it comes from (or `built`), how
it is converted with `{handed, Number, Field}` for what moves in, and the sources of that; `uncertain` where something
else may be there. `{taken, Field, [{Record, Field}], Walk, Named, Source}` is the way back.

Where the state is a value of a type, `{type, Name}` stands for `{record, Name}`. In the place of a state record stands
`{along_type, …}` for a state that is converted along its type, or `{by_hand, …}` for one that functions convert.

What only a decisions file said stands here too: an expression as `{Text, [{Variable, Field}]}`, as in
`{convert, ttl, {<<"Value * 1000">>, [{<<"Value">>, ttl}]}}`, and `{downgrade, Mode}` among the first terms.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from migrator.plan import Migration
from migrator.recordplan import (
    Converted,
    ConvertedTo,
    Copy,
    Dropped,
    FieldPlan,
    Filled,
    Foreign,
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
)
from migrator.records import FunctionName
from migrator.states import StateRecord, called
from migrator.terms import Atom, proplist_get, text_of
from migrator.walks import NamedWalk
from migrator.walkterms import NotOurs, read_walk, walk_term
from migrator.wholeterms import definition_term, read_definition, read_whole, whole_term

if TYPE_CHECKING:
    from collections.abc import Iterable

    from migrator.decisions import Mode
    from migrator.records import Definition
    from migrator.states import StateType
    from migrator.terms import Term
    from migrator.wholes import HandPlan, TypePlan

VERSION = 1


@dataclass(frozen=True, slots=True)
class Traces:
    """What was put into the beam: the file name of our functions, what was renamed, what was exported."""

    file: str
    renamed: tuple[tuple[FunctionName, str], ...]
    exported: tuple[FunctionName, ...]


def to_term(
    state: StateRecord | StateType, traces: Traces, migrations: Iterable[Migration], chosen: Mode | None = None
) -> Term:
    """The attribute's value; `chosen` is what a decisions file says to run first on a downgrade."""
    renamed: list[Term] = [(_function(name), Atom(new)) for name, new in traces.renamed]
    head: list[Term] = [
        (Atom("migrator"), VERSION),
        (Atom("file"), traces.file.encode()),
        (Atom("renamed"), renamed),
        (Atom("exported"), [_function(name) for name in traces.exported]),
        (Atom("record" if isinstance(state, StateRecord) else "type"), Atom(state.name)),
    ]
    if chosen is not None:
        head.append((Atom("downgrade"), Atom(chosen)))
    return head + [_from(migration) for migration in migrations]


def chosen_mode(term: Term) -> Mode | None:
    """What a decisions file said to run first on a downgrade, where one did."""
    match proplist_get(term, "downgrade"):
        case Atom("convert_first"):
            return "convert_first"
        case Atom("own_first"):
            return "own_first"
    return None


def _function(name: FunctionName) -> Term:
    return (Atom(name.name), name.arity)


def _from(migration: Migration) -> Term:
    return (
        Atom("from"),
        migration.vsn,
        _record(migration.state) if isinstance(migration.state, RecordPlan) else whole_term(migration.state),
        [_record(each) for each in migration.nested],
        Atom(migration.upgrade),
    )


def _record(plan: RecordPlan) -> Term:
    said: tuple[Term, ...] = (
        Atom(plan.record),
        Atom(plan.new),
        [Atom(name) for name in plan.fields],
        [_field(each) for each in plan.up],
        [(Atom(each.field), Atom("accepted" if each.acknowledged else "open")) for each in plan.dropped],
        [_field(each) for each in plan.down],
    )
    more: list[Term] = []
    if plan.foreign is not None:
        told = plan.foreign
        more.append((Atom("foreign"), Atom(told.module), Atom(told.old_tag), Atom(told.new_tag)))
    if plan.old_definition is not None or plan.new_definition is not None:
        more.append((Atom("native"), definition_term(plan.old_definition), definition_term(plan.new_definition)))
    return (*said, *more)


def _field(plan: FieldPlan) -> Term:
    return (Atom(plan.field), _source(plan.source))


def _source(source: Source) -> Term:  # noqa: C901 - a line for each source
    match source:
        case Copy(field):
            return (Atom("copy"), Atom(field))
        case Renamed(field):
            return (Atom("rename"), Atom(field))
        case Converted(field, function):
            return (Atom("convert"), Atom(field), _function(function))
        case ConvertedTo(field, text, reads):
            return (Atom("convert"), Atom(field), _reads(text, reads))
        case GivenFrom(text, reads):
            return (Atom("init"), _reads(text, reads))
        case Nested(field, walk, named):
            return (Atom("nested"), Atom(field), walk_term(walk), _named(named))
        case Given(text, origin):
            return (Atom("init"), text.encode(), origin.encode())
        case GivenBy(function):
            return (Atom("init"), _function(function))
        case TakenDefault(text):
            return (Atom("default"), text.encode())
        case Handed(number, field):
            return (Atom("handed"), number, Atom(field))
        case Filled(value, record, handed, certain):
            kept = Atom("built") if value is None else _source(value)
            told = Atom("certain" if certain else "uncertain")
            return (Atom("filled"), kept, _record(record), [_source(each) for each in handed], told)
        case Taken(field, path, walk, named, otherwise):
            steps: list[Term] = [(Atom(one), Atom(other)) for one, other in path]
            return (Atom("taken"), Atom(field), steps, walk_term(walk), _named(named), _source(otherwise))


def _named(named: tuple[NamedWalk, ...]) -> list[Term]:
    return [(each.name.encode(), walk_term(each.walk)) for each in named]


def _reads(text: str, reads: tuple[tuple[str, str], ...]) -> Term:
    return (text.encode(), [(variable.encode(), Atom(field)) for variable, field in reads])


def from_term(term: Term) -> tuple[str, tuple[Migration, ...]]:
    """What the state is, `#record{}` or `type()`, and the migrations that the attribute's value tells of.

    Raises:
        NotOurs: the value is none that `to_term` gives.
    """
    record, type_ = proplist_get(term, "record"), proplist_get(term, "type")
    if not isinstance(term, list) or proplist_get(term, "migrator") != VERSION:
        raise NotOurs
    if isinstance(record, Atom):
        named = called("record", record.name)
    elif isinstance(type_, Atom):
        named = called("type", type_.name)
    else:
        raise NotOurs
    found = [item for item in term if isinstance(item, tuple) and item[:1] == (Atom("from"),)]
    return named, tuple(_migration(item) for item in found)


def _migration(term: Term) -> Migration:
    match term:
        case (_, vsn, state, list(nested), Atom("generated")):
            return Migration(vsn, _read_state(state), tuple(map(_read_record, nested)))
        case (_, vsn, state, list(nested), Atom("handwritten")):
            return Migration(vsn, _read_state(state), tuple(map(_read_record, nested)), "handwritten")
    raise NotOurs


def _read_state(term: Term) -> RecordPlan | TypePlan | HandPlan:
    return read_whole(term) or _read_record(term)


def _read_record(term: Term) -> RecordPlan:
    match term:
        case (Atom(record), Atom(new), list(fields), list(up), list(dropped), list(down), *told):
            return RecordPlan(
                record,
                new,
                tuple(each.name for each in fields if isinstance(each, Atom)),
                tuple(map(_read_field, up)),
                tuple(map(_read_dropped, dropped)),
                tuple(map(_read_field, down)),
                *_read_more(told),
            )
    raise NotOurs


def _read_more(told: list[Term]) -> tuple[Foreign | None, Definition | None, Definition | None]:
    match told:
        case []:
            return None, None, None
        case [(Atom("foreign"), Atom(module), Atom(old_tag), Atom(new_tag)), *rest]:
            return Foreign(module, old_tag, new_tag), *_read_more(rest)[1:]
        case [(Atom("native"), old, new)]:
            return None, read_definition(old), read_definition(new)
    raise NotOurs


def _read_dropped(term: Term) -> Dropped:
    match term:
        case (Atom(field), Atom(word)):
            return Dropped(field, word == "accepted")
    raise NotOurs


def _read_field(term: Term) -> FieldPlan:
    match term:
        case (Atom(field), source):
            return FieldPlan(field, _read_source(source))
    raise NotOurs


def _read_source(term: Term) -> Source:
    match term:
        case (Atom("copy"), Atom(field)):
            return Copy(field)
        case (Atom("rename"), Atom(field)):
            return Renamed(field)
        case (Atom("convert"), Atom(field), (Atom(name), int(arity))):
            return Converted(field, FunctionName(name, arity))
        case (Atom("convert"), Atom(field), (bytes(text), list(reads))):
            return ConvertedTo(field, text_of(text) or "", tuple(map(_read_variable, reads)))
        case (Atom("init"), (bytes(text), list(reads))):
            return GivenFrom(text_of(text) or "", tuple(map(_read_variable, reads)))
        case (Atom("nested"), Atom(field), walk, list(named)):
            return Nested(field, read_walk(walk), tuple(map(_read_named, named)))
        case (Atom("init"), (Atom(name), int(arity))):
            return GivenBy(FunctionName(name, arity))
        case (Atom("init"), bytes(text), bytes(origin)):
            return Given(text_of(text) or "", text_of(origin) or "")
        case (Atom("default"), bytes(text)):
            return TakenDefault(text_of(text) or "")
    return _read_move(term)


def _read_move(term: Term) -> Source:
    match term:
        case (Atom("handed"), int(number), Atom(field)):
            return Handed(number, field)
        case (Atom("filled"), value, record, list(handed), Atom(told)):
            kept = None if value == Atom("built") else _read_source(value)
            return Filled(kept, _read_record(record), tuple(map(_read_source, handed)), told == "certain")
        case (Atom("taken"), Atom(field), list(path), walk, list(named), otherwise):
            steps = tuple(map(_read_step, path))
            return Taken(field, steps, read_walk(walk), tuple(map(_read_named, named)), _read_source(otherwise))
    raise NotOurs


def _read_step(term: Term) -> tuple[str, str]:
    match term:
        case (Atom(record), Atom(field)):
            return record, field
    raise NotOurs


def _read_variable(term: Term) -> tuple[str, str]:
    match term:
        case (bytes(variable), Atom(field)):
            return text_of(variable) or "", field
    raise NotOurs


def _read_named(term: Term) -> NamedWalk:
    match term:
        case (bytes(name), walk):
            return NamedWalk(text_of(name) or "", read_walk(walk))
    raise NotOurs
