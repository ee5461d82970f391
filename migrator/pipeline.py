"""The verbs in order, for many modules in one run: read, plan, synthesise, splice, prove."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

from migrator import planner
from migrator.alike import needs_uses
from migrator.beside import Shelf, with_constructions, with_neighbours
from migrator.compilers import otp_of
from migrator.decisions import Deep, Move, flat, read_decisions, renamed_records
from migrator.diagnostics import CATALOGUE, Diagnostic, Refused
from migrator.errors import HelperFault
from migrator.faults import bug, of_beam
from migrator.modules import Module
from migrator.neighbours import without_neighbours
from migrator.outcomes import Injected, Planned
from migrator.read import Wanted, read, read_again, read_all_again, read_uses
from migrator.ruled import ruled_by
from migrator.ruleset import Rules
from migrator.splice import Splice, prove, splice
from migrator.synthesise import synthesise

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from migrator.edits import Edits
    from migrator.otp import Helper
    from migrator.outcomes import Job
    from migrator.plan import Plan
    from migrator.request import Request


NO_RULES = Rules()

# The old versions of a module and its new one, each as it was read.
_Versions: TypeAlias = tuple[list[Module | Diagnostic], Module | Diagnostic]


def plan_jobs(
    helper: Helper,
    jobs: Sequence[Job],
    request: Request,
    progress: Callable[[int, int], None] | None = None,
    rules: Rules = NO_RULES,
) -> list[Planned]:
    """Reads all beams in one go and plans each job. Nothing of a beam is loaded.

    Raises:
        EnvironmentFault, ProtocolError: the helper cannot serve.
    """
    names = () if request.choice is None else tuple({request.choice.new, request.choice.old or request.choice.new})
    ruled = [tuple({*names, *_ruled_names(rules, job, jobs)}) for job in jobs]
    news = read(helper, [Wanted(job.new, known) for job, known in zip(jobs, ruled, strict=True)], progress)
    wanted = [
        Wanted(path, tuple({*known, *(() if names else _names(new)), *_held(new, rules)}), "built", _types(new))
        for job, new, known in zip(jobs, news, ruled, strict=True)
        if isinstance(new, Module)
        for path in job.olds
    ]
    read_olds = iter(read(helper, wanted, progress))
    olds = [
        [next(read_olds) for _ in job.olds] if isinstance(new, Module) else []
        for job, new in zip(jobs, news, strict=True)
    ]
    whole = [
        _completed(helper, job, before, new, known, rules)
        for job, before, new, known in zip(jobs, olds, news, ruled, strict=True)
    ]
    return [
        _plan_job(helper, job, before, new, request, rules)
        for job, (before, new) in zip(jobs, _with_uses(helper, _beside(helper, olds, whole)), strict=True)
    ]


def _beside(
    helper: Helper, olds: Sequence[Sequence[Module | Diagnostic]], news: Sequence[Module | Diagnostic]
) -> list[_Versions]:
    """The old versions of each job and its new one, with the modules beside them that their types lead to."""
    shelf = Shelf()
    known = iter(with_neighbours(helper, [each for before in olds for each in before] + list(news), shelf))
    before = [[next(known) for _ in each] for each in olds]
    return [(each, with_constructions(helper, each, new, shelf)) for each, new in zip(before, known, strict=True)]


def _held(new: Module, rules: Rules) -> tuple[str, ...]:
    """The records inside its state: a field that has a type in one version only may hold them in the other too.

    All records where a decision speaks of some that no type may lead to.
    """
    written, _ = read_decisions(new.attribute("state_migration"))
    if _may_be_hidden(new, rules):
        return (*(shape.name for shape in new.record_index), *renamed_records(flat(written)))
    return tuple(record.name for record in new.records)


def _may_be_hidden(new: Module, rules: Rules) -> bool:
    """Whether a decision speaks of records that no type may lead to: then all are read."""
    written, _ = read_decisions(new.attribute("state_migration"))
    words = {statement.word for section in rules.of(new.name) for statement in section.statements}
    return bool(words & {"move", "deep"}) or any(isinstance(each.decision, Move | Deep) for each in flat(written))


def _completed(  # noqa: PLR0913, PLR0917 - what is known of a job
    helper: Helper,
    job: Job,
    olds: Sequence[Module | Diagnostic],
    new: Module | Diagnostic,
    known: tuple[str, ...],
    rules: Rules,
) -> Module | Diagnostic:
    """The new module with the records too that types of the old versions alone lead to, or a decision."""
    if isinstance(new, Diagnostic):
        return new
    reached = {record.name for old in olds if isinstance(old, Module) for record in old.records}
    index = {shape.name for shape in new.record_index}
    missing = (index if _may_be_hidden(new, rules) else reached & index) - {record.name for record in new.records}
    return read_again(helper, new.beam, job.new, tuple(sorted({*known, *missing}))) if missing else new


def _ruled_names(rules: Rules, job: Job, jobs: Sequence[Job]) -> set[str]:
    """The records that the rules name; one beam alone may be called as it likes."""
    sections = rules.sections if len(jobs) == 1 else rules.of(job.new.stem)
    return {name for section in sections for name in section.records}


def _names(new: Module) -> tuple[str, ...]:
    """The old record may have the new one's name, whatever the old attribute says."""
    values = [attribute.value for attribute in new.attribute("state_record")]
    return tuple(name for value in values if (name := getattr(value, "name", None)) is not None)


