"""`{move, Old, [Field, …]}`: an old field's value goes into a record inside the new state, and back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from migrator import library
from tests.support.cases import codes, decided, injected, one, own, server
from tests.support.rules import asking, written_beams

if TYPE_CHECKING:
    from tests.support.cases import Bench

pytest_plugins = ["tests.support.bench"]

OLD = "-record(conf, {host}).\n"
NEW = "-record(conf, {host, timeout = 1}).\n"
MOVE = decided("{move, timeout, [conf, timeout]}")


def _server(records: str, fields: str, *forms: str, vsn: str) -> str:
    """A server with these records declared before its state."""
    return server(fields, *forms, vsn=vsn).replace("-record(state", f"{records}-record(state", 1)


def _both_ways(bench: Bench, before: str, after: str) -> None:
    """Up, up again, and down."""
    assert bench.convert('"1"', before) == f"{{ok,{after}}}"
    assert bench.convert('"1"', after) == f"{{ok,{after}}}"
    assert bench.convert('{down, "1"}', after) == f"{{ok,{before}}}"


@pytest.mark.parametrize(
    ("conf", "init", "said"),
    [
        ("conf :: #conf{}", "", []),
        ("conf = #conf{} :: #conf{}", "", []),
        ("conf :: c()", "", []),
        ("conf :: #conf{} | undefined", "", ["M407"]),
        ("conf = #conf{}", "", ["M407"]),
        ("conf", "init(H) -> {ok, #state{conf = #conf{host = H}}}.", ["M407"]),
        ("conf = undefined", "init(H) -> {ok, #state{conf = #conf{host = H}}}.", ["M407"]),
    ],
)
def test_into_a_record_that_both_have(bench: Bench, conf: str, init: str, said: list[str]) -> None:
    """Section 2: the record is known by type, by default, or by init; a value that may find no place is warned of."""
    types = "-type c() :: #conf{}."
    old = _server(OLD, f"timeout = 7, n, {conf}", types, init, vsn='"1"')
    new = _server(NEW, f"n, {conf}", types, init, MOVE, vsn='"2"')
    assert codes(bench.preview(old, new)) == said
    bench.install(old, new)
    _both_ways(bench, "{state,50,1,{conf,h}}", "{state,1,{conf,h,50}}")
    assert bench.convert('"1"', "{state,50,1,undefined}") == "{ok,{state,1,undefined}}"
    assert bench.convert('{down, "1"}', "{state,1,undefined}") == "{ok,{state,7,1,undefined}}"
    assert bench.convert('{down, "1"}', "{state,1,{conf}}") == "{ok,{state,7,1,{conf}}}"


@pytest.mark.parametrize(
    ("conf", "init", "built"),
    [
        ("conf :: #conf{}", "", "{conf,undefined,50}"),
        ("conf = #conf{}", "", "{conf,undefined,50}"),
        ("conf = #conf{host = local}", "", "{conf,local,50}"),
        ("conf", "init(_) -> {ok, #state{conf = #conf{host = a, timeout = 3}}}.", "{conf,a,50}"),
        ("conf", "init(T) -> {ok, #state{conf = #conf{host = a, timeout = T}}}.", "{conf,a,50}"),
        ("conf :: #conf{} | undefined", "", "{conf,undefined,50}"),
    ],
)
def test_into_a_record_that_is_new(bench: Bench, conf: str, init: str, built: str) -> None:
    """Section 2: it is built with the value, its other fields as the default, init or the record has them."""
    old = server("timeout = 7, n")
    bench.install(old, _server(NEW, f"n, {conf}, x = 2", init, MOVE, vsn='"2"'))
    _both_ways(bench, "{state,50,1}", f"{{state,1,{built},2}}")
    assert bench.convert('{down, "1"}', "{state,1,undefined,2}") == "{ok,{state,7,1}}"


def test_what_init_computes_in_it_is_asked_for(bench: Bench) -> None:
    """The other fields of a record that is built are new fields as any: `{in, …}` settles them."""
    old = server("timeout, n")
    init = "init(T) -> {ok, #state{conf = #conf{host = node(), port = T}}}.\nport(M) -> map_size(M)."
    records = "-record(conf, {host, port, timeout}).\n"
    asked = bench.preview(old, _server(records, "n, conf", init, MOVE, vsn='"2"'))
    assert sorted(codes(asked)) == ["M302", "M302", "M407"]
    said = decided("{move, timeout, [conf, timeout]}", "{in, conf, [{init, host, as_init}, {init, port, port}]}")
    bench.install(old, _server(records, "n, conf", init, said, vsn='"2"'))
    assert bench.convert('"1"', "{state,50,1}") == "{ok,{state,1,{conf,nonode@nohost,2,50}}}"


def test_into_what_a_function_gives(bench: Bench) -> None:
    """A decision for the new field gives the record, and the value goes into it."""
    functions = "made() -> #conf{host = made}.\nother() -> none."
    old = server("timeout, n")
    said = decided("{move, timeout, [conf, timeout]}", "{init, conf, made}")
    bench.install(old, _server(NEW, "n, conf :: #conf{} | none", said, functions, vsn='"2"'))
    assert bench.convert('"1"', "{state,50,1}") == "{ok,{state,1,{conf,made,50}}}"
    said = decided("{move, timeout, [conf, timeout]}", "{init, conf, other}")
    source = _server(NEW, "n, conf :: #conf{} | none", said, functions, vsn='"2"')
    assert codes(bench.preview(old, source)) == ["M407"]
    bench.install(old, source)
    assert bench.convert('"1"', "{state,50,1}") == "{ok,{state,1,none}}"


def test_several_and_deeper(bench: Bench) -> None:
    """Several old fields into one record, at several depths; with a record on the way that is itself the same."""
    old = "-record(net, {port}).\n-record(conf, {net :: #net{}}).\n"
    new = "-record(net, {port, timeout, retries = 3}).\n-record(conf, {net :: #net{}, name}).\n"
    said = decided(
        "{move, timeout, [conf, net, timeout]}", "{move, name, [conf, name]}", "{move, tries, [conf, net, retries]}"
    )
    bench.install(
        _server(old, "name, timeout, tries, conf :: #conf{}", vsn='"1"'),
        _server(new, "conf :: #conf{}, x = 1", said, vsn='"2"'),
    )
    _both_ways(bench, "{state,nm,50,4,{conf,{net,80}}}", "{state,{conf,{net,80,50,4},nm},1}")


def test_deeper_into_what_is_new(bench: Bench) -> None:
    """Records that are built in one another, and one that an expression gives."""
    records = "-record(net, {port = 80, timeout}).\n-record(conf, {net = #net{} :: #net{}, name = nm}).\n"
    said = decided("{move, timeout, [conf, net, timeout]}")
    bench.install(server("timeout"), _server(records, "conf :: #conf{}, x = 1", said, vsn='"2"'))
    _both_ways(bench, "{state,50}", "{state,{conf,{net,80,50},nm},1}")
    given = "conf = #conf{name = other} :: #conf{}"
    bench.install(server("timeout"), _server(records, f"{given}, x = 1", said, vsn='"2"'))
    _both_ways(bench, "{state,50}", "{state,{conf,{net,80,50},other},1}")


def test_a_default_is_evaluated_for_no_field_with_a_value(bench: Bench) -> None:
    """Section 2: defaults can have side effects."""
    functions = "boom() -> error(evaluated)."
    for conf, before in (("conf :: #conf{}", "{state,50,{conf,h}}"), ("", "{state,50}")):
        old = _server(OLD, ", ".join(filter(None, ["timeout", conf])), vsn='"1"')
        records = "-record(conf, {host, timeout = boom()}).\n"
        bench.install(old, _server(records, "conf :: #conf{}, x = 1", MOVE, functions, vsn='"2"'))
        host = "h" if conf else "undefined"
        assert bench.convert('"1"', before) == f"{{ok,{{state,{{conf,{host},50}},1}}}}"


def test_the_same_record_elsewhere(bench: Bench) -> None:
    """Where nothing moves in, the field has the value of any new field, and a computed one is asked for."""
    fields = "conf :: #conf{}, others :: [#conf{}]"
    old = _server(OLD, f"timeout, {fields}", vsn='"1"')
    bench.install(old, _server(NEW, fields, MOVE, vsn='"2"'))
    assert bench.convert('"1"', "{state,50,{conf,a},[{conf,b}]}") == "{ok,{state,{conf,a,50},[{conf,b,1}]}}"
    down = bench.convert('{down, "1"}', "{state,{conf,a,50},[{conf,b,1}]}")
    assert down == "{ok,{state,50,{conf,a},[{conf,b}]}}"
    records, init = "-record(conf, {host, timeout}).\n", "init(T) -> {ok, #state{conf = #conf{timeout = T}}}."
    asked = bench.preview(old, _server(records, fields, init, MOVE, vsn='"2"'))
    assert codes(asked) == ["M302"]
    alone = _server(OLD, "timeout, conf :: #conf{}", vsn='"1"')
    assert codes(bench.preview(alone, _server(records, "conf :: #conf{}, x = 1", init, MOVE, vsn='"2"'))) == []
    said = decided("{move, timeout, [conf, timeout]}", "{in, conf, [{default, timeout}]}")
    bench.install(old, _server(records, fields, init, said, vsn='"2"'))
    assert bench.convert('"1"', "{state,50,{conf,a},[{conf,b}]}") == "{ok,{state,{conf,a,50},[{conf,b,undefined}]}}"


def test_beside_it_and_inside_it(bench: Bench) -> None:
    """A field that holds such a record, or a list of them, or itself in a wrapper: all are converted."""
    types = "-type c() :: #conf{} | [#conf{}] | {wrapped, c()}."
    bench.install(
        _server(OLD, "timeout = 7, conf :: c()", types, vsn='"1"'),
        _server(NEW, "conf :: c()", types, MOVE, vsn='"2"'),
    )
    for before, after, back in (
        ("{conf,a}", "{conf,a,50}", 50),
        ("[{conf,a}]", "[{conf,a,1}]", 7),
        ("{wrapped,{conf,a}}", "{wrapped,{conf,a,1}}", 7),
    ):
        assert bench.convert('"1"', f"{{state,50,{before}}}") == f"{{ok,{{state,{after}}}}}"
        assert bench.convert('{down, "1"}', f"{{state,{after}}}") == f"{{ok,{{state,{back},{before}}}}}"


def test_with_decisions_inside(bench: Bench) -> None:
    """`{in, …}`, renames of the field and of the record add up with it."""
    old = "-record(conf, {host, gone}).\n"
    new = "-record(settings, {name, timeout, c = 1}).\n"
    said = decided(
        "{rename, conf, settings}",
        "{rename_record, conf, settings}",
        "{move, timeout, [settings, timeout]}",
        "{in, settings, [{rename, host, name}, {drop, gone, 0}]}",
    )
    bench.install(
        _server(old, "timeout, conf :: #conf{}", vsn='"1"'),
        _server(new, "settings :: #settings{}, x = 1", said, vsn='"2"'),
    )
    assert bench.convert('"1"', "{state,50,{conf,h,g}}") == "{ok,{state,{settings,h,50,1},1}}"
    assert bench.convert('{down, "1"}', "{state,{settings,h,50,1},1}") == "{ok,{state,50,{conf,h,0}}}"


def test_inside_a_record(bench: Bench) -> None:
    """A field of a record inside the state moves into a record inside that one."""
    old = "-record(conf, {host}).\n-record(session, {timeout = 7, conf :: #conf{}}).\n"
    new = "-record(conf, {host, timeout}).\n-record(session, {conf :: #conf{}}).\n"
    bench.install(
        _server(old, "s :: [#session{}]", vsn='"1"'),
        _server(new, "s :: [#session{}]", decided("{in, session, [{move, timeout, [conf, timeout]}]}"), vsn='"2"'),
    )
    _both_ways(bench, "{state,[{session,50,{conf,h}}]}", "{state,[{session,{conf,h,50}}]}")


def test_what_moves_is_converted(bench: Bench) -> None:
    """A changed record in the value that moves is converted on its way, up and down."""
    old, new = "-record(item, {a}).\n" + OLD, "-record(item, {a, b = 2}).\n" + NEW.replace("= 1", ":: [#item{}]")
    bench.install(
        _server(old, "timeout :: [#item{}], conf :: #conf{}", vsn='"1"'),
        _server(new, "conf :: #conf{}, x = 1, y = 2", MOVE, vsn='"2"'),
    )
    _both_ways(bench, "{state,[{item,1}],{conf,h}}", "{state,{conf,h,[{item,1,2}]},1,2}")


def test_a_type_that_changes_on_the_way(bench: Bench) -> None:
    """Section 2: a type that does not admit all is asked about here too; `{in, …, [{copy, …}]}` accepts it."""
    old = _server(OLD, "timeout :: integer(), conf :: #conf{}", vsn='"1"')
    records = "-record(conf, {host, timeout :: binary()}).\n"
    asked = bench.preview(old, _server(records, "conf :: #conf{}, x = 1", MOVE, vsn='"2"'))
    assert codes(asked) == ["M303"]
    assert one(asked, "M303").help == ("-state_migration([{in, conf, [{copy, timeout}]}]).",)
    said = decided("{move, timeout, [conf, timeout]}", "{in, conf, [{copy, timeout}]}")
    assert codes(bench.preview(old, _server(records, "conf :: #conf{}, x = 1", said, vsn='"2"'))) == []


def test_a_field_of_that_name_in_both(bench: Bench) -> None:
    """As with a rename: an old field that moves is no longer the source of the new one of its name."""
    old = _server(OLD, "timeout, conf :: #conf{}", vsn='"1"')
    bench.install(old, _server(NEW, "timeout = fresh, conf :: #conf{}, x = 1", MOVE, vsn='"2"'))
    assert bench.convert('"1"', "{state,50,{conf,h}}") == "{ok,{state,fresh,{conf,h,50},1}}"
    assert bench.convert('{down, "1"}', "{state,fresh,{conf,h,50},1}") == "{ok,{state,50,{conf,h}}}"


def test_several_versions_one_after_the_other_and_eject(bench: Bench) -> None:
    """From each version its own way; A, then B, gives the bytes of both; eject the original."""
    sources = (
        server("timeout, n"),
        _server(OLD, "timeout, n, conf :: #conf{}", vsn='"2"'),
        _server(NEW, "n, conf :: #conf{}, x = 1, y = 2", MOVE, vsn='"3"'),
    )
    beam = bench.install(*sources)
    assert bench.convert('"1"', "{state,50,1}") == "{ok,{state,1,{conf,undefined,50},1,2}}"
    assert bench.convert('"2"', "{state,50,1,{conf,h}}") == "{ok,{state,1,{conf,h,50},1,2}}"
    assert bench.convert('{down, "1"}', "{state,1,{conf,h,50},1,2}") == "{ok,{state,50,1}}"
    assert bench.convert('{down, "2"}', "{state,1,{conf,h,50},1,2}") == "{ok,{state,50,1,{conf,h}}}"
    first, second, path = written_beams(bench, 3)
    original = path.read_bytes()
    for old in (second, first):
        library.write(library.inject(bench.helper, [old], path).injected)
    assert path.read_bytes() == beam
    assert injected(library.inject(bench.helper, [first, second], path)) == beam
    assert library.eject(bench.helper, path).after == original


def test_of_the_same_shape(bench: Bench) -> None:
    """Where the state keeps its size, OldVsn decides; a move inside a `from` holds for that version alone."""
    old = server("timeout, n")
    said = decided('{from, "1", [{move, timeout, [conf, timeout]}]}')
    bench.install(old, _server(NEW, "n, conf :: #conf{}", said, vsn='"2"'))
    assert bench.convert('"1"', "{state,50,1}") == "{ok,{state,1,{conf,undefined,50}}}"
    assert bench.convert('"2"', "{state,1,{conf,h,50}}") == "{ok,{state,1,{conf,h,50}}}"
    assert bench.convert('{down, "1"}', "{state,1,{conf,h,50}}") == "{ok,{state,50,1}}"
    assert bench.convert('"9"', "{state,1,{conf,h,50}}").startswith("{error,{state_migration,{ambiguous_version")


def test_with_an_own_code_change(bench: Bench) -> None:
    """The module's own function sees the new record with what moved in it, and the old one in Extra."""
    old = _server(OLD, "timeout, conf :: #conf{}", vsn='"1"')
    clause = "(_, S, E) -> {ok, S#state{x = proplists:get_value(old_state, E)}}"
    bench.install(old, _server(NEW, "conf :: #conf{}, x, y", MOVE, own(clause), vsn='"2"'))
    up = bench.convert('"1"', "{state,50,{conf,h}}")
    assert up == "{ok,{state,{conf,h,50},{state,50,{conf,h}},undefined}}"


