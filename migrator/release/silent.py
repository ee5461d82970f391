"""Modules that seem to keep a state record that changed, and do not say so: nothing is generated for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from migrator.diagnostics import CATALOGUE, Diagnostic
from migrator.errors import InputFault
from migrator.files import read_bytes
from migrator.modules import Module
from migrator.outcomes import Planned
from migrator.read import DEADLINE, Wanted, read
from migrator.release.jobs import jobs_where, may_convert
from migrator.scanning import scan_beams
from migrator.terms import Atom, atom_text

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from pathlib import Path

    from migrator.otp import Helper
    from migrator.outcomes import Candidate, Job, Scanned
    from migrator.release.jobs import Beams


def silent(helper: Helper, beams: Beams, but: Collection[Path]) -> list[Planned]:
    """An outcome for each such module of the new release, `but` those, with a warning and no plan.

    Raises:
        EnvironmentFault, ProtocolError: the helper cannot serve.
    """
    candidates = jobs_where(beams, lambda each: each.path not in but and may_convert(each.path))
    jobs = {job.new: job for job in _not_of_otp(helper, [each for each in candidates if _changed(each)])}
    scanned, _ = scan_beams(helper, [("", path) for path in jobs])
    likely = [(each, jobs[each.path], each.candidates[0]) for each in scanned if each.candidates and not each.named]
    wanted = [Wanted(path, code="records") for _, job, _ in likely for path in (*job.olds, job.new)]
    read_all = iter(read(helper, wanted))
    found = []
    for each, job, candidate in likely:
        before = [next(read_all) for _ in job.olds]
        after = next(read_all)
        if isinstance(after, Module) and (gone := _difference(before, after, candidate)):
            found.append(Planned(job, None, (), after, (_said(each, candidate, gone),)))
    return found


def _not_of_otp(helper: Helper, jobs: Sequence[Job]) -> list[Job]:
    """OTP's own modules change with the emulator, and then all is started anew."""
    if not jobs:
        return []
    reply = helper.call((Atom("otp_modules"), [Atom(job.new.stem) for job in jobs]), DEADLINE)
    known = {each.name for each in reply if isinstance(each, Atom)} if isinstance(reply, list) else set()
    return [job for job in jobs if job.new.stem not in known]


def _changed(job: Job) -> bool:
    try:
        content = read_bytes(job.new)
        return any(read_bytes(old) != content for old in job.olds)
    except InputFault:
        return False


def _difference(olds: Sequence[Module | Diagnostic], new: Module, candidate: Candidate) -> str:
    """How the record differs from an old one, for a person; empty where it does not."""
    shape = next((each for each in new.record_index if each.name == candidate.record), None)
    for old in olds:
        index = old.record_index if isinstance(old, Module) else ()
        before = next((each for each in index if each.name == candidate.record), None)
        if shape is None or before is None or before.digest == shape.digest:
            continue
        return (
            f"it has {_elements(shape.size)} and had {_elements(before.size)}"
            if before.size != shape.size
            else "its fields are other ones"
            if before.names != shape.names
            else "a default or a type in it is another one"
        )
    return ""


def _elements(size: int) -> str:
    return f"{size - 1} {'field' if size == 2 else 'fields'}"  # noqa: PLR2004 - the tag and one field


def _said(module: Scanned, candidate: Candidate, how: str) -> Diagnostic:
    record = atom_text(candidate.record)
    return Diagnostic(
        CATALOGUE["M450"],
        f"{module.module} seems to keep #{record}{{}} and does not say so, and that record changed: {how}",
        f"nothing is generated for it: its processes would keep the old state under the new code ({candidate.why})",
        f"{module.file}:{candidate.line}",
        (f"-state_record({record}).", f"--record {record}", f"migrate {atom_text(module.module)}. record {record}."),
        module=module.module,
    )
