"""Nouns: diagnostics, and the catalogue of their codes. A code is never renumbered."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Sequence

Severity: TypeAlias = Literal["error", "decision", "warning", "info"]


@dataclass(frozen=True, slots=True)
class Kind:
    """One entry of the catalogue: its code, severity, the exit code that it leads to, and its subject."""

    code: str
    severity: Severity
    exit: int
    title: str


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One thing to tell a person.

    `message` is a headline that stands alone; `consequence` what would happen at run time; `place` a source line or a
    beam, record and field; `help` the exact text to type, a line each; `field` the field that it is about, if any.
    """

    kind: Kind
    message: str
    consequence: str = ""
    place: str = ""
    help: tuple[str, ...] = ()
    field: str | None = None
    old_field: str | None = None
    module: str | None = None

    @property
    def code(self) -> str:
        """The code of its kind."""
        return self.kind.code

    @property
    def severity(self) -> Severity:
        """The severity of its kind."""
        return self.kind.severity


class Refused(Exception):  # noqa: N818 - an outcome, told by diagnostics
    """The work cannot go on: the diagnostics say why."""

    def __init__(self, *diagnostics: Diagnostic) -> None:
        super().__init__(*(diagnostic.message for diagnostic in diagnostics))
        self.diagnostics = diagnostics


