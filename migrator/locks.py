"""Lock files as whole things: made from releases, added to, pruned, and held against a release."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from migrator.choose import shown_record
from migrator.diagnostics import CATALOGUE, Diagnostic, Refused
from migrator.errors import InputFault
from migrator.library import is_release, rules_of
from migrator.lockfile import Entry, in_order
from migrator.locking import Taken, take
from migrator.release.archive import unpacked
from migrator.release.find import beams_of, is_folder, split
from migrator.release.jobs import may_take_part
from migrator.release.plans import takes_part
from migrator.ruled import unknown_modules

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from pathlib import Path

    from migrator.otp import Helper
    from migrator.request import Request
    from migrator.ruleset import Rules


@dataclass(frozen=True, slots=True)
class Release:
    """What a lock should have of a release: the modules that take part, and others that were looked at too."""

    taking_part: tuple[Taken, ...]
    others: tuple[Taken, ...] = ()

    @property
    def entries(self) -> tuple[Entry, ...]:
        """The entries for a lock, in its order."""
        return in_order(each.entry for each in self.taking_part)


def locked_release(helper: Helper, path: Path, request: Request, also: Collection[str] = ()) -> Release:
    """What a lock should have of a release or of one beam; modules named `also` are looked at in any case.

    Raises:
        Refused, InputFault: it cannot be used.
        EnvironmentFault: Erlang cannot serve.
    """
    if not split(path)[0].exists():
        raise InputFault("no_such_file", path)
    rules = rules_of(request.rules)
    with unpacked((path,)) as (readable,):
        beams = beams_of(readable) if is_folder(readable) else ()
        paths = [each.path for each in beams] if beams else [readable]
        named = {*rules.modules, *also}
        # Of a release without --record all others are passed by unread.
        sure = {each.path for each in beams if each.module in named or may_take_part(each.path)} if beams else {*paths}
        chosen = [each for each in paths if request.choice is not None or each in sure]
        taken = take(helper, chosen)
    wrong = [each for each, at in zip(taken, chosen, strict=True) if isinstance(each, Diagnostic) and at in sure]
    modules = [each for each in taken if isinstance(each, Taken)]
    strangers = unknown_modules(rules, [each.module.name for each in modules])
    if wrong or (strangers and beams):
        raise Refused(*wrong, *strangers)
    if not beams:
        _must_name_it(modules[0], request, rules)
        return Release(tuple(modules))
    part = [each for each in modules if _takes_part(each, request, rules)]
    for each in part:
        if request.choice is None and each.module.name not in rules.modules:
            shown_record(each.module, None)
    return Release(_once(part, path), tuple(each for each in modules if each not in part))


def _takes_part(taken: Taken, request: Request, rules: Rules) -> bool:
    chosen = () if request.choice is None else (request.choice.new, request.choice.old)
    return takes_part(taken.module, rules) or any(shape.name in chosen for shape in taken.module.record_index)


def _must_name_it(taken: Taken, request: Request, rules: Rules) -> None:
    """One beam was meant: it must say which record keeps its state, or be told."""
    if _takes_part(taken, request, rules):
        return
    names = ", ".join(shape.name for shape in taken.module.record_index)
    raise Refused(
        Diagnostic(
            CATALOGUE["M110" if request.choice else "M111"],
            f"{taken.module.name} has no such record; its records are {names or 'none'}"
            if request.choice
            else f"{taken.module.name} does not say which record keeps its state",
            "it has nothing that a lock should hold",
            taken.module.file,
            ("-state_record(NAME).", "--record NAME"),
            module=taken.module.name,
        )
    )


def _once(taken: Sequence[Taken], path: Path) -> tuple[Taken, ...]:
    """Each version of a module once: a release may hold the same beam in two places, but not two that differ."""
    first: dict[tuple[str, str], Taken] = {}
    for each in taken:
        other = first.setdefault(each.entry.key, each)
        if other.entry != each.entry:
            raise Refused(
                Diagnostic(
                    CATALOGUE["M123"],
                    f"{path} has two modules {each.module.name} of vsn {each.entry.vsn} with records that differ",
                    "it cannot be told which of them the release runs",
                    str(each.path),
                    ("give a folder with one of the two",),
                    module=each.module.name,
                )
            )
    return tuple(first.values())


def pruned(entries: Sequence[Entry], wanted: Sequence[str], path: Path) -> tuple[Entry, ...]:
    """The entries without those that are named, each as `VSN`, `MODULE@VSN` or `MODULE@`.

    Raises:
        Refused: one names none (M135).
    """
    left = tuple(entries)
    for each in wanted:
        module, at, version = each.partition("@")
        gone = [
            entry
            for entry in entries
            if (
                (at and module in {entry.name, entry.module} and (not version or entry.answers(version)))
                or entry.answers(each)
            )
        ]
        if not gone:
            known = [f"{entry.name}@{entry.version}" for entry in in_order(entries)]
            raise Refused(
                Diagnostic(
                    CATALOGUE["M135"],
                    f"{path} has nothing that {each} names",
                    "it is left as it is",
                    str(path),
                    tuple(f"migrator lock --prune '{name}' {path}" for name in known[:3]),
                )
            )
        left = tuple(entry for entry in left if entry not in gone)
    return left


def check_lock(entries: Sequence[Entry], release: Release, path: Path, lock: Path) -> tuple[Diagnostic, ...]:
    """Where a lock no longer tells the truth about a release.

    Of modules that do not take part by themselves only those are looked at that the lock has.
    """
    known = {entry.key: entry for entry in entries}
    found = []
    for each in release.taking_part:
        entry = known.get(each.entry.key)
        if entry is None:
            found.append(_lacking(each, path, lock))
        elif entry.declared != each.entry.declared:
            found.append(_untrue(entry, each, path, lock))
    for each in release.others:
        entry = known.get(each.entry.key)
        if entry is not None and entry.declared != each.entry.declared:
            found.append(_untrue(entry, each, path, lock))
    present = {each.module.name for each in (*release.taking_part, *release.others)}
    # One beam does not say which others there are.
    vsns = {each.entry.vsn for each in release.taking_part} if is_release(path) else set()
    found += [_gone(entry, path, lock) for entry in entries if entry.vsn in vsns and entry.name not in present]
    return tuple(found)


def _lacking(taken: Taken, path: Path, lock: Path) -> Diagnostic:
    return Diagnostic(
        CATALOGUE["M602"],
        f"{lock} has no entry of {taken.entry.module} {taken.entry.vsn}",
        "once its build is gone, no later release could migrate the states that this one leaves behind",
        taken.module.file,
        (f"migrator lock {path} -o {lock}",),
        module=taken.module.name,
    )


def _untrue(entry: Entry, taken: Taken, path: Path, lock: Path) -> Diagnostic:
    gone = [line for line in entry.declared if line not in taken.entry.declared]
    new = [line for line in taken.entry.declared if line not in entry.declared]
    shown = "; ".join([*(f"- {line.strip()}" for line in gone[:2]), *(f"+ {line.strip()}" for line in new[:2])])
    at = entry.line + 2 + (entry.body.index(gone[0]) if gone else 0) if entry.line else 0
    return Diagnostic(
        CATALOGUE["M601"],
        f"{entry.module} {entry.vsn} is not as {lock} has it: {shown or 'its lines stand in another order'}",
        "a migration from the lock would not fit the states of processes that run this build",
        f"{lock}:{at}",
        (
            '-vsn("…").   % another one, if the lock tells of a release that is out',
            f"migrator lock {path} -o {lock}   # if it is not",
        ),
        module=taken.module.name,
    )


def _gone(entry: Entry, path: Path, lock: Path) -> Diagnostic:
    return Diagnostic(
        CATALOGUE["M603"],
        f"{lock} has an entry of {entry.module} {entry.vsn}, and {path} has no such module",
        "the lock tells of states that no process of this release holds",
        f"{lock}:{entry.line}",
        (f"migrator lock --prune '{entry.name}@{entry.version}' {lock}",),
        module=entry.name,
    )
