"""What trials with modules and surroundings that nobody thought of found."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from migrator import library
from migrator.outcomes import Injected
from tests.support.beams import compile_text
from tests.support.cases import codes, command_line, decided, environment, own, run, server

if TYPE_CHECKING:
    from pathlib import Path

    from migrator.otp import Helper
    from tests.support.cases import Bench

pytest_plugins = ["tests.support.bench"]

OLD = server("a, b = 0")
NEW = server("a, b = 0, c = 7", vsn='"2"')
OWN_FIRST = own("({down, _}, #state{a = x} = S, _) -> erlang:throw({ok, S})", "(_, S, _) -> {ok, S}")
SWITCHED_OFF = [
    "no_auto_import",
    "{no_auto_import, [{element, 2}, {tuple_size, 1}, {length, 1}, {throw, 1}]}",
]


@pytest.mark.parametrize("option", SWITCHED_OFF)
def test_imports_may_be_switched_off(bench: Bench, option: str) -> None:
    """Generated code reaches the functions of `erlang` also where a bare call does not."""
    bench.install(OLD, server("a, b = 0, c = 7", f"-compile({option}).", OWN_FIRST, vsn='"2"'))
    assert bench.convert('"1"', "{state,1,2}") == "{ok,{state,1,2,7}}"
    assert bench.convert('{down, "1"}', "{state,x,2,3}") == "{ok,{state,x,2}}"
    assert bench.convert('"1"', "{state}") == "{error,{state_migration,{unknown_shape,state,1}}}"


def test_imports_may_be_switched_off_on_the_command_line(bench: Bench) -> None:
    """The same holds for the compiler's option."""
    new = server("a, b = 0, c = 7", OWN_FIRST, vsn='"2"')
    bench.install(OLD, new, options="[debug_info, no_auto_import]")
    assert bench.convert('{down, "1"}', "{state,x,2,3}") == "{ok,{state,x,2}}"


def test_a_thrown_answer_of_a_gen_statem_is_converted(bench: Bench) -> None:
    """A gen_statem takes a thrown `{ok, StateName, Data}` as the answer, so on a downgrade it is converted."""
    functions = """-export([code_change/4]).
code_change({down, _}, _, #state{} = S, _) -> throw({ok, other, S});
code_change(_, Name, S, _) -> {ok, Name, S}."""
    old, new = OLD, server("a, b = 0, c = 7", functions, vsn='"2"')
    bench.install(*(source.replace("gen_server", "gen_statem") for source in (old, new)))
    assert bench.eval('catch m:code_change({down, "1"}, here, {state,1,2,3}, [])') == "{ok,other,{state,1,2}}"


@pytest.mark.parametrize(
    "decision",
    [
        '{from, "1", [{from, "1", [{drop, a}]}]}',
        '{from, "1", [{downgrade, own_first}]}',
        "{in, state, [{in, state, []}]}",
        '{in, state, [{from, "1", []}]}',
        "{in, state, [{downgrade, own_first}]}",
        "{in, state, [{rename_record, one, other}]}",
    ],
)
def test_a_decision_where_it_holds_nowhere_is_an_error(bench: Bench, decision: str) -> None:
    """A decision inside another that cannot hold it is no decision, and never ignored."""
    planned = bench.preview(OLD, server("a, b = 0, c = 7", decided(decision), vsn='"2"'))
    assert codes(planned) == ["M114"]


def _release(folder: Path, vsn: str, other: str, *options: str) -> Path:
    """A release of two modules, of which `m` takes part."""
    compile_text(OLD if vsn == "1" else NEW, folder)
    compile_text(f"-module(other).\n-export([f/0]).\nf() -> {other}.\n", folder, *options, module="other")
    return folder


@pytest.mark.parametrize("other", ["1", "state_record"])
@pytest.mark.parametrize("options", [(), ("+compressed",)])
def test_other_modules_of_a_release_are_passed_by(
    helper: Helper, tmp_path: Path, other: str, options: tuple[str, ...]
) -> None:
    """A module without a state record does not stop a release, compressed or with that word in it."""
    old, new = (_release(tmp_path / vsn, vsn, other, *options) for vsn in ("1", "2"))
    planned = library.preview(helper, [old], new)
    assert [(each.job.new.stem, codes(each)) for each in planned] == [("m", [])]


@pytest.mark.parametrize("keep", [0, 7, 100])
def test_a_damaged_beam_stops_a_release(helper: Helper, tmp_path: Path, keep: int) -> None:
    """Of a damaged beam nobody knows whether it takes part, so that nothing is written."""
    old, new = (_release(tmp_path / vsn, vsn, "1") for vsn in ("1", "2"))
    damaged = new / "other.beam"
    damaged.write_bytes(damaged.read_bytes()[:keep])
    assert library.inject(helper, [old], new).exit == 4


