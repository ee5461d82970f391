"""`{deep, Field}`: changed records that no type leads to are converted wherever they lie in a field's value."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from migrator import library
from migrator.render.json import planned_json
from migrator.request import Request
from tests.support.cases import codes, decided, injected, one, own, server
from tests.support.rules import asking, written_beams

if TYPE_CHECKING:
    from tests.support.cases import Bench

pytest_plugins = ["tests.support.bench"]

OLD = "-record(item, {a}).\n"
NEW = "-record(item, {a, b = new}).\n"
TYPED = "-record(item, {a :: integer()}).\n"
DEEP = decided("{deep, x}")


def _server(records: str, fields: str, *forms: str, vsn: str) -> str:
    """A server whose state may hold these records, which no type names."""
    return server(fields, *forms, vsn=vsn).replace("-record(state", f"{records}-record(state", 1)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("{item, 1}", "{item, 1, new}"),
        ("[{item, 1}, x, {item, 2}]", "[{item, 1, new}, x, {item, 2, new}]"),
        ("[{item, 1} | {item, 2}]", "[{item, 1, new} | {item, 2, new}]"),
        ("{a, {b, [{item, 1}]}, 3}", "{a, {b, [{item, 1, new}]}, 3}"),
        ("#{k => {item, 1}}", "#{k => {item, 1, new}}"),
        ("#{{item, 1} => [{item, 2}]}", "#{{item, 1, new} => [{item, 2, new}]}"),
        ("#{item => 1}", "#{item => 1}"),
        ("#{item => {item, 1}}", "#{item => {item, 1, new}}"),
        ("{item, [{item, {item, 1}}]}", "{item, [{item, {item, 1, new}, new}], new}"),
        ("{item, 1, 2, 3}", "{item, 1, 2, 3}"),
        ("{item}", "{item}"),
        ("{}", "{}"),
        ("undefined", "undefined"),
        ('{"text", <<1>>, 1.5, []}', '{"text", <<1>>, 1.5, []}'),
        ("dict:from_list([{k, {item, 1}}])", "dict:from_list([{k, {item, 1, new}}])"),
        ("gb_trees:from_orddict([{k, {item, 1}}])", "gb_trees:from_orddict([{k, {item, 1, new}}])"),
        ("queue:from_list([{item, 1}, {item, 2}])", "queue:from_list([{item, 1, new}, {item, 2, new}])"),
    ],
)
def test_found_wherever_it_lies(bench: Bench, before: str, after: str) -> None:
    """Section 8: up, up again, and down, whatever surrounds the record; the other fields are left alone."""
    bench.install(
        _server(OLD, "x, y", vsn='"1"'),
        _server(NEW, "x, y", DEEP, vsn='"2"'),
    )
    old, new = bench.eval(f"{{state, {before}, {{item, 1}}}}"), bench.eval(f"{{state, {after}, {{item, 1}}}}")
    assert bench.convert('"1"', old) == f"{{ok,{new}}}"
    assert bench.convert('"1"', new) == f"{{ok,{new}}}"
    assert bench.convert('{down, "1"}', new) == f"{{ok,{old}}}"


def test_what_did_not_change_is_the_same_term(bench: Bench) -> None:
    """What holds no such record is passed on as it is; of what holds one, the rest."""
    bench.install(_server(OLD, "x", vsn='"1"'), _server(NEW, "x", DEEP, vsn='"2"'))
    same = 'erts_debug:same(element(2, {state, X} = S), element(2, element(2, m:code_change("1", S, []))))'
    for value in ("lists:seq(1, 100000)", "{a, [#{b => {c, <<1>>}}]}", "maps:from_list([{N, {N}} || N <- [1, 2]])"):
        assert bench.eval(f"(fun(X) -> S = {{state, X}}, {same} end)({value})") == "true"
    kept = (
        "(fun(Big) -> {ok, {state, [Kept, {item, 1, new} | Rest]}} = "
        'm:code_change("1", {state, [Big, {item, 1} | Big]}, []), '
        "{erts_debug:same(Big, Kept), erts_debug:same(Big, Rest)} end)(lists:seq(1, 1000))"
    )
    assert bench.eval(kept) == "{true,true}"


def test_a_long_list_takes_linear_time(bench: Bench) -> None:
    """A million elements with a record at the end, deep in tuples: no part is compared again and again."""
    bench.install(_server(OLD, "x", vsn='"1"'), _server(NEW, "x", DEEP, vsn='"2"'))
    deep = "lists:foldl(fun(N, T) -> {N, T} end, {item, 1}, lists:seq(1, 100000))"
    long = "lists:seq(1, 1000000) ++ [{item, 1}]"
    for value in (deep, long):
        done = bench.eval(f'element(1, m:code_change("1", {{state, {value}}}, []))')
        assert done == "ok"


def test_fields_of_what_is_found(bench: Bench) -> None:
    """The record's typed fields are walked by their types, its others are looked through too."""
    old = "-record(sub, {x}).\n-record(item, {a, n :: integer(), s :: [#sub{}]}).\n"
    new = "-record(sub, {x, y = 2}).\n-record(item, {a, n :: integer(), s :: [#sub{}], b = 1}).\n"
    bench.install(_server(old, "x", vsn='"1"'), _server(new, "x", DEEP, vsn='"2"'))
    before = "{state,{{item,{sub,1},{sub,1},[{sub,1}]},{sub,3}}}"
    after = "{state,{{item,{sub,1,2},{sub,1},[{sub,1,2}],1},{sub,3,2}}}"
    assert bench.convert('"1"', before) == f"{{ok,{after}}}"
    assert bench.convert('{down, "1"}', after) == f"{{ok,{before}}}"


