"""`appup`: which instructions are written for which change, in which order, and that systools takes them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.support.appups import App, entries, module, release, relup, server, two, written
from tests.support.cases import contents, run

if TYPE_CHECKING:
    from pathlib import Path


def test_a_plain_module_is_loaded(tmp_path: Path) -> None:
    """A project of one module with a typo fixed gets load_module up and down, and systools makes a relup from it."""
    new = two(
        tmp_path,
        {"shop": module("shop", 'hi() -> "helo".', exports="hi/0")},
        {"shop": module("shop", 'hi() -> "hello".', exports="hi/0")},
    )
    assert written(tmp_path, "shop", new) == (["{load_module,shop}"], ["{load_module,shop}"])
    assert "{load,{shop,brutal_purge,brutal_purge}}" in relup(tmp_path / "old/lib", new)


def test_a_server_is_updated(tmp_path: Path) -> None:
    """A behaviour with a state and a code_change gets the advanced update in its full form."""
    new = two(tmp_path, {"kv": server("kv")}, {"kv": server("kv", "changed")})
    step = "{update,kv,{advanced,[]},brutal_purge,brutal_purge,[]}"
    assert written(tmp_path, "shop", new) == ([step], [step])
    assert "{code_change,up,[{kv,[]}]}" in relup(tmp_path / "old/lib", new)


def test_what_came_and_went(tmp_path: Path) -> None:
    """A new module is added and a lost one deleted, the other way round on the way down; the unchanged is left out."""
    same = module("same", "f() -> 1.", exports="f/0")
    new = two(
        tmp_path,
        {"same": same, "gone": module("gone")},
        {"same": same, "fresh": module("fresh")},
    )
    up, down = written(tmp_path, "shop", new)
    assert (sorted(up), sorted(down)) == (
        ["{add_module,fresh}", "{delete_module,gone}"],
        ["{add_module,gone}", "{delete_module,fresh}"],
    )
    assert "{remove,{gone," in relup(tmp_path / "old/lib", new)


def test_a_supervisor(tmp_path: Path) -> None:
    """A supervisor gets its own form of update."""
    source = "init(_) -> {ok, {{one_for_one, INTENSITY, 5}, []}}."
    old, changed = (
        {"top": module("top", source.replace("INTENSITY", number), exports="init/1", behaviour="supervisor")}
        for number in ("1", "2")
    )
    new = two(tmp_path, old, changed)
    assert written(tmp_path, "shop", new) == (["{update,top,supervisor}"], ["{update,top,supervisor}"])


def test_a_state_that_the_hook_will_convert(tmp_path: Path) -> None:
    """A module that names its state is updated although its beam converts nothing yet, and the run says so."""
    source = (
        "-module(kv).\n-behaviour(gen_server).\n-export([init/1, handle_call/3, handle_cast/2]).\n"
        "-record(state, {FIELDS}).\n-state_record(state).\ninit(_) -> {ok, #state{}}.\n"
        "handle_call(_, _, S) -> {reply, S, S}.\nhandle_cast(_, S) -> {noreply, S}.\n"
    )
    old, fresh = (source.replace("FIELDS", fields) for fields in ("a = 1", "a = 1, b = 2"))
    new = two(tmp_path, {"kv": old}, {"kv": fresh})
    done = run("appup", tmp_path / "old/lib", new)
    assert (done.returncode, "warning[M425]" in done.stderr) == (0, True)
    assert "{update, kv, {advanced, []}, " in (new / "shop-1.1.0/ebin/shop.appup").read_text()
    assert run("inject", tmp_path / "old/lib", new).returncode == 0
    again = run("appup", tmp_path / "old/lib", new)
    assert (again.returncode, "M425" in again.stderr) == (0, False)


def test_a_state_without_code_change(tmp_path: Path) -> None:
    """A server that exports none and names no state is suspended while it is loaded: OTP would fail to call one."""
    source = server("kv").replace(", code_change/3", "").replace("code_change(_, State, _) -> {ok, State}.", "")
    new = two(tmp_path, {"kv": source}, {"kv": source.replace("ok, State}.\n", "other, State}.\n", 1)})
    step = "{update,kv,soft,brutal_purge,brutal_purge,[]}"
    assert written(tmp_path, "shop", new) == ([step], [step])


def test_the_called_one_comes_first(tmp_path: Path) -> None:
    """Who calls something new depends on it, over application borders too, and the way down is turned round."""
    release(
        tmp_path / "old",
        base=App("1.0.0", {"zlib2": module("zlib2", "f() -> 1.", exports="f/0")}),
        shop=App("1.0.0", {"asks": module("asks", "g() -> 1.", exports="g/0")}, needs=("base",)),
    )
    new = release(
        tmp_path / "new",
        base=App("1.1.0", {"zlib2": module("zlib2", "f() -> 1.", "more() -> 2.", exports="f/0, more/0")}),
        shop=App("1.1.0", {"asks": module("asks", "g() -> zlib2:more().", exports="g/0")}, needs=("base",)),
    )
    assert written(tmp_path, "shop", new) == (["{load_module,asks,[zlib2]}"], ["{load_module,asks,[zlib2]}"])
    made = relup(tmp_path / "old/lib", new)
    up, down = made[: made.rindex("point_of_no_return")], made[made.rindex("point_of_no_return") :]
    assert up.index("{load,{zlib2,") < up.index("{load,{asks,")
    assert down.index("{load,{asks,") < down.index("{load,{zlib2,")


@pytest.mark.parametrize(
    "body",
    [
        "spawn(callee, run, [1])",
        "apply(callee, run, [lists:seq(1, 2)])",
        "{callee, run, [self()]}",
        "#{id => x, start => {callee, run, [1]}}",
        "fun callee:run/1",
        "proc_lib:spawn_link(callee, run, [self()])",
    ],
)
def test_what_names_a_function_depends_on_it(tmp_path: Path, body: str) -> None:
    """Modules in apply, child specs, MFA tuples and funs count as called."""
    callee = "run(X) -> X."
    new = two(
        tmp_path,
        {
            "caller": module("caller", f"go() -> {body}.", exports="go/0"),
            "callee": module("callee", callee, exports="run/1"),
        },
        {
            "caller": module("caller", f"go() -> {body}.", "more() -> 1.", exports="go/0, more/0"),
            "callee": module("callee", callee, "more() -> 1.", exports="run/1, more/0"),
        },
    )
    assert written(tmp_path, "shop", new)[0] == ["{load_module,callee}", "{load_module,caller,[callee]}"]


def test_a_caller_of_what_goes_is_loaded_first(tmp_path: Path) -> None:
    """Where the old caller calls what the new callee lacks, the caller comes first; a deleted module goes last."""
    new = two(
        tmp_path,
        {
            "caller": module("caller", "go() -> callee:old(), gone:f().", exports="go/0"),
            "callee": module("callee", "old() -> 1.", exports="old/0"),
            "gone": module("gone", "f() -> 1.", exports="f/0"),
        },
        {"caller": module("caller", "go() -> callee:module_info().", exports="go/0"), "callee": module("callee")},
    )
    up, down = written(tmp_path, "shop", new)
    assert up == ["{load_module,caller}", "{load_module,callee,[caller]}", "{delete_module,gone,[caller]}"]
    assert down == ["{add_module,gone,[caller]}", "{load_module,callee,[caller]}", "{load_module,caller}"]
    made = relup(tmp_path / "old/lib", new)
    up_text, down_text = made.split("point_of_no_return")[1:3]
    assert up_text.index("{load,{caller,") < up_text.index("{remove,{gone,")
    assert down_text.index("{load,{gone,") < down_text.index("{load,{caller,")


def test_a_circle_is_told(tmp_path: Path) -> None:
    """Modules that call each other are named in a warning, and the order is the same in every run."""
    calls = {"one": "two", "three": "one", "two": "three"}
    old, changed = (
        {
            name: module(name, f"f() -> {other}:f().", f"g() -> {value}.", exports="f/0, g/0")
            for name, other in calls.items()
        }
        for value in (1, 2)
    )
    new = two(tmp_path, old, changed)
    done = run("appup", "--dry-run", tmp_path / "old/lib", new)
    assert "note[M519] 3 changed modules need each other: one, three, two" in done.stderr
    assert run("appup", "--dry-run", tmp_path / "old/lib", new).stdout == done.stdout
    assert run("appup", tmp_path / "old/lib", new).returncode == 0
    assert "{load,{one," in relup(tmp_path / "old/lib", new)


def test_a_module_that_moved(tmp_path: Path) -> None:
    """A module that another application has now gets one instruction, in that one: systools refuses two."""
    release(
        tmp_path / "old",
        base=App("1.0.0", {"moving": module("moving", "f() -> 1.", exports="f/0")}),
        shop=App("1.0.0", {"stays": module("stays")}, needs=("base",)),
    )
    new = release(
        tmp_path / "new",
        base=App("1.1.0", {}),
        shop=App(
            "1.1.0", {"stays": module("stays"), "moving": module("moving", "f() -> 2.", exports="f/0")}, needs=("base",)
        ),
    )
    assert written(tmp_path, "shop", new) == (["{load_module,moving}"], ["{load_module,moving}"])
    made = relup(tmp_path / "old/lib", new)
    assert '{load_object_code,{shop,"1.1.0",[moving]}}' in made
    assert '{load_object_code,{base,"1.0.0",[moving]}}' in made


def test_a_changed_version_alone(tmp_path: Path) -> None:
    """An application without changed code has an entry without instructions: systools asks for one."""
    source = {"same": module("same")}
    new = two(tmp_path, source, source)
    assert written(tmp_path, "shop", new) == ([], [])
    assert relup(tmp_path / "old/lib", new).count("point_of_no_return") == 2


def test_wishes(tmp_path: Path) -> None:
    """Purge methods, timeouts and Extra are written, for all modules and for one."""
    new = two(
        tmp_path,
        {"kv": server("kv"), "plain": module("plain")},
        {"kv": server("kv", "changed"), "plain": module("plain", "f() -> 1.", exports="f/0")},
    )
    up, _ = written(
        tmp_path,
        "shop",
        new,
        "--purge",
        "soft",
        "--purge",
        "plain=brutal",
        "--timeout",
        "kv=30000",
        "--extra",
        'kv={ttl, "a"}',
    )
    assert sorted(up) == [
        "{load_module,plain}",
        '{update,kv,30000,{advanced,{ttl,"a"}},soft_purge,soft_purge,[]}',
    ]
    assert "{suspend,[{kv,30000}]}" in relup(tmp_path / "old/lib", new)


@pytest.mark.parametrize(
    ("option", "value", "status"),
    [
        ("--purge", "nobody=soft", 4),
        ("--extra", "plain=1", 4),
        ("--timeout", "plain=1", 4),
        ("--purge", "hard", 2),
        ("--timeout", "kv=0", 2),
        ("--extra", "kv", 2),
        ("--extra", "kv={", 4),
    ],
)
def test_wishes_that_fit_nothing(tmp_path: Path, option: str, value: str, status: int) -> None:
    """What cannot be done as asked is an error, and nothing is written."""
    new = two(
        tmp_path,
        {"kv": server("kv"), "plain": module("plain")},
        {"kv": server("kv", "changed"), "plain": module("plain", "f() -> 1.", exports="f/0")},
    )
    before = contents(new)
    assert run("appup", option, value, tmp_path / "old/lib", new).returncode == status
    assert contents(new) == before


def test_several_old_releases(tmp_path: Path) -> None:
    """Each old release has its entry, in the order in which they are given; one command more changes nothing."""
    for vsn in ("1.0.0", "1.1.0"):
        release(tmp_path / vsn, shop=App(vsn, {"shop": module("shop", f'v() -> "{vsn}".', exports="v/0")}))
    new = release(tmp_path / "new", shop=App("2.0.0", {"shop": module("shop", 'v() -> "2.0.0".', exports="v/0")}))
    arguments = ["appup", tmp_path / "1.1.0/lib", tmp_path / "1.0.0/lib", new]
    assert run(*arguments).returncode == 0
    vsn, up, down = entries(new / "shop-2.0.0/ebin/shop.appup")
    assert (vsn, list(up), list(down)) == ("2.0.0", ["1.1.0", "1.0.0"], ["1.1.0", "1.0.0"])
    before = contents(new)
    assert run(*arguments).returncode == 0
    assert contents(new) == before


def test_only_one_release_has_it(tmp_path: Path) -> None:
    """Applications that came or went are listed; systools adds and removes them from the .rel files."""
    release(tmp_path / "old", shop=App("1", {"s": module("s")}), past=App("1", {"past": module("past")}))
    new = release(tmp_path / "new", shop=App("2", {"s": module("s")}), fresh=App("1", {"fresh": module("fresh")}))
    done = run("appup", "--format", "json", tmp_path / "old/lib", new)
    said = json.loads(done.stdout)
    assert (said["added"], said["removed"], [each["code"] for each in said["diagnostics"]]) == (
        ["fresh"],
        ["past"],
        ["M517", "M517"],
    )
    made = relup(tmp_path / "old/lib", new)
    assert "{apply,{application,start,[fresh,permanent]}}" in made


def test_where_it_writes(tmp_path: Path) -> None:
    """-o DIR writes there and nowhere else; --dry-run prints the same bytes behind a comment and writes nothing."""
    new = two(tmp_path, {"kv": server("kv")}, {"kv": server("kv", "changed")})
    before = contents(tmp_path)
    printed = run("appup", "--dry-run", tmp_path / "old/lib", new).stdout
    assert contents(tmp_path) == before
    assert run("appup", "-o", tmp_path / "out", tmp_path / "old/lib", new).returncode == 0
    assert contents(new) == {path: data for path, data in before.items() if path.is_relative_to(new)}
    assert printed.split("\n", 1)[1] == (tmp_path / "out/shop.appup").read_text()


def test_what_is_refused(tmp_path: Path) -> None:
    """A lock file as OLD, code that changed under the same vsn: an error, and nothing is written."""
    new = two(tmp_path, {"kv": server("kv")}, {"kv": server("kv", "changed")})
    lock = tmp_path / "states.lock"
    assert run("lock", tmp_path / "old/lib", "-o", lock).returncode == 0
    same = release(tmp_path / "same", shop=App("1.0.0", {"kv": server("kv", "changed")}))
    before = contents(tmp_path)
    refused = [run("appup", lock, new), run("appup", tmp_path / "old/lib", same)]
    assert [(each.returncode, each.stderr[:11]) for each in refused] == [(4, "error[M161]"), (4, "error[M142]")]
    assert contents(tmp_path) == before


def test_a_supervisor_with_a_new_child(tmp_path: Path) -> None:
    """The child is started behind all that is loaded, and ended before its module is deleted."""
    child = "#{id => NAME, start => {gen_server, start_link, [{local, NAME}, NAME, [], []]}, modules => [NAME]}"
    sources = {}
    for version, names in {"old": ["kv"], "new": ["kv", "fresh"]}.items():
        specs = ", ".join(child.replace("NAME", name) for name in names)
        sources[version] = {
            "top": module(
                "top",
                "start(_, _) -> supervisor:start_link({local, top}, top, []).",
                "stop(_) -> ok.",
                f"init([]) -> {{ok, {{#{{}}, [{specs}]}}}}.",
                exports="start/2, stop/1, init/1",
                behaviour="supervisor",
            ),
            **{name: server(name, version) for name in names},
        }
    new = two(tmp_path, sources["old"], sources["new"])
    for app in tmp_path.glob("*/lib/*/ebin/shop.app"):
        app.write_text(app.read_text().replace("{registered,", "{mod, {top, []}}, {registered,"))
    up, down = written(tmp_path, "shop", new)
    assert (up[-1], set(up[:-1])) == (
        "{apply,{supervisor,restart_child,[top,fresh]}}",
        {
            "{add_module,fresh}",
            "{update,kv,{advanced,[]},brutal_purge,brutal_purge,[]}",
            "{update,top,supervisor}",
        },
    )
    assert down[:2] == [
        "{apply,{supervisor,terminate_child,[top,fresh]}}",
        "{apply,{supervisor,delete_child,[top,fresh]}}",
    ]
    assert "{apply,{supervisor,restart_child,[top,fresh]}}" in relup(tmp_path / "old/lib", new)


def test_all_are_written_or_none(tmp_path: Path) -> None:
    """When one cannot be written, those that were are taken back."""
    for vsn in ("1", "2"):
        source = module("first", f"f() -> {vsn}.", exports="f/0")
        release(
            tmp_path / vsn, one=App(vsn, {"first": source}), two=App(vsn, {"second": source.replace("first", "second")})
        )
    (tmp_path / "2/lib/two-2/ebin/two.appup").symlink_to(tmp_path / "missing/two.appup")
    before = sorted(tmp_path.rglob("*"))
    done = run("appup", tmp_path / "1/lib", tmp_path / "2/lib")
    assert (done.returncode, sorted(tmp_path.rglob("*"))) == (4, before)
