"""`appup` on releases that are hard to tell apart, or whose parts hang together in ways that no appup shows."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tests.support.appups import App, module, release, release_file, server, two, written
from tests.support.cases import run

if TYPE_CHECKING:
    from pathlib import Path


def test_two_old_releases_with_other_code_in_one_version(tmp_path: Path) -> None:
    """One entry would have to lead from both: M142, as where an old and the new release are so."""
    for old, body in (("a", "1"), ("b", "2")):
        release(tmp_path / old, shop=App("1", {"s": module("s", f"f() -> {body}.", exports="f/0")}))
    release(tmp_path / "b/more", shop=App("1", {"t": module("t")}))
    (tmp_path / "b/more/lib/shop-1/ebin/t.beam").rename(tmp_path / "b/lib/shop-1/ebin/t.beam")
    new = release(tmp_path / "new", shop=App("2", {"s": module("s", "f() -> 3.", exports="f/0")}))
    done = run("appup", tmp_path / "a/lib", tmp_path / "b/lib", new)
    assert (done.returncode, done.stderr.count("error[M142]")) == (4, 1)


def test_a_folder_of_a_build_holds_none_of_otp(tmp_path: Path) -> None:
    """OTP's applications of a release root are not gone from a lib folder, and not new where that one is OLD."""
    apps = {"shop": App("1", {"s": module("s")}), "sasl": App("4", {}), "past": App("1", {"past": module("past")})}
    release(tmp_path / "old", **apps)
    release_file(tmp_path / "old", "1", {name: app.vsn for name, app in apps.items()})
    new = release(tmp_path / "new", shop=App("2", {"s": module("s", "-vsn(2).")}))
    said = [
        json.loads(run("appup", "--dry-run", "--format", "json", *order).stdout)
        for order in ((tmp_path / "old", new), (new, tmp_path / "old"))
    ]
    assert [(each["added"], each["removed"]) for each in said] == [([], ["past"]), (["past"], [])]


def test_a_field_that_is_only_renamed(tmp_path: Path) -> None:
    """The code is the same, and the hook converts the state: the module is updated, before the hook ran and after."""
    source = server("kv").replace(
        "init(_) -> {ok, nothing}.",
        "-record(state, {F = 1}).\n-state_record(state).\nDECIDED\ninit(_) -> {ok, #state{}}.",
    )
    old = source.replace("F =", "seconds =").replace("DECIDED", "")
    fresh = source.replace("F =", "lasts =").replace("DECIDED", "-state_migration([{rename, seconds, lasts}]).")
    pure = module("pure", "f() -> 1.", exports="f/0")
    new = two(tmp_path, {"kv": old, "pure": pure}, {"kv": fresh, "pure": pure.replace("-export", "\n-export")})
    step = "{update,kv,{advanced,[]},brutal_purge,brutal_purge,[]}"
    assert written(tmp_path, "shop", new) == ([step], [step])
    assert run("hook", tmp_path / "old/lib", new).returncode == 0
    assert written(tmp_path, "shop", new) == ([step], [step])


def test_a_state_that_stays_as_it_is(tmp_path: Path) -> None:
    """A module that names its state, whose record is the same in both, has no code_change for OTP to call."""
    source = (
        server("kv")
        .replace(", code_change/3", "")
        .replace("code_change(_, State, _) -> {ok, State}.", "")
        .replace("init(_) -> {ok, nothing}.", "-record(state, {a}).\n-state_record(state).\ninit(_) -> {ok, #state{}}.")
    )
    new = two(tmp_path, {"kv": source}, {"kv": source.replace("{reply, ok, State}", "{reply, other, State}")})
    step = "{update,kv,soft,brutal_purge,brutal_purge,[]}"
    assert written(tmp_path, "shop", new) == ([step], [step])
    assert run("hook", tmp_path / "old/lib", new).returncode == 0
    assert written(tmp_path, "shop", new) == ([step], [step])


def test_processes_that_start_meanwhile(tmp_path: Path) -> None:
    """A changed state below a simple_one_for_one supervisor is warned of, until its starters are suspended by hand."""
    top = module(
        "top",
        "start(_, _) -> supervisor:start_link({local, top}, top, []).",
        "stop(_) -> ok.",
        "more() -> supervisor:start_child(top, []).",
        "init(_) -> {ok, {#{strategy => simple_one_for_one}, [#{id => kv, start => {kv, start_link, []}}]}}.",
        exports="start/2, stop/1, more/0, init/1",
        behaviour="supervisor",
    )
    front = server("front", "top:more()")
    new = two(
        tmp_path,
        {"top": top, "kv": server("kv"), "front": front},
        {
            "top": top,
            "kv": server("kv", "changed"),
            "front": front.replace("init(_) -> {ok, nothing}", "init(_) -> {ok, 1}"),
        },
    )
    for path in tmp_path.glob("*/lib/shop-*/ebin/shop.app"):
        path.write_text(path.read_text().replace("{vsn,", "{mod, {top, []}}, {vsn,"))
    said = json.loads(run("appup", "--format", "json", tmp_path / "old/lib", new).stdout)["diagnostics"]
    (found,) = [each for each in said if each["code"] == "M429"]
    assert "kv" in found["message"]
    before, behind, _ = found["help"].splitlines()
    sources = new / "shop-1.1.0/src"
    sources.mkdir()
    (sources / "shop.appup.pre.src").write_text(before)
    (sources / "shop.appup.post.src").write_text(behind)
    up, down = written(tmp_path, "shop", new)
    assert [(way[0], way[-1]) for way in (up, down)] == [("{suspend,[front]}", "{resume,[front]}")] * 2
    done = run("appup", tmp_path / "old/lib", new)
    assert (done.returncode, "M429" in done.stderr) == (0, False)


def test_a_new_application_that_calls_new_functions(tmp_path: Path) -> None:
    """Systools starts it before they are loaded: M451, unless the old version has the functions that it calls."""
    for place, exported in (("fresh", "old/0, fresh/0"), ("known", "fresh/0, old/0, more/0")):
        before = "old/0" if place == "fresh" else "old/0, fresh/0"
        functions = ("old() -> 1.", "fresh() -> 2.", "more() -> fresh() + old().")
        release(tmp_path / place / "old", shop=App("1", {"u": module("u", *functions[:2], exports=before)}))
        new = release(
            tmp_path / place / "new",
            shop=App("2", {"u": module("u", *functions, exports=exported)}),
            guest=App("1", {"g": module("g", "f() -> u:fresh().", exports="f/0")}),
        )
        done = run("appup", "--dry-run", "--format", "json", tmp_path / place / "old/lib", new)
        codes = [each["code"] for each in json.loads(done.stdout)["diagnostics"]]
        assert codes == (["M451", "M517"] if place == "fresh" else ["M517"])
