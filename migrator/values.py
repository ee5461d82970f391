"""The value of a new field: its declared default, or what the new `init/1` gives it (contract, section 2)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from migrator.modules import ClosedValue, ConstantValue, OpenValue
from migrator.plan import Given, TakenDefault

if TYPE_CHECKING:
    from migrator.modules import ConstructedValue, Construction, Module
    from migrator.records import Field, Record


@dataclass(frozen=True, slots=True)
class Computed:
    """No value can be taken: what the constructions give the field, as texts with their lines.

    `liftable` is the one expression without free variables that they all give, or None.
    """

    expressions: tuple[tuple[str, int], ...]
    liftable: ClosedValue | ConstantValue | None
    missing: tuple[str, ...]


NewValue: TypeAlias = TakenDefault | Given | Computed


def value_of(module: Module, record: Record, field: Field) -> NewValue:
    """The value of a field that no old field is the source of."""
    if field.default is not None:
        return TakenDefault(field.default.text)
    built = [each for each in module.constructions if each.record == record.name]
    relevant = [each for each in built if each.from_init]
    if not any(each.kind == "new" for each in relevant):
        relevant = built
    given = _given(relevant, field.name)
    texts = {value.text for value, _ in given if value is not None}
    if not texts or texts == {"undefined"}:
        return TakenDefault("undefined")
    values = [value for value, _ in given if value is not None]
    complete = len(values) == len(given)
    if complete and len(texts) == 1 and isinstance(values[0], ConstantValue):
        where = next(construction for value, construction in given if value is not None)
        return Given(values[0].text, f"{where.function}, line {where.line}")
    return _computed(given, values)


def _given(built: list[Construction], field: str) -> list[tuple[ConstructedValue | None, Construction]]:
    """What each construction gives the field (None: left alone); an update that leaves it alone says nothing."""
    found = [(construction.value_of(field), construction) for construction in built]
    return [(value, each) for value, each in found if value is not None or each.kind == "new"]


def _computed(given: list[tuple[ConstructedValue | None, Construction]], values: list[ConstructedValue]) -> Computed:
    expressions = tuple(dict.fromkeys((value.text, each.line) for value, each in given if value is not None))
    missing = sorted({name for value in values if isinstance(value, OpenValue) for name in value.free})
    one = len({value.text for value in values}) == 1 and len(values) == len(given)
    first = values[0]
    liftable = first if one and isinstance(first, ClosedValue | ConstantValue) else None
    return Computed(expressions, liftable, tuple(missing))
