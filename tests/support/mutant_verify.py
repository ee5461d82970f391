"""What `verify` says of a mutant: its beam is tried with the plan of the original."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING

from migrator import otp
from migrator.errors import EnvironmentFault, HelperFault
from migrator.terms import Atom
from migrator.verifying.judging import Run, judged
from migrator.verifying.subjects import subject_of
from migrator.verifying.trying import loaded, outcome_of

if TYPE_CHECKING:
    from migrator.otp import Helper
    from migrator.terms import Term
    from migrator.verifying.findings import Finding
    from migrator.verifying.subjects import Subject
    from tests.support.mutant_trials import Target

DEADLINE = 120.0


@dataclass
class Verifier:
    """A throw-away node that tries one beam after another; started anew when one of them ends it."""

    seed: int
    states: int
    _node: Helper | None = None
    _subjects: dict[str, tuple[Subject, ...]] = field(default_factory=dict)
    _known: set[tuple[str, str, str | None, str | None]] = field(default_factory=set)

    def close(self) -> None:
        """Ends the node."""
        if self._node is not None:
            self._node.close()
            self._node = None

    def fault_of_original(self, target: Target, beam: bytes) -> str:
        """What `verify` has against the original, as text: it must be nothing.

        What a type that was guessed makes it say of a decision's function is remembered, and is nothing against a
        mutant either.
        """
        self._known = set()
        for subject, name in self._ways(target, beam):
            outcome = outcome_of(self._asked(name, subject, 0, self.states))
            said = judged(outcome, target.plan, subject, (), Run(self.seed, self.states, "made"))
            if wrong := [each.message for each in said if each.kind.exit]:
                return wrong[0]
            self._known |= {each.about for each in outcome.findings}
        return ""

    def found_out(self, target: Target, beam: bytes) -> str:
        """The first thing that `verify` has against a beam, as text; nothing where all states come out well."""
        try:
            return self._found(target, beam)
        except EnvironmentFault as fault:
            self.close()
            return f"the node ended: {fault}"
        except HelperFault as fault:
            return f"{fault}"

    def _found(self, target: Target, beam: bytes) -> str:
        ways = self._ways(target, beam)
        # A mistake shows in the first states, mostly: the others are tried where it does not.
        steps = [*(each for each in (0, 20, 200) if each < self.states), self.states]
        for begin, end in pairwise(steps):
            for subject, name in ways:
                findings = outcome_of(self._asked(name, subject, begin, end)).findings
                for finding in findings:
                    if finding.about not in self._known:
                        return _said(finding)
        return ""

    def _ways(self, target: Target, beam: bytes) -> list[tuple[Subject, Term]]:
        if self._node is None:
            self._node = otp.throw_away(otp.find_erl(None))
        if target.name not in self._subjects:
            self._subjects = {target.name: tuple(subject_of(target.plan, old, target.new) for old in target.olds)}
        name = loaded(self._node, target.plan, beam, ())
        return [(subject, name) for subject in self._subjects[target.name]]

    def _asked(self, name: Term, subject: Subject, begin: int, end: int) -> Term:
        assert self._node is not None
        return self._node.call((Atom("verify_run"), name, subject.request, self.seed, begin, end), DEADLINE)


def _said(finding: Finding) -> str:
    about = f"{finding.record}.{finding.field}" if finding.field else str(finding.record)
    return f"{finding.kind} {finding.direction} {about}: {finding.text[:200]}"
