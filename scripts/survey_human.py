"""Compares migrations that people wrote by hand with ours.

    python scripts/survey_human.py FILE

For each, the decisions that ours needs to map the fields as theirs does are written to a decisions file, and the
migration is run on a state whose every field holds its own name. Where ours does not follow, the table says why.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from survey_build import Workshop
from survey_data import row_of, spec
from survey_run import called
from survey_table import Table

from migrator import library
from migrator.errors import HelperFault
from migrator.request import Request
from migrator.terms import Atom, Term, atom_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from survey_data import Declared, Row

    from migrator.otp import Helper


@dataclass(frozen=True, slots=True)
class Theirs:
    """One migration written by hand: where each new field's value came from."""

    id: str
    row: Row
    mapping: dict[str, dict[str, Any]]

    @property
    def shifted(self) -> tuple[str, ...]:
        """The fields that both versions have and that were given what stood at their place: another field's value."""
        olds = [each.name for each in self.row.old]
        return tuple(
            each.name
            for place, each in enumerate(self.row.new)
            if each.name in olds
            and place < len(olds)
            and self.mapping[each.name].get("from") == olds[place] != each.name
        )


def statements(theirs: Theirs) -> Iterator[str]:
    """What a decisions file has to say for ours to map the fields as theirs does."""
    row, shifted = theirs.row, bool(theirs.shifted)
    olds, news = {each.name for each in row.old}, {each.name for each in row.new}
    used = set()
    for each in row.new:
        told = theirs.mapping[each.name]
        source, value = told.get("from"), told.get("value")
        if each.name in olds:
            if not shifted and value is not None:
                yield f"convert {atom_text(each.name)} = {_expression(value, each.name, row)}"
        elif source is not None and source not in news:
            used.add(source)
            yield f"rename {atom_text(source)} -> {atom_text(each.name)}"
        elif not shifted and value is not None and _needs_saying(value, each.default):
            used |= {old for old in olds if f"'${old}'" in value}
            yield f"init {atom_text(each.name)} = {_expression(value, None, row)}"
    for old in sorted(olds - news - used):
        yield f"drop {atom_text(old)}"


def _needs_saying(value: str, default: str | None) -> bool:
    return value != "undefined" and default is None


def _expression(value: str, converted: str | None, row: Row) -> str:
    """A value as an expression: each field's own name, which it held, is that field; a reference is a table's."""
    if value.startswith("#Ref"):
        return "ets:new(table, [])"

    def field(found: re.Match[str]) -> str:
        return "Value" if found[1] == converted else f"Old#{atom_text(row.old_record or '')}.{atom_text(found[1])}"

    return re.sub(r"'\$(\w+)'", field, value)


def compared(helper: Helper, shop: Workshop, all_theirs: list[Theirs]) -> Iterator[tuple[object, ...]]:
    """A line of the table for each."""
    with shop.folders("human") as (old, new):
        shop.make([each.row for each in all_theirs], {}, (old, new))
        for each in all_theirs:
            said = tuple(statements(each))
            injection, said = _injected(helper, shop, each, said, (old, new))
            yield each.id, _outcome(shop, each, injection, old), "; ".join(said) or "-"


# What theirs does where ours asks: it passes a value on whatever its type, and leaves a new field undefined.
_ACCEPT = {"M302": "default", "M303": "copy"}


def _injected(
    helper: Helper, shop: Workshop, theirs: Theirs, said: tuple[str, ...], folders: tuple[Path, Path]
) -> tuple[library.Injection, tuple[str, ...]]:
    """With those decisions, and with those that accept what theirs does unasked."""
    row = theirs.row
    old, new = (folder / f"{row.name}.beam" for folder in folders)
    rules = shop.folder / f"{row.name}.migration"
    while True:
        rules.write_text("".join(f"{each}.\n" for each in (f"migrate {row.name}", f"record {row.new_record}", *said)))
        injection = library.inject(helper, [old], new, Request(rules=rules))
        asked = [(_ACCEPT[each.code], each.field) for each in injection.diagnostics if each.code in _ACCEPT]
        accepted = tuple(f"{word} {atom_text(field)}" for word, field in asked if field is not None)
        if not accepted or set(accepted) & set(said):
            return injection, said
        said += accepted


