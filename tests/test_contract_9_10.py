"""Sections 9 and 10 of the contract: the command, and its JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.cases import own, run, server

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.cases import Bench

pytest_plugins = ["tests.support.bench"]

OLD = server("a, was, gone")
NEW = server("a, now, b = 5", "-state_migration([{rename, was, now}, {drop, gone}]).", vsn='"2"')
OPEN = server("a, now, b = 5", vsn='"2"')


@pytest.fixture
def pair(bench: Bench) -> tuple[Path, Path]:
    """Two versions of a module with nothing left to decide."""
    old, new = bench.beams(OLD, NEW)
    return old, new


@pytest.fixture
def undecided(bench: Bench) -> tuple[Path, Path]:
    """Two versions of a module with decisions left open."""
    old, new = bench.beams(OLD, OPEN)
    return old, new


def releases(bench: Bench) -> tuple[Path, Path]:
    """Two releases: one module that takes part, one that did not change, one that names no record."""
    for root, fields, vsn in (("one", "a", '"1"'), ("two", "a, b = 5", '"2"')):
        for name in ("alpha", "beta"):
            given = fields if name == "alpha" else "x"
            bench.compile(server(given, name=name, vsn=vsn), f"{root}/lib/app-{vsn[1]}/ebin", name=name)
        bench.compile("-module(plain).", f"{root}/lib/app-{vsn[1]}/ebin", name="plain")
    return bench.folder / "one", bench.folder / "two"


def test_preview_prints_the_erlang_and_changes_nothing(pair: tuple[Path, Path]) -> None:
    """Section 9: preview prints the Erlang that will be compiled, on stdout, and changes nothing."""
    before = [path.read_bytes() for path in pair]
    done = run("preview", *pair)
    assert done.returncode == 0
    assert "code_change(" in done.stdout
    assert "now = Was" in done.stdout
    assert "\x1b" not in done.stdout
    assert [path.read_bytes() for path in pair] == before


def test_preview_prints_what_inject_compiles(bench: Bench, pair: tuple[Path, Path]) -> None:
    """Section 9: the Erlang of preview, compiled beside the record, converts as the injected beam does."""
    old, new = pair
    erlang = run("preview", old, new).stdout
    bench.node.load(
        "m",
        bench.compile(
            NEW.replace("init(_)", f"{erlang}\ninit(_)", 1).replace(
                "-export([init/1", "-export([code_change/3, init/1"
            ),
            "by_hand",
        ).read_bytes(),
    )
    by_hand = [bench.convert('"1"', "{state,1,2,3}"), bench.convert('{down, "1"}', "{state,1,2,3}")]
    assert run("inject", old, new).returncode == 0
    bench.node.load("m", new.read_bytes())
    assert [bench.convert('"1"', "{state,1,2,3}"), bench.convert('{down, "1"}', "{state,1,2,3}")] == by_hand


def test_preview_prints_a_table(pair: tuple[Path, Path]) -> None:
    """Section 9: `--format plan` is a table of every field for a person."""
    done = run("preview", "--format", "plan", *pair)
    assert done.returncode == 0
    for word in ("a", "now", "b", "gone", "rename", "copy", "default"):
        assert word in done.stdout


def test_preview_shows_open_decisions_at_their_place(undecided: tuple[Path, Path]) -> None:
    """Section 9: where a person must decide, all that can be shown is, each decision at its place, exit 3."""
    erlang = run("preview", *undecided)
    table = run("preview", "--format", "plan", *undecided)
    assert (erlang.returncode, table.returncode) == (3, 3)
    assert "M301" in erlang.stdout
    assert "M301" in table.stdout
    assert "-state_migration([{drop, gone}])." in erlang.stderr
    assert "code_change(" in erlang.stdout


def test_inject_replaces_new(bench: Bench, pair: tuple[Path, Path]) -> None:
    """Section 9: inject generates, compiles, proves and replaces NEW alone."""
    old, new = pair
    before, original = old.read_bytes(), new.read_bytes()
    assert run("inject", old, new).returncode == 0
    assert old.read_bytes() == before
    bench.node.load("m", new.read_bytes())
    assert bench.convert('"1"', "{state,1,2,3}") == "{ok,{state,1,2,5}}"
    injected = new.read_bytes()
    assert run("inject", old, new).returncode == 0
    assert new.read_bytes() == injected
    assert run("eject", new).returncode == 0
    assert new.read_bytes() == original


def test_inject_writes_elsewhere(pair: tuple[Path, Path]) -> None:
    """Section 9: `-o FILE` writes there and leaves NEW alone."""
    old, new = pair
    original = new.read_bytes()
    made = new.with_name("made.beam")
    assert run("inject", "-o", made, old, new).returncode == 0
    assert new.read_bytes() == original
    assert run("inject", old, new).returncode == 0
    assert made.read_bytes() == new.read_bytes()


def test_a_dry_run_writes_nothing(pair: tuple[Path, Path]) -> None:
    """Section 9: `--dry-run` stops before writing, with `-o` too."""
    old, new = pair
    original = new.read_bytes()
    done = run("inject", "--dry-run", old, new)
    elsewhere = run("inject", "--dry-run", "-o", new.with_name("made.beam"), old, new)
    assert (done.returncode, elsewhere.returncode) == (0, 0)
    assert new.read_bytes() == original
    assert not new.with_name("made.beam").exists()
    assert "would be" in done.stdout


def test_eject_of_a_beam_without_ours_changes_nothing(pair: tuple[Path, Path]) -> None:
    """Section 9: eject takes out what inject put in, and is content where there is nothing."""
    original = pair[1].read_bytes()
    assert run("eject", pair[1]).returncode == 0
    assert pair[1].read_bytes() == original


def test_inspect_shows_record_and_migrations(pair: tuple[Path, Path]) -> None:
    """Section 9: inspect shows the state record, and the migrations that a beam carries."""
    old, new = pair
    before = run("inspect", new)
    assert run("inject", old, new).returncode == 0
    after = run("inspect", new)
    assert (before.returncode, after.returncode) == (0, 0)
    assert "state" in before.stdout
    assert "now" in before.stdout
    assert '"1"' not in before.stdout
    assert '"1"' in after.stdout
    assert json.loads(run("inspect", "--format", "json", new).stdout)


def test_scan_lists_those_that_keep_a_record_and_those_that_seem_to(bench: Bench) -> None:
    """Section 9: scan lists the modules with a state record, and those that seem to have one and do not say so."""
    bench.compile(server("a", name="said"), "ebin", name="said")
    silent = server("a", name="silent").replace("-state_record(state).", "")
    bench.compile(silent, "ebin", name="silent")
    bench.compile("-module(plain).", "ebin", name="plain")
    done = run("scan", bench.folder / "ebin")
    assert done.returncode == 0
    assert "said" in done.stdout
    assert "silent" in done.stdout
    assert "plain" not in done.stdout
    assert json.loads(run("scan", "--format", "json", bench.folder / "ebin").stdout)


def test_two_releases_in_one_run(bench: Bench) -> None:
    """Section 9: of two releases every module that takes part is done, others are passed by; JSON is a list."""
    old, new = releases(bench)
    shown = run("preview", "--format", "json", old, new)
    assert shown.returncode == 0
    assert {each["module"]: each["verdict"] for each in json.loads(shown.stdout)} == {
        "alpha": "migrate",
        "beta": "unchanged",
    }
    (beta,) = new.rglob("beta.beam")
    (alpha,) = new.rglob("alpha.beam")
    before = alpha.read_bytes(), beta.read_bytes()
    assert run("inject", old, new).returncode == 0
    assert (alpha.read_bytes() == before[0], beta.read_bytes() == before[1]) == (False, True)


def test_a_release_is_written_whole_or_not_at_all(bench: Bench) -> None:
    """Section 9: where one module of a release needs a decision, none is written."""
    old, new = releases(bench)
    (beta,) = new.rglob("beta.beam")
    beta.write_bytes(bench.compile(server("y", name="beta", vsn='"2"'), "other", name="beta").read_bytes())
    before = {path: path.read_bytes() for path in new.rglob("*.beam")}
    assert run("inject", old, new).returncode == 3
    assert {path: path.read_bytes() for path in new.rglob("*.beam")} == before


USAGES = (
    ("preview",),
    ("preview", "one"),
    ("inject", "one"),
    ("preview", "--format", "xml", "a", "b"),
    ("preview", "--allow", "all", "a", "b"),
    ("preview", "--record", "", "a", "b"),
    ("preview", "--record", ":x", "a", "b"),
    ("inject", "--prefer", "mine", "a", "b"),
    ("nonsense",),
    ("eject",),
    ("scan",),
    ("--nonsense",),
    ("inject", "--nonsense", "a", "b"),
)


@pytest.mark.parametrize("arguments", USAGES, ids=" ".join)
def test_wrong_usage_is_exit_2(arguments: tuple[str, ...]) -> None:
    """Section 9: wrong usage is exit 2, and stdout stays empty."""
    done = run(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert "Traceback" not in done.stderr


def test_wrong_usage_with_json_is_a_document_too() -> None:
    """Section 9: with `--format json` stdout is one JSON document whatever the exit."""
    done = run("preview", "--format", "json", "one")
    assert done.returncode == 2
    document = json.loads(done.stdout)
    assert [each["code"] for each in document["diagnostics"]] == ["M001"]
    assert set(document) == {"module", "record", "verdict", "from", "diagnostics"}


@pytest.mark.parametrize("name", ["preview", "inject", "eject", "inspect", "scan"])
def test_each_command_has_a_help_page(name: str) -> None:
    """Section 9: `--help` of each command is a page with an example."""
    done = run(name, "--help")
    assert done.returncode == 0
    assert "Example:" in done.stdout
    assert f"migrator {name}" in done.stdout


def test_the_talk_is_on_stderr(pair: tuple[Path, Path]) -> None:
    """Section 9: stdout is the product, stderr is the talk, with code, place, consequence and the text to type."""
    old, new = pair
    done = run("preview", "--format", "json", old, new)
    assert "M501" not in done.stdout or json.loads(done.stdout)
    lost = run("preview", "--record", "nope", old, new)
    assert lost.returncode == 4
    assert lost.stdout == ""
    assert "M110" in lost.stderr


def test_no_colour_in_a_pipe(undecided: tuple[Path, Path]) -> None:
    """Section 9: a pipe turns colour off, without NO_COLOR too."""
    done = run("preview", *undecided, NO_COLOR="")
    assert "\x1b" not in done.stdout + done.stderr


# --- section 10

OBJECT = {"module", "record", "verdict", "from", "diagnostics"}
FROM = {"vsn", "record", "fields", "dropped", "down", "lossless"}
DIAGNOSTIC = {"code", "severity", "message", "place", "help"}


def shown(*arguments: object) -> tuple[int, Any]:
    """The exit and the document of a preview as JSON."""
    done = run("preview", "--format", "json", *arguments)
    return done.returncode, json.loads(done.stdout)


def test_the_document_of_a_migration(pair: tuple[Path, Path]) -> None:
    """Section 10: one object with all keys, the fields in each record's order, the dropped ones, both ways."""
    code, found = shown(*pair)
    assert code == 0
    assert found.keys() == OBJECT
    assert (found["module"], found["record"], found["verdict"]) == ("m", "state", "migrate")
    (one,) = found["from"]
    assert one == {
        "vsn": one["vsn"],
        "record": "state",
        "fields": [
            {"field": "a", "source": "copy", "from": "a"},
            {"field": "now", "source": "rename", "from": "was"},
            {"field": "b", "source": "default", "from": None},
        ],
        "dropped": [{"field": "gone", "acknowledged": True}],
        "down": [
            {"field": "a", "source": "copy", "from": "a"},
            {"field": "was", "source": "rename", "from": "now"},
            {"field": "gone", "source": "default", "from": None},
        ],
        "lossless": False,
    }


