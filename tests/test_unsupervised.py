"""Changed modules whose processes release_handler would not find, in the child specs of all applications."""

from __future__ import annotations

from typing import TYPE_CHECKING

from migrator.release.find import release_in
from migrator.release.supervision import trees
from migrator.release.unsupervised import unsupervised
from migrator.terms import Atom
from tests.support.supervision import APP, NAMELESS, make, supervisor, upgraded, worker

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from migrator.diagnostics import Diagnostic
    from migrator.otp import Helper

EVENTS = """
-module(we).
-behaviour(gen_event).
-export([init/1, handle_event/2, handle_call/2]).
init(_) -> {ok, x}.
handle_event(_, S) -> {ok, S}.
handle_call(_, S) -> {ok, S, S}.
"""


def _said(
    helper: Helper, folder: Path, modules: Mapping[str, str], *changed: str, old: Mapping[str, str] | None = None
) -> tuple[Diagnostic, ...]:
    libs = make(folder, ({"shop_app": APP, **(old or modules)}, {"shop_app": APP, **modules}))
    one, two = (release_in(lib) for lib in libs)
    before, after = trees(helper, one, two, "read")
    return unsupervised(helper, before, after, two, changed)


def _codes(found: tuple[Diagnostic, ...]) -> list[str]:
    return [each.code for each in found]


def test_a_module_that_its_spec_names(helper: Helper, tmp_path: Path) -> None:
    """What a spec names is found: by a map's default, a tuple's list, or a list that names more than the start does."""
    specs = (
        "[#{id => a, start => {wa, start_link, []}}, {b, {starter, go, []}, permanent, 1, worker, [wb]},"
        " #{id => c, start => {starter, go, []}, modules => [starter, wc]}]"
    )
    modules = {"shop_sup": supervisor(specs), **{each: worker(each) for each in ("wa", "wb", "wc")}}
    assert _said(helper, tmp_path, modules, "wa", "wb", "wc") == ()


def test_a_spec_that_starts_a_module_and_does_not_name_it(helper: Helper, tmp_path: Path) -> None:
    """The start function starts a process of another module: said, with the place and the text to write."""
    starter = "-module(starter).\n-export([go/0]).\ngo() -> wa:start_link(1).\n"
    modules = {
        "shop_sup": supervisor("[#{id => a, start => {starter, go, []}}]"),
        "starter": starter,
        "wa": worker("wa"),
    }
    (found,) = _said(helper, tmp_path, modules, "wa")
    assert found.code == "M437"
    assert found.message == "the child spec of a in shop_sup starts wa and does not name it: its modules are [starter]"
    assert found.help[0].startswith("modules => [wa]")
    assert "shop_sup.erl:" in found.place


def test_release_handler_agrees(helper: Helper, tmp_path: Path) -> None:
    """Of the process that we warn of, release_handler leaves the state as it is and says that all is well."""
    starter = "-module(starter).\n-export([go/0]).\ngo() -> wa:start_link(1).\n"
    old = {
        "shop_app": APP,
        "shop_sup": supervisor("[#{id => a, start => {starter, go, []}}]"),
        "starter": starter,
        "wa": worker("wa"),
    }
    done = upgraded(helper, tmp_path, old, old | {"wa": worker("wa", 2)})
    assert done.results == (Atom("ok"),) * 4
    assert [each["shop_sup"]["a"][2] for each in done.children] == [(1, 1)] * 4


def test_a_module_in_no_spec(helper: Helper, tmp_path: Path) -> None:
    """A server that nothing starts under a supervisor is said, with a child spec to write."""
    (found,) = _said(helper, tmp_path, {"shop_sup": supervisor("[]"), "wa": worker("wa")}, "wa")
    assert (found.code, found.help) == (
        "M437",
        ("#{id => wa, start => {wa, start_link, []}, modules => [wa]}   % in the supervisor of its processes",),
    )


def test_a_spec_that_names_it_no_more(helper: Helper, tmp_path: Path) -> None:
    """The upgrade would find the process, the way down would not."""
    old = {"shop_sup": supervisor("[#{id => a, start => {wa, start_link, []}}]"), "wa": worker("wa")}
    new = old | {"shop_sup": supervisor("[#{id => a, start => {wa, start_link, []}, modules => []}]")}
    (found,) = _said(helper, tmp_path, new, "wa", old=old)
    assert (found.code, found.consequence.startswith("on the way down")) == ("M437", True)


def test_where_not_all_can_be_read_it_is_a_note(helper: Helper, tmp_path: Path) -> None:
    """A module that may be named in specs that cannot be read is no warning; which ones these are is said."""
    modules = {"shop_sup": supervisor("other:specs()"), "wa": worker("wa")}
    (found,) = _said(helper, tmp_path, modules, "wa")
    assert (found.code, "shop_sup (other:specs())" in found.consequence) == ("M522", True)


def test_specs_that_are_added_while_the_release_runs(helper: Helper, tmp_path: Path) -> None:
    """What start_child is called with, and a child_spec function, name modules too."""
    adder = (
        "-module(adder).\n-export([add/1]).\n"
        "add(X) -> supervisor:start_child(shop_sup, {X, {wa, start_link, [X]}, temporary, 5, worker, [wa]}).\n"
    )
    own = (
        worker("wb")
        .replace(
            "start_link() ->", "child_spec(X) -> #{id => X, start => {?MODULE, start_link, [X]}}.\nstart_link() ->", 1
        )
        .replace("-export([", "-export([child_spec/1, ")
    )
    modules = {"shop_sup": supervisor("[]"), "adder": adder, "wa": worker("wa"), "wb": own}
    assert _said(helper, tmp_path, modules, "wa", "wb") == ()


def test_event_handlers(helper: Helper, tmp_path: Path) -> None:
    """Handlers are found where the manager's spec says dynamic, and nowhere else."""
    good = "[#{id => e, start => {gen_event, start_link, [{local, e}]}, modules => dynamic}]"
    modules = {"shop_sup": supervisor(good), "we": EVENTS}
    assert _said(helper, tmp_path / "good", modules, "we") == ()
    bad = {"shop_sup": supervisor(good.replace(", modules => dynamic", "")), "we": EVENTS}
    (found,) = _said(helper, tmp_path / "bad", bad, "we")
    assert (found.code, found.help) == ("M437", ("modules => dynamic",))


def test_workers_of_a_pool(helper: Helper, tmp_path: Path) -> None:
    """The one spec of a simple_one_for_one supervisor names its workers, wherever that supervisor hangs."""
    top = supervisor("[#{id => p, start => {pool_sup, start_link, []}, type => supervisor}]")
    pool = supervisor(
        "[#{id => w, start => {wa, start_link, []}}]", "#{strategy => simple_one_for_one}", "pool_sup", NAMELESS
    )
    assert _said(helper, tmp_path, {"shop_sup": top, "pool_sup": pool, "wa": worker("wa")}, "wa") == ()


def test_specs_made_while_the_release_runs_for_whatever_module(helper: Helper, tmp_path: Path) -> None:
    """Code that adds a child of any module may add this one: a note then, which says where."""
    adder = (
        "-module(adder).\n-export([add/1]).\n"
        "add(M) -> supervisor:start_child(shop_sup, #{id => M, start => {M, start_link, []}}).\n"
    )
    modules = {"shop_sup": supervisor("[]"), "adder": adder, "wa": worker("wa")}
    (found,) = _said(helper, tmp_path, modules, "wa")
    assert (found.code, "adder (child specs made while it runs, line 3)" in found.consequence) == ("M522", True)
