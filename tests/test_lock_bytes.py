"""A migration from a lock equals, byte for byte, the one from the beam that was locked."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from migrator import library
from migrator.diagnostics import Refused
from migrator.library import generated
from migrator.lockfile import merged, text_of
from migrator.locks import locked_release
from migrator.request import Choice, Request
from tests.support.beams import compile_text
from tests.support.cases import decided, injected, server
from tests.support.otp29 import serving
from tests.support.samples import compile_sample, expected_of, request_of, samples

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from migrator.otp import Helper
    from tests.support.cases import Bench
    from tests.support.samples import Sample

pytest_plugins = ["tests.support.bench", "tests.support.bench29"]


def locked(helper: Helper, beams: Sequence[Path], path: Path, request: Request) -> Path:
    """A lock of these beams, made one after the other."""
    entries = merged([], [entry for beam in beams for entry in locked_release(helper, beam, request).entries])
    path.write_text(text_of(entries), encoding="utf-8")
    return path


def outcome(helper: Helper, olds: Sequence[Path], new: Path, request: Request) -> list[object]:
    """What is said, and the beam that comes out; an old version's places are those of the lock."""
    result = library.inject(helper, olds, new, request)
    said: list[object] = [(each.code, each.message, each.help) for each in result.diagnostics]
    return said + [each.after for each in result.injected]


# Its old version does not say what it keeps: a lock has nothing of it to hold.
SAYS_NOTHING = frozenset({"tuple_to_record"})


