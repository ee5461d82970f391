"""`appup` into a file that is there: what others wrote stays byte for byte, and what we wrote is known again."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from migrator.release.merging import merged, parse_appup
from migrator.render.appup import entry_text, file_text, vsn_term
from migrator.terms import Atom, text_of
from tests.support.appups import App, entries, module, release, server
from tests.support.cases import run

if TYPE_CHECKING:
    from pathlib import Path

    from migrator.terms import Term

OURS: list[Term] = [(Atom("load_module"), Atom("kv"))]
UPDATE = "{update, kv, {advanced, []}, brutal_purge, brutal_purge, []}"

HAND = """\
%% Written by hand -- über.
{"2.0.0",  % the new one
 [ {"0.9", [{load_module, kv}, % all of it
            {apply, {kv, flush, [now]}}]},
   {<<"0\\\\.[0-9]+">>, [restart_new_emulator]}   %% the rest
 ],
 [{"0.9",[{load_module,kv}]}]
}.
%% The end.
"""


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """Two releases of one application with a changed server; gives the new appup's path, which is not there yet."""
    release(tmp_path / "old", shop=App("1.0.0", {"kv": server("kv"), "plain": module("plain")}))
    changed = {"kv": server("kv", "changed"), "plain": module("plain", "f() -> 1.", exports="f/0")}
    return release(tmp_path / "new", shop=App("2.0.0", changed)) / "shop-2.0.0/ebin/shop.appup"


def again(tmp_path: Path, *arguments: str) -> tuple[int, str]:
    """A run over these releases: its exit code, and the codes of what it says.

    Of M437 it says nothing: no supervisor here starts the server.
    """
    done = run("appup", *arguments, tmp_path / "old/lib", tmp_path / "new/lib")
    return done.returncode, " ".join(code for code in re.findall(r"\[(M\d+)\]", done.stderr) if code != "M437")


def test_what_is_there_stays(shop: Path, tmp_path: Path) -> None:
    """Comments, entries of other versions and regular expressions stay; a second run changes nothing."""
    shop.write_text(HAND)
    assert again(tmp_path) == (0, "")
    text = shop.read_text()
    assert re.sub(r"%% migrator appup \w+\n  \{\"1\.0\.0\",\n.*?\}\]\},\n  ", "", text, flags=re.DOTALL) == HAND
    assert list(entries(shop)[1]) == ["1.0.0", "0.9", "0\\.[0-9]+"]
    assert again(tmp_path) == (0, "")
    assert shop.read_text() == text


@pytest.mark.parametrize("key", ['"1.0.0"', '<<"1\\\\.[0-9.]+">>'])
def test_an_entry_that_does_all_stays(shop: Path, tmp_path: Path, key: str) -> None:
    """An entry by hand for the version, or a regular expression that matches it, stays where it leaves nothing out."""
    whole = f'{{"2.0.0", [{{{key}, [{UPDATE}, {{load_module, plain}}]}}], [{{{key}, [restart_emulator]}}]}}.\n'
    shop.write_text(whole)
    assert again(tmp_path) == (0, "")
    assert shop.read_text() == whole


def test_an_entry_that_leaves_something_out(shop: Path, tmp_path: Path) -> None:
    """It is asked about, and nothing is written, until a person says which shall stay."""
    lacking = '{"2.0.0", [{"1.0.0", [{load_module, kv}]}], [{"1.0.0", []}]}.\n'
    shop.write_text(lacking)
    assert again(tmp_path) == (3, "M313 M313")
    assert again(tmp_path, "--prefer", "handwritten") == (0, "M427 M427")
    assert shop.read_text() == lacking
    assert again(tmp_path, "--prefer", "generated") == (0, "")
    assert UPDATE in shop.read_text()
    assert again(tmp_path) == (0, "")


def test_a_regular_expression_that_leaves_something_out(shop: Path, tmp_path: Path) -> None:
    """It stays for all other versions, behind an entry of ours."""
    shop.write_text('{"2.0.0", [{<<"1\\\\..*">>, []}], []}.\n')
    assert again(tmp_path) == (0, "M518")
    assert list(entries(shop)[1]) == ["1.0.0", "1\\..*"]
    assert again(tmp_path) == (0, "")


def test_a_changed_state_must_be_converted(tmp_path: Path) -> None:
    """load_module leaves a state out where its record changed, and does not where the record is the same."""
    source = (
        "-module(kv).\n-behaviour(gen_server).\n-export([init/1, handle_call/3, handle_cast/2, code_change/3]).\n"
        "-record(state, {FIELDS}).\n-state_record(state).\ninit(_) -> {ok, #state{}}.\n"
        "handle_call(_, _, S) -> {reply, REPLY, S}.\nhandle_cast(_, S) -> {noreply, S}.\n"
        "code_change(_, S, _) -> {ok, S}.\n"
    )
    old = source.replace("FIELDS", "a").replace("REPLY", "one")
    release(tmp_path / "old", shop=App("1.0.0", {"kv": old}))
    for name, fields, status in (("same", "a", 0), ("other", "a, b", 3)):
        fresh = source.replace("FIELDS", fields).replace("REPLY", "two")
        new = release(tmp_path / name, shop=App("2.0.0", {"kv": fresh}))
        entry = '{"1.0.0", [{load_module, kv}]}'
        (new / "shop-2.0.0/ebin/shop.appup").write_text(f'{{"2.0.0", [{entry}], [{entry}]}}.\n')
        done = run("appup", tmp_path / "old/lib", new)
        assert done.returncode == status, done.stderr
    assert "does not convert the state of kv" in done.stderr


