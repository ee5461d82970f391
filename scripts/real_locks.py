"""Shows that a migration from a lock is the one from the beam, byte for byte, over two trees of real beams.

    python scripts/real_locks.py OLD_DIR NEW_DIR [--most N]

For each record that both versions of a module have and that changed (as scripts/real_pairs.py finds them) the old
module is locked, and `inject` runs once from its beam and once from the lock, with all that can be allowed. Exits with
1 where the two differ.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from real_pairs import ALLOW_ALL, changed_records

from migrator import library
from migrator.lockfile import text_of
from migrator.locking import Taken, take
from migrator.request import Choice

if TYPE_CHECKING:
    from real_pairs import Case

    from migrator.otp import Helper
    from migrator.request import Request


def outcome(helper: Helper, old: Path, new: Path, request: Request) -> tuple[tuple[str, ...], bytes | None]:
    """The codes of the diagnostics and the beam that comes out."""
    result = library.inject(helper, [old], new, request)
    made = next((each.after for each in result.injected), None)
    return tuple(each.code for each in result.diagnostics), made


def judge(helper: Helper, case: Case, folder: Path) -> str:
    """What came of one case, its first words a class for counting."""
    (taken,) = take(helper, [case.old])
    if not isinstance(taken, Taken):
        return f"not locked: {taken.message}"
    lock = folder / "states.lock"
    lock.write_text(text_of([taken.entry]), encoding="utf-8")
    request = replace(ALLOW_ALL, choice=Choice(case.record))
    ours = outcome(helper, lock, case.new, request)
    theirs = outcome(helper, case.old, case.new, request)
    if ours != theirs:
        return f"differs: {ours[0]}, {theirs[0]}"
    return "the same bytes" if theirs[1] is not None else "the same without a beam"


def main() -> int:
    """Runs over the pairs and prints the counts."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("old", type=Path)
    parser.add_argument("new", type=Path)
    parser.add_argument("--most", type=int, default=None, help="try no more than this many records, taken evenly")
    chosen = parser.parse_args()
    counts: Counter[str] = Counter()
    with library.start() as helper, tempfile.TemporaryDirectory() as folder:
        cases, _ = changed_records(helper, chosen.old, chosen.new)
        step = max(1, len(cases) // chosen.most) if chosen.most else 1
        for case in cases[::step]:
            said = judge(helper, case, Path(folder))
            counts[said.split(":")[0]] += 1
            if ":" in said:
                print(f"{case.module} #{case.record}{{}}: {said}")
    print("\n".join(f"{count:6} {said}" for said, count in counts.most_common()))
    return int(any(not said.startswith("the same") for said in counts))


if __name__ == "__main__":
    sys.exit(main())
