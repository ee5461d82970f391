"""Supervisors in real upgrades: what we write for them does on a live node what it says, up, down and up again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from migrator.terms import Atom, term_text
from tests.support.supervision import APP, BY_NAME, NAMELESS, supervisor, upgraded, worker

if TYPE_CHECKING:
    from pathlib import Path

    from migrator.otp import Helper
    from tests.support.supervision import Upgraded

OK = Atom("ok")
NONE, CONVERTED = Atom("none"), Atom("converted")


def _pids(done: Upgraded, name: str = "shop_sup") -> list[dict[str, int]]:
    """The numbers of the children's processes, after start, upgrade, downgrade and upgrade."""
    return [{child: pid for child, (pid, _, _) in each[name].items()} for each in done.children]


def _states(done: Upgraded, child: str, name: str = "shop_sup") -> list[object]:
    return [each[name][child][2] for each in done.children]


def _codes(done: Upgraded) -> list[str]:
    return [diagnostic.code for change in done.changes for diagnostic in change.diagnostics]


def test_children_come_go_and_start_anew(helper: Helper, tmp_path: Path) -> None:
    """A new child runs, a removed one does not, one that starts otherwise is another process, the rest are the same."""
    old = supervisor(
        "[{a, {wa, start_link, [1]}, permanent, 5000, worker, [wa]},"
        " {b, {wb, start_link, []}, permanent, 5000, worker, [wb]},"
        " {c, {wc, start_link, []}, transient, brutal_kill, worker, [wc]}]",
        "{one_for_one, 1, 5}",
    )
    new = supervisor(
        "[#{id => a, start => {wa, start_link, [2]}}, #{id => b, start => {wb, start_link, []}},"
        " #{id => d, start => {wd, start_link, []}}]"
    )
    before = {"shop_app": APP, "shop_sup": old, "wa": worker("wa"), "wb": worker("wb"), "wc": worker("wc")}
    after = {"shop_app": APP, "shop_sup": new, "wa": worker("wa"), "wb": worker("wb", 2), "wd": worker("wd", 2)}
    done = upgraded(helper, tmp_path, before, after)
    assert done.results == (OK,) * 4
    assert _pids(done) == [
        {"a": 1, "b": 2, "c": 3},
        {"a": 4, "b": 2, "d": 5},
        {"a": 6, "b": 2, "c": 7},
        {"a": 8, "b": 2, "d": 9},
    ]
    assert _states(done, "a") == [(1, 1), (2, 1), (1, 1), (2, 1)]
    assert _states(done, "b") == [(NONE, 1), *[(NONE, CONVERTED)] * 3]
    assert _codes(done) == ["M438"]


def test_the_instructions(helper: Helper, tmp_path: Path) -> None:
    """Children end before the update and start behind it; the way down is the mirror."""
    before = {
        "shop_app": APP,
        "shop_sup": supervisor("[#{id => a, start => {wa, start_link, []}}]"),
        "wa": worker("wa"),
    }
    after = {"shop_app": APP, "shop_sup": supervisor("[#{id => b, start => {wb, start_link, []}}]"), "wb": worker("wb")}
    (change,) = upgraded(helper, tmp_path, before, after).changes
    ended = "{{apply,{{supervisor,{},[shop_sup,{}]}}}}"
    update = "{update,shop_sup,supervisor}"
    assert [term_text(each) for each in change.up] == [
        ended.format("terminate_child", "a"),
        ended.format("delete_child", "a"),
        update,
        ended.format("restart_child", "b"),
    ]
    assert [term_text(each) for each in change.down] == [
        ended.format("terminate_child", "b"),
        ended.format("delete_child", "b"),
        update,
        ended.format("restart_child", "a"),
    ]


def test_a_child_that_moves_to_another_module(helper: Helper, tmp_path: Path) -> None:
    """The old process ends before its module is deleted, the new one starts when its module is loaded."""
    old = supervisor("[#{id => a, start => {wa, start_link, []}}]")
    before = {"shop_app": APP, "shop_sup": old, "wa": worker("wa")}
    after = {"shop_app": APP, "shop_sup": old.replace("{wa,", "{wb,"), "wb": worker("wb", 2)}
    done = upgraded(helper, tmp_path, before, after)
    assert done.results == (OK,) * 4
    assert [each["shop_sup"]["a"][:2] for each in done.children] == [
        (number + 1, [Atom(module)]) for number, module in enumerate(("wa", "wb", "wa", "wb"))
    ]


