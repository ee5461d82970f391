"""What was found out about one row of the survey."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from survey_judge import asked, declared_undefined, structure, suggested, values, warned

if TYPE_CHECKING:
    from survey_build import Made
    from survey_data import Row

    from migrator.outcomes import Planned


@dataclass(frozen=True)
class Found:
    """A row, its modules, the plan without decisions and the one with those that were made."""

    row: Row
    made: Made
    first: Planned | None
    final: Planned | None
    decided: tuple[str, ...]
    ever: frozenset[str] = frozenset()

    @property
    def asks(self) -> tuple[str, ...]:
        """The codes of what is asked without decisions, each once."""
        return tuple(sorted({each.code for each in asked(self.first)})) if self.first else ()

    @property
    def free(self) -> bool:
        """Whether it is planned, and nothing is asked."""
        return self.first is not None and not self.asks

    @property
    def structure(self) -> str:
        """Whether the structure is the data's."""
        if self.first is None or self.final is None:
            return "no plan: passed by"
        return structure(self.row, self.first, self.final, self.ever)

    @property
    def silent(self) -> tuple[tuple[str, str], ...]:
        """New fields that get another value than the data's, without a question."""
        return tuple(values(self.row, self.first)) if self.first else ()

    @property
    def warned(self) -> bool:
        """Whether a new field's value is only warned of."""
        added = {field for field, _ in self.row.added}
        return self.first is not None and bool(added & warned(self.first))

    @property
    def suggested(self) -> dict[str, tuple[str, ...]]:
        """The renames that are offered for each old field."""
        return suggested(self.first) if self.first else {}

    @property
    def by_declaration(self) -> tuple[str, ...]:
        """New fields that are undefined since their record says so, and that init computes."""
        return declared_undefined(self.row, self.first) if self.first else ()

    @property
    def doubtful(self) -> bool:
        """Whether types whose meaning is not known, most of them stubs, are all that is asked about."""
        open_ = asked(self.first) if self.first else ()
        return bool(open_) and all("not known here" in each.message for each in open_)
