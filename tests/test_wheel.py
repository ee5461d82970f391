"""The built wheel works by itself: installed into an empty environment, far from the checkout."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

import migrator
from tests.support.beams import compile_file

ROOT = Path(__file__).parent.parent
SAMPLE = ROOT / "samples" / "renamed_and_added"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from the checkout with what the environment has."""
    out = tmp_path_factory.mktemp("wheel")
    code = "import sys; from hatchling.build import build_wheel; print(build_wheel(sys.argv[1]))"
    done = subprocess.run([sys.executable, "-c", code, str(out)], cwd=ROOT, check=True, capture_output=True, text=True)
    return out / done.stdout.splitlines()[-1]


@pytest.fixture(scope="module")
def command(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The installed command.

    The four libraries that it needs are lent by the environment that runs the tests, so that no index is asked;
    the checkout's own link there, if any, is not followed.
    """
    place = tmp_path_factory.mktemp("installed")
    venv.create(place, with_pip=False)
    python = place / "bin" / "python"
    pip = [sys.executable, "-m", "pip", "--python", str(python), "--disable-pip-version-check"]
    subprocess.run([*pip, "install", "-q", "--no-index", "--no-deps", str(wheel)], check=True)
    site = Path(sysconfig.get_path("purelib", vars={"base": str(place), "platbase": str(place)}))
    lent = Path(sysconfig.get_path("purelib"))
    for pattern in ("click*", "erlang*", "lark*", "pygments*", "Pygments*"):
        for found in lent.glob(pattern):
            (site / found.name).symlink_to(found)
    return place / "bin" / "migrator"


def _run(command: Path, folder: Path, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """The command in an empty folder with a cache of its own, and nothing that leads to the checkout."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    environment |= {"XDG_CACHE_HOME": str(folder / "cache"), "NO_COLOR": "1"}
    return subprocess.run(
        [str(command), *map(str, arguments)],
        cwd=folder,
        env=environment,
        check=False,
        capture_output=True,
        text=True,
    )


def test_the_wheel_holds_the_helper_and_no_tests(wheel: Path) -> None:
    """The helper's Erlang and the grammar are in the wheel beside the package, and nothing but the package is."""
    names = zipfile.ZipFile(wheel).namelist()
    held = {name.rpartition("/")[2] for name in names if name.startswith("migrator/erlang_helpers/")}
    assert held >= {path.name for path in (ROOT / "erlang_helpers").glob("*.erl")}
    grammars = {f"migrator/grammars/{path.name}" for path in (ROOT / "grammars").glob("*.lark")}
    assert grammars <= set(names)
    pages = {path.name for path in (ROOT / "docs" / "diagnostics").glob("M*.md")}
    assert {name.rpartition("/")[2] for name in names if name.startswith("migrator/docs/diagnostics/M")} == pages
    assert {name.split("/")[0].partition("-")[0] for name in names} == {"migrator"}


def test_the_wheel_brings_the_plugin_and_not_pytest(wheel: Path) -> None:
    """Pytest finds the plugin by its entry point; pytest and syrupy come with an extra alone."""
    archive = zipfile.ZipFile(wheel)
    told = {
        name.rpartition("/")[2]: archive.read(name).decode() for name in archive.namelist() if ".dist-info/" in name
    }
    assert "[pytest11]\nmigrator = migrator.testing.plugin\n" in told["entry_points.txt"]
    needed = [line for line in told["METADATA"].splitlines() if line.startswith("Requires-Dist: ")]
    optional = [line for line in needed if "pytest" in line or "syrupy" in line]
    assert len(optional) >= 2
    assert all("extra ==" in line for line in optional)


def test_the_version_is_the_packages(command: Path, tmp_path: Path) -> None:
    """The installed command says the version that pyproject.toml has."""
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    version = next(line.split('"')[1] for line in text.splitlines() if line.startswith("version = "))
    assert _run(command, tmp_path, "--version").stdout.rstrip().endswith(version)


def test_the_installed_command_migrates(command: Path, tmp_path: Path) -> None:
    """From an empty folder, with an empty cache, the installed command previews and injects a compiled pair."""
    old, new = (compile_file(SAMPLE / v / "kv.erl", tmp_path / v) for v in ("v1", "v2"))
    shown = _run(command, tmp_path, "preview", old, new)
    assert (shown.returncode, shown.stderr) == (0, "")
    assert "code_change(" in shown.stdout
    done = _run(command, tmp_path, "inject", old, new)
    assert (done.returncode, done.stderr) == (0, "")
    again = _run(command, tmp_path, "inspect", new)
    assert "It carries a migration" in again.stdout


def test_the_installed_command_reads_decisions(command: Path, tmp_path: Path) -> None:
    """The installed command finds its grammar: a decisions file is read."""
    folder = ROOT / "samples" / "third_party_rules"
    old, new = (compile_file(folder / v / "meter_feed.erl", tmp_path / v) for v in ("v1", "v2"))
    shown = _run(command, tmp_path, "preview", "--rules", folder / "meter_feed.migration", old, new)
    assert (shown.returncode, shown.stderr) == (0, "")
    assert "Value * 1000" in shown.stdout


def test_the_installed_command_explains(command: Path, tmp_path: Path) -> None:
    """The installed command finds its pages, also where there is no Erlang."""
    shown = _run(command, tmp_path, "explain", "M301")
    assert (shown.returncode, shown.stderr) == (0, "")
    assert shown.stdout == (ROOT / "docs" / "diagnostics" / "M301.md").read_text(encoding="utf-8")
    assert not (tmp_path / "cache").exists()


def test_the_installed_package_is_not_the_checkout(command: Path, tmp_path: Path) -> None:
    """What ran above was the wheel's own code."""
    python = command.parent / "python"
    done = subprocess.run(
        [str(python), "-I", "-c", "import migrator; print(migrator.__file__)"],
        cwd=tmp_path,
        check=True,
        capture_output=True,
        text=True,
    )
    assert Path(done.stdout.strip()).parent != Path(migrator.__file__).parent
    assert command.parent.parent in Path(done.stdout.strip()).parents
