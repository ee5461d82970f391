"""What is said of a `move`: where it is written, what it is shown as, when it is offered, and when it fits nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from migrator import library
from migrator.render.json import planned_json
from migrator.render.table import render_table
from tests.support.cases import codes, decided, injected, one, server
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


def test_in_a_decisions_file(bench: Bench) -> None:
    """`move timeout -> conf.timeout.` says the same; quoted names too."""
    sources = (
        _server("-record('a conf', {host}).\n", "'time out', 'a conf' = #'a conf'{}", vsn='"1"'),
        _server("-record('a conf', {host, 'T'}).\n", "'a conf' = #'a conf'{}", vsn='"2"'),
    )
    request = asking(bench, "move 'time out' -> 'a conf'.'T'.")
    beam = bench.install(*sources, request=request)
    _both_ways(bench, "{state,50,{'a conf',h}}", "{state,{'a conf',h,50}}")
    old, path = written_beams(bench)
    path.write_bytes(beam)
    assert injected(library.inject(bench.helper, [old], path, request)) == beam


def test_what_is_said_of_it(bench: Bench) -> None:
    """No drop, nothing lost; the record is `nested` or `init`, what comes back `nested` from where it lies."""
    old = _server(OLD, "timeout, conf :: #conf{}", vsn='"1"')
    planned = bench.preview(old, _server(NEW, "conf :: #conf{}, x = 1", MOVE, vsn='"2"'))
    (told,) = planned_json(planned)["from"]
    assert told["fields"][0] == {"field": "conf", "source": "nested", "from": "conf"}
    assert (told["dropped"], told["lossless"]) == ([], True)
    assert told["down"][0] == {"field": "timeout", "source": "nested", "from": "conf"}
    assert planned.plan is not None
    assert "timeout    move  into conf.timeout" in render_table(planned.plan)
    planned = bench.preview(server("timeout"), _server(NEW, "conf :: #conf{}, x = 1", MOVE, vsn='"2"'))
    (told,) = planned_json(planned)["from"]
    assert told["fields"][0] == {"field": "conf", "source": "init", "from": None}
    assert (told["dropped"], told["lossless"]) == ([], True)
    assert planned.plan is not None
    assert "in conf, #conf{}:" in render_table(planned.plan)


def test_it_is_offered(bench: Bench) -> None:
    """A field that would be dropped, and a record inside that gained one of its name: the line comes first."""
    old = _server(OLD, "timeout, conf = #conf{}, name_of_host", vsn='"1"')
    new = _server(NEW.replace("host,", "host, host_name,"), "conf = #conf{}", vsn='"2"')
    first, other = (each for each in bench.preview(old, new).diagnostics if each.code == "M301")
    assert first.help[0] == "-state_migration([{move, timeout, [conf, timeout]}]).   % it has that name there"
    assert other.help[-1] == "-state_migration([{drop, name_of_host}])."
    filed = bench.preview(old, new, request=asking(bench, "drop name_of_host."))
    assert one(filed, "M301").help[0].startswith("move timeout -> conf.timeout.")
    fresh = bench.preview(server("timeout"), _server(NEW, "conf :: #conf{}", vsn='"2"'))
    assert one(fresh, "M301").help[0].startswith("-state_migration([{move, timeout, [conf, timeout]}]).")


@pytest.mark.parametrize(
    ("fields", "decision", "message"),
    [
        ("conf :: #conf{}", "{move, timeuot, [conf, timeout]}", "did you mean timeout?"),
        ("conf :: #conf{}", "{move, timeout, [cnf, timeout]}", "did you mean conf?"),
        ("conf :: #conf{}", "{move, timeout, [conf, timeuot]}", "did you mean timeout?"),
        ("conf :: #conf{}", "{move, timeout, [conf, host]}", "has a source already: the old host"),
        ("conf :: #conf{}", "{move, timeout, [conf, timeout, x]}", "to lie in timeout"),
        ("conf :: [#conf{}]", "{move, timeout, [conf, timeout]}", "to lie in conf"),
        ("conf :: map()", "{move, timeout, [conf, timeout]}", "to lie in conf"),
        ("conf", "{move, timeout, [conf, timeout]}", "to lie in conf"),
        ("conf :: #conf{} | #other{}", "{move, timeout, [conf, timeout]}", "#conf{} or #other{} may lie in conf"),
        ("conf :: #conf{}", "{move, timeout, [conf, timeout]}, {drop, timeout}", "contradict each other"),
        (
            "conf :: #conf{}",
            "{move, timeout, [conf, timeout]}, {move, n, [conf, timeout]}",
            "contradict each other",
        ),
        ("conf :: #conf{}", "{move, timeout, [conf, timeout]}, {in, cnf, []}", "did you mean conf?"),
        (
            "conf :: #conf{}",
            "{move, timeout, [conf, timeout]}, {in, conf, [{default, timeout}]}",
            "has a source already",
        ),
    ],
)
def test_a_decision_that_fits_nothing(bench: Bench, fields: str, decision: str, message: str) -> None:
    """Section 8: a `move` that leads nowhere is an error, with the nearest names."""
    other = "-record(other, {b}).\n"
    old = _server(OLD + other, f"timeout, n, {fields}", vsn='"1"')
    new = _server(NEW + other, f"{fields}", decided(decision), vsn='"2"')
    planned = bench.preview(old, new)
    assert set(codes(planned)) == {"M113"}
    assert any(message in each.message for each in planned.diagnostics)


def test_into_an_empty_record(bench: Bench) -> None:
    """A record without fields that gains one: it is converted where it is, and not made where it is not."""
    old = _server("-record(conf, {}).\n", "timeout = 7, conf", vsn='"1"')
    new = _server("-record(conf, {timeout}).\n", "conf = #conf{}, x = 1, y = 2", MOVE, vsn='"2"')
    bench.install(old, new)
    _both_ways(bench, "{state,50,{conf}}", "{state,{conf,50},1,2}")
    assert bench.convert('"1"', "{state,50,undefined}") == "{ok,{state,undefined,1,2}}"


def test_a_field_that_is_wrapped(bench: Bench) -> None:
    """The value of a field becomes that of the same field inside a new record of its name."""
    said = decided("{move, conf, [conf, conf]}", "{move, n, [conf, n]}")
    new = _server("-record(outer, {conf, n, x = 1}).\n", "conf :: #outer{}, y, z", said, vsn='"2"')
    bench.install(server("conf = none, n"), new)
    _both_ways(bench, "{state,#{a => 1},2}", "{state,{outer,#{a => 1},2,1},undefined,undefined}")


def test_what_a_conversion_gives(bench: Bench) -> None:
    """`{convert, conf, …}` makes the record, and the value goes into it; back, it is taken out before."""
    functions = "up(L) -> #conf{host = hd(L)}.\ndown(#conf{host = H}) -> [H]."
    said = decided("{move, timeout, [conf, timeout]}", "{convert, conf, up, down}")
    new = _server(NEW, "conf :: #conf{}, x, y", said, functions, vsn='"2"')
    bench.install(server("timeout, conf"), new)
    _both_ways(bench, "{state,50,[h]}", "{state,{conf,h,50},undefined,undefined}")


def test_with_deep(bench: Bench) -> None:
    """A field that is looked through: the record gets the value, others of its kind in it the default."""
    said = decided("{move, timeout, [conf, timeout]}", "{deep, conf}", "{deep, x}")
    old = _server(OLD, "timeout = 7, conf = #conf{}, x", vsn='"1"')
    bench.install(old, _server(NEW, "conf = #conf{}, x, y, z", said, vsn='"2"'))
    before, after = (
        "{state,50,{conf,[{conf,h}]},{conf,i}}",
        "{state,{conf,[{conf,h,1}],50},{conf,i,1},undefined,undefined}",
    )
    _both_ways(bench, before, after)
    assert bench.convert('"1"', "{state,50,[{conf,h}],i}") == "{ok,{state,[{conf,h,1}],i,undefined,undefined}}"


def test_two_places_for_one_record(bench: Bench) -> None:
    """Each place has its own values."""
    fields = "a :: #conf{}, b :: #conf{}"
    said = decided("{move, ta, [a, timeout]}", "{move, tb, [b, timeout]}")
    bench.install(
        _server(OLD, f"ta, tb, {fields}", vsn='"1"'),
        _server("-record(conf, {host, timeout}).\n", fields, said, vsn='"2"'),
    )
    _both_ways(bench, "{state,1,2,{conf,a},{conf,b}}", "{state,{conf,a,1},{conf,b,2}}")


def test_a_record_that_holds_itself(bench: Bench) -> None:
    """The value goes to the depth that the path says, and the others have the default."""
    old = _server("-record(conf, {next :: #conf{} | nil}).\n", "timeout = 7, conf :: #conf{}", vsn='"1"')
    said = decided("{move, timeout, [conf, next, timeout]}")
    new = _server("-record(conf, {next :: #conf{} | nil, timeout = 1}).\n", "conf :: #conf{}", said, vsn='"2"')
    bench.install(old, new)
    _both_ways(bench, "{state,50,{conf,{conf,{conf,nil}}}}", "{state,{conf,{conf,{conf,nil,1},50},1}}")
    assert bench.convert('"1"', "{state,50,{conf,nil}}") == "{ok,{state,{conf,nil,1}}}"


def test_moves_at_two_levels(bench: Bench) -> None:
    """A move into a record, and one of that record's own fields into a record inside it."""
    old = "-record(net, {port}).\n-record(conf, {wait = 9, net :: #net{}}).\n"
    new = "-record(net, {port, wait}).\n-record(conf, {net :: #net{}, timeout}).\n"
    said = decided("{move, timeout, [conf, timeout]}", "{in, conf, [{move, wait, [net, wait]}]}")
    bench.install(_server(old, "timeout, conf :: #conf{}", vsn='"1"'), _server(new, "conf :: #conf{}", said, vsn='"2"'))
    _both_ways(bench, "{state,50,{conf,3,{net,80}}}", "{state,{conf,{net,80,3},50}}")