def _outcome(shop: Workshop, theirs: Theirs, injection: library.Injection, folder: Path) -> str:
    row = theirs.row
    stopped = [each for each in injection.diagnostics if each.kind.exit]
    if stopped:
        return f"stopped: {stopped[0].code} {stopped[0].message}"
    (made,) = injection.injected
    if made.after is None:
        return "the same: nothing to do"
    (planned,) = injection.planned
    assert planned.plan is not None  # noqa: S101 - it was injected
    run: Term = (
        spec(row),
        (folder / f"{row.name}.beam").read_bytes(),
        made.after,
        planned.plan.migrations[0].vsn,
        (Atom(row.old_record or ""), [(Atom(each.name), _is(Atom(f"${each.name}"))) for each in row.old]),
        [],
        (Atom(row.new_record or ""), [(Atom(each.name), _expected(shop, theirs, each.name)) for each in row.new]),
        [(Atom(each.name), Atom("any")) for each in row.old],
    )
    (outcome,) = called(shop, [run])
    if outcome.word != "up and down":
        return f"{outcome.word}: {outcome.why}"
    if theirs.shifted:
        return f"ours is better: theirs adds at the end, and gives {len(theirs.shifted)} fields their neighbour's value"
    against = [each for each in row.new if _against_declaration(shop, theirs, each)]
    if against:
        (field, *_) = against
        given = theirs.mapping[field.name]["value"]
        return f"ours is better: {field.name} is declared as {field.default}, and theirs gives it {given}"
    return "the same"


def _against_declaration(shop: Workshop, theirs: Theirs, field: Declared) -> bool:
    """Whether a new field that has a default gets another value from theirs."""
    given = theirs.mapping[field.name].get("value")
    if given is None or field.default is None or any(each.name == field.name for each in theirs.row.old):
        return False
    try:
        values = [shop.node.live("value", text.encode()) for text in (given, field.default)]
    except HelperFault:
        return False
    return values[0] != values[1]


def _is(value: Term) -> Term:
    return (Atom("is"), value)


def _expected(shop: Workshop, theirs: Theirs, field: str) -> Term:
    told, row = theirs.mapping[field], theirs.row
    kept = any(each.name == field for each in row.old)
    if theirs.shifted:
        return _is(Atom(f"${field}")) if kept else Atom("any")
    # Two fields that held the same cannot be told by what they hold.
    if told.get("ambiguous") or any(
        each.name == field and _against_declaration(shop, theirs, each) for each in row.new
    ):
        return Atom("any")
    if "from" in told:
        return _is(Atom(f"${told['from']}"))
    if told["value"].startswith("#Ref"):
        return Atom("any")
    try:
        return _is(shop.node.live("value", told["value"].encode()))
    except HelperFault:
        return Atom("any")


def main() -> int:
    """Runs the whole; gives the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("file", type=Path, help="lines of JSON")
    arguments = parser.parse_args()
    lines = arguments.file.read_text(encoding="utf-8").splitlines()
    data = [json.loads(line) for line in lines]
    all_theirs = [
        Theirs(each["id"], row_of(number, each), each["mapping"]) for number, each in enumerate(data, start=1)
    ]
    with tempfile.TemporaryDirectory() as folder, library.start() as helper, Workshop(Path(folder)) as shop:
        rows = list(compared(helper, shop, all_theirs))
    print(Table("migrations written by hand", (("theirs", "ours", "decisions"), *rows)).text())
    fine = sum(str(outcome).startswith(("the same", "ours is better")) for _, outcome, _ in rows)
    print(f"\n{fine} of {len(rows)} the same, or ours the better one")
    return 0 if fine == len(rows) else 1


if __name__ == "__main__":
    sys.exit(main())