def test_decisions_inside(bench: Bench) -> None:
    """`{in, …}`, `{rename_record, …}` and `{deep, …}` inside one hold for records that only `deep` finds."""
    old = "-record(item, {a, gone}).\n-record(conn, {p}).\n"
    new = "-record(item, {name, b = 1, c}).\n-record(link, {p, q = 0}).\n"
    said = decided(
        "{deep, x}",
        "{rename_record, conn, link}",
        "{in, item, [{rename, a, name}, {drop, gone, none}]}",
    )
    bench.install(_server(old, "x", vsn='"1"'), _server(new, "x", said, vsn='"2"'))
    assert (
        bench.convert('"1"', "{state,[{item,1,2},{conn,self}]}") == "{ok,{state,[{item,1,1,undefined},{link,self,0}]}}"
    )
    down = bench.convert('{down, "1"}', "{state,[{item,1,1,undefined},{link,self,0}]}")
    assert down == "{ok,{state,[{item,1,none},{conn,self}]}}"


def test_a_renamed_field(bench: Bench) -> None:
    """The decision names the new field; a field that changes beside it is converted as ever."""
    bench.install(
        _server(OLD, "cache, n", vsn='"1"'),
        _server(NEW, "n, store, hits = 0", decided("{rename, cache, store}", "{deep, store}"), vsn='"2"'),
    )
    assert bench.convert('"1"', "{state,[{item,1}],5}") == "{ok,{state,5,[{item,1,new}],0}}"
    assert bench.convert('{down, "1"}', "{state,5,[{item,1,new}],0}") == "{ok,{state,[{item,1}],5}}"


def test_several_versions_and_one_after_the_other(bench: Bench) -> None:
    """Each version's records are told by their own shapes; A, then B, gives the bytes of both; eject the original."""
    middle = "-record(item, {a, b}).\n"
    new = "-record(item, {a, b, c = 3}).\n"
    sources = (
        _server(OLD, "x", vsn='"1"'),
        _server(middle, "x", vsn='"2"'),
        _server(new, "x", DEEP, vsn='"3"'),
    )
    beam = bench.install(*sources)
    assert bench.convert('"1"', "{state,[{item,1}]}") == "{ok,{state,[{item,1,undefined,3}]}}"
    assert bench.convert('"2"', "{state,[{item,1,2}]}") == "{ok,{state,[{item,1,2,3}]}}"
    assert bench.convert('"2"', "{state,[{item,1,2,3}]}") == "{ok,{state,[{item,1,2,3}]}}"
    assert bench.convert('{down, "1"}', "{state,[{item,1,2,3}]}") == "{ok,{state,[{item,1}]}}"
    assert bench.convert('{down, "2"}', "{state,[{item,1,2,3}]}") == "{ok,{state,[{item,1,2}]}}"
    one_, two, path = written_beams(bench, 3)
    original = path.read_bytes()
    for old in (two, one_):
        library.write(library.inject(bench.helper, [old], path).injected)
    assert path.read_bytes() == beam
    assert injected(library.inject(bench.helper, [one_, two], path)) == beam
    assert library.eject(bench.helper, path).after == original


def test_only_from_one_version(bench: Bench) -> None:
    """Inside a `from` it holds for that version alone."""
    said = decided('{from, "1", [{deep, x}]}')
    bench.install(
        _server(OLD, "x, a", vsn='"1"'),
        _server(OLD, "x, a, b", vsn='"2"'),
        _server(NEW, "x", said, decided("{drop, a}", '{from, "2", [{drop, b}]}'), vsn='"3"'),
    )
    assert bench.convert('"1"', "{state,{item,1},2}") == "{ok,{state,{item,1,new}}}"
    assert bench.convert('"2"', "{state,{item,1},2,3}") == "{ok,{state,{item,1}}}"


