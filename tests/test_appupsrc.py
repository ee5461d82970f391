"""Written appups come out as rebar3's appup plugin had them: templates, scripts, fragments around what is generated."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from migrator.diagnostics import Refused
from migrator.release.appupsrc import prescribed, version_matches
from migrator.release.model import Application, Release
from migrator.release.patterns import fits_in
from migrator.release.reach import no_pattern
from migrator.terms import Term, term_text
from tests.support.beams import compile_file

if TYPE_CHECKING:
    from collections.abc import Sequence

    from migrator.otp import Helper
    from migrator.release.written import Prescribed


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A lib folder with an application and its dependency, each with a `src`."""
    for name in ("shop", "dep"):
        (tmp_path / name / "src").mkdir(parents=True)
        (tmp_path / name / "ebin").mkdir()
    return tmp_path


def _release(lib: Path, vsn: str) -> Release:
    applications = tuple(Application(name, vsn, lib / name / "ebin", None, ()) for name in ("dep", "shop"))
    return Release(lib, "lib", lib, "", f"r{vsn}", "", applications)


def _prescribed(erl: Path, lib: Path, *, variables: dict[str, str] | None = None) -> tuple[Prescribed, ...]:
    return prescribed(erl, _release(lib, "1.0.33"), _release(lib, "1.0.34"), variables=variables)


def _texts(terms: Sequence[Term]) -> list[str]:
    return [term_text(term) for term in terms]


def test_without_files_no_erlang_is_started(project: Path) -> None:
    """Nothing is written for any application: a program that is no Erlang does no harm."""
    assert _prescribed(Path("/nowhere/erl"), project) == ()


def test_a_template_is_filled_in_and_evaluated(erl: Path, project: Path) -> None:
    """`{{vsn}}` is the application's version, the script's last value counts, and it may call the release's code."""
    source = project / "shop" / "src" / "lib.erl"
    source.write_text('-module(lib).\n-export([from/0]).\nfrom() -> <<"1\\\\.[0-9.]+">>.\n')
    compile_file(source, project / "shop" / "ebin")
    (project / "shop" / "src" / "shop.appup.src").write_text(
        "%% {{nothing}} of ours, in a comment\n"
        "From = lib:from(),\n"
        '{"{{vsn}}", [{From, [{apply, {App, up, [OldVsn, Vsn, "{{mine}}", "{{{ old_vsn }}}"]}}]}], [{From, []}]}.\n'
    )
    ((found),) = _prescribed(erl, project, variables={"mine": "é"})
    assert (found.application, found.diagnostics) == ("shop", ())
    assert found.appup is not None
    assert " ".join(found.appup.split()) == (
        '{"1.0.34", [{<<"1\\\\.[0-9.]+">>,[{apply,{shop,up,["1.0.33","1.0.34","é","1.0.33"]}}]}],'
        ' [{<<"1\\\\.[0-9.]+">>,[]}]}.'
    )


def test_what_is_written_for_a_dependency_lies_in_the_main_application(erl: Path, project: Path) -> None:
    """It counts before what the dependency brings itself."""
    (project / "dep" / "src" / "dep.appup.src").write_text('{"{{vsn}}", [], [own]}.\n')
    (project / "shop" / "src" / "dep.appup.src").write_text('{"{{vsn}}", [], [mine]}.\n')
    (found,) = _prescribed(erl, project)
    assert (found.application, found.appup) == ("dep", '{"1.0.34",[],[mine]}.\n')


def test_fragments_go_around(erl: Path, project: Path) -> None:
    """Every entry whose patterns fit counts, in order: of all that fit, and of both directions."""
    (project / "shop" / "src" / "shop.appup.pre.src").write_text(
        '{"1.0.34", [{"1.*", [a]}, {"1.0.33", [b]}, {"2.*", [c]}], [{".*", [d]}, {<<"1\\\\.0\\\\.3[0-9]">>, [e]}]}.\n'
    )
    (project / "shop" / "src" / "shop.appup.post.src").write_text('{".*", [{"1.0", [f, g]}], []}.\n')
    (found,) = _prescribed(erl, project)
    assert found.diagnostics == ()
    assert (found.appup, _texts(found.before.up), _texts(found.before.down)) == (None, ["a", "b"], ["d", "e"])
    assert (_texts(found.after.up), _texts(found.after.down)) == (["f", "g"], [])


