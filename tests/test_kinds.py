"""Kept fields whose value is of another kind now: the conversion that is likely, as lines to paste that work."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.cases import codes, decided, one, server
from tests.support.rules import asking

if TYPE_CHECKING:
    from migrator.diagnostics import Diagnostic
    from tests.support.cases import Bench

pytest_plugins = ["tests.support.bench"]


def old(field: str, *forms: str) -> str:
    """The old version, with this field."""
    return server(f"a, {field}", *forms)


def new(field: str, *forms: str) -> str:
    """The new version, with this field and one more."""
    return server(f"a, {field}, more = 1", *forms, vsn='"2"')


def pasted(found: Diagnostic) -> list[str]:
    """What a person pastes into the module: the conversion, the exports before the functions."""
    lines = [line for line in found.help if "{copy, " not in line]
    return [line for line in lines if line.startswith("-")] + [line for line in lines if not line.startswith("-")]


# Old default, new default, an old value and the new one, as the node shows them.
CHANGED = {
    "dict to map": ("dict:new()", "#{}", "dict:from_list([{k, v}])", "#{k => v}"),
    "dict to map, called": ("dict:new()", "maps:new()", "dict:from_list([{k, v}])", "#{k => v}"),
    "map to dict": ("#{}", "dict:new()", "#{k => v}", "dict:from_list([{k, v}])"),
    "orddict to map": ("orddict:new()", "#{}", "[{k, v}]", "#{k => v}"),
    "map to gb_trees": ("#{}", "gb_trees:empty()", "#{k => v, a => b}", "gb_trees:from_orddict([{a, b}, {k, v}])"),
    "list to map": ("[]", "#{}", "[{k, v}]", "#{k => v}"),
    "list to sets": ("[]", "sets:new()", "[k]", "sets:from_list([k])"),
    "list to gb_sets": ("[]", "gb_sets:new()", "[k]", "gb_sets:from_list([k])"),
    "list to queue": ("[]", "queue:new()", "[1, 2, 3]", "queue:from_list([1, 2, 3])"),
    "list to array": ("[]", "array:new()", "[1, 2]", "array:from_list([1, 2])"),
    "sets to gb_sets": ("sets:new()", "gb_sets:new()", "sets:from_list([k])", "gb_sets:from_list([k])"),
    "queue to list": ("queue:new()", "[none]", "queue:from_list([1, 2])", "[1, 2]"),
    "map to list": ("#{}", "[]", "#{k => v}", "[{k, v}]"),
    "string to binary": ('"name"', '<<"name">>', '"x"', '<<"x">>'),
    "no string to binary": ('""', "<<>>", '"x"', '<<"x">>'),
    "binary to string": ('<<"name">>', '"name"', '<<"x">>', '"x"'),
    "atom to binary": ("fast", '<<"fast">>', "slow", '<<"slow">>'),
    "binary to atom": ('<<"fast">>', "fast", '<<"slow">>', "slow"),
    "integer to float": ("0", "0.0", "2", "2.0"),
    "float to integer": ("1.0", "1", "2.0", "2"),
    "integer to binary": ("7", '<<"7">>', "8", '<<"8">>'),
}


@pytest.mark.parametrize(("before", "after", "value", "converted"), CHANGED.values(), ids=CHANGED.keys())
def test_a_changed_kind_is_shown_with_lines_that_work(
    bench: Bench, before: str, after: str, value: str, converted: str
) -> None:
    """A warning; its lines, pasted, convert the value up and down when run."""
    planned = bench.preview(old(f"x = {before}"), new(f"x = {after}"))
    assert codes(planned) == ["M411"]
    found = one(planned, "M411")
    source = new(f"x = {after}", *pasted(found))
    assert codes(bench.preview(old(f"x = {before}"), source)) == []
    bench.install(old(f"x = {before}"), source)
    up = f'm:code_change("1", {{state, a, {value}}}, []) =:= {{ok, {{state, a, {converted}, 1}}}}'
    down = f'm:code_change({{down, "1"}}, {{state, a, {converted}, 1}}, []) =:= {{ok, {{state, a, {value}}}}}'
    assert (bench.eval(up), bench.eval(down)) == ("true", "true")


@pytest.mark.parametrize(("before", "after", "value", "converted"), CHANGED.values(), ids=CHANGED.keys())
def test_the_same_by_what_init_gives(bench: Bench, before: str, after: str, value: str, converted: str) -> None:
    """Where init tells and no default, the same is seen; the line for a decisions file works too."""
    versions = (
        old("x", f"init(_) -> {{ok, #state{{x = {before}}}}}."),
        new("x", f"init(_) -> X = {after}, {{ok, #state{{x = X}}}}."),
    )
    planned = bench.preview(*versions, request=asking(bench))
    assert codes(planned) == ["M411"]
    line = one(planned, "M411").help[0]
    assert line.startswith("convert x = ")
    bench.install(*versions, request=asking(bench, line))
    up = f'm:code_change("1", {{state, a, {value}}}, []) =:= {{ok, {{state, a, {converted}, 1}}}}'
    assert bench.eval(up) == "true"


def test_the_promised_form_of_a_file(bench: Bench) -> None:
    """A dict that became a map, word for word."""
    found = one(bench.preview(old("users = dict:new()"), new("users = #{}"), request=asking(bench)), "M411")
    assert found.help == (
        "convert users = maps:from_list(dict:to_list(Value)) down dict:from_list(maps:to_list(Value)).",
        "copy users.   % it is right as it is",
    )


def test_the_promised_form_of_the_attribute(bench: Bench) -> None:
    """The same in the module, with the functions to add."""
    found = one(bench.preview(old("users = dict:new()"), new("users = #{}")), "M411")
    assert found.help == (
        "-state_migration([{convert, users, users_up, users_down}]).",
        "-export([users_up/1, users_down/1]).",
        "users_up(Value) -> maps:from_list(dict:to_list(Value)).",
        "users_down(Value) -> dict:from_list(maps:to_list(Value)).",
        "-state_migration([{copy, users}]).   % it is right as it is",
    )


SILENT = {
    "undefined before": ("x = undefined", "x = #{}"),
    "undefined after": ("x = []", "x"),
    "a placeholder": ("x = none", "x = 5"),
    "an atom beside numbers": ("x = immediately", "x = 5"),
    "the same kind": ("x = dict:new()", "x = dict:from_list([])"),
    "a list": ("x = []", "x = [a]"),
    "a string": ("x = []", 'x = "text"'),
    "an empty orddict": ("x = []", "x = orddict:new()"),
    "an unknown call": ("x = other:new()", "x = #{}"),
    "an argument": ("x = element(1, {a})", "x = #{}"),
    "several on both sides": ("x :: [a] | integer()", "x :: [a] | integer() | map() | binary()"),
    "a type that admits it": ("x = [] :: list()", "x = #{} :: list() | map()"),
    "a branch": ("x = case node() of a -> #{}; _ -> [] end", "x = #{}"),
    "a set of the other format": ("x = sets:new()", "x = sets:new([{version, 2}])"),
    "a record to a tuple": ("x :: {a, b}", "x = {a, b} :: tuple()"),
    "a timestamp": ("x = os:timestamp()", "x = {0, 0, 0}"),
    "numbers": ("x = 1", "x = 2 * 3 + erlang:system_time()"),
    "integers of characters": ("x = $a", "x = 5"),
}


@pytest.mark.parametrize(("before", "after"), SILENT.values(), ids=SILENT.keys())
def test_no_false_alarm(bench: Bench, before: str, after: str) -> None:
    """What is not known, stands for no value, or may be either is not warned of."""
    assert codes(bench.preview(old(before), new(after))) == []


def test_a_placeholder_stays_as_it_is(bench: Bench) -> None:
    """A value that may be undefined is converted where it is none."""
    versions = old("x", "init(1) -> {ok, #state{x = dict:new()}}; init(_) -> {ok, #state{}}."), new("x = #{}")
    lines = pasted(one(bench.preview(*versions), "M411"))
    bench.install(versions[0], new("x = #{}", *lines))
    assert bench.convert('"1"', "{state,a,undefined}") == "{ok,{state,a,undefined,1}}"
    assert bench.convert('"1"', "{state,a,dict:new()}") == "{ok,{state,a,#{},1}}"
    assert bench.convert('{down, "1"}', "{state,a,undefined,1}") == "{ok,{state,a,undefined}}"


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("dict:dict()", "map()", "maps:from_list(dict:to_list(Value))"),
        ("dict:dict(atom(), pid())", "#{atom() => pid()}", "maps:from_list(dict:to_list(Value))"),
        ("t()", "map()", "maps:from_list(gb_trees:to_list(Value))"),
        ("string()", "binary()", "list_to_binary(Value)"),
        (
            "undefined | string()",
            "undefined | binary()",
            "if is_atom(Value) -> Value; true -> list_to_binary(Value) end.",
        ),
        ("integer()", "float()", "float(Value)"),
    ],
)
def test_a_changed_type_is_asked_with_the_conversion(bench: Bench, before: str, after: str, expected: str) -> None:
    """Where the types say it, there is the question (M303) and no warning beside it; its lines have the conversion."""
    type_ = "-type t() :: gb_trees:tree()."
    source = old(f"x :: {before}").replace("-record(state", f"{type_}\n-record(state", 1)
    planned = bench.preview(source, new(f"x :: {after}"))
    assert codes(planned) == ["M303"]
    found = one(planned, "M303")
    assert found.help[0] == "-state_migration([{copy, x}])."
    assert [line for line in found.help if line.startswith("x_up(Value) -> ") and expected in line]
    bench.install(source, new(f"x :: {after}", *pasted(found)))


def test_a_type_on_one_side_alone(bench: Bench) -> None:
    """A type of the old version and a default of the new one tell it together."""
    assert codes(bench.preview(old("x :: dict:dict()"), new("x = #{}"))) == ["M411"]


def test_decisions_settle_it(bench: Bench) -> None:
    """`copy` says that it is right; a function of that name that is there already is not hidden."""
    assert codes(bench.preview(old("x = []"), new("x = #{}", decided("{copy, x}")))) == []
    there = new("x = #{}", "x_up(A) -> A.", "-export([x_up/1]).")
    assert "x_up_(Value) -> maps:from_list(Value)." in one(bench.preview(old("x = []"), there), "M411").help


def test_a_renamed_field_is_compared_too(bench: Bench) -> None:
    """It is kept under another name."""
    planned = bench.preview(old("x = dict:new()"), new("y = #{}", decided("{rename, x, y}")))
    assert "{convert, y, y_up, y_down}" in one(planned, "M411").help[0]


def test_quoted_names(bench: Bench) -> None:
    """The lines to paste are Erlang for any name."""
    found = one(bench.preview(old("'A b' = dict:new()"), new("'A b' = #{}")), "M411")
    assert "'A b_up'(Value) -> maps:from_list(dict:to_list(Value))." in found.help
    bench.install(old("'A b' = dict:new()"), new("'A b' = #{}", *pasted(found)))


def test_a_record_inside_the_state(bench: Bench) -> None:
    """Its fields are compared as well, also where nothing else of it changed; the decision names it."""

    def holding(x: str, more: str, vsn: str, *forms: str) -> str:
        return server("a, all = [] :: [#s{}]", *forms, vsn=vsn).replace(
            "-record(state", f"-record(s, {{u, x = {x}{more}}}).\n-record(state", 1
        )

    before = holding("dict:new()", "", '"1"')
    for more in (", since = 0", ""):
        found = one(bench.preview(before, holding("#{}", more, '"2"')), "M411")
        assert found.help[0] == "-state_migration([{in, s, [{convert, x, x_up, x_down}]}])."
        fixed = holding("#{}", more, '"2"', *pasted(found))
        assert codes(bench.preview(before, fixed)) == []
        bench.install(before, fixed)
        since = ",0" if more else ""
        converted = bench.convert('"1"', "{state,a,[{s,u,dict:new()}]}")
        assert converted == f"{{ok,{{state,a,[{{s,u,#{{}}{since}}}]}}}}"


NO_LIBRARY = {
    "a map to a set": ("map()", "sets:set()"),
    "a pid to text": ("pid()", "binary()"),
    "a table to a map": ("ets:tid()", "map()"),
    "lists of other things than pairs": ("[atom()]", "map()"),
    "lists of pairs to text": ("[{a, b}]", "binary()"),
    "lists of other lists": ("[a | integer()]", "[a]"),
}


@pytest.mark.parametrize(("before", "after"), NO_LIBRARY.values(), ids=NO_LIBRARY.keys())
def test_what_no_library_converts(bench: Bench, before: str, after: str) -> None:
    """Nothing is invented."""
    found = one(bench.preview(old(f"x :: {before}"), new(f"x :: {after}")), "M303")
    assert found.help[1:] == ("-state_migration([{convert, x, UP_FUNCTION, DOWN_FUNCTION}]).",)
