"""Finds changed modules whose processes `release_handler` would not find.

`release_handler_1:get_supervised_procs/0` goes down from the top supervisor of each application and asks each for its
children: a process counts for the modules that its child spec names, or, where these are `dynamic`, for those that it
names itself. One that is not found there is neither suspended nor converted, and the upgrade is called a success.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from migrator.diagnostics import CATALOGUE, Diagnostic
from migrator.errors import HelperFault
from migrator.files import read_bytes
from migrator.read import DEADLINE
from migrator.release.supervised import place_of
from migrator.release.supervisors import shown
from migrator.terms import Atom, atom_text

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from migrator.otp import Helper
    from migrator.release.model import ModuleFile, Release
    from migrator.release.supervisors import Started, Supervisor, Tree

_DYNAMIC = Atom("dynamic")
_BADRECORD = "OTP would leave its processes unconverted and call the upgrade a success: old state under new code"


def unsupervised(
    helper: Helper, old: Tree, new: Tree, release: Release, modules: Collection[str]
) -> tuple[Diagnostic, ...]:
    """What is to be said of changed modules with state, when processes run them.

    Args:
        helper: reads the modules.
        old: the tree that runs when the upgrade begins.
        new: that of the new release.
        release: the new release.
        modules: the names of those modules, supervisors left out.

    Raises:
        InputFault: a beam cannot be read.
        EnvironmentFault, ProtocolError: the helper cannot serve.
    """
    before, after = _named(old), _named(new)
    beams = {each.module: each for each in reversed(release.beams)}
    doubtful = [each for each in sorted(modules) if each not in after and each in beams]
    facts = dict(zip(doubtful, _facts(helper, [beams[each] for each in doubtful]), strict=True))
    written = _written(helper, release, doubtful)
    doubts = _doubts(new, written.open)
    found = []
    for module in doubtful:
        behaviours, starts = facts[module]
        if "gen_event" in behaviours:
            found += _handler(module, new)
            continue
        lacking = next((each for each in new.processes if each.module == module), None)
        if lacking is not None:
            way = "on the way down " if module in before else ""
            found.append(_lacking(module, lacking, way))
        elif module not in written.names:
            found.append(_nowhere(beams[module], starts, doubts, before))
    return tuple(found)


def _named(tree: Tree) -> set[str]:
    return {name for each in tree.supervisors for child in each.children for name in child.names}


_Facts = tuple[tuple[str, ...], tuple[str, ...]]


def _facts(helper: Helper, beams: Sequence[ModuleFile]) -> list[_Facts]:
    """Of each module its behaviours, and its start functions as text."""
    replies = helper.call_many([(Atom("starts"), read_bytes(each.path)) for each in beams], DEADLINE)
    found: list[_Facts] = []
    for reply in replies:
        if isinstance(reply, HelperFault):
            found.append(((), ()))
            continue
        pairs: dict[str, Any] = {key.name: value for key, value in reply}  # type: ignore[union-attr, misc]
        starts = tuple(f"{atom_text(name.name)}/{arity}" for name, arity in pairs["starts"])
        found.append((tuple(each.name for each in pairs["behaviours"]), starts))
    return found


@dataclass(frozen=True, slots=True)
class _Written:
    """What child specs in the code of those name who add them while the release runs; `open` are those not told."""

    names: frozenset[str]
    open: tuple[str, ...]


def _written(helper: Helper, release: Release, doubtful: Sequence[str]) -> _Written:
    if not doubtful:
        return _Written(frozenset(), ())
    wanted = set(doubtful)
    asked = [
        (each, content)
        for each in release.beams
        if b"start_child" in (content := read_bytes(each.path)) or content[:2] == b"\x1f\x8b" or each.module in wanted
    ]
    names: set[str] = set()
    opens: dict[str, str] = {}
    replies = helper.call_many([(Atom("specs"), content) for _, content in asked], DEADLINE)
    for (each, _), reply in zip(asked, replies, strict=True):
        match reply:
            case (list(found), list(lines)):
                names |= {name.name for name in found if isinstance(name, Atom)}
                if lines:
                    opens[each.module] = f"{each.module} (child specs made while it runs, line {lines[0]!r})"
    otp = helper.call((Atom("otp_modules"), [Atom(each) for each in opens]), DEADLINE)
    own = {name.name for name in otp if isinstance(name, Atom)} if isinstance(otp, list) else set()
    # OTP's own add what others give them, and its own children.
    return _Written(frozenset(names), tuple(text for module, text in opens.items() if module not in own))


def _handler(module: str, tree: Tree) -> list[Diagnostic]:
    """An event handler is found by its manager's child spec, and only where that says `dynamic`."""
    managers = [each for each in tree.processes if each.kind == "gen_event"]
    wrong = [each for each in managers if each.child.modules != _DYNAMIC]
    if any(each.child.modules == _DYNAMIC for each in managers) or not wrong:
        return []
    first = wrong[0]
    return [
        Diagnostic(
            CATALOGUE["M437"],
            f"{module} is an event handler, and the child spec of {shown(first.child.id)} in {first.supervisor.module}"
            f" names {shown(first.child.modules)}, not dynamic",
            "OTP would not ask the manager for its handlers, leave them unconverted and call the upgrade a success",
            place_of(first.supervisor, 0),
            ("modules => dynamic",),
            module=module,
        )
    ]


