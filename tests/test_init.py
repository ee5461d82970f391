"""`migrator init`: what it finds in a project, what it writes, and that what was there stays."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from migrator.terms import Atom, text_of
from migrator.termtext import parse_terms
from tests.support.beams import compile_file
from tests.support.cases import ROOT

if TYPE_CHECKING:
    from migrator.terms import Term

MIGRATOR = Path(sys.executable).parent / "migrator"
COMMAND = "migrator hook states.lock $REBAR_BUILD_DIR/lib"
RELX = '{relx, [{release, {shop, "1.0.0"}, [shop]}]}.\n'
# Each is a rebar.config that people have, and where the hooks come.
CONFIGS = {
    "empty": ("", "edit"),
    "no hooks": ("%% ours\n{erl_opts, [debug_info]}.  % kept\n" + RELX, "edit"),
    "no newline at its end": (RELX.rstrip(), "edit"),
    "an empty list": ("{pre_hooks, [ ]}.\n" + RELX, "edit"),
    "a list on its line": ('{pre_hooks, [{compile, "make -C c_src"}, {clean, "x"}]}.\n', "edit"),
    "a list on lines of its own": ('{pre_hooks, [\n  %% c\n  {"linux", compile, "make"} % why\n]}.\n', "edit"),
    "umlauts": ("%% größer\n" + RELX, "edit"),
    "another hook of release": ('{pre_hooks, [{release, "sh prepare.sh"}]}.\n', "paste"),
    "a hook in a profile": ('{profiles, [{prod, [{pre_hooks, [{tar, "sh x.sh"}]}]}]}.\n', "paste"),
    "one of ours": (f'{{pre_hooks, [{{release, "{COMMAND}"}}]}}.\n', "paste"),
    "two lists": ("{pre_hooks, []}.\n{pre_hooks, []}.\n", "paste"),
    "no list": ("{pre_hooks, none}.\n", "paste"),
    "ours": (f'{{pre_hooks, [{{release, "{COMMAND}"}}, {{tar, "{COMMAND}"}}]}}.\n', "there"),
}


def _init(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [MIGRATOR, "init", *options], cwd=folder, capture_output=True, text=True, encoding="utf-8", check=False
    )


def _document(folder: Path, *options: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(_init(folder, "--format", "json", *options).stdout)
    return found


def _hooks(text: str) -> list[tuple[Term, str | None]]:
    """The hooks of a rebar.config, as rebar3 takes them: the provider and the command."""
    (hooks,) = (each.term[1] for each in parse_terms(text, "") if isinstance(each.term, tuple) and _is_hooks(each.term))
    assert isinstance(hooks, list)
    return [(hook[-2], text_of(hook[-1])) for hook in hooks if isinstance(hook, tuple)]


def _is_hooks(term: tuple[Term, ...]) -> bool:
    return term[0] == Atom("pre_hooks")


@pytest.mark.parametrize("name", CONFIGS)
def test_hooks_come_into_a_rebar_config(name: str, tmp_path: Path) -> None:
    """Both hooks are first in its list, every line that was there stays; or it is left alone, and init says why."""
    text, how = CONFIGS[name]
    path = tmp_path / "rebar.config"
    path.write_text(text, encoding="utf-8")
    assert [each["how"] for each in _document(tmp_path)["files"]] == [how, "create"]
    assert path.read_text(encoding="utf-8") == text
    done = _init(tmp_path, "--write")
    after = path.read_text(encoding="utf-8")
    assert done.returncode == (3 if how == "paste" else 0), done.stderr
    if how == "edit":
        assert _hooks(after)[:2] == [(Atom("release"), COMMAND), (Atom("tar"), COMMAND)]
        left = after
        for piece in text.replace("[ ]", "[\n]").replace("[{", "[\n{").splitlines():
            before, found, left = left.partition(piece.strip())
            assert found == piece.strip(), before
    else:
        assert after == text
        assert ("M186" in done.stderr) == (how == "paste")


@pytest.mark.parametrize("name", CONFIGS)
def test_write_again_changes_nothing(name: str, tmp_path: Path) -> None:
    """What init wrote is there for the next init."""
    text, how = CONFIGS[name]
    path = tmp_path / "rebar.config"
    path.write_text(text, encoding="utf-8")
    _init(tmp_path, "--write")
    once = (path.read_bytes(), (tmp_path / "states.lock").read_bytes())
    assert [each["how"] for each in _document(tmp_path, "--write")["files"]] == [
        "paste" if how == "paste" else "there",
        "there",
    ]
    assert once == (path.read_bytes(), (tmp_path / "states.lock").read_bytes())


@pytest.mark.parametrize("name", [name for name, (_, how) in CONFIGS.items() if how == "paste"])
def test_what_is_pasted_puts_out_no_hook(name: str, tmp_path: Path) -> None:
    """Of two lists rebar3 takes the last: beside one that is there, only what belongs into it is printed."""
    (tmp_path / "rebar.config").write_text(CONFIGS[name][0])
    lines = _document(tmp_path)["files"][0]["lines"]
    assert ("{pre_hooks, [" in lines) == (name == "a hook in a profile")
    assert all(f'{{{provider}, "{COMMAND}"}}' in lines for provider in ("release", "tar"))


def test_a_script_has_the_last_word(tmp_path: Path) -> None:
    """What `rebar.config.script` makes of the hooks nobody knows here: that is said, and no release is missed."""
    (tmp_path / "rebar.config").write_text("")
    (tmp_path / "rebar.config.script").write_text("CONFIG.")
    document = _document(tmp_path)
    assert "rebar.config.script has the last word" in document["files"][0]["where"]
    assert document["diagnostics"] == []


def test_several_releases_of_one_project(tmp_path: Path) -> None:
    """All are named, and the commands leave open which is meant."""
    (tmp_path / "rebar.config").write_text('{relx, [{release, {front, "1"}, []}, {release, {back, semver}, []}]}.')
    document = _document(tmp_path)
    assert document["releases"] == ["front", "back"]
    assert document["first"][0] == "rebar3 tar -n NAME"
    assert "rebar3 relup -n NAME -v NEW -u OLD" in document["commands"]


def test_a_rebar_config_in_latin_1_is_left_alone(tmp_path: Path) -> None:
    """Its comments would change their bytes."""
    path = tmp_path / "rebar.config"
    path.write_bytes("%% größer\n".encode("latin-1"))
    assert [each["how"] for each in _document(tmp_path)["files"]] == ["paste", "create"]


def test_a_lock_that_is_there_stays(tmp_path: Path) -> None:
    """Whatever stands in it: init writes no lock over another."""
    (tmp_path / "rebar.config").write_text(RELX)
    (tmp_path / "states.lock").write_text("mine")
    assert _init(tmp_path, "--write").returncode == 0
    assert (tmp_path / "states.lock").read_text() == "mine"


def test_the_empty_lock_serves_as_old(tmp_path: Path) -> None:
    """From the first release on the hook can run: no module has an older version then."""
    (tmp_path / "rebar.config").write_text(RELX)
    _init(tmp_path, "--write")
    new = compile_file(ROOT / "samples" / "renamed_and_added" / "v2" / "kv.erl", tmp_path / "kv" / "ebin").parent
    done = subprocess.run(
        [MIGRATOR, "inject", "states.lock", new], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert (done.returncode, "M514" in done.stderr) == (0, True), done.stderr


MODES = {
    "links": ("{relx, [{dev_mode, true}]}.", ["M187"]),
    "the template of rebar3": ("{relx, [{mode, dev}]}. {profiles, [{prod, [{relx, [{mode, prod}]}]}]}.", []),
    "copies": ("{relx, [{dev_mode, false}]}.", []),
    "not said": ("{relx, []}.", []),
    "no debug info": ("{erl_opts, [no_debug_info]}. {relx, []}.", ["M188"]),
    "a library": ("{erl_opts, [debug_info]}.", ["M189"]),
    "a release in a profile": ("{profiles, [{stage, [{relx, []}]}]}.", []),
}


@pytest.mark.parametrize("name", MODES)
def test_what_would_spoil_a_release_is_said(name: str, tmp_path: Path) -> None:
    """Releases of links and beams without debug info cannot be migrated."""
    text, codes = MODES[name]
    (tmp_path / "rebar.config").write_text(text)
    assert [each["code"] for each in _document(tmp_path)["diagnostics"]] == codes


def test_the_profile_that_makes_the_release_is_in_the_commands(tmp_path: Path) -> None:
    """Where `prod` says how a release is made, its folders are meant."""
    (tmp_path / "rebar.config").write_text(RELX + "{profiles, [{prod, [{relx, [{mode, prod}]}]}]}.\n")
    assert "rebar3 as prod tar -n shop -v NEW" in _init(tmp_path).stdout


BUILDERS = {
    "mix.exs": ("def project, do: [app: :shop]", "mix"),
    "relx.config": ('{release, {shop, "1.0.0"}, [shop]}.', "relx"),
    "Makefile": ("all:\n\techo all\n", "make"),
    "GNUmakefile": ("include erlang.mk\n", "erlang.mk"),
}


@pytest.mark.parametrize("name", BUILDERS)
def test_what_builds_the_project_is_found(name: str, tmp_path: Path) -> None:
    """Its lines are printed to be pasted, and only the lock is written."""
    text, builder = BUILDERS[name]
    (tmp_path / name).write_text(text)
    document = _document(tmp_path)
    assert document["builder"] == builder
    assert [each["how"] for each in document["files"]] == ["paste", "create"]
    assert "migrat" in document["files"][0]["lines"]
    assert _init(tmp_path, "--write").returncode == 3
    assert (tmp_path / name).read_text() == text


def test_modules_that_seem_to_keep_a_state_are_listed(tmp_path: Path) -> None:
    """Of what is compiled already init tells who should name its state record."""
    (tmp_path / "rebar.config").write_text(RELX)
    source = (ROOT / "samples" / "renamed_and_added" / "v1" / "kv.erl").read_text()
    silent = "".join(line for line in source.splitlines(keepends=True) if not line.startswith("-state_record"))
    (tmp_path / "kv.erl").write_text(silent)
    compile_file(tmp_path / "kv.erl", tmp_path / "_build" / "default" / "lib" / "kv" / "ebin")
    (found,) = _document(tmp_path)["modules"]
    assert (found["module"], found["state_record"]) == ("kv", "state")
    assert "-state_record(state)." in _init(tmp_path).stdout


def test_the_hook_of_eunit_is_told_and_not_written(tmp_path: Path) -> None:
    """For rebar3 the lines are printed that bring the migrations into its tests; --write leaves them to a person."""
    (tmp_path / "rebar.config").write_text(RELX)
    (tmp_path / "migrations").mkdir()
    hook = "migrator inject --rules migrations states.lock $REBAR_BUILD_DIR/lib"
    assert _document(tmp_path)["tests"] == [
        f'{{eunit, "{hook}"}}   % into the pre_hooks',
        "migrator inject --eunit test --rules migrations states.lock _build/default/lib",
    ]
    assert hook in _init(tmp_path, "--write").stdout
    assert "eunit" not in (tmp_path / "rebar.config").read_text()


def test_a_folder_without_a_project(tmp_path: Path) -> None:
    """Exit 4, nothing is written, and JSON has the reason."""
    assert _init(tmp_path, "--write").returncode == 4
    assert list(tmp_path.iterdir()) == []
    assert [each["code"] for each in _document(tmp_path)["diagnostics"]] == ["M185"]


def test_a_rebar_config_that_is_no_terms(tmp_path: Path) -> None:
    """Exit 4, with the line and the column."""
    (tmp_path / "rebar.config").write_text("{erl_opts, [}.\n")
    done = _init(tmp_path)
    assert (done.returncode, "rebar.config:1:13" in done.stderr) == (4, True), done.stderr