def test_the_document_of_a_blocked_one(undecided: tuple[Path, Path]) -> None:
    """Section 10: a blocked plan shows all that it can, and each diagnostic has all keys."""
    code, found = shown(*undecided)
    assert (code, found["verdict"]) == (3, "blocked")
    assert {each["field"]: each["acknowledged"] for each in found["from"][0]["dropped"]} == {
        "was": False,
        "gone": False,
    }
    assert found["from"][0].keys() == FROM
    assert {each["code"] for each in found["diagnostics"] if each["severity"] == "decision"} == {"M301"}
    assert all(each.keys() == DIAGNOSTIC for each in found["diagnostics"])
    assert {each["severity"] for each in found["diagnostics"]} <= {"error", "decision", "warning", "info"}


def test_the_document_of_an_unchanged_one(bench: Bench) -> None:
    """Section 10: the verdict for equal records is `unchanged`."""
    code, found = shown(*bench.beams(server("a"), server("a", own("(_, S, _) -> {ok, S}"), vsn='"2"')))
    assert (code, found["verdict"]) == (0, "unchanged")


@pytest.mark.parametrize(
    ("old", "new", "lossless"),
    [
        ("a, b", "b, a, c = 1", True),
        ("a", "a, b = 1", True),
        ("a, gone", "a", False),
    ],
)
def test_lossless_is_told(bench: Bench, old: str, new: str, lossless: bool) -> None:  # noqa: FBT001 - the expected value
    """Section 10: lossless is true when down after up gives back every field."""
    code, found = shown("--allow", "drop", *bench.beams(server(old), server(new, vsn='"2"')))
    assert (code, found["from"][0]["lossless"]) == (0, lossless)


def test_several_old_versions_make_a_list(bench: Bench) -> None:
    """Section 10: `from` has one object per old version."""
    code, found = shown(*bench.beams(server("a"), server("a, b", vsn='"2"'), server("a, b, c", vsn='"3"')))
    assert code == 0
    assert [len(each["fields"]) for each in found["from"]] == [3, 3]
    assert [len(each["down"]) for each in found["from"]] == [1, 2]


@pytest.mark.parametrize("bad", ["nothing.beam", "."])
def test_one_document_whatever_the_exit(pair: tuple[Path, Path], bad: str) -> None:
    """Section 10: stdout is one JSON document with every key also where the inputs cannot be used."""
    code, found = shown(pair[0], pair[1].parent / bad)
    assert code == 4
    assert found.keys() == OBJECT
    assert found["verdict"] == "blocked"
    assert [each["severity"] for each in found["diagnostics"]] == ["error"]