def test_an_old_default_that_is_gone(bench: Bench) -> None:
    """It is needed only where nothing can move back; then it is given up with a warning, and no decision is asked."""
    functions = "seven() -> 7."
    for conf, said in (("conf :: #conf{}", []), ("conf :: #conf{} | undefined", ["M407", "M404"])):
        old = _server(OLD, f"timeout = seven(), {conf}", functions, vsn='"1"')
        planned = bench.preview(old, _server(NEW, f"{conf}", MOVE, vsn='"2"'))
        assert sorted(codes(planned)) == sorted(said)


def test_a_default_with_variables(bench: Bench) -> None:
    """Expressions that bind what generated code binds too."""
    default = "(fun(Timeout) -> Value = [Timeout], Value end)(1)"
    given = "conf = #conf{host = (fun(Value) -> Timeout = Value, Timeout end)(2)} :: #conf{}"
    bench.install(server(f"timeout = {default}"), _server(NEW, f"{given}, x = 1", MOVE, vsn='"2"'))
    _both_ways(bench, "{state,50}", "{state,{conf,2,50},1}")
    assert bench.convert('{down, "1"}', "{state,gone,1}") == "{ok,{state,[1]}}"


@pytest.mark.parametrize("decision", ["{move, a, b}", "{move, a, [b]}", "{move, a, []}", "{move, a, [b, 1]}"])
def test_what_is_no_move(bench: Bench, decision: str) -> None:
    """A path has at least a field and one inside it, all of them names."""
    assert codes(bench.preview(server("a"), server("b", decided(decision), vsn='"2"'))) == ["M114"]


def test_live(bench: Bench) -> None:
    """A running server goes up, and down again."""
    init = "init(S) -> {ok, S}."
    old = _server(OLD, "timeout, conf :: #conf{}", init, vsn='"1"')
    new = _server(NEW, "conf :: #conf{}, x = 0", init, MOVE, vsn='"2"')
    beam = injected(bench.inject(old, new))
    name = bench.start(old, "{state, 50, {conf, h}}")
    assert bench.upgrade(name, beam, '"1"') == "{ok,{state,{conf,h,50},0}}"
    before = written_beams(bench)[0].read_bytes()
    assert bench.downgrade(name, before, '"1"') == "{ok,{state,50,{conf,h}}}"
