"""Records of other modules inside the state: decisions, values, types, and what stands in the beam."""

from __future__ import annotations

import pytest

from migrator import library
from migrator.render.table import render_table
from migrator.request import Request
from tests.support.beams import compile_text
from tests.support.others import (
    AFTER,
    BEFORE,
    MINE_NEW,
    MINE_OLD,
    NEW,
    OLD,
    World,
    codes_of,
    session_module,
    state_of,
    world,
)

__all__ = ["world"]


# --- decisions and values ---


RENAMED = "-record(session, {owner :: integer(), hits = 0}).\n-type t() :: #session{}.\n"


def test_decisions_apply_by_name(world: World) -> None:
    """`{in, session, …}` speaks of the other module's record as of one's own."""
    session_module(world, OLD, RENAMED)
    old, new = world.both(state_of("[om_s:t()]"))
    asked = world.inject(old, new)
    assert "M301" in codes_of(asked)
    assert any("{in, session, [{rename, id, owner}]}" in line for each in asked.diagnostics for line in each.help)
    new = world.beam(2, "-state_migration([{in, session, [{rename, id, owner}]}]).\n" + state_of("[om_s:t()]"))
    beam, _ = world.migrated(old, new)
    assert world.up(beam, f"{{state, [{BEFORE}]}}") == world.value(f"{{state, [{AFTER}]}}")


def test_decisions_in_a_file(world: World) -> None:
    """A section of a decisions file too, with expressions that read the record's fields."""
    session_module(world, OLD, "-record(session, {owner, twice}).\n-type t() :: #session{}.\n")
    old, new = world.both(state_of("[om_s:t()]"))
    rules = world.folder / "decisions"
    rules.write_text(
        f'migrate {world.module} from "1".\nrecord state.\nrecord session.\nrename id -> owner.\n'
        "init twice = 2 * Old#session.id.\n",
        encoding="utf-8",
    )
    beam, _ = world.migrated(old, new, Request(rules=rules))
    assert world.up(beam, "{state, [{session, 7}]}") == world.value("{state, [{session, 7, 14}]}")


def test_decisions_about_one_of_two(world: World) -> None:
    """With two records of one tag, each has a name of its own in decisions, functions and expressions."""
    session_module(world, OLD, RENAMED)
    text = "-record(state, {held :: om_s:t(), own :: #session{}}).\n"
    old, new = world.both(MINE_OLD + text, MINE_NEW + text)
    asked = [line for each in world.inject(old, new).diagnostics for line in each.help]
    assert any("{in, 'om_s:session', [{rename, id, owner}]}" in line for line in asked)
    decided = "-state_migration([{in, 'om_s:session', [{rename, id, owner}]}]).\n"
    beam, _ = world.migrated(old, world.beam(2, decided + MINE_NEW + text))
    assert world.up(beam, f"{{state, {BEFORE}, {BEFORE}}}") == world.value(f"{{state, {AFTER}, {{session, mine, 7}}}}")
    rules = world.folder / "decisions"
    rules.write_text(
        f"migrate {world.module} from \"1\".\nrecord state.\nrecord 'om_s:session'.\nrename id -> owner.\n"
        "convert owner = Value + Old#session.id down Value.\n",
        encoding="utf-8",
    )
    beam, _ = world.migrated(old, new, Request(rules=rules))
    assert world.up(beam, f"{{state, {BEFORE}, {BEFORE}}}") == world.value(
        "{state, {session, 14, 0}, {session, mine, 7}}"
    )


def test_renamed_in_the_other_module(world: World) -> None:
    """`rename_record` speaks of records of other modules too."""
    session_module(world, OLD, "-record(conn, {id, hits = 0}).\n-type t() :: #conn{}.\n")
    decided = "-state_migration([{rename_record, session, conn}]).\n"
    beam, _ = world.migrated(*world.both(state_of("[om_s:t()]"), decided + state_of("[om_s:t()]")))
    assert world.up(beam, f"{{state, [{BEFORE}]}}") == world.value("{state, [{conn, 7, 0}]}")
    assert world.down(beam, "{state, [{conn, 7, 0}]}") == world.value(f"{{state, [{BEFORE}]}}")


