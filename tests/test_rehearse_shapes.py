"""`migrator rehearse` on every shape of release, on clusters, under load, kept; and that it leaves nothing behind."""

from __future__ import annotations

import json
import os
import resource
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from migrator.diagnostics import Refused
from migrator.errors import EnvironmentFault
from migrator.release.nodes import erlang_at
from migrator.release.open import opened
from migrator.release.rehearsal import Asked, Load
from migrator.release.staged import stage
from tests.support.cases import run
from tests.support.rehearsals import KV_CHILD, UPDATE, Small, build
from tests.test_rehearse import codes, message, ran

if TYPE_CHECKING:
    from migrator.otp import Helper

SCRIPT = """\
#!/usr/bin/env escript
%%! -hidden
main([Node, Cookie]) ->
    {ok, _} = net_kernel:start([list_to_atom("load" ++ os:getpid()), shortnames]),
    erlang:set_cookie(node(), list_to_atom(Cookie)),
    Server = {kv, list_to_atom(Node)},
    ok = gen_server:call(Server, {put, a, 1}),
    io:format("under way~n"),
    Self = self(),
    spawn_link(fun() -> eof = io:get_line(""), Self ! done end),
    loop(Server, 1).
loop(Server, N) ->
    receive done -> io:format("~b calls~n", [N])
    after 1 -> 1 = gen_server:call(Server, {get, a}), loop(Server, N + 1)
    end.
"""


