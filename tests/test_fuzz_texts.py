"""Mutated texts: only documented outcomes, each with its place, in bounded time, and no file is touched.

`MIGRATOR_FUZZ` says how many mutations of each kind of file; the seed is the number of the mutation.
"""

from __future__ import annotations

import os
import random
import time
from typing import TYPE_CHECKING

import pytest

from migrator import library, lockfile
from migrator.diagnostics import CATALOGUE
from migrator.locking import unlocked
from migrator.release.appups import Need, judged
from migrator.release.find import release_in
from migrator.release.merging import parse_appup
from migrator.release.open import opened
from migrator.release.patterns import fits_in
from migrator.release.relupfile import read_relup
from migrator.rules import parse_rules
from tests.support.cases import contents, run
from tests.support.locks import release

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from migrator.diagnostics import Diagnostic
    from migrator.otp import Helper
    from tests.support.cases import Bench

pytest_plugins = ["tests.support.bench", "tests.support.hooks"]

COUNT = int(os.environ.get("MIGRATOR_FUZZ", "60"))
# What these files are made of, and what breaks who reads them.
WORDS = (
    *(
        "{",
        "}",
        "[",
        "]",
        "(",
        ")",
        ",",
        ".",
        ". ",
        "|",
        "<<",
        ">>",
        "#{",
        "=>",
        "'",
        '"',
        "%",
        "$",
        "\\",
        "->",
        "=",
        "fun",
    ),
    *(
        "\0",
        "\ufeff",
        "é",
        "\U0001f600",
        "\udc80",
        "\r\n",
        "undefined",
        "-1",
        "1.0e999",
        "36#zz",
        "99#1",
        "$\\x{110000}",
    ),
    *(
        '"\\x{d800}"',
        "''",
        '""',
        "<<>>",
        "[]",
        "{}",
        "'a b'",
        "9" * 5000,
        "a" * 300,
        "[" * 500,
        "{}," * 50,
        "end",
        "down",
    ),
    *(
        "<<<<<<< HEAD\n",
        "{field, ",
        "record",
        "migrate ",
        '"1.0"',
        "[{",
        "}]}.",
        "fun m:f/1",
        "?X",
        '<<"(a">>',
        '<<"[0-9">>',
    ),
)


def mutated(text: str, chance: random.Random) -> bytes:
    """The text with some words put in, cut out, doubled or exchanged, and now and then some bytes turned."""
    for _ in range(chance.choice([1, 1, 2, 5])):
        at, end = sorted(chance.randrange(len(text) + 1) for _ in range(2))
        end = min(end, at + chance.choice([0, 1, 5, 40, 400]))
        match chance.randrange(5):
            case 0:
                text = text[:at] + chance.choice(WORDS) + text[at:]
            case 1:
                text = text[:at] + text[end:]
            case 2:
                text = text[:end] + text[at:end] * chance.choice([1, 3]) + text[end:]
            case 3:
                text = text[:at] + chance.choice(WORDS) + text[end:]
            case _:
                text = text[:at] if chance.randrange(4) == 0 else text[:at] + text[at:end][::-1] + text[end:]
    data = bytearray(text.encode(errors="surrogateescape"))
    if data and chance.randrange(6) == 0:
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    return bytes(data)


APP = """%% of the shop
{application, shop, [{description, "sells"}, {vsn, "2.0"}, {modules, [kv, 'odd name', text]}, {registered, [shop]},
  {applications, [kernel, stdlib]}, {mod, {shop_app, [<<"x">>, #{a => 1}, $a]}}, {env, [{a, 1.5}, {b, 16#ff}]}]}.
"""
APPUP = """{"2.0",
 [{"1.0", [{update, kv, {advanced, []}}, {load_module, text}]},
  {<<"1\\\\..*">>, [{update, kv, 5000, soft, soft_purge, soft_purge, [text]}, {apply, {m, f, [1]}}]}],
 [{"1.0", [{update, kv, {advanced, []}}, {load_module, text}]}, {<<"1\\\\.[0-9]+">>, [restart_application]}]}.
"""
REL = (
    '{release, {"shop", "2.0"}, {erts, "13.1.5"}, [{kernel, "8.5"}, {shop, "2.0", permanent, [dep]}, {dep, "2.0"}]}.\n'
)
RELUP = """{"2.0", [{"1.0", [], [{load_object_code, {shop, "2.0", [kv]}}, point_of_no_return, {suspend, [kv]},
 {load, {kv, brutal_purge, soft_purge}}, {code_change, up, [{kv, []}]}, {resume, [kv]}]}],
 [{"1.0", [], [restart_emulator]}]}.
"""
RULES = """migrate kv from "1.0".
record state -> state.
rename users -> 'all users'.
convert ttl = Value * 1000 down case Value of X when X > 0 -> X div 1000; _ -> $a end.
init since = erlang:system_time(second). % ever since
init total = Old#state.hits + length("a.b\\"c").
drop legacy down <<"x">>.
move a -> b.c. deep sub. downgrade own_first. state = fun(S) -> S end(Value) down Value.
"""


def _app(root: Path, _: Helper) -> None:
    release_in(root)


def _appup(root: Path, helper: Helper) -> None:
    path = root / "lib/shop-2.0/ebin/shop.appup"
    text = path.read_bytes().decode(errors="replace")
    application = next(each for each in release_in(root).applications if each.name == "shop")
    for vsn in ("1.0", "1.1", None):
        said = judged(Need(application, vsn, ("kv", "text")), text, fits_in(helper, str(path)))
        assert all(str(path) in each.place + each.message for each in said)
    parse_appup(text, str(path))


