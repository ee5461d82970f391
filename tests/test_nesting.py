"""Records inside the state, converted wherever types lead to them (contract, section 2)."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

import pytest

from migrator import library
from migrator.render.table import render_table
from migrator.terms import Atom, term_text
from tests.support.beams import compile_text

if TYPE_CHECKING:
    from pathlib import Path

    from migrator.otp import Helper
    from migrator.terms import Term
    from tests.support.node import Node

HEAD = """
-module({module}). -behaviour(gen_server). -vsn("{vsn}").
-export([init/1, handle_call/3, handle_cast/2]).
-state_record(state).
init(S) -> {{ok, S}}.
handle_call(_, _, S) -> {{reply, S, S}}.
handle_cast(_, S) -> {{noreply, S}}.
"""
OLD = "-record(item, {a :: term()}).\n"
NEW = "-record(item, {a :: term(), b = new}).\n"
BEFORE, AFTER = "{item, 1}", "{item, 1, new}"


def _migrated(helper: Helper, folder: Path, module: str, *versions: str) -> tuple[bytes, list[str]]:
    """The injected beam of the last version, from those before it; and the codes of what was said."""
    paths = [
        compile_text(HEAD.format(module=module, vsn=number) + text, folder / str(number), module=module)
        for number, text in enumerate(versions, start=1)
    ]
    result = library.inject(helper, paths[:-1], paths[-1])
    assert result.exit == 0, [each.message for each in result.diagnostics]
    (injected,) = result.injected
    return injected.after or injected.before, [each.code for each in result.diagnostics]


def _term(node: Node, text: str) -> Term:
    """The value of an expression."""
    return node.live("value", text.encode())


@pytest.mark.parametrize(
    ("type_", "before", "after"),
    [
        ("#item{}", BEFORE, AFTER),
        ("#item{} | undefined", "undefined", "undefined"),
        ("[#item{}]", f"[{BEFORE}, {BEFORE}]", f"[{AFTER}, {AFTER}]"),
        ("nonempty_list(#item{})", f"[{BEFORE}]", f"[{AFTER}]"),
        ("maybe_improper_list(#item{}, #item{})", f"[{BEFORE} | {BEFORE}]", f"[{AFTER} | {AFTER}]"),
        ("{ok, #item{}} | {error, term()}", f"{{ok, {BEFORE}}}", f"{{ok, {AFTER}}}"),
        ("{ok, #item{}} | {error, term()}", f"{{error, {BEFORE}}}", f"{{error, {BEFORE}}}"),
        ("#{atom() => #item{}}", f"#{{x => {BEFORE}}}", f"#{{x => {AFTER}}}"),
        ("#{#item{} => #item{}}", f"#{{{BEFORE} => {BEFORE}}}", f"#{{{AFTER} => {AFTER}}}"),
        ("#{main := #item{}}", f"#{{main => {BEFORE}, other => {BEFORE}}}", f"#{{main => {AFTER}, other => {BEFORE}}}"),
        (
            "#{m := #item{}, n => [#item{}]}",
            f"#{{m => {BEFORE}, n => [{BEFORE}]}}",
            f"#{{m => {AFTER}, n => [{AFTER}]}}",
        ),
        (
            "#{m := #item{}, integer() => {#item{}}}",
            f"#{{m => {BEFORE}, 1 => {{{BEFORE}}}}}",
            f"#{{m => {AFTER}, 1 => {{{AFTER}}}}}",
        ),
        (
            "tree(#item{})",
            f"{{node, nil, {BEFORE}, {{node, nil, {BEFORE}, nil}}}}",
            f"{{node, nil, {AFTER}, {{node, nil, {AFTER}, nil}}}}",
        ),
        ("dict:dict(atom(), #item{})", f"dict:from_list([{{k, {BEFORE}}}])", f"dict:from_list([{{k, {AFTER}}}])"),
        ("dict:dict(#item{}, x)", f"dict:from_list([{{{BEFORE}, x}}])", f"dict:from_list([{{{AFTER}, x}}])"),
        ("orddict:orddict(atom(), #item{})", f"[{{k, {BEFORE}}}]", f"[{{k, {AFTER}}}]"),
        (
            "array:array(#item{} | undefined)",
            f"array:from_list([{BEFORE}, undefined])",
            f"array:from_list([{AFTER}, undefined])",
        ),
        (
            "gb_trees:tree(atom(), #item{})",
            f"gb_trees:from_orddict([{{k, {BEFORE}}}])",
            f"gb_trees:from_orddict([{{k, {AFTER}}}])",
        ),
        (
            "gb_trees:tree(#item{}, x)",
            f"gb_trees:from_orddict([{{{BEFORE}, x}}])",
            f"gb_trees:from_orddict([{{{AFTER}, x}}])",
        ),
        ("gb_sets:set(#item{})", f"gb_sets:from_list([{BEFORE}])", f"gb_sets:from_list([{AFTER}])"),
        ("sets:set(#item{})", f"sets:from_list([{BEFORE}])", f"sets:from_list([{AFTER}])"),
        (
            "sets:set(#item{})",
            f"sets:from_list([{BEFORE}], [{{version, 2}}])",
            f"sets:from_list([{AFTER}], [{{version, 2}}])",
        ),
        ("queue:queue(#item{})", f"queue:from_list([{BEFORE}])", f"queue:from_list([{AFTER}])"),
        ("#box{}", f"{{box, [{BEFORE}]}}", f"{{box, [{AFTER}]}}"),
        ("#item{} | #box{} | [#box{}]", f"[{{box, [{BEFORE}]}}]", f"[{{box, [{AFTER}]}}]"),
    ],
)
def test_found_where_it_lies(  # noqa: PLR0913, PLR0917 - three parts of a case and four fixtures
    type_: str,
    before: str,
    after: str,
    helper: Helper,
    node: Node,
    tmp_path: Path,
    request: pytest.FixtureRequest,
) -> None:
    """Section 2: a changed record is converted where its type says that it lies, up and down, and nowhere else."""
    module = f"nest{zlib.crc32(request.node.name.encode())}"
    types = "-type tree(T) :: nil | {node, tree(T), T, tree(T)}.\n-record(box, {in :: [#item{}]}).\n"
    rest = f"{types}-record(state, {{x :: {type_}}}).\n"
    beam, _ = _migrated(helper, tmp_path, module, OLD + rest, NEW + rest)
    node.load(module, beam)
    old, new = _term(node, f"{{state, {before}}}"), _term(node, f"{{state, {after}}}")
    up = node.live("convert", Atom(module), [49], old, [])
    assert term_text((Atom("ok"), new)) == term_text(up)
    again = node.live("convert", Atom(module), [49], new, [])
    assert term_text((Atom("ok"), new)) == term_text(again)
    down = node.live("convert", Atom(module), (Atom("down"), [49]), new, [])
    assert term_text((Atom("ok"), old)) == term_text(down)


@pytest.mark.parametrize(
    ("field", "codes"),
    [
        ("x = #item{}", ["M401"]),
        ("x", ["M401"]),
        ("x :: term()", ["M401"]),
        ("x = #item{} :: #item{}", []),
        ("x :: integer()", []),
    ],
)
def test_unrevealed_change_is_warned_of(field: str, codes: list[str], helper: Helper, tmp_path: Path) -> None:
    """Section 2: a changed record that no type leads to is warned of, also where a default builds one."""
    state = f"-record(state, {{{field}}}).\n"
    _, said = _migrated(helper, tmp_path, "hidden", OLD + state, NEW + state)
    assert codes == said


def test_what_happens_inside_is_shown(helper: Helper, tmp_path: Path) -> None:
    """Section 9: the table tells every field of the records inside the state too."""
    state = "-record(state, {x :: #item{}}).\n"
    paths = [
        compile_text(HEAD.format(module="told", vsn=number) + text + state, tmp_path / str(number), module="told")
        for number, text in enumerate((OLD, NEW), start=1)
    ]
    (planned,) = library.preview(helper, paths[:1], paths[1])
    assert planned.plan is not None
    shown = render_table(planned.plan)
    assert "inside the state, #item{}:" in shown
    assert "b          default  new" in shown
