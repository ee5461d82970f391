"""The JSON document of a command that could not do its work: its own keys, with nothing in them but what is said."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from migrator.render.json import diagnostics_json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from migrator.diagnostics import Diagnostic

# What each command tells where there is nothing to tell. One without an entry tells of one module.
_PLAN: dict[str, Any] = {"module": None, "record": None, "verdict": "blocked", "from": []}
_KEYS: dict[str, dict[str, Any]] = {
    "appup": {"applications": [], "added": [], "removed": []},
    "hook": {"exit": 0, "modules": [], "mended": []},
    "init": {
        "builder": None,
        "release": None,
        "releases": [],
        "files": [],
        "modules": [],
        "first": [],
        "commands": [],
        "tests": [],
    },
    "inspect": {
        "module": None,
        "file": None,
        "vsn": None,
        "behaviours": [],
        "record": None,
        "type": None,
        "fields": [],
        "carries": [],
    },
    "rehearse": {"seconds": 0.0, "steps": [], "load": None, "kept": []},
    "relup": {"release": None, "vsn": None, "relup": None, "tarball": None, "ways": []},
    "scan": {"modules": []},
    "verify": {**_PLAN, "result": "untried", "seed": None, "seconds": 0.0},
}


def refusal(command: str, diagnostics: Sequence[Diagnostic], code: int, seed: int | None = None) -> dict[str, Any]:
    """The object for that command, which ends with that exit code; every key is always there."""
    told = {**_KEYS.get(command, _PLAN), "diagnostics": diagnostics_json(diagnostics)}
    if "module" in told:
        told["module"] = next((each.module for each in diagnostics if each.module), None)
    if "exit" in told:
        told["exit"] = code
    if "seed" in told:
        told["seed"] = seed
    return told
