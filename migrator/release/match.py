"""Matches two releases: which applications and modules came, went, changed or stayed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from migrator.diagnostics import CATALOGUE, Diagnostic
from migrator.files import read_bytes
from migrator.release.chunks import code_digest
from migrator.release.digest import UNKNOWN, digests

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from migrator.otp import Helper
    from migrator.release.digest import Digest
    from migrator.release.model import Application, ModuleFile, Release

Change = Literal["added", "deleted", "changed", "same"]


@dataclass(frozen=True, slots=True)
class ModuleChange:
    """A module of an application in two versions; `changed` is other code, ours taken out."""

    module: str
    old: ModuleFile | None
    new: ModuleFile | None
    change: Change


@dataclass(frozen=True, slots=True)
class ApplicationChange:
    """An application in two releases, either None where one of them lacks it, and all its modules by name."""

    name: str
    old: Application | None
    new: Application | None
    modules: tuple[ModuleChange, ...]

    @property
    def changed(self) -> tuple[ModuleChange, ...]:
        """The modules that are not the same."""
        return tuple(each for each in self.modules if each.change != "same")


def matched(
    helper: Helper, old: Release, new: Release, progress: Callable[[int, int], None] | None = None
) -> tuple[ApplicationChange, ...]:
    """The applications of both releases by name, with what became of their modules.

    Raises:
        InputFault: a beam cannot be read.
        EnvironmentFault, ProtocolError: the helper cannot serve.
    """
    names = sorted({each.name for each in (*old.applications, *new.applications)})
    pairs = [(name, old.application(name), new.application(name)) for name in names]
    modules = [_modules(before, after) for _, before, after in pairs]
    doubtful = [pair for each in modules for pair in each if _differ(*pair)]
    known = digests(helper, [beam.path for pair in doubtful for beam in pair if beam is not None], progress)
    other = {pair for pair in doubtful if _other(pair, known)}
    return tuple(
        ApplicationChange(name, before, after, tuple(_change(pair, other) for pair in each))
        for (name, before, after), each in zip(pairs, modules, strict=True)
    )


_Pair = tuple["ModuleFile | None", "ModuleFile | None"]


def _modules(old: Application | None, new: Application | None) -> list[_Pair]:
    before = {each.module: each for each in old.beams} if old else {}
    after = {each.module: each for each in new.beams} if new else {}
    return [(before.get(name), after.get(name)) for name in sorted(before.keys() | after.keys())]


def _differ(old: ModuleFile | None, new: ModuleFile | None) -> bool:
    """Whether both are there and have other code, a migration of ours counted: only then Erlang is asked."""
    if old is None or new is None or old.path == new.path:
        return False
    before, after = read_bytes(old.path), read_bytes(new.path)
    return before != after and (code_digest(before) or before) != (code_digest(after) or after)


def _other(pair: _Pair, known: dict[Path, Digest]) -> bool:
    old, new = (known.get(each.path, UNKNOWN) if each else UNKNOWN for each in pair)
    return old.changed(new)


def _change(pair: _Pair, other: set[_Pair]) -> ModuleChange:
    old, new = pair
    if old is None or new is None:
        there = old or new
        assert there is not None  # noqa: S101 - a name comes from one of them
        return ModuleChange(there.module, old, new, "added" if old is None else "deleted")
    return ModuleChange(new.module, old, new, "changed" if pair in other else "same")


def one_folder(old: Release, new: Release) -> Diagnostic | None:
    """That both versions of some application are one folder, as with relx's `dev_mode`, or None.

    An application that both have in the same version may well lie in one place, but not under two names.
    """
    shared = [
        after.name
        for before, after in _both(old, new)
        if before.ebin.absolute() != after.ebin.absolute()
        and before.ebin.resolve() == after.ebin.resolve()
        and before.ebin.absolute().parent.name != after.ebin.absolute().parent.name
    ]
    whole = old.root.resolve() == new.root.resolve() and old.vsn == new.vsn
    if not shared and not whole:
        return None
    what = "OLD is NEW" if whole else f"{', '.join(shared[:5])} of OLD and of NEW are one folder"
    return Diagnostic(
        CATALOGUE["M141"],
        f"{what}: {old.given} and {new.given}",
        "there is no old version to compare with, and an upgrade would load nothing",
        str(old.given),
        ("{dev_mode, false}.   % in relx's part of rebar.config; then build both releases again",)
        if shared
        else ("give the release that runs as OLD, and the one that is to run as NEW",),
    )


def same_versions(changes: Sequence[ApplicationChange]) -> tuple[Diagnostic, ...]:
    """Of each application whose code changed and whose vsn did not, that it must."""
    return tuple(
        Diagnostic(
            CATALOGUE["M142"],
            f"the code of {each.name} changed, and its vsn did not: it is {each.new.vsn} in both releases"
            f" ({_named(each)})",
            "release_handler would load nothing of it and call the upgrade a success",
            str(each.new.app_file or each.new.ebin),
            (f'{{vsn, "NEW_VERSION"}}   % in {each.name}.app.src',),
        )
        for each in changes
        if each.old and each.new and each.new.vsn and each.old.vsn == each.new.vsn and each.changed
    )


def _named(change: ApplicationChange) -> str:
    names = [each.module for each in change.changed]
    more = f", and {len(names) - 3} more" if len(names) > 3 else ""  # noqa: PLR2004 - what fits a line
    return ", ".join(names[:3]) + more


def _both(old: Release, new: Release) -> list[tuple[Application, Application]]:
    return [(before, after) for after in new.applications if (before := old.application(after.name)) is not None]
