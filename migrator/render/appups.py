"""What came of `appup`: for a person, and as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from migrator.render.appup import spaced
from migrator.render.json import diagnostics_json

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from migrator.diagnostics import Diagnostic
    from migrator.release.drafts import Draft, Drafts, Fate, Script

_WORDS: dict[Fate, str] = {"written": "written", "unchanged": "unchanged", "kept": "kept as it was written by hand"}


def render_texts(drafts: Drafts, paths: Mapping[str, Path]) -> str:
    """The appups as they would be written, each behind a comment with its path."""
    return "\n".join(f"%% {paths[each.application.name]}\n{each.text}" for each in drafts.drafts)


def render_drafts(drafts: Drafts, paths: Mapping[str, Path], paint: Callable[[str, str], str]) -> str:
    """A paragraph for each application: where its appup is, and what each entry does, an instruction a line."""
    paragraphs = []
    for draft in drafts.drafts:
        head = f"{draft.application.name} {draft.application.vsn}: {paint(_where(draft, paths), 'place')}"
        paragraphs += [head, *(line for script in draft.scripts for line in _script(script))]
    added = {name: None for upgrade in drafts.upgrades for name in upgrade.added}
    removed = {name: None for upgrade in drafts.upgrades for name in upgrade.removed}
    paragraphs += [f"{name}: new, in no appup (systools adds it)" for name in added]
    paragraphs += [f"{name}: gone, in no appup (systools removes it)" for name in removed]
    return "".join(f"{line}\n" for line in paragraphs) or "no application changed: nothing to write\n"


def _where(draft: Draft, paths: Mapping[str, Path]) -> str:
    path = str(paths[draft.application.name])
    return f"{path}, unchanged" if draft.text == draft.before else path


def _script(script: Script) -> list[str]:
    lines = []
    for way, terms, fate in (("from", script.up, script.up_fate), ("back to", script.down, script.down_fate)):
        remark = "" if fate == "written" else f"   % {_WORDS[fate]}"
        lines.append(f"  {way} {script.vsn}:{'' if terms else ' nothing to do'}{remark}")
        lines += [f"    {spaced(term)}" for term in terms]
    return lines


def drafts_json(drafts: Drafts, paths: Mapping[str, Path], diagnostics: Sequence[Diagnostic]) -> dict[str, Any]:
    """The object for a whole release."""
    return {
        "applications": [_draft(each, paths) for each in drafts.drafts],
        "added": sorted({name for each in drafts.upgrades for name in each.added}),
        "removed": sorted({name for each in drafts.upgrades for name in each.removed}),
        "diagnostics": diagnostics_json(diagnostics),
    }


def _draft(draft: Draft, paths: Mapping[str, Path]) -> dict[str, Any]:
    return {
        "application": draft.application.name,
        "vsn": draft.application.vsn,
        "path": str(paths[draft.application.name]),
        "changed": draft.text != draft.before,
        "text": draft.text,
        "from": [
            {
                "vsn": each.vsn,
                "up": [spaced(term) for term in each.up],
                "up_verdict": each.up_fate,
                "down": [spaced(term) for term in each.down],
                "down_verdict": each.down_fate,
            }
            for each in draft.scripts
        ],
    }
