"""Reads what a release supervises: from each application's start function down, by the code of its supervisors."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

from migrator.diagnostics import Refused
from migrator.errors import HelperFault, InputFault
from migrator.files import read_bytes
from migrator.read import DEADLINE
from migrator.release.appfile import read_app
from migrator.release.supervisors import Child, Gap, Place, Started, Supervisor, Tree, is_known, without_lines
from migrator.terms import Atom, Improper

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from migrator.otp import Helper
    from migrator.release.model import ModuleFile, Release
    from migrator.terms import Term

# How often a call into another module of the release is followed by reading that module too, and how big that may be.
_ROUNDS = 4
_BIGGEST = 400_000

# Their start functions say by themselves what they start.
_BEHAVIOURS = frozenset({"supervisor", "gen_event", "gen_server", "gen_statem", "gen_fsm", "proc_lib"})

# What these do is known by their functions' names, or has an effect.
_BASIS = frozenset({"erts", "kernel", "stdlib", "mnesia", "sasl"})

_UNKNOWN = Atom("$unknown")


@dataclass(frozen=True, slots=True)
class _Call:
    """A function to look at: a start function, or the `init/1` of a supervisor; `above` is where its process hangs."""

    module: str
    function: str
    arguments: tuple[Term, ...]
    above: tuple[Supervisor, Child] | None = None
    name: Term | None = None
    runs: Literal["sure", "perhaps"] = "sure"

    @property
    def key(self) -> tuple[str, str, str, str]:
        return self.module, self.function, repr(without_lines(list(self.arguments))), repr(self.name)


@dataclass(frozen=True, slots=True)
class _Facts:
    """What a module that may be a supervisor says of itself."""

    behaviours: tuple[str, ...]
    starts: tuple[tuple[str, int], ...]
    file: str
    on_load: bool
    readable: bool


def read_tree(helper: Helper, release: Release, evaluate: Callable[[str, Term], Term | str] | None = None) -> Tree:
    """The supervisors of a release, and the processes that their child specs start.

    Args:
        helper: reads the abstract code.
        release: what is read.
        evaluate: runs `init/1` where its arguments are known, instead of reading it.

    Raises:
        InputFault: a beam cannot be read.
        EnvironmentFault, ProtocolError: the helper cannot serve.
    """
    beams = {each.module: each for each in reversed(release.beams)}
    facts = _facts(helper, beams)
    failures: list[tuple[str, str]] = []

    def told(module: str, argument: Term) -> Term | str:
        answer = evaluate(module, argument) if evaluate else ""
        if isinstance(answer, str):
            failures.append((module, answer))
        return answer

    walk = _Walk(helper, beams, facts, told if evaluate else None)
    entries_of_applications = list(_entries(release))
    found = walk.down(entries_of_applications)
    # Those that no start function leads to, as far as it can be read: by their own.
    for entries in (_start_entries, _init_entry):
        reached = {each.module for each in found.supervisors}
        rest = [each for each in sorted(facts) if each not in reached and each in beams]
        calls = [call for module in rest for call in entries(module, facts[module])]
        # Beams alone say nothing of what starts them: then it is for those who gave them.
        more = walk.down([replace(call, runs="perhaps") for call in calls] if entries_of_applications else calls)
        found = Tree(found.supervisors + more.supervisors, found.processes + more.processes)
    ran = tuple(sorted(m for m, each in facts.items() if each.on_load)) if evaluate else ()
    return replace(found, on_load=ran, not_run=tuple(dict.fromkeys(failures)))


def is_supervisor(behaviours: Sequence[str]) -> bool:
    """Whether processes of such a module are supervisors."""
    return any(each in {"supervisor", "supervisor2"} for each in behaviours)


def _facts(helper: Helper, beams: Mapping[str, ModuleFile]) -> dict[str, _Facts]:
    """The supervisors' modules: only those are asked for whose bytes have the word."""
    modules = [name for name, each in beams.items() if b"supervisor" in _plain(each.path)]
    replies = helper.call_many([(Atom("starts"), read_bytes(beams[each].path)) for each in modules], DEADLINE)
    found = {}
    for module, reply in zip(modules, replies, strict=True):
        if isinstance(reply, HelperFault):
            continue
        pairs: dict[str, Any] = {key.name: value for key, value in reply}  # type: ignore[union-attr, misc]
        behaviours = tuple(each.name for each in pairs["behaviours"])
        if is_supervisor(behaviours):
            file = f"{module}.erl" if isinstance(pairs["file"], Atom) else pairs["file"].decode()
            starts = tuple((name.name, arity) for name, arity in pairs["starts"])
            readable = pairs["debug_info"] == Atom("true")
            found[module] = _Facts(behaviours, starts, file, bool(pairs["on_load"]), readable)
    return found


def _plain(path: Path) -> bytes:
    content = read_bytes(path)
    # A compressed beam is always asked for.
    return b"supervisor" if content.startswith(b"\x1f\x8b") else content