def _added(field: str, code: str = "") -> str:
    return f"-record(session, {{id, {field}}}).\n-type t() :: #session{{}}.\n{code}"


@pytest.mark.parametrize(
    ("code", "value"),
    [
        ("make(I) -> #session{id = I, kind = plain}.\n", "plain"),
        ('make(I) -> #session{id = I, kind = <<"a">>}. more(I) -> #session{id = I, kind = <<"a">>}.\n', '<<"a">>'),
        ("make(I) -> #session{id = I}.\n", "undefined"),
    ],
)
def test_value_that_the_other_module_gives(world: World, code: str, value: str) -> None:
    """A new field without a default gets what all constructions in its module give it, its init/1 or not."""
    session_module(world, OLD, _added("kind", code))
    beam, _ = world.migrated(*world.both(state_of("[om_s:t()]")))
    assert world.up(beam, f"{{state, [{BEFORE}]}}") == world.value(f"{{state, [{{session, 7, {value}}}]}}")


@pytest.mark.parametrize(
    "code",
    [
        "make(I) -> #session{id = I, kind = a}. more(I) -> #session{id = I, kind = b}.\n",
        "make(I) -> #session{id = I, kind = make_ref()}.\n",
        "-record(r, {a}).\nmake(I) -> #session{id = I, kind = #r{a = 1}}.\n",
        "init(I) -> #session{id = I, kind = a}. other(I) -> #session{id = I, kind = b}.\n",
    ],
)
def test_value_that_is_asked_for(world: World, code: str) -> None:
    """Where they differ or compute it, a person is asked; an expression of another module is not taken over."""
    session_module(world, OLD, _added("kind", code))
    result = world.inject(*world.both(state_of("[om_s:t()]")))
    assert "M302" in codes_of(result)
    assert not any("as_init" in line for each in result.diagnostics for line in each.help)
    decided = "-state_migration([{in, session, [{init, kind, as_init}]}]).\n"
    assert "M113" in codes_of(world.inject(*world.both(state_of("[om_s:t()]"), decided + state_of("[om_s:t()]"))))


@pytest.mark.parametrize(
    ("default", "value"),
    [
        ("fresh()", "new"),
        ("[fresh() || _ <- [1, 2]]", "[new, new]"),
        ("#opts{}", "{opts, new}"),
        ("(fun() -> Id = fresh(), {Id, Id} end)()", "{new, new}"),
        ("(fun fresh/0)()", "new"),
        ("(fun() when true -> atom_to_list(new) end)()", '"new"'),
        ("lists:last([a, b])", "b"),
    ],
)
def test_defaults_of_the_other_module(world: World, default: str, value: str) -> None:
    """A default is what its own module makes of it, in both directions."""
    code = f"-record(opts, {{a = fresh()}}).\n-record(session, {{id, x = {default}}}).\n"
    code += "-type t() :: #session{}.\nfresh() -> new.\natom_to_list(own, too) -> no.\n"
    plain = OLD + "fresh() -> new.\n-record(opts, {a}).\n"
    session_module(world, plain, code)
    world.node.load("om_s", (world.folder / "2" / "om_s.beam").read_bytes())
    beam, _ = world.migrated(*world.both(state_of("[om_s:t()]")))
    assert world.up(beam, f"{{state, [{BEFORE}]}}") == world.value(f"{{state, [{{session, 7, {value}}}]}}")
    assert world.down(beam, f"{{state, [{{session, 7, {value}}}]}}") == world.value(f"{{state, [{BEFORE}]}}")
    session_module(world, code, plain)
    dropped = "-state_migration([{in, session, [{drop, x}]}]).\n"
    beam, _ = world.migrated(*world.both(state_of("[om_s:t()]"), dropped + state_of("[om_s:t()]")))
    assert world.down(beam, f"{{state, [{BEFORE}]}}") == world.value(f"{{state, [{{session, 7, {value}}}]}}")