def _kinds() -> dict[str, Kind]:
    rows: tuple[tuple[str, Severity, int, str], ...] = (
        # 0xx: the command itself (exit 2)
        ("M001", "error", 2, "wrong usage"),
        # 1xx: an input cannot be used (exit 4)
        ("M101", "error", 4, "no such file"),
        ("M102", "error", 4, "a folder where a beam is meant"),
        ("M103", "error", 4, "not a beam"),
        ("M104", "error", 4, "a damaged beam"),
        ("M105", "error", 4, "beams of two modules"),
        ("M106", "error", 4, "old and new are swapped"),
        ("M107", "error", 4, "no debug info"),
        ("M108", "error", 4, "encrypted debug info without its key"),
        ("M109", "error", 4, "compiled through another backend"),
        ("M110", "error", 4, "no such record"),
        ("M111", "error", 4, "the module names no state record"),
        ("M112", "error", 4, "the module names two state records"),
        ("M113", "error", 4, "a decision that fits nothing"),
        ("M114", "error", 4, "something that is no decision"),
        ("M115", "error", 4, "the module does not compile again"),
        ("M116", "error", 4, "a core transform"),
        ("M117", "error", 4, "a -state_migrated that is not ours"),
        ("M118", "error", 4, "a read-only target"),
        ("M119", "error", 4, "a file that cannot be read"),
        ("M120", "error", 4, "nothing to work on"),
        ("M121", "error", 4, "the target changed meanwhile"),
        ("M122", "error", 4, "a state attribute that this version does not support"),
        ("M123", "error", 4, "an application's modules in two places"),
        ("M124", "error", 4, "an imported conversion function"),
        ("M125", "error", 4, "an expression that Erlang does not accept"),
        ("M126", "error", 4, "the module names its state twice"),
        ("M127", "error", 4, "no such type"),
        ("M128", "error", 4, "a record named for a state that is a type"),
        ("M130", "error", 4, "no lock file"),
        ("M131", "error", 4, "a damaged lock file"),
        ("M132", "error", 4, "an edited entry of a lock file"),
        ("M133", "error", 4, "an entry of a lock file that stands there twice"),
        ("M134", "error", 4, "a module that a lock file does not have"),
        ("M135", "error", 4, "a version that a lock file does not have"),
        ("M136", "error", 4, "an entry of a lock file that Erlang does not accept"),
        ("M140", "error", 4, "a file that holds no Erlang terms"),
        ("M141", "error", 4, "both versions are one folder"),
        ("M142", "error", 4, "an application whose code changed and whose vsn did not"),
        ("M143", "error", 4, "an appup that is no appup"),
        ("M144", "error", 4, "a written appup that cannot be evaluated"),
        ("M145", "error", 4, "a written appup that comes to no appup"),
        ("M146", "error", 4, "a tarball that cannot be made"),
        ("M147", "error", 4, "a release root with several versions"),
        ("M148", "error", 4, "a version that a release root does not have"),
        ("M149", "error", 4, "a file that does not say what an application is"),
        ("M150", "error", 4, "a journal that cannot be read"),
        ("M151", "error", 4, "a tarball that cannot be rewritten"),
        ("M152", "error", 4, "debug info of another build"),
        ("M153", "error", 4, "a migration that a stripped beam would lose"),
        ("M154", "error", 4, "a hook that has not come to its end"),
        ("M155", "error", 4, "more atoms than can be read"),
        ("M156", "error", 4, "a beam that would fill the memory"),
        ("M157", "error", 4, "a tarball larger than a release can be"),
        ("M158", "error", 4, "something nested too deep"),
        ("M159", "error", 4, "a text longer than any of its kind"),
        ("M160", "error", 4, "something asked for a module that gets no such instruction"),
        ("M161", "error", 4, "a lock file where code is needed"),
        ("M162", "error", 4, "a changed application without a vsn"),
        ("M163", "error", 4, "a file that is no appup"),
        ("M165", "error", 4, "appups for a tarball, and no folder to write them to"),
        ("M166", "error", 4, "no plain file"),
        ("M167", "error", 4, "regular expressions that take too long"),
        ("M170", "error", 4, "no .rel"),
        ("M171", "error", 4, "a changed application without an appup"),
        ("M172", "error", 4, "an appup without an entry for a version"),
        ("M173", "error", 4, "a release that systools refuses"),
        ("M174", "error", 4, "an instruction that systools refuses"),
        ("M175", "error", 4, "a release that cannot be booted by itself"),
        ("M176", "error", 4, "a vm.args that cannot be read"),
        ("M177", "error", 4, "an application of OTP that a release needs and nobody has"),
        ("M178", "error", 4, "a release without a relup"),
        ("M179", "error", 4, "a relup that knows no way from the old version"),
        ("M180", "error", 4, "a release without a release handler"),
        ("M181", "error", 4, "a load that cannot be used"),
        ("M182", "error", 4, "a release that does not start here"),
        ("M183", "error", 4, "a release that release_handler cannot unpack"),
        ("M184", "error", 4, "a release on an OTP older than the Erlang here"),
        ("M185", "error", 4, "no project that init knows"),
        ("M186", "decision", 3, "lines that only a person can place"),
        ("M187", "warning", 0, "a release made of links"),
        ("M188", "warning", 0, "a project compiled without debug info"),
        ("M189", "warning", 0, "a project that makes no release"),
        ("M190", "error", 4, "child specs that a supervisor does not accept"),
        ("M191", "error", 4, "a file of somebody else's where a test module would be written"),
        # 2xx: the environment cannot serve (exit 5)
        ("M201", "error", 5, "no Erlang"),
        ("M202", "error", 5, "another OTP release"),
        ("M203", "error", 5, "Erlang ended"),
        ("M204", "error", 5, "Erlang hangs"),
        ("M205", "error", 5, "no room on the disk"),
        ("M206", "error", 5, "the target cannot be written"),
        ("M207", "error", 5, "interrupted"),
        ("M208", "error", 5, "a beam in the syntax of a later OTP"),
        ("M209", "error", 5, "another run works on the release"),
        # 3xx: a person must decide (exit 3)
        ("M301", "decision", 3, "a field would be dropped"),
        ("M302", "decision", 3, "init/1 computes a new field"),
        ("M303", "decision", 3, "a field's type changed"),
        ("M304", "decision", 3, "a clause of the module's own converts the same shape"),
        ("M305", "decision", 3, "versions that nothing tells apart"),
        ("M306", "decision", 3, "an old default that the new module cannot evaluate"),
        ("M307", "decision", 3, "a changed record in a place that no type reveals"),
        ("M308", "decision", 3, "the state's own structure changed"),
        ("M310", "decision", 3, "changed records that deep cannot tell by their shape"),
        ("M312", "decision", 3, "a record of another module that cannot be converted by itself"),
        ("M313", "decision", 3, "an appup's entry, written by hand, that leaves something out"),
        ("M314", "decision", 3, "members of a union that nothing tells apart"),
        # 4xx: warnings
        ("M401", "warning", 0, "a changed record in a place that no type reveals"),
        ("M402", "warning", 0, "an old default calls a function of the same name"),
        ("M404", "warning", 0, "an old default that the new module cannot evaluate, given up"),
        ("M405", "warning", 0, "a conversion function of the module's own that seems to be out of date"),
        ("M406", "warning", 0, "states that a downgrade cannot carry back"),
        ("M407", "warning", 0, "a value moves to a place that is not always there"),
        ("M409", "warning", 0, "a type of a module that is not at hand"),
        ("M410", "warning", 0, "a type of a module whose declarations cannot be read"),
        ("M411", "warning", 0, "a kept field whose value seems to be of another kind"),
        ("M412", "warning", 0, "a fun of the old code in the state"),
        ("M413", "warning", 0, "what init/1 does has an effect"),
        ("M414", "warning", 0, "a dropped field that held what lives on"),
        ("M416", "warning", 0, "a new field whose value nothing tells"),
        ("M417", "warning", 0, "a behaviour that nothing is known of"),
        ("M418", "warning", 0, "a declared undefined that init/1 does not leave"),
        ("M419", "warning", 0, "no appup for states that changed"),
        ("M420", "warning", 0, "an appup without a way from the old version"),
        ("M421", "warning", 0, "an appup that leaves states unconverted"),
        ("M422", "warning", 0, "a relup that leaves states unconverted"),
        ("M423", "warning", 0, "an earlier run that was not finished"),
        ("M424", "warning", 0, "a module that moved to another application"),
        ("M425", "warning", 0, "a state that nothing in the beam converts yet"),
        ("M426", "warning", 0, "changed modules that call each other's new functions"),
        ("M427", "warning", 0, "an appup's entry that leaves something out, and stays"),
        ("M428", "warning", 0, "an appup's entries that were written for another new version"),
        ("M429", "warning", 0, "processes that may start while those of their module are listed"),
        ("M430", "warning", 0, "an appup of another version"),
        ("M431", "warning", 0, "an upgrade that restarts the emulator"),
        ("M432", "warning", 0, "what systools warns of"),
        ("M433", "warning", 0, "an upgrade that changes nothing"),
        ("M434", "warning", 0, "written instructions that fit no version"),
        ("M435", "warning", 0, "children of a supervisor that cannot be told"),
        ("M436", "warning", 0, "a supervisor that cannot be called"),
        ("M437", "warning", 0, "a changed process that no child spec names"),
        ("M438", "warning", 0, "a child that begins anew"),
        ("M439", "warning", 0, "a supervisor that must be started again"),
        ("M440", "warning", 0, "a process that still runs old code"),
        ("M441", "warning", 0, "a process near the limit at which OTP gives up"),
        ("M442", "warning", 0, "a child that the new supervisor does not know"),
        ("M443", "warning", 0, "errors that were logged meanwhile"),
        ("M444", "warning", 0, "a configuration that the upgrade does not apply"),
        ("M445", "warning", 0, "a relup without a way back"),
        ("M446", "warning", 0, "fields that stand in the place of others"),
        ("M447", "warning", 0, "a file outside of the rehearsal's folder"),
        ("M450", "warning", 0, "a state record that changed, of a module that does not say so"),
        ("M451", "warning", 0, "a new application that calls what is loaded after its start"),
        # 46x, 47x: native records (OTP 29)
        ("M460", "decision", 3, "a new field of a native record without a default"),
        ("M461", "decision", 3, "an old field of a native record without a default, on the way back"),
        ("M462", "error", 5, "native records need OTP 29"),
        ("M464", "error", 5, "native records that are not tried"),
        # 5xx: information
        ("M501", "info", 0, "what runs first on a downgrade"),
        ("M502", "info", 0, "a value taken from init/1"),
        ("M503", "info", 0, "a changed default"),
        ("M504", "info", 0, "a loss that was allowed"),
        ("M505", "info", 0, "a value or a type that was allowed"),
        ("M506", "info", 0, "a whole state converted by hand"),
        ("M509", "info", 0, "a record of another module is converted too"),
        ("M513", "info", 0, "a field that holds what lives on, and vanishes on a downgrade"),
        ("M514", "info", 0, "a module of which a lock file has no older version"),
        ("M515", "info", 0, "decisions for a version that this run does not have"),
        ("M516", "info", 0, "a state without a code_change"),
        ("M517", "info", 0, "applications that only one release has"),
        ("M518", "info", 0, "an entry that stands before a regular expression"),
        ("M519", "info", 0, "changed modules that need each other"),
        ("M520", "info", 0, "a changed child spec that needs no restart"),
        ("M521", "info", 0, "siblings of a restarted child"),
        ("M522", "info", 0, "a changed process in no child spec that can be read"),
        ("M523", "info", 0, "-on_load ran in a throw-away node"),
        ("M524", "info", 0, "children that cannot be told, alike in both versions"),
        # 6xx: what check found (exit 1)
        ("M601", "error", 1, "a lock file that says otherwise"),
        ("M602", "error", 1, "a version that a lock file lacks"),
        ("M603", "error", 1, "an entry of a lock file whose module is gone"),
        ("M610", "error", 1, "an old state under new code"),
        ("M611", "error", 1, "a process that the upgrade passed by"),
        ("M612", "error", 1, "a process that did not survive"),
        ("M613", "error", 1, "a crash in the middle of the rehearsal"),
        ("M614", "error", 1, "a child that the upgrade does not start"),
        ("M615", "error", 1, "an installation that failed"),
        ("M616", "error", 1, "calls that failed during the rehearsal"),
        ("M617", "error", 1, "nodes that lost each other"),
        ("M618", "error", 1, "a node that was lost"),
        ("M619", "error", 1, "a relup that restarts the emulator"),
        ("M620", "error", 1, "an application that does not run after the upgrade"),
        ("M630", "error", 1, "a field that comes out wrong"),
        ("M631", "error", 1, "a value that the field's type does not admit"),
        ("M632", "error", 1, "an old record inside a converted state"),
        ("M633", "error", 1, "a state that comes out as something else"),
        ("M634", "error", 1, "a field that does not come back"),
        ("M635", "error", 1, "a state that is changed and had to pass"),
        ("M636", "error", 1, "a state that is refused"),
        ("M637", "error", 1, "a state that is taken and had to be refused"),
        ("M638", "error", 1, "a conversion that fails"),
        ("M639", "error", 1, "a code_change of the module's own that is called otherwise"),
        ("M640", "error", 1, "code of a decision that ends the node"),
        ("M650", "error", 4, "a file that holds no states"),
        ("M651", "warning", 0, "a decision's function that does not take each value"),
        ("M652", "error", 1, "states that were not tried"),
        ("M653", "warning", 0, "a given state that is of no known version"),
        # 9xx: our own bugs
        ("M901", "error", 70, "a proof failed"),
        ("M902", "error", 70, "our own bug"),
    )
    return {code: Kind(code, severity, exit_code, title) for code, severity, exit_code, title in rows}


