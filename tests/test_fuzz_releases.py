"""Spoiled files of releases and projects, read by the commands that read them: documented outcomes, no change.

Half of the files are terms that are whole and say what nobody writes; the others are broken texts. `MIGRATOR_FUZZ` says
how many of each kind; the seed is the number of the mutation.
"""

from __future__ import annotations

import os
import random
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from migrator import library
from migrator.commands_appup import Place, Run, appup
from migrator.commands_lock import check_against, lock, prune
from migrator.commands_relup import Targets, relup
from migrator.diagnostics import CATALOGUE, Refused
from migrator.lockfile import parse
from migrator.release.appups import Need, judged, relup_judged
from migrator.release.appupsrc import prescribed
from migrator.release.find import release_in
from migrator.release.integrate import integration
from migrator.release.mending import mend
from migrator.release.open import opened
from migrator.release.patterns import fits_in
from migrator.release.reach import reached
from migrator.release.relupfile import read_relup
from migrator.release.throwaway import evaluator
from migrator.release.vmargs import filled, missing, read_vm_args
from migrator.release.wishes import Wishes
from migrator.request import Request
from migrator.terms import term_text
from migrator.termtext import parse_terms, text_in
from migrator.verifying.states import given_states
from tests.support.cases import contents
from tests.support.locks import release
from tests.support.roots import rel
from tests.support.spoiling import spoilt
from tests.test_fuzz_texts import APP, APPUP, REL, RELUP, mutated, summed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from migrator.commands import Answer
    from migrator.diagnostics import Diagnostic
    from migrator.otp import Helper
    from tests.support.cases import Bench

pytest_plugins = ["tests.support.bench", "tests.support.hooks"]

COUNT = int(os.environ.get("MIGRATOR_FUZZ", "40"))

STATES = """{state, [], #{1 => <<"a">>}, 'odd name', -1.5e3}.
{state, [{a, 1} | tail], $a, "text", <<1:3>>}.
"""
REBAR = """{erl_opts, [debug_info]}. %% as it was
{relx, [{release, {shop, "2.0"}, [shop, sasl]}, {dev_mode, false}]}.
{pre_hooks, [{compile, "make -C c_src"}, {"linux", release, "true"}]}.
{profiles, [{prod, [{relx, [{mode, prod}]}, {pre_hooks, [{tar, "ls"}]}]}]}.
"""
CONFIG = '[{shop, [{port, 8080}, {name, "x"}]}, {kernel, [{logger_level, info}]}, "other.config"].\n'
SRC = '{"{{vsn}}", [{"{{ old_vsn }}", [{update, kv, {advanced, []}}]}], [{OldVsn, [{load_module, text}]}]}.\n'
AROUND = '{"2.*", [{"1.0", [{apply, {m, f, []}}]}, {<<"1\\\\.[0-9]+">>, [{load_module, text}]}], [{".*", [x]}]}.\n'
ARGUMENTS = "-name shop@${HOST:-localhost} # here\n-setcookie ${COOKIE}\n+K true\n-kernel inetrc 'x y' a 1\n-sname b\n"


@dataclass(frozen=True, slots=True)
class Case:
    """The old release and the new one, the file that is spoiled, and the Erlang."""

    old: Path
    root: Path
    path: Path
    erl: Path


def _app(case: Case, _: Helper) -> Iterable[Diagnostic]:
    release_in(case.root)
    return ()


def _appup(case: Case, helper: Helper) -> Iterable[Diagnostic]:
    application = next(each for each in release_in(case.root).applications if each.name == "shop")
    text, fits = text_in(case.path), fits_in(helper, str(case.path), within=5)
    said: list[Diagnostic] = []
    for vsn in ("1.0", "1.1", None):
        need = Need(application, vsn, ("kv", "text"))
        mended = mend(need, text, fits)
        said += judged(need, mended, fits)
        assert mend(need, mended, fits) == mended
    return said


def _draft(case: Case, helper: Helper) -> Iterable[Diagnostic]:
    return appup(
        helper,
        [case.old, case.root],
        form="json",
        wishes=Wishes(),
        run=Run(case.erl, Place(None, "dry_run")),
        paint=lambda text, _: text,
        progress=None,
    ).diagnostics


