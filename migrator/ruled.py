"""From the sections of a decisions file to decisions: Erlang parses and lints their expressions, in the helper."""

from __future__ import annotations

from typing import TYPE_CHECKING

from migrator.choose import nearest, state_record_name
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
    Read,
    Rename,
    RenameRecord,
    TakeDefault,
    WholeState,
    Written,
)
from migrator.diagnostics import CATALOGUE, Diagnostic, Refused
from migrator.errors import HelperFault
from migrator.faults import of_beam
from migrator.request import Choice
from migrator.ruleset import Named, Phrase, Ruled, Section, Statement
from migrator.terms import Atom, atom_text, term_text, text_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from migrator.modules import Module
    from migrator.otp import Helper
    from migrator.ruleset import Rules
    from migrator.terms import Term

DEADLINE = 60.0
_CHANCE = "a decision that is not applied would leave a field to chance, so nothing is generated"


def unknown_modules(rules: Rules, modules: Sequence[str]) -> tuple[Diagnostic, ...]:
    """A diagnostic (M113) for each section about a module that is none of these."""
    return tuple(
        Diagnostic(
            CATALOGUE["M113"],
            f"no module {atom_text(section.module)} takes part in this run{_hint(section.module, modules)}",
            _CHANCE,
            section.place,
            ("take the section out, or name the module that is meant",),
        )
        for section in rules.sections
        if section.module not in modules
    )


def _hint(name: str, names: Iterable[str]) -> str:
    close = nearest(name, names)
    return f"; did you mean {' or '.join(map(atom_text, close))}?" if close else ""


def ruled_by(helper: Helper, new: Module, path: Path, sections: Sequence[Section]) -> Ruled:
    """What these sections about the module come to.

    Raises:
        Refused: Erlang does not accept an expression (M125).
        EnvironmentFault, ProtocolError: the helper cannot serve.
    """
    if not sections:
        return Ruled()
    phrases = [each for section in sections for statement in section.statements for each in _asked(statement)]
    checked = _checked(helper, new, path, sections[0].file, phrases)
    decisions: list[Written] = []
    records: list[Named] = []
    said = frozenset(each.name for each in new.attributes)
    for section in sections:
        made, named = _section(section, checked, said)
        records.extend(named)
        if section.vsn:
            free = [each for each in made if isinstance(each.decision, Downgrade)]
            bound = tuple(each for each in made if each not in free)
            head = f"migrate {atom_text(section.module)} from {term_text(section.vsn[0])}."
            only = OnlyFrom(section.vsn[0], bound)
            made = [*free, Written(only, head, section.file, section.line, section.column)]
        decisions.extend(made)
    return Ruled(tuple(decisions), tuple(records), sections[-1])


def heads(ruled: Ruled, module: str, state: str | None) -> tuple[str, str]:
    """What must stand before a statement that is put at the end, about the state and about a record inside it.

    `state` is the state record; without one the state is a value of a type, and every record lies inside it.
    """
    last = ruled.last
    vsn = f" from {term_text(last.vsn[0])}" if last is not None and last.vsn else ""
    section = f"migrate {atom_text(module)}{vsn}. "
    lead = "" if last is not None else section
    named = [each.names[-1] for each in last.statements if each.word == "record"] if last is not None else []
    if state is None:
        return (section if named else lead), lead
    again = f"record {atom_text(state)}. "
    return lead + (again if named and named[-1] != state else ""), lead + (again if state not in named else "")


# --- expressions ---

# What an expression is checked as: its text, the variable before `#Record.Field`, whether `Value` may be used.
_Key = tuple[Phrase, str, bool]


def _asked(statement: Statement) -> tuple[_Key, ...]:
    converts = statement.word in {"convert", "state"}
    up = ((statement.up, "Old", converts),) if statement.up else ()
    down = ((statement.down, "New", converts),) if statement.down else ()
    return up + down


def _checked(helper: Helper, new: Module, path: Path, file: str, wanted: Sequence[_Key]) -> Mapping[_Key, Expression]:
    if not wanted:
        return {}
    terms: list[Term] = [
        (phrase.text.encode(), phrase.line, phrase.column, Atom(holder), Atom("true" if value else "false"))
        for phrase, holder, value in wanted
    ]
    (reply,) = helper.call_many([(Atom("expressions"), new.beam, terms)], DEADLINE)
    if isinstance(reply, HelperFault):
        raise Refused(of_beam(reply, path))
    found: dict[_Key, Expression] = {}
    wrong: list[Diagnostic] = []
    for key, answer in zip(wanted, reply if isinstance(reply, list) else [], strict=True):
        match answer:
            case (Atom("ok"), bytes(text), Atom(used), list(reads)):
                found[key] = Expression(text_of(text) or "", tuple(map(_read, reads)), used == "true")
            case (Atom("error"), int(line), int(column), bytes(why)):
                wrong.append(_refused(new, f"{file}:{line}:{column}", text_of(why) or ""))
    if wrong:
        raise Refused(*wrong)
    return found


def _read(term: Term) -> Read:
    match term:
        case (bytes(variable), Atom(record), Atom(field), int(line), int(column)):
            return Read(text_of(variable) or "", record, field, line, column)
    raise TypeError(term)


