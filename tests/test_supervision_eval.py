"""`--supervisors eval`: what init/1 gives in a throw-away node, under limits, and never in ours."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from migrator import otp
from migrator.errors import HelperFault
from migrator.release.find import release_in
from migrator.release.supervised import said_of_runs
from migrator.release.supervision import supervisions, trees
from migrator.release.supervisors import shown
from migrator.release.throwaway import evaluator
from migrator.release.tree import read_tree
from migrator.terms import Atom, term_text
from tests.support.supervision import APP, LOCAL, changes_of, make, supervisor

if TYPE_CHECKING:
    from pathlib import Path

    from migrator.otp import Helper
    from migrator.release.supervisors import Tree

A = "#{id => a, start => {wa, start_link, []}}"


def _evaluated(helper: Helper, folder: Path, source: str, env: str = "") -> Tree:
    lib, _ = make(folder, ({"shop_app": APP, "shop_sup": source}, {}))
    app = lib / "shop-1" / "ebin" / "shop.app"
    app.write_text(app.read_text().replace("{mod,", f"{{env, [{env}]}}, {{mod,"))
    release = release_in(lib)
    with evaluator(release, otp.find_erl(None), 2.0) as evaluate:
        return read_tree(helper, release, evaluate)


def test_what_only_running_tells(helper: Helper, tmp_path: Path) -> None:
    """Children that hang on the application's environment are those that its `.app` gives."""
    specs = "[#{id => N, start => {wa, start_link, []}} || N <- element(2, application:get_env(shop, names))]"
    (found,) = _evaluated(helper, tmp_path, supervisor(specs), "{names, [x, y]}").supervisors
    assert ([shown(each.id) for each in found.children], found.gaps) == (["x", "y"], ())


def test_both_versions_are_run_with_their_own_code(helper: Helper, tmp_path: Path) -> None:
    """Old and new specs come from old and new code, and the difference is what the upgrade does."""
    count = "length(lists:droplast(binary:bin_to_list(crypto:strong_rand_bytes({}))))"
    table = f"[#{{{{id => N, start => {{{{wa, start_link, []}}}}}}}} || N <- lists:seq(1, {count})]"
    old, new = ({"shop_app": APP, "shop_sup": supervisor(table.format(size))} for size in (2, 3))
    libs = make(tmp_path, (old, new))
    (change,) = changes_of(helper, libs, ["shop_sup"], "eval", otp.find_erl(None))
    assert ([term_text(each) for each in change.up], change.diagnostics) == (
        ["{update,shop_sup,supervisor}", "{apply,{supervisor,restart_child,[shop_sup,2]}}"],
        (),
    )


@pytest.mark.parametrize(
    ("children", "why"),
    [
        ("timer:sleep(infinity)", "longer than 2 s"),
        ("lists:foldl(fun(_, L) -> L ++ L end, [x], lists:seq(1, 40 + length(os:getpid())))", "killed"),
        ("error(no_database)", "no_database"),
        ("halt(1)", "ended the throw-away node"),
    ],
)  # fmt: skip
def test_an_init_that_does_not_end_well(helper: Helper, tmp_path: Path, children: str, why: str) -> None:
    """One that hangs, eats memory, fails or ends the node is said, and its code is read instead."""
    tree = _evaluated(
        helper, tmp_path, supervisor(f'begin case os:getenv("NO") of false -> {children}; _ -> ok end, [{A}] end')
    )
    assert [shown(each.id) for each in tree.supervisors[0].children] == ["a"]
    (failed,) = said_of_runs(tree, {"shop_sup"})
    assert (failed.code, why in failed.message) == ("M435", True)


def test_arguments_that_are_not_known_are_not_made_up(helper: Helper, tmp_path: Path) -> None:
    """An init/1 whose argument is computed is read, not run with another."""
    start = LOCAL.replace("NAME, [])", "NAME, os:getpid())")
    tree = _evaluated(helper, tmp_path, supervisor(f"[{A} | Arg]", start=start))
    assert ([gap.text for gap in tree.supervisors[0].gaps], tree.not_run) == (["os:getpid()"], ())


def test_on_load_is_said(helper: Helper, tmp_path: Path) -> None:
    """A supervisor's -on_load runs where it is loaded, which is said."""
    source = supervisor(f"[{A}]").replace("start_link() ->", "-on_load(load/0).\nload() -> ok.\nstart_link() ->", 1)
    tree = _evaluated(helper, tmp_path, source)
    assert [each.code for each in said_of_runs(tree, {"shop_sup"})] == ["M523"]


def test_reading_loads_nothing(helper: Helper, tmp_path: Path) -> None:
    """Without eval no code of the release runs, and the helper refuses to run any."""
    mark = tmp_path / "loaded"
    write = f'-on_load(load/0).\nload() -> file:write_file("{mark}", <<>>).\nstart_link() ->'
    old = {"shop_app": APP, "shop_sup": supervisor(f"[{A}]").replace("start_link() ->", write, 1)}
    libs = make(tmp_path, (old, old))
    supervisions(*trees(helper, release_in(libs[0]), release_in(libs[1]), "read"), ["shop_sup"])
    with pytest.raises(HelperFault, match="not one to run the code of others in"):
        helper.call((Atom("evaluate"), Atom("shop_sup"), [], 1000), 10)
    assert not mark.exists()
