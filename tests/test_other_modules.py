"""Records of other modules inside the state, converted where both versions' beams are at hand (contract, section 2)."""

from __future__ import annotations

import tarfile
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from migrator.beside import Shelf, with_neighbours
from migrator.cli import command
from migrator.modules import Module
from migrator.read import Wanted, read
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

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["world"]


@pytest.mark.parametrize(
    ("type_", "before", "after"),
    [
        ("om_s:t()", BEFORE, AFTER),
        ("om_s:t() | undefined", "undefined", "undefined"),
        ("[om_s:t()]", f"[{BEFORE},{BEFORE}]", f"[{AFTER},{AFTER}]"),
        ("#{atom() => om_s:t()}", f"#{{a => {BEFORE}}}", f"#{{a => {AFTER}}}"),
        ("dict:dict(atom(), om_s:t())", f"dict:from_list([{{a, {BEFORE}}}])", f"dict:from_list([{{a, {AFTER}}}])"),
        ("om_s:tree(om_s:t())", f"{{nil, {BEFORE}, nil}}", f"{{nil, {AFTER}, nil}}"),
        ("om_s:box()", f"{{box, [{BEFORE}]}}", f"{{box, [{AFTER}]}}"),
        ("om_s:far()", f"{{far, {BEFORE}}}", f"{{far, {AFTER}}}"),
        ("om_s:back()", f"{{mine, {BEFORE}}}", f"{{mine, {AFTER}}}"),
    ],
)
def test_found_and_converted(world: World, type_: str, before: str, after: str) -> None:
    """A record of another module is converted wherever types lead to it, through its own types and further modules."""
    own = f"-record(state, {{held :: {type_}}}).\n-record(mine, {{s :: om_s:t()}}).\n-type mine() :: #mine{{}}.\n"
    types = (
        "-type tree(A) :: nil | {tree(A), A, tree(A)}.\n-record(box, {all :: [t()]}).\n-type box() :: #box{}.\n"
        f"-type far() :: om_far:far(). -type back() :: {world.module}:mine().\n"
    )
    far = "-record(far, {s :: om_s:t()}).\n-opaque far() :: #far{}.\n"
    for version, text in ((1, OLD), (2, NEW)):
        world.other("om_s", version, text + types)
        world.other("om_far", version, far)
    beam, codes = world.migrated(*world.both(own))
    assert "M509" in codes
    assert not {"M409", "M410", "M401"} & set(codes)
    assert world.up(beam, f"{{state, {before}}}") == world.value(f"{{state, {after}}}")
    assert world.up(beam, f"{{state, {after}}}") == world.value(f"{{state, {after}}}")
    assert world.down(beam, f"{{state, {after}}}") == world.value(f"{{state, {before}}}")


@pytest.mark.parametrize(
    ("type_", "before", "after"),
    [
        ("[{}:mine()]", "[{mine, 1}]", "[{mine, 1, 0}]"),
        ("{}:pair({}:mine())", "{{mine, 1}, {mine, 2}}", "{{mine, 1, 0}, {mine, 2, 0}}"),
    ],
)
def test_own_types_by_the_modules_name(world: World, type_: str, before: str, after: str) -> None:
    """A type of the module itself leads on where its name stands before it, without any other module."""
    own = (
        f"-record(mine, {{a}}).\n-type mine() :: #mine{{}}.\n-type pair(A) :: {{A, A}}.\n"
        f"-record(state, {{held :: {type_.replace('{}', world.module)}}}).\n"
    )
    beam, codes = world.migrated(*world.both(own, own.replace("{a}", "{a, b = 0}", 1)))
    assert codes == []
    assert world.up(beam, f"{{state, {before}}}") == world.value(f"{{state, {after}}}")
    assert world.down(beam, f"{{state, {after}}}") == world.value(f"{{state, {before}}}")


# --- where they are looked for ---


