"""`hook` on modules that do not say what they keep, and `--record` that speaks of all of them at once."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from migrator.release.hook import hook
from migrator.request import Choice, Request
from tests.support.cases import run as run_command
from tests.support.cases import server
from tests.support.hooks import codes
from tests.support.releases import App, make_root

if TYPE_CHECKING:
    from pathlib import Path

    from migrator.otp import Helper

# It keeps #log{}; #state{} comes with a header of another module.
LOG = """-module(room_log).
-behaviour(gen_server).
-export([init/1, handle_call/3, handle_cast/2]).
-record(state, {FIELDS}).
-record(log, {file}).
init([]) -> {ok, #log{}}.
handle_call(#state{}, _, State) -> {reply, ok, State}.
handle_cast(_, State) -> {noreply, State}.
"""


def _silent(fields: str, vsn: str, name: str) -> str:
    return server(fields, vsn=f'"{vsn}"', name=name).replace("-state_record(state).", "")


def _roots(folder: Path) -> tuple[Path, Path]:
    roots = []
    for vsn, fields in (("1.0", "name, users = #{}"), ("2.0", "name, users = #{}, hits = 0")):
        apps = [
            App("shop", vsn, {"room": _silent(fields, vsn, "room"), "room_log": LOG.replace("FIELDS", fields)}),
            App("kernel", vsn, {"core": _silent(fields, vsn, "core")}),
        ]
        make_root(folder / vsn, vsn, apps)
        roots.append(folder / vsn / "lib")
    return roots[0], roots[1]


def test_a_module_that_does_not_say_so_is_counted_as_such(helper: Helper, tmp_path: Path) -> None:
    """Nothing is generated for it, and the report does not call its state unchanged."""
    old, new = _roots(tmp_path)
    run = hook(helper, [old], new, Request())
    assert {each.planned.new.name: each.outcome for each in run.modules if each.planned.new} == {
        "room": "silent",
    }
    done = run_command("hook", old, new)
    assert done.stdout == (
        "0 injected, 0 already there, 0 without a changed state, 1 that does not say that its state changed\n"
    )


def test_record_is_for_those_that_keep_it(helper: Helper, tmp_path: Path) -> None:
    """A module whose code returns another record is left alone, and so is OTP's core, which is never converted."""
    old, new = _roots(tmp_path)
    run = hook(helper, [old], new, replace(Request(), choice=Choice("state")))
    assert [(each.path.stem, each.outcome) for each in run.modules] == [("room", "injected")]
    assert "M450" not in codes(run)
