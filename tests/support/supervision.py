"""Applications with supervisors, in two versions, upgraded for real with the instructions that we give for them."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from migrator.release.find import release_in
from migrator.release.supervision import ordered, supervisions, trees
from migrator.terms import Atom, term_text
from migrator.termtext import parse_terms
from tests.support.beams import compile_file, compile_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from migrator.otp import Helper
    from migrator.release.supervisors import Mode, SupervisorChange
    from migrator.terms import Term

APP = """
-module(shop_app).
-behaviour(application).
-export([start/2, stop/1]).
start(_, _) -> shop_sup:start_link().
stop(_) -> ok.
"""

WORKER = """
-module(NAME).
-behaviour(gen_server).
-vsn("VSN").
-export([start_link/0, start_link/1, init/1, handle_call/3, handle_cast/2, code_change/3]).
start_link() -> start_link(none).
start_link(Arg) -> gen_server:start_link(?MODULE, Arg, []).
init(Arg) -> {ok, {Arg, VSN}}.
handle_call(_, _, State) -> {reply, State, State}.
handle_cast(_, State) -> {noreply, State}.
code_change(_, {Arg, _}, _) -> {ok, {Arg, converted}}.
"""


# How a supervisor is started; NAME is its module.
LOCAL = """
start_link() -> supervisor:start_link({local, NAME}, NAME, []).
start_link(A) -> supervisor:start_link({local, NAME}, NAME, A).
"""
BY_NAME = "start_link() -> ignore.\nstart_link(A) -> supervisor:start_link({local, A}, NAME, A).\n"
NAMELESS = "start_link() -> supervisor:start_link(NAME, []).\nstart_link(A) -> supervisor:start_link(NAME, A).\n"


def supervisor(children: str, flags: str = "#{}", module: str = "shop_sup", start: str = LOCAL) -> str:
    """The source of a supervisor with these child specs; `Arg` is the argument of its `init/1`."""
    return (
        f"-module({module}).\n-behaviour(supervisor).\n-export([start_link/0, start_link/1, init/1]).\n"
        f"{start.replace('NAME', module)}"
        f"init(Arg) -> _ = Arg, {{ok, {{{flags}, {children}}}}}.\n"
    )


def worker(name: str, vsn: int = 1) -> str:
    """The source of a server: its state says with what it was started, by which version, or that it was converted."""
    return WORKER.replace("NAME", name).replace("VSN", str(vsn))


def make(folder: Path, sources: Sequence[Mapping[str, str]]) -> tuple[Path, Path]:
    """The `lib` folders of two versions of the application `shop`."""
    libs = []
    for vsn, modules in zip(("1", "2"), sources, strict=True):
        lib = folder / f"v{vsn}"
        ebin = lib / f"shop-{vsn}" / "ebin"
        ebin.mkdir(parents=True)
        listed = ",".join(modules)
        for module, source in modules.items():
            compile_text(source, ebin, module=module)
        (ebin / "shop.app").write_text(
            f'{{application, shop, [{{description, ""}}, {{vsn, "{vsn}"}}, {{modules, [{listed}]}}, {{registered, []}},'
            " {applications, [kernel, stdlib]}, {mod, {shop_app, []}}]}.\n"
        )
        libs.append(lib)
    return libs[0], libs[1]


@dataclass(frozen=True, slots=True)
class Upgraded:
    """What was decided, and what each of start, upgrade, downgrade and upgrade gave: a result, and the children."""

    changes: tuple[SupervisorChange, ...]
    results: tuple[Term, ...]
    children: tuple[dict[str, dict[str, tuple[int, Term, Term]]], ...]


def changes_of(
    helper: Helper, libs: tuple[Path, Path], changed: Sequence[str], mode: Mode = "read", erl: Path | None = None
) -> tuple[SupervisorChange, ...]:
    """What we say of the supervisors of both versions."""
    old, new = (release_in(lib) for lib in libs)
    return supervisions(*trees(helper, old, new, mode, erl), changed)


def upgraded(
    helper: Helper, folder: Path, old: Mapping[str, str], new: Mapping[str, str], look: Sequence[str] = ("shop_sup",)
) -> Upgraded:
    """Makes both versions and the appup, and has `release_handler` go up, down and up again."""
    libs = make(folder, (old, new))
    changed = [each for each in new if each in old and new[each] != old[each]]
    changes = changes_of(helper, libs, changed)
    supervising = {each.module for each in changes if each.up_steps.update is not None}
    first_up, last_up = ordered(changes)["up"]
    first_down, last_down = ordered(changes)["down"]
    came, gone = [each for each in new if each not in old], [each for each in old if each not in new]
    workers = [f"{{update, {each}, {{advanced, []}}}}" for each in changed if each not in supervising]
    supervisors = [
        (term_text(each.up_steps.update), term_text(each.down_steps.update), each.up_steps)
        for each in changes
        if each.up_steps.update is not None and each.down_steps.update is not None
    ]
    sooner = any(step.before for _, _, step in supervisors)
    up_updates = [up for up, _, _ in supervisors]
    down_updates = [down for _, down, _ in supervisors]
    up = [
        *map(term_text, first_up),
        *[f"{{add_module, {each}}}" for each in came],
        *(up_updates + workers if sooner else workers + up_updates),
        *map(term_text, last_up),
        *[f"{{delete_module, {each}}}" for each in gone],
    ]
    down = [
        *map(term_text, first_down),
        *[f"{{add_module, {each}}}" for each in gone],
        *(workers + down_updates if sooner else down_updates + workers),
        *map(term_text, last_down),
        *[f"{{delete_module, {each}}}" for each in came],
    ]
    appup = f'{{"2", [{{"1", [{", ".join(up)}]}}], [{{"1", [{", ".join(down)}]}}]}}.\n'
    for lib in libs:
        next(lib.glob("*/ebin/shop.app")).with_suffix(".appup").write_text(appup)
    return _ran(changes, folder, libs, look)


def _ran(changes: tuple[SupervisorChange, ...], folder: Path, libs: tuple[Path, Path], look: Sequence[str]) -> Upgraded:
    place = folder / "live"
    place.mkdir()
    for lib in libs:
        for each in lib.iterdir():
            (place / each.name).symlink_to(each)
    tools = folder / "tools"
    compile_file(Path(__file__).parent / "live_supervision.erl", tools)
    done = subprocess.run(
        ["erl", "-noinput", "-pa", tools, "-run", "live_supervision", "main", place, *look],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    (written,) = parse_terms(done.stdout, "stdout")
    steps: list[tuple[Term, list[tuple[Atom, list[tuple[Term, int, Term, Term]]]]]] = written.term  # type: ignore[assignment]
    children = tuple(
        {name.name: {term_text(i): (pid, modules, state) for i, pid, modules, state in found} for name, found in each}
        for _, each in steps
    )
    return Upgraded(changes, tuple(result for result, _ in steps), children)