def test_an_entry_of_ours_is_written_anew(shop: Path, tmp_path: Path) -> None:
    """What we wrote and nobody changed follows what is asked for; what a person changed in it is theirs."""
    assert again(tmp_path) == (0, "")
    assert again(tmp_path, "--purge", "soft") == (0, "")
    assert "soft_purge" in shop.read_text()
    edited = shop.read_text().replace("{load_module, plain, soft_purge, soft_purge, []}", "{load_module, plain}")
    shop.write_text(edited)
    assert again(tmp_path) == (0, "")
    assert shop.read_text() == edited


def test_a_file_of_another_new_version(shop: Path, tmp_path: Path) -> None:
    """The version is set, entries of ours for the other one go, those of a person stay and are warned of."""
    stale = file_text("1.5.0", [entry_text("0.8", OURS)], [entry_text("0.8", OURS)])
    shop.write_text(stale.replace("[%%", '[{"0.7", []},\n  %%', 1))
    assert again(tmp_path) == (0, "M428")
    vsn, up, down = entries(shop)
    assert (vsn, list(up), list(down)) == ("2.0.0", ["1.0.0", "0.7"], ["1.0.0"])
    assert again(tmp_path) == (0, "")


@pytest.mark.parametrize(
    "text", ["", "{", "hello.", '{"2.0.0", []}.', '{"2.0.0", [x], []}.', '{<<"2">>, [], []}.', '{"2", [], []}. {}.']
)
def test_a_file_that_is_no_appup(shop: Path, tmp_path: Path, text: str) -> None:
    """It is refused with its place, and left as it is."""
    shop.write_text(text)
    status, codes = again(tmp_path)
    assert (status, codes in {"M140", "M163"}) == (4, True)
    assert shop.read_text() == text


def test_a_file_in_latin_1_stays_one(shop: Path, tmp_path: Path) -> None:
    """Its other bytes are not touched."""
    data = '%% Grüße\n{"2.0.0", [{"0.9", []}], []}.\n'.encode("latin-1")
    shop.write_bytes(data)
    assert again(tmp_path) == (0, "")
    assert shop.read_bytes().startswith(data[:-30])


# --- any file ---

_GAP = st.lists(st.sampled_from([" ", "\n", "\t", '% {a, "b"], [\n', "%% migrator appup 0\n", "%,\n"]), max_size=3).map(
    "".join
)
_VSNS = st.sampled_from(["0.1", "0.2", "1.0.0", "1.5", "1\\..*"])


@st.composite
def _sides(draw: st.DrawFn) -> str:
    parts = []
    for vsn in draw(st.lists(_VSNS, max_size=4, unique=True)):
        if draw(st.booleans()):
            parts.append(entry_text(vsn, OURS if draw(st.booleans()) else []))
        else:
            key = f'<<"{vsn}">>'.replace("\\", "\\\\") if "*" in vsn else f'"{vsn}"'
            parts.append(f"{{{draw(_GAP)}{key}{draw(_GAP)},{draw(_GAP)}[{draw(_GAP)}]{draw(_GAP)}}}")
    gaps = [draw(_GAP) for _ in range(2 * len(parts) + 2)]
    body = ",".join(f"{gaps[2 * number]}{part}{gaps[2 * number + 1]}" for number, part in enumerate(parts))
    return f"[{gaps[-1]}{body}{gaps[-2]}]"


@st.composite
def _files(draw: st.DrawFn) -> str:
    vsn = draw(st.sampled_from(['"2.0.0"', '"1.9"']))
    return (
        f"{draw(_GAP)}{{{vsn},{draw(_sides())}{draw(_GAP)},{draw(_sides())}{draw(_GAP)}}}{draw(_GAP)}.\n{draw(_GAP)}\n"
    )


def _fits(pattern: bytes, vsn: str) -> bool:
    return re.fullmatch(pattern.decode(), vsn) is not None


@given(text=_files(), olds=st.lists(st.sampled_from(["1.0.0", "1.5", "0.2"]), unique=True))
@settings(deadline=None)
def test_any_file_keeps_what_is_not_ours(text: str, olds: list[str]) -> None:
    """The entries asked for answer for their versions, all others stay with their bytes, and twice is once."""
    before = parse_appup(text, "a.appup")
    wanted = dict.fromkeys(olds, OURS)
    result = merged(before, "2.0.0", wanted, wanted, _fits)
    after = parse_appup(result, "a.appup")
    assert after.vsn == "2.0.0"
    for old_side, side in ((before.up, after.up), (before.down, after.down)):
        for vsn in olds:
            found = side.answering(vsn, _fits)
            assert found is not None
            assert (found.key, found.instructions, found.ours) == (vsn_term(vsn), OURS, True)
        stay = [
            text[each.start : each.end]
            for each in old_side.entries
            if text_of(each.key) not in olds and not (each.ours and before.vsn != "2.0.0")
        ]
        left = [result[each.start : each.end] for each in side.entries if text_of(each.key) not in olds]
        assert left == stay
    assert merged(after, "2.0.0", wanted, wanted, _fits) == result
    comments = re.compile(r"(?<!%)%(?!% migrator appup [0-9a-f]{12}).*")
    # A comment inside an entry goes with it.
    if not any(text_of(each.key) in olds for side in (before.up, before.down) for each in side.entries):
        assert comments.findall(result) == comments.findall(text)
