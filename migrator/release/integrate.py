"""Finds out what builds the project in a folder, and how the migrator takes part there. Reads only."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from migrator.diagnostics import CATALOGUE, Diagnostic, Refused
from migrator.files import read_bytes
from migrator.lockfile import text_of as lock_text
from migrator.release.integration import Change, Integration
from migrator.release.rebarconfig import linked, makes_releases, releases, section, with_hooks
from migrator.terms import Atom
from migrator.termtext import parse_terms, text_in

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from migrator.release.integration import Builder
    from migrator.termtext import Written

LOCK = "states.lock"
# A folder of decisions files, where the project has one.
RULES = "migrations"

_MIX = """\
# in project/0; where it has `releases:` already, these steps go into each of them:
releases: [{release}: [steps: [:assemble, &migrate/1, :tar]]]

# beside project/0: the beams are stripped by now, and what mix compiled has the debug info;
# Erlang modules are migrated, those that Elixir compiled are not
defp migrate(release) do
  compiled = Path.join(Mix.Project.build_path(), "lib")
  new = "#{{release.path}}@#{{release.version}}"
  {{_, 0}} = System.cmd("migrator", ~w({arguments} --new-debug-info) ++ [compiled, "{lock}", new], into: IO.stream())
  release
end
"""
_MAKE = """\
# After compilation, and before the beams are copied into a release; LIB is the folder with APP/ebin in it.
migrate:
\t{hook} $(LIB)
.PHONY: migrate
"""
_ERLANG_MK = """\
# Above `include erlang.mk`: after compilation, and before relx copies the beams into the release.
relx-rel:: app
\t{hook} ebin
"""


def integration(folder: Path) -> Integration:
    """How the migrator takes part in that project.

    Raises:
        Refused: nothing there tells what builds it (M185), or its configuration is no Erlang terms (M140).
        InputFault: a file cannot be read.
    """
    rules = f"--rules {RULES} " if (folder / RULES).is_dir() else ""
    hook = f"migrator hook {rules}{LOCK}"
    match _builder(folder):
        case "rebar3":
            return _rebar3(folder, hook, rules)
        case "mix":
            return _mix(folder, f"hook {rules}".rstrip())
        case "relx":
            return _relx(folder, hook, rules)
        case "erlang.mk":
            return _make(folder, "erlang.mk", _ERLANG_MK.format(hook=hook), rules)
        case "make":
            return _make(folder, "make", _MAKE.format(hook=hook), rules)
        case None:
            raise Refused(_no_project(folder))


def _builder(folder: Path) -> Builder | None:
    rebar, mix, relx = (folder / name for name in ("rebar.config", "mix.exs", "relx.config"))
    make = next((path for name in ("GNUmakefile", "makefile", "Makefile") if (path := folder / name).is_file()), None)
    # Many projects can be built in several ways, and only one of them makes the release.
    if rebar.is_file() and (section(parse_terms(text_in(rebar), str(rebar)), "relx") or not mix.is_file()):
        return "relx" if relx.is_file() and not section(parse_terms(text_in(rebar), str(rebar)), "relx") else "rebar3"
    if mix.is_file():
        return "mix"
    if make is not None and re.search(r"^-?include\s+\S*erlang\.mk", text_in(make), re.MULTILINE):
        return "erlang.mk"
    if relx.is_file():
        return "relx"
    return "make" if make is not None else None


@dataclass(frozen=True, slots=True)
class _Profile:
    """The profile of rebar3 that makes the release, and its configuration of relx."""

    name: str
    relx: tuple[Written, ...]

    @property
    def build(self) -> str:
        return f"_build/{self.name}"

    @property
    def command(self) -> str:
        return "rebar3" if self.name == "default" else f"rebar3 as {self.name}"


def _rebar3(folder: Path, hook: str, rules: str) -> Integration:
    path = folder / "rebar.config"
    before = read_bytes(path)
    text = text_in(path)
    terms = parse_terms(text, str(path))
    profile = _profile(terms)
    named = releases(section(terms, "relx")) or releases(profile.relx)
    change = with_hooks(path, text, before, f"{hook} $REBAR_BUILD_DIR/lib")
    script = folder / "rebar.config.script"
    if script.exists():
        change = replace(change, where=f"{change.where}; {script.name} has the last word")
    # Where there are several, relx has to be told which.
    shown, chosen = (named[0], "") if len(named) == 1 else ("NAME", " -n NAME" if named else "")
    lib, root = f"{profile.build}/lib", f"{profile.build}/rel/{shown}"
    lock = f"migrator lock {rules}{lib} -o {LOCK}"
    commands = (
        f"{profile.command} compile",
        f"{hook} {lib}",
        f"migrator appup {root}@OLD {lib}",
        f"{profile.command} relup -n {shown} -v NEW -u OLD",
        f"{profile.command} tar -n {shown} -v NEW",
        f"migrator rehearse {root}@OLD {root}@NEW",
        lock,
    )
    found = (*_links(path, terms, profile), *_debug_info(path, terms))
    if not makes_releases(terms) and not script.exists():
        found = (*found, _no_release(path))
    return Integration(
        folder,
        "rebar3",
        named,
        (change, _lock(folder)),
        (f"{profile.command} tar{chosen}", lock),
        commands,
        _built(folder, profile.name),
        found,
        _eunit(rules, lib),
    )


def _eunit(rules: str, lib: str) -> tuple[str, ...]:
    """What puts the migrations into the beams that `rebar3 eunit` compiles, and makes tests of them."""
    return (
        f'{{eunit, "migrator inject {rules}{LOCK} $REBAR_BUILD_DIR/lib"}}   % into the pre_hooks',
        f"migrator inject --eunit test {rules}{LOCK} {lib}",
    )


def _no_release(path: Path) -> Diagnostic:
    return Diagnostic(
        CATALOGUE["M189"],
        f"{path} describes no release: it has no relx",
        "rebar3 runs these hooks for a release and its tarball alone; those of a library are never run",
        str(path),
        (
            "migrator init DIR   # the project that makes the release: its hook migrates dependencies too",
            '{relx, [{release, {NAME, "1.0.0"}, [APP]}]}.   % where this is that project',
        ),
    )


def _profile(terms: Sequence[Written]) -> _Profile:
    """`prod` where it says how a release is made, as rebar3's own templates have it, else what holds without one."""
    for profile in section(terms, "profiles"):
        match profile.term:
            case (Atom("prod"), list()) if relx := section(profile.parts[1].parts, "relx"):
                return _Profile("prod", relx)
    return _Profile("default", section(terms, "relx"))


