"""`--format json`: stdout is one JSON document with the command's own keys, whatever goes wrong, usage included."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

import click
import pytest

from migrator import cli
from migrator.render.hooked import hooked_json
from migrator.render.relup import relup_json
from tests.support.cases import server

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.cases import Bench

pytest_plugins = ["tests.support.bench"]

PLAN = "module record verdict from diagnostics"
# The keys of each command's document, as its page and its other tests have them.
KEYS = {
    "appup": "applications added removed diagnostics",
    "check": PLAN,
    "hook": "exit modules mended diagnostics",
    "init": "builder release releases files modules first commands tests diagnostics",
    "inspect": "module file vsn behaviours record type fields carries diagnostics",
    "preview": PLAN,
    "rehearse": "seconds steps load kept diagnostics",
    "relup": "release vsn relup tarball ways diagnostics",
    "scan": "modules diagnostics",
    "verify": f"{PLAN} result seed seconds",
}
# Those that take OLD and NEW.
TWO = frozenset({"appup", "check", "hook", "preview", "rehearse", "relup", "verify"})


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:  # noqa: ANN401 - a function
    """Runs the command, and gives its exit code and what it printed to stdout as JSON."""

    def running(*arguments: str | Path) -> tuple[int, Any]:
        monkeypatch.setattr(sys, "argv", ["migrator", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        out = capsys.readouterr().out
        code = ended.value.code
        return (code if isinstance(code, int) else 0), json.loads(out)

    return running


def _has_json(command: click.Command) -> bool:
    return any(
        isinstance(each.type, click.Choice) and each.name == "form" and "json" in each.type.choices
        for each in command.params
    )


def test_every_command_with_json_is_tried_here() -> None:
    """A new command that has `--format json` needs its keys here."""
    assert set(KEYS) == {name for name, each in cli.command.commands.items() if _has_json(each)}


def _told(code: int, document: Any) -> tuple[int, set[str], list[str]]:  # noqa: ANN401 - JSON
    return code, set(document), [each["code"] for each in document["diagnostics"]]


@pytest.mark.parametrize("name", sorted(KEYS))
def test_an_unknown_option(name: str, run: Any) -> None:  # noqa: ANN401 - as above
    """The command's own keys, the diagnostic of wrong usage, exit 2."""
    assert _told(*run(name, "--format", "json", "--nonsense")) == (2, set(KEYS[name].split()), ["M001"])


@pytest.mark.parametrize("name", sorted(set(KEYS) - {"init"}))
def test_a_missing_argument(name: str, run: Any) -> None:  # noqa: ANN401 - as above
    """The same where a path is missing, and where the form is asked for in the other way."""
    given = ["one"] if name in TWO else []
    assert _told(*run(name, *given, "--format=json")) == (2, set(KEYS[name].split()), ["M001"])


@pytest.mark.parametrize(
    "arguments",
    [
        ("verify", "--states", "abc", "a", "b"),
        ("verify", "--seed", "-1", "a", "b"),
        ("preview", "--allow", "all", "a", "b"),
        ("preview", "--record", ":x", "a", "b"),
        ("check", "--lock", "l", "a", "b"),
        ("check", "a"),
        ("appup", "--define", "x", "a", "b"),
        ("appup", "--timeout", "soon", "a", "b"),
        ("relup", "a.tar.gz", "b.tar.gz"),
        ("rehearse", "--nodes", "0", "a", "b"),
        ("rehearse", "--config", "nowhere", "a", "b"),
        ("rehearse", "--env", "x", "a", "b"),
    ],
    ids=" ".join,
)
def test_a_bad_value(arguments: tuple[str, ...], run: Any) -> None:  # noqa: ANN401 - as above
    """What an option refuses, and what a command refuses of its options together."""
    assert _told(*run(*arguments, "--format", "json")) == (2, set(KEYS[arguments[0]].split()), ["M001"])


@pytest.mark.parametrize("name", sorted(KEYS))
def test_an_input_that_is_not_there(name: str, run: Any, tmp_path: Path) -> None:  # noqa: ANN401 - as above
    """The same keys where the work begins and cannot go on."""
    paths = [tmp_path / "old.beam", tmp_path / "new.beam"] if name in TWO else [tmp_path / "new.beam"]
    code, keys, codes = _told(*run(name, "--format", "json", *paths))
    assert (code, keys, len(codes)) == (4, set(KEYS[name].split()), 1)


def test_an_environment_that_cannot_serve(run: Any) -> None:  # noqa: ANN401 - as above
    """Without an Erlang each command that starts one says so in its document; the seed that was asked for is told."""
    for name in sorted(set(KEYS) - {"init"}):
        given = ["a", "b"] if name in TWO else ["a"]
        more = ["--seed", "7"] if name == "verify" else []
        code, document = run(name, "--format", "json", "--erl", "/nowhere/erl", *more, *given)
        assert _told(code, document) == (5, set(KEYS[name].split()), ["M201"])
        assert document.get("seed", 7) == 7
        assert document.get("exit", 5) == 5


def test_no_such_command_and_the_last_form_counts(run: Any, capsys: pytest.CaptureFixture[str]) -> None:  # noqa: ANN401 - as above
    """Of no command the document is that of a plan; where text is asked for last nothing is on stdout."""
    assert _told(*run("nonsense", "--format", "json")) == (2, set(PLAN.split()), ["M001"])
    with pytest.raises(json.JSONDecodeError):
        run("preview", "--format", "json", "--format", "plan")
    assert capsys.readouterr().out == ""


def test_the_keys_are_those_of_a_run_that_went_well(run: Any, bench: Bench) -> None:  # noqa: ANN401 - as above
    """What is refused has the keys of what is not."""
    old, new = bench.beams(server("a = 1 :: integer()"), server("a = 1 :: integer(), b = 2", vsn='"2"'))
    found = {
        "inspect": run("inspect", "--format", "json", new)[1],
        "preview": run("preview", "--format", "json", old, new)[1],
        "scan": run("scan", "--format", "json", new)[1],
        "verify": run("verify", "--states", "5", "--format", "json", old, new)[1],
        "check": run("check", "--format", "json", old, new)[1][0],
        "hook": hooked_json((), (), (), 0),
        "relup": relup_json(None, None, None, ()),
    }
    assert {name: set(each) for name, each in found.items()} == {name: set(KEYS[name].split()) for name in found}
