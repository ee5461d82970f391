"""The migrator: carries the state of running Erlang processes from one release to the next, and back.

    from pathlib import Path
    from migrator import generated, inject, preview, start, write

    with start() as helper:
        (planned,) = preview(helper, [Path("old/kv.beam")], Path("new/kv.beam"))
        print(planned.plan.verdict)   # "migrate", "unchanged", or "blocked": then planned.diagnostics say why
        print(generated(planned.plan))
        write(inject(helper, [Path("old/kv.beam")], Path("new/kv.beam")).injected)

Every value here is frozen and can be built by hand; every function says what it raises.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from migrator.diagnostics import Diagnostic, Refused
    from migrator.errors import EnvironmentFault, InputFault, MigratorError
    from migrator.library import (
        Injection,
        diagnostics_of,
        eject,
        inject,
        inspect,
        preview,
        scan,
        start,
        verify,
        write,
    )
    from migrator.modules import Module
    from migrator.outcomes import Injected, Planned, Scanned
    from migrator.plan import Migration, Plan
    from migrator.records import Field, Record
    from migrator.request import Choice, Request
    from migrator.verifying.findings import Finding, Trial, Verified

_WHERE = {
    "Choice": "request",
    "Diagnostic": "diagnostics",
    "EnvironmentFault": "errors",
    "Field": "records",
    "Finding": "verifying.findings",
    "Injected": "outcomes",
    "Injection": "library",
    "InputFault": "errors",
    "Migration": "plan",
    "MigratorError": "errors",
    "Module": "modules",
    "Plan": "plan",
    "Planned": "outcomes",
    "Record": "records",
    "Refused": "diagnostics",
    "Request": "request",
    "Scanned": "outcomes",
    "Trial": "verifying.findings",
    "Verified": "verifying.findings",
    "diagnostics_of": "library",
    "eject": "library",
    "generated": "library",
    "inject": "library",
    "inspect": "library",
    "preview": "library",
    "scan": "library",
    "start": "library",
    "verify": "library",
    "write": "library",
}

__all__ = [
    "Choice",
    "Diagnostic",
    "EnvironmentFault",
    "Field",
    "Finding",
    "Injected",
    "Injection",
    "InputFault",
    "Migration",
    "MigratorError",
    "Module",
    "Plan",
    "Planned",
    "Record",
    "Refused",
    "Request",
    "Scanned",
    "Trial",
    "Verified",
    "diagnostics_of",
    "eject",
    "generated",
    "inject",
    "inspect",
    "preview",
    "scan",
    "start",
    "verify",
    "write",
]


def __getattr__(name: str) -> Any:  # noqa: ANN401 - whatever is asked for
    """Imports on first use: the command starts quicker than the whole library loads."""
    if name in _WHERE:
        return getattr(import_module(f"migrator.{_WHERE[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