def test_in_a_decisions_file(bench: Bench) -> None:
    """`deep x.` says the same, and the beam holds all that a later run needs."""
    sources = (_server(OLD, "x", vsn='"1"'), _server(NEW, "x", vsn='"2"'))
    request = asking(bench, "deep x.")
    beam = bench.install(*sources, request=request)
    assert bench.convert('"1"', "{state,[{item,1}]}") == "{ok,{state,[{item,1,new}]}}"
    old, path = written_beams(bench)
    path.write_bytes(beam)
    assert injected(library.inject(bench.helper, [old], path, request)) == beam


def test_what_is_said_of_it(bench: Bench) -> None:
    """The source is `nested`; the warning offers the line, in the user's form, and says nothing of that field."""
    plain = (_server(OLD, "x, y, n :: integer()", vsn='"1"'), _server(NEW, "x, y, n :: integer()", vsn='"2"'))
    warned = one(bench.preview(*plain), "M401")
    assert warned.help[:2] == ("-state_migration([{deep, x}]).", "-state_migration([{deep, y}]).")
    asked = one(bench.preview(*plain, request=Request(unrevealed="ask")), "M307")
    assert asked.help[0] == "-state_migration([{deep, x}])."
    filed = one(bench.preview(*plain, request=asking(bench, "copy n.")), "M401")
    assert filed.help[0] == "deep x."
    decided_one = bench.preview(plain[0], _server(NEW, "x, y, n :: integer()", DEEP, vsn='"2"'))
    assert "could lie in y" in one(decided_one, "M401").message
    assert planned_json(decided_one)["from"][0]["fields"][0] == {"field": "x", "source": "nested", "from": "x"}
    both = decided("{deep, x}", "{deep, y}")
    quiet = bench.preview(plain[0], _server(NEW, "x, y, n :: integer()", both, vsn='"2"'))
    assert codes(quiet) == []


@pytest.mark.parametrize(
    ("records", "fields", "decision", "message"),
    [
        ((OLD, NEW), "x", "{deep, z}", "z is not a field that both records have"),
        ((OLD, NEW), "cache", "{deep, cahce}", "did you mean cache?"),
        ((OLD, OLD), "x", "{deep, x}", "no record that both versions have changed"),
        ((OLD, NEW), "x :: integer()", "{deep, x}", "its type, integer(), tells all that lies in it"),
        (
            (TYPED, TYPED.replace("}", ", b = 1 :: integer()}")),
            "x :: [#item{}]",
            "{deep, x}",
            "its type, [#item{}], tells all that lies in it",
        ),
    ],
)
def test_a_decision_that_fits_nothing(
    bench: Bench, records: tuple[str, str], fields: str, decision: str, message: str
) -> None:
    """Section 8: a `deep` that has nothing to do is an error."""
    planned = bench.preview(
        _server(records[0], fields, vsn='"1"'), _server(records[1], fields, decided(decision), vsn='"2"')
    )
    assert codes(planned) == ["M113"]
    assert message in one(planned, "M113").message


def test_records_of_the_same_shape(bench: Bench) -> None:
    """Fields that changed places: deep cannot tell old from new, and asks; `{in, …}` says that all there are old."""
    old, new = "-record(item, {a, b}).\n", "-record(item, {b, a}).\n"
    asked = bench.preview(_server(old, "x", vsn='"1"'), _server(new, "x", DEEP, vsn='"2"'))
    assert codes(asked) == ["M310"]
    assert one(asked, "M310").help[0].startswith("-state_migration([{in, item, []}]).")
    said = decided("{deep, x}", "{in, item, []}")
    bench.install(_server(old, "x", vsn='"1"'), _server(new, "x", said, vsn='"2"'))
    assert bench.convert('"1"', "{state,[{item,1,2}]}") == "{ok,{state,[{item,2,1}]}}"
    assert bench.convert('"2"', "{state,[{item,2,1}]}") == "{ok,{state,[{item,2,1}]}}"
    assert bench.convert('{down, "1"}', "{state,[{item,2,1}]}") == "{ok,{state,[{item,1,2}]}}"


def test_names_that_need_quotes(bench: Bench) -> None:
    """Tags, fields and functions of the module that mean something else in Erlang."""
    old, new = "-record('a b', {'X'}).\n", "-record('a b', {'X', 'é' = 1}).\n"
    own = (
        "-export([f/0]).\n-compile({no_auto_import, [is_tuple/1, is_record/3]}).\n"
        "is_tuple(_) -> false.\nis_record(_, _, _) -> false.\nf() -> {is_tuple(1), is_record(1, 2, 3)}."
    )
    bench.install(_server(old, "'x y'", vsn='"1"'), _server(new, "'x y'", decided("{deep, 'x y'}"), own, vsn='"2"'))
    assert bench.convert('"1"', "{state,[{'a b',1}]}") == "{ok,{state,[{'a b',1,1}]}}"


