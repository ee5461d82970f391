"""What would go wrong at an upgrade: one verdict for each module between two releases, and the exit code of all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from migrator.diagnostics import Diagnostic, exit_code
from migrator.terms import term_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from migrator.outcomes import Planned

# An input that cannot be read at all; all other codes of exit 4 say what is wrong with a module that could be.
_UNREADABLE = frozenset(("M101", "M102", "M103", "M104", "M107", "M108", "M109", "M119", "M136"))
# A module that names no state record has nothing to be checked here.
_PASSED_BY = frozenset(("M111",))


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check says of one module."""

    module: str
    verdict: Literal["unchanged", "migrate", "blocked"]
    way: str
    diagnostics: tuple[Diagnostic, ...]
    planned: Planned


def checked(planned: Sequence[Planned]) -> tuple[Checked, ...]:
    """The modules that were planned, without those that name no state record."""
    return tuple(_checked(each) for each in planned if not _passed_by(each))


def _passed_by(planned: Planned) -> bool:
    return bool(planned.refusals) and all(each.code in _PASSED_BY for each in planned.refusals)


def _checked(planned: Planned) -> Checked:
    name = planned.new.name if planned.new else planned.job.new.stem
    olds = [term_text(each.vsn) for each in planned.olds]
    way = f"{', '.join(olds)} -> {term_text(planned.new.vsn)}" if olds and planned.new else ""
    return Checked(name, planned.verdict, way, planned.diagnostics, planned)


def status(found: Sequence[Checked]) -> int:
    """The exit code: 1 where something would go wrong, unless what was given cannot be looked at."""
    diagnostics = [each for one in found for each in one.diagnostics]
    worst = exit_code(diagnostics)
    if worst in {0, 5, 70}:
        return worst
    # Of a release the other modules were looked at.
    unreadable = any(each.code in _UNREADABLE for each in diagnostics)
    return 4 if unreadable and len(found) == 1 else 1