def _make_relup(case: Case, helper: Helper) -> Iterable[Diagnostic]:
    target = case.root.parent / "made.relup"
    try:
        return relup(helper, [case.old, case.root], None, Targets(target, None, "relup"), "json").diagnostics
    finally:
        target.unlink(missing_ok=True)


def _relup(case: Case, _: Helper) -> Iterable[Diagnostic]:
    application = next(each for each in release_in(case.root).applications if each.name == "shop")
    for vsn in ("1.0", ""):
        yield from relup_judged(case.path, vsn, [Need(application, "1.0", ("kv",))], str(case.path))
    with opened(case.root) as new, opened(case.old) as old:
        found = read_relup(old, new)
        for script in (found.up, found.down):
            if script is not None:
                assert isinstance(script.converted, frozenset)
                assert isinstance(script.started, frozenset)
                assert script.restarts is None or script.restarts.startswith("restart_")
                reached(list(script.instructions))


def _written(case: Case, _: Helper) -> Iterable[Diagnostic]:
    with opened(case.root) as new, opened(case.old) as old:
        return [each for one in prescribed(case.erl, old, new) for each in one.diagnostics]


def _states(case: Case, _: Helper) -> Iterable[Diagnostic]:
    given_states([case.path])
    return ()


def _project(case: Case, _: Helper) -> Iterable[Diagnostic]:
    return integration(case.path.parent).diagnostics


def _arguments(case: Case, _: Helper) -> Iterable[Diagnostic]:
    text = text_in(case.path)
    missing(text, {})
    read_vm_args(filled(text, {"HOST": "h"}), str(case.path))
    return ()


def _configured(case: Case, _: Helper) -> Iterable[Diagnostic]:
    with opened(case.root) as new, evaluator(new, case.erl) as evaluate:
        evaluate("kv", [])
    return ()


_SOURCES = "lib/shop-2.0/src"
# A file, its sound text, who reads it, and how many of the mutations are tried: a node costs.
KINDS: dict[str, tuple[str, str, Callable[[Case, Helper], Iterable[Diagnostic]], int]] = {
    "app": ("lib/shop-2.0/ebin/shop.app", APP, _app, 1),
    "app in appup": ("lib/shop-2.0/ebin/shop.app", APP, _draft, 10),
    "app in relup": ("lib/shop-2.0/ebin/shop.app", APP, _make_relup, 10),
    "appup": ("lib/shop-2.0/ebin/shop.appup", APPUP, _appup, 1),
    "appup in appup": ("lib/shop-2.0/ebin/shop.appup", APPUP, _draft, 10),
    "appup in relup": ("lib/shop-2.0/ebin/shop.appup", APPUP, _make_relup, 10),
    "rel": ("releases/2.0/shop.rel", REL, _app, 1),
    "rel in relup": ("releases/2.0/shop.rel", REL, _make_relup, 10),
    "relup": ("releases/2.0/relup", RELUP, _relup, 1),
    "appup.src": (f"{_SOURCES}/shop.appup.src", SRC, _written, 20),
    "appup.pre.src": (f"{_SOURCES}/shop.appup.pre.src", AROUND, _written, 20),
    "appup.post.src": (f"{_SOURCES}/shop.appup.post.src", AROUND, _written, 20),
    "states": ("states.terms", STATES, _states, 1),
    "rebar.config": ("rebar.config", REBAR, _project, 1),
    "vm.args": ("releases/2.0/vm.args", ARGUMENTS, _arguments, 1),
    "sys.config": ("releases/2.0/sys.config", CONFIG, _configured, 20),
}
# What is no .rel is passed by, and of arguments almost all are taken.
_TAKEN = {"rel", "vm.args", "sys.config"}


def _said(work: Callable[[], Iterable[Diagnostic]]) -> tuple[Diagnostic, ...]:
    try:
        return tuple(work())
    except Exception as error:  # noqa: BLE001 - which of them may be, is asked by who calls
        return library.diagnostics_of(error)


