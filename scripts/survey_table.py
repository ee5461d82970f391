"""The tables of the survey."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from survey_judge import renames

from migrator.diagnostics import CATALOGUE

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from survey_found import Found
    from survey_run import Outcome

FINE = ("up and down", "unchanged", "default raises")


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of cells under a title; the first row is the head."""

    title: str
    rows: tuple[tuple[object, ...], ...]

    def text(self) -> str:
        """As Markdown, so that it can stand on a page as it is."""
        head, *rows = self.rows
        lines = [f"\n### {self.title}\n", _line(head), _line(["---"] * len(head)), *map(_line, rows)]
        return "\n".join(lines)


def _line(cells: Sequence[object]) -> str:
    return "| " + " | ".join(str(cell).replace("|", "\\|") for cell in cells) + " |"


def tables(found: list[Found], outcomes: Mapping[str, Outcome]) -> list[Table]:
    """All tables, in order."""
    needing = [each for each in found if each.row.needs_migration]
    return [
        _overview(found, needing, outcomes),
        _by("level", found, lambda each: each.row.level),
        _by("values", found, lambda each: each.row.values),
        _counted("what is asked, all rows", (code for each in found for code in each.asks)),
        _counted("structure, rows that need a migration", (each.structure for each in needing)),
        _counted("run", (outcomes[each.row.name].word for each in found if each.row.name in outcomes)),
        *_renames(found),
        _listed("values that are not the data's and not asked for", _silent(needing)),
        _listed("structure that is not the data's", _otherwise(needing)),
        _listed("runs that went wrong", _wrong(found, outcomes)),
        _listed("what was left out of a row's modules", _left_out(found)),
    ]


def _overview(found: list[Found], needing: list[Found], outcomes: Mapping[str, Outcome]) -> Table:
    right = [each for each in needing if each.structure == "right"]
    silent = [each for each in needing if each.silent]
    rows = [
        ("", "rows", "of"),
        ("compiled into modules", sum(each.made.failed is None for each in found), len(found)),
        ("need a migration, by the data", len(needing), len(found)),
        ("of these: no decision needed", sum(each.free for each in needing), len(needing)),
        ("of these: structure right", len(right), len(needing)),
        ("of these: every new field's value right, asked for or warned of", len(needing) - len(silent), len(needing)),
        ("of these: a new field's value is only warned of", sum(each.warned for each in needing), len(needing)),
        ("of these: a field that is declared undefined and that init computes", _declared(needing), len(needing)),
        ("need nothing, by the data: no decision asked", _nothing(found), len(found) - len(needing)),
        ("asked only about types that are stubs here", sum(each.doubtful for each in found), len(found)),
        ("run up and down", sum(each.word == "up and down" for each in outcomes.values()), len(outcomes)),
    ]
    return Table("overview", tuple(rows))


def _declared(found: list[Found]) -> int:
    return sum(bool(each.by_declaration) for each in found)


def _nothing(found: list[Found]) -> int:
    return sum(each.free for each in found if not each.row.needs_migration)


def _by(title: str, found: list[Found], key: object) -> Table:
    assert callable(key)  # noqa: S101 - the callers give functions
    codes = sorted({code for each in found for code in each.asks})
    rows: list[tuple[object, ...]] = [
        (title, "rows", "no decision", *codes, "structure right", "value wrong in silence")
    ]
    for group in sorted({key(each) for each in found}):
        those = [each for each in found if key(each) == group]
        rows.append(
            (
                group,
                len(those),
                sum(each.free for each in those),
                *(sum(code in each.asks for each in those) for code in codes),
                sum(each.structure == "right" for each in those),
                sum(bool(each.silent) for each in those),
            )
        )
    return Table(f"by {title}", tuple(rows))


def _counted(title: str, words: Iterable[str]) -> Table:
    counts = Counter(words).most_common()
    return Table(title, (("", "rows"), *((_named(word), number) for word, number in counts)))


def _named(word: str) -> str:
    return f"{word}: {CATALOGUE[word].title}" if word in CATALOGUE else word


def _listed(title: str, lines: Iterable[tuple[object, ...]]) -> Table:
    found = tuple(lines)
    return Table(f"{title}: {len(found)}", (("row", "what"), *found))


def _silent(found: list[Found]) -> Iterable[tuple[object, ...]]:
    return ((each.row.called, f"{field}: {why}") for each in found for field, why in each.silent)


def _otherwise(found: list[Found]) -> Iterable[tuple[object, ...]]:
    return ((each.row.called, each.structure) for each in found if each.structure != "right")


def _wrong(found: list[Found], outcomes: Mapping[str, Outcome]) -> Iterable[tuple[object, ...]]:
    for each in found:
        outcome = outcomes.get(each.row.name)
        if outcome is not None and outcome.word not in FINE:
            yield each.row.called, f"{outcome.word}: {outcome.why[:200]}"


def _left_out(found: list[Found]) -> Iterable[tuple[object, ...]]:
    for each in found:
        if each.made.failed is not None:
            yield each.row.called, f"no modules: {each.made.failed}"
        for text in each.made.left_out:
            yield each.row.called, text


def _renames(found: list[Found]) -> Iterable[Table]:
    """How the offered renames stand to those that the data takes for likely, and for possible."""
    first = third = offered = likely = right = possible = 0
    wrong: list[tuple[object, ...]] = []
    missed: list[tuple[object, ...]] = []
    for each in found:
        expected = {old: new for new, old in renames(each.row).items()}
        perhaps = set(each.row.likely) | set(each.row.possible)
        likely += len(expected)
        for old, new in expected.items():
            lines = each.suggested.get(old, ())
            first += lines[:1] == (new,)
            third += new in lines
            if new not in lines:
                missed.append((each.row.called, f"{old} -> {new}, offered: {', '.join(lines) or 'nothing'}"))
        for old, lines in each.suggested.items():
            if not lines:
                continue
            offered += 1
            right += (old, lines[0]) in each.row.likely
            possible += (old, lines[0]) in perhaps
            if (old, lines[0]) not in perhaps:
                wrong.append((each.row.called, f"{old} -> {lines[0]}"))
    yield Table(
        "renames",
        (
            ("", "fields", "of"),
            ("likely renames offered first (recall)", first, likely),
            ("likely renames offered at all", third, likely),
            ("first offers that are likely (precision)", right, offered),
            ("first offers that are likely or possible", possible, offered),
        ),
    )
    yield _listed("likely renames that are not offered", missed)
    yield _listed("first offers that the data does not know", wrong)


def verdict(found: list[Found], outcomes: Mapping[str, Outcome]) -> int:
    """The exit code: whether a value is wrong in silence, a row has no modules, or a run failed."""
    silent = any(each.silent or each.made.failed is not None for each in found)
    return 1 if silent or any(each.word not in FINE for each in outcomes.values()) else 0


def row_json(each: Found, outcomes: Mapping[str, Outcome]) -> dict[str, object]:
    """A row for programs."""
    outcome = outcomes.get(each.row.name)
    return {
        "row": each.row.name,
        "project": each.row.project,
        "module": each.row.module,
        "revisions": each.row.revisions,
        "level": each.row.level,
        "values": each.row.values,
        "classes": each.row.classes,
        "asks": each.asks,
        "decisions": each.decided,
        "structure": each.structure,
        "silent": each.silent,
        "declared undefined": each.by_declaration,
        "run": None if outcome is None else outcome.word,
    }
