"""The hook tells when an appup or a relup would not call `code_change`, and mends an appup's entry."""

from __future__ import annotations

from pathlib import Path

import pytest

from migrator.release.appups import Need, judged, relup_judged
from migrator.release.mending import mend
from migrator.release.model import Application
from migrator.release.reach import no_pattern

SHOP = Application("shop", "2.0", Path("ebin"), None, ())
KV = Need(SHOP, "1.0", ("kv",))


def _appup(up: str, down: str = "[{update, kv, {advanced, []}}]", vsn: str = "2.0") -> str:
    return f'%% by hand\n{{"{vsn}",\n [{{"1.0", {up}}}, {{<<"0\\\\..*">>, []}}], % old ones\n [{{"1.0", {down}}}]}}.\n'


def _codes(need: Need, text: str) -> list[str]:
    return [each.code for each in judged(need, text, no_pattern)]


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("{", ["M420"]),
        ("{shop}.", ["M420"]),
        (_appup("[{update, kv, {advanced, []}}]"), []),
        (_appup("[{update, kv, supervisor}]"), []),
        (_appup("[{restart_application, shop}]", "[restart_emulator]"), []),
        (_appup("[{update, kv, {advanced, []}}]", vsn="1.9"), ["M420"]),
        (_appup("[{update, kv, {advanced, []}}]").replace('"1.0"', '"1.1"'), ["M420"]),
        (_appup("[{load_module, kv}]"), ["M421"]),
        (_appup("[{update, kv}]"), ["M421"]),
        (_appup("[{update, kv, soft, []}]"), ["M421"]),
        (_appup("[]"), ["M421"]),
        (_appup("[{update, kv, {advanced, []}}]", "[{load_module, kv}]"), ["M421"]),
    ],
)
def test_what_an_appup_leaves_unconverted(text: str, codes: list[str]) -> None:
    """No entry, another vsn, a module that is not named, only loaded, or updated softly: each is told."""
    assert _codes(KV, text) == codes


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("[{load_module, kv}]", "[{update, kv, {advanced, []}}]"),
        ("[{load_module, kv, [a]}]", "[{update, kv, {advanced, []}, [a]}]"),
        (
            "[{load_module, kv, soft_purge, brutal_purge, []}]",
            "[{update, kv, {advanced, []}, soft_purge, brutal_purge, []}]",
        ),
        ("[{add_module, kv}]", "[{update, kv, {advanced, []}}]"),
        ("[{update, kv}]", "[{update, kv, {advanced, []}}]"),
        ("[{update, kv, [a]}]", "[{update, kv, {advanced, []}, [a]}]"),
        ("[{update, kv, soft}]", "[{update, kv, {advanced, []}}]"),
        (
            "[{update, kv, 9000, soft, soft_purge, soft_purge, []}]",
            "[{update, kv, 9000, {advanced, []}, soft_purge, soft_purge, []}]",
        ),
        ("[]", "[{update, kv, {advanced, []}}]"),
        ("[ % nothing\n ]", "[ % nothing\n {update, kv, {advanced, []}}]"),
        (
            "[{load_module, a} % first\n ]",
            "[{load_module, a},\n           {update, kv, {advanced, []}} % first\n ]",
        ),
        ("[[{load_module, kv}], {load_module, a}]", "[[{update, kv, {advanced, []}}], {load_module, a}]"),
    ],
)
def test_each_form_is_mended(before: str, after: str) -> None:
    """The instruction becomes an update with `{advanced, []}`; its other parts, comments and other entries stay."""
    assert mend(KV, _appup(before), no_pattern) == _appup(after)
    assert _codes(KV, _appup(after)) == []
    assert mend(KV, _appup(after), no_pattern) == _appup(after)


def test_both_directions_many_modules_and_the_vsn() -> None:
    """Up and down are mended for each module, and the appup's own vsn where it is another."""
    need = Need(SHOP, "1.0", ("kv", "Odd one"))
    text = _appup("[{load_module, kv}]", "[]", vsn="1.9")
    mended = mend(need, text, no_pattern)
    assert judged(need, mended, no_pattern) == ()
    assert "'Odd one'" in mended
    assert mended.startswith('%% by hand\n{"2.0",')
    assert "% old ones" in mended


@pytest.mark.parametrize("text", ["{", "{a, b}.", _appup("[{delete_module, kv}]"), _appup("[]").replace("1.0", "1.1")])
def test_what_cannot_be_mended_stays(text: str) -> None:
    """What is no appup, has no entry for the version, or deletes the module is not touched."""
    assert mend(KV, text, no_pattern) == text
    assert _codes(KV, text) != []


def test_an_unknown_old_version() -> None:
    """Beside a lock the old vsn is not known: some entry must convert the module, in each direction."""
    unknown = Need(SHOP, None, ("kv",))
    assert _codes(unknown, _appup("[{update, kv, {advanced, []}}]")) == []
    assert _codes(unknown, _appup("[{load_module, kv}]")) == ["M421"]


RELUP = """{"2.0", [{"1.0", [], [point_of_no_return, {suspend, [kv]}, {load, {kv, brutal_purge, brutal_purge}},
 {code_change, up, [{kv, []}]}, {resume, [kv]}]}], [{"1.0", [], [{suspend, [kv]}, DOWN {resume, [kv]}]}]}.
"""


@pytest.mark.parametrize("instructions", ['""', '"text"'])
def test_a_string_of_instructions_stays(instructions: str) -> None:
    """It is a list of nothing or of characters: what is put into it would be text."""
    assert mend(KV, _appup(instructions), no_pattern) == _appup(instructions)


def test_a_relup_is_judged(tmp_path: Path) -> None:
    """Of a relup the entry of the old release counts, or the only one where its version is not known."""
    path = tmp_path / "relup"
    path.write_text(RELUP.replace("DOWN", "{code_change, down, [{kv, []}]},"))
    assert relup_judged(path, "1.0", [KV], "relup") == ()
    assert relup_judged(path, "", [KV], "relup") == ()
    assert [each.code for each in relup_judged(path, "0.9", [KV], "relup")] == ["M422"]
    path.write_text(RELUP.replace("DOWN", ""))
    (found,) = relup_judged(path, "1.0", [KV], "relup")
    assert (found.code, found.message) == ("M422", "the relup does not call code_change for kv on the downgrade")
    path.write_text("no relup")
    assert [each.code for each in relup_judged(path, "1.0", [KV], "relup")] == ["M422"]


@pytest.mark.parametrize(
    ("up", "said"),
    [("[{update, kv, soft}]", "is updated without"), ("[{load_module, kv}]", "is only loaded"), ("[]", "is not named")],
)
@pytest.mark.parametrize("vsn", ["1.0", None])
def test_how_a_module_is_named(up: str, said: str, vsn: str | None) -> None:
    """What an entry does with a module is said as it is, also where the old version is not known, as of a lock."""
    (found,) = judged(Need(SHOP, vsn, ("kv",)), _appup(up), no_pattern)
    assert f"kv {said}" in found.consequence
