"""`migrator relup` makes what systools makes, from several releases at once, and says what is wrong in own words."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from migrator import otp
from migrator.cli import command
from tests.support.cases import run
from tests.support.roots import application, appup_text, otp_versions, rel, shop

if TYPE_CHECKING:
    from pathlib import Path


def _run(*arguments: object) -> tuple[int, dict[str, Any]]:
    done = run("relup", "--format", "json", *arguments)
    return done.returncode, json.loads(done.stdout)


def _said(*arguments: object) -> list[tuple[str, str]]:
    _, found = _run(*arguments)
    return [(each["code"], each["message"]) for each in found["diagnostics"]]


def _systools(new: Path, olds: list[Path], path: list[Path]) -> str:
    """The relup as systools writes it."""
    names = ",".join(f'"{old.with_suffix("")}"' for old in olds)
    paths = ",".join(f'"{each}"' for each in path)
    program = f'ok = systools:make_relup("{new.with_suffix("")}", [{names}], [{names}], [{{path, [{paths}]}}]), halt().'
    subprocess.run([str(otp.find_erl(None)), "-noinput", "-eval", program], cwd=new.parent.parent.parent, check=True)
    return (new.parent.parent.parent / "relup").read_text()


def test_it_is_what_systools_makes(tmp_path: Path) -> None:
    """Byte for byte, from two releases at once, at its place in NEW; again, nothing is written."""
    one, two = shop(tmp_path / "one", "1"), shop(tmp_path / "two", "2")
    new = shop(tmp_path / "three", "3", appup=appup_text("3", "1", "2"))
    code, found = _run(one, two, new)
    target = new / "releases" / "3" / "relup"
    assert (code, found["diagnostics"]) == (0, [])
    assert (found["release"], found["vsn"], found["relup"]) == ("shop", "3", str(target))
    assert [(each["direction"], each["vsn"]) for each in found["ways"]] == [
        ("up", "2"),
        ("up", "1"),
        ("down", "2"),
        ("down", "1"),
    ]
    assert found["ways"][0]["instructions"] == [
        '{load_object_code,{shop,"3",[kv]}}',
        "point_of_no_return",
        "{load,{kv,brutal_purge,brutal_purge}}",
    ]
    theirs = _systools(
        new / "releases" / "3" / "shop.rel",
        [one / "releases" / "1" / "shop.rel", two / "releases" / "2" / "shop.rel"],
        [root / "lib" / f"shop-{vsn}" / "ebin" for root, vsn in ((new, 3), (one, 1), (two, 2))],
    )
    assert target.read_text() == theirs
    before = target.stat()
    done = CliRunner().invoke(command, ["relup", str(one), str(two), str(new)])
    assert (done.stderr, done.stdout.splitlines()[0]) == ("nothing changed\n", "shop 2 -> 3: 3 instructions")
    assert target.stat() == before


def test_two_versions_in_one_root(tmp_path: Path) -> None:
    """DIR@VSN names them, and -o writes elsewhere."""
    root = shop(tmp_path / "root", "1")
    shop(root, "2", appup=appup_text("2", "1"))
    code, _ = _run(f"{root}@1", f"{root}@2", "-o", tmp_path / "out")
    assert (code, (root / "releases" / "2" / "relup").exists()) == (0, False)
    assert (tmp_path / "out").read_text().startswith('%% coding: utf-8\n{"2",')
    assert [code for code, _ in _said(f"{root}@1", root)] == ["M147"]
    assert [code for code, _ in _said(f"{root}@2", f"{root}@2")] == ["M141"]


def test_all_applications_without_appup_are_told(tmp_path: Path) -> None:
    """At once, with their versions; the file that is missing is the place."""
    for vsn in ("1", "2"):
        root = tmp_path / vsn
        application(root / "lib", "dep", vsn, {"dep": ""})
        shop(root, vsn)
        rel(root, vsn, {"shop": vsn, "dep": vsn})
    code, found = _run(tmp_path / "1", tmp_path / "2")
    lib = tmp_path / "2" / "lib"
    assert (code, [(each["code"], each["place"]) for each in found["diagnostics"]]) == (
        4,
        [("M171", str(lib / f"{name}-2" / "ebin" / f"{name}.appup")) for name in ("dep", "shop")],
    )
    assert "dep changed from 1 to 2, and it has no appup" in found["diagnostics"][0]["message"]


def test_what_is_wrong_in_an_appup_is_told_with_its_place(tmp_path: Path) -> None:
    """In every appup, not in the first only."""
    shop(tmp_path / "1", "1")
    wrong = '{"2",\n [{"1",\n  [{load_module, nix}]}],\n [{"1", []}]}.\n'
    new = shop(tmp_path / "2", "2", appup=wrong)
    code, found = _run(tmp_path / "1", new)
    place = new / "lib" / "shop-2" / "ebin" / "shop.appup"
    assert (code, [(each["code"], each["place"]) for each in found["diagnostics"]]) == (4, [("M174", f"{place}:3")])
    assert not (new / "releases" / "2" / "relup").exists()
    for text, wanted in (
        (appup_text("2", "0"), ["M172", "M172"]),
        ("{", ["M143"]),
        (appup_text("9", "1"), ["M430"]),
    ):
        (new / "lib" / "shop-2" / "ebin" / "shop.appup").write_text(text)
        assert [code for code, _ in _said(tmp_path / "1", new)] == wanted, text


@pytest.mark.parametrize(
    ("applications", "options", "message"),
    [
        ({}, {"without": "sasl"}, "shop 2: it has no sasl, and sasl has release_handler"),
        ({}, {"without": "stdlib"}, "the .rel does not name stdlib, which every release needs"),
        ({"nix": "1"}, {}, "no application nix is found, which the .rel names"),
        ({"crypto": "0.1"}, {}, "crypto 0.1 is not found, which the .rel names"),
        ({"dep": "1"}, {}, "applications need nowhere, which the .rel does not name"),
        ({"twin": "1"}, {}, "modules stand in two applications: kv (shop and twin)"),
    ],
)
def test_a_release_that_does_not_fit_together(
    tmp_path: Path, applications: dict[str, str], options: dict[str, str], message: str
) -> None:
    """Each kind that systools has, in our words."""
    shop(tmp_path / "1", "1")
    new = shop(tmp_path / "2", "2", appup=appup_text("2", "1"))
    application(new / "lib", "dep", "1", {"dep": ""}, needs="nowhere")
    application(new / "lib", "twin", "1", {"kv": ""})
    rel(new, "2", {"shop": "2", **applications}, **options)
    ((code, said),) = _said(tmp_path / "1", new)
    assert code == "M173"
    assert message in said


def test_a_changed_erts_is_told(tmp_path: Path) -> None:
    """The relup is made, and it restarts the emulator."""
    shop(tmp_path / "1", "1")
    rel(tmp_path / "1", "1", {"shop": "1"}, erts="12.0")
    new = shop(tmp_path / "2", "2", appup=appup_text("2", "1"))
    code, found = _run(tmp_path / "1", new)
    assert (code, [each["restarts"] for each in found["ways"]]) == (0, [["restart_new_emulator"], ["restart_emulator"]])
    erts = otp_versions()["erts"]
    said = [each["message"].partition(": no process")[0] for each in found["diagnostics"]]
    assert said == [
        f"the way from 1 to 2 restarts the emulator: ERTS is 12.0 in 1 and {erts} in 2",
        f"the way from 2 to 1 restarts the emulator: ERTS is 12.0 in 1 and {erts} in 2",
    ]


def test_an_upgrade_that_does_nothing_is_told(tmp_path: Path) -> None:
    """The release's version is another one, and no application's is."""
    root = shop(tmp_path / "1", "1")
    rel(root, "2", {"shop": "1"})
    assert [code for code, _ in _said(f"{root}@1", f"{root}@2")] == ["M433"]


def test_code_that_changed_under_the_same_version_is_told(tmp_path: Path) -> None:
    """As elsewhere: release_handler would load nothing of it."""
    shop(tmp_path / "1", "1")
    rel(shop(tmp_path / "2", "1", module="-export([w/0]).\nw() -> 2."), "2", {"shop": "1"})
    (tmp_path / "2" / "releases" / "1" / "shop.rel").unlink()
    assert [code for code, _ in _said(tmp_path / "1", tmp_path / "2")] == ["M142"]
    again = shop(tmp_path / "3", "1")
    assert [code for code, _ in _said(tmp_path / "1", again)] == ["M142"]


def test_what_is_no_release_is_told(tmp_path: Path) -> None:
    """A lib folder has no .rel; a folder that is not there is not there."""
    shop(tmp_path / "1", "1")
    new = shop(tmp_path / "2", "2", appup=appup_text("2", "1"))
    assert [code for code, _ in _said(tmp_path / "1" / "lib", new)] == ["M170"]
    assert [code for code, _ in _said(tmp_path / "1", new / "lib")] == ["M170"]
    assert [code for code, _ in _said(tmp_path / "nowhere", new)] == ["M101"]


def test_appups_may_lie_elsewhere(tmp_path: Path) -> None:
    """--appups names a lib folder with the same applications, as a build leaves them."""
    shop(tmp_path / "1", "1")
    new = shop(tmp_path / "2", "2")
    ebin = application(tmp_path / "build", "shop", "2", {"kv": ""})
    (ebin / "shop.appup").write_text(appup_text("2", "1"))
    assert _run(tmp_path / "1", new, "--appups", tmp_path / "build")[0] == 0
    (ebin / "shop.appup").write_text(appup_text("2", "0"))
    _, found = _run(tmp_path / "1", new, "--appups", tmp_path / "build")
    assert {each["place"] for each in found["diagnostics"]} == {str(ebin / "shop.appup")}


def test_appups_may_lie_side_by_side(tmp_path: Path) -> None:
    """What `appup -o DIR` wrote is what `relup --appups DIR` takes, of a tarball too; messages name the files there."""
    old, new = shop(tmp_path / "1", "1"), shop(tmp_path / "2", "2")
    written = tmp_path / "written"
    assert CliRunner().invoke(command, ["appup", "-o", str(written), str(old), str(new)]).exit_code == 0
    code, found = _run(old, new, "--appups", written)
    assert (code, found["diagnostics"]) == (0, [])
    assert [each["vsn"] for each in found["ways"]] == ["1", "1"]
    for text, said in ((appup_text("2", "0"), "M172"), (appup_text("3", "1"), "M430"), ("{", "M143")):
        (written / "shop.appup").write_text(text)
        _, found = _run(old, new, "--appups", written)
        assert {each["place"].split(":")[0] for each in found["diagnostics"]} == {str(written / "shop.appup")}
        assert said in [each["code"] for each in found["diagnostics"]]


def test_a_tarball_needs_a_place_for_the_relup(tmp_path: Path) -> None:
    """A usage error says which options there are."""
    done = CliRunner().invoke(command, ["relup", str(tmp_path), str(tmp_path / "shop-2.tar.gz")])
    assert done.exit_code == 2
    assert "--tar packs it again with its relup, -o FILE writes the relup alone" in done.stderr
