"""What supervisors start is read from their code, in all the ways in which it is written."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from migrator.release.find import release_in
from migrator.release.supervision import supervision, supervisions, trees
from migrator.release.supervisors import Tree, shown
from migrator.release.tree import read_tree
from migrator.terms import Atom, term_text
from tests.support.beams import compile_text
from tests.support.supervision import APP, BY_NAME, make, supervisor, worker

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from migrator.otp import Helper
    from migrator.release.supervisors import Supervisor, SupervisorChange

A = "#{id => a, start => {wa, start_link, []}}"
B = "#{id => b, start => {wb, start_link, []}}"


def _tree(helper: Helper, folder: Path, modules: Mapping[str, str]) -> Tree:
    old, _ = make(folder, ({"shop_app": APP, **modules}, {}))
    return read_tree(helper, release_in(old))


def _read(helper: Helper, folder: Path, source: str) -> Supervisor:
    (found,) = _tree(helper, folder, {"shop_sup": source}).supervisors
    return found


def _init(body: str, rest: str = "") -> str:
    """A supervisor whose `init/1` is that."""
    return (
        "-module(shop_sup).\n-behaviour(supervisor).\n-export([start_link/0, init/1]).\n"
        "-define(CHILD(I, Type), {I, {I, start_link, []}, permanent, 5000, Type, [I]}).\n"
        "-record(options, {size = 2, name = a}).\n-define(SERVER, ?MODULE).\n"
        "start_link() -> supervisor:start_link({local, ?SERVER}, ?MODULE, #options{name = z}).\n"
        f"init(Args) -> _ = Args, {body}.\n{rest}\n"
    )


def _shown(found: Supervisor) -> list[str]:
    """The ids of its children with their start, and a question mark where one may be there."""
    return [f"{shown(each.id)} {shown(each.start)}{' ?' if each.hangs_on else ''}" for each in found.children]


def _many(specs: str, rest: str = "") -> str:
    """A supervisor with these child specs."""
    return _init(f"{{ok, {{#{{}}, {specs}}}}}", rest)


def _either(test: str, one: str, other: str) -> str:
    """Two ways in which an `init/1` may end."""
    return _init(f"case {test} -> {one}; _ -> {other} end")


ONE, BOTH = f"{{ok, {{#{{}}, [{A}]}}}}", f"{{ok, {{#{{}}, [{A}, {B}]}}}}"
MAPPED = 'spec(I) -> #{id => I, start => {list_to_atom("w" ++ atom_to_list(I)), start_link, []}}.'
NUMBERED = "[#{id => {w, N}, start => {wa, start_link, [N]}} || N <- lists:seq(1, SIZE)]"
BASE = f"Base = #{{restart => transient}}, {{ok, {{#{{}}, [Base#{A[1:]}, maps:merge(Base, {B})]}}}}"
BUILD = """
build([M | T], Acc) -> build(T, [#{id => M, start => {M, start_link, []}} | Acc]);
build([], Acc) -> lists:reverse(Acc).
"""
WA, WB = "wa {wa,start_link,[]}", "wb {wb,start_link,[]}"
AB = ["a {wa,start_link,[]}", "b {wb,start_link,[]}"]


@pytest.mark.parametrize(
    ("init", "children"),
    [
        (_many(f"[{A}, {B}]"), AB),
        (_init("{ok, {{one_for_one, 1, 5}, [?CHILD(wa, worker), ?CHILD(wb, supervisor)]}}"), [WA, WB]),
        (_init(f"Flags = #{{}}, Specs = [{A}] ++ more(), {{ok, {{Flags, Specs}}}}", f"more() -> [{B}]."), AB),
        (_many(f"lists:append([[{A}], [{B}]])"), AB),
        (_many(f"lists:flatten([{A}, [[{B}], []]])"), AB),
        (_many("[spec(I) || I <- [a, b]]", MAPPED), AB),
        (_many("lists:map(fun spec/1, [a, b])", MAPPED), AB),
        (
            _many(NUMBERED.replace("SIZE", "Args#options.size")),
            ["{w,1} {wa,start_link,[1]}", "{w,2} {wa,start_link,[2]}"],
        ),
        (_many("[#{id => Args#options.name, start => {wa, start_link, []}}]"), ["z {wa,start_link,[]}"]),
        (_init(BASE), AB),
        (_either('os:getenv("X") of false', ONE, BOTH), [AB[0], AB[1] + " ?"]),
        (_many(f"[{A} | if node() =:= nonode@nohost -> [{B}]; true -> [] end]"), [AB[0], AB[1] + " ?"]),
        (_either('catch os:getpid() of "0"', "ignore", ONE), AB[:1]),
        (_either("ets:info(x) of undefined", "{error, no_table}", BOTH), AB),
        (_many(f"lists:filter(fun(#{{id := I}}) -> I =/= b end, [{A}, {B}])"), AB[:1]),
        (_many(f"lists:foldl(fun(S, Acc) -> Acc ++ [S] end, [], [{A}, {B}])"), AB),
        (_init(f"try {ONE} catch _:_ -> ignore end"), AB[:1]),
        (_many("build([wa], [])", BUILD), [WA]),
    ],
)
def test_child_specs_are_read(helper: Helper, tmp_path: Path, init: str, children: list[str]) -> None:
    """All of them, with their ids and starts; one that hangs on something is told apart."""
    found = _read(helper, tmp_path, init)
    assert (_shown(found), found.gaps, found.unread) == (children, (), "")


@pytest.mark.parametrize(
    ("init", "gap", "line"),
    [
        (_many(f"[{A} |\n application:get_env(own, [])]"), "application:get_env(own, [])", 9),
        (_init(f"{{ok, {{#{{}}, [{A}] ++\n other:specs()}}}}"), "other:specs()", 9),
        (_init(f"{{ok, {{#{{}}, [{A} | Args]}}}}").replace("#options{name = z}", "os:getenv()"), "os:getenv()", 7),
    ],
)
def test_what_cannot_be_told_is_said(helper: Helper, tmp_path: Path, init: str, gap: str, line: int) -> None:
    """What is known is told, and what is not is told with its expression and line."""
    found = _read(helper, tmp_path, init)
    assert (_shown(found), [(each.text, each.line) for each in found.gaps]) == (AB[:1], [(gap, line)])


def test_the_form_of_children_of_an_unknown_number(helper: Helper, tmp_path: Path) -> None:
    """A list of unknown length is a gap, and the spec that each of its elements comes to is known as far as it goes."""
    found = _read(helper, tmp_path, _many(NUMBERED.replace("SIZE", "erlang:system_info(schedulers)")))
    assert [each.names for each in found.children] == [("wa",)]
    assert [each.text for each in found.gaps] == ["lists:seq(1, erlang:system_info(schedulers))"]


def test_defaults_of_a_map(helper: Helper, tmp_path: Path) -> None:
    """What a map does not say is what the supervisor takes: shutdown hangs on the type, modules on the start."""
    specs = "[#{id => a, start => {wa, run, [1]}}, #{id => s, start => {ws, run, []}, type => supervisor}]"
    found = _read(helper, tmp_path, _init(f"{{ok, {{#{{intensity => 3}}, {specs}}}}}"))
    assert [(each.restart, each.shutdown, each.type, each.names) for each in found.children] == [
        (Atom("permanent"), 5000, Atom("worker"), ("wa",)),
        (Atom("permanent"), Atom("infinity"), Atom("supervisor"), ("ws",)),
    ]
    assert found.flags == (Atom("one_for_one"), 3, 5)


def test_names_and_where_they_hang(helper: Helper, tmp_path: Path) -> None:
    """A supervisor's name is the one that its start function is given, and its place that of the child that it is."""
    top = supervisor("[#{id => N, start => {sub_sup, start_link, [N]}, type => supervisor} || N <- [east, west]]")
    sub = supervisor("[#{id => Arg, start => {wa, start_link, []}}]", module="sub_sup", start=BY_NAME)
    found = _tree(helper, tmp_path, {"shop_sup": top, "sub_sup": sub, "wa": worker("wa")})
    assert [
        (each.module, shown(each.name or []), each.above and shown(each.above.id)) for each in found.supervisors
    ] == [
        ("shop_sup", "shop_sup", None),
        ("sub_sup", "east", "east"),
        ("sub_sup", "west", "west"),
    ]
    assert [(each.module, each.kind) for each in found.processes if each.child.type == Atom("worker")] == [
        ("wa", "process")
    ] * 2


def test_a_supervisor_that_nothing_leads_to(helper: Helper, tmp_path: Path) -> None:
    """One that is started while the release runs is read by its own start function."""
    modules = {"shop_sup": supervisor("[]"), "sub_sup": supervisor(f"[{A}]", module="sub_sup")}
    found = _tree(helper, tmp_path, modules)
    assert [(each.module, shown(each.name or []), _shown(each)) for each in found.supervisors] == [
        ("shop_sup", "shop_sup", []),
        ("sub_sup", "sub_sup", AB[:1]),
    ]


def test_without_debug_info(helper: Helper, tmp_path: Path) -> None:
    """A supervisor whose code cannot be read is there, and it is said why nothing is known of it."""
    folder = tmp_path / "ebin"
    beam = compile_text(supervisor("[]"), folder, "+no_debug_info", module="shop_sup")
    change = supervision(helper, beam, beam, "read")
    assert [term_text(each) for each in change.up] == ["{update,shop_sup,supervisor}"]
    assert [(each.code, "without debug info" in each.message) for each in change.diagnostics] == [("M435", True)]


def _change(helper: Helper, folder: Path, old: str, new: str) -> SupervisorChange:
    beams = [compile_text(source, folder / vsn, module="shop_sup") for vsn, source in (("1", old), ("2", new))]
    return supervision(helper, beams[0], beams[1], "read")


def test_two_beams_alone(helper: Helper, tmp_path: Path) -> None:
    """What two beams tell by themselves is enough where the module gives its own name."""
    change = _change(helper, tmp_path, supervisor(f"[{A}]"), supervisor(f"[{A}, {B}]"))
    assert [term_text(each) for each in change.up] == [
        "{update,shop_sup,supervisor}",
        "{apply,{supervisor,restart_child,[shop_sup,b]}}",
    ]


def test_nothing_is_ended_that_may_still_be_there(helper: Helper, tmp_path: Path) -> None:
    """Where a part of the new specs cannot be told, a child that is not in the rest is not ended, and that is said."""
    old, new = supervisor(f"[{A}, {B}]"), supervisor(f"[{A} | other:specs()]")
    change = _change(helper, tmp_path, old, new)
    assert [term_text(each) for each in change.up] == ["{update,shop_sup,supervisor}"]
    assert [each.code for each in change.diagnostics] == ["M435", "M435"]
    assert "b of shop_sup is still one of its children" in change.diagnostics[1].message


def test_a_start_of_which_nothing_is_known(helper: Helper, tmp_path: Path) -> None:
    """Arguments that are the same expression count as the same; others are said, and restart nothing."""
    spec = "[#{id => a, start => {wa, start_link, [application:get_env(shop, KEY)]}}]"
    one, two = supervisor(spec.replace("KEY", "one")), supervisor(spec.replace("KEY", "two"))
    assert _change(helper, tmp_path / "same", one, one.replace("_ = Arg", "_ = {Arg}")).diagnostics == ()
    change = _change(helper, tmp_path / "other", one, two)
    assert ([term_text(each) for each in change.up], [each.code for each in change.diagnostics]) == (
        ["{update,shop_sup,supervisor}"],
        ["M435"],
    )


def test_a_start_that_differs_whatever_is_unknown(helper: Helper, tmp_path: Path) -> None:
    """Another function, or another number of arguments, is a change for certain."""
    spec = "[#{id => a, start => {wa, start_link, [application:get_env(shop, key)]}}]"
    one, two = supervisor(spec), supervisor(spec.replace("[application", "[x, application"))
    change = _change(helper, tmp_path, one, two)
    assert [each.code for each in change.diagnostics] == ["M438"]


def test_all_that_cannot_be_told_is_said_once(helper: Helper, tmp_path: Path) -> None:
    """One warning for a supervisor names the expressions that nothing tells."""
    one, two = supervisor(f"[{A}]"), supervisor(f"[{A}, other:spec(), more:spec(1), more:spec(2), more:spec(3)]")
    change = _change(helper, tmp_path, one, two)
    assert [(each.code, each.message.endswith("; and 1 more")) for each in change.diagnostics] == [("M435", True)]


def test_what_stands_alike_in_both(helper: Helper, tmp_path: Path) -> None:
    """The same expression in both versions is taken for the same children, which is said as a note."""
    one, two = supervisor("other:specs()"), supervisor(f"[{A} | other:specs()]")
    change = _change(helper, tmp_path, one, two)
    assert [each.code for each in change.diagnostics] == ["M524"]
    assert [term_text(each) for each in change.up][1:] == ["{apply,{supervisor,restart_child,[shop_sup,a]}}"]


def test_child_specs_that_a_supervisor_refuses(helper: Helper, tmp_path: Path) -> None:
    """What the new supervisor would refuse, as an id that is there twice, is an error before it ships."""
    change = _change(helper, tmp_path, supervisor(f"[{A}]"), supervisor(f"[{A}, {A.replace('wa', 'wb')}]"))
    assert [
        (each.code, "duplicate_child_name" in each.message) for each in change.diagnostics if each.code == "M190"
    ] == [("M190", True)]


def test_siblings_of_a_restarted_child(helper: Helper, tmp_path: Path) -> None:
    """Where the strategy ties siblings together it is said that only the child itself is restarted."""
    one = supervisor(f"[{A}, {B}]", "#{strategy => rest_for_one}")
    change = _change(helper, tmp_path, one, one.replace("{wa, start_link, []}", "{wa, start_link, [1]}"))
    assert [each.code for each in change.diagnostics] == ["M438", "M521"]


def test_a_top_supervisor_of_another_kind(helper: Helper, tmp_path: Path) -> None:
    """One that nothing restarts is only loaded: an update would make it forget its children."""
    one = supervisor(f"[{A}]")
    change = _change(helper, tmp_path, one, one.replace("#{}", "#{strategy => simple_one_for_one}"))
    assert ([term_text(each) for each in change.up], [each.code for each in change.diagnostics]) == (
        ["{load_module,shop_sup}"],
        ["M439"],
    )


def test_a_supervisor_that_comes(helper: Helper, tmp_path: Path) -> None:
    """A module that only one version has needs nothing of its own: it comes and goes as a child."""
    libs = make(
        tmp_path,
        (
            {"shop_app": APP, "shop_sup": supervisor("[]")},
            {
                "shop_app": APP,
                "sub_sup": supervisor("[]", module="sub_sup"),
                "shop_sup": supervisor("[#{id => sub, start => {sub_sup, start_link, []}, type => supervisor}]"),
            },
        ),
    )
    old, new = (release_in(lib) for lib in libs)
    changes = supervisions(*trees(helper, old, new, "read"), {"shop_sup", "sub_sup"})
    assert [(each.module, len(each.up)) for each in changes] == [("shop_sup", 2), ("sub_sup", 0)]


def test_a_supervisor_of_which_it_is_not_told_that_it_runs(helper: Helper, tmp_path: Path) -> None:
    """Nothing is called on one that may not run: the call would end the upgrade. It is said what is left out."""
    maybe = 'case os:getenv("SUB") of false -> []; _ -> [SUB] end'.replace(
        "SUB]", "#{id => sub, start => {sub_sup, start_link, []}, type => supervisor}]"
    )
    one, two = (supervisor(f"[{specs}]", module="sub_sup") for specs in (A, f"{A}, {B}"))
    modules = {"shop_app": APP, "shop_sup": supervisor(maybe)}
    libs = make(tmp_path, (modules | {"sub_sup": one}, modules | {"sub_sup": two}))
    old, new = (release_in(lib) for lib in libs)
    (change,) = supervisions(*trees(helper, old, new, "read"), {"sub_sup"})
    assert [term_text(each) for each in change.up] == ["{update,sub_sup,supervisor}"]
    assert [(each.code, "whether it runs" in each.message) for each in change.diagnostics] == [("M436", True)]
