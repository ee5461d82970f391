"""`migrator rehearse` on small real releases: what goes well is called so, and nothing that is lost goes unnoticed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from migrator.commands_rehearse import rehearse
from migrator.release.rehearsal import Asked, Load
from tests.support.rehearsals import KV_CHILD, UPDATE, Small, build

if TYPE_CHECKING:
    from pathlib import Path

    from migrator.commands import Answer
    from migrator.otp import Helper


def ran(helper: Helper, erl: Path, pair: tuple[Path, Path], asked: Asked | None = None) -> Answer:
    """The answer of the command, as text."""
    told: list[str] = []
    return rehearse(helper, *pair, erl, asked or Asked(), "text", told.append)


def codes(answer: Answer) -> list[str]:
    """The codes of its diagnostics, each once."""
    return sorted({each.code for each in answer.diagnostics})


def message(answer: Answer, code: str) -> str:
    """The first headline of that code."""
    return next(each.message for each in answer.diagnostics if each.code == code)


def test_a_good_upgrade_goes_up_down_and_up(helper: Helper, erl: Path, tmp_path: Path) -> None:
    """All three installations keep the process, convert its state, and no call of the load fails."""
    pair = build(tmp_path, Small())
    answer = ran(helper, erl, pair, Asked(load=Load("expression", "ok = kv:put(a, 1), 1 = kv:get(a)")))
    assert (answer.exit, codes(answer)) == (0, []), answer.diagnostics
    assert "kv: same pid, {state, …} of 2 -> {state, …} of 3" in answer.text
    assert "kv: same pid, {state, …} of 3 -> {state, …} of 2" in answer.text
    assert answer.text.count("same pid") == 3
    assert ", 0 failed\nnothing was lost\n" in answer.text


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("code_change(_, State, _) -> {ok, setelement(9, State, 1)}.", "code_change of kv crashed in the process kv"),
        ("code_change(_, _, _) -> nope.", "code_change of kv answered nope"),
        ("code_change(_, _, _) -> {error, nope}.", "code_change of kv answered {error, nope}"),
        ("code_change(_, {other}, _) -> {ok, x}.", "no clause of code_change of kv takes the state of the process kv"),
        ("", "kv has no code_change/3"),
    ],
)
def test_a_bad_code_change_is_told(helper: Helper, erl: Path, tmp_path: Path, change: str, said: str) -> None:
    """The failed instruction and the reason are told in terms of the module, and that the emulator restarted."""
    answer = ran(helper, erl, build(tmp_path, Small(change=change)))
    assert (answer.exit, codes(answer)) == (1, ["M615"]), answer.diagnostics
    assert said in message(answer, "M615")
    (failed,) = answer.diagnostics
    assert "{code_change,up,[{kv,[]}]}" in failed.place
    assert "the emulator restarted" in failed.consequence


def test_a_process_that_only_gets_new_code(helper: Helper, erl: Path, tmp_path: Path) -> None:
    """With load_module in the appup the state stays the old one: that is lost, though release_handler is content."""
    answer = ran(helper, erl, build(tmp_path, Small(update="{load_module, kv}")))
    assert (answer.exit, codes(answer)) == (1, ["M610"])
    assert "the appup does not call code_change for kv" in message(answer, "M610")


def test_a_code_change_that_leaves_the_state(helper: Helper, erl: Path, tmp_path: Path) -> None:
    """A code_change that gives back the old state is found by the state's shape."""
    answer = ran(helper, erl, build(tmp_path, Small(change="code_change(_, State, _) -> {ok, State}.")))
    assert (answer.exit, codes(answer)) == (1, ["M610"])
    assert "its code_change left it as it was" in message(answer, "M610")


def test_a_child_specification_that_does_not_name_the_module(helper: Helper, erl: Path, tmp_path: Path) -> None:
    """OTP passes by a process whose specification names another module: old state under new code."""
    wrong = KV_CHILD.replace("[kv]", "[shop_app]")
    answer = ran(helper, erl, build(tmp_path, Small(children=(wrong, wrong))))
    assert (answer.exit, codes(answer)) == (1, ["M610"])
    assert "its child specification does not name kv" in message(answer, "M610")


