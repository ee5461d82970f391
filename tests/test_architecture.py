"""The picture in ARCHITECTURE.md holds: who may import whom, how big a file may be, what every file says of itself."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "migrator"
PAGE = ROOT / "ARCHITECTURE.md"

# The table of the page: which modules stand in which room. A module is named by its path in the package.
ROOMS: dict[str, frozenset[str]] = {
    room: frozenset(re.findall(r"`([\w.]+)`", modules))
    for room, modules in re.findall(r"^\| \*\*(\w+)\*\* \| (.*?) \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
}

# What a room may import beside itself; `cli` is the outermost one.
MAY_IMPORT = {
    "nouns": set(),
    "doors": {"nouns"},
    "verbs": {"nouns"},
    "render": {"nouns"},
    "cli": {"nouns", "doors", "verbs", "render"},
    "suite": {"nouns", "doors", "verbs", "render"},
}

# The verbs that the picture shows at a door, and what is compiled is the very text that is printed.
THROUGH = {
    "read": {"otp", "files"},
    "splice": {"otp", "render.erlang"},
    "scanning": {"otp", "files"},
    "pipeline": {"otp"},
    "beside": {"otp"},
    "ruled": {"otp"},
    "rules": {"files", "resources"},
    "termtext": {"files", "resources"},
    "locking": {"otp", "files"},
    "locks": {"otp"},
    "release.integrate": {"files"},
    "release.digest": {"otp", "files"},
    "release.match": {"otp", "files"},
    "release.plans": {"otp"},
    "release.silent": {"otp", "files"},
    "release.validate": {"otp"},
    "release.patterns": {"otp"},
    "release.appupsrc": {"otp"},
    "release.relup": {"otp"},
    "release.pack": {"otp", "files"},
    "release.codes": {"otp", "files"},
    "release.changedstates": {"otp"},
    "release.preparing": {"otp"},
    "release.upgrades": {"otp"},
    "release.covering": {"otp"},
    "release.answers": {"otp"},
    "release.drafting": {"otp", "render.appup"},
    "release.merging": {"render.appup"},
    "release.remarks": {"render.appup"},
    "release.tree": {"otp", "files"},
    "release.supervision": {"otp"},
    "release.unsupervised": {"otp", "files"},
    "release.throwaway": {"otp"},
    "release.rehearse": {"release.nodes"},
    "release.booting": {"release.nodes", "release.outside"},
    "release.driving": {"release.nodes"},
    "library": {"otp", "files", "release.journal", "render.erlang"},
    "release.archive": {"release.members"},
    "verifying.installed": {"otp", "files"},
    "verifying.states": {"etf", "files"},
    "verifying.trying": {"otp"},
    "verifying.verify": {"otp"},
    "release.attributes": {"etf"},
    "release.view": {"otp", "files"},
    "release.ways": {"otp", "release.journal"},
    "examples.placing": {"files", "render.eunit"},
    "release.hook": {"otp", "release.alone", "release.journal", "release.tarball"},
}

# Who may know these libraries, and nobody else.
FENCED = {
    "click": {each for each in ROOMS["cli"] if each.startswith("cli")} | {"options", "console"},
    "erlang": {"etf"},
    "lark": {"rules", "termtext"},
    "pygments": {"console"},
    "pytest": {"testing.plugin"},
    "syrupy": {"testing.plugin", "testing.snapshots"},
}

LONGEST = 400


def _module_name(path: Path) -> str:
    return ".".join(path.relative_to(PACKAGE).with_suffix("").parts).removesuffix("__init__").rstrip(".")


FILES = {_module_name(path): path for path in sorted(PACKAGE.rglob("*.py"))}
MODULES = sorted(name for name, path in FILES.items() if path.name != "__init__.py")


def _room(module: str) -> str | None:
    return next((room for room, modules in ROOMS.items() if module in modules), None)


def _imported(path: Path) -> set[str]:
    """Every full name that a file imports, at any depth of its code and under TYPE_CHECKING too."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: a relative import"
            found.update(f"{node.module}.{alias.name}" for alias in node.names)
    return found


def _neighbours(module: str) -> set[str]:
    """The modules of the package that a module imports."""
    found: set[str] = set()
    for name in _imported(FILES[module]):
        parts = name.split(".")
        if parts[0] == "migrator":
            inner = ".".join(parts[1:])
            outer = ".".join(parts[1:-1])
            found.add(inner if inner in FILES else outer)
    return found - {""}


def test_every_module_has_a_room() -> None:
    """Each file of the package stands in the table exactly once, and the table names no file that is gone."""
    listed = sorted(module for modules in ROOMS.values() for module in modules)
    assert listed == MODULES


def test_the_page_has_the_rooms() -> None:
    """ARCHITECTURE.md has a row for each room of the picture."""
    assert ROOMS.keys() == MAY_IMPORT.keys()


@pytest.mark.parametrize("module", MODULES)
def test_imports_follow_the_picture(module: str) -> None:
    """A module imports from the rooms that its own may see, and through a door only where the picture shows it."""
    room = _room(module)
    assert room is not None
    allowed = MAY_IMPORT[room] | {room}
    wrong = {
        other
        for other in _neighbours(module)
        if _room(other) not in allowed and other not in THROUGH.get(module, set())
    }
    assert wrong == set()


@pytest.mark.parametrize(("module", "other"), [(one, two) for one, others in THROUGH.items() for two in sorted(others)])
def test_no_way_through_is_left_over(module: str, other: str) -> None:
    """Each exception in the table is used: one that is not is taken out."""
    assert other in _neighbours(module)


@pytest.mark.parametrize("library", FENCED)
def test_libraries_are_fenced_in(library: str) -> None:
    """A library of others is imported exactly by the files that the table gives it."""
    users = {module for module, path in FILES.items() if any(n.split(".")[0] == library for n in _imported(path))}
    assert users == FENCED[library]


def test_there_are_no_circles() -> None:
    """No module imports itself by way of others; imports for types only count too."""
    graph = {module: _neighbours(module) for module in MODULES}
    # Whoever imports nothing that is left can be taken away; a circle is what never can.
    left = set(graph)
    while free := {module for module in left if not graph[module] & left}:
        left -= free
    assert left == set()


def _sources() -> list[Path]:
    folders = ("migrator", "tests", "scripts", "benchmarks", "erlang_helpers")
    return [
        path
        for folder in folders
        for pattern in ("*.py", "*.erl")
        for path in sorted((ROOT / folder).rglob(pattern))
        if not {"data", "snapshots"} & set(path.relative_to(ROOT).parts)
    ]


def test_files_are_short() -> None:
    """No source file has more lines than a person reads in one go."""
    long = {
        str(path.relative_to(ROOT)): lines
        for path in _sources()
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > LONGEST
    }
    assert long == {}


def test_every_file_says_what_it_is() -> None:
    """Each Python file has a docstring of its own, each Erlang module a comment before its first form."""
    silent = [str(path.relative_to(ROOT)) for path in _sources() if not _introduced(path)]
    assert silent == []


def _introduced(path: Path) -> bool:
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".erl":
        return text.startswith("%%")
    return bool(ast.get_docstring(ast.parse(text)))