@pytest.mark.parametrize("sample", samples(), ids=lambda sample: sample.name)
def test_samples(sample: Sample, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    """Each sample, with all its old versions in one lock."""
    helper, node = serving(request, sample)
    beams = compile_sample(node, sample, tmp_path)
    asked = request_of(expected_of(node, sample), sample)
    olds = [beams[version] for version in sample.olds]
    if sample.name in SAYS_NOTHING:
        with pytest.raises(Refused):
            locked(helper, olds, tmp_path / "states.lock", asked)
        return
    lock = locked(helper, olds, tmp_path / "states.lock", asked)
    for beam in olds:
        beam.rename(beam.with_suffix(".gone"))
    ours = outcome(helper, [lock], beams[sample.new], asked)
    for beam in olds:
        beam.with_suffix(".gone").rename(beam)
    assert ours == outcome(helper, olds, beams[sample.new], asked)
    assert isinstance(ours[-1], bytes)


def declaring(*forms: str, source: str) -> str:
    """The source with these attributes before the record of its state."""
    return source.replace("-record(state", "\n".join((*forms, "-record(state")), 1)


TYPES = ("-type tree(A) :: nil | {A, [tree(A)]}.", "-type opt(A) :: none | {some, A}.")
TYPED = "t :: tree(#n{}), m = #{} :: #{atom() => #n{}}, o :: opt(#n{}) | [#n{} | atom()]"


@dataclass(frozen=True)
class Case:
    """Versions of one module, the last the new one."""

    name: str
    sources: tuple[str, ...]
    request: Request = field(default_factory=Request)


CASES = (
    Case(
        "an inner record that only the new type reveals",
        (
            declaring("-record(session, {id, user}).", "-record(unused, {a = #session{id = 1}}).", source=server("s")),
            declaring("-record(session, {id, owner = no, user}).", source=server("s :: #session{}", vsn='"2"')),
        ),
    ),
    Case(
        "types with parameters, recursion, maps and unions",
        (
            declaring("-record(n, {v = 0 :: 0..9, w :: <<_:8, _:_*8>>}).", *TYPES, source=server(TYPED)),
            declaring("-record(n, {w :: binary(), v = 0 :: integer()}).", *TYPES, source=server(TYPED, vsn='"2"')),
        ),
    ),
    Case(
        "old defaults: calls, records, imports, strings, comprehensions and funs",
        (
            declaring(
                "-import(lists, [seq/2]).",
                "-record(in, {x, y = node()}).",
                source=server(
                    'gone = f(), b = #in{x = make_ref()}, c = seq(1, 3), d = "a\\n\\"\\x{20AC}" ++ g(1), '
                    "e = [X || X <- [$a, $\\s, -1], X > 0], h = fun lists:map/2, "
                    'i = <<1:4, "ö"/utf8>>, j = 1.5e-9, kept',
                    "f() -> 1.",
                    "g(_) -> [].",
                ),
            ),
            server(
                "kept, more = 1",
                "f() -> 1.",
                "g(_) -> [].",
                decided("{drop, gone}", *(f"{{drop, {name}}}" for name in "bcdehij")),
                vsn='"2"',
            ),
        ),
    ),
    Case(
        "quoted names and Unicode",
        (
            server(
                "'my field' = 'an atom' :: 'my type'(), 'ßé€' = \"ö€\", '\\n' :: 'A'", "-type 'my type'() :: atom()."
            ),
            server(
                "'ßé€' = \"ö€\", '\\n' :: 'A', 'my field' = 'an atom' :: 'my type'(), x = 1",
                "-type 'my type'() :: atom().",
                vsn='"2"',
            ),
        ),
    ),
    Case("an empty record", (server(""), server("a = 1", vsn='"2"'))),
    Case(
        "a wide record",
        (
            server(", ".join(f"f{number} = {number} :: integer()" for number in range(300))),
            server(", ".join(f"f{number} = {number} :: integer()" for number in range(1, 320)), vsn='"2"'),
        ),
        Request(allow=frozenset({"drop"})),
    ),
    Case(
        "a renamed record, named on the command line",
        (
            server("a", record="was").replace("-state_record(was).", ""),
            server("a, b = 2", record="now", vsn='"2"').replace("-state_record(now).", ""),
        ),
        Request(Choice("now", "was")),
    ),
    Case("no vsn at all", (server("a", vsn=None), server("a, b = 1", vsn=None))),
    Case("an odd vsn", (server("a", vsn="{[1, 'é', <<\"x\">>], 1.5}"), server("a, b = 1", vsn="x"))),
    Case(
        "a default that calls a module which the new release lacks",
        (server("a, b = helper:value()"), server("a", decided("{drop, b, 7}"), vsn='"2"')),
    ),
    Case(
        "open: a default that calls a module which the new release lacks",
        (server("a, b = helper:value()"), server("a", decided("{drop, b}"), vsn='"2"')),
    ),
    Case("open: a drop and a rename", (server("a, b, was"), server("a, now", vsn='"2"'))),
    Case(
        "five versions",
        tuple(server(", ".join(f"f{at}" for at in range(number)), vsn=f'"1.{number}"') for number in range(8, 13)),
    ),
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_cases(case: Case, bench: Bench) -> None:
    """What is hard to carry over, with the old beams gone."""
    *olds, new = bench.beams(*case.sources)
    for old in olds:
        (old.parent / "helper.beam").write_bytes(b"")
    theirs = outcome(bench.helper, olds, new, case.request)
    lock = locked(bench.helper, olds, bench.folder / "states.lock", case.request)
    for old in olds:
        old.unlink()
        (old.parent / "helper.beam").unlink()
    assert outcome(bench.helper, [lock], new, case.request) == theirs
    assert isinstance(theirs[-1], bytes) == (not case.name.startswith("open")), theirs


def test_another_module_leads_back(bench: Bench) -> None:
    """To a type that records of the module reach too, though not the record of its state."""
    held = declaring(
        "-record(mine, {a}).",
        "-type mine() :: #mine{}.",
        "-record(other, {x :: mine()}).",
        "-export_type([mine/0]).",
        source=server("s :: back:t()"),
    )
    old, new = bench.beams(held, held.replace("{a})", "{a, b = 0})").replace('-vsn("1")', '-vsn("2")'))
    module = new.stem
    for beam in (old, new):
        source = f"-module(back).\n-export_type([t/0]).\n-type t() :: [{module}:mine()].\n"
        compile_text(source, beam.parent, module="back")
    theirs = outcome(bench.helper, [old], new, Request())
    lock = locked(bench.helper, [old], bench.folder / "states.lock", Request())
    assert outcome(bench.helper, [lock], new, Request()) == theirs
    assert isinstance(theirs[-1], bytes)


def test_lock_and_beam_together(bench: Bench) -> None:
    """One old version in a lock and one in its beam: in either order as if both were beams."""
    one, two, new = bench.beams(server("a"), server("a, b", vsn='"2"'), server("a, b, c = 1", vsn='"3"'))
    lock = locked(bench.helper, [one], bench.folder / "states.lock", Request())
    expected = injected(library.inject(bench.helper, [one, two], new))
    assert injected(library.inject(bench.helper, [lock, two], new)) == expected
    assert injected(library.inject(bench.helper, [two, lock], new)) == expected


def test_one_version_of_a_lock(bench: Bench) -> None:
    """`LOCK@VSN` is that version alone."""
    one, two, new = bench.beams(server("a"), server("a, b", vsn='"2"'), server("a, b, c = 1", vsn='"3"'))
    lock = locked(bench.helper, [one, two], bench.folder / "states.lock", Request())
    named = lock.with_name("states.lock@2")
    assert injected(library.inject(bench.helper, [named], new)) == injected(library.inject(bench.helper, [two], new))
    quoted = lock.with_name('states.lock@"1"')
    assert injected(library.inject(bench.helper, [quoted], new)) == injected(library.inject(bench.helper, [one], new))


def test_a_lock_of_an_injected_beam(bench: Bench) -> None:
    """What inject put into a beam is none of its records: the lock is that of the beam as it was."""
    old, new = bench.beams(server("a"), server("a, b = 1", vsn='"2"'))
    before = locked_release(bench.helper, new, Request()).entries
    library.write(library.inject(bench.helper, [old], new).injected)
    assert locked_release(bench.helper, new, Request()).entries == before


def test_the_preview_too(bench: Bench) -> None:
    """The Erlang that is shown from a lock is the one from the beam, and places of the old version are in the lock."""
    old, new = bench.beams(server("a, was"), server("a", vsn='"2"'))
    lock = locked(bench.helper, [old], bench.folder / "states.lock", Request())
    (ours,) = library.preview(bench.helper, [lock], new)
    (theirs,) = library.preview(bench.helper, [old], new)
    assert ours.plan is not None
    assert theirs.plan is not None
    assert generated(ours.plan) == generated(theirs.plan)
    (lost,) = (each for each in ours.diagnostics if each.code == "M301")
    line = int(lost.place.split(":")[1].split(",")[0])
    assert lost.place == f"{lock}:{line}, #state.was"
    # The place is not in the module's source: the message has to say where the line to paste belongs.
    assert lost.consequence.startswith("every process of m loses it on the upgrade")
    assert lock.read_text(encoding="utf-8").splitlines()[line - 1] == '    {field, "was"}.'
