"""Several old versions of one module: their order, and what tells them apart (contract, sections 3 and 5)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from migrator.decisions import OnlyFrom
from migrator.diagnostics import CATALOGUE, Diagnostic
from migrator.states import shown
from migrator.telling import told
from migrator.terms import is_string, term_text, text_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from migrator.decisions import Written
    from migrator.plan import Migration, Plan
    from migrator.terms import Term

_VERSION = re.compile(r"[vV]?(\d+(?:\.\d+)*)")
# Checksums, which the compiler writes as vsn, have 128 bits; a number this small was written by a person.
_WRITTEN_BY_HAND = 1 << 32


def version_key(vsn: Term) -> tuple[int, ...] | None:
    """The numbers of a vsn that is written like a version, for comparing; None for a checksum and all else."""
    if isinstance(vsn, int) and 0 <= vsn < _WRITTEN_BY_HAND:
        return (vsn,)
    if not (is_string(vsn) or isinstance(vsn, bytes)):
        return None
    matched = _VERSION.fullmatch(text_of(vsn) or "")
    return tuple(int(number) for number in matched[1].split(".")) if matched else None


def in_order(migrations: Iterable[Migration]) -> tuple[Migration, ...]:
    """The migrations in the one order that their vsns have, whatever order they were given in."""

    def key(migration: Migration) -> tuple[bool, tuple[int, ...], str]:
        numbers = version_key(migration.vsn)
        return numbers is None, numbers or (), term_text(migration.vsn)

    return tuple(sorted(migrations, key=key))


def merge(carried: Sequence[Migration], given: Sequence[Migration]) -> tuple[Migration, ...]:
    """Those that the beam carries and those given now; of the same vsn the given one holds."""
    replaced = {term_text(migration.vsn) for migration in given}
    kept = [each for each in carried if term_text(each.vsn) not in replaced]
    # Terms hold lists, so that migrations have no hash.
    once = [each for number, each in enumerate(given) if each not in given[:number]]
    return in_order([*kept, *once])


def for_others(plan: Plan, decisions: Iterable[Written]) -> tuple[Diagnostic, ...]:
    """A note (M515) for each `from` whose version is none of the plan's: it may be for a later run, or misspelt."""
    known = [term_text(each.vsn) for each in plan.migrations]
    return tuple(
        Diagnostic(
            CATALOGUE["M515"],
            f"the decisions from {term_text(written.decision.vsn)} are not applied: the old versions are "
            f"{', '.join(known) or 'none'}",
            "they hold when that version is among the OLDs",
            written.place,
            tuple(f"{{from, {vsn}, […]}}" if written.column is None else f"from {vsn}." for vsn in known[:3]),
            module=plan.module,
        )
        for written in decisions
        if isinstance(written.decision, OnlyFrom) and term_text(written.decision.vsn) not in known
    )


def indistinct(plan: Plan) -> tuple[Diagnostic, ...]:
    """A diagnostic (M305) for versions that neither shape nor vsn tells apart."""
    found: list[Diagnostic] = []
    seen: dict[str, Migration] = {}
    for migration in plan.migrations:
        vsn = term_text(migration.vsn)
        if vsn in seen:
            found.append(_same_vsn(plan, vsn, "two of the old versions have"))
        seen[vsn] = migration
        if vsn == term_text(plan.vsn) and not told(plan, migration):
            found.append(_same_vsn(plan, vsn, "the old version and the new one have"))
    return tuple(found)


def _same_vsn(plan: Plan, vsn: str, who: str) -> Diagnostic:
    return Diagnostic(
        CATALOGUE["M305"],
        f"{who} the vsn {vsn} and states that mean different things: nothing tells them apart at run time",
        "a state could be converted that must not be, or into the wrong version",
        f"{plan.file}, {shown(plan.state)}",
        ('-vsn("…").   % another one in each version',),
        module=plan.module,
    )