CATALOGUE = _kinds()


# Of one code so many are shown to a person, and so many stand in a list of a JSON document.
MOST_SHOWN, MOST_LISTED = 500, 10_000


def bounded(diagnostics: Sequence[Diagnostic], most: int) -> tuple[Diagnostic, ...]:
    """The first `most` of each code, in their order; in the place of the next one how many more of it there are.

    A hostile or a broken input can come to a million of them, and nobody reads the last one.
    """
    counts = Counter(each.code for each in diagnostics)
    if all(count <= most for count in counts.values()):
        return tuple(diagnostics)
    found: list[Diagnostic] = []
    seen: Counter[str] = Counter()
    for each in diagnostics:
        seen[each.code] += 1
        if seen[each.code] <= most:
            found.append(each)
        elif seen[each.code] == most + 1:
            more = f"{counts[each.code] - most} more {each.code} are not shown ({each.kind.title})"
            found.append(Diagnostic(each.kind, more, place=each.place, module=each.module))
    return tuple(found)


def exit_code(diagnostics: tuple[Diagnostic, ...] | list[Diagnostic]) -> int:
    """The exit code that these call for: a bug before the environment, that before an input, that before a decision.

    What a check found comes last: anything else says that it could not be looked at as a whole.
    """
    codes = {diagnostic.kind.exit for diagnostic in diagnostics}
    return next((code for code in (70, 5, 4, 3, 2, 1) if code in codes), 0)
