"""What `rehearse` does, once Erlang is on its way. Imported as `commands` is."""

from __future__ import annotations

import time
from contextlib import ExitStack
from typing import TYPE_CHECKING

from migrator import helper_build, resources
from migrator.commands import Answer
from migrator.diagnostics import CATALOGUE, Diagnostic, Refused, exit_code
from migrator.read import Wanted, read
from migrator.release.jobs import only_migrated
from migrator.release.judge import judged
from migrator.release.match import matched, one_folder, same_versions
from migrator.release.nodes import Nodes, erlang_at
from migrator.release.open import opened
from migrator.release.rehearsal import Rehearsed
from migrator.release.rehearse import conduct
from migrator.release.relupfile import read_relup
from migrator.release.shapes import Shapes
from migrator.render.json import document
from migrator.render.rehearsed import rehearsed_json, render_rehearsed

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from migrator.modules import Module
    from migrator.otp import Helper
    from migrator.release.match import ModuleChange
    from migrator.release.model import Release
    from migrator.release.rehearsal import Asked
    from migrator.release.rehearse import Conducted
    from migrator.release.relupfile import Relup


def rehearse(  # noqa: PLR0913, PLR0917 - the options of the command
    helper: Helper, old: Path, new: Path, erl: Path, asked: Asked, form: str, tell: Callable[[str], None]
) -> Answer:
    """The rehearsal, as text or as JSON."""
    begun = time.monotonic()
    with ExitStack() as stack:
        before, after = stack.enter_context(opened(old)), stack.enter_context(opened(new))
        nodes = stack.enter_context(Nodes())
        relup, changed = _prepared(helper, before, after)
        modules = sorted({each.module for each in changed})
        beams = helper_build.cached_beams(erl, resources.helper_sources())
        conducted = conduct(nodes, before, after, relup, modules, erlang_at(erl), beams, asked, tell)
        shapes = _shapes(helper, changed, {each.module for step in conducted.steps for each in step.passages})
        found = (
            *judged(conducted.steps, relup, shapes, conducted.calls),
            *conducted.diagnostics,
            *_remarks(before, after, relup),
        )
        stop = nodes.keep() if conducted.kept else ""
    return _answer(conducted, found, stop, time.monotonic() - begun, form)


def _answer(conducted: Conducted, found: tuple[Diagnostic, ...], stop: str, seconds: float, form: str) -> Answer:
    rehearsed = Rehearsed(conducted.steps, conducted.calls, conducted.kept, stop, seconds, found)
    if form == "json":
        return Answer(document(rehearsed_json(rehearsed)), found)
    verdict = "nothing was lost\n" if not exit_code(found) else ""
    return Answer(render_rehearsed(rehearsed) + verdict, found)


def _prepared(helper: Helper, old: Release, new: Release) -> tuple[Relup, tuple[ModuleChange, ...]]:
    """What stands in the way of any upgrade is told before a node is started.

    Raises:
        Refused: as the diagnostics say.
    """
    shared = one_folder(old, new)
    if shared is not None:
        raise Refused(shared)
    for each in (old, new):
        if not each.vsn:
            raise Refused(_no_release(each))
    relup = read_relup(old, new)
    changes = matched(helper, old, new)
    same = same_versions(changes)
    if same:
        raise Refused(*same)
    for script in (relup.up, relup.down):
        if script is not None and script.restarts:
            raise Refused(_restarts(new, script.restarts))
    # What only one of them brings, as one that takes OTP from elsewhere, is no change.
    both = [change for change in changes if change.old and change.new]
    modules = [each for change in both for each in change.modules]
    return relup, tuple(each for each in modules if each.change != "same" or only_migrated(each))


def _no_release(release: Release) -> Diagnostic:
    return Diagnostic(
        CATALOGUE["M175"],
        f"{release.given} cannot be booted: it has no releases/VSN/NAME.rel",
        "an upgrade can be rehearsed only from a whole release to another: a release root or its tarball",
        str(release.given),
        ("rebar3 release   # then give _build/default/rel/NAME", "rebar3 tar   # or give its tarball"),
    )