def _moved(path: Path, folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return path.rename(folder / path.name)


def test_in_other_applications_of_a_release(world: World) -> None:
    """In `lib/APP-VSN/ebin` the other applications are looked through."""
    session_module(world)
    old, new = world.both(state_of("[om_s:t()]"))
    paths = [_moved(path, world.folder / f"rel{n}" / "lib" / f"a-{n}" / "ebin") for n, path in ((1, old), (2, new))]
    for number in (1, 2):
        _moved(world.folder / str(number) / "om_s.beam", world.folder / f"rel{number}" / "lib" / "b-1" / "ebin")
    beam, _ = world.migrated(paths[0], paths[1])
    assert world.up(beam, f"{{state, [{BEFORE}]}}") == world.value(f"{{state, [{AFTER}]}}")


def test_two_versions_of_an_application_in_one_place(world: World) -> None:
    """Where two versions of the other application lie there, none of them is guessed."""
    session_module(world)
    old, new = world.both(state_of("[om_s:t()]"))
    paths = [_moved(path, world.folder / "lib" / f"a-{n}" / "ebin") for n, path in ((1, old), (2, new))]
    for number in (1, 2):
        _moved(world.folder / str(number) / "om_s.beam", world.folder / "lib" / f"b-{number}" / "ebin")
    result = world.inject(paths[0], paths[1])
    assert codes_of(result) == ["M409"]
    assert "which of them runs" in result.diagnostics[0].message


def test_folders_that_are_no_release(world: World) -> None:
    """Beside `old/ebin` the folder `new/ebin` is no application of the same release."""
    old, new = world.both(state_of("om_s:t()"))
    world.other("om_s", 2, NEW)
    paths = [_moved(path, world.folder / word / "ebin") for word, path in (("old", old), ("new", new))]
    _moved(world.folder / "2" / "om_s.beam", world.folder / "new" / "ebin")
    assert codes_of(world.inject(paths[0], paths[1])) == ["M409"]


@pytest.mark.parametrize("there", [(1,), (2,), ()])
def test_a_version_that_is_missing(world: World, there: tuple[int, ...]) -> None:
    """Where one version is missing, a warning says what could go wrong, and nothing inside is touched."""
    for version in there:
        world.other("om_s", version, OLD if version == 1 else NEW)
    result = world.inject(*world.both(state_of("[om_s:t()]")))
    assert codes_of(result) == ["M409"]
    (told,) = result.diagnostics
    assert "held" in told.message
    assert "om_s" in told.message


def test_without_debug_info(world: World) -> None:
    """A neighbour that is stripped is told of as such."""
    world.other("om_s", 1, OLD, "+no_debug_info")
    world.other("om_s", 2, NEW)
    assert codes_of(world.inject(*world.both(state_of("[om_s:t()]")))) == ["M410"]


@pytest.mark.parametrize(
    "type_", ["inet:socket()", "dict:dict(a, b)", "fun((om_s:t()) -> om_s:t())", "[file:io_device()]"]
)
def test_nothing_to_warn_of(world: World, type_: str) -> None:
    """What OTP keeps in its types is no news, and what a fun takes lies in no state."""
    assert codes_of(world.inject(*world.both(state_of(type_)))) == []


def test_module_of_one_version_only(world: World) -> None:
    """A module that one version alone speaks of is missing in none."""
    world.other("om_s", 2, NEW)
    result = world.inject(
        *world.both(
            state_of("[integer()]"), "-record(state, {held :: [integer()], s = undefined :: om_s:t() | undefined}).\n"
        )
    )
    assert codes_of(result) == []


def test_each_is_read_once(world: World) -> None:
    """However many modules lead to it, and a module without such types leads to no reading at all."""
    session_module(world)
    modules = []
    for number in range(5):
        one = replace(world, module=f"{world.module}_{number}")
        modules += [*one.both(state_of("om_s:t()"))]
    plain = replace(world, module=f"{world.module}_plain").beam(1, state_of("integer()"))
    shelf = Shelf()
    read_modules = read(world.helper, [Wanted(path) for path in (*modules, plain)])
    found = with_neighbours(world.helper, read_modules, shelf)
    assert len(shelf.read) == 2
    assert [[each.name for each in one.neighbours] for one in found if isinstance(one, Module)] == [["om_s"]] * 10 + [
        []
    ]


# --- one tag, two modules ---


def test_one_record_of_an_include_file(world: World) -> None:
    """A record that both modules declare alike is one record, and is built by its own syntax."""
    session_module(world)
    text = "-record(state, {held :: [om_s:t()], own :: #session{}}).\n"
    olds = OLD.splitlines()[0] + "\n" + text
    news = NEW.splitlines()[0] + "\n" + text
    result = world.inject(*world.both(olds, news))
    assert result.exit == 0
    (planned,) = result.planned
    assert planned.plan is not None
    (migration,) = planned.plan.migrations
    assert [(each.record, each.foreign) for each in migration.nested] == [("session", None)]
    beam = result.injected[0].after
    assert beam is not None
    assert world.up(beam, f"{{state, [{BEFORE}], {BEFORE}}}") == world.value(f"{{state, [{AFTER}], {AFTER}}}")


def test_the_same_tag_for_two_records(world: World) -> None:
    """Two records of one tag and size are each converted where their own type leads."""
    session_module(world)
    text = "-record(state, {theirs :: [om_s:t()], own :: [#session{}], both :: {#session{}, om_s:t()}}).\n"
    beam, _ = world.migrated(*world.both(MINE_OLD + text, MINE_NEW + text))
    before = f"{{state, [{BEFORE}], [{BEFORE}], {{{BEFORE}, {BEFORE}}}}}"
    after = f"{{state, [{AFTER}], [{{session, mine, 7}}], {{{{session, mine, 7}}, {AFTER}}}}}"
    assert world.up(beam, before) == world.value(after)
    assert world.up(beam, after) == world.value(after)
    assert world.down(beam, after) == world.value(before)


@pytest.mark.parametrize("mine", [(MINE_OLD, MINE_NEW), (MINE_NEW, MINE_NEW), (NEW.splitlines()[0] + "\n", MINE_OLD)])
@pytest.mark.parametrize(
    "type_",
    ["om_s:t() | #session{}", "[om_s:t()] | [#session{}]", "{a, om_s:t()} | {a, #session{}}", "om_s:pair(#session{})"],
)
def test_places_that_tell_nothing_apart(world: World, type_: str, mine: tuple[str, str]) -> None:
    """Where one tuple could be either, a person is asked, and nothing is guessed."""
    pair = "-type pair(A) :: [A | t()].\n"
    session_module(world, OLD + pair, NEW + pair)
    result = world.inject(*world.both(*(each + state_of(type_) for each in mine)))
    assert "M312" in codes_of(result)


def test_places_that_are_given_up(world: World) -> None:
    """`{copy, FIELD}` leaves such a field as it is."""
    session_module(world)
    text = "-record(state, {held :: om_s:t() | #session{}, other :: om_s:t()}).\n"
    kept = "-state_migration([{copy, held}]).\n"
    beam, _ = world.migrated(*world.both(MINE_OLD + text, kept + MINE_NEW + text))
    assert world.up(beam, f"{{state, {BEFORE}, {BEFORE}}}") == world.value(f"{{state, {BEFORE}, {AFTER}}}")


def test_tags_told_apart_by_their_place(world: World) -> None:
    """Tuples with tags of their own, known keys and containers tell the records apart."""
    session_module(world)
    held = "{mine, #session{}} | {theirs, om_s:t()} | #{mine := #session{}, theirs := om_s:t()}"
    beam, _ = world.migrated(*world.both(MINE_OLD + state_of(held), MINE_NEW + state_of(held)))
    mine = "{session, mine, 7}"
    for before, after in (
        (f"{{mine, {BEFORE}}}", f"{{mine, {mine}}}"),
        (f"{{theirs, {BEFORE}}}", f"{{theirs, {AFTER}}}"),
        (f"#{{mine => {BEFORE}, theirs => {BEFORE}}}", f"#{{mine => {mine}, theirs => {AFTER}}}"),
    ):
        assert world.up(beam, f"{{state, {before}}}") == world.value(f"{{state, {after}}}")


def test_a_record_called_as_the_state(world: World) -> None:
    """The other module's own state record inside ours is another record."""
    session_module(
        world, "-record(state, {a}).\n-type t() :: #state{}.\n", "-record(state, {a, b = x}).\n-type t() :: #state{}.\n"
    )
    text = "-record(state, {held :: om_s:t(), n}).\n"
    beam, _ = world.migrated(*world.both(text, "-record(state, {held :: om_s:t(), n, m = y}).\n"))
    assert world.up(beam, "{state, {state, 1}, 2}") == world.value("{state, {state, 1, x}, 2, y}")
    assert world.down(beam, "{state, {state, 1, x}, 2, y}") == world.value("{state, {state, 1}, 2}")


def test_records_of_two_other_modules(world: World) -> None:
    """Two other modules with a record of one tag: each is called by its module."""
    session_module(world)
    world.other("om_u", 1, OLD)
    world.other("om_u", 2, NEW.replace("hits = 0 ::", "kind = u ::").replace(":: integer()}", ":: atom()}"))
    text = "-record(state, {s :: om_s:t(), u :: om_u:t()}).\n"
    result = world.inject(*world.both(text))
    assert result.exit == 0
    plan = result.planned[0].plan
    assert plan is not None
    assert [each.record for each in plan.migrations[0].nested] == ["om_s:session", "om_u:session"]
    beam = result.injected[0].after
    assert beam is not None
    assert world.up(beam, f"{{state, {BEFORE}, {BEFORE}}}") == world.value(f"{{state, {AFTER}, {{session, 7, u}}}}")


def test_a_record_that_moved(world: World) -> None:
    """A record that was the module's own and is another's now, or the other way round, is one record."""
    world.other("om_s", 2, NEW)
    own = OLD.splitlines()[0] + "\n" + state_of("[#session{}]")
    beam, _ = world.migrated(*world.both(own, state_of("[om_s:t()]")))
    assert world.up(beam, f"{{state, [{BEFORE}]}}") == world.value(f"{{state, [{AFTER}]}}")
    assert world.down(beam, f"{{state, [{AFTER}]}}") == world.value(f"{{state, [{BEFORE}]}}")


def test_a_record_that_came(world: World) -> None:
    """The other way round."""
    world.other("om_s", 1, OLD)
    own = NEW.splitlines()[0] + "\n" + state_of("[#session{}]")
    beam, _ = world.migrated(*world.both(state_of("[om_s:t()]"), own))
    assert world.up(beam, f"{{state, [{BEFORE}]}}") == world.value(f"{{state, [{AFTER}]}}")
    assert world.down(beam, f"{{state, [{AFTER}]}}") == world.value(f"{{state, [{BEFORE}]}}")


def test_an_include_file_whose_record_no_type_names(world: World) -> None:
    """The record is built by the module's own syntax, and its default calls the module's own function."""
    record = "-record(session, {id :: integer(), x = fresh()}).\n"
    _private(world, OLD, 1)
    _private(world, record + "-type t() :: #session{}.\n", 2)
    beam, _ = world.migrated(
        world.beam(1, OLD.splitlines()[0] + "\n" + state_of("om_s:t()")),
        world.beam(2, record + state_of("om_s:t()") + "fresh() -> own.\n"),
    )
    assert world.up(beam, f"{{state, {BEFORE}}}") == world.value("{state, {session, 7, own}}")
    assert world.down(beam, "{state, {session, 7, x}}") == world.value(f"{{state, {BEFORE}}}")


def _private(world: World, text: str, version: int) -> None:
    code = f"-module(om_s).\n-export([run/0]).\n-export_type([t/0]).\n{text}"
    code += "run() -> {#session{id = 1}, fresh()}.\nfresh() -> theirs.\n"
    compile_text(code, world.folder / str(version), module="om_s")


def test_many_that_are_missing(world: World) -> None:
    """All that is not at hand is told of in one warning; a name as long as an atom may be is no file's."""
    long = "m" * 255
    names = [f"om_gone_{number}" for number in range(7)] + [long]
    fields = ", ".join(f"f{number} :: {name}:t()" for number, name in enumerate(names))
    result = world.inject(*world.both(f"-record(state, {{{fields}}}).\n"))
    assert codes_of(result) == ["M409"]
    assert "and 3 more" in result.diagnostics[0].message


def test_a_release_in_a_tarball(world: World) -> None:
    """Releases that are packed lead to the same as those that are not."""
    session_module(world)
    old, new = world.both(state_of("[om_s:t()]"))
    for number, path in ((1, old), (2, new)):
        root = world.folder / f"rel{number}"
        _moved(path, root / "lib" / f"a-{number}" / "ebin")
        _moved(world.folder / str(number) / "om_s.beam", root / "lib" / "b-1" / "ebin")
        with tarfile.open(world.folder / f"rel{number}.tar.gz", "w:gz") as packed:
            packed.add(root / "lib", "lib")
    outs = []
    for kind in ("", ".tar.gz"):
        olds = [str(world.folder / f"rel{number}{kind}") for number in (1, 2)]
        outs.append(CliRunner().invoke(command, ["preview", *olds]).stdout)
    assert outs[0] == outs[1]
    assert "session up of" in outs[0]