@pytest.mark.parametrize("name", ["x" * 256, "o:" + "x" * 256, b"\xff".decode(errors="surrogateescape")])
def test_a_name_that_no_record_can_have_is_wrong_usage(tmp_path: Path, name: str) -> None:
    """`--record` takes what can be an atom, and says so of all else."""
    shown = run("preview", tmp_path / "old.beam", tmp_path / "new.beam", "--record", name)
    assert (shown.returncode, "a record's name is meant" in shown.stderr) == (2, True)


@pytest.fixture(scope="module")
def versions(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The beams of two versions."""
    folder = tmp_path_factory.mktemp("versions")
    return compile_text(OLD, folder / "1"), compile_text(NEW, folder / "2")


def _redirected(redirection: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    """Runs the command with its streams as a shell redirects them."""
    return subprocess.run(
        ["/bin/sh", "-c", f'"$@" {redirection}', "sh", *command_line(*arguments)],
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("redirection", "code"), [(">/dev/full", 5), (">&-", 0), ("2>/dev/full", 0), ("2>&-", 0), (">&- 2>&-", 0)]
)
def test_streams_that_take_nothing(versions: tuple[Path, Path], redirection: str, code: int) -> None:
    """Only a product that cannot be written is a failure, and it is told as one of the environment."""
    shown = _redirected(redirection, "preview", *versions)
    assert (shown.returncode, "M902" in shown.stderr, "M205" in shown.stderr) == (code, False, code == 5)


@pytest.mark.parametrize("arguments", [("--help",), ("--version",), ("preview", "--help")])
def test_a_help_page_that_cannot_be_printed(arguments: tuple[str, ...]) -> None:
    """A help page is a product like any other."""
    shown = _redirected(">/dev/full", *arguments)
    assert (shown.returncode, "M902" in shown.stderr, "M205" in shown.stderr) == (5, False, True)


@pytest.mark.parametrize("redirection", ["2>/dev/full", "2>&-"])
def test_the_exit_code_outlives_stderr(versions: tuple[Path, Path], redirection: str) -> None:
    """What cannot be said on stderr the exit code still says."""
    assert _redirected(redirection, "preview", versions[0], "missing.beam").returncode == 4


def test_a_list_is_no_record(bench: Bench) -> None:
    """A `-state_record` of a list names no record, and that is what is said."""
    listed = NEW.replace("-state_record(state)", "-state_record([state])")
    assert codes(bench.preview(OLD, listed)) == ["M114"]


IMPORTING = """
-module(imports).
-vsn("{vsn}").
-import(foo, [code_change/3]).
-record(state, {{{fields}}}).
-state_record(state).
-export([f/1]).
f(X) -> code_change(X, X, X).
"""


def test_imported_function_is_refused(helper: Helper, tmp_path: Path) -> None:
    """A conversion function that the module imports cannot be wrapped: it is said, with what to write instead."""
    old = compile_text(IMPORTING.format(vsn="1", fields="a"), tmp_path / "1", module="imports")
    new = compile_text(IMPORTING.format(vsn="2", fields="a, b"), tmp_path / "2", module="imports")
    (planned,) = library.preview(helper, [old], new)
    assert [each.code for each in planned.diagnostics] == ["M124"]
    assert "MODULE:code_change" in "".join(planned.diagnostics[0].help)


@pytest.mark.parametrize(
    ("decision", "words"),
    [("{downgrade, own_first}", "no function of its own"), ("{rename_record, item, item}", "its name already")],
)
def test_idle_decision_fits_nothing(decision: str, words: str, helper: Helper, tmp_path: Path) -> None:
    """Section 8: a decision that could change nothing is an error, never ignored."""
    source = (
        '-module(idle).\n-vsn("{vsn}").\n-record(item, {{x{more}}}).\n-record(state, {{a :: #item{{}}}}).\n'
        "-state_record(state).\n-state_migration([{decision}]).\n"
    )
    old, new = (
        compile_text(source.format(vsn=vsn, more=more, decision=decision), tmp_path / vsn, module="idle")
        for vsn, more in (("1", ""), ("2", ", y"))
    )
    (planned,) = library.preview(helper, [old], new)
    assert [each.code for each in planned.diagnostics] == ["M113"]
    assert words in planned.diagnostics[0].message


def test_the_same_inject_at_once_is_done(tmp_path: Path) -> None:
    """When another run has written the very bytes meanwhile, there is nothing left to do, and nothing to refuse."""
    target = tmp_path / "m.beam"
    target.write_bytes(b"after")
    assert library.write([Injected(target, "m", b"before", b"after")]) == ()
    assert target.read_bytes() == b"after"
