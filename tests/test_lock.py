"""Lock files: their text, what is done to them, and that damage to them is noticed."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from migrator.diagnostics import Refused
from migrator.lockfile import Entry, in_order, merged, parse, text_of
from migrator.locks import pruned
from migrator.terms import atom_text, term_text
from tests.support.cases import contents, run, server
from tests.support.locks import release

if TYPE_CHECKING:
    from migrator.terms import Term
    from tests.support.cases import Bench

pytest_plugins = ["tests.support.bench"]

_HERE = Path("states.lock")


@pytest.fixture
def lock(bench: Bench) -> Path:
    """A lock of two modules."""
    root = release(bench, "1.0", alpha="a = [] :: list(), b", beta="x :: 'X'")
    path = bench.folder / "states.lock"
    assert run("lock", root, "-o", path).returncode == 0
    return path


def test_a_lock_is_text_that_says_what_the_source_says(lock: Path, bench: Bench) -> None:
    """One line for each record and field, sorted by module, in Erlang's own words; nothing of this machine."""
    text = lock.read_text(encoding="utf-8")
    entry = """
{module, alpha, "1.0"}.
  {checksum, "CHECKSUM"}.
  {behaviour, gen_server}.
  {state_record, state}.
  {record, state}.
    {field, "a = [] :: list()"}.
    {field, "b"}.

{module, beta, "1.0"}.
"""
    assert entry in re.sub(r'"[0-9a-f]{16}"', '"CHECKSUM"', text)
    assert str(bench.folder) not in text
    assert run("lock", bench.folder / "1.0").stdout == text


def test_erlang_reads_it(lock: Path, bench: Bench) -> None:
    """It is a file of Erlang terms."""
    assert bench.eval(f'element(1, file:consult("{lock}"))') == "ok"


@pytest.mark.parametrize("shape", ["lib/app-1/ebin", "lib", "", "tar"])
def test_every_shape_of_a_release_gives_the_same(lock: Path, bench: Bench, shape: str) -> None:
    """An ebin, a lib folder, a release root and a tarball."""
    root = bench.folder / "1.0"
    path = root / shape
    if shape == "tar":
        path = bench.folder / "one.tar.gz"
        subprocess.run(["tar", "czf", path, "-C", root, "lib"], check=True)
    assert run("lock", path).stdout == lock.read_text(encoding="utf-8")


def test_one_beam(bench: Bench) -> None:
    """A beam alone, which must say or be told what its state is."""
    root = release(bench, "1.0", alpha="a", beta="b")
    ebin = root / "lib/app-1/ebin"
    assert run("lock", ebin / "beta.beam").stdout.count("{module, ") == 1
    done = run("lock", ebin / "plain.beam")
    assert (done.returncode, done.stdout) == (4, "")
    assert "M111" in done.stderr
    assert "{module, plain, " in run("lock", "--record", "state", ebin / "plain.beam").stdout
    assert "M110" in run("lock", "--record", "nothing", ebin / "plain.beam").stderr


def test_a_third_party_module_by_its_record(bench: Bench) -> None:
    """With --record those modules of a release too that have such a record."""
    root = release(bench, "1.0", alpha="a")
    assert re.findall(r"^\{module, (\w+),", run("lock", "--record", "state", root).stdout, re.MULTILINE) == [
        "alpha",
        "plain",
    ]


def test_a_module_by_a_decisions_file(bench: Bench) -> None:
    """And those of which a decisions file speaks."""
    root = release(bench, "1.0", alpha="a")
    rules = bench.folder / "plain.migration"
    rules.write_text("migrate plain.\nrecord state.\n", encoding="utf-8")
    assert "{module, plain, " in run("lock", "--rules", rules, root).stdout
    rules.write_text("migrate nowhere.\nrecord state.\n", encoding="utf-8")
    assert run("lock", "--rules", rules, root).returncode == 4