def _private(world: World, version: int, text: str) -> None:
    code = f"-module(om_s).\n-export([run/0]).\n{text}-type t() :: #session{{}}.\n-export_type([t/0]).\n"
    code += "run() -> {#session{}, fresh()}.\nfresh() -> new.\n"
    compile_text(code, world.folder / str(version), module="om_s")


def test_private_default(world: World) -> None:
    """A default that calls what the other module does not export is asked about, in both directions."""
    _private(world, 1, "-record(session, {id}).\n")
    _private(world, 2, "-record(session, {id, x = fresh()}).\n")
    state = state_of("[om_s:t()]")
    result = world.inject(*world.both(state))
    assert [each.code for each in result.diagnostics if each.severity == "decision"] == ["M312"]
    (line,) = [line for each in result.diagnostics if each.code == "M312" for line in each.help]
    made = line.replace("FUNCTION", "made") + "\n"
    beam, _ = world.migrated(world.beam(1, state), world.beam(2, made + state + "made() -> mine.\n"))
    assert world.up(beam, f"{{state, [{BEFORE}]}}") == world.value("{state, [{session, 7, mine}]}")
    _private(world, 1, "-record(session, {id, x = fresh()}).\n")
    _private(world, 2, "-record(session, {id}).\n")
    dropped = "-state_migration([{in, session, [{drop, x}]}]).\n"
    assert "M306" in codes_of(world.inject(*world.both(state, dropped + state)))
    given = dropped.replace("{drop, x}", "{drop, x, 5}")
    beam, _ = world.migrated(*world.both(state, given + state))
    assert world.down(beam, "{state, [{session, 7}]}") == world.value("{state, [{session, 7, 5}]}")


# --- types ---


@pytest.mark.parametrize(
    ("before", "after", "codes"),
    [
        ("integer()", "integer()", set[str]()),
        ("integer()", "integer() | atom()", set[str]()),
        ("integer()", "binary()", {"M303"}),
        ("[integer()]", "[binary()]", {"M303"}),
        ("{t(), 1} | nil", "{t(), 1} | nil", set[str]()),
        ("{t(), 1} | nil", "{t(), 2} | nil", {"M303"}),
    ],
)
def test_types_are_compared_by_meaning(world: World, before: str, after: str, codes: set[str]) -> None:
    """A type of another module that no longer means the same is seen."""
    session_module(world, f"-type t() :: {before}.\n", f"-type t() :: {after}.\n")
    assert set(codes_of(world.inject(*world.both(state_of("om_s:t()"))))) == codes


def test_modules_that_lead_to_each_other(world: World) -> None:
    """Types that go round through several modules come to an end."""
    for version, s in ((1, OLD), (2, NEW)):
        world.other("om_s", version, s + "-type chain() :: nil | {t(), om_v:chain()}.\n")
        world.other(
            "om_v", version, "-type chain() :: nil | {om_s:t(), om_s:chain()}.\n-type grow(A) :: A | om_v:grow([A]).\n"
        )
    text = "-record(state, {c :: om_s:chain(), g :: om_v:grow(om_s:t())}).\n"
    beam, _ = world.migrated(*world.both(text))
    before, after = (f"{{{one}, {{{one}, nil}}}}" for one in (BEFORE, AFTER))
    assert world.up(beam, f"{{state, {before}, {BEFORE}}}") == world.value(f"{{state, {after}, {AFTER}}}")


def test_names_that_need_quotes(world: World) -> None:
    """Modules, types, records and fields may have any names."""
    name = "om Ünï s"
    for version, fields in ((1, "'A b'"), (2, "'A b', 'if' = 'C D'")):
        text = f"-module('{name}').\n-record('My rec', {{{fields}}}).\n-type 'T t'() :: #'My rec'{{}}.\n"
        compile_text(text + "-export_type(['T t'/0]).\n", world.folder / str(version), module=name)
    beam, _ = world.migrated(*world.both(state_of(f"['{name}':'T t'()]")))
    assert world.up(beam, "{state, [{'My rec', 1}]}") == world.value("{state, [{'My rec', 1, 'C D'}]}")


