"""Two versions of a module: what is planned between them, the Erlang that is generated, and states that are tried."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from migrator import etf, library
from migrator.errors import HelperFault
from migrator.render.report import render_report
from migrator.render.table import render_table
from migrator.terms import Atom, term_text, text_of

if TYPE_CHECKING:
    from typing import Literal

    from migrator.diagnostics import Diagnostic
    from migrator.library import Injection
    from migrator.otp import Helper
    from migrator.outcomes import Planned
    from migrator.plan import Migration, Plan
    from migrator.terms import Term

# Of one conversion, in seconds.
_LONGEST = 30.0

# An Erlang term: its text (an expression, as in the shell), or a value of `migrator.terms`.
Given: TypeAlias = "str | Term"


class Blocked(AssertionError):  # noqa: N818 - an outcome of a test
    """There is no migration: the message says why, as `migrator preview` does."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the conversion function did: the state that it answered, or else what it said (`refusal`)."""

    state: Term | None
    refusal: str | None


@dataclass(frozen=True, slots=True, repr=False)
class Pair:
    """One or more old versions of a module and a new one, planned, and injected where nothing stands in the way."""

    injection: Injection
    node: Helper

    def __repr__(self) -> str:
        plan = self.planned.plan
        if plan is None:
            return f"<no plan: {', '.join(self.codes)}>"
        vsns = ", ".join(term_text(each.vsn) for each in plan.migrations)
        return f"<{plan.module}: {vsns} -> {term_text(plan.vsn)}, {self.verdict}>"

    @property
    def planned(self) -> Planned:
        """What came of planning it."""
        (planned,) = self.injection.planned
        return planned

    @property
    def verdict(self) -> str:
        """`migrate`, `unchanged`, or `blocked`."""
        return self.planned.verdict

    @property
    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """All that is to be said of it."""
        return self.injection.diagnostics

    @property
    def codes(self) -> list[str]:
        """The codes of what is to be said of it, in order."""
        return [each.code for each in self.diagnostics]

    @property
    def plan(self) -> Plan:
        """The plan.

        Raises:
            Blocked: none could be made.
        """
        if self.planned.plan is None:
            raise Blocked(self._why())
        return self.planned.plan

    @property
    def table(self) -> str:
        """The plan as `migrator preview --format plan` prints it."""
        return render_table(self.plan)

    @property
    def erlang(self) -> str:
        """The generated Erlang, as `migrator preview` prints it: compiled, and proved to be all that is new.

        Raises:
            Blocked: a person must decide first, or nothing is to be done.
        """
        _ = self.beam
        return library.generated(self.plan)

    @property
    def beam(self) -> bytes:
        """The new beam with its migration.

        Raises:
            Blocked: as above.
        """
        if self.injection.exit or self.planned.plan is None:
            raise Blocked(self._why())
        (one,) = self.injection.injected
        if one.after is None:
            raise Blocked(f"the states of {one.module} are the same in both versions: nothing is generated")
        return one.after

    def _why(self) -> str:
        stops = [each for each in self.diagnostics if each.kind.exit]
        return f"no migration is generated:\n{render_report(stops)}"

    def migration(self, version: str | None = None) -> Migration:
        """The migration from that old version, by its vsn; without one, the only one.

        Raises:
            AssertionError: there is none from that version, or there are several.
        """
        known = self.plan.migrations
        found = [each for each in known if version in {None, term_text(each.vsn), text_of(each.vsn)}]
        if len(found) != 1:
            vsns = ", ".join(term_text(each.vsn) for each in known)
            raise AssertionError(f"version=… has to name one of the old versions: {vsns}")
        return found[0]

    def term(self, given: Given) -> Term:
        """The term that a text means, as the node has it.

        Raises:
            AssertionError: the text is no Erlang, or what it calls fails.
        """
        if not isinstance(given, str):
            # Its maps in the node's order, so that it can be compared.
            return self.node.call((Atom("echo"), given), _LONGEST)
        match self.node.call((Atom("trial_value"), given.encode()), _LONGEST):
            case (Atom("ok"), value):
                return value
            case (_, bytes(why)):
                raise AssertionError(f"{given!s}\nis no Erlang term: {why.decode()}")
        raise AssertionError(repr(given))

    def convert(  # noqa: PLR0913 - the arguments of a conversion function
        self,
        state: Given,
        *,
        way: Literal["up", "down"] = "up",
        version: str | None = None,
        old_vsn: Given | None = None,
        extra: Given = "[]",
        state_name: str = "a_state_name",
    ) -> Outcome:
        """Calls the module's conversion function, with its migration, on a real node.

        Args:
            state: the state before.
            way: `up` from the old version, `down` to it.
            version: the vsn of the old version, where there are several.
            old_vsn: what stands for OldVsn, in the place of what OTP passes.
            extra: the argument Extra.
            state_name: the name of a machine's state.

        Raises:
            AssertionError: a text is no term, nothing is generated, or the function ran for too long.
        """
        plan, vsn = self.plan, self.migration(version).vsn
        told = (vsn if way == "up" else (Atom("down"), vsn)) if old_vsn is None else self.term(old_vsn)
        callback = plan.callback
        placed = {callback.vsn: told, callback.state: self.term(state), callback.extra: self.term(extra)}
        for position, name in callback.others:
            placed[position] = Atom(plan.module if name == "Module" else state_name)
        arguments: list[Term] = [placed[position] for position in sorted(placed)]
        self._load()
        request: Term = (Atom("trial_convert"), Atom(plan.module), Atom(callback.function.name), arguments)
        try:
            answer = self.node.call(request, _LONGEST)
        except HelperFault as fault:
            raise AssertionError(f"{callback.function} does not answer: {fault.text}") from fault
        return self._outcome(answer)

    def _load(self) -> None:
        folders: list[Term] = [str(self.planned.job.new.parent).encode()]
        match self.node.call((Atom("trial_load"), Atom(self.plan.module), self.beam, folders), _LONGEST):
            case (Atom("error"), bytes(why)):
                raise AssertionError(f"{self.plan.module} cannot be loaded: {why.decode()}")

    def _outcome(self, answer: Term) -> Outcome:
        match answer:
            case (Atom("raised"), bytes(text)):
                return Outcome(None, text.decode())
            case (Atom("answer"), (Atom("ok"), *parts)) if len(parts) == len(self.plan.callback.reply):
                return Outcome(parts[self.plan.callback.reply.index("State")], None)
            case (Atom("answer"), other):
                return Outcome(None, term_text(other))
        raise AssertionError(repr(answer))


def same(one: Term, other: Term) -> bool:
    """Whether both are the very same term; in Python 1 equals 1.0."""
    return etf.encode(one) == etf.encode(other)
