"""The survey's rows: changes of state records, as the data tells them."""

from __future__ import annotations

import json
import lzma
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from migrator.terms import Atom, Term

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# Behaviours of the data, and those of OTP that convert their states in the same way; all others are like gen_server.
BEHAVIOURS = {
    "gen_statem": "gen_statem",
    "gen_fsm": "gen_fsm",
    "p1_fsm": "gen_fsm",
    "gen_fsm_compat": "gen_fsm",
    "gen_event": "gen_event",
}
CHANGES = {"absent": "absent", "trivial_pattern": "pattern"}


@dataclass(frozen=True, slots=True)
class Declared:
    """A field as a record declares it: its default and its type are texts, or None."""

    name: str
    default: str | None
    type: str | None


@dataclass(frozen=True, slots=True)
class Added:
    """A new field: whether its value is known, and init's expressions for it."""

    verdict: str
    default: str | None
    init: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Inner:
    """A record inside the state, before and after; `fields` are those of the state that hold it."""

    name: str
    old: tuple[str, ...]
    new: tuple[str, ...]
    fields: tuple[str, ...]
    evidence: str
    reshaped: bool


@dataclass(frozen=True, slots=True)
class Conversion:
    """A kept field whose values are of another kind: surely (`value`, `type`), or perhaps (`type?`)."""

    field: str
    how: str
    old: tuple[str, ...]
    new: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """One change; `name` is what its two modules are called here."""

    name: str
    project: str
    module: str
    revisions: str
    old_record: str | None
    new_record: str | None
    old: tuple[Declared, ...]
    new: tuple[Declared, ...]
    added: tuple[tuple[str, Added], ...]
    nested: tuple[Inner, ...]
    conversion: tuple[Conversion, ...]
    likely: tuple[tuple[str, str], ...]
    possible: tuple[tuple[str, str], ...]
    classes: tuple[str, ...]
    level: str
    values: str
    behaviour: str
    change: str

    @property
    def called(self) -> str:
        """The row for a person."""
        return f"{self.project} {self.module} {self.revisions}"

    @property
    def other_kind(self) -> bool:
        """Whether the state is a record in one of the versions only."""
        return (self.old_record is None) != (self.new_record is None)

    @property
    def needs_migration(self) -> bool:
        """Whether the data says that a running state must be changed, and how."""
        return self.level not in ("n_nothing", "x_unclassifiable")


def load(path: Path, only: str | None, limit: int | None) -> list[Row]:
    """The rows of a file, compressed or plain; those of one project, or so many spread evenly over the file."""
    data = path.read_bytes()
    lines = (lzma.decompress(data) if path.suffix == ".xz" else data).decode().splitlines()
    rows = [row_of(number, json.loads(line)) for number, line in enumerate(lines, start=1) if line.strip()]
    rows = [row for row in rows if only in (None, row.project)]
    if limit is None or limit >= len(rows):
        return rows
    return [rows[number * len(rows) // limit] for number in range(limit)]


def row_of(number: int, data: dict[str, Any]) -> Row:
    """A row of the data; what a row of hand-written migrations does not say is empty."""
    behaviours = [BEHAVIOURS[each] for each in data.get("behaviour") or () if each in BEHAVIOURS]
    return Row(
        name=f"row_{number:05}",
        project=data["project"],
        module=data["module"],
        revisions=f"{data['old_rev'][:20]}..{data['new_rev'][:20]}",
        old_record=data["old_record"] if data["old_fields"] is not None else None,
        new_record=data["new_record"] if data["new_fields"] is not None else None,
        old=tuple(Declared(*each) for each in data["old_fields"] or ()),
        new=tuple(Declared(*each) for each in data["new_fields"] or ()),
        added=tuple(
            (field, Added(each["verdict"], each["default"], tuple(each["init"] or ())))
            for field, each in (data.get("added") or {}).items()
        ),
        nested=tuple(_inner(data)),
        conversion=tuple(
            Conversion(field, each[0], tuple(each[1]), tuple(each[2]))
            for field, each in (data.get("conversion") or {}).items()
        ),
        likely=_pairs(data.get("renames_likely")),
        possible=_pairs(data.get("renames_possible")),
        classes=tuple(data.get("classes") or ()),
        level=data.get("level") or "human",
        values=data.get("values") or "human",
        behaviour=behaviours[0] if behaviours else "gen_server",
        change=CHANGES.get(data.get("code_change_new_kind", ""), "trivial"),
    )


def _pairs(found: list[list[Any]] | None) -> tuple[tuple[str, str], ...]:
    return tuple((each[0], each[1]) for each in found or ())


def _inner(data: dict[str, Any]) -> Iterator[Inner]:
    states = (data["old_record"], data["new_record"])
    for name, each in (data.get("nested_changed") or {}).items():
        if name in states:
            continue
        old, new, fields = tuple(each["old"]), tuple(each["new"]), tuple(each["fields"])
        yield Inner(name, old, new, fields, each["evidence"], each["shape_changed"])


def spec(row: Row, decisions: tuple[str, ...] = ()) -> Term:
    """What `survey_modules` makes the two modules of."""
    return (
        Atom(row.name),
        Atom(row.behaviour),
        Atom(row.change),
        _side(row.old_record, row.old, [_kept(row.old, row.conversion, "old")]),
        _side(row.new_record, row.new, _constructions(row)),
        [(Atom(each.name), _atoms(each.old), _atoms(each.new)) for each in row.nested],
        [text.encode() for text in decisions],
    )


def _side(record: str | None, fields: tuple[Declared, ...], constructions: Term) -> Term:
    listed: list[Term] = [(Atom(each.name), _text(each.default), _text(each.type)) for each in fields]
    return (Atom(record if record is not None else "none"), listed, constructions)


def _text(text: str | None) -> Term:
    return Atom("none") if text is None else text.encode()


def _atoms(names: tuple[str, ...]) -> list[Term]:
    return [Atom(name) for name in names]


# An expression whose value is of the kind that the data tells of a kept field.
KINDS = {
    "atom": "none",
    "binary": "<<>>",
    "bool": "false",
    "dict": "dict:new()",
    "gb_sets": "gb_sets:new()",
    "gb_trees": "gb_trees:empty()",
    "int": "0",
    "list": "[]",
    "map": "#{}",
    "pid": "self()",
    "priority_queue": "priority_queue:new()",
    "queue": "queue:new()",
    "ref": "make_ref()",
    "sets": "sets:new()",
    "tuple": "{}",
}


def _kept(fields: tuple[Declared, ...], conversion: tuple[Conversion, ...], side: str) -> list[Term]:
    """What init gives to kept fields, where the data knows its kind and the record does not say it."""
    bare = {each.name for each in fields if each.default is None}
    found: list[Term] = []
    for each in conversion:
        (kind, *_) = each.old if side == "old" else each.new
        if each.how == "value" and each.field in bare and kind in KINDS:
            found.append((Atom(each.field), KINDS[kind].encode()))
    return found


def _constructions(row: Row) -> Term:
    """A construction for each text that init has for a field; where one field has fewer, its last one again."""
    if row.level == "human" or any(each.verdict == "unknown_no_construction" for _, each in row.added):
        return Atom("unknown")
    kept = _kept(row.new, row.conversion, "new")
    ways = max((len(each.init) for _, each in row.added), default=0)
    found: list[Term] = [
        kept
        + [(Atom(field), each.init[min(way, len(each.init) - 1)].encode()) for field, each in row.added if each.init]
        for way in range(ways)
    ]
    return found or [kept]
