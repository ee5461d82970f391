"""The shapes of states: what each kind of type comes to, and what fields hold that have none."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from migrator.library import inspect
from migrator.states import StateRecord
from migrator.terms import term_text
from migrator.verifying.grammar import Grammar, grammar_of
from tests.support.beams import compile_text
from tests.support.cases import server

if TYPE_CHECKING:
    from pathlib import Path

    from migrator.otp import Helper
    from migrator.verifying.reading import Place


@pytest.fixture
def grammar(helper: Helper, tmp_path: Path) -> Grammars:
    """A maker of grammars."""
    return Grammars(helper, tmp_path)


class Grammars:
    """Compiles a server with such a record, and gives the grammar of its states."""

    def __init__(self, helper: Helper, folder: Path) -> None:
        self.helper = helper
        self.folder = folder

    def of(
        self, fields: str, *forms: str, read: frozenset[Place] = frozenset(), records: tuple[str, ...] = ()
    ) -> Grammar:
        """The grammar of the states of a server with these fields; `init/1` is among the forms, or leaves all alone."""
        path = compile_text(server(fields, *forms), self.folder)
        module = inspect(self.helper, path, records[0] if records else "state")
        if records:
            state = inspect(self.helper, path, "state").records
            module = replace(module, records=(*module.records, *state))
        return grammar_of(module, StateRecord("state", 0), read, records)

    def shape(self, grammar: Grammar, name: str) -> str:
        """The named shape as text."""
        return term_text(dict(grammar.named)[name])


SHAPES = [
    ("any()", "any"),
    ("none()", "none"),
    ("a", "{literal,a}"),
    ("-1", "{literal,-1}"),
    ("$a", "{literal,97}"),
    ("pos_integer()", "{range,1,none}"),
    ("1..9", "{range,1,9}"),
    ("0..(1 bsl 16) - 1", "{range,0,65535}"),
    ("-7 div 2", "{literal,-3}"),
    ("float()", "{basic,float}"),
    ("iolist()", "{basic,iolist}"),
    ("a | pid()", "{union,[{literal,a},{basic,pid}]}"),
    ("{a, port()}", "{tuple,[{literal,a},{basic,port}]}"),
    ("tuple()", "{basic,tuple}"),
    ("[reference()]", "{list,{basic,reference},{basic,nil},empty}"),
    ("[a, ...]", "{list,{literal,a},{basic,nil},nonempty}"),
    ("maybe_improper_list(a, b)", "{list,{literal,a},{literal,b},empty}"),
    ("#{a := b, c => d}", "{map,[{{literal,a},{literal,b},required},{{literal,c},{literal,d},optional}]}"),
    ("map()", "{map,[{any,any,optional}]}"),
    ("binary()", "{bits,0,8}"),
    ("<<_:3, _:_*2>>", "{bits,3,2}"),
    ("fun((a, b) -> c)", "{'fun',2,any}"),
    ("fun()", "{'fun',any,any}"),
    ("dict:dict(a, b)", "{container,dict,{literal,a},{literal,b}}"),
    ("dict:dict()", "{container,dict,any,any}"),
    ("sets:set(a)", "{container,set,any,{literal,a}}"),
    ("queue:queue(a)", "{container,queue,any,{literal,a}}"),
    ("gb_trees:tree(a, b)", "{container,gb_tree,{literal,a},{literal,b}}"),
]


@pytest.fixture(scope="module")
def shapes(helper: Helper, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The shape of each of these types, from one module that has a field of each."""
    fields = ", ".join(f"f{number} = x :: {type_}" for number, (type_, _) in enumerate(SHAPES))
    found = Grammars(helper, tmp_path_factory.mktemp("shapes")).of(fields)
    match dict(found.named)["#state{}"]:
        case (_, _, _, list(given)):
            made = [term_text(each[1]) for each in given if isinstance(each, tuple)]
    return {type_: shape for (type_, _), shape in zip(SHAPES, made, strict=True)}