def _restarts(new: Release, instruction: str) -> Diagnostic:
    why = " (as systools writes it where the ERTS changes)" if instruction == "restart_new_emulator" else ""
    return Diagnostic(
        CATALOGUE["M619"],
        f"the relup of {new.given} has {instruction}{why}: it is a restart and no upgrade of what runs",
        "every process loses its state; nothing of it can be rehearsed",
        f"{new.given}: releases/{new.vsn}/relup",
        ("migrator relup OLD NEW   # with both releases built on the same ERTS, kernel, stdlib and sasl",),
    )


def _remarks(old: Release, new: Release, relup: Relup) -> list[Diagnostic]:
    found = []
    home = new.root / "releases" / new.vsn
    if (home / "sys.config.src").is_file() and not (home / "sys.config").is_file():
        found.append(
            Diagnostic(
                CATALOGUE["M444"],
                f"the upgrade to {new.vsn} does not apply its configuration: it is a sys.config.src",
                "release_handler reads sys.config alone; the variables are filled in at the next start of the node",
                str(new.given),
                ('{sys_config, "config/sys.config"}.   % in relx\'s part of rebar.config',),
            )
        )
    if (home / "sys.config").is_file() and b"config_provider_init" in (home / "sys.config").read_bytes():
        found.append(
            Diagnostic(
                CATALOGUE["M444"],
                f"the upgrade to {new.vsn} sets the values of its sys.config alone: what config providers, as "
                "runtime.exs, gave at the start is taken back",
                "release_handler knows of no providers; they are asked again at the next start of the node",
                str(new.given),
                ("{apply, {application, set_env, [APP, KEY, VALUE]}}   % in the appup; or code that asks them",),
            )
        )
    if relup.down is None:
        found.append(
            Diagnostic(
                CATALOGUE["M445"],
                f"the relup of {new.given} has no way back to {old.vsn}: only the upgrade was rehearsed",
                "an upgrade that goes wrong cannot be taken back but by a restart",
                f"{new.given}: releases/{new.vsn}/relup",
                (f"migrator appup {old.given} {new.given} && migrator relup {old.given} {new.given}",),
            )
        )
    return found


def _shapes(helper: Helper, changed: Sequence[ModuleChange], seen: set[str]) -> dict[str, Shapes]:
    """The records of the modules that processes run, in both versions; nothing of those without debug info."""
    run = [each for each in changed if each.module in seen and each.old and each.new]
    others = _others(helper, changed)
    found = read(
        helper, [Wanted(beam.path, code="declarations") for each in run for beam in (each.old, each.new) if beam]
    )
    records = [_records(each) for each in found]
    return {
        each.module: Shapes(old, new, others)
        for each, old, new in zip(run, records[::2], records[1::2], strict=True)
        if old is not None and new is not None
    }


def _records(module: Module | Diagnostic) -> dict[str, tuple[str, ...]] | None:
    if isinstance(module, Diagnostic):
        return None
    return {each.name: tuple(field.name for field in each.fields) for each in module.records}


def _others(helper: Helper, changed: Sequence[ModuleChange]) -> dict[str, tuple[int, int | None]]:
    """The records that changed their size, where all changed modules that declare one of that name are of one mind."""
    both = [each for each in changed if each.old and each.new]
    found = read(helper, [Wanted(beam.path, code="records") for each in both for beam in (each.old, each.new) if beam])
    told: dict[str, set[tuple[int, int | None]]] = {}
    for old, new in zip(found[::2], found[1::2], strict=True):
        if isinstance(old, Diagnostic) or isinstance(new, Diagnostic):
            continue
        sizes = {each.name: each.size for each in new.record_index}
        for each in old.record_index:
            told.setdefault(each.name, set()).add((each.size, sizes.get(each.name)))
    return {name: sizes.pop() for name, sizes in told.items() if len(sizes) == 1}