def test_a_second_release_is_added(lock: Path, bench: Bench) -> None:
    """Each version keeps its place, a changed one is replaced, one that did not change is left alone."""
    first = lock.read_text(encoding="utf-8")
    second = release(bench, "2.0", alpha="a = [] :: list(), b, c", beta="x :: 'X'")
    done = run("lock", second, "-o", lock)
    assert done.stdout.splitlines() == ['alpha "2.0": added', 'beta "2.0": added', f"{lock}: 4 entries"]
    again = run("lock", second, "-o", lock)
    assert again.stdout.splitlines() == [f"{lock}: 4 entries, nothing changed"]
    both = lock.read_text(encoding="utf-8")
    assert re.findall(r"^\{module, (.*)\}\.", both, re.MULTILINE) == [
        'alpha, "1.0"',
        'alpha, "2.0"',
        'beta, "1.0"',
        'beta, "2.0"',
    ]
    changed = release(bench, "1.0", alpha="a = [] :: list(), b, b2 = 7")
    assert run("lock", changed, "-o", lock).stdout.splitlines() == ['alpha "1.0": replaced', f"{lock}: 4 entries"]
    now = lock.read_text(encoding="utf-8")
    different = [line for line in now.splitlines() if line not in both.splitlines()]
    assert [line.strip() for line in different if "checksum" not in line] == ['{field, "b2 = 7"}.']
    for version in ("2.0", "alpha@1.0"):
        assert run("lock", "--prune", version, lock).returncode == 0
    assert re.findall(r"^\{module, (.*)\}\.", lock.read_text(encoding="utf-8"), re.MULTILINE) == ['beta, "1.0"']
    assert run("lock", release(bench, "1.0", alpha="a = [] :: list(), b"), "-o", lock).returncode == 0
    assert lock.read_text(encoding="utf-8") == first


def test_what_cannot_be_pruned(lock: Path) -> None:
    """A version that is not there is an error, and nothing is written."""
    before = lock.read_bytes()
    done = run("lock", "--prune", "1.0", "--prune", "9.9", lock)
    assert (done.returncode, done.stdout) == (4, "")
    assert "M135" in done.stderr
    assert f"migrator lock --prune 'alpha@1.0' {lock}" in done.stderr
    assert lock.read_bytes() == before


def test_pruning_by_module() -> None:
    """A version of all modules, one of a module, all of a module; others stay."""
    entries = [Entry(name, vsn, ()) for name in ("a", "'B c'") for vsn in ('"1"', '"2"', "17")]
    assert [each.key for each in pruned(entries, ["1"], _HERE)] == [e.key for e in entries if e.vsn != '"1"']
    assert [each.key for each in pruned(entries, ["B c@2", "a@17"], _HERE)] == [
        ("a", '"1"'),
        ("a", '"2"'),
        ("'B c'", '"1"'),
        ("'B c'", "17"),
    ]
    assert {each.module for each in pruned(entries, ["a@"], _HERE)} == {"'B c'"}


def test_another_file_is_not_overwritten(bench: Bench) -> None:
    """`-o` adds to a lock and to nothing else."""
    root = release(bench, "1.0", alpha="a")
    path = bench.folder / "notes.txt"
    path.write_text("mine\n", encoding="utf-8")
    done = run("lock", root, "-o", path)
    assert done.returncode == 4
    assert "M130" in done.stderr
    assert path.read_text(encoding="utf-8") == "mine\n"


def test_a_release_without_any(bench: Bench) -> None:
    """A release in which nobody takes part gives a lock without entries."""
    bench.compile("-module(plain).", "ebin", name="plain")
    done = run("lock", bench.folder / "ebin")
    assert (done.returncode, parse(done.stdout.encode(), "x")) == (0, ())


def test_a_module_without_debug_info(bench: Bench) -> None:
    """One that takes part and cannot be read is no reason to write half a lock."""
    root = release(bench, "1.0", alpha="a")
    bench.compile(server("a", name="bare"), "1.0/lib/app-1/ebin", options="[]", name="bare")
    done = run("lock", root, "-o", bench.folder / "x.lock")
    assert done.returncode == 4
    assert "M107" in done.stderr
    assert not (bench.folder / "x.lock").exists()


