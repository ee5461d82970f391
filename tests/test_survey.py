"""The survey of real state-record changes, here over some that are made up: what it counts, and what it finds wrong."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from migrator.rules import load_rules

SCRIPTS = Path(__file__).parent.parent / "scripts"
HARDEST = sorted((SCRIPTS / "hardest").glob("*.migration"))


def _row(old: list[list[str | None]], new: list[list[str | None]], **more: object) -> dict[str, Any]:
    """A row of the data; what is not said is as a plain gen_server has it."""
    return {
        "project": "made_up",
        "path": "src/m.erl",
        "module": "m",
        "old_rev": "1",
        "new_rev": "2",
        "old_record": "state",
        "new_record": "state",
        "old_fields": old,
        "new_fields": new,
        "classes": [],
        "level": "a_copy",
        "values": "v0_none_added",
        "behaviour": ["gen_server"],
        "code_change_new_kind": "trivial",
        "renames_likely": [],
        "renames_possible": [],
        "added": {},
        "conversion": {},
        "nested_changed": {},
    } | more


def _added(verdict: str, default: str | None, *init: str) -> dict[str, object]:
    return {"verdict": verdict, "default": default, "init": list(init), "init_kind": []}


def _survey(folder: Path, rows: list[dict[str, Any]], *options: str) -> tuple[int, dict[str, Any], str]:
    data, told = folder / "data.jsonl", folder / "told.json"
    data.write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
    command = [sys.executable, str(SCRIPTS / "survey.py"), str(data), "--json", str(told), *options]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert told.exists(), done.stderr
    return done.returncode, json.loads(told.read_text(encoding="utf-8")), done.stdout


ROWS = [
    # A default that calls what only the project has, a macro, a type that stands nowhere.
    _row(
        [["a", None, "our_type()"]],
        [["new", "our_module:new(?SIZE)", None], ["a", None, "our_type()"]],
        values="v0_default_ok",
        added={"new": _added("default_declared", "our_module:new(?SIZE)")},
    ),
    _row(
        [["old_name", "[]", None], ["b", None, None]],
        [["b", None, None], ["old_names", "[]", None]],
        level="b_rename",
        renames_likely=[["old_name", "old_names", 5.0, ["name"]]],
    ),
    _row(
        [["a", None, None]],
        [["a", None, None], ["table", None, None], ["port", None, None]],
        values="v2c_needs_context",
        behaviour=["gen_statem"],
        code_change_new_kind="absent",
        added={
            "table": _added("init_computed", None, "ets:new(table, [])"),
            "port": _added("init_computed", None, "Port + Offset"),
        },
    ),
    _row(
        [["inner", None, "#inner{}"], ["gone", "make_ref()", None]],
        [["inner", None, "#inner{}"], ["count", None, None]],
        level="c1_nested",
        values="v1_init_const",
        behaviour=["gen_event"],
        added={"count": _added("init_constant", None, "0")},
        nested_changed={
            "inner": {
                "evidence": "type_or_default",
                "fields": ["inner"],
                "old": ["x"],
                "new": ["w", "x"],
                "shape_changed": True,
            }
        },
    ),
    _row(
        [["users", "[]", "list()"]],
        [["users", "#{}", "map()"]],
        level="c2_conversion_std",
        behaviour=["gen_fsm"],
        conversion={"users": ["value", ["list"], ["map"]]},
    ),
]


def test_the_tables(tmp_path: Path) -> None:
    """Every row compiles, is decided as the data says, and runs up and down; the tables count it."""
    code, told, shown = _survey(tmp_path, ROWS)
    rows = told["rows"]
    assert [row["asks"] for row in rows] == [[], ["M301"], ["M302"], ["M301"], ["M303"]]
    assert [row["structure"] for row in rows] == ["right"] * 5
    assert [row["silent"] for row in rows] == [[]] * 5
    assert [row["run"] for row in rows] == ["up and down"] * 5
    assert rows[1]["decisions"] == ["{rename, old_name, old_names}"]
    assert set(rows[2]["decisions"]) == {"{init, table, as_init}", "{init, port, survey_made}"}
    assert rows[4]["decisions"] == ["{convert, users, survey_up, survey_down}"]
    assert ["compiled into modules", 5, 5] in told["tables"]["overview"]
    assert ["likely renames offered first (recall)", 1, 1] in told["tables"]["renames"]
    assert code == 0, shown


def test_what_is_wrong_is_found(tmp_path: Path) -> None:
    """A plan that takes another value than the data has, and one that maps otherwise, are listed."""
    added = {"new": _added("init_constant", None, "1")}
    lying = _row([["a", None, None]], [["a", None, None], ["new", "2", None]], added=added)
    otherwise = _row([["a", None, None], ["b", None, None]], [["a", None, None]], new_record="other")
    otherwise["nested_changed"] = {
        "inner": {"evidence": "code", "fields": [], "old": ["x"], "new": ["y", "z"], "shape_changed": True}
    }
    code, told, _ = _survey(tmp_path, [lying, otherwise])
    assert code == 1
    assert told["rows"][0]["silent"] == [["new", "2, and init has 1"]]
    assert told["rows"][1]["structure"].startswith("nested, ")


def test_a_part_of_the_data(tmp_path: Path) -> None:
    """Some rows of many, and those of one project."""
    rows = [*ROWS, _row([], [["a", "1", None]], project="other", added={"a": _added("default_declared", "1")})]
    assert len(_survey(tmp_path, rows, "--limit", "2", "--no-run")[1]["rows"]) == 2
    assert [row["project"] for row in _survey(tmp_path, rows, "--only", "other")[1]["rows"]] == ["other"]


def test_migrations_by_hand(tmp_path: Path) -> None:
    """What theirs does, ours does with the decisions shown; a positional one is told for what it is."""
    fields = [["a", None, None], ["b", None, None]]
    common = {"project": "p", "module": "m", "old_rev": "1", "new_rev": "2", "old_record": "s", "new_record": "s"}
    kept = {"a": {"from": "a"}, "b": {"from": "b"}}
    rows = [
        {"new_fields": [*fields, ["c", None, None]], "mapping": kept | {"c": {"value": "7"}}},
        {"new_fields": fields, "mapping": kept | {"b": {"computed_from": ["b"], "value": "['$b']"}}},
        {
            "new_fields": [["c", "0", None], *fields],
            "mapping": {"c": {"from": "a"}, "a": {"from": "b"}, "b": {"value": "0"}},
        },
        {"new_fields": [*fields, ["c", "8", None]], "mapping": kept | {"c": {"value": "7"}}},
    ]
    rows = [common | {"id": str(number), "old_fields": fields} | row for number, row in enumerate(rows)]
    data = tmp_path / "human.jsonl"
    data.write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
    command = [sys.executable, str(SCRIPTS / "survey_human.py"), str(data)]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    lines = done.stdout.splitlines()
    assert "| 0 | the same | init c = 7 |" in lines, done.stdout + done.stderr
    assert "| 1 | the same | convert b = [Value] |" in lines
    assert any(line.startswith("| 2 | ours is better: theirs adds at the end") for line in lines)
    assert any(line.startswith("| 3 | ours is better: c is declared as 8, and theirs gives it 7") for line in lines)
    assert lines[-1] == "4 of 4 the same, or ours the better one"
    assert done.returncode == 0


@pytest.mark.parametrize("rules", HARDEST, ids=lambda path: path.stem)
def test_the_decisions_of_the_hardest(rules: Path) -> None:
    """Each file is about the module that it is called after."""
    assert load_rules(rules).modules == {rules.stem}


def test_what_verify_finds(tmp_path: Path) -> None:
    """Each row holds, by functions that give values of the types and stubs of other modules; a lie is told."""
    data = tmp_path / "data.jsonl"
    strict = _row(
        [["a", None, None]],
        [["a", None, None], ["n", None, "1..9"], ["m", "other:new(?SIZE)", None]],
        values="v2c_needs_context",
        added={"n": _added("init_computed", None, "Given"), "m": _added("default_declared", "other:new(?SIZE)")},
    )
    lying = _row(
        [["a", None, None]],
        [["a", None, None], ["n", None, "1..9"]],
        values="v2_init_closed",
        added={"n": _added("init_computed", None, "length([])")},
    )
    data.write_text("".join(f"{json.dumps(row)}\n" for row in (*ROWS, strict, lying)), encoding="utf-8")
    told = tmp_path / "told.json"
    command = [sys.executable, str(SCRIPTS / "survey_verify.py"), str(data), "--json", str(told), "--states", "40"]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.returncode == 1, done.stderr
    rows = json.loads(told.read_text(encoding="utf-8"))
    assert {row["name"]: row["result"] for row in rows} == {
        **{f"row_{number:05}": "holds" for number in range(1, 7)},
        "row_00007": "found fault with",
    }
