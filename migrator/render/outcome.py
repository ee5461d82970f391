"""What a command did, in one line a module."""

from __future__ import annotations

from typing import TYPE_CHECKING

from migrator.terms import term_text

if TYPE_CHECKING:
    from pathlib import Path

    from migrator.outcomes import Injected
    from migrator.plan import Plan


def _versions(plan: Plan) -> str:
    olds = ", ".join(term_text(each.vsn) for each in plan.migrations)
    return f"{olds} <-> {term_text(plan.vsn)}"


def render_unchanged(plan: Plan) -> str:
    """A comment in the place of code, where there is nothing to generate."""
    return f"%% {plan.module}: {_versions(plan)}: the state record is the same, nothing is generated\n"


def render_injected(plan: Plan, injected: Injected, output: Path | None, verb: str) -> str:
    """One line: what was put where, or why nothing was."""
    path = output or injected.path
    if injected.after is None:
        return f"{plan.module}: {_versions(plan)}: the state record is the same, nothing to do"
    if injected.after == injected.before and output is None:
        return f"{plan.module}: {_versions(plan)} {verb} in {path} already"
    return f"{plan.module}: {_versions(plan)} {verb} in {path}"


def render_ejected(ejected: Injected, output: Path | None) -> str:
    """One line: what was taken out, or that nothing was there."""
    path = output or ejected.path
    if ejected.after is None:
        return f"{ejected.module}: {path} carries no migration, nothing to do"
    return f"{ejected.module}: the migration is out of {path}"
