"""Whatever happens to a lock file is noticed, and told with its line."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from migrator.lockfile import Entry, text_of
from tests.support.cases import contents, run, server
from tests.support.locks import release

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.support.cases import Bench

pytest_plugins = ["tests.support.bench"]


@pytest.fixture
def lock(bench: Bench) -> Path:
    """A lock of two modules, of which the second begins in line 13."""
    root = release(bench, "1.0", alpha="a = [] :: list(), b", beta="x :: 'X'")
    path = bench.folder / "states.lock"
    assert run("lock", root, "-o", path).returncode == 0
    return path


DAMAGE: dict[str, tuple[Callable[[bytes], bytes], str, int]] = {
    "a changed field": (lambda text: text.replace(b'"b"', b'"c"'), "M132", 5),
    "a line that is gone": (lambda text: text.replace(b'    {field, "b"}.\n', b""), "M132", 5),
    "two lines in another order": (
        lambda text: text.replace(
            b"  {behaviour, gen_server}.\n  {state_record, state}.\n",
            b"  {state_record, state}.\n  {behaviour, gen_server}.\n",
            1,
        ),
        "M132",
        5,
    ),
    "another vsn": (lambda text: text.replace(b'alpha, "1.0"', b'alpha, "1.1"'), "M132", 5),
    "no checksum": (lambda text: re.sub(rb"  \{checksum.*\n", b"", text, count=1), "M132", 5),
    "a merge": (
        lambda text: text.replace(b'    {field, "b"}.\n', b'<<<<<<< HEAD\n    {field, "b"}.\n=======\n>>>>>>> x\n'),
        "M131",
        11,
    ),
    "a merge above all": (lambda text: b"<<<<<<< HEAD\n" + text, "M131", 1),
    "a file cut in an entry": (lambda text: text[: text.index(b'{field, "b"}')], "M131", 11),
    "a file cut between entries": (lambda text: text[: text.index(b"{module, beta")], "M131", 12),
    "bytes that are no text": (lambda text: text.replace(b'"b"', b'"\xff"'), "M131", 11),
    "an entry twice": (
        lambda text: text.replace(
            b"{migrator_lock_end",
            text[text.index(b"{module, beta") : text.index(b"{migrator_lock_end")] + b"{migrator_lock_end",
        ),
        "M133",
        20,
    ),
    "a word at the end": (lambda text: text + b"x\n", "M131", 21),
    "no lock": (lambda _: b"hello\n", "M130", 1),
    "nothing": (lambda _: b"", "M130", 1),
    "another format": (lambda text: text.replace(b"{migrator_lock, 1}", b"{migrator_lock, 2}"), "M130", 3),
    "zeros": (lambda text: text + bytes(1000), "M131", 21),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_damage_is_noticed(lock: Path, bench: Bench, damage: str) -> None:
    """Whatever happened to a lock: a diagnostic with the line, from every command, and nothing is written."""
    change, code, line = DAMAGE[damage]
    text = lock.read_bytes()
    changed = change(text)
    assert changed != text
    lock.write_bytes(changed)
    root = bench.folder / "1.0"
    before = contents(bench.folder)
    for command in (
        ("inject", lock, root),
        ("lock", root, "-o", lock),
        ("lock", "--prune", "1.0", lock),
        ("check", "--lock", lock, root),
    ):
        done = run(*command)
        assert (done.returncode, done.stdout) == (4, ""), command
        assert re.search(rf"\b{code}\b", done.stderr), done.stderr
        assert "Traceback" not in done.stderr
        assert f"{lock}:{line}" in done.stderr
    assert contents(bench.folder) == before


def test_line_ends_of_another_system(lock: Path, bench: Bench) -> None:
    """A checkout that gives every line a carriage return leaves a lock what it is."""
    lock.write_bytes(lock.read_bytes().replace(b"\n", b"\r\n"))
    assert run("check", "--lock", lock, bench.folder / "1.0").returncode == 0


@pytest.mark.parametrize(
    "body",
    [
        ('  {field, "a"}.',),
        ("  {record, state}.", '    {field, "a, b"}.'),
        ("  {record, state}.", '    {field, "a = "}.'),
        ("  {record, state}.", '    {field, "a :: {"}.'),
        ("  {record, state}.", "    {field, 7}."),
        ("  {record, state}.", "    {field, [$a|$b]}."),
        ("  {record, state}.", '    {field, "a}). -record(x, {b"}.'),
        ("  {record, state}.", '    {field, "a = f()", [{calls, x}]}.'),
        ('  {type, "t( :: x"}.',),
        ("  {nonsense, 1, 2, 3, 4}.",),
        ("  {beside, x}.",),
        ("  {record, state}.", '    {field, "a" .}.'),
        ("  {fun() -> 1 end, 1}.",),
        ('  {record, state}. {field, "',),
        ("  {record, " + "a" * 300 + "}.",),
    ],
)
def test_an_entry_that_erlang_does_not_accept(bench: Bench, body: tuple[str, ...]) -> None:
    """Written by a person, with the right checksum: a diagnostic with the line, and no crash."""
    beam = bench.compile(server("a, b", vsn='"2"'), "new")
    path = bench.folder / "states.lock"
    path.write_text(text_of([Entry("m", '"1"', ("  {state_record, state}.", *body))]), encoding="utf-8")
    done = run("preview", path, beam)
    assert (done.returncode, done.stdout) == (4, ""), done.stderr
    assert re.search(r"M13[16].*|M110", done.stderr), done.stderr


def test_hostile_entries(bench: Bench) -> None:
    """What is too much, too deep or no module's name is refused before Erlang sees it."""
    beam = bench.compile(server("a, b", vsn='"2"'), "new")
    path = bench.folder / "states.lock"
    record = "  {record, state}."
    for entry in (
        Entry("m", '"1"', (record, f'    {{field, "a = {"[" * 5000}{"]" * 5000}"}}.')),
        Entry("m", "[" * 5000 + "]" * 5000, (record,)),
        Entry("m", '"1"', (record, *(f'    {{field, "f{number}"}}.' for number in range(200_000)))),
        Entry("'../../../../tmp/evil'", '"1"', (record,)),
    ):
        path.write_text(text_of([entry]), encoding="utf-8")
        done = run("preview", path, beam)
        assert (done.returncode, done.stdout) == (4, "")
        assert "M131" in done.stderr