def _links(path: Path, terms: Sequence[Written], profile: _Profile) -> tuple[Diagnostic, ...]:
    if not linked(profile.relx, section(terms, "relx")):
        return ()
    return (
        Diagnostic(
            CATALOGUE["M187"],
            f"{path} makes releases of links: every version in rel/ is the build of now",
            "an upgrade would load the code that already runs, and convert nothing",
            str(path),
            ("{dev_mode, false}   % in relx", "{mode, prod}   % the same, and stripped, with ERTS"),
        ),
    )


def _debug_info(path: Path, terms: Sequence[Written]) -> tuple[Diagnostic, ...]:
    options = [part.term for part in section(terms, "erl_opts")]
    if Atom("no_debug_info") not in options:
        return ()
    return (
        Diagnostic(
            CATALOGUE["M188"],
            f"{path} has modules compiled without debug info",
            "the records of a beam are known from there alone: nothing could be migrated",
            str(path),
            ("{erl_opts, [debug_info]}.   % relx takes it out of the release again with {mode, prod}",),
        ),
    )


def _mix(folder: Path, arguments: str) -> Integration:
    path = folder / "mix.exs"
    text = text_in(path)
    named = re.search(r"releases:\s*\[\s*(\w+):", text) or re.search(r"\bapp:\s*:(\w+)", text)
    release = named[1] if named else "NAME"
    lines = _MIX.format(release=release, arguments=arguments, lock=LOCK)
    there = "migrator" in text and "hook" in text
    change = Change(
        path, "there" if there else "paste", lines, "its steps have it" if there else "mix.exs is a program"
    )
    root = f"_build/prod/rel/{release}"
    make, lock = "MIX_ENV=prod mix release", f"migrator lock _build/prod/lib -o {LOCK}"
    commands = (
        f"{make} --overwrite",
        f"migrator appup {root}@OLD {root}@NEW",
        f"migrator relup --tar {root}@OLD {root}@NEW",
        f"migrator rehearse {root}@OLD {root}@NEW",
        lock,
    )
    changes = (change, _lock(folder))
    return Integration(folder, "mix", (release,), changes, (make, lock), commands, _built(folder, "prod"))


def _relx(folder: Path, hook: str, rules: str) -> Integration:
    path = folder / "relx.config"
    named = releases(parse_terms(text_in(path), str(path)))
    lines = f"{hook} _build/default/lib   # each time before: relx release, relx tar\n"
    change = Change(path, "paste", lines, "relx by itself has no hooks: the line goes where relx is called")
    lock = f"migrator lock {rules}_build/default/lib -o {LOCK}"
    commands = ("relx release", "relx tar", lock)
    changes = (change, _lock(folder))
    return Integration(folder, "relx", named, changes, commands, commands, _built(folder, "default"))


def _make(folder: Path, builder: Builder, lines: str, rules: str) -> Integration:
    path = next(path for name in ("GNUmakefile", "makefile", "Makefile") if (path := folder / name).is_file())
    there = "migrator hook" in text_in(path)
    where = "it is there" if there else "its targets are yours"
    change = Change(path, "there" if there else "paste", lines, where)
    lock = f"migrator lock {rules}LIB -o {LOCK}"
    commands = ("migrator appup OLD NEW", "migrator relup --tar OLD NEW", "migrator rehearse OLD NEW", lock)
    return Integration(folder, builder, (), (change, _lock(folder)), (lock,), commands, _built(folder, "default"))


def _lock(folder: Path) -> Change:
    """An empty lock serves as OLD from the first release on."""
    path = folder / LOCK
    text = lock_text(())
    if path.exists():
        return Change(path, "there", text, "it is there")
    return Change(path, "create", text, "a new file, for version control", text)


def _built(folder: Path, profile: str) -> Path | None:
    """Where the applications were compiled to."""
    names = (profile, "default", "prod", "dev")
    candidates = [*(folder / "_build" / name / "lib" for name in names), folder / "apps", folder / "ebin"]
    return next((path for path in candidates if any(path.glob("*/ebin/*.beam")) or any(path.glob("*.beam"))), None)


def _no_project(folder: Path) -> Diagnostic:
    return Diagnostic(
        CATALOGUE["M185"],
        f"{folder} has no rebar.config, mix.exs, relx.config or Makefile",
        "what builds the releases of this project is not known, and nothing is written",
        str(folder),
        ("migrator init DIR   # the folder of the project", "migrator hook OLD NEW   # fits into any build"),
    )