def _types(new: Module) -> tuple[str, ...]:
    """The old state's type may have the new one's name."""
    values = [attribute.value for attribute in new.attribute("state_type")]
    return tuple(name for value in values if (name := getattr(value, "name", None)) is not None)


def _plan_job(  # noqa: PLR0913, PLR0917 - the inputs of a plan
    helper: Helper,
    job: Job,
    olds: Sequence[Module | Diagnostic],
    new: Module | Diagnostic,
    request: Request,
    rules: Rules,
) -> Planned:
    refusals = [each for each in (*olds, new) if isinstance(each, Diagnostic)]
    modules = tuple(each for each in olds if isinstance(each, Module))
    if refusals or not isinstance(new, Module):
        return Planned(job, None, modules, new if isinstance(new, Module) else None, tuple(refusals))
    try:
        known = tuple(without_neighbours(old, new) for old in modules)
        ruled = ruled_by(helper, new, job.new, rules.of(new.name))
        plan = planner.plan(known, new, request, ruled)
    except Refused as refused:
        return Planned(job, None, modules, new, refused.diagnostics)
    # Where nothing is compiled, another release may have built it: a dependency that came as beams.
    wrong = _other_otp(helper, new) if plan.verdict != "unchanged" else None
    return Planned(job, plan, modules, new) if wrong is None else Planned(job, None, modules, new, (wrong,))


def _with_uses(helper: Helper, found: Sequence[_Versions]) -> list[_Versions]:
    """The modules with what their code does with fields, where a question may hang on it: it takes time to look."""
    asked: dict[int, Module] = {}
    for before, new in found:
        if isinstance(new, Module):
            needing = [old for old in before if isinstance(old, Module) and needs_uses(old, new)]
            asked.update((id(each), each) for each in (*needing, *([new] if needing else [])))
    told = dict(zip(asked, read_uses(helper, list(asked.values())), strict=True)) if asked else {}
    return [([told.get(id(each), each) for each in before], told.get(id(new), new)) for before, new in found]


def _other_otp(helper: Helper, new: Module) -> Diagnostic | None:
    hello = helper.hello()
    if new.compiler is None or new.compiler == hello.compiler:
        return None
    built = otp_of(new.compiler)
    if built == hello.otp:
        return None
    release = f"OTP {built}" if built else f"another OTP (compiler {new.compiler})"
    return Diagnostic(
        CATALOGUE["M202"],
        f"{new.path} was compiled by {release}, and this Erlang is OTP {hello.otp}",
        "what is compiled into it must run where the rest of it runs",
        new.path,
        (f"--erl PATH   # an erl of {release}; or MIGRATOR_ERL=PATH",),
        module=new.name,
    )


