"""A release that rebar3 builds: its relup and its tarball are made here, and its own release_handler installs them."""

from __future__ import annotations

import os
import shutil
import subprocess
import tarfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from migrator.cli import command
from tests.support.beams import compile_file

if TYPE_CHECKING:
    from collections.abc import Sequence

SUPPORT = Path(__file__).parent / "support"

_CONFIG = """
{erl_opts, [debug_info]}.
{relx, [
    {release, {shop, "VSN"}, [shop, sasl]}, {mode, prod}, {debug_info, keep}, {include_erts, true},
    {extended_start_script, true}, {sys_config, "config/sys.config"}, {vm_args, "config/vm.args"},
    {overlay, [{copy, "config/sys.config", "etc/shop.conf"}]}
]}.
"""
_APPLICATION = """
{application, shop, [{description, ""}, {vsn, "VSN"}, {registered, []}, {mod, {shop_app, []}},
    {applications, [kernel, stdlib]}, {env, []}, {modules, []}]}.
"""
_APP = """
-module(shop_app).
-behaviour(application).
-behaviour(supervisor).
-export([start/2, stop/1, init/1]).
start(_, _) -> supervisor:start_link({local, shop_sup}, ?MODULE, []).
stop(_) -> ok.
init([]) -> {ok, {{one_for_one, 1, 5}, [{kv, {kv, start_link, []}, permanent, 1000, worker, [kv]}]}}.
"""
_KV = """
-module(kv).
-behaviour(gen_server).
-export([start_link/0, init/1, handle_call/3, handle_cast/2, code_change/3]).
start_link() -> gen_server:start_link({local, ?MODULE}, ?MODULE, [], []).
init([]) -> {ok, {state, VSN}}.
handle_call(get, _, State) -> {reply, State, State}.
handle_cast(_, State) -> {noreply, State}.
code_change({down, _}, {state, From, _}, _) -> {ok, {state, From}};
code_change(_, {state, From}, _) -> {ok, {state, From, VSN}};
code_change(_, {state, From, _}, _) -> {ok, {state, From, VSN}}.
"""
_INSTRUCTIONS = "[{update, kv, {advanced, []}}]"
_APPUP = '{"3", [{<<"[12]">>, WAY}], [{<<"[12]">>, WAY}]}.\n'.replace("WAY", _INSTRUCTIONS)