@pytest.mark.parametrize(
    ("pattern", "fits"),
    [
        ("1.0.34", True),
        ("1.*", True),
        ("1", True),
        (".*", True),
        ("*.0.34", True),
        ("1.0.3", False),
        ("1.0.34.1", False),
        ("2.*", False),
    ],
)
def test_patterns_of_versions(pattern: str, fits: bool) -> None:  # noqa: FBT001 - a table of cases
    """Part by part, as the plugin has it; a regular expression, in a binary, is for the whole version."""
    assert version_matches(list(pattern.encode()), "1.0.34", no_pattern) is fits


def test_patterns_that_are_regular_expressions(helper: Helper) -> None:
    """A binary, as in an appup; what is no regular expression fits nothing."""
    fits = fits_in(helper, "shop.appup.pre.src")
    assert version_matches(rb"1\.0\.[0-9]+", "1.0.34", fits)
    assert not version_matches(rb"1\.0", "1.0.34", fits)
    assert not version_matches(b"(", "1.0.34", fits)
    assert not version_matches((), "1.0.34", fits)


@pytest.mark.parametrize(
    ("text", "told", "words"),
    [
        ("A = 1,\n{B, A}.\n", "M144:2", "variable B is unbound"),
        ("\nfoo:bar().\n", "M144:2", "undefined function foo:bar/0"),
        ("{1,\n", "M144:2", "a full stop is missing"),
        ("{1,\n].\n", "M144:2", "syntax error"),
        ("", "M144:1", "it has no expression"),
        ('{"{{vsn}}",\n "{{relvsn}}"}.', "M144:2", "{{relvsn}} is no variable of ours"),
        ("erlang:halt().", "M144", "the Erlang that ran it ended"),
        ("error(oops).", "M144:1", "exception error: oops"),
        ("{a, b}.", "M145", "comes to no appup: {a,b}"),
        ("self().", "M145", "comes to no appup: <"),
        ('{"1.0.32", [], []}.', "M434", "is for version 1.0.32, and shop is 1.0.34"),
    ],
)
def test_what_cannot_be_taken_is_told(erl: Path, project: Path, text: str, told: str, words: str) -> None:
    """With its line in the file as it is written, and no appup comes of it."""
    source = project / "shop" / "src" / "shop.appup.src"
    source.write_text(text)
    (found,) = _prescribed(erl, project)
    (said,) = found.diagnostics
    code, colon, line = told.partition(":")
    assert (found.appup, said.code, said.place) == (None, code, f"{source}{colon}{line}")
    assert words in said.message


def test_instructions_for_no_version_are_told(erl: Path, project: Path) -> None:
    """Nothing of a person's is left out in silence."""
    (project / "shop" / "src" / "shop.appup.pre.src").write_text('{"2.*", [{".*", [a]}], []}.\n')
    (project / "shop" / "src" / "shop.appup.post.src").write_text('{".*", [{"2.*", [a]}], []}.\n')
    (found,) = _prescribed(erl, project)
    assert [(each.code, each.message.partition(".src ")[2]) for each in found.diagnostics] == [
        ("M434", 'is for "2.*", and shop is 1.0.34'),
        ("M434", "has no instruction for shop 1.0.33"),
    ]


def test_two_files_for_one_dependency_are_told(project: Path) -> None:
    """It cannot be told which of them is meant."""
    (project / "third" / "src").mkdir(parents=True)
    (project / "third" / "ebin").mkdir()
    for name in ("shop", "third"):
        (project / name / "src" / "dep.appup.src").write_text('{"{{vsn}}", [], []}.\n')
    third = Application("third", "1", project / "third" / "ebin", None, ())
    new = _release(project, "1.0.34")
    both = Release(new.given, new.shape, new.root, "", "", "", (*new.applications, third))
    with pytest.raises(Refused, match="dep has two written appups"):
        prescribed(Path("/nowhere/erl"), _release(project, "1.0.33"), both)


def test_a_script_that_never_ends_is_given_up(erl: Path, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After its time limit."""
    monkeypatch.setattr("migrator.release.appupsrc._SECONDS", 0.5)
    (project / "shop" / "src" / "shop.appup.src").write_text("receive never -> ok end.")
    (found,) = _prescribed(erl, project)
    assert [each.code for each in found.diagnostics] == ["M144"]
