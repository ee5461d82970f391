"""Appups are taken or refused as OTP's systools takes or refuses them, each with its place, before they are written."""

from __future__ import annotations

from pathlib import Path

import pytest

from migrator.release.model import Application, ModuleFile, Release
from migrator.release.validate import validate

GOOD = '{"2", [{"1", [{update, srv, {advanced, []}}, {load_module, lib, [srv]}]}], [{"1", [{load_module, lib}]}]}.\n'


def _release(vsn: str, applications: dict[str, tuple[str, str]]) -> Release:
    """A folder of applications that lies nowhere: name to version and modules."""
    return Release(
        Path(vsn), "lib", Path(vsn), "", "", "", tuple(_application(name, *each) for name, each in applications.items())
    )


def _application(name: str, vsn: str, modules: str) -> Application:
    ebin = Path("lib", f"{name}-{vsn}", "ebin")
    return Application(
        name, vsn, ebin, None, tuple(ModuleFile(name, each, ebin / f"{each}.beam") for each in modules.split())
    )


OLD = _release("old", {"shop": ("1", "srv lib gone"), "bank": ("1", "vault"), "same": ("7", "rest")})
NEW = _release("new", {"shop": ("2", "srv lib fresh"), "bank": ("2", "vault"), "same": ("7", "rest")})


def _said(erl: Path, appups: dict[str, str]) -> list[tuple[str, str, str]]:
    return [(each.code, each.place, each.message) for each in validate(erl, OLD, NEW, appups)]


def test_what_systools_takes_is_taken(erl: Path) -> None:
    """Nothing is said of appups that are right, also where one depends on a module of another application."""
    bank = '{"2", [{"1", [{load_module, vault, [srv]}]}], [{<<"[0-9]">>, []}]}.\n'
    assert _said(erl, {"shop": GOOD, "bank": bank}) == []


@pytest.mark.parametrize(
    ("appup", "code", "place", "words"),
    [
        ("", "M143", ":1", "is no appup: a term that ends in a full stop is missing"),
        ('{"2", [\n{"1" []}], []}.', "M143", ":2", "is no appup: syntax error before: '['"),
        ('{"2", []}.', "M143", "", "it must be {Vsn, [{UpFromVsn, [Instruction]}]"),
        ('{"2",\n [{<<"1(">>, []}], [{"1", []}]}.', "M143", ":2", '{<<"1(">>,[]} is no {Vsn, [Instruction]}'),
        ('{"2", [{"1", []}], [{"0", []}]}.', "M172", "", "has no entry for a downgrade to shop 1"),
        ('{"2", [{"0", []}], [{"1", []}]}.', "M172", "", "has no entry for an upgrade from shop 1"),
        ('{"2", [{"1",\n[{lod, x}]}], [{"1", []}]}.', "M174", ":2", "upgrade: {lod,x} is no instruction of an appup"),
        ('{"2", [{"1", []}], [{"1", [{add_module, nix}]}]}.', "M174", ":1", "downgrade: names nix, which the .app"),
        ('{"2", [{"1", [{load_module, srv, [gone]}]}], [{"1", []}]}.', "M174", ":1", "depends on gone, for which"),
        ('{"2", [{"1", [{suspend, [srv]}]}], [{"1", []}]}.', "M174", ":1", "suspends srv and does not resume it"),
        ('{"2", [{"1", [{load_module, lib}, {update, lib}]}], [{"1", []}]}.', "M174", ":1", "two instructions for lib"),
        ('{"9", [{"1", []}], [{"1", []}]}.', "M430", "", "is for version 9, and the application is 2"),
    ],
)
def test_what_is_wrong_is_told_at_its_place(erl: Path, appup: str, code: str, place: str, words: str) -> None:
    """One message for one mistake, with the appup's path and line."""
    ((said, where, message),) = _said(erl, {"shop": appup})
    assert (said, where) == (code, f"lib/shop-2/ebin/shop.appup{place}")
    assert words in message


def test_every_application_is_told(erl: Path) -> None:
    """A mistake in one appup does not hide those in others, in both directions."""
    wrong = '{"2", [{"1", [{add_module, nix}]}], [{"1", [{add_module, nux}]}]}.'
    assert [(code, place) for code, place, _ in _said(erl, {"shop": wrong, "bank": wrong})] == [
        ("M174", "lib/bank-2/ebin/bank.appup:1"),
        ("M174", "lib/bank-2/ebin/bank.appup:1"),
        ("M174", "lib/shop-2/ebin/shop.appup:1"),
        ("M174", "lib/shop-2/ebin/shop.appup:1"),
    ]


def test_what_two_appups_do_together_is_told(erl: Path) -> None:
    """Each is right by itself, and the release has two instructions for one module."""
    bank = '{"2", [{"1", [{load_module, srv}]}], [{"1", []}]}.\n'
    ((code, _, message),) = _said(erl, {"shop": GOOD, "bank": bank})
    assert (code, message) == ("M174", "an appup of the release, upgrade: has two instructions for srv")


def test_a_single_ebin_will_do(erl: Path, tmp_path: Path) -> None:
    """The .app's own list of modules counts, as it does for systools."""
    ebin = tmp_path / "ebin"
    ebin.mkdir()
    (ebin / "shop.app").write_text('{application, shop, [{vsn, "2"}, {modules, [srv, lib]}]}.\n')
    new = Application("shop", "2", ebin, ebin / "shop.app", (ModuleFile("shop", "other", ebin / "other.beam"),))
    given = Release(ebin, "ebin", ebin, "", "", "", (new,))
    old = _release("old", {"shop": ("1", "srv lib")})
    assert validate(erl, old, given, {"shop": GOOD}) == ()
    (wrong,) = validate(erl, old, given, {"shop": GOOD.replace("lib,", "other,")})
    assert (wrong.code, wrong.module) == ("M174", "other")


def test_an_application_that_one_side_lacks_is_looked_at(erl: Path) -> None:
    """OTP asks no appup of it; that it is one is asked all the same."""
    assert validate(erl, _release("old", {}), NEW, {"shop": GOOD}) == ()
    (wrong,) = validate(erl, _release("old", {}), NEW, {"shop": "{}."})
    assert wrong.code == "M143"


def test_two_applications_may_have_a_module_of_one_name(erl: Path) -> None:
    """A folder of applications is not always one release: each is asked by itself, and what is wrong is told."""
    old = _release("old", {"shop": ("1", "srv lib"), "twin": ("1", "srv")})
    new = _release("new", {"shop": ("2", "srv lib"), "twin": ("2", "srv"), "third": ("1", "srv")})
    twin = '{"2", [{"1", [{load_module, srv, [lib]}]}], [{"1", [{load_module, MODULE}]}]}.\n'
    assert validate(erl, old, new, {"shop": GOOD, "twin": twin.replace("MODULE", "srv")}) == ()
    (wrong,) = validate(erl, old, new, {"shop": GOOD, "twin": twin.replace("MODULE", "nix")})
    assert (wrong.code, wrong.module) == ("M174", "nix")