def left_over() -> list[str]:
    """The processes of rehearsals that are there."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            text = path.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if f"migrator-rehearsal-{os.getpid()}" in text:
            found.append(text)
    return found


@pytest.mark.parametrize("tars", ["bare", "erts"])
def test_tarballs(helper: Helper, erl: Path, tmp_path: Path, tars: str) -> None:
    """Tarballs as systools makes them, with an ERTS of their own and without."""
    old, new = build(tmp_path, Small(tars="erts" if tars == "erts" else "bare"))
    pair = (old / "small.tar.gz", new / "small.tar.gz")
    answer = ran(helper, erl, pair)
    assert (answer.exit, codes(answer)) == (0, []), answer.diagnostics
    assert answer.text.count("kv: same pid") == 3
    assert left_over() == []


def test_stripped_beams_with_a_migration(helper: Helper, erl: Path, tmp_path: Path) -> None:
    """What our migration was put into cannot be told from the old code without debug info: its processes count."""
    old, new = build(tmp_path, Small(change=""))
    done = run("hook", old / "lib", new / "lib")
    assert "1 injected" in done.stdout, done.stderr
    stripping = (
        '[{ok, _} = beam_lib:strip_files(filelib:wildcard(D ++ "/lib/shop-*/ebin/*.beam"), ["Attr"])'
        " || D <- init:get_plain_arguments()], halt()."
    )
    subprocess.run(["erl", "-noinput", "-eval", stripping, "-extra", str(old), str(new)], check=True, timeout=60)
    answer = ran(helper, erl, (old, new))
    assert (answer.exit, codes(answer)) == (0, []), answer.diagnostics
    assert answer.text.count("kv: same pid") == 3


def test_a_root_and_a_tarball(helper: Helper, erl: Path, tmp_path: Path) -> None:
    """OLD as it runs, NEW as it is shipped."""
    old, new = build(tmp_path, Small(tars="bare"))
    answer = ran(helper, erl, (old, new / "small.tar.gz"))
    assert (answer.exit, codes(answer)) == (0, [])


@pytest.mark.parametrize("order", ["each", "together"])
def test_a_cluster(helper: Helper, erl: Path, tmp_path: Path, order: str) -> None:
    """Two connected nodes, upgraded one after the other, or at once as sync_nodes wants it."""
    sync = "" if order == "each" else "{apply, {global, sync, []}}, {sync_nodes, shop, {erlang, nodes, []}}, "
    small = Small(update=f"{sync}{UPDATE}" if sync else UPDATE)
    asked = Asked(nodes=2, order="together" if order == "together" else "each")
    answer = ran(helper, erl, build(tmp_path, small), asked)
    assert (answer.exit, codes(answer)) == (0, []), answer.diagnostics
    assert answer.text.count("kv: same pid") == 6


def test_a_long_name_whose_host_is_not_there(helper: Helper, erl: Path, tmp_path: Path) -> None:
    """The node keeps its real name: its host is looked up on this machine, and its peers are reached."""
    small = Small(vm_args="-name small@shop-7.example.invalid\n-setcookie x\n-heart\n+K true\n")
    load = Load("expression", "'small@shop-7.example.invalid' = node(), ['small2@shop-7.example.invalid'] = nodes()")
    answer = ran(helper, erl, build(tmp_path, small), Asked(nodes=2, load=load))
    assert (answer.exit, codes(answer)) == (0, []), answer.diagnostics


def test_a_load_that_is_an_escript(helper: Helper, erl: Path, tmp_path: Path) -> None:
    """It is given the node and its cookie, and ends when its input does."""
    script = tmp_path / "load.escript"
    script.write_text(SCRIPT)
    answer = ran(helper, erl, build(tmp_path / "r", Small()), Asked(load=Load("escript", str(script))))
    assert (answer.exit, codes(answer)) == (0, []), answer.diagnostics
    assert "under way\n" in answer.text
    assert " calls\n" in answer.text


def test_a_load_that_fails_meanwhile(helper: Helper, erl: Path, tmp_path: Path) -> None:
    """Calls that fail are counted, and the first is told in full; so is the crash that it causes."""
    load = Load("expression", "ok = kv:put(a, 1)")
    answer = ran(helper, erl, build(tmp_path, Small(update="{load_module, kv}")), Asked(load=load))
    assert answer.exit == 1
    assert {"M612", "M613", "M616"} <= set(codes(answer)), answer
    report = next(each for each in answer.diagnostics if each.code == "M613")
    assert "function_clause" in report.consequence or "no function clause" in report.consequence


@pytest.mark.parametrize("text", ["ok = (", "1 = 2"])
def test_a_load_that_cannot_be_used(helper: Helper, erl: Path, tmp_path: Path, text: str) -> None:
    """No expression, or one that fails already before the upgrade."""
    with pytest.raises(Refused) as refused:
        ran(helper, erl, build(tmp_path, Small()), Asked(load=Load("expression", text)))
    assert [each.code for each in refused.value.diagnostics] == ["M181"]
    assert left_over() == []


LISTENER = (
    "door",
    (
        "-module(door).\n-behaviour(gen_server).\n-export([start_link/0, init/1, handle_call/3, handle_cast/2]).\n"
        "start_link() -> gen_server:start_link({local, door}, door, [], []).\n"
        'init([]) -> Port = list_to_integer(application:get_env(shop, port, "0")),\n'
        "    {ok, S} = gen_tcp:listen(Port, []), {ok, S}.\n"
        "handle_call(_, _, S) -> {reply, ok, S}.\nhandle_cast(_, S) -> {noreply, S}.\n"
    ),
)


def test_a_port_that_is_in_use(helper: Helper, erl: Path, tmp_path: Path) -> None:
    """The release does not start; why, and what to type, is told. With --config and --env it does."""
    children = KV_CHILD + ", #{id => door, start => {door, start_link, []}}"
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        small = Small(
            children=(children, children),
            sources=((LISTENER,), (LISTENER,)),
            config=f'[{{shop, [{{port, "{port}"}}]}}].',
        )
        pair = build(tmp_path / "r", small)
        with pytest.raises(Refused) as refused:
            ran(helper, erl, pair)
        (told,) = refused.value.diagnostics
        assert told.code == "M182"
        assert "eaddrinuse" in told.consequence
        config = tmp_path / "mine.config"
        config.write_text('[{shop, [{port, "${PORT}"}]}].')
        answer = ran(helper, erl, pair, Asked(config=config, env=(("PORT", "0"),)))
    assert (answer.exit, codes(answer)) == (0, []), answer.diagnostics


def test_no_relup(helper: Helper, erl: Path, tmp_path: Path) -> None:
    """Without a relup nothing is started; the commands that make one are told."""
    old, new = build(tmp_path, Small(appup=""))
    (new / "releases" / "2" / "relup").unlink(missing_ok=True)
    with pytest.raises(Refused) as refused:
        ran(helper, erl, (old, new))
    (told,) = refused.value.diagnostics
    assert told.code == "M178"
    assert told.help == (f"migrator appup {old} {new} && migrator relup {old} {new}",)


def test_a_release_without_sasl(helper: Helper, erl: Path, tmp_path: Path) -> None:
    """Where sasl does not run there is no release_handler: that is what is told."""
    pair = build(tmp_path, Small())
    boot = pair[0] / "releases" / "1" / "start.boot"
    root = subprocess.run(
        ["erl", "-noinput", "-eval", "io:put_chars(code:root_dir()), halt()."],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    boot.write_bytes((Path(root) / "bin" / "start_clean.boot").read_bytes())
    with pytest.raises(Refused) as refused:
        ran(helper, erl, pair)
    assert [each.code for each in refused.value.diagnostics] == ["M180"]


def _command(pair: tuple[Path, Path], *options: str) -> list[str]:
    program = "from migrator.cli import main; main()"
    return [sys.executable, "-c", program, "rehearse", *map(str, pair), *options]


def test_json(tmp_path: Path) -> None:
    """One document on stdout, with every process of every step."""
    pair = build(tmp_path, Small())
    done = subprocess.run(_command(pair, "--format", "json"), capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    steps = json.loads(done.stdout)["steps"]
    assert [step["direction"] for step in steps] == ["up", "down", "up again"]
    (process,) = steps[0]["processes"]
    assert (process["name"], process["same_pid"], process["converted"]) == ("kv", True, True)
    assert (process["before"]["size"], process["after"]["size"]) == (2, 3)
    assert 0 < process["suspended"] < 5


def test_keep(tmp_path: Path) -> None:
    """The node runs on and answers who connects as it was told; the printed command ends all of it."""
    pair = build(tmp_path, Small())
    asked = _command(pair, "--keep", "--format", "json")
    done = subprocess.run(asked, capture_output=True, text=True, check=False, timeout=120)
    (kept,) = json.loads(done.stdout)["kept"]
    try:
        look = kept["connect"].replace(f"-remsh {kept['node']}", "-noinput")
        call = f"""{look} -eval "io:format(\\"~p\\", [rpc:call('{kept["node"]}', sys, get_state, [kv])]), halt()." """
        seen = subprocess.run(["sh", "-c", call], capture_output=True, text=True, check=False, timeout=60)
        assert seen.stdout == "{state,#{},0}", seen.stderr
    finally:
        subprocess.run(["sh", "-c", kept["stop"]], check=False, timeout=60)
    assert not Path(kept["folder"]).exists()


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_whatever_ends_it_nothing_is_left(tmp_path: Path, how: signal.Signals) -> None:
    """Ctrl-C, a kill and a kill -9: nodes, epmd and folder are gone."""
    pair = build(tmp_path / "r", Small())
    place = tmp_path / "t"
    place.mkdir()
    process = subprocess.Popen(
        _command(pair, "--load", "ok = kv:put(a, 1), receive after 60000 -> ok end", "--limit", "300"),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=os.environ | {"TMPDIR": str(place)},
    )
    assert process.stderr is not None
    assert process.stderr.readline().startswith(b"booting")
    (folder,) = place.glob("migrator-rehearsal-*")
    reaper = next(pid for pid, command in _commands() if "while read -r pid" in command and str(folder) in command)
    handle = os.pidfd_open(reaper)
    process.send_signal(how)
    process.wait(60)
    # The reaper is the last to go.
    import select  # noqa: PLC0415 - only here

    assert select.select([handle], [], [], 60)[0] == [handle]
    os.close(handle)
    assert [command for _, command in _commands() if str(folder) in command] == []
    assert list(place.glob("migrator-rehearsal-*")) == []


def test_no_room_for_a_copy(erl: Path, tmp_path: Path) -> None:
    """Where the release cannot be copied for want of room that is told, with the first file that was too much."""
    old, _ = build(tmp_path / "r", Small())
    erlang, limits = erlang_at(erl), resource.getrlimit(resource.RLIMIT_FSIZE)
    with opened(old) as release:
        resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, limits[1]))
        try:
            with pytest.raises(EnvironmentFault) as fault:
                stage(release, 1, tmp_path / "n", erlang, Asked(), "cookie")
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert (fault.value.reason, fault.value.path) == ("no_room", tmp_path / "n")
    assert fault.value.detail.startswith("[Errno 27] ")
    assert "\n" not in fault.value.detail


def test_no_room_to_read_a_tarball(tmp_path: Path) -> None:
    """Where a tarball cannot be unpacked for want of room that is told in a line, exit 5, and nothing is left."""
    pair = build(tmp_path / "r", Small(tars="erts"))
    pair = (pair[0] / "small.tar.gz", pair[1] / "small.tar.gz")
    place = tmp_path / "t"
    place.mkdir()
    done = subprocess.run(
        ["sh", "-c", 'ulimit -f 850; exec "$@"', "sh", *_command(pair)],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        env=os.environ | {"TMPDIR": str(place)},
    )
    assert (done.returncode, list(place.iterdir())) == (5, []), done.stderr
    assert done.stderr.startswith(f"error[M205] no room on the disk: {place}/migrator-")
    assert len(done.stderr.splitlines()) == 3


def test_a_configuration_with_variables_comes_first(helper: Helper, erl: Path, tmp_path: Path) -> None:
    """A sys.config beside its source is what an earlier start made of it: relx's start script makes it anew."""
    old, new = build(tmp_path, Small(config='[{shop, [{port, "stale"}]}].'))
    for number, root in ((1, old), (2, new)):
        (root / "releases" / str(number) / "sys.config.src").write_text('[{shop, [{port, "${PORT}"}]}].')
    load = Load("expression", '{ok, "7"} = application:get_env(shop, port)')
    steps = ran(helper, erl, (old, old.parent / "v2"), Asked(load=load, env=(("PORT", "7"),)))
    assert "M181" not in codes(steps)