def test_live(bench: Bench) -> None:
    """A running server goes up, and down again."""
    init = "init(S) -> {ok, S}."
    old, new = _server(OLD, "x", init, vsn='"1"'), _server(NEW, "x, y = 0", init, DEEP, vsn='"2"')
    beam = injected(bench.inject(old, new))
    name = bench.start(old, "{state, #{k => [{item, 1}]}}")
    assert bench.upgrade(name, beam, '"1"') == "{ok,{state,#{k => [{item,1,new}]},0}}"
    before = written_beams(bench)[0].read_bytes()
    assert bench.downgrade(name, before, '"1"') == "{ok,{state,#{k => [{item,1}]}}}"


def test_beside_other_decisions_for_the_field(bench: Bench) -> None:
    """`{copy, …}` accepts the type beside it; a `{convert, …}` contradicts it."""
    old = _server(OLD, "x :: list()", vsn='"1"')
    said = decided("{deep, x}", "{copy, x}")
    bench.install(old, _server(NEW, "x :: tuple() | nonempty_list()", said, vsn='"2"'))
    assert bench.convert('"1"', "{state,[{item,1}]}") == "{ok,{state,[{item,1,new}]}}"
    both = decided("{deep, x}", "{convert, x, f}")
    assert codes(bench.preview(old, _server(NEW, "x :: list()", both, "f(X) -> X.", vsn='"2"'))) == ["M113"]


def test_in_a_field_of_a_record_inside(bench: Bench) -> None:
    """`{in, …, [{deep, …}]}` looks through that field, and through no other of that record."""
    rest = "-record(box, {p :: term(), n}).\n"
    old, new = f"-record(item, {{a}}).\n{rest}", f"-record(item, {{a, b = 1}}).\n{rest}"
    bench.install(
        _server(old, "c :: #box{}, n", vsn='"1"'),
        _server(new, "c :: #box{}, n", decided("{in, box, [{deep, p}]}"), vsn='"2"'),
    )
    before, after = "{state,{box,[{item,1}],{item,2}},{item,3}}", "{state,{box,[{item,1,1}],{item,2}},{item,3}}"
    assert bench.convert('"1"', before) == f"{{ok,{after}}}"
    assert bench.convert('"1"', after) == f"{{ok,{after}}}"
    assert bench.convert('{down, "1"}', after) == f"{{ok,{before}}}"


def test_on_a_downgrade_where_the_own_function_runs_first(bench: Bench) -> None:
    """Its answer is looked through too."""
    forms = (own("({down, _}, #state{} = S, _) -> {ok, S}", "(_, S, _) -> {ok, S}"), DEEP, decided("{drop, y}"))
    bench.install(_server(OLD, "x, y", vsn='"1"'), _server(NEW, "x", *forms, vsn='"2"'))
    assert bench.convert('{down, "1"}', "{state,[{item,1,new}]}") == "{ok,{state,[{item,1}],undefined}}"


def test_the_type_offered_is_one_that_both_versions_can_have(bench: Bench) -> None:
    """A field that the new version lacks cannot be given a type "in both versions"; the next one that it has can."""
    gone = decided("{drop, x}")
    both = bench.preview(_server(OLD, "x, y", vsn='"1"'), _server(NEW, "y", gone, vsn='"2"'))
    help_ = one(both, "M401").help
    assert [each.split(" ")[0] for each in help_ if "::" in each] == ["y"]
    none = bench.preview(_server(OLD, "x", vsn='"1"'), _server(NEW, "n :: atom()", gone, vsn='"2"'))
    assert not [each for each in one(none, "M401").help if "::" in each]


@pytest.mark.parametrize(("code", "warned"), [("[#item{a = 1}]", ["M401"]), ("[1]", []), ("x:y()", [])])
def test_converted_in_one_field_and_hidden_in_another(bench: Bench, code: str, warned: list[str]) -> None:
    """That a type leads to it in one field says nothing of another, where the code puts one too."""
    init = f"init(_) -> {{ok, #state{{x = {code}}}}}."
    fields = "now :: #item{} | undefined, x"
    old, new = _server(OLD, fields, init, vsn='"1"'), _server(NEW, fields, init, vsn='"2"')
    planned = bench.preview(old, new)
    assert codes(planned) == warned
    if warned:
        assert "the code shows it in x (init/1 puts one into it" in one(planned, "M401").message
        assert one(planned, "M401").help[0] == "-state_migration([{deep, x}])."
        assert codes(bench.preview(old, new, request=Request(unrevealed="ask"))) == ["M307"]
    assert codes(bench.preview(old, _server(NEW, fields, init, DEEP, vsn='"2"'))) == []