def _entries(release: Release) -> Iterator[_Call]:
    """The start function of each application."""
    for application in release.applications:
        if application.app_file is None:
            continue
        try:
            mod = read_app(application.app_file).mod
        except (InputFault, Refused):
            continue
        match mod:
            case (Atom(module), arguments):
                yield _Call(module, "start", (Atom("normal"), arguments))


def _start_entries(module: str, facts: _Facts) -> Iterator[_Call]:
    """The supervisor's own start functions, with arguments of which nothing is known."""
    for name, arity in facts.starts if facts.readable else ():
        yield _Call(module, name, tuple(_argument(index + 1) for index in range(arity)))


def _init_entry(module: str, _: _Facts) -> Iterator[_Call]:
    """Its `init/1` alone."""
    yield _Call(module, "init", (_argument(1),))


def _argument(index: int) -> Term:
    return (_UNKNOWN, 0, f"argument {index}".encode(), Atom("argument"))


@dataclass(frozen=True, slots=True)
class _Walk:
    """All that stays the same on the way down."""

    helper: Helper
    beams: Mapping[str, ModuleFile]
    facts: Mapping[str, _Facts]
    evaluate: Callable[[str, Term], Term | str] | None

    def down(self, calls: list[_Call]) -> Tree:
        """What these calls start, and what that starts."""
        supervisors: list[Supervisor] = []
        processes: list[Started] = []
        known: dict[tuple[str, str, str, str], Term | str] = {}
        while calls:
            level = [call for call in calls if call.module in self.beams or call.module in _BEHAVIOURS]
            fresh = {call.key: call for call in reversed(level) if call.key not in known}
            known |= dict(zip(fresh, self.answers(list(fresh.values())), strict=True))
            calls = []
            for call in level:
                if call.function == "init":
                    if fresh.pop(call.key, None) is not None:
                        supervisor = self.supervisor(call, known[call.key])
                        supervisors.append(supervisor)
                        calls += _children(supervisor)
                    continue
                for kind, name, module, arguments in _starts(known[call.key]):
                    if kind == "supervisor" and module in self.beams:
                        calls.append(_Call(module, "init", (arguments,), call.above, name, call.runs))
                    if call.above is not None:
                        processes.append(Started(*call.above, kind, module))
        return Tree(_merged(supervisors), tuple(processes))

    def answers(self, calls: Sequence[_Call]) -> list[Term | str]:
        """What the helper says of each, with the modules that it needs; a text says why it cannot."""
        found: dict[int, Term | str] = {}
        needs: dict[int, tuple[str, ...]] = {}
        for index, call in enumerate(calls):
            told = self.run(call)
            if told is None:
                needs[index] = (call.module,) if call.module in self.beams else ()
            else:
                found[index] = told
        for _ in range(_ROUNDS):
            if not needs:
                break
            needs = self.round(calls, needs, found)
        return [found[index] for index in range(len(calls))]

    def run(self, call: _Call) -> Term | None:
        """What the throw-away node says, where there is one and the arguments are known."""
        if call.function != "init" or self.evaluate is None or not is_known(call.arguments[0]):
            return None
        told = self.evaluate(call.module, call.arguments[0])
        return None if isinstance(told, str) else told

    def round(
        self, calls: Sequence[_Call], needs: Mapping[int, tuple[str, ...]], found: dict[int, Term | str]
    ) -> dict[int, tuple[str, ...]]:
        """Asks for the calls that need modules, adds to what is found, and gives those that need more modules."""
        groups: dict[tuple[str, ...], list[int]] = {}
        for index, modules in needs.items():
            groups.setdefault(modules, []).append(index)
        requests = [self.request([calls[i] for i in group], modules) for modules, group in groups.items()]
        replies = self.helper.call_many(requests, DEADLINE)
        more: dict[int, tuple[str, ...]] = {}
        for (modules, group), reply in zip(groups.items(), replies, strict=True):
            for position, index in enumerate(group):
                if not isinstance(reply, list):
                    # What was read before stands, where a module further on is the one that cannot be.
                    found.setdefault(index, reply.text if isinstance(reply, HelperFault) else "no answer")
                    continue
                found[index] = reply[position]
                wanted = [each for each in _wanted(reply[position]) if self.can_follow(each, calls[index])]
                if set(wanted) - set(modules):
                    more[index] = tuple(dict.fromkeys((*modules, *wanted)))
        return more

    def can_follow(self, module: str, call: _Call) -> bool:
        """Whether the module is one of the release, not of OTP's own basis, and of a size that reading it is worth."""
        beam = self.beams.get(module)
        if beam is None or beam.path.stat().st_size > _BIGGEST:
            return False
        return beam.application not in _BASIS or beam.application == self.application(call) != "stdlib"

    def application(self, call: _Call) -> str:
        """The application whose module is called."""
        beam = self.beams.get(call.module)
        return beam.application if beam else ""

    def request(self, calls: Sequence[_Call], modules: Sequence[str]) -> Term:
        """The helper's request for calls that need the same modules."""
        beams: list[Term] = [(Atom(each), read_bytes(self.beams[each].path)) for each in modules]
        asked: list[Term] = [(Atom(each.module), Atom(each.function), list(each.arguments)) for each in calls]
        return (Atom("supervised"), beams, asked)

    def supervisor(self, call: _Call, answer: Term | str) -> Supervisor:
        """The supervisor whose `init/1` gave that."""
        beam = self.beams[call.module]
        facts = self.facts.get(call.module)
        file = facts.file if facts else f"{call.module}.erl"
        above = None
        if call.above is not None:
            parent, child = call.above
            above = Place(parent.name, child.id) if parent.name is not None and child.known else None
        empty = Supervisor(call.module, beam.application, file, call.name, None, (), above=above, runs=call.runs)
        match answer:
            case str(why):
                return replace(empty, unread=why)
            case (Atom("children"), line, (flags, children, gaps, faults)):
                return replace(
                    empty,
                    flags=_flags(flags),
                    children=tuple(_child(when, spec) for when, spec in children),  # type: ignore[union-attr, misc]
                    gaps=tuple(_gap(each) for each in gaps),  # type: ignore[union-attr]
                    faults=tuple(each.decode() for each in faults),  # type: ignore[union-attr]
                    line=line if isinstance(line, int) else 0,
                )
        return replace(empty, unread=f"no answer that is understood: {answer!r:.80}")