def test_a_release_from_a_lock(lock: Path, bench: Bench) -> None:
    """Two releases, the old one in a lock: the same beams, and a module that the lock does not have is told."""
    new = release(bench, "2.0", alpha="a = [] :: list(), b, c = 1", beta="x :: 'X'")
    fresh = bench.compile(server("z", name="gamma", vsn='"2.0"'), "2.0/lib/app-1/ebin", name="gamma")
    original = contents(new)
    done = run("inject", lock, new)
    assert done.returncode == 0, done.stderr
    assert re.findall(r"M514.*gamma", done.stderr)
    ours = contents(new)
    for path, content in original.items():
        path.write_bytes(content)
    assert run("inject", bench.folder / "1.0", new).returncode == 0
    assert contents(new) == ours
    assert fresh.read_bytes() == original[fresh]


def test_the_new_versions_own_entry_is_no_old_version(lock: Path, bench: Bench) -> None:
    """A lock may have the new release already; where its records changed under the same vsn, it is an old version."""
    new = release(bench, "2.0", alpha="a = [] :: list(), b, c = 1")
    beam = new / "lib/app-1/ebin/alpha.beam"
    alone = run("preview", lock, beam).stdout
    assert run("lock", new, "-o", lock).returncode == 0
    assert run("preview", lock, beam).stdout == alone
    changed = release(bench, "2.0", alpha="a = [] :: list(), b, c = 1, d = 2")
    shown = run("preview", "--format", "plan", lock, changed / "lib/app-1/ebin/alpha.beam").stdout
    assert '"1.0"' in shown
    assert shown.count('"2.0"') > 1


def test_a_lock_without_the_module(lock: Path, bench: Bench) -> None:
    """A module or a version that the lock does not have."""
    beam = bench.compile(server("a", name="gamma"), "new", name="gamma")
    done = run("preview", lock, beam)
    assert (done.returncode, done.stdout) == (4, "")
    assert "M134" in done.stderr
    done = run("preview", f"{lock}@7", bench.folder / "1.0")
    assert (done.returncode, done.stdout) == (4, "")
    assert "M135" in done.stderr
    assert f"{lock}@1.0" in done.stderr


def _characters(text: str) -> list[Term]:
    return list(map(ord, text))


ATOMS = st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="/\0"), min_size=1, max_size=8)
TEXTS = st.text(st.characters(blacklist_categories=["Cs"]), max_size=8)
VSNS: st.SearchStrategy[Term] = st.one_of(st.integers(), TEXTS.map(_characters), TEXTS.map(str.encode))


@st.composite
def _entry(draw: st.DrawFn) -> Entry:
    body = draw(st.lists(TEXTS, max_size=2))
    lines = tuple(f"  {{field, {term_text(_characters(text))}}}." for text in body)
    return Entry(atom_text(draw(ATOMS)), term_text(draw(VSNS)), lines)


# How long it takes to make an example says nothing of a lock.
QUIET = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
ENTRIES = st.lists(_entry(), max_size=3, unique_by=lambda entry: entry.key)


@QUIET
@given(ENTRIES)
def test_round_trip(entries: list[Entry]) -> None:
    """What is written is read again, whatever it says; the order in which entries come does not matter."""
    text = text_of(entries)
    again = parse(text.encode(), "x")
    assert [(each.key, each.body) for each in again] == [(each.key, each.body) for each in in_order(entries)]
    assert text_of(again) == text_of(list(reversed(entries))) == text


@QUIET
@given(ENTRIES, ENTRIES)
def test_merging(one: list[Entry], other: list[Entry]) -> None:
    """The same added twice is added once; what is added holds."""
    both = merged(one, other)
    assert merged(both, other) == both
    assert {each.key for each in both} == {each.key for each in (*one, *other)}
    assert all(each in both for each in other)


@QUIET
@given(ATOMS)
def test_names(name: str) -> None:
    """The name in the source of an atom is found again."""
    assert Entry(atom_text(name), "1", ()).name == name


@QUIET
@given(ENTRIES, st.data())
def test_any_changed_byte_is_noticed(entries: list[Entry], data: st.DataObject) -> None:
    """A byte of an entry that becomes another one never gives other entries."""
    content = bytearray(text_of(entries).encode())
    at = data.draw(st.integers(0, len(content) - 1))
    content[at] = data.draw(st.integers(0, 255).filter(lambda byte: byte != content[at]))
    try:
        changed = parse(bytes(content), "x")
    except Refused:
        return
    # Comments and the line ends of another system mean nothing.
    assert text_of(changed) == text_of(entries)
