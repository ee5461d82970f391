"""No command that reads beams runs a byte of them, or of anything else that lies where it is started."""

from __future__ import annotations

import os
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.support.cases import command_line, contents, environment, rewrite, server

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.cases import Bench

pytest_plugins = ["tests.support.bench"]

# Whatever of it runs makes a file, in a folder that nothing else knows.
MARK = 'mark(Name) -> file:write_file("{marks}/" ++ Name, <<>>), ok.'
HOSTILE = (
    """
-on_load(loaded/0).
-compile({{parse_transform, {transform}}}).
loaded() -> mark("on_load"), erlang:load_nif("{marks}/none", 0), ok.
"""
    + MARK
)
# A module of that name that leaves its mark when it is loaded.
SHADOW = (
    """
-module({name}).
-on_load(loaded/0).
-export([parse_transform/2, core_transform/2, debug_info/4, start/0, after_compile/1]).
loaded() -> mark("{name}").
start() -> mark("{name} started").
parse_transform(Forms, _) -> mark("{name} transformed"), Forms.
core_transform(Core, _) -> mark("{name} transformed core"), Core.
debug_info(_, _, _, _) -> mark("{name} made debug info"), {{error, none}}.
after_compile(_) -> mark("{name} after").
"""
    + MARK
)
# Erlang loads these when they are first called; all of them are called while beams are read, compiled and compared.
SHADOWED = (
    *("beam_lib", "beam_disasm", "erl_scan", "erl_parse", "erl_lint", "erl_expand_records", "compile", "sys_core_fold"),
    *("zlib", "inet_config", "user_sup", "systools", "systools_make", "release_handler", "migrator_bounds", "crypto"),
)


@pytest.fixture(scope="session")
def shadows(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A folder full of beams that are called like OTP's and ours, and the folder of their marks."""
    home = tmp_path_factory.mktemp("shadowed")
    marks, place = home / "marks", home / "ebin"
    marks.mkdir()
    place.mkdir()
    sources = home / "sources"
    sources.mkdir()
    for name in (*SHADOWED, "evil"):
        (sources / f"{name}.erl").write_text(SHADOW.format(name=name, marks=marks), encoding="utf-8")
    names = [f"{name}.erl" for name in (*SHADOWED, "evil")]
    subprocess.run(["erlc", "-o", str(place), *names], check=True, cwd=sources, capture_output=True)
    return place, marks


@pytest.fixture
def releases(bench: Bench, shadows: tuple[Path, Path]) -> tuple[Path, Path]:
    """Two releases with a server that would leave a mark in every way in which a module can."""
    place, marks = shadows
    hostile = HOSTILE.format(marks=marks, transform="evil")
    roots = []
    for vsn, fields in (("1", "a"), ("2", "a, b = 5")):
        ebin = f"{vsn}/lib/shop-{vsn}/ebin"
        plain = hostile.replace("-compile({parse_transform, evil}).", "")
        beam = bench.compile(server(fields, plain, vsn=f'"{vsn}"'), ebin)
        # As if it had been compiled with them: attributes, and options in debug info that the compiler would heed.
        rewrite(
            bench,
            beam,
            "Dbgi",
            "begin {_, Kind, {[First, Second | Others], Options}} = Term, {debug_info_v1, Kind, {[First, Second,"
            " {attribute, 1, compile, {parse_transform, evil}},"
            " {attribute, 1, compile, [{debug_info, {evil, x}}]} | Others],"
            " [{parse_transform, evil}, {debug_info, {evil, x}}, {after_compile, evil}, 'S', 'E', 'P', dcore, to_pp,"
            f' makedep, {{listing, "{marks}/listing"}}, {{outdir, "{marks}"}}, {{makedep_output, "{marks}/dep"}},'
            f' {{i, "{place}"}}'
            " | Options]}} end",
        )
        (bench.folder / ebin / "m.erl").unlink()
        (bench.folder / ebin / "shop.app").write_text(
            f'{{application, shop, [{{vsn, "{vsn}"}}, {{modules, [m]}}, {{registered, []}}, {{mod, {{m, []}}}},'
            " {applications, [kernel, stdlib]}]}.\n",
            encoding="utf-8",
        )
        roots.append(bench.folder / vsn / "lib")
    return roots[0], roots[1]


COMMANDS = {
    "scan": ("scan", "{new}"),
    "preview": ("preview", "{old}", "{new}"),
    "check": ("check", "{old}", "{new}"),
    "inspect": ("inspect", "{new}/shop-2/ebin/m.beam"),
    "lock": ("lock", "{new}", "-o", "{out}"),
    "inject": ("inject", "--dry-run", "{old}/shop-1/ebin/m.beam", "{new}/shop-2/ebin/m.beam"),
    "appup": ("appup", "{old}", "{new}"),
    "hook": ("hook", "{old}", "{new}"),
}


@pytest.mark.parametrize("command", COMMANDS)
def test_nothing_runs(releases: tuple[Path, Path], shadows: tuple[Path, Path], tmp_path: Path, command: str) -> None:
    """Started among beams called like OTP's, with all that Erlang heeds in HOME and its variables: no mark is left."""
    old, new = releases
    place, marks = shadows
    home = tmp_path / "home"
    (home / ".config" / "erlang").mkdir(parents=True)
    here = tmp_path / "here"
    shutil.copytree(place, here)
    line = f'file:write_file("{marks}/dot_erlang", <<>>).\n'
    for path in (home / ".erlang", home / ".config" / "erlang" / ".erlang", here / ".erlang"):
        path.write_text(line, encoding="utf-8")
    flags = f"-pa {place} -s evil start"
    cache = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")  # noqa: PTH111 - before HOME changes
    changes = {
        "HOME": str(home),
        "XDG_CACHE_HOME": cache,
        **dict.fromkeys(("ERL_FLAGS", "ERL_AFLAGS", "ERL_ZFLAGS", "ERL_COMPILER_OPTIONS"), flags),
        "ERL_COMPILER_OPTIONS": "[{parse_transform, evil}]",
        "ERL_LIBS": str(place.parent),
    }
    arguments = [each.format(old=old, new=new, out=tmp_path / "a.lock") for each in COMMANDS[command]]
    before = contents(here)
    done = subprocess.run(
        command_line(*arguments), env=environment(**changes), cwd=here, capture_output=True, text=True, check=False
    )
    assert "Traceback" not in done.stderr
    assert (done.returncode, sorted(path.name for path in marks.iterdir())) == (0, []), done.stderr
    assert contents(here) == before
    assert not list(tmp_path.rglob("erl_crash.dump"))


def test_the_marks_work(shadows: tuple[Path, Path], tmp_path: Path) -> None:
    """An Erlang that has their folder first in its path runs them: what the other test looks for can be."""
    place, marks = shadows
    # The others of them would keep Erlang from starting at all.
    for name in ("evil", "systools"):
        shutil.copy(place / f"{name}.beam", tmp_path)
    command = ["erl", "-noinput", "-pa", ".", "-eval", "catch evil:start(), catch systools:start(), halt()."]
    subprocess.run(command, cwd=tmp_path, check=False, capture_output=True)
    found = sorted(path.name for path in marks.iterdir())
    for path in marks.iterdir():
        path.unlink()
    assert found == ["evil", "evil started", "systools", "systools started"]
