"""What a start costs is what is imported: `make bench` has the figures, this the packages that must not creep in."""

from __future__ import annotations

import subprocess
import sys

import pytest

# They take up to a tenth of a second, and few runs read decisions files or rebar.config, or colour anything.
HEAVY = ("lark", "pygments", "asyncio")


@pytest.mark.parametrize("modules", ["migrator.cli", "migrator.cli, migrator.commands"])
def test_a_start_imports_nothing_heavy(modules: str) -> None:
    """Neither the command line nor what `preview` needs imports a package that only some runs need."""
    told = f"import sys, {modules}; print(*sorted(set({HEAVY}) & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", told], check=True, capture_output=True, text=True)
    assert done.stdout == "\n"
