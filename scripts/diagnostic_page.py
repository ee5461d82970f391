"""Begins the page of a diagnostic, or writes what its example prints into it.

    python scripts/diagnostic_page.py CODE...

A page that is not there is made from a template, with the record that it needs most often. For one that is, its session
is run, and what each command printed replaces what stood below it, where that differs. Read it before you commit it:
it must be what the page wants to show.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from migrator.diagnostics import CATALOGUE, Kind
from tests.support.node import Node, start_node
from tests.support.otp29 import find_erl29
from tests.support.pages import FOLDER, Page, matches, run

TEMPLATE = """\
# {code}: {title}

{severity}, exit {exit}

## What happened

TODO: what the migrator found, in two sentences.

## Why it matters at run time

TODO: what a running process would do.

## How to fix it

TODO: the exact text, one way each.

```erlang
-state_migration([]).
```

## Example

```erlang
%% v1/kv.erl
-module(kv).
-vsn("1").
-record(state, {{name, users = []}}).
-state_record(state).
```

```erlang
%% v2/kv.erl
-module(kv).
-vsn("2").
-record(state, {{name}}).
-state_record(state).
```

```console
$ migrator inject v1/kv.beam v2/kv.beam
```
"""


def begun(kind: Kind) -> str:
    """A new page."""
    return TEMPLATE.format(code=kind.code, title=kind.title, severity=kind.severity, exit=kind.exit)


def rewritten(page: Page, node: Node, folder: Path, **changes: str) -> str:
    """The page with what its session prints."""
    text, at = page.text, 0
    for step, done in zip(page.steps(), run(page, node, folder, **changes), strict=True):
        typed = "$ " + step.typed.replace("\n", "\n> ") + "\n"
        at = text.index(typed, at) + len(typed)
        if not matches(step.shown, done.printed):
            printed = done.printed.replace(str(folder), "…")
            text = text[:at] + printed + text[at:].removeprefix(step.shown)
            at += len(printed)
    return text


def main(codes: list[str]) -> None:
    """Does each of them."""
    with tempfile.TemporaryDirectory() as place:
        nodes = {False: start_node(_folder(place, "node"))}
        for code in codes:
            page = Page(FOLDER / f"{code}.md")
            if page.path.exists():
                folder = Path(place) / code
                folder.mkdir()
                erl = find_erl29() if page.native else None
                if page.native and page.native not in nodes:
                    nodes[True] = start_node(_folder(place, "node29"), erl)
                changes = {} if erl is None else {"MIGRATOR_ERL": str(erl)}
                page.path.write_text(rewritten(page, nodes[page.native], folder, **changes), encoding="utf-8")
            else:
                page.path.write_text(begun(CATALOGUE[code]), encoding="utf-8")
            print(page.path)
        for node in nodes.values():
            node.helper.close()


def _folder(place: str, name: str) -> Path:
    folder = Path(place) / name
    folder.mkdir()
    return folder


if __name__ == "__main__":
    main(sys.argv[1:])
