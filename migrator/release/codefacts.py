"""Nouns: what a module is to OTP when it is upgraded, and what it calls or names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from migrator.callbacks import BY_BEHAVIOUR, CONTINUES, KNOWN, declared

if TYPE_CHECKING:
    from migrator.terms import Term

_SUPERVISORS = frozenset({"supervisor", "Elixir.Supervisor", "Elixir.DynamicSupervisor"})
_STATEFUL = frozenset({*BY_BEHAVIOUR, "Elixir.GenServer", "Elixir.GenStage", "Elixir.Agent"})


@dataclass(frozen=True, slots=True)
class Reference:
    """A function that code calls or names; `function` is None where only the module is named, `arity` where unknown."""

    module: str
    function: str | None
    arity: int | None


@dataclass(frozen=True, slots=True)
class CodeFacts:
    """What one beam says.

    `attributes` are those of behaviours and of ours. `calls` are certain; `named` are tuples, child specifications and
    arguments that look like a function of that module.
    """

    module: str
    behaviours: tuple[str, ...]
    attributes: tuple[tuple[str, Term], ...]
    exports: frozenset[tuple[str, int]]
    calls: frozenset[Reference]
    named: frozenset[Reference]

    def says(self, attribute: str) -> bool:
        """Whether it has that attribute."""
        return any(name == attribute for name, _ in self.attributes)

    @property
    def is_supervisor(self) -> bool:
        """Whether processes of it are supervisors."""
        return any(each in _SUPERVISORS for each in self.behaviours)

    @property
    def is_stateful(self) -> bool:
        """Whether its behaviour keeps a state for it, or it takes system messages by itself."""
        return any(each in _STATEFUL for each in self.behaviours) or self._exports(CONTINUES.name, CONTINUES.arity)

    @property
    def takes_part(self) -> bool:
        """Whether it names its state for us."""
        return self.says("state_record") or self.says("state_type")

    @property
    def is_migrated(self) -> bool:
        """Whether a migration of ours is in it."""
        return self.says("state_migrated")

    @property
    def converts(self) -> bool:
        """Whether OTP finds a function that converts its state."""
        named = [
            callback.function
            for name, value in self.attributes
            if name == "state_callback"
            for each in (value if isinstance(value, list) else [])
            if (callback := declared(each))
        ]
        return any(
            self._exports(each.name, each.arity) for each in (*named, *(callback.function for callback in KNOWN))
        )

    def _exports(self, name: str, arity: int) -> bool:
        return (name, arity) in self.exports