def test_empty_and_wide_records(world: World) -> None:
    """From no field at all to a thousand."""
    wide = ", ".join(f"f{number} = {number}" for number in range(1000))
    session_module(
        world,
        "-record(session, {}).\n-type t() :: #session{}.\n",
        f"-record(session, {{{wide}}}).\n-type t() :: #session{{}}.\n",
    )
    beam, _ = world.migrated(*world.both(state_of("om_s:t()")))
    assert world.down(beam, "{state, list_to_tuple([session | lists:seq(0, 999)])}") == world.value(
        "{state, {session}}"
    )
    assert world.up(beam, "{state, {session}}") == world.value("{state, list_to_tuple([session | lists:seq(0, 999)])}")


# --- what stands in the beam ---


def test_again_and_out(world: World) -> None:
    """Twice is once, without the neighbours too; A then B is A and B; and all of it can be taken out again."""
    text = MINE_NEW + "-record(state, {held :: [om_s:t()], own :: #session{} | undefined}).\n"
    for version, s in ((1, OLD), (2, OLD.replace("integer()}", "integer(), b = 2}")), (3, NEW)):
        world.other("om_s", version, s)
        world.beam(version, (MINE_OLD if version == 1 else MINE_NEW) + text[len(MINE_NEW) :])
    paths = [world.folder / str(number) / f"{world.module}.beam" for number in (1, 2, 3)]
    decided = "-state_migration([{from, \"2\", [{in, 'om_s:session', [{drop, b}]}]}]).\n"
    world.beam(3, decided + text)
    original = paths[2].read_bytes()
    both = library.inject(world.helper, paths[:2], paths[2])
    assert both.exit == 0, [each.message for each in both.diagnostics]
    at_once = both.injected[0].after
    assert at_once is not None
    for old in paths[1::-1]:
        library.write(library.inject(world.helper, [old], paths[2]).injected)
    assert paths[2].read_bytes() == at_once
    assert library.inject(world.helper, paths[:2], paths[2]).injected[0].after in {None, at_once}
    assert world.up(at_once, f"{{state, [{BEFORE}], undefined}}") == world.value(f"{{state, [{AFTER}], undefined}}")
    carried = library.inspect(world.helper, paths[2])
    assert carried.vsn is not None
    assert library.eject(world.helper, paths[2]).after == original


def test_table_tells_where_from(world: World) -> None:
    """The plan as a table names the record and its module."""
    session_module(world)
    (planned,) = world.inject(*world.both(state_of("[om_s:t()]"))).planned
    assert planned.plan is not None
    assert "#session{} of om_s" in render_table(planned.plan)


def test_decisions_about_what_is_not_at_hand(world: World) -> None:
    """A decision about a record that cannot be seen fits nothing, and the warning says why."""
    world.other("om_s", 2, NEW)
    decided = "-state_migration([{in, session, [{default, hits}]}]).\n"
    result = world.inject(*world.both(state_of("[om_s:t()]"), decided + state_of("[om_s:t()]")))
    assert codes_of(result) == ["M113", "M409"]


def test_a_default_that_may_mean_another_thing(world: World) -> None:
    """On a downgrade the function that an old default calls may be that of the new version."""
    old = "-record(session, {id, x = fresh()}).\n-type t() :: #session{}.\nfresh() -> old.\n"
    session_module(world, old, "-record(session, {id}).\n-type t() :: #session{}.\nfresh() -> new.\n")
    dropped = "-state_migration([{in, session, [{drop, x}]}]).\n"
    _, codes = world.migrated(*world.both(state_of("[om_s:t()]"), dropped + state_of("[om_s:t()]")))
    assert "M402" in codes