def test_one_version_after_the_other_with_decisions_inside(bench: Bench) -> None:
    """What stands in the beam is known when another version is added: no decision is taken for a stranger."""
    records = "-record(conf, {host, port, timeout :: atom()}).\n"
    said = decided(
        "{move, timeout, [conf, timeout]}",
        "{in, conf, [{init, port, port}, {copy, timeout}]}",
        "{move, host, [conf, host]}",
    )
    init = "init(T) -> {ok, #state{conf = #conf{port = T}}}.\nport() -> 25."
    sources = (
        server("timeout :: integer(), host"),
        server("timeout :: integer(), host, n", vsn='"2"'),
        _server(records, "conf :: #conf{}, n, x, y", init, said, vsn='"3"'),
    )
    beam = bench.install(*sources)
    assert bench.convert('"1"', "{state,50,h}") == "{ok,{state,{conf,h,25,50},undefined,undefined,undefined}}"
    first, second, path = written_beams(bench, 3)
    for old in (second, first):
        library.write(library.inject(bench.helper, [old], path).injected)
    assert path.read_bytes() == beam


def test_into_what_init_or_an_expression_gives(bench: Bench) -> None:
    """`as_init`, and an expression of a decisions file that reads old fields."""
    init = "init(_) -> {ok, #state{conf = #conf{host = node()}}}."
    said = decided("{move, timeout, [conf, timeout]}", "{init, conf, as_init}")
    bench.install(server("timeout"), _server(NEW, "conf :: #conf{}, x", init, said, vsn='"2"'))
    assert bench.convert('"1"', "{state,50}") == "{ok,{state,{conf,nonode@nohost,50},undefined}}"
    request = asking(bench, "move timeout -> conf.timeout.", "init conf = #conf{host = {Old#state.a}}.")
    sources = (server("timeout, a"), _server(NEW, "conf :: #conf{}, x, y", vsn='"2"'))
    bench.install(*sources, request=request)
    assert bench.convert('"1"', "{state,50,1}") == "{ok,{state,{conf,{1},50},undefined,undefined}}"