@pytest.mark.parametrize(("type_", "shape"), SHAPES)
def test_each_kind_of_type_has_its_shape(type_: str, shape: str, shapes: dict[str, str]) -> None:
    """The shape is what the helper's page says of that kind."""
    assert shape == shapes[type_]


def test_a_recursive_type_comes_back_to_itself(grammar: Grammars) -> None:
    """A user type is a named shape, which its own body speaks of."""
    found = grammar.of("f = leaf :: tree(a)", "-type tree(T) :: leaf | {T, tree(T), tree(T)}.")
    (name,) = (each for each, _ in found.named if each.startswith("tree("))
    again = f'{{again,<<"{name.replace(chr(34), chr(92) + chr(34))}">>}}'
    assert f"{{union,[{{literal,leaf}},{{tuple,[{{literal,a}},{again},{again}]}}]}}" == grammar.shape(found, name)


def test_a_type_that_grows_with_each_turn_comes_to_an_end(grammar: Grammars) -> None:
    """What never comes back to itself is any term after some turns."""
    found = grammar.of("f = [] :: grow(a)", "-type grow(T) :: [] | {T, grow([T])}.")
    grown = [name for name, _ in found.named if name.startswith("grow(")]
    assert len(grown) == 4
    assert grammar.shape(found, grown[-1]).endswith("any]}]}")


def test_records_and_narrowed_records_are_shapes_of_their_own(grammar: Grammars) -> None:
    """Where a type narrows a record's field, the record there has that field's shape and no other."""
    inner = "-record(in, {a = x :: atom()}).\n-type i() :: #in{}.\n-type n() :: #in{a :: b}."
    found = grammar.of("f = x :: i(), g = x :: n()", inner, "-export([x/0]).\nx() -> #in{}.")
    assert grammar.shape(found, "#in{}") == "{record,in,in,[{a,{basic,atom}}]}"
    assert "{record,in,in,[{a,{literal,b}}]}" in [term_text(shape) for _, shape in found.named]


def test_a_type_that_is_not_at_hand_is_told(grammar: Grammars) -> None:
    """Any term stands for a type whose meaning nobody knows, and it is named."""
    found = grammar.of("f = x :: nowhere:t()")
    assert (grammar.shape(found, "#state{}"), found.unknown) == ("{record,state,state,[{f,any}]}", ("nowhere:t()",))


def test_a_field_that_nobody_need_set_holds_undefined(grammar: Grammars) -> None:
    """A type says nothing of `undefined`, and a process has it there until somebody sets the field."""
    left = grammar.of("f :: pid()")
    always = grammar.of("f :: pid()", "init(_) -> {ok, #state{f = self()}}.")
    assert grammar.shape(left, "#state{}") == ("{record,state,state,[{f,{union,[{basic,pid},{literal,undefined}]}}]}")
    assert grammar.shape(always, "#state{}") == "{record,state,state,[{f,{basic,pid}}]}"


def test_an_untyped_field_that_a_function_reads_holds_what_the_code_gives_it(grammar: Grammars) -> None:
    """Its default and its constructions tell its kind; where no function reads it, it holds any term."""
    read = frozenset({("state", "f"), ("state", "h")})
    found = grammar.of("f = 60, g = 60, h", read=read)
    assert grammar.shape(found, "#state{}") == "{record,state,state,[{f,{range,none,none}},{g,any},{h,any}]}"
    assert (found.guessed, found.untyped) == (((("state", "f"), "integer"),), frozenset({("state", "h")}))


def test_records_that_no_type_leads_to_are_there_when_asked_for(grammar: Grammars) -> None:
    """A `deep` finds them in fields without a type: the helper looks them up by name."""
    inner = "-record(in, {a = 1 :: 1})."
    assert "#in{}" not in dict(grammar.of("f", inner).named)
    assert grammar.shape(grammar.of("f", inner, records=("in",)), "#in{}") == "{record,in,in,[{a,{literal,1}}]}"