def test_an_unsupervised_process(helper: Helper, erl: Path, tmp_path: Path) -> None:
    """A process outside the supervision tree is found, and told from its supervised sibling."""
    starter = (
        "starter",
        (
            "-module(starter).\n-behaviour(gen_server).\n"
            "-export([start_link/0, init/1, handle_call/3, handle_cast/2]).\n"
            "start_link() -> gen_server:start_link({local, starter}, starter, [], []).\n"
            "init([]) -> {ok, _} = gen_server:start({local, stray}, kv, [], []), {ok, none}.\n"
            "handle_call(_, _, S) -> {reply, ok, S}.\nhandle_cast(_, S) -> {noreply, S}.\n"
        ),
    )
    children = KV_CHILD + ", #{id => starter, start => {starter, start_link, []}}"
    answer = ran(helper, erl, build(tmp_path, Small(children=(children, children), sources=((starter,), (starter,)))))
    assert (answer.exit, codes(answer)) == (1, ["M610"])
    assert message(answer, "M610").startswith("stray (")
    assert "no supervisor of an application has it" in message(answer, "M610")
    assert "kv kv: same pid" not in answer.text


@pytest.mark.parametrize(("purge", "code"), [("brutal_purge", "M612"), ("soft_purge", "M611")])
def test_a_process_that_is_busy(helper: Helper, erl: Path, tmp_path: Path, purge: str, code: str) -> None:
    """One that does not let itself be suspended in time is killed, or keeps its state: nobody else says so."""
    update = f"{{update, kv, static, 200, {{advanced, []}}, {purge}, {purge}, []}}"
    busy = "ok = gen_server:call(kv, {busy, 1500}, infinity)"
    answer = ran(helper, erl, build(tmp_path, Small(update=update)), Asked(load=Load("expression", busy)))
    assert answer.exit == 1
    assert "it was busy: it did not let itself be suspended within 0.2 s" in message(answer, code)


def test_a_process_that_the_upgrade_restarts(helper: Helper, erl: Path, tmp_path: Path) -> None:
    """An appup that restarts the application loses every state: the processes are others afterwards."""
    answer = ran(helper, erl, build(tmp_path, Small(update="{restart_application, shop}")))
    assert answer.exit == 1
    assert "M612" in codes(answer)
    assert message(answer, "M612").startswith("kv (")


NEW_CHILD = "#{id => second, start => {second, start_link, []}, modules => [second]}"
SECOND = (
    "second",
    (
        "-module(second).\n-behaviour(gen_server).\n-export([start_link/0, init/1, handle_call/3, handle_cast/2]).\n"
        "start_link() -> gen_server:start_link({local, second}, second, [], []).\ninit([]) -> {ok, none}.\n"
        "handle_call(_, _, S) -> {reply, ok, S}.\nhandle_cast(_, S) -> {noreply, S}.\n"
    ),
)


@pytest.mark.parametrize(
    ("up", "down", "found"),
    [
        ("{update, shop_app, supervisor}", "{update, shop_app, supervisor}", ["M442", "M614"]),
        ("{load_module, shop_app}", "{load_module, shop_app}", ["M614"]),
        (
            "{update, shop_app, supervisor}, {apply, {supervisor, restart_child, [shop_sup, second]}}",
            (
                "{apply, {supervisor, terminate_child, [shop_sup, second]}},"
                " {apply, {supervisor, delete_child, [shop_sup, second]}}, {update, shop_app, supervisor}"
            ),
            [],
        ),
    ],
)
def test_a_supervisor_with_another_child(  # noqa: PLR0913, PLR0917 - the cases
    helper: Helper, erl: Path, tmp_path: Path, up: str, down: str, found: list[str]
) -> None:
    """A child of the new version runs after the upgrade, or that it does not is told; on the way back it goes."""
    appup = (
        f'{{"2", [{{"1", [{{add_module, second}}, {UPDATE}, {up}]}}],'
        f' [{{"1", [{down}, {UPDATE}, {{delete_module, second}}]}}]}}.\n'
    )
    small = Small(children=(KV_CHILD, f"{KV_CHILD}, {NEW_CHILD}"), sources=((), (SECOND,)), appup=appup)
    answer = ran(helper, erl, build(tmp_path, small))
    assert [code for code in codes(answer) if code != "M612"] == found, answer.diagnostics
