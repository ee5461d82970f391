"""Whether the states of two versions of a module are told apart by their records and types."""

from __future__ import annotations

from typing import TYPE_CHECKING

from migrator.modules import Module
from migrator.read import Wanted, read

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from migrator.otp import Helper


def changed_states(helper: Helper, pairs: Sequence[tuple[str, Path, Path]]) -> frozenset[str]:
    """Those whose state record, or a record inside it, has other fields or types, or of which nothing is known.

    Args:
        helper: reads.
        pairs: of each module its name, its old and its new beam.

    Raises:
        InputFault: a file is not there.
        EnvironmentFault, ProtocolError: the helper cannot serve.
    """
    after = read(helper, [Wanted(new, code="records") for _, _, new in pairs])
    named = [_records(module) for module in after]
    before = read(helper, [Wanted(old, names, "records") for (_, old, _), names in zip(pairs, named, strict=True)])
    return frozenset(
        module
        for (module, _, _), old, new in zip(pairs, before, after, strict=True)
        if not isinstance(new, Module) or _shapes(old) != _shapes(new)
    )


def _records(module: object) -> tuple[str, ...]:
    return tuple(each.name for each in module.records) if isinstance(module, Module) else ()


def _shapes(module: object) -> object:
    """What tells the states of two versions apart; of a beam without debug info nothing does."""
    if not isinstance(module, Module):
        return None
    fields = {each.name: [(one.name, one.type_text) for one in each.fields] for each in module.records}
    return fields, {each.name: each.body for each in module.types}