def _lacking(module: str, started: Started, way: str) -> Diagnostic:
    supervisor, child = started.supervisor, started.child
    up = f"{{update, {atom_text(supervisor.module)}, supervisor}}   % in the appup, before the update of {module}"
    return Diagnostic(
        CATALOGUE["M437"],
        f"the child spec of {shown(child.id)} in {supervisor.module} starts {module} and does not name it: its modules"
        f" are {shown(child.modules)}",
        way + _BADRECORD,
        place_of(supervisor, 0),
        (f"modules => [{atom_text(module)}]   % or, of a tuple, the last element: [{atom_text(module)}]", up),
        module=module,
    )


def _nowhere(beam: ModuleFile, starts: Sequence[str], doubts: Sequence[str], before: Collection[str]) -> Diagnostic:
    module, name = beam.module, atom_text(beam.module)
    function = starts[0].rpartition("/")[0] if starts else "start_link"
    spec = f"#{{id => {name}, start => {{{name}, {function}, []}}, modules => [{name}]}}"
    by = f"; it has {', '.join(starts[:3])}" if starts else ""
    if doubts:
        return Diagnostic(
            CATALOGUE["M522"],
            f"{module} keeps a state, and no child spec that can be read names it{by}",
            f"if no other names it, {_BADRECORD}; not all can be read: {', '.join(doubts)}",
            str(beam.path),
            (f"modules => [{name}]   % in the child spec of its processes", "migrator appup --supervisors eval …"),
            module=module,
        )
    when = "any more, though one of the old release does" if module in before else ""
    return Diagnostic(
        CATALOGUE["M437"],
        f"{module} keeps a state, and no child spec names it{f' {when}' if when else ''}{by}",
        _BADRECORD,
        str(beam.path),
        (f"{spec}   % in the supervisor of its processes",),
        module=module,
    )


def _doubts(tree: Tree, opens: Sequence[str], most: int = 3) -> list[str]:
    """Where a child spec may stand that cannot be read, as `module (what)`: of code before that of supervisors."""
    found = dict.fromkeys(
        (
            *opens,
            *(f"{each.module} ({each.unread or each.gaps[0].text})" for each in tree.supervisors if _unclear(each)),
        )
    )
    rest = len(found) - most
    return [*list(found)[:most], *([f"and {rest} more"] if rest > 0 else [])]


def _unclear(supervisor: Supervisor) -> bool:
    return bool(supervisor.unread or supervisor.gaps)