def _merged(supervisors: Sequence[Supervisor]) -> tuple[Supervisor, ...]:
    """One for each that runs: where its arguments may be this or that, a child of some of them may be there."""
    groups: dict[tuple[str, str, str], list[Supervisor]] = {}
    for each in supervisors:
        groups.setdefault((each.module, repr(each.name), repr(each.above)), []).append(each)
    return tuple(group[0] if len(group) == 1 else _one_of(group) for group in groups.values())


def _one_of(group: Sequence[Supervisor]) -> Supervisor:
    first = group[0]
    keys = [{repr(without_lines((child.id, child.start))) for child in each.children} for each in group]
    children: dict[str, Child] = {}
    for each in group:
        for child in each.children:
            key = repr(without_lines((child.id, child.start)))
            always = all(key in found for found in keys)
            there = child if always or child.hangs_on else replace(child, hangs_on=Gap(each.line, "its arguments"))
            children.setdefault(key, there)
    same_flags = all(each.flags == first.flags for each in group)
    return replace(
        first,
        flags=first.flags if same_flags else None,
        children=tuple(children.values()),
        gaps=tuple(dict.fromkeys(gap for each in group for gap in each.gaps)),
        faults=tuple(dict.fromkeys(fault for each in group for fault in each.faults)),
    )


def _children(supervisor: Supervisor) -> Iterator[_Call]:
    for child in supervisor.children:
        match child.start:
            case (Atom(module), Atom(function), list(arguments)):
                sure = child.hangs_on is None and not supervisor.simple and supervisor.runs == "sure"
                runs: Literal["sure", "perhaps"] = "sure" if sure else "perhaps"
                yield _Call(module, function, tuple(arguments), (supervisor, child), None, runs)
            case (Atom(module), Atom(function), Improper()) | (Atom(module), Atom(function), tuple()):
                continue


def _starts(answer: Term | str) -> Iterator[tuple[str, Term | None, str, Term]]:
    match answer:
        case (Atom("starts"), list(results)):
            for result in results:
                match result:
                    case (Atom(kind), name, Atom(module), arguments) if kind != "unknown":
                        yield kind, _name(name), module, arguments


def _name(term: Term) -> Term | None:
    match term:
        case (Atom("name"), name):
            return name
    return None


def _flags(term: Any) -> tuple[Term, ...] | None:  # noqa: ANN401 - the wire's terms are of any type
    return tuple(term[0]) if len(term) == 1 else None


def _gap(term: Any) -> Gap:  # noqa: ANN401 - the wire's terms are of any type
    _, line, text, _ = term
    return Gap(line, text.decode())


def _child(when: Term, spec: Any) -> Child:  # noqa: ANN401 - the wire's terms are of any type
    gap = None
    match when:
        case (_, int(line), bytes(text)):
            gap = Gap(line, text.decode())
    identity, start, restart, shutdown, kind, modules, significant = spec
    return Child(identity, start, restart, shutdown, kind, modules, significant, gap)


def _wanted(answer: Term | str) -> list[str]:
    """The modules whose functions something open in the answer is the result of."""
    found: dict[str, None] = {}
    _collect(answer, found)
    return list(found)


def _collect(term: object, found: dict[str, None]) -> None:
    match term:
        case (Atom("$unknown" | "gap" | "unknown"), _, _, (Atom("call"), Atom(module), _, _)):
            found[module] = None
        case tuple() | list():
            for each in term:
                _collect(each, found)
        case Improper(items=items, tail=tail):
            _collect([*items, tail], found)
