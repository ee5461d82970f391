"""What `init` says of a project, as text and as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from migrator.render.counting import counted
from migrator.render.json import diagnostics_json
from migrator.terms import atom_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from migrator.outcomes import Scanned
    from migrator.release.integration import Change, Integration

Mode = Literal["print", "write"]


def render_integration(found: Integration, scanned: Sequence[Scanned], mode: Mode) -> str:
    """The files and what comes into them, the modules that should name their state, the commands of a release."""
    names = ", ".join(found.releases)
    what = f"The release{'s' if len(found.releases) > 1 else ''} {names}" if names else "A project"
    blocks = [f"{what}, built with {found.builder}.\n"]
    blocks += [_change(change, mode) for change in found.changes]
    blocks.append(_modules(found, scanned))
    blocks.append(_commands("The first release", found.first))
    blocks.append(_commands("Each later one, from the version OLD to NEW", found.commands))
    if found.tests:
        blocks.append(_commands("EUnit tests of the migrations, where you want them", found.tests))
    return "\n".join(blocks)


def _commands(when: str, commands: Sequence[str]) -> str:
    return f"{when}:\n" + "".join(f"    {each}\n" for each in commands)


def _change(change: Change, mode: Mode) -> str:
    name = change.path.name
    match change.how:
        case "there":
            return f"{name}: {change.where}\n"
        case "paste":
            return f"{name}: to paste by hand ({change.where}):\n{_indented(change.lines)}"
        case "edit":
            return f"{name}: {'added' if mode == 'write' else 'to add'} {change.where}:\n{_indented(change.lines)}"
        case "create":
            return f"{name}: {'written' if mode == 'write' else 'to write'}, {change.where}:\n{_indented(change.lines)}"


def _indented(lines: str) -> str:
    return "".join(f"    {line}".rstrip() + "\n" for line in lines.splitlines())


def _modules(found: Integration, scanned: Sequence[Scanned]) -> str:
    if found.built is None:
        return "Nothing is compiled here: once it is, `migrator scan` tells which modules seem to keep a state.\n"
    seems = [each for each in scanned if not each.named and each.candidates]
    count = sum(bool(each.named) for each in scanned)
    named = f"{count:,} of {counted(len(scanned), 'module')} {'names its' if count == 1 else 'name their'} state record"
    if not seems:
        return f"{named}, and no other seems to keep one.\n"
    rows = [(each.module, f"-state_record({atom_text(each.candidates[0].record)}).", each.file) for each in seems]
    widths = [max(len(row[column]) for row in rows) for column in (0, 1)]
    lines = "".join(f"    {m.ljust(widths[0])}  {line.ljust(widths[1])}  {file}\n" for m, line, file in rows)
    return f"{named}; {'this one seems' if len(seems) == 1 else 'these seem'} to keep one too:\n{lines}"


def integration_json(found: Integration, scanned: Sequence[Scanned]) -> dict[str, Any]:
    """All of it; every key is always there."""
    return {
        "builder": found.builder,
        "release": found.releases[0] if found.releases else None,
        "releases": list(found.releases),
        "files": [
            {"path": str(each.path), "how": each.how, "where": each.where, "lines": each.lines}
            for each in found.changes
        ],
        "modules": [
            {"module": each.module, "file": each.file, "state_record": each.candidates[0].record}
            for each in scanned
            if not each.named and each.candidates
        ],
        "first": list(found.first),
        "commands": list(found.commands),
        "tests": list(found.tests),
        "diagnostics": diagnostics_json(found.diagnostics),
    }
