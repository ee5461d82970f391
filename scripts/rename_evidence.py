"""Measures how well renamed fields are recognised, and lists what is offered where fields really came and went.

    python scripts/rename_evidence.py OLD_DIR NEW_DIR [--made N] [--data FILE] [--list]

OLD_DIR and NEW_DIR are two trees of beams. From up to N modules that both have, renames are made by machine: some
fields of the record that the code speaks of most get other names throughout the new version, other fields are taken out
of one version. Then the records of both trees that really changed; then, with --data, the renames in a file of mined
changes (`state-changes.jsonl.xz`: names, defaults and types alone, no code). --list shows every wrong or missing offer.
"""

from __future__ import annotations

import argparse
import json
import lzma
import subprocess
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from real_pairs import common

from migrator import library
from migrator.compare import compare
from migrator.modules import Module
from migrator.read import Wanted, read, read_uses
from migrator.records import Default, Field, Record
from migrator.types import Unknown
from migrator.uses import NO_USES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from migrator.changes import RenameCandidate
    from migrator.otp import Helper

HERE = Path(__file__).resolve().parent


@dataclass(frozen=True)
class Case:
    """Two versions of a record, and the fields that were renamed between them where that is known."""

    name: str
    old: Module
    new: Module
    record: tuple[str, str]
    truth: frozenset[tuple[str, str]]

    def offers(self) -> tuple[RenameCandidate, ...]:
        """What is offered."""
        old, new = self.old.record(self.record[0]), self.new.record(self.record[1])
        return () if old is None or new is None else compare(self.old, old, self.new, new).candidates