def _refused(new: Module, place: str, why: str) -> Diagnostic:
    return Diagnostic(
        CATALOGUE["M125"],
        f"Erlang does not accept this expression: {why}",
        "it could not be compiled, so nothing is generated",
        place,
        (
            "convert: Value is the field's old value (its new one behind down)",
            "Old#RECORD.FIELD is any old field (New#RECORD.FIELD behind down)",
        ),
        module=new.name,
    )


# --- decisions ---


def _section(
    section: Section, checked: Mapping[_Key, Expression], said: frozenset[str]
) -> tuple[list[Written], list[Named]]:
    """The decisions of a section, each about a record inside the state in an `Inside`; and the state record.

    `said` are the attributes of the module: where its state is a value of a type, every record lies inside it.
    """
    top: list[Written] = []
    named: list[Named] = []
    inner: list[tuple[Statement, list[Written]]] = []
    current = top
    for statement in section.statements:
        if statement.word != "record":
            written = _written(section, statement, _decision(statement, checked))
            (top if isinstance(written.decision, Downgrade | WholeState) else current).append(written)
        elif "state_type" not in said and (not named or statement.names[-1] == named[0].choice.new):
            old, new = statement.names[0], statement.names[-1]
            choice = Choice(new, old if len(statement.names) > 1 else None)
            named.append(Named(choice, section.vsn, _place(section, statement)))
            current = top
        else:
            current = []
            inner.append((statement, current))
    for statement, held in inner:
        if len(statement.names) > 1:
            top.append(_written(section, statement, RenameRecord(*statement.names)))
        if held or len(statement.names) == 1:
            top.append(_written(section, statement, Inside(statement.names[-1], tuple(held))))
    return top, named


def _place(section: Section, statement: Statement) -> str:
    return f"{section.file}:{statement.line}:{statement.column}"


def _written(section: Section, statement: Statement, decision: Decision) -> Written:
    return Written(decision, statement.text, section.file, statement.line, statement.column)


def _decision(statement: Statement, checked: Mapping[_Key, Expression]) -> Decision:  # noqa: C901 - a line a word
    field = statement.names[0] if statement.names else ""
    expressions = {key[1]: checked[key] for key in _asked(statement)}
    match statement.word:
        case "rename":
            return Rename(*statement.names)
        case "convert":
            return Convert(field, expressions["Old"], expressions.get("New"))
        case "init":
            return InitBy(field, expressions["Old"])
        case "as_init":
            return InitAsInit(field)
        case "default":
            return TakeDefault(field)
        case "drop":
            return Drop(field, expressions.get("New", ()))
        case "state":
            return WholeState(expressions["Old"], expressions.get("New"))
        case "copy":
            return Keep(field)
        case "move":
            return Move(field, statement.names[1:])
        case "deep":
            return Deep(field)
    return Downgrade("own_first" if field == "own_first" else "convert_first")


# --- the state record ---


def new_choice(ruled: Ruled, new: Module, given: Choice | None) -> Choice | None:
    """The new version's state record: that of the command line or the file; None where only an attribute may name it.

    Raises:
        Refused: they contradict each other, or the attribute (M113).
    """
    said = [(each.choice.new, *_told(each)) for each in ruled.records]
    if not said:
        return given
    if given is not None:
        said.insert(0, (given.new, "--record", ""))
    elif (name := state_record_name(new)) is not None:
        attribute = new.attribute("state_record")[0]
        where = f"{attribute.file}:{attribute.line}"
        said.insert(0, (name, f"-state_record({atom_text(name)}) at {where}", where))
    _agree(new, said)
    for each in ruled.records:
        _exists(new, each.choice.new, each.place)
    return given or Choice(said[0][0])


def old_choice(ruled: Ruled, old: Module, given: Choice | None) -> Choice | None:
    """The state record of an old version, in the same way; a record that keeps its name tells nothing.

    Raises:
        Refused: two statements contradict each other, or name no record of that version (M113).
    """
    held = [each for each in ruled.records if not each.vsn or term_text(each.vsn[0]) == term_text(old.vsn)]
    for each in held:
        if each.choice.old is not None:
            _exists(old, each.choice.old, each.place)
    said = [(each.choice.old, *_told(each)) for each in held if each.choice.old is not None]
    if given is not None and said:
        said.insert(0, (given.old or given.new, "--record", ""))
    _agree(old, said)
    return given or next((each.choice for each in held if each.choice.old is not None), None)


def _told(named: Named) -> tuple[str, str]:
    return f"the record statement at {named.place}", named.place


def _agree(new: Module, said: Sequence[tuple[str, str, str]]) -> None:
    for record, who, place in said[1:]:
        if record != said[0][0]:
            raise Refused(_contradiction(new, said[0][1], who, place))


def _exists(module: Module, record: str, place: str) -> None:
    names = [shape.name for shape in module.record_index]
    if record not in names:
        raise Refused(
            Diagnostic(
                CATALOGUE["M113"],
                f"{module.name} ({module.path}) has no record {atom_text(record)}{_hint(record, names)}",
                "a state of that name cannot exist in this version",
                place,
                tuple(f"record {atom_text(each)}." for each in names[:3]),
                module=module.name,
            )
        )


def _contradiction(new: Module, one: str, other: str, place: str) -> Diagnostic:
    return Diagnostic(
        CATALOGUE["M113"],
        f"{one} and {other} name different state records of {new.name}",
        "it cannot be told which record its processes keep",
        place,
        ("keep one of them; the first record of a section is the state's, those inside it come after",),
        module=new.name,
    )