def _spoiled(text: str, chance: random.Random) -> bytes:
    """The text with its terms spoiled, or as a text that may hold none any more."""
    if chance.randrange(2):
        return mutated(text, chance)
    try:
        terms = [each.term for each in parse_terms(text, "")]
    except Refused:
        return mutated(text, chance)
    number = chance.randrange(len(terms))
    terms[number] = spoilt(terms[number], chance)
    return "".join(f"{term_text(each)}.\n" for each in terms).encode(errors="surrogateescape")


@pytest.mark.parametrize("kind", KINDS)
def test_spoiled_files(kind: str, helper: Helper, erl: Path, roots: tuple[Path, Path], tmp_path: Path) -> None:
    """It is taken, or refused as an input by a diagnostic that names it or the release; nothing is written."""
    name, text, read, share = KINDS[kind]
    old, root = roots
    case = Case(old, root, root / name, erl)
    if kind.endswith("in relup"):
        rel(old, "1.0", {"shop": "1.0", "dep": "1.0"})
        text = rel(root, "2.0", {"shop": "2.0", "dep": "2.0"}).read_text(encoding="utf-8") if "rel" in name else text
        for application in ("dep", "shop"):
            appup_file = root / f"lib/{application}-2.0/ebin/{application}.appup"
            appup_file.write_text('{"2.0", [{"1.0", []}], [{"1.0", []}]}.\n', encoding="utf-8")
    case.path.parent.mkdir(exist_ok=True)
    case.path.write_text(text, encoding="utf-8")
    refused = 0
    for seed in range(max(1, COUNT // share)):
        case.path.write_bytes(_spoiled(text, random.Random(f"{kind} {seed}")))  # noqa: S311 - reproducible, not secret
        before = contents(tmp_path) if seed % 50 == 0 else None
        found = _said(lambda: read(case, helper))
        assert {each.kind.exit for each in found} <= {0, 3, 4}, (seed, [each.message for each in found])
        assert all(each.kind == CATALOGUE[each.code] for each in found)
        told = [each for each in found if each.severity == "error"]
        assert all(any(word in each.place + each.message for word in _names(case)) for each in told), (seed, found)
        assert all(len(each.message) < 2000 for each in found), (seed, found)
        assert before is None or contents(tmp_path) == before
        refused += bool(found)
    assert refused > COUNT // share // 10 or kind in _TAKEN


def _names(case: Case) -> tuple[str, ...]:
    return (case.path.name, str(case.root), str(case.old), "shop", "dep")


LOCKED: dict[str, Callable[[Path, Path, Helper], Answer]] = {
    "lock": lambda path, new, helper: lock(helper, new, path, Request()),
    "prune": lambda path, _, __: prune(path, ["beta"], path),
    "check": lambda path, new, helper: check_against(helper, path, new, Request(), "json"),
}


@pytest.mark.parametrize("command", LOCKED)
def test_spoiled_locks(command: str, bench: Bench, helper: Helper) -> None:
    """A lock that a command would add to, take from or compare with: it is done, or the lock keeps every byte."""
    new = release(bench, "2.0", alpha="a = [] :: list(), b", beta="x :: 'X'")
    path = bench.folder / "states.lock"
    lock(helper, new, path, Request())
    text = path.read_text(encoding="utf-8")
    before = {name: content for name, content in contents(bench.folder).items() if name != path}
    refused = 0
    for seed in range(max(3, COUNT // 4)):
        chance = random.Random(f"{command} {seed}")  # noqa: S311 - reproducible, not secret
        data = summed(text, chance) if seed % 2 else mutated(text, chance)
        path.write_bytes(data)
        found = _said(lambda: _done(LOCKED[command](path, new, helper)))
        assert {each.kind.exit for each in found} <= {0, 1, 4}, (seed, found)
        if any(each.kind.exit == 4 for each in found):
            refused += 1
            assert path.read_bytes() == data
            assert all(path.name in each.place + each.message for each in found), (seed, found)
        else:
            assert parse(path.read_bytes(), str(path)) is not None
    assert refused
    assert {name: content for name, content in contents(bench.folder).items() if name != path} == before


def _done(answer: Answer) -> tuple[Diagnostic, ...]:
    return answer.diagnostics