def _relup(root: Path, _: Helper) -> None:
    with opened(root) as new, opened(root.parent / "old") as old:
        read_relup(old, new)


def _rules(root: Path, _: Helper) -> None:
    parse_rules((root / "kv.migration").read_bytes().decode(errors="replace"), str(root / "kv.migration"))


KINDS: dict[str, tuple[str, str, Callable[[Path, Helper], None]]] = {
    "app": (APP, "lib/shop-2.0/ebin/shop.app", _app),
    "appup": (APPUP, "lib/shop-2.0/ebin/shop.appup", _appup),
    "rel": (REL, "releases/2.0/shop.rel", _app),
    "relup": (RELUP, "releases/2.0/relup", _relup),
    "rules": (RULES, "kv.migration", _rules),
}


def _said(work: Callable[[], None]) -> tuple[Diagnostic, ...]:
    """The diagnostics with which it is refused; of an exception that is none of ours too."""
    try:
        work()
    except Exception as error:  # noqa: BLE001 - which of them may be, is asked by who calls
        return library.diagnostics_of(error)
    return ()


@pytest.mark.parametrize("kind", KINDS)
def test_mutated_texts(kind: str, helper: Helper, roots: tuple[Path, Path]) -> None:
    """It is taken, or refused as an input by a diagnostic that names the file, within seconds."""
    text, name, read = KINDS[kind]
    _, root = roots
    path = root / name
    path.write_text(text, encoding="utf-8")
    if kind != "rel":
        read(root, helper)
    refused = 0
    for seed in range(COUNT):
        path.write_bytes(mutated(text, random.Random(f"{kind} {seed}")))  # noqa: S311 - reproducible, not secret
        begun = time.monotonic()
        found = _said(lambda: read(root, helper))
        assert {each.kind.exit for each in found} <= {4}, (seed, found)
        assert all(each.kind == CATALOGUE[each.code] for each in found)
        assert all(path.name in each.place + each.message or str(root) in each.message for each in found), (seed, found)
        assert all(len(each.message) < 1000 for each in found), seed
        refused += bool(found)
        assert time.monotonic() - begun < 20
    # What is no .rel is passed by: the folder is a release without it.
    assert refused > COUNT // 10 or kind == "rel"


def test_mutated_locks(bench: Bench) -> None:
    """A lock, half of them with checksums made right again: entries, or a refusal; the helper lives."""
    root = release(bench, "1.0", alpha="a = [] :: list(), b :: #{integer() => 'X'}", beta="x :: 'X' | undefined")
    new = release(bench, "2.0", alpha="a = [] :: list(), b, c = 1", beta="x :: 'X', y = #{}")
    path = bench.folder / "states.lock"
    assert run("lock", root, "-o", path).returncode == 0
    text = path.read_text(encoding="utf-8")
    before = {name: content for name, content in contents(bench.folder).items() if name != path}
    for seed in range(COUNT):
        chance = random.Random(f"lock {seed}")  # noqa: S311 - reproducible, not secret
        spoiled = mutated(text, chance)
        if seed % 2:
            spoiled = summed(text, chance)
        path.write_bytes(spoiled)
        try:
            with unlocked(bench.helper, [path], new):
                found = tuple(
                    each
                    for one in library.preview(bench.helper, [path], new)
                    for each in one.diagnostics
                    if each.severity == "error"
                )
        except Exception as error:  # noqa: BLE001 - as above
            found = library.diagnostics_of(error)
        assert {each.kind.exit for each in found} <= {4}, (seed, [each.message for each in found])
    assert {name: content for name, content in contents(bench.folder).items() if name != path} == before


def summed(text: str, chance: random.Random) -> bytes:
    """One entry with a mutated body, and the checksum that goes with it."""
    entry = lockfile.parse(text.encode(), "lock")[0]
    body = list(entry.body)
    at = chance.randrange(len(body))
    line = mutated(body[at].strip(), chance).decode(errors="replace").replace("\n", " ").replace("\r", " ")
    body[at] = f"  {line}"
    return lockfile.text_of([lockfile.Entry(entry.module, entry.vsn, tuple(body))]).encode(errors="replace")


@pytest.mark.parametrize("kind", KINDS)
def test_the_command_on_mutated_texts(kind: str, roots: tuple[Path, Path], tmp_path: Path) -> None:
    """`preview` of a whole release with such a file: documented exits, no traceback, no change."""
    text, name, _ = KINDS[kind]
    old, root = roots
    path = root / name
    for seed in range(max(1, COUNT // 60)):
        path.write_bytes(mutated(text, random.Random(f"command {kind} {seed}")))  # noqa: S311 - reproducible, not secret
        before = contents(tmp_path)
        more = ("--rules", path) if kind == "rules" else ()
        done = run("preview", *more, old, root)
        assert done.returncode in {0, 3, 4}, done.stderr
        assert "Traceback" not in done.stderr
        assert contents(tmp_path) == before


def test_the_texts_are_sound() -> None:
    """What the mutations begin with is read: what is refused is what was done to them."""
    assert parse_rules(RULES, "kv.migration")[0].module == "kv"
    assert parse_appup(APPUP, "shop.appup").up.entries