def test_a_temporary_child_starts_anew(helper: Helper, tmp_path: Path) -> None:
    """A temporary child that is ended is forgotten by its supervisor, and started all the same."""
    old = supervisor("[#{id => a, start => {wa, start_link, [1]}, restart => temporary}]")
    before = {"shop_app": APP, "shop_sup": old, "wa": worker("wa")}
    after = {"shop_app": APP, "shop_sup": old.replace("[1]", "[2]"), "wa": worker("wa")}
    done = upgraded(helper, tmp_path, before, after)
    assert (done.results, _pids(done)) == ((OK,) * 4, [{"a": 1}, {"a": 2}, {"a": 3}, {"a": 4}])


def test_the_rest_of_a_spec_changes_without_a_restart(helper: Helper, tmp_path: Path) -> None:
    """Restart, shutdown and intensity are taken over as the supervisor runs; it is said, and nothing is restarted."""
    old = supervisor("[#{id => a, start => {wa, start_link, []}}]")
    new = supervisor(
        "[#{id => a, start => {wa, start_link, []}, restart => transient, shutdown => 100}]", "#{intensity => 9}"
    )
    before = {"shop_app": APP, "shop_sup": old, "wa": worker("wa")}
    done = upgraded(helper, tmp_path, before, before | {"shop_sup": new})
    assert (done.results, _pids(done), _codes(done)) == ((OK,) * 4, [{"a": 1}] * 4, ["M520"])
    assert [term_text(each) for each in done.changes[0].up] == ["{update,shop_sup,supervisor}"]


def test_a_spec_that_named_no_module_is_updated_first(helper: Helper, tmp_path: Path) -> None:
    """Where only the new spec names the module its process is found because the supervisor is updated before it."""
    old = supervisor("[#{id => a, start => {wa, start_link, []}, modules => []}]")
    new = supervisor("[#{id => a, start => {wa, start_link, []}}]")
    before = {"shop_app": APP, "shop_sup": old, "wa": worker("wa")}
    done = upgraded(helper, tmp_path, before, {"shop_app": APP, "shop_sup": new, "wa": worker("wa", 2)})
    assert (done.changes[0].up_steps.before, done.changes[0].down_steps.behind) == (("wa",), ("wa",))
    assert (done.results, _pids(done)) == ((OK,) * 4, [{"a": 1}] * 4)
    assert _states(done, "a")[1:] == [(NONE, CONVERTED)] * 3


def _with_sub(top: str, sub: str, vsn: int = 1) -> dict[str, str]:
    return {"shop_app": APP, "shop_sup": top, "sub_sup": sub, "wa": worker("wa"), "wb": worker("wb", vsn)}


def test_a_supervisor_below_another(helper: Helper, tmp_path: Path) -> None:
    """The children of a supervisor that is itself a child come and go as those of the first."""
    top = supervisor("[#{id => sub, start => {sub_sup, start_link, []}, type => supervisor}]")
    one = supervisor("[#{id => a, start => {wa, start_link, []}}]", module="sub_sup")
    two = supervisor("[#{id => b, start => {wb, start_link, []}}]", module="sub_sup")
    done = upgraded(helper, tmp_path, _with_sub(top, one), _with_sub(top, two, 2), ("shop_sup", "sub_sup"))
    assert (done.results, _pids(done)) == ((OK,) * 4, [{"sub": 1}] * 4)
    assert _pids(done, "sub_sup") == [{"a": 2}, {"b": 3}, {"a": 4}, {"b": 5}]


def test_a_supervisor_that_starts_anew_takes_its_children_along(helper: Helper, tmp_path: Path) -> None:
    """Where the whole supervisor is restarted nothing is called on it meanwhile: nobody has its name then."""
    top = supervisor("[#{id => sub, start => {sub_sup, start_link, [1]}, type => supervisor}]")
    one = supervisor("[#{id => a, start => {wa, start_link, []}}]", module="sub_sup")
    two = supervisor("[#{id => b, start => {wb, start_link, []}}]", module="sub_sup")
    after = _with_sub(top.replace("[1]", "[2]"), two, 2)
    done = upgraded(helper, tmp_path, _with_sub(top, one), after, ("shop_sup", "sub_sup"))
    assert done.results == (OK,) * 4
    assert [list(each["sub_sup"]) for each in done.children] == [["a"], ["b"], ["a"], ["b"]]
    assert [term_text(each) for each in done.changes[1].up] == ["{update,sub_sup,supervisor}"]


def test_names_that_the_parent_gives(helper: Helper, tmp_path: Path) -> None:
    """One module that runs as two supervisors is called by both names, which their start arguments tell."""
    top = supervisor(
        "[#{id => N, start => {sub_sup, start_link, [N]}, type => supervisor} || N <- [east, west]]",
        "#{strategy => one_for_one}",
    )
    one = supervisor("[#{id => a, start => {wa, start_link, [Arg]}}]", module="sub_sup", start=BY_NAME)
    two = supervisor("[#{id => b, start => {wb, start_link, [Arg]}}]", module="sub_sup", start=BY_NAME)
    done = upgraded(helper, tmp_path, _with_sub(top, one), _with_sub(top, two), ("east", "west"))
    assert done.results == (OK,) * 4
    for name in ("east", "west"):
        assert [list(each[name]) for each in done.children] == [["a"], ["b"], ["a"], ["b"]]
        assert done.children[1][name]["b"][2] == (Atom(name), 1)