def inject_planned(
    helper: Helper, planned: Sequence[Planned], progress: Callable[[int, int], None] | None = None
) -> list[Injected]:
    """Compiles and proves the migrations of plans that nothing blocks, in the order of the plans. Nothing is written.

    Raises:
        EnvironmentFault, ProtocolError: the helper cannot serve.
    """
    ready = [
        (each, each.plan, each.new) for each in planned if each.plan and each.new and each.plan.verdict == "migrate"
    ]
    edits = [synthesise(plan) for _, plan, _ in ready]
    beams = splice(helper, [Splice(new.beam, edit) for (_, _, new), edit in zip(ready, edits, strict=True)], progress)
    made = [_spliced(each.job.new, new, beam) for (each, _, new), beam in zip(ready, beams, strict=True)]
    # What was there already was proved when it was put in, and this run is the second that changes nothing.
    fresh = [one.after is not None and one.after != one.before for one in made]
    proofs = iter(
        prove(helper, [(one.before, one.after or b"") for one, to in zip(made, fresh, strict=True) if to], progress)
    )
    wanted = [
        (Wanted(one.path, () if plan.shape is None else (plan.state.name,)), one.after or b"")
        for one, (_, plan, _), to in zip(made, ready, fresh, strict=True)
        if to
    ]
    again = iter(read_all_again(helper, wanted))
    results = [
        _proved(one, next(proofs), _again(plan, next(again), edit)) if to else one
        for one, (_, plan, _), edit, to in zip(made, ready, edits, fresh, strict=True)
    ]
    by_path = {result.path: result for result in results}
    return [by_path.get(each.job.new) or _left_alone(each) for each in planned]


def _left_alone(each: Planned) -> Injected:
    name = each.new.name if each.new else ""
    return Injected(each.job.new, name, each.new.beam if each.new else b"", None)


def _spliced(path: Path, new: Module, beam: bytes | HelperFault) -> Injected:
    if isinstance(beam, HelperFault):
        return Injected(path, new.name, new.beam, None, (_splice_fault(beam, path),))
    return Injected(path, new.name, new.beam, beam)


def _splice_fault(fault: HelperFault, path: Path) -> Diagnostic:
    if fault.kind == "functions":
        return bug(f"what was generated for {path} does not compile", fault.text)
    return of_beam(fault, path)


def _proved(made: Injected, proof: tuple[str, ...] | HelperFault, again: tuple[str, ...]) -> Injected:
    if isinstance(proof, HelperFault):
        return replace(made, after=None, diagnostics=(_splice_fault(proof, made.path),))
    wrong = proof or again
    if not wrong:
        return made
    found = Diagnostic(
        CATALOGUE["M901"],
        f"the proof for {made.module} failed: {'; '.join(wrong[:3])}",
        "nothing was written",
        str(made.path),
        ("please report it with both beams, as the README says (Reporting a bug)",),
        module=made.module,
    )
    return replace(made, after=None, diagnostics=(found,))


def _again(plan: Plan, after: Module | Diagnostic, edits: Edits) -> tuple[str, ...]:
    """What speaks against a second inject into the new beam: nothing where it puts the same in, for the same bytes."""
    try:
        same = isinstance(after, Module) and synthesise(planner.plan_again(plan, after)) == edits
    except Refused:
        same = False
    return () if same else ("a second inject would change it",)


def eject_beam(helper: Helper, path: Path, beam: bytes) -> Injected:
    """The beam without what `inject` put in, proved; `after` is None where there is nothing of ours in it.

    Raises:
        EnvironmentFault, ProtocolError: the helper cannot serve.
    """
    module = read_again(helper, beam, path, ())
    if isinstance(module, Diagnostic):
        return Injected(path, "", beam, None, (module,))
    if not module.attribute("state_migrated"):
        return Injected(path, module.name, beam, None)
    wrong = _other_otp(helper, module)
    if wrong is not None:
        return Injected(path, module.name, beam, None, (wrong,))
    (after,) = splice(helper, [Splice(beam, None)])
    made = _spliced(path, module, after)
    if made.after is None:
        return made
    (proof,) = prove(helper, [(beam, made.after)])
    if isinstance(proof, HelperFault):
        return replace(made, after=None, diagnostics=(_splice_fault(proof, path),))
    if proof:
        return replace(made, after=None, diagnostics=(bug(f"the proof for {module.name} failed", "; ".join(proof)),))
    return made