def test_config_providers(helper: Helper, erl: Path, tmp_path: Path) -> None:
    """release_handler asks no config providers of Elixir: that what they gave is gone after the upgrade is told."""
    answer = ran(helper, erl, build(tmp_path, Small(config="[{elixir, [{config_provider_init, #{}}]}].")))
    assert (answer.exit, codes(answer)) == (0, ["M444"])
    assert "what config providers, as runtime.exs, gave at the start is taken back" in message(answer, "M444")


def test_a_load_that_ends_the_node(helper: Helper, erl: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A node that ends before any upgrade is told as such; where none runs nothing is kept."""
    place = tmp_path / "t"
    place.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(place))
    answer = ran(helper, erl, build(tmp_path / "r", Small()), Asked(load=Load("expression", "halt(3)"), after="kept"))
    assert (answer.exit, codes(answer)) == (1, ["M618"])
    assert [*place.glob("migrator-rehearsal-*"), *left_over()] == []


def _commands() -> list[tuple[int, str]]:
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            found.append((int(path.parent.name), path.read_bytes().replace(b"\0", b" ").decode(errors="replace")))
        except OSError:
            continue
    return [each for each in found if each[0] != os.getpid()]


def test_messages_name_the_module(helper: Helper, erl: Path, tmp_path: Path) -> None:
    """The headline of a failure stands alone."""
    answer = ran(helper, erl, build(tmp_path, Small(change="code_change(_, _, _) -> nope.")))
    assert message(answer, "M615").startswith("the upgrade 1 -> 2 failed: code_change of kv answered nope")
