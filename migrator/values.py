"""The value of a new field: its declared default, or what the new `init/1` gives it (contract, section 2)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from migrator.modules import ClosedValue, ConstantValue, OpenValue
from migrator.recordplan import Given, TakenDefault

if TYPE_CHECKING:
    from migrator.modules import ConstructedValue, Construction, FreeVariable
    from migrator.pairs import Pair
    from migrator.records import Field


@dataclass(frozen=True, slots=True)
class Computed:
    """No value can be taken: what the constructions give the field.

    `given` has each value with its construction, None where that leaves the field alone. `liftable` is the one
    expression without free variables that they all give, or None.
    """

    given: tuple[tuple[ConstructedValue | None, Construction], ...]
    liftable: ClosedValue | ConstantValue | None

    @property
    def values(self) -> tuple[ConstructedValue, ...]:
        """What the field is given, in order."""
        return tuple(value for value, _ in self.given if value is not None)

    @property
    def missing(self) -> tuple[tuple[FreeVariable, Construction], ...]:
        """The variables that the expressions need, each once, with the construction that it is needed for."""
        found = {
            (free.name, each.function, free.line): (free, each)
            for value, each in self.given
            if isinstance(value, OpenValue)
            for free in value.free
        }
        return tuple(found.values())

    @property
    def origin(self) -> str:
        """Where the first of the values stands."""
        where = next(each for value, each in self.given if value is not None)
        return f"{where.function}, line {where.line}"


@dataclass(frozen=True, slots=True)
class Unseen:
    """The module does not build the state of a new process: nothing says which value the field has there."""


NewValue: TypeAlias = TakenDefault | Given | Computed | Unseen


def value_of(pair: Pair, field: Field) -> NewValue:
    """The value of a field that no old field is the source of."""
    if field.default is not None:
        return TakenDefault(field.default.text)
    built = [
        each for each in pair.new_module.constructions if each.record == pair.new.name and not _is_match_pattern(each)
    ]
    first = _first_values(pair, built)
    if not pair.inner and all(each.function.name in _LATER for each in first):
        return Unseen()
    given = [(each.value_of(field.name), each) for each in first]
    # An update that leaves the field alone says nothing.
    told = [(value, each) for value, each in given if value is not None or each.kind == "new"]
    values = [value for value, _ in told if value is not None]
    texts = {value.text for value in values}
    if not texts:
        return TakenDefault("undefined")
    if texts == {"undefined"} and pair.new.definition is None:
        return TakenDefault("undefined")
    alike = len(values) == len(told) and len(texts) == 1
    computed = Computed(tuple(told), None)
    if alike and all(isinstance(value, ConstantValue) for value in values):
        return Given(values[0].text, computed.origin)
    one = values[0]
    liftable = one if alike and isinstance(one, ClosedValue | ConstantValue) else None
    return Computed(tuple(told), liftable)


# A state that only these build was built before, by another module.
_LATER = frozenset({"handle_call", "handle_cast", "handle_info", "handle_event", "handle_sync_event", "terminate"})


def _first_values(pair: Pair, built: list[Construction]) -> list[Construction]:
    """The constructions that give a new record its first values.

    For the state they are those that `init/1` comes to. A record inside it, or a state that is handed to `init/1`, is
    new wherever it is built; what updates it elsewhere does so later, save in a function that builds one too.
    """
    relevant = [each for each in built if each.from_init]
    if not pair.inner and any(each.kind == "new" for each in relevant):
        return relevant
    building = {each.function for each in built if each.kind == "new"}
    return [each for each in built if each.function in building or (each.from_init and not pair.inner)]


_MATCH_VARIABLE = re.compile(r"'_'|'\$\d+'")


def _is_match_pattern(construction: Construction) -> bool:
    """Whether it is a pattern for `ets:match/2` and its like, and no record."""
    values = [value for _, value in construction.values]
    if construction.others is not None:
        values.append(construction.others)
    return any(_MATCH_VARIABLE.fullmatch(value.text) for value in values)