def test_a_supervisor_without_a_name(helper: Helper, tmp_path: Path) -> None:
    """Nothing is called on it, it is said that its children stay as they are, and the upgrade works."""
    top = supervisor("[#{id => sub, start => {sub_sup, start_link, []}, type => supervisor}]")
    one = supervisor("[#{id => a, start => {wa, start_link, []}}]", module="sub_sup", start=NAMELESS)
    two = supervisor("[#{id => b, start => {wb, start_link, []}}]", module="sub_sup", start=NAMELESS)
    done = upgraded(helper, tmp_path, _with_sub(top, one), _with_sub(top, two))
    assert (done.results, _codes(done)) == ((OK,) * 4, ["M436"])
    assert [term_text(each) for each in done.changes[0].up] == ["{update,sub_sup,supervisor}"]


def test_a_supervisor_of_another_kind_is_restarted(helper: Helper, tmp_path: Path) -> None:
    """One that becomes simple_one_for_one is ended and started by the supervisor above it, and it is said."""
    top = supervisor("[#{id => sub, start => {sub_sup, start_link, []}, type => supervisor}]")
    one = supervisor("[#{id => a, start => {wa, start_link, []}}]", module="sub_sup")
    two = supervisor("[#{id => a, start => {wa, start_link, []}}]", "#{strategy => simple_one_for_one}", "sub_sup")
    done = upgraded(helper, tmp_path, _with_sub(top, one), _with_sub(top, two), ("shop_sup", "sub_sup"))
    assert (done.results, _codes(done)) == ((OK,) * 4, ["M439"])
    assert [list(each["sub_sup"]) for each in done.children] == [["a"], [], ["a"], []]
    assert [each["shop_sup"]["sub"][0] for each in done.children] == [1, 3, 4, 6]


def test_children_of_simple_one_for_one_run_on(helper: Helper, tmp_path: Path) -> None:
    """Only those that are started from now on start otherwise: nothing is restarted, and it is said."""
    old = supervisor("[#{id => a, start => {wa, start_link, [1]}}]", "#{strategy => simple_one_for_one}")
    before = {"shop_app": APP, "shop_sup": old, "wa": worker("wa")}
    done = upgraded(helper, tmp_path, before, before | {"shop_sup": old.replace("[1]", "[2]")})
    assert (done.results, _codes(done)) == ((OK,) * 4, ["M520"])
    assert [term_text(each) for each in done.changes[0].up] == ["{update,shop_sup,supervisor}"]


def test_a_child_that_may_be_there(helper: Helper, tmp_path: Path) -> None:
    """A new child that hangs on the environment is started where it is one, and else nothing is broken."""
    old = supervisor("[#{id => a, start => {wa, start_link, []}}]")
    maybe = "case application:get_env(shop, IS) of TAKEN -> [#{id => IS, start => {wb, start_link, []}}]; _ -> [] end"
    there, absent = maybe.replace("IS", "there"), maybe.replace("IS", "absent")
    new = supervisor(
        f"[#{{id => a, start => {{wa, start_link, []}}}}] ++ {there.replace('TAKEN', 'undefined')}"
        f" ++ {absent.replace('TAKEN', '{ok, _}')}"
    )
    before = {"shop_app": APP, "shop_sup": old, "wa": worker("wa"), "wb": worker("wb")}
    done = upgraded(helper, tmp_path, before, before | {"shop_sup": new})
    assert done.results == (OK,) * 4
    assert _pids(done) == [{"a": 1}, {"a": 1, "there": 2}, {"a": 1}, {"a": 1, "there": 3}]


def test_an_unchanged_supervisor_whose_children_changed(helper: Helper, tmp_path: Path) -> None:
    """Child specs that another module makes are compared too: the supervisor is updated though its code is the same."""
    sup = supervisor("[wa:child_spec()]")
    spec = "child_spec() -> #{id => a, start => {?MODULE, start_link, [ARG]}}.\nstart_link() ->"
    one = worker("wa").replace("start_link() ->", spec, 1).replace("-export([", "-export([child_spec/0, ", 1)
    before = {"shop_app": APP, "shop_sup": sup, "wa": one.replace("ARG", "1")}
    done = upgraded(helper, tmp_path, before, before | {"wa": one.replace("ARG", "2")})
    assert (done.results, _pids(done)) == ((OK,) * 4, [{"a": 1}, {"a": 2}, {"a": 3}, {"a": 4}])
