"""`migrator rehearse` looks inside states, at fields in other places, and at what supervisors should run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from migrator.diagnostics import Refused
from migrator.release.rehearsal import Asked
from tests.support.rehearsals import KV_CHILD, UPDATE, Small, build
from tests.test_rehearse import codes, message, ran
from tests.test_rehearse_shapes import left_over

if TYPE_CHECKING:
    from pathlib import Path

    from migrator.otp import Helper

KEEPER = """\
-module(keeper).
-behaviour(BEHAVIOUR).
-vsn("VSN").
-export([start_link/0, init/1, handle_call/3, handle_cast/2, handle_event/4, callback_mode/0, code_change/3,
         code_change/4]).
-record(state, {FIELDS}).
-record(item, {INNER}).
start_link() -> BEHAVIOUR:start_link({local, keeper}, keeper, [], []).
init([]) -> erlang:put(item, #item{}), INIT.
callback_mode() -> handle_event_function.
handle_call(_, _, S) -> {reply, VSN, S}.
handle_cast(_, S) -> {noreply, S}.
handle_event(_, _, _, _) -> keep_state_and_data.
code_change(_, State, _) -> {ok, State}.
code_change(_, State, Data, _) -> {ok, State, Data}.
"""
CHILDREN = KV_CHILD + ", #{id => keeper, start => {keeper, start_link, []}, modules => [keeper]}"


def keepers(
    fields: tuple[str, str], inner: tuple[str, str], init: str, update: str, behaviour: str = "gen_server"
) -> Small:
    """A release with a process `keeper`, whose records have these fields in both versions."""
    old, new = (
        (
            "keeper",
            KEEPER.replace("BEHAVIOUR", behaviour)
            .replace("FIELDS", fields[at])
            .replace("INNER", inner[at])
            .replace("INIT", init)
            .replace("VSN", str(at + 1)),
        )
        for at in (0, 1)
    )
    both = f"{UPDATE}, {update}" if update else UPDATE
    return Small(children=(CHILDREN, CHILDREN), sources=((old,), (new,)), update=both)


@pytest.mark.parametrize(
    "state",
    ["#state{items = [#item{}]}", "#state{items = #{k => {x, [a | #item{}]}}}", "#{#item{} => 1}", "[{1, #item{}}]"],
)
@pytest.mark.parametrize("update", ["{load_module, keeper}", "{update, keeper, {advanced, []}}"])
def test_an_old_record_inside_the_state(helper: Helper, erl: Path, tmp_path: Path, state: str, update: str) -> None:
    """A state whose own shape is right, and that holds old records, is an old state."""
    small = keepers(("items", "items"), ("a", "a, b"), f"{{ok, {state}}}", update)
    answer = ran(helper, erl, build(tmp_path, small))
    assert (answer.exit, codes(answer)) == (1, ["M610"]), answer.diagnostics
    said = message(answer, "M610")
    assert said.startswith("keeper (<")
    assert "runs keeper of 2 with records of 1 inside its state (#item{} of size 2): " in said
    assert ("its code_change left it as it was" in said) == ("advanced" in update)


def test_an_old_record_in_the_data_of_a_statem(helper: Helper, erl: Path, tmp_path: Path) -> None:
    """Of a gen_statem the data is looked at, and its state too."""
    small = keepers(
        ("items", "items"), ("a", "a, b"), "{ok, {x, #item{}}, none}", "{load_module, keeper}", "gen_statem"
    )
    answer = ran(helper, erl, build(tmp_path, small))
    assert (answer.exit, codes(answer)) == (1, ["M610"]), answer.diagnostics


def test_a_record_of_another_module_inside_the_state(helper: Helper, erl: Path, tmp_path: Path) -> None:
    """A record that only another changed module declares is known too."""
    small = keepers(("items", "items"), ("a", "a"), "{ok, #state{items = thing:new()}}", "{load_module, keeper}")
    old, new = (
        ("thing", f"-module(thing).\n-export([new/0]).\n-record(thing, {{{fields}}}).\nnew() -> #thing{{}}.\n")
        for fields in ("a", "a, b")
    )
    sources = ((*small.sources[0], old), (*small.sources[1], new))
    update = small.update + ", {load_module, thing}"
    answer = ran(helper, erl, build(tmp_path, Small(children=small.children, sources=sources, update=update)))
    assert (answer.exit, codes(answer)) == (1, ["M610"]), answer.diagnostics
    assert "#thing{} of size 2" in message(answer, "M610")


@pytest.mark.parametrize(
    ("fields", "exit_code", "code"),
    [(("a, b", "b, a"), 1, ["M610"]), (("a, b", "a, c"), 0, ["M446"]), (("a, b = 1", "a, b = 2"), 0, [])],
)
def test_a_state_of_the_same_size(  # noqa: PLR0913, PLR0917 - the cases
    helper: Helper, erl: Path, tmp_path: Path, fields: tuple[str, str], exit_code: int, code: list[str]
) -> None:
    """A field in another place is lost where nobody converts; that another stands in its place is told."""
    small = keepers(fields, ("a", "a"), "{ok, #state{a = 1}}", "{load_module, keeper}")
    answer = ran(helper, erl, build(tmp_path, small))
    assert (answer.exit, codes(answer)) == (exit_code, code), answer.diagnostics


def test_a_child_that_restart_child_did_not_start(helper: Helper, erl: Path, tmp_path: Path) -> None:
    """The supervisor did not change; release_handler ignores what restart_child gave, and the child stays out."""
    plain = (
        "-module(keeper).\n-behaviour(gen_server).\n-export([start_link/0, init/1, handle_call/3, handle_cast/2]).\n"
        "start_link() -> gen_server:start_link({local, keeper}, keeper, [], []).\ninit([]) -> INIT.\n"
        "handle_call(_, _, S) -> {reply, ok, S}.\nhandle_cast(_, S) -> {noreply, S}.\n"
    )
    sources = (
        (("keeper", plain.replace("INIT", "{ok, none}")),),
        (("keeper", plain.replace("INIT", "{stop, shutdown}")),),
    )
    update = (
        "{apply, {supervisor, terminate_child, [shop_sup, keeper]}}, {load_module, keeper}, "
        "{apply, {supervisor, restart_child, [shop_sup, keeper]}}, " + UPDATE
    )
    answer = ran(helper, erl, build(tmp_path, Small(children=(CHILDREN, CHILDREN), sources=sources, update=update)))
    assert answer.exit == 1
    said = message(answer, "M614")
    assert said.startswith("shop_sup (<")
    assert said.endswith(" of shop_app does not run its child keeper any more, which ran in 1")


def test_an_application_that_does_not_run_any_more(helper: Helper, erl: Path, tmp_path: Path) -> None:
    """One that ran before the upgrade and is in the new release runs after it, or that it does not is told."""
    small = Small(update="{apply, {application, stop, [shop]}}, {load_module, kv}")
    answer = ran(helper, erl, build(tmp_path, small))
    assert answer.exit == 1
    assert message(answer, "M620") == "the application shop does not run after 1 -> 2"


def test_a_node_that_goes_down_in_the_upgrade(helper: Helper, erl: Path, tmp_path: Path) -> None:
    """Where a permanent application does not start again the node ends: that is told, and by which instruction."""

    def stopped(text: str) -> str:
        return text.replace("init([]) -> {ok, #state{}}.", "init([]) -> {stop, shutdown}.")

    answer = ran(helper, erl, build(tmp_path, Small(update="{restart_application, shop}"), stopped))
    assert answer.exit == 1
    assert message(answer, "M618").endswith(" ended in the upgrade 1 -> 2")
    assert "{application,start,[shop,permanent]}" in next(e for e in answer.diagnostics if e.code == "M618").place


def test_a_file_outside_of_the_folder(helper: Helper, erl: Path, tmp_path: Path) -> None:
    """A log at an absolute path is told: what runs in production may write there too."""
    log = tmp_path / "kept.log"
    config = f'[{{kernel, [{{logger, [{{handler, file, logger_std_h, #{{config => #{{file => "{log}"}}}}}}]}}]}}].'
    answer = ran(helper, erl, build(tmp_path / "r", Small(config=config)))
    assert (answer.exit, codes(answer)) == (0, ["M447"])
    assert message(answer, "M447") == f"small writes to {log}: it is outside of the folder of the rehearsal"


def test_a_release_that_never_starts(helper: Helper, erl: Path, tmp_path: Path) -> None:
    """A start that does not come to an end is given up after the limit, and what to type is told."""
    slow = ("slow", "-module(slow).\n-export([start_link/0]).\nstart_link() -> receive never -> ok end.\n")
    children = KV_CHILD + ", #{id => slow, start => {slow, start_link, []}}"
    pair = build(tmp_path, Small(children=(children, children), sources=((slow,), (slow,))))
    with pytest.raises(Refused) as refused:
        ran(helper, erl, pair, Asked(limit=2))
    (told,) = refused.value.diagnostics
    assert (told.code, told.message) == ("M182", "small 1 does not start here: it did not run after 2 s (--limit)")
    assert "--limit 20   # where it takes longer to start" in told.help
    assert left_over() == []


def test_a_process_by_hand_that_is_purged(helper: Helper, erl: Path, tmp_path: Path) -> None:
    """One that never leaves the old code is killed by the purge, and that is what is told."""
    text = (
        "-module(hand).\n-export([start_link/0]).\n"
        "start_link() -> {ok, spawn_link(fun() -> register(hand, self()), loop(VSN) end)}.\n"
        "loop(S) -> receive x -> ok end, loop(S).\n"
    )
    sources = tuple((("hand", text.replace("VSN", vsn)),) for vsn in "12")
    children = KV_CHILD + ", #{id => hand, start => {hand, start_link, []}, modules => []}"
    small = Small(
        children=(children, children), sources=(sources[0], sources[1]), update=UPDATE + ", {load_module, hand}"
    )
    answer = ran(helper, erl, build(tmp_path, small))
    assert answer.exit == 1
    assert message(answer, "M612").startswith("hand (<")
    assert "as brutal_purge does with what still runs" in message(answer, "M612")


def test_sync_nodes_with_one_node_after_another(helper: Helper, erl: Path, tmp_path: Path) -> None:
    """A relup that waits for the other nodes hangs where they are upgraded later: what it takes is told."""
    small = Small(update=f"{{sync_nodes, shop, {{erlang, nodes, []}}}}, {UPDATE}")
    answer = ran(helper, erl, build(tmp_path, small), Asked(nodes=2, limit=5))
    assert (answer.exit, codes(answer)) == (1, ["M618"])
    assert "its sync_nodes wants the other nodes to do the same" in message(answer, "M618")
    assert "--together" in answer.diagnostics[0].help[0]