def test_a_third_party_statem(bench: Bench) -> None:
    """A gen_statem without any attribute of ours, by a decisions file alone."""
    source = """
-module(m). -behaviour(gen_statem). -vsn("{vsn}").
-export([init/1, callback_mode/0, open/3]).
-record(conf, {{{conf}}}).
-record(data, {{{data}}}).
init(_) -> {{ok, open, #data{{}}}}.
callback_mode() -> state_functions.
open(_, _, _) -> keep_state_and_data.
"""
    old = source.format(vsn=1, conf="host", data="timeout, conf = #conf{}")
    new = source.format(vsn=2, conf="host, timeout", data="conf = #conf{}")
    bench.install(old, new, request=asking(bench, "record data.", "move timeout -> conf.timeout."))
    assert bench.eval('m:code_change("1", open, {data,50,{conf,h}}, [])') == "{ok,open,{data,{conf,h,50}}}"
    assert bench.eval('m:code_change({down,"1"}, open, {data,{conf,h,50}}, [])') == "{ok,open,{data,50,{conf,h}}}"


def test_versions_whose_states_look_alike(bench: Bench) -> None:
    """Old versions of one shape that mean different things by it: OldVsn tells what moves."""
    one_ = _server(OLD, "timeout, conf :: #conf{}, n", vsn='"1"')
    two = _server(OLD, "n, conf :: #conf{}, timeout", vsn='"2"')
    bench.install(one_, two, _server(NEW, "conf :: #conf{}, n", MOVE, vsn='"3"'))
    assert bench.convert('"1"', "{state,50,{conf,h},1}") == "{ok,{state,{conf,h,50},1}}"
    assert bench.convert('"2"', "{state,50,{conf,h},1}") == "{ok,{state,{conf,h,1},50}}"


def test_more_than_a_function_has_arguments(bench: Bench) -> None:
    """Three hundred fields into one record."""
    names = [f"f{number}" for number in range(300)]
    fields, moves = ", ".join(names), decided(*(f"{{move, {name}, [conf, {name}]}}" for name in names))
    old = _server(OLD, f"{fields}, conf :: #conf{{}}", vsn='"1"')
    bench.install(old, _server(f"-record(conf, {{host, {fields}}}).\n", "conf :: #conf{}", moves, vsn='"2"'))
    values = ",".join(map(str, range(300)))
    _both_ways(bench, f"{{state,{values},{{conf,h}}}}", f"{{state,{{conf,h,{values}}}}}")
