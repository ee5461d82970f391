"""The commands as functions: what the command line does, for programs in Python."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from migrator import otp
from migrator.diagnostics import CATALOGUE, Diagnostic, Refused, exit_code
from migrator.errors import EnvironmentFault, HelperFault, InputFault
from migrator.faults import of_beam, of_fault
from migrator.files import fault_of, read_bytes, write_bytes
from migrator.locking import unknown_to, unlocked
from migrator.outcomes import Injected, Job, Planned, Scanned
from migrator.pipeline import eject_beam, inject_planned, plan_jobs
from migrator.read import Wanted, read
from migrator.release.archive import is_archive, unpacked
from migrator.release.find import beams_of, is_folder, split
from migrator.release.jobs import jobs_of
from migrator.release.journal import finished
from migrator.release.plans import plan_release
from migrator.render.erlang import render_erlang
from migrator.request import Request
from migrator.ruled import unknown_modules
from migrator.ruleset import Rules
from migrator.scanning import scan_beams
from migrator.synthesise import synthesise

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence

    from migrator.modules import Module
    from migrator.otp import Helper
    from migrator.plan import Plan
    from migrator.verifying.findings import Trial, Verified


def start(erl: Path | None = None) -> Helper:
    """Starts the Erlang that reads and compiles beams; a context manager that ends it.

    Args:
        erl: the program; without it `$MIGRATOR_ERL`, else the one on the PATH.

    Raises:
        EnvironmentFault: there is none, or it cannot serve.
    """
    return otp.start(otp.find_erl(erl))


def jobs(olds: Sequence[Path], new: Path, named: Collection[str] = ()) -> tuple[Job, ...]:
    """The modules to work on: one for two beams, all that may take part for two folders, those `named` among them.

    Raises:
        Refused: no beams; an application twice.
        InputFault: a folder beside a beam.
    """
    if is_folder(new) and all(map(is_folder, olds)):
        return jobs_of(olds, new, named)
    for path in (*olds, new):
        if is_folder(path):
            raise InputFault("is_a_folder", path)
    return (Job(tuple(olds), new),)


def preview(
    helper: Helper,
    olds: Sequence[Path],
    new: Path,
    request: Request | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> list[Planned]:
    """The plan for each module between the old versions and the new one. Changes nothing.

    Of two releases, modules that name no state record are passed by, unless they have the one that `--record` names.

    Raises:
        Refused, InputFault: the inputs cannot be used at all.
        EnvironmentFault: Erlang cannot serve.
    """
    exist((*olds, new))
    asked = request or Request()
    rules = rules_of(asked.rules)
    with (
        unpacked((*olds, new)) as paths,
        unlocked(helper, paths[:-1], paths[-1], rules.modules) as given,
    ):
        planned = (
            plan_release(helper, given.olds, paths[-1], asked, rules, progress)
            if is_folder(paths[-1]) and all(map(is_folder, given.olds))
            else plan_jobs(helper, jobs(given.olds, paths[-1], rules.modules), asked, progress, rules)
        )
        planned += unknown_to(given, planned)
    names = [each.new.name if each.new else each.job.new.stem for each in planned]
    # One beam is taken out of what a file or a folder says of many; a release has them all.
    strangers = unknown_modules(rules, names)
    if strangers and (is_release(new) or (asked.rules and asked.rules.is_file() and not set(names) & rules.modules)):
        raise Refused(*strangers)
    return planned


def rules_of(path: Path | None) -> Rules:
    """The decisions in a file or a folder of files; none without a path."""
    if path is None:
        return Rules()
    from migrator.rules import load_rules  # noqa: PLC0415 - lark takes a while to import, and few runs need it

    return load_rules(path)


def exist(paths: Iterable[Path]) -> None:
    """Does nothing where all these paths are there, `DIR@VSN` and `LOCK@VSN` too.

    Raises:
        InputFault: no_such_file.
    """
    for path in paths:
        if not split(path)[0].exists():
            raise InputFault("no_such_file", path)


def is_release(path: Path) -> bool:
    """Whether the path means a release, not one module's beam."""
    return is_folder(path) or is_archive(path)


def generated(plan: Plan) -> str:
    """The Erlang that is compiled for this plan: the functions that `inject` puts into the beam."""
    return render_erlang(synthesise(plan).functions)