def made(helper: Helper, old: Path, new: Path, most: int, seed: int) -> Iterator[Case]:
    """Renames made by machine in modules that both trees have."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        (place / "jobs").write_text("".join(f"{one}\t{other}\n" for _, one, other in [*common(old, new)][:most]))
        maker = str(HERE / "rename_evidence_make.erl")
        subprocess.run(["erlc", "-o", folder, maker], check=True)  # noqa: S607 - run from the PATH, as users do
        command = ["erl", "-noshell", "-pa", folder, "-run", "rename_evidence_make", "main"]
        subprocess.run([*command, str(seed), folder, str(place / "jobs")], check=True)
        yield from _read_made(helper, sorted(place.glob("*/truth")))


def _read_made(helper: Helper, truths: Sequence[Path]) -> Iterator[Case]:
    for path in truths:
        record, *lines = path.read_text(encoding="utf-8").splitlines()
        (one,), (other,) = path.parent.glob("old/*.beam"), path.parent.glob("new/*.beam")
        old, new = read_pair(helper, one, other, record)
        if isinstance(old, Module) and isinstance(new, Module):
            truth = frozenset((line.split("\t")[0], line.split("\t")[1]) for line in lines)
            yield Case(old.name, old, new, (record, record), truth)


def read_pair(helper: Helper, old: Path, new: Path, record: str) -> tuple[object, object]:
    """Both versions with their uses; what is no module where one cannot be read."""
    one, other = read(helper, [Wanted(old, (record,), "records"), Wanted(new, (record,), "records")])
    if not isinstance(one, Module) or not isinstance(other, Module):
        return None, None
    before, after = read_uses(helper, [one, other])
    return before, after


def real(helper: Helper, old: Path, new: Path) -> Iterator[Case]:
    """The records of both trees that lost fields and gained others; what was renamed is not known."""
    modules = list(common(old, new))
    olds = read(helper, [Wanted(path, code="records") for _, path, _ in modules])
    news = read(helper, [Wanted(path, code="records") for _, _, path in modules])
    for (name, one, other), before, after in zip(modules, olds, news, strict=True):
        if not isinstance(before, Module) or not isinstance(after, Module):
            continue
        digests = {shape.name: shape.digest for shape in before.record_index}
        names = tuple(each.name for each in after.record_index if digests.get(each.name, each.digest) != each.digest)
        if not names:
            continue
        wanted = [Wanted(one, names, "records"), Wanted(other, names, "records")]
        first, second = (each for each in read(helper, wanted))
        if isinstance(first, Module) and isinstance(second, Module) and any(_other_fields(first, second, names)):
            first, second = read_uses(helper, [first, second])
            for record in _other_fields(first, second, names):
                yield Case(name, first, second, (record, record), frozenset())


def _other_fields(old: Module, new: Module, names: Sequence[str]) -> Iterator[str]:
    """The records that lost fields and gained others."""
    for name in names:
        before, after = old.record(name), new.record(name)
        if before and after and set(before.names) - set(after.names) and set(after.names) - set(before.names):
            yield name


def mined(path: Path, like: Module) -> Iterator[Case]:
    """The renames in a file of mined changes, of which there is no code."""
    with lzma.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            change = json.loads(line)
            if not change["renames_likely"]:
                continue
            old = _bare(like, change["old_record"], change["old_fields"])
            new = _bare(like, change["new_record"], change["new_fields"])
            truth = frozenset((each[0], each[1]) for each in change["renames_likely"])
            name = f"{change['project']}/{change['module']} {change['new_rev']}"
            yield Case(name, old, new, (change["old_record"], change["new_record"]), truth)


def _bare(like: Module, record: str, fields: Iterable[Any]) -> Module:
    declared = tuple(
        Field(
            name,
            0,
            None if default is None else Default(default, default, constant=False),
            None if kind is None else Unknown(kind),
            kind,
        )
        for name, default, kind in fields
    )
    return replace(like, records=(Record(record, declared),), record_index=(), types=())


def measured(title: str, cases: Iterable[Case], show: str) -> None:
    """Prints how many renames are offered, first and at all, and how many offers are wrong."""
    counts: Counter[str] = Counter()
    listed: list[str] = []
    for case in cases:
        offers = case.offers()
        firsts: dict[str, RenameCandidate] = {}
        for offer in offers:
            firsts.setdefault(offer.old, offer)
        counts["cases"] += 1
        counts["renames"] += len(case.truth)
        counts["offers"] += len(offers)
        counts["first offers"] += len(firsts)
        counts["right first"] += sum((each.old, each.new) in case.truth for each in firsts.values())
        counts["right at all"] += len({(each.old, each.new) for each in offers} & case.truth)
        listed += [
            f"  wrong   {case.name}: {each.old} -> {each.new} ({each.score:.2f}: {'; '.join(each.evidence)})"
            for each in firsts.values()
            if (each.old, each.new) not in case.truth
        ]
        listed += [
            f"  missing {case.name}: {old} -> {new}"
            for old, new in sorted(case.truth - {(each.old, each.new) for each in firsts.values()})
        ]
    print(f"{title}: {counts['cases']} records, {counts['renames']} renames")
    print(f"  first offer: precision {_share(counts, 'right first', 'first offers')}")
    print(f"               recall    {_share(counts, 'right first', 'renames')}")
    print(f"  any offer:   precision {_share(counts, 'right at all', 'offers')}")
    print(f"               recall    {_share(counts, 'right at all', 'renames')}")
    if show == "all":
        print("\n".join(listed))


def _share(counts: Counter[str], part: str, whole: str) -> str:
    return f"{counts[part]}/{counts[whole]} ({100 * counts[part] / max(1, counts[whole]):.1f} %)"


def listed(cases: Sequence[Case]) -> None:
    """Prints what is offered first for each field that went, for a person to judge."""
    print("fields that really went, and what is offered first:")
    seen: set[tuple[str, tuple[str, ...], tuple[str, ...]]] = set()
    # A record of a header is the same in many modules, and one of them knows it best.
    uses = {id(case): sum(at.record == case.record[0] for at in case.old.uses.places) for case in cases}
    for case in sorted((case for case in cases if uses[id(case)]), key=lambda case: (-uses[id(case)], case.name)):
        old, new = case.old.record(case.record[0]), case.new.record(case.record[1])
        if old is None or new is None:
            continue
        if (change := (old.name, old.names, new.names)) in seen:
            continue
        seen.add(change)
        gone = [name for name in old.names if name not in new.names]
        come = [name for name in new.names if name not in old.names]
        print(f"  {case.name} #{case.record[0]}: {', '.join(gone)} => {', '.join(come)}")
        firsts: dict[str, RenameCandidate] = {}
        for offer in case.offers():
            firsts.setdefault(offer.old, offer)
        for each in firsts.values():
            print(f"    {each.old} -> {each.new} ({each.score:.2f}: {'; '.join(each.evidence)})")


def main() -> int:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("old", type=Path)
    parser.add_argument("new", type=Path)
    parser.add_argument("--made", type=int, default=1000, help="modules to make renames in")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--list", action="store_const", const="all", default="figures")
    given = parser.parse_args()
    with library.start() as helper:
        cases = list(made(helper, given.old, given.new, given.made, given.seed)) if given.made else []
        measured("made by machine, with use", cases, given.list)
        blind = [
            replace(each, old=replace(each.old, uses=NO_USES), new=replace(each.new, uses=NO_USES)) for each in cases
        ]
        measured("the same, without use", blind, "figures")
        if given.data is not None and cases:
            measured("mined, no code", mined(given.data, cases[0].new), given.list)
        listed(list(real(helper, given.old, given.new)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
