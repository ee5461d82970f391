"""relx without rebar3: its own functions, as rebar3's archive carries them, called from a script."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support.carried import carried
from tests.support.projects import start_project
from tests.support.releases import App, make_app

if TYPE_CHECKING:
    from tests.support.node import Node
    from tests.support.projects import Project

KV = """-module(kv).
-behaviour(gen_server).
-vsn("{vsn}").
-export([start_link/0, init/1, handle_call/3, handle_cast/2]).
-record(state, {{{fields}}}).
-state_record(state).
start_link() -> gen_server:start_link({{local, kv}}, kv, [], []).
init([]) -> {{ok, #state{{}}}}.
handle_call(get, _, State) -> {{reply, State, State}}.
handle_cast(_, State) -> {{noreply, State}}.
"""
SUP = """-module(shop_sup).
-behaviour(supervisor).
-behaviour(application).
-export([start/2, stop/1, init/1]).
start(_, _) -> supervisor:start_link({local, ?MODULE}, ?MODULE, []).
stop(_) -> ok.
init([]) -> {ok, {#{}, [#{id => kv, start => {kv, start_link, []}}]}}.
"""
RELX = """#!/usr/bin/env escript
%%! -noshell
main([Archive, Lib, Vsn]) ->
    {ok, Sections} = escript:extract(Archive, []),
    {archive, Content} = lists:keyfind(archive, 1, Sections),
    {ok, _} = zip:unzip(Content, [{cwd, "relx"}]),
    [code:add_patha(Ebin) || Ebin <- filelib:wildcard("relx/*/ebin")],
    {ok, _} = application:ensure_all_started(relx),
    Config = [{release, {shop, Vsn}, [shop, sasl]}, {dev_mode, false}, {include_erts, false}, {output_dir, "out"},
              {base_dir, "."}, {lib_dirs, [Lib]}],
    {ok, _} = relx:build_release(#{name => shop, vsn => Vsn}, Config),
    {ok, _} = relx:build_tar(#{name => shop, vsn => Vsn}, Config).
"""


def _built(project: Project, vsn: str, fields: str) -> Path:
    """The `lib` folder of a version, compiled and not yet released."""
    lib = project.folder / f"lib-{vsn}"
    make_app(lib, App("shop", vsn, {"kv": KV.format(vsn=vsn, fields=fields), "shop_sup": SUP}), "shop")
    described = lib / "shop" / "ebin" / "shop.app"
    described.write_text(described.read_text().replace("{registered", "{mod, {shop_sup, []}}, {registered"))
    (project.folder / "relx.escript").write_text(RELX)
    return lib


def test_relx_by_itself(tmp_path: Path, node: Node) -> None:
    """With the hook and the appup before relx, release, relup and tarball carry them, and an upgrade loses nothing."""
    rebar3 = shutil.which("rebar3")
    if rebar3 is None or b"PK\x03\x04" not in Path(rebar3).read_bytes():
        pytest.skip("no rebar3 with relx in its archive on the PATH")
    project = start_project(tmp_path)
    relx = ("escript", "relx.escript", rebar3)
    old = _built(project, "1.0.0", "name = shop")
    project.run(*relx, old.name, "1.0.0")
    new = _built(project, "2.0.0", "name = shop, hits = 0")
    project.run("migrator", "hook", "out/shop", new.name)
    project.run("migrator", "appup", "out/shop", new.name)
    project.run(*relx, new.name, "2.0.0")
    project.run("migrator", "relup", "out/shop@1.0.0", "out/shop@2.0.0", "--tar")
    said = project.run("migrator", "rehearse", "out/shop@1.0.0", "out/shop@2.0.0")
    assert "nothing was lost" in said
    assert carried(project.folder / "out" / "shop" / "shop-2.0.0.tar.gz", {"shop"}, node) == {"kv": 1}
