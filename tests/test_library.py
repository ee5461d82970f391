"""The library: what `from migrator import …` gives, and the walk-through of its docstring."""

from __future__ import annotations

import shutil
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import migrator
from tests.support.beams import compile_file, compile_text

if TYPE_CHECKING:
    from migrator.otp import Helper

SAMPLE = Path(__file__).parent.parent / "samples" / "renamed_and_added"


@pytest.fixture
def beams(tmp_path: Path) -> tuple[Path, Path]:
    """A compiled pair at the places of which the walk-through speaks."""
    old = compile_file(SAMPLE / "v1" / "kv.erl", tmp_path / "old")
    new = compile_file(SAMPLE / "v2" / "kv.erl", tmp_path / "new")
    return old, new


@pytest.mark.parametrize("name", migrator.__all__)
def test_every_name_is_there_and_documented(name: str) -> None:
    """Each public name can be imported and says what it is."""
    assert getattr(migrator, name).__doc__


def test_a_star_gives_all_names() -> None:
    """`from migrator import *` gives exactly the public names."""
    names: dict[str, object] = {}
    exec("from migrator import *", names)  # noqa: S102 - the very text that a user writes
    assert sorted(set(names) - {"__builtins__"}) == sorted(migrator.__all__)


def test_no_name_is_a_modules_name_too() -> None:
    """A module of the package called like a public function would take its place once it is imported."""
    modules = {path.stem for path in Path(migrator.__file__).parent.iterdir()}
    assert modules & set(migrator.__all__) == set()


def test_other_names_are_attribute_errors() -> None:
    """A name that is not there fails as it does in any module."""
    with pytest.raises(AttributeError, match="no_such_name"):
        getattr(migrator, "no_such_name")  # noqa: B009 - mypy knows that it is not there


def _walk_through() -> str:
    """The code in the package's docstring."""
    lines = (migrator.__doc__ or "").splitlines()
    code = "\n".join(line for line in lines if line.startswith("    ") or not line)
    return textwrap.dedent(code)


def test_the_walk_through_runs(
    beams: tuple[Path, Path], helper: Helper, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The docstring's code, as it stands, plans and writes the migration."""
    old, new = beams
    monkeypatch.chdir(old.parent.parent)
    exec(compile(_walk_through(), "migrator", "exec"), {})  # noqa: S102 - as a user pastes it
    verdict, _, shown = capsys.readouterr().out.partition("\n")
    assert verdict == "migrate"
    assert "code_change(" in shown
    carried = migrator.inspect(helper, new).attribute("state_migrated")
    assert len(carried) == 1


def test_inject_changes_no_file(beams: tuple[Path, Path], helper: Helper) -> None:
    """`inject` gives the new bytes and leaves writing to `write`."""
    old, new = beams
    before = new.read_bytes()
    (injected,) = migrator.inject(helper, [old], new).injected
    assert new.read_bytes() == before
    assert migrator.write([injected]) == (new,)
    assert new.read_bytes() == injected.after


def test_eject_gives_the_module_back(beams: tuple[Path, Path], helper: Helper) -> None:
    """After `inject` and `eject` the module is the one that the compiler had made."""
    old, new = beams
    before = migrator.inspect(helper, new)
    migrator.write(migrator.inject(helper, [old], new).injected)
    migrator.write([migrator.eject(helper, new)])
    after = migrator.inspect(helper, new)
    assert (after.md5, after.exports) == (before.md5, before.exports)


def test_functions_may_be_called_as_they_like(tmp_path: Path, helper: Helper) -> None:
    """A module's functions and exports may have any name: one that means nothing elsewhere, any sign."""
    source = "-module(m).\n-export([none/0, 'a\"\\\\b'/1]).\nnone() -> 'ä'(1).\n'a\"\\\\b'(_) -> 1.\n'ä'(_) -> 2.\n"
    module = migrator.inspect(helper, compile_text(source, tmp_path))
    assert {(name.name, name.arity) for name in module.exports} == {("none", 0), ('a"\\b', 1)}
    assert {(name.name, name.arity) for name in module.functions - module.exports} == {("ä", 1)}


def test_two_releases_are_planned_in_one_go(beams: tuple[Path, Path], helper: Helper) -> None:
    """Two folders give one plan for each module that takes part."""
    old, new = (path.parent for path in beams)
    (planned,) = migrator.preview(helper, [old], new)
    assert planned.plan is not None
    assert planned.plan.module == "kv"


def test_write_puts_all_back(beams: tuple[Path, Path], helper: Helper) -> None:
    """When one beam of several cannot be written, those before it have their old bytes again."""
    old, new = beams
    (injected,) = migrator.inject(helper, [old], new).injected
    other = new.parent / "gone" / "kv.beam"
    other.parent.mkdir()
    shutil.copy(new, other)
    (second,) = migrator.inject(helper, [old], other).injected
    other.write_bytes(b"changed meanwhile")
    before = new.read_bytes()
    with pytest.raises(migrator.InputFault):
        migrator.write([injected, second])
    assert new.read_bytes() == before


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (migrator.InputFault("no_such_file", Path("x")), "M101"),
        (migrator.EnvironmentFault("no_erlang"), "M201"),
        (RuntimeError("boom"), "M902"),
    ],
)
def test_every_exception_has_diagnostics(error: Exception, code: str) -> None:
    """`diagnostics_of` turns whatever is raised into something to show."""
    assert [each.code for each in migrator.diagnostics_of(error)] == [code]


def test_a_refusal_is_data(helper: Helper, tmp_path: Path) -> None:
    """Inputs that cannot be used raise, and the exception holds the diagnostics."""
    with pytest.raises(migrator.MigratorError) as caught:
        migrator.preview(helper, [tmp_path / "none.beam"], tmp_path / "none.beam")
    (found,) = migrator.diagnostics_of(caught.value)
    assert (found.code, found.kind.exit) == ("M101", 4)