def _rebar3(folder: Path, *arguments: str) -> None:
    # A home of its own: a user's global plugins are not part of the test, and nothing is to be fetched.
    environment = os.environ | {"HOME": str(folder), "REBAR_CACHE_DIR": str(folder / "cache")}
    done = subprocess.run(
        ["rebar3", *arguments], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def _version(folder: Path, vsn: str) -> None:
    """The sources of a version."""
    for name, text in {
        "rebar.config": _CONFIG,
        "src/shop.app.src": _APPLICATION,
        "src/shop_app.erl": _APP,
        "src/kv.erl": _KV,
        "config/sys.config": "[].\n",
        "config/vm.args": "-sname shop\n",
    }.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.replace("VSN", vsn))


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The release root of a project with the versions 1, 2 and 3 in it; its build folder has the appup of 3."""
    if shutil.which("rebar3") is None:
        pytest.skip("no rebar3 on the PATH")
    folder = tmp_path_factory.mktemp("project")
    for vsn in ("1", "2", "3"):
        _version(folder, vsn)
        # rebar3 compares whole seconds: versions of one second would be one.
        shutil.rmtree(folder / "_build" / "default" / "lib", ignore_errors=True)
        _rebar3(folder, "release")
    (folder / "_build/default/lib/shop/ebin/shop.appup").write_text(_APPUP)
    return folder / "_build" / "default" / "rel" / "shop"


def _relup(*arguments: object) -> str:
    done = CliRunner().invoke(command, ["relup", *map(str, arguments)])
    assert (done.exit_code, done.stderr.removeprefix("nothing changed\n")) == (0, "")
    return done.stdout


def _made(root: Path, *arguments: object) -> Path:
    """The tarball of version 3, which leads from versions 1 and 2."""
    lib = root.parent.parent / "lib"
    _relup(f"{root}@1", f"{root}@2", f"{root}@3", "--tar", "--appups", lib, *arguments)
    return root / "shop-3.tar.gz"


def _boot(installed: Path, vsn: str, code: Path, call: Sequence[str]) -> str:
    """What a release prints that is started with `live_relup`; without distribution, so that nothing is in its way."""
    (erts,) = installed.glob("erts-*")
    done = subprocess.run(
        [
            *(str(erts / "bin" / "erlexec"), "-noinput", "-boot", str(installed / "releases" / vsn / "start")),
            *("-mode", "embedded", "-boot_var", "ERTS_LIB_DIR", str(installed / "lib")),
            *("-config", str(installed / "releases" / vsn / "sys.config")),
            # In embedded mode nothing is loaded on demand.
            *("-eval", f'code:load_abs("{code}"), live_relup:main([{", ".join(map(repr, call))}])'),
        ],
        env={
            **{key: value for key, value in os.environ.items() if not key.startswith("ERL_")},
            "ROOTDIR": str(installed),
            "BINDIR": str(erts / "bin"),
            "EMU": "beam",
            "PROGNAME": "erl",
            "RELDIR": str(installed / "releases"),
        },
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.splitlines()[-1]


@pytest.mark.parametrize("old", ["1", "2"])
def test_release_handler_installs_it_from_each_version(root: Path, tmp_path: Path, old: str) -> None:
    """Up and down again: the same process, its state converted by the new code."""
    tarball = _made(root)
    installed = tmp_path / "installed"
    _install(root, old, installed)
    shutil.copy(tarball, installed / "releases" / "shop-3.tar.gz")
    # unpack_release wants the tarball's name to be that of the .rel.
    (installed / "releases" / "shop-3.tar.gz").rename(installed / "releases" / "shop.tar.gz")
    code = compile_file(SUPPORT / "live_relup.erl", tmp_path / "code").with_suffix("")
    assert _boot(installed, old, code, (old, "3", "shop")) == (
        f"{{true,{{state,{old}}},{{state,{old},3}},{{state,{old}}}}}"
    )


def _install(root: Path, vsn: str, installed: Path) -> None:
    """A machine on which that version alone was unpacked."""
    shutil.copytree(root, installed, ignore=lambda _, names: [each for each in names if each.endswith(".tar.gz")])
    for other in {"1", "2", "3"} - {vsn}:
        shutil.rmtree(installed / "releases" / other)
        shutil.rmtree(installed / "lib" / f"shop-{other}")
    (installed / "releases" / "RELEASES").unlink(missing_ok=True)
    names = ", ".join(
        f'{{{name}, "{each}", "{installed / "lib"}"}}'
        for name, _, each in (path.name.partition("-") for path in sorted((installed / "lib").iterdir()))
    )
    program = (
        f'ok = release_handler:create_RELEASES("{installed}", "{installed / "releases"}",'
        f' "{installed / "releases" / vsn / "shop.rel"}", [{names}]), halt().'
    )
    subprocess.run(["erl", "-noinput", "-eval", program], check=True)


def test_the_tarball_has_what_relx_packs(root: Path) -> None:
    """The same files as `rebar3 tar` packs, and among them the relup; nothing of other versions."""
    # rebar3 puts the build folder's appups into the release before it packs; systools of OTP 29 packs them.
    project = root.parent.parent.parent.parent
    shutil.copy(project / "_build/default/lib/shop/ebin/shop.appup", root / "lib/shop-3/ebin")
    tarball = _made(root)
    with tarfile.open(tarball) as tar:
        ours = {member.name: member.mode for member in tar}
        # Packed with the relup that stands in the release root.
        assert tar.extractfile("releases/3/relup") is not None
    tarball.unlink()
    _rebar3(project, "tar")
    with tarfile.open(tarball) as tar:
        theirs = {member.name: member.mode & 0o777 for member in tar if member.isreg()}
        relup = tar.extractfile("releases/3/relup")
        assert relup is not None
        assert relup.read() == (root / "releases" / "3" / "relup").read_bytes()
    # relx leaves out the text of the boot file and the compilers; what stands in the root was meant to be there.
    (erts,) = root.glob("erts-*")
    more = {"releases/3/start.script"} | {f"{erts.name}/bin/{name}" for name in ("ct_run", "dialyzer", "erlc", "typer")}
    assert {name: mode for name, mode in ours.items() if name not in more} == theirs
    assert more >= ours.keys() - theirs.keys()


def test_the_same_bytes_anywhere(root: Path, tmp_path: Path) -> None:
    """A tarball does not tell when, where, or by whom it was made."""
    one = _made(root).read_bytes()
    copied = tmp_path / "elsewhere"
    shutil.copytree(root, copied, copy_function=shutil.copy)
    (copied / "shop-3.tar.gz").unlink()
    lib = root.parent.parent / "lib"
    _relup(f"{root}@2", f"{root}@1", f"{copied}@3", "--tar-file", tmp_path / "t.tgz", "--appups", lib)
    _relup(f"{root}@1", f"{root}@2", f"{copied}@3", "--tar-file", tmp_path / "u.tgz", "--appups", lib)
    assert (tmp_path / "u.tgz").read_bytes() == one


def test_a_tarball_is_packed_again(root: Path, tmp_path: Path) -> None:
    """NEW may be a tarball: all in it stays as it is, and the relup is put into it."""
    lib = root.parent.parent / "lib"
    made = _made(root)
    plain = tmp_path / "shop-3.tar.gz"
    _without_relup(made, plain)
    _relup(f"{root}@1", f"{root}@2", plain, "--tar", "--appups", lib)
    with tarfile.open(made) as one, tarfile.open(plain) as other:
        before = {member.name: (member.mode, member.size) for member in one}
        after = {member.name: (member.mode, member.size) for member in other}
        assert after == before
    first = plain.read_bytes()
    _relup(f"{root}@1", f"{root}@2", plain, "--tar", "--appups", lib)
    assert plain.read_bytes() == first


def _without_relup(source: Path, target: Path) -> None:
    with tarfile.open(source) as one, tarfile.open(target, "w:gz") as other:
        for member in one:
            if not member.name.endswith("/relup"):
                other.addfile(member, one.extractfile(member))


_MIX = """
defmodule Shop.MixProject do
  use Mix.Project
  def project, do: [app: :shop, version: "VSN", deps: [], releases: [shop: [include_executables_for: [:unix]]]]
  def application, do: [extra_applications: [:sasl]]
