"""The state is cut out of a dump of `sys:get_state/1` without a bit of it changed."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings

from migrator import etf, library
from migrator.request import Request
from migrator.terms import FALSE, Atom
from migrator.verifying.dumps import NoTermError, check, states_in
from migrator.verifying.findings import Trial
from tests.support.cases import Bench, server
from tests.support.typed import typed
from tests.test_etf import TERMS

if TYPE_CHECKING:
    from migrator.plan import Plan
    from migrator.terms import Term

pytest_plugins = ["tests.support.bench"]


@pytest.fixture
def machine(bench: Bench) -> Plan:
    """The plan of a `gen_statem`."""
    forms = "-record(data, {a}).\n-state_record(data).", "-record(data, {a, b = 0}).\n-state_record(data)."
    sources = [typed(each, vsn=f'"{vsn}"', behaviour="gen_statem") for vsn, each in enumerate(forms, start=1)]
    plan = bench.preview(*sources).plan
    assert plan is not None
    return plan


@pytest.fixture
def manager(bench: Bench) -> Plan:
    """The plan of a `gen_event`."""
    old, new = (
        server(fields, vsn=vsn).replace("gen_server", "gen_event") for fields, vsn in (("a", '"1"'), ("a, b", '"2"'))
    )
    plan = bench.preview(old, new).plan
    assert plan is not None
    return plan


@settings(deadline=None, suppress_health_check=list(HealthCheck))
@given(name=TERMS, data=TERMS)
def test_the_data_of_a_machine(machine: Plan, name: Term, data: Term) -> None:
    """Of `{StateName, Data}` the data comes out, byte for byte, whatever the name is."""
    dump = etf.external((name, data))
    packed = bytes([131, 80]) + (len(dump) - 1).to_bytes(4) + zlib.compress(dump[1:])
    assert states_in(dump, machine) == states_in(packed, machine) == (etf.external(data),)


@settings(deadline=None, suppress_health_check=list(HealthCheck))
@given(one=TERMS, other=TERMS)
def test_the_state_of_a_handler(manager: Plan, one: Term, other: Term) -> None:
    """Of the handlers of a manager those of the module count, also one with an id of its own."""
    dump = etf.external([(Atom("m"), FALSE, one), (Atom("mm"), FALSE, other), (Atom("m"), other, one)])
    assert states_in(dump, manager) == (etf.external(one), etf.external(one))


@given(TERMS)
def test_other_dumps_hold_no_state(term: Term) -> None:
    """Every term is passed over to its end; none is taken for what it is not."""
    check(etf.external(term))


@given(TERMS)
def test_a_dump_that_was_cut_is_none(term: Term) -> None:
    """No part of a dump, and nothing with something behind it, is taken for one."""
    whole = etf.external(term)
    for wrong in (whole[:-1], whole + b"a"):
        with pytest.raises(NoTermError):
            check(wrong)


def test_a_machines_dump_is_tried(bench: Bench, machine: Plan) -> None:
    """What `sys:get_state/1` gives of a real machine, with a pid, a fun, a map and a port in its data."""
    dump = bench.folder / "dump.bin"
    state = (
        "{on, {data, {self(), fun() -> ok end, fun lists:sort/1, #{a => 1}, make_ref(), hd(erlang:ports()), <<1:3>>}}}"
    )
    bench.eval(f'file:write_file("{dump}", term_to_binary({state}))')
    olds = [bench.folder / "v1" / "m.beam"]
    trial = Trial(0, seed=1, given=(dump,))
    (verified,) = library.verify(bench.helper, olds, bench.folder / "v2" / "m.beam", Request(), trial)
    assert (verified.result, verified.tried[0].outcome.counts.given_old) == ("holds", 1)
    assert machine.module == "m"
