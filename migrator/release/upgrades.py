"""Works out one upgrade: which modules change between two releases, how each is upgraded, and in which order."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from migrator.diagnostics import CATALOGUE, Diagnostic, Refused
from migrator.release.changedstates import changed_states
from migrator.release.codes import code_facts
from migrator.release.deciding import decided
from migrator.release.dependencies import ordered
from migrator.release.drafts import Upgrade, Versions
from migrator.release.instructions import Add, Delete, Load, Other, Update, supervisor
from migrator.release.jobs import may_take_part, only_migrated
from migrator.release.match import matched, one_folder, same_versions
from migrator.release.newcomers import newcomers
from migrator.release.scripts import OTP

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

    from migrator.otp import Helper
    from migrator.release.dependencies import Order
    from migrator.release.instructions import Instruction
    from migrator.release.match import ApplicationChange
    from migrator.release.model import ModuleFile, Release
    from migrator.release.wishes import Wishes

_LISTED = 6


def upgrade(
    helper: Helper,
    old: Release,
    new: Release,
    wishes: Wishes,
    progress: Callable[[int, int], None] | None = None,
) -> Upgrade:
    """The upgrade from one release to another.

    Raises:
        Refused: both are one folder, an application's code changed and its vsn did not, a beam cannot be read.
        InputFault: a beam is not there any more.
        EnvironmentFault, ProtocolError: the helper cannot serve.
    """
    same = one_folder(old, new)
    if same is not None:
        raise Refused(same)
    changes = matched(helper, _without_known(old, new), _without_known(new, old), progress)
    unchanged = same_versions(changes)
    if unchanged:
        raise Refused(*unchanged)
    shared = {
        each.name: each.old.vsn
        for each in changes
        if each.old and each.new and each.old.vsn != each.new.vsn and _named(each)
    }
    # OTP's own applications know themselves how they are upgraded.
    own = [each for each in changes if each.name in shared and each.name not in OTP]
    pairs = _pairs(own, _renamed(helper, own))
    added = [each.new for each in changes if each.new and each.old is None and _comes_or_goes(each.name, old)]
    paths = [file.path for _, before, after in pairs.values() for file in (before, after) if file]
    come = [beam.path for each in added if each.name not in OTP for beam in each.beams]
    facts = code_facts(helper, [*paths, *come], progress)
    versions = {
        module: Versions(
            module,
            application,
            facts[before.path] if before else None,
            facts[after.path] if after else None,
            before,
            after,
        )
        for module, (application, before, after) in pairs.items()
    }
    order = ordered(versions)
    kept = _kept(helper, versions)
    made = {module: decided(each, wishes, kept) for module, each in versions.items()}
    return Upgrade(
        old,
        shared,
        versions,
        {module: _needing(made[module].instruction, order) for module in order.modules},
        order.modules,
        tuple(each.name for each in added),
        tuple(each.name for each in changes if each.new is None and _comes_or_goes(each.name, new)),
        tuple(each.name for each in changes if each.old and each.new and each.changed and not _named(each)),
        (
            *(said for module in order.modules for said in made[module].diagnostics),
            *_circles(order),
            *newcomers(
                [(each, [facts[beam.path] for beam in each.beams if beam.path in facts]) for each in added], versions
            ),
        ),
    )


def _without_known(release: Release, other: Release) -> Release:
    """The release without the beams of OTP's applications of another vsn: their instructions hang on none of them."""
    return replace(
        release,
        applications=tuple(
            replace(each, beams=())
            if each.name in OTP and each.vsn and there and there.vsn and there.vsn != each.vsn
            else each
            for each in release.applications
            for there in (other.application(each.name),)
        ),
    )


def _comes_or_goes(application: str, lacking: Release) -> bool:
    """Whether a release that lacks an application runs without it: folders of a build hold none of OTP's own."""
    return application not in OTP or bool(lacking.vsn)


def _named(change: ApplicationChange) -> bool:
    """Whether both versions say what they are."""
    return bool(change.old and change.old.vsn and change.new and change.new.vsn and change.new.app_file)


def _renamed(helper: Helper, changes: Sequence[ApplicationChange]) -> frozenset[str]:
    """The modules whose code is the same and whose state record is not: the hook will put a migration into them.

    A field that is only renamed leaves no trace in the code.
    """
    doubtful = [
        (each.module, each.old.path, each.new.path)
        for change in changes
        for each in change.modules
        if each.change == "same"
        and each.old
        and each.new
        and each.old.path.read_bytes() != each.new.path.read_bytes()
        and may_take_part(each.new.path)
    ]
    return changed_states(helper, doubtful)


def _kept(helper: Helper, versions: Mapping[str, Versions]) -> frozenset[str]:
    """The modules that name their state, and whose state is the same: the hook puts nothing into them."""
    doubtful = [
        (module, each.old_file.path, each.new_file.path)
        for module, each in versions.items()
        if each.old_file and each.new_file and each.new and each.new.takes_part and not each.new.converts
    ]
    return frozenset(module for module, _, _ in doubtful) - changed_states(helper, doubtful)


def _pairs(
    changes: Sequence[ApplicationChange], renamed: Collection[str]
) -> dict[str, tuple[str, ModuleFile | None, ModuleFile | None]]:
    """The changed modules of these applications: where each is, and its files.

    A module that moved is one that changed, in the application that has it now: systools takes one instruction for a
    module. One whose code is the same changed too, where a migration was put into it, or its state is `renamed`.
    """
    found: dict[str, tuple[str, ModuleFile | None, ModuleFile | None]] = {}
    for change in changes:
        for each in change.modules:
            if each.change == "same" and each.module not in renamed and not only_migrated(each):
                continue
            application, before, after = found.get(each.module, (change.name, None, None))
            found[each.module] = (
                change.name if each.new else application,
                each.old or before,
                each.new or after,
            )
    return found


def _needing(made: Instruction, order: Order) -> Instruction:
    """The instruction with the modules that are loaded before it. A supervisor's own form has no place for them."""
    match made:
        case Update(module=module) if made != supervisor(module):
            return replace(made, deps=order.needs[module])
        case Load(module=module) | Add(module=module) | Delete(module=module):
            return replace(made, deps=order.needs[module])
        case Update() | Other():
            return made


def _circles(order: Order) -> Iterator[Diagnostic]:
    for circle in order.circles:
        broken = [(one, other) for one, other in order.broken if one in circle and other in circle]
        shown = ", ".join(circle[:_LISTED]) + (f" and {len(circle) - _LISTED} more" if len(circle) > _LISTED else "")
        what = (
            f"until {broken[0][1]} is loaded, it or {broken[0][0]} may call a function that is not there"
            if broken
            else "until the last is loaded, new code calls old code, and no function is missing"
        )
        yield Diagnostic(
            CATALOGUE["M426" if broken else "M519"],
            f"{len(circle)} changed modules need each other: {shown}",
            f"they are loaded in this order, and in the reverse one on a downgrade: {what}",
            circle[0],
            ("migrator rehearse OLD NEW   # shows what calls between them come to",),
            module=circle[0],
        )