def verify(  # noqa: PLR0913, PLR0917 - what preview takes, and how much is tried
    helper: Helper,
    olds: Sequence[Path],
    new: Path,
    request: Request | None = None,
    trial: Trial | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> list[Verified]:
    """What comes of trying each module's migration on states, in a throw-away node; the modules are those of `preview`.

    The beams are those that `inject` would write, or NEW as it is where it carries that very migration. Nothing
    is changed.

    Raises:
        Refused, InputFault: the inputs cannot be used at all, or a file of states.
        EnvironmentFault: Erlang cannot serve.
    """
    from migrator.verifying.findings import Trial  # noqa: PLC0415 - few runs need it
    from migrator.verifying.verify import code_folders, verify_planned  # noqa: PLC0415 - as above

    exist((*olds, new))
    asked = request or Request()
    with unpacked((*olds, new)) as paths:
        planned = preview(helper, paths[:-1], paths[-1], asked, progress)
        rules, folders = rules_of(asked.rules), code_folders(paths[-1])
        return verify_planned(helper, planned, trial or Trial(), rules, folders, progress)


@dataclass(frozen=True, slots=True)
class Injection:
    """What came of `inject`: the plans, the beams, and whether they were written."""

    planned: tuple[Planned, ...]
    injected: tuple[Injected, ...]
    diagnostics: tuple[Diagnostic, ...]

    @property
    def exit(self) -> int:
        """The exit code of the contract for it."""
        return exit_code(self.diagnostics)


def inject(
    helper: Helper,
    olds: Sequence[Path],
    new: Path,
    request: Request | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Injection:
    """Plans, compiles and proves; the beams that it gives are written by `write`. Changes nothing.

    Raises:
        Refused, InputFault: the inputs cannot be used at all; a `hook` on NEW was ended half-way (M154).
        EnvironmentFault: Erlang cannot serve.
    """
    if is_archive(new):
        raise Refused(_no_target(new))
    finished(split(new)[0])
    planned = preview(helper, olds, new, request, progress)
    found = tuple(each for one in planned for each in one.diagnostics)
    if exit_code(found):
        return Injection(tuple(planned), (), found)
    injected = inject_planned(helper, planned, progress)
    found += tuple(each for one in injected for each in one.diagnostics)
    return Injection(tuple(planned), tuple(injected), found)


def _no_target(archive: Path) -> Diagnostic:
    return Diagnostic(
        CATALOGUE["M102"],
        f"{archive} is a tarball: it can be read here, and its beams cannot be replaced in it",
        "it is left as it is",
        str(archive),
        (f"mkdir release && tar xzf {archive} -C release   # then give release/ as NEW",),
    )


def write(injected: Iterable[Injected]) -> tuple[Path, ...]:
    """Replaces the beams, each atomically; when one cannot be written, those before it are put back.

    Raises:
        InputFault, EnvironmentFault: one cannot be written; then all have their old bytes.
    """
    done: list[Injected] = []
    try:
        for each in injected:
            if each.after is not None and each.after != each.before and _written(each, each.after):
                done.append(each)  # noqa: PERF401 - known at each step: one that fails puts these back
    except BaseException:
        for each in done:
            write_bytes(each.path, each.before)
        raise
    return tuple(each.path for each in done)


def _written(injected: Injected, after: bytes) -> bool:
    """Writes the beam; False where another run has written the very bytes meanwhile."""
    try:
        write_bytes(injected.path, after, expect=injected.before)
    except InputFault as fault:
        if fault.reason != "changed" or read_bytes(injected.path) != after:
            raise
        return False
    return True


def eject(helper: Helper, path: Path) -> Injected:
    """The beam without what `inject` put into it. Changes nothing.

    Raises:
        InputFault: it cannot be read.
        Refused: a `hook` on its release was ended half-way (M154).
        EnvironmentFault: Erlang cannot serve.
    """
    finished(path)
    return eject_beam(helper, path, read_bytes(path))


def inspect(helper: Helper, path: Path, record: str | None = None) -> Module:
    """The facts of one beam.

    Raises:
        Refused: it cannot be read.
        EnvironmentFault: Erlang cannot serve.
    """
    (module,) = read(helper, [Wanted(path, (record,) if record else ())])
    if isinstance(module, Diagnostic):
        raise Refused(module)
    return module


def scan(
    helper: Helper, paths: Sequence[Path], progress: Callable[[int, int], None] | None = None
) -> tuple[list[Scanned], list[Diagnostic]]:
    """The modules under these paths that keep a state record, or seem to; and the beams that cannot be read.

    Raises:
        Refused, InputFault: a path holds nothing.
        EnvironmentFault: Erlang cannot serve.
    """
    exist(paths)
    found: list[tuple[str, Path]] = []
    with unpacked(paths) as readable:
        for path in readable:
            if is_folder(path):
                found += [(each.application, each.path) for each in beams_of(path)]
            else:
                found.append(("", path))
        return scan_beams(helper, found, progress)


def diagnostics_of(error: Exception) -> tuple[Diagnostic, ...]:
    """The diagnostics for anything that the functions here raise."""
    match error:
        case Refused():
            return error.diagnostics
        case HelperFault():
            return (of_beam(error, Path()),)
        case InputFault() | EnvironmentFault():
            return (of_fault(error),)
        case OSError() if error.filename is not None:
            # A file that went away, or could not be read, between two looks at it.
            return (of_fault(fault_of(error)),)
        case RecursionError() | MemoryError():
            return (
                Diagnostic(CATALOGUE["M158"], "something in these files is nested too deep", "nothing was written"),
            )
    return (
        Diagnostic(
            CATALOGUE["M902"],
            f"{type(error).__name__}: {error}",
            "nothing was written",
            help=("please report it with the command that you ran, as the README says (Reporting a bug)",),
        ),
    )
