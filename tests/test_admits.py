"""Whether a new type admits all that an old one does, asked of types that the compiler has read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.cases import server

if TYPE_CHECKING:
    from tests.support.cases import Bench

pytest_plugins = ["tests.support.bench"]

# Types that both versions have, and one that differs between them.
SHARED = """
-record(point, {x :: integer(), y}).
-type tree(A) :: leaf | {tree(A), A, tree(A)}.
-type chain() :: nil | {integer(), chain()}.
-type odd_chain() :: nil | {integer(), even_chain()}.
-type even_chain() :: {integer(), odd_chain()}.
-type pair(A, B) :: {A, B}.
-type growing(A) :: nil | {A, growing([A])}.
-type id() :: integer().
-opaque handle() :: {handle, id()}.
"""


def answer(bench: Bench, old: str, new: str, shared: tuple[str, str] = (SHARED, SHARED)) -> bool:
    """Whether no question is asked when a field of the old type becomes one of the new type."""
    versions = [
        server(f"f :: {field}{more}", vsn=vsn).replace(
            "-record(state", f"{types}\n-export_type([handle/0]).\n-record(state"
        )
        for field, more, vsn, types in ((old, "", '"1"', shared[0]), (new, ", more = 0", '"2"', shared[1]))
    ]
    planned = bench.preview(*versions)
    assert {each.code for each in planned.diagnostics if each.severity != "info"} <= {"M303", "M401", "M412"}
    return "M303" not in {each.code for each in planned.diagnostics}


YES = (
    ("growing(a)", "growing(a)"),
    ("integer()", "term()"),
    ("none()", "atom()"),
    ("1", "1..2"),
    ("1..3 | 4..9", "1..9"),
    ("1..9", "1..3 | 4..9"),
    ("byte()", "char()"),
    ("pos_integer()", "non_neg_integer()"),
    ("pos_integer() | 0 | neg_integer()", "integer()"),
    ("integer()", "neg_integer() | non_neg_integer()"),
    ("-5..-1", "neg_integer()"),
    ("$a", "97"),
    ("true", "boolean()"),
    ("boolean()", "false | true | undefined"),
    ("module()", "atom()"),
    ("node()", "atom()"),
    ("integer() | float()", "number()"),
    ("timeout()", "infinity | non_neg_integer()"),
    ("[a]", "[a | b]"),
    ("[a, ...]", "[a]"),
    ("[]", "[atom()]"),
    ("string()", "[integer()]"),
    ("[byte()]", "iolist()"),
    ("iolist()", "iodata()"),
    ("[[binary() | byte()]]", "iolist()"),
    ("binary()", "bitstring()"),
    ("<<_:16>>", "binary()"),
    ("<<_:8, _:_*8>>", "binary()"),
    ("<<_:_*16>>", "<<_:_*8>>"),
    ("{a, 1}", "{atom(), integer()}"),
    ("{a, 1}", "tuple()"),
    ("{}", "tuple()"),
    ("#point{}", "tuple()"),
    ("#point{}", "#point{}"),
    ("#point{x :: 1}", "#point{}"),
    ("#{a := 1}", "#{a => 1}"),
    ("#{a := 1, b := 2}", "#{atom() => integer()}"),
    ("#{a := 1, atom() => term()}", "#{a => integer(), atom() => term()}"),
    ("#{atom() => 1}", "#{a => integer(), atom() => term()}"),
    ("#{integer() => term()}", "#{a => integer(), term() => term()}"),
    ("dict:dict(a, b)", "dict:dict()"),
    ("queue:queue(a)", "queue:queue()"),
    ("queue:queue()", "queue:queue(term())"),
    ("gb_trees:tree(a, [b])", "gb_trees:tree()"),
    ("#{}", "map()"),
    ("#{}", "#{a => 1}"),
    ("#{a => 1}", "map()"),
    ("pid()", "identifier()"),
    ("fun()", "function()"),
    ("fun((atom()) -> 1)", "fun((a) -> integer())"),
    ("fun((a, b) -> c)", "fun((...) -> c)"),
    ("fun((...) -> c)", "fun()"),
    ("chain()", "chain()"),
    ("odd_chain()", "chain()"),
    ("tree(1)", "tree(integer())"),
    ("pair(1, a)", "{integer(), atom()}"),
    ("id()", "integer()"),
    ("a | b", "b | a"),
    ("maps:iterator()", "maps:iterator()"),
    ("queue:queue(1)", "queue:queue(integer())"),
    ("mfa()", "{atom(), atom(), arity()}"),
    ("nonempty_string()", "string()"),
    ("maybe_improper_list(a, b)", "maybe_improper_list()"),
)

NO = (
    ("term()", "integer()"),
    ("integer()", "pos_integer()"),
    ("1..9", "1..3 | 5..9"),
    ("0", "pos_integer()"),
    ("integer()", "float()"),
    ("number()", "integer()"),
    ("atom()", "boolean()"),
    ("a | b", "a"),
    ("a", "undefined | b"),
    ("[a]", "[a, ...]"),
    ("[]", "[a, ...]"),
    ("[a | b]", "[a]"),
    ("iolist()", "[byte()]"),
    ("iolist()", "string()"),
    ("string()", "iolist()"),
    ("string()", "binary()"),
    ("maybe_improper_list(a, b)", "[a]"),
    ("bitstring()", "binary()"),
    ("binary()", "<<_:8>>"),
    ("<<_:_*8>>", "<<_:_*16>>"),
    ("{a, b}", "{a}"),
    ("{a, integer()}", "{a, 1}"),
    ("tuple()", "{a}"),
    ("#point{}", "#point{x :: 1}"),
    ("tuple()", "#point{}"),
    ("#{a => 1}", "#{a := 1}"),
    ("map()", "#{a => 1}"),
    ("map()", "#{}"),
    ("#{a := integer()}", "#{a := atom()}"),
    ("#{a := 1, b := 2}", "#{a := 1}"),
    ("#{atom() => 1}", "#{a => 1}"),
    ("#{atom() => term()}", "#{a => integer(), atom() => term()}"),
    ("#{term() => term()}", "#{a => integer(), term() => term()}"),
    ("queue:queue()", "queue:queue(a)"),
    ("dict:dict()", "queue:queue()"),
    ("#{a => binary()}", "#{a => integer(), atom() => binary()}"),
    ("identifier()", "pid()"),
    ("fun((a) -> 1)", "fun((atom()) -> 1)"),
    ("fun((a) -> integer())", "fun((a) -> 1)"),
    ("fun((a) -> b)", "fun((a, a) -> b)"),
    ("fun()", "fun((...) -> a)"),
    ("chain()", "odd_chain() | foo"),
    ("tree(integer())", "tree(1)"),
    ("growing(a)", "growing(b)"),
    ("queue:queue(integer())", "queue:queue(1)"),
    ("queue:queue()", "sets:set()"),
)


@pytest.mark.parametrize(("old", "new"), YES)
def test_it_is_admitted(bench: Bench, old: str, new: str) -> None:
    """A new type that holds all values of the old one raises no question."""
    assert answer(bench, old, new)


@pytest.mark.parametrize(("old", "new"), NO)
def test_it_is_asked(bench: Bench, old: str, new: str) -> None:
    """A new type that may lack a value of the old one is asked about, and nothing fails."""
    assert not answer(bench, old, new)


@pytest.mark.parametrize(
    ("before", "after", "admitted"),
    [
        ("-type t() :: a.", "-type t() :: a | b.", True),
        ("-type t() :: a | b.", "-type t() :: a.", False),
        ("-type t() :: {t()} | a.", "-type t() :: {t()} | a | b.", True),
        ("-type t() :: {t()} | a | b.", "-type t() :: {t()} | a.", False),
        ("-type t() :: u().\n-type u() :: 1.", "-type t() :: 1..2.", True),
        ("-record(r, {x :: a}).\n-type t() :: #r{}.", "-record(r, {x :: a | b}).\n-type t() :: #r{}.", True),
        ("-record(r, {x :: a | b}).\n-type t() :: #r{}.", "-record(r, {x :: a}).\n-type t() :: #r{}.", False),
    ],
)
def test_a_name_that_both_have_is_looked_into(bench: Bench, before: str, after: str, admitted: bool) -> None:  # noqa: FBT001 - the expected value
    """A type or record of the same name is compared by what it means in each version."""
    both = "\n-opaque handle() :: a.\n"
    assert answer(bench, "t()", "t()", (before + both, after + both)) == admitted