end
"""


def test_a_release_of_mix(tmp_path: Path) -> None:
    """OTP reads its .rel; the tarball has what mix puts beside applications, and what release_handler looks for."""
    if shutil.which("mix") is None:
        pytest.skip("no mix on the PATH")
    environment = os.environ | {"MIX_ENV": "prod", "HOME": str(tmp_path)}
    (tmp_path / "lib").mkdir()
    for vsn in ("0.1.0", "0.2.0"):
        (tmp_path / "mix.exs").write_text(_MIX.replace("VSN", vsn))
        (tmp_path / "lib" / "shop.ex").write_text(f'defmodule Shop do\n  def vsn, do: "{vsn}"\nend\n')
        shutil.rmtree(tmp_path / "_build" / "prod" / "lib", ignore_errors=True)
        done = subprocess.run(
            ["mix", "release", "--quiet", "--path", vsn],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
    way = "[{load_module, 'Elixir.Shop'}]"
    (tmp_path / "0.2.0/lib/shop-0.2.0/ebin/shop.appup").write_text(
        f'{{"0.2.0", [{{"0.1.0", {way}}}], [{{"0.1.0", {way}}}]}}.\n'
    )
    _relup("--tar", tmp_path / "0.1.0", tmp_path / "0.2.0")
    with tarfile.open(tmp_path / "0.2.0" / "shop-0.2.0.tar.gz") as tar:
        names = set(tar.getnames())
    assert names >= {
        *("bin/shop", "releases/shop.rel", "releases/COOKIE", "releases/start_erl.data"),
        *(f"releases/0.2.0/{name}" for name in ("relup", "shop.rel", "env.sh", "vm.args", "sys.config", "start.boot")),
        *("releases/0.2.0/consolidated/Elixir.Enumerable.beam", "lib/shop-0.2.0/ebin/Elixir.Shop.beam"),
    }
