"""Mistakes in the text of what is generated: how containers are walked, what is found anywhere, what is moved."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from migrator import forms as f
from tests.support.mutation_sites import sites

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from migrator.edits import Edits
    from migrator.plan import Plan
    from tests.support.mutation_sites import Made


# In the walks of containers: what stands there, and a mistake that someone could make.
_MISTAKES = (
    ("queue:to_list(Value)", "lists:reverse(queue:to_list(Value))"),
    ("queue:to_list(Value)", "element(1, Value)"),
    ("queue:from_list(", "("),
    ("gb_sets:to_list(Value)", "lists:sublist(gb_sets:to_list(Value), 1)"),
    ("gb_sets:from_list(", "gb_sets:from_ordset("),
    ("gb_sets:from_list(", "ordsets:from_list("),
    ("gb_trees:map(fun (_, Old) -> ", "gb_trees:map(fun (Old, _) -> "),
    ("gb_trees:to_list(Value)", "lists:sublist(gb_trees:to_list(Value), 1)"),
    ("lists:ukeysort(1, ", "lists:reverse("),
    ("dict:map(fun (_, Old) -> ", "dict:map(fun (Old, _) -> "),
    ("dict:to_list(Value)", "lists:sublist(dict:to_list(Value), 1)"),
    ("maps:map(fun (_, Old) -> ", "maps:map(fun (Old, _) -> "),
    ("maps:to_list(Value)", "lists:sublist(maps:to_list(Value), 1)"),
    ("{{Key, Old}", "{{Old, Key}"),
    ("[{version, 1}]", "[{version, 2}]"),
    ("[{version, 2}]", "[{version, 1}]"),
    ("sets:to_list(Value)", "lists:sublist(sets:to_list(Value), 1)"),
    ("array:sparse_map(", "array:map("),
    ("array:sparse_map(fun (_, Old) -> ", "array:sparse_map(fun (Old, _) -> "),
    ("array:set(At, ", "array:set(At + 1, "),
    ("{size, array:size(Value)}", "{size, 0}"),
    ("{fixed, array:is_fix(Value)}", "{fixed, false}"),
    ("{default, New}", "{default, undefined}"),
    ("{Same, Same}", "{Same, _}"),
    (":= Old}", "=> Old}"),
    ("{[Head | New]}", "{New}"),
    ("{[New | Tail]}", "{[New]}"),
    ("{[New | Rest]}", "{[New | Tail]}"),
    ("{{}, {New}} -> {[Head | New]}", "{{}, {_}} -> {}"),
    ("{{New}, {}} -> {[New | Tail]}", "{{_}, {}} -> {}"),
    ("{list_to_tuple(New)}", "{New}"),
    ("[[Key | Old] || {Key, Old}", "[{Key, Old} || {Key, Old}"),
    ("{} -> Value;", "{} -> undefined;"),
    ("{New} -> New", "{New} -> {New}"),
)
# A call of one of our functions, whose names have blanks, with a variable.
_OURS = re.compile(r"'[^']* [^']*'\((\w+)\)")


def wrong_walk(_: Plan, edits: Edits) -> Made:
    """A container is walked wrongly, or rebuilt so that something is lost."""
    for site in sites(edits):
        if site.place == "body" and isinstance(site.expression, f.Text):
            text = site.expression.text
            for old, new in _MISTAKES:
                if old in text:
                    yield f"{site.of.where}: {new} for {old}", site.put(f.Text(text.replace(old, new)))


def shallow_inside(_: Plan, edits: Edits) -> Made:
    """Inside a container nothing is converted, or the walk does not go on."""
    for site in sites(edits):
        if site.place == "body" and isinstance(site.expression, f.Text):
            text = site.expression.text
            for call in _OURS.finditer(text):
                changed = f"{text[: call.start()]}{call[1]}{text[call.end() :]}"
                yield f"{site.of.where}: {call[1]} for {call[0]}", site.put(f.Text(changed))


def pattern_of_move(_: Plan, edits: Edits) -> Made:
    """What moves out of a record is taken from its neighbour, or never found."""
    for site in sites(edits):
        match site.place, site.expression:
            case "argument", f.Text(text) if text.startswith("#") and "= Value" in text:
                yield f"{site.of.where}: never there", site.put(f.Text("{never, Value}"))


def wrong_expression(_: Plan, edits: Edits) -> Made:
    """An expression of a decision counts wrongly."""
    for site in sites(edits):
        if site.place == "body" and site.of.function.name.startswith("value ") and isinstance(site.expression, f.Text):
            text = site.expression.text
            for old, new in ((" * ", " + "), (" div ", " rem "), (" + ", " - ")):
                if old in text:
                    yield f"{site.of.where}: {new.strip()} for {old.strip()}", site.put(f.Text(text.replace(old, new)))
            for number in re.finditer(r"(?<![\w.])\d+(?![\w.])", text):
                other = f"{text[: number.start()]}{int(number[0]) + 1}{text[number.end() :]}"
                yield f"{site.of.where}: {number[0]} and one", site.put(f.Text(other))
            yield f"{site.of.where}: nothing", site.put(f.Text("undefined"))


TEXT_OPERATORS: dict[str, Callable[[Plan, Edits], Iterator[tuple[str, Edits]]]] = {
    "a container walked wrongly": wrong_walk,
    "shallow in a container": shallow_inside,
    "a move not found": pattern_of_move,
    "an expression changed": wrong_expression,
}
