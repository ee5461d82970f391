"""Two versions of a small release, built as systools does: an application with a supervisor and its servers."""

from __future__ import annotations

import dataclasses
import shutil
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from tests.support.beams import compile_file

if TYPE_CHECKING:
    from collections.abc import Callable

SUPPORT = Path(__file__).parent
_OTP = ("kernel", "stdlib", "sasl")

APP = """\
-module(shop_app).
-behaviour(application).
-behaviour(supervisor).
-export([start/2, stop/1, init/1]).
start(_, _) -> supervisor:start_link({local, shop_sup}, ?MODULE, []).
stop(_) -> ok.
init(_) -> {ok, {#{intensity => 5, period => 10}, [CHILDREN]}}.
"""
KV_CHILD = "#{id => kv, start => {kv, start_link, []}, modules => [kv]}"

KV = """\
-module(kv).
-vsn("VSN").
-behaviour(gen_server).
-export([start_link/0, put/2, get/1]).
-export([init/1, handle_call/3, handle_cast/2, handle_info/2, code_change/3]).
-record(state, {FIELDS}).
-state_record(state).
start_link() -> gen_server:start_link({local, kv}, kv, [], []).
put(Key, Value) -> gen_server:call(kv, {put, Key, Value}).
get(Key) -> gen_server:call(kv, {get, Key}).
init([]) -> {ok, #state{}}.
handle_call({put, Key, Value}, _, #state{values = Values} = State) ->
    {reply, ok, State#state{values = Values#{Key => Value}}};
handle_call({get, Key}, _, #state{values = Values} = State) -> {reply, maps:get(Key, Values, none), State};
handle_call({busy, Milliseconds}, From, State) ->
    gen_server:reply(From, ok),
    receive never -> ok after Milliseconds -> ok end,
    {noreply, State}.
handle_cast(_, State) -> {noreply, State}.
handle_info(_, State) -> {noreply, State}.
CHANGE
"""
FIELDS_1 = "values = #{}"
FIELDS_2 = "values = #{}, hits = 0"
CHANGE_1 = "code_change(_, State, _) -> {ok, State}."
CHANGE_2 = """\
code_change({down, _}, {state, Values, _}, _) -> {ok, {state, Values}};
code_change(_, {state, Values}, _) -> {ok, {state, Values, 0}}.
"""
APPUP = '{"2", [{"1", [UPDATE]}], [{"1", [UPDATE]}]}.\n'
UPDATE = "{update, kv, {advanced, []}}"


@dataclass(frozen=True)
class Small:
    """What a small release is made of; `sources` are further modules, by version."""

    change: str = CHANGE_2
    update: str = UPDATE
    children: tuple[str, str] = (KV_CHILD, KV_CHILD)
    sources: tuple[tuple[tuple[str, str], ...], tuple[tuple[str, str], ...]] = ((), ())
    appup: str | None = None
    vm_args: str = "-sname small"
    config: str = "[]."
    tars: Literal["none", "bare", "erts"] = "none"
    apps: tuple[str, ...] = _OTP


def build(folder: Path, small: Small, second: Callable[[str], str] = str) -> tuple[Path, Path]:
    """Builds both versions; their release roots, beside which the tarballs lie inside them as `small.tar.gz`.

    `second` makes the source of the second `kv` of what it would be.
    """
    for number, fields, change in ((1, FIELDS_1, CHANGE_1), (2, FIELDS_2, small.change)):
        root = folder / f"v{number}"
        library = root / "lib" / f"shop-{number}"
        sources = {
            "shop_app": APP.replace("CHILDREN", small.children[number - 1]),
            "kv": (second if number == 2 else str)(_kv(number, fields, change)),
            **dict(small.sources[number - 1]),
        }
        names = ", ".join(sources)
        for name, text in sources.items():
            _write(library / "src" / f"{name}.erl", text)
        _write(
            library / "ebin" / "shop.app",
            f'{{application, shop, [{{description, "a shop"}}, {{vsn, "{number}"}}, {{modules, [{names}]}},'
            " {registered, [kv]}, {applications, [kernel, stdlib, sasl]}, {mod, {shop_app, []}}]}.\n",
        )
        releases = root / "releases" / str(number)
        apps = ", ".join(f'{{{name}, "{vsn}"}}' for name, vsn in _versions(small.apps))
        _write(
            releases / "small.rel",
            f'{{release, {{"small", "{number}"}}, {{erts, "{_erts()}"}}, [{apps}, {{shop, "{number}"}}]}}.\n',
        )
        _write(releases / "sys.config", small.config)
        _write(releases / "vm.args", small.vm_args)
    appup = APPUP.replace("UPDATE", small.update) if small.appup is None else small.appup
    if appup:
        _write(folder / "v2" / "lib" / "shop-2" / "ebin" / "shop.appup", appup)
    done = subprocess.run(
        ["erl", "-noinput", "-pa", str(_builder()), "-run", "live_small", "main", str(folder), small.tars],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return folder / "v1", folder / "v2"


def _kv(number: int, fields: str, change: str) -> str:
    text = KV if change else KV.replace(", code_change/3]", "]")
    return text.replace("VSN", str(number)).replace("FIELDS", fields).replace("CHANGE", change)


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


@cache
def _root() -> Path:
    asked = ["erl", "-noinput", "-eval", "io:put_chars(code:root_dir()), halt()."]
    return Path(subprocess.run(asked, capture_output=True, text=True, check=True, timeout=60).stdout)


@cache
def _erts() -> str:
    return next(path.name.removeprefix("erts-") for path in sorted(_root().glob("erts-*")))


def _versions(apps: tuple[str, ...]) -> list[tuple[str, str]]:
    return [(name, next((_root() / "lib").glob(f"{name}-[0-9]*")).name.removeprefix(f"{name}-")) for name in apps]


@cache
def _builder() -> Path:
    """The folder with the builder's beam, compiled once for a run."""
    import atexit  # noqa: PLC0415 - only here
    import tempfile  # noqa: PLC0415 - only here

    place = Path(tempfile.mkdtemp(prefix="migrator-small-"))
    atexit.register(shutil.rmtree, place, ignore_errors=True)
    compile_file(SUPPORT / "live_small.erl", place)
    return place


def main(arguments: list[str]) -> None:
    """`shop NAME=VALUE…`: builds `v1` and `v2` in the current folder.

    A name is a field of `Small`; or `new_children`, those of the new supervisor; or else a module, with its source, in
    which VSN stands for the version.
    """
    given = dict(each.split("=", 1) for each in arguments)
    fields = {each.name for each in dataclasses.fields(Small)}
    children = given.pop("children", KV_CHILD)
    small = Small(**{name: value for name, value in given.items() if name in fields})  # type: ignore[arg-type]
    modules = {name: text for name, text in given.items() if name not in fields | {"new_children"}}
    one, two = (tuple((name, text.replace("VSN", vsn)) for name, text in modules.items()) for vsn in "12")
    pair = (children, given.get("new_children", children))
    build(Path.cwd(), dataclasses.replace(small, children=pair, sources=(one, two)))
