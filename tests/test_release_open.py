"""Releases on disk: what they hold, whatever they are given as, and which of their modules changed."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from migrator import library
from migrator.diagnostics import Refused
from migrator.release.match import matched, one_folder, same_versions
from migrator.release.open import opened
from migrator.request import Choice, Request
from tests.support.beams import compile_text
from tests.support.cases import rewrite
from tests.support.releases import App, make_app, make_root, make_tar

if TYPE_CHECKING:
    from migrator.otp import Helper
    from tests.support.cases import Bench

pytest_plugins = ["tests.support.bench"]

KV = (
    '-module(kv).\n-vsn("{vsn}").\n-export([init/1]).\n-record(state, {{a{more}}}).\n-state_record(state).\n'
    "init(A) -> {{ok, #state{{a = A}}}}.\n"
)
OLD = App("shop", "1.0.0", {"kv": KV.format(vsn="1", more=""), "gone": "-module(gone)."})
NEW = App("shop", "2.0.0", {"kv": KV.format(vsn="2", more=", b = 0"), "come": "-module(come)."})
DEP = App("dep", "0.3", {"dep": "-module(dep).\n-export([f/0]).\nf() -> 1.\n"})


def _changed(app: App, module: str, source: str) -> App:
    return App(app.name, app.vsn, {**app.sources, module: source})


@pytest.mark.parametrize("shape", ["ebin", "lib", "root", "tarball", "deeper"])
def test_a_release_is_read_whatever_it_is_given_as(shape: str, tmp_path: Path) -> None:
    """The application's name and version are those of its .app, its beams are found, and the shape is told."""
    root = make_root(tmp_path / "rel", "1.0.0", [OLD])
    given = {
        "ebin": root / "lib" / "shop-1.0.0" / "ebin",
        "lib": root / "lib",
        "root": root,
        "tarball": make_tar(root, tmp_path / "shop.tar.gz"),
        "deeper": make_tar(root, tmp_path / "deeper.tgz", "shop/"),
    }[shape]
    with opened(given) as release:
        (app,) = release.applications
        assert (app.name, app.vsn, [each.module for each in app.beams]) == ("shop", "1.0.0", ["gone", "kv"])
        assert app.app_file is not None
        assert release.given == given
        assert release.shape == ("tarball" if shape == "deeper" else shape)
        vsn = "1.0.0" if shape in {"root", "tarball", "deeper"} else ""
        assert (release.name, release.vsn) == (("shop", vsn) if vsn else ("", ""))


@pytest.mark.parametrize("inside", ["", "lib"])
def test_a_stray_beam_makes_no_ebin(inside: str, tmp_path: Path) -> None:
    """A beam left in a `lib` folder, or in a root that has no `.rel`, does not hide the applications there."""
    make_app(tmp_path / inside, OLD)
    shutil.copy(next(tmp_path.rglob("kv.beam")), tmp_path / "kv.beam")
    with opened(tmp_path) as release:
        assert [(each.name, each.ebin.name) for each in release.applications] == [("shop", "ebin")]


def test_a_root_with_two_versions_wants_one_named(tmp_path: Path) -> None:
    """Two versions and none named is M147 with the lines to type; an unknown one is M148; a named one is read alone."""
    root = make_root(tmp_path / "rel", "1.0.0", [OLD, DEP])
    make_root(root, "2.0.0", [NEW, DEP])
    with pytest.raises(Refused) as refused, opened(root):
        pass
    (found,) = refused.value.diagnostics
    assert (found.code, found.help) == ("M147", (f"{root}@1.0.0", f"{root}@2.0.0"))
    with pytest.raises(Refused) as refused, opened(Path(f"{root}@3.0.0")):
        pass
    assert [each.code for each in refused.value.diagnostics] == ["M148"]
    with opened(Path(f"{root}@2.0.0")) as release:
        assert [(each.name, each.vsn) for each in release.applications] == [("dep", "0.3"), ("shop", "2.0.0")]
        assert (release.vsn, release.erts) == ("2.0.0", "13.1.5")


def test_versions_in_one_root_are_two_releases(helper: Helper, tmp_path: Path) -> None:
    """`preview` takes the two versions of one release root."""
    root = make_root(tmp_path / "rel", "1.0.0", [OLD])
    make_root(root, "2.0.0", [NEW])
    (planned,) = library.preview(helper, [Path(f"{root}@1.0.0")], Path(f"{root}@2.0.0"))
    assert planned.verdict == "migrate"


def test_types_lead_to_the_modules_of_the_same_version(helper: Helper, tmp_path: Path) -> None:
    """With two versions in one root, a record of another application is the one that runs with the module."""
    item = "-module(item).\n-export_type([t/0]).\n-record(item, {{n{more}}}).\n-type t() :: #item{{}}.\n"
    keeper = '-module(kv).\n-vsn("{vsn}").\n-record(state, {{item :: item:t()}}).\n-state_record(state).\n'
    root = tmp_path / "rel"
    for vsn, more in (("1.0.0", ""), ("2.0.0", ", colour = red")):
        lib = App("item", vsn, {"item": item.format(more=more)})
        make_root(root, vsn, [lib, App("shop", vsn, {"kv": keeper.format(vsn=vsn)})])
    (planned,) = library.preview(helper, [Path(f"{root}@1.0.0")], Path(f"{root}@2.0.0"))
    assert planned.plan is not None
    assert (planned.verdict, [each.code for each in planned.diagnostics]) == ("migrate", ["M509"])
    assert "'item" in library.generated(planned.plan) or "{item," in library.generated(planned.plan)


def test_what_changed_between_two_releases(helper: Helper, tmp_path: Path) -> None:
    """Modules are added, deleted, changed or the same by their code, with what inject put in left out."""
    old, new = tmp_path / "old", tmp_path / "new"
    for place, shop in ((old, OLD), (new, NEW)):
        make_app(place, shop)
        make_app(place, DEP)
    with opened(old) as one, opened(new) as two:
        changes = {each.name: each for each in matched(helper, one, two)}
    assert [(each.module, each.change) for each in changes["shop"].modules] == [
        ("come", "added"),
        ("gone", "deleted"),
        ("kv", "changed"),
    ]
    assert [each.change for each in changes["dep"].modules] == ["same"]
    assert same_versions(list(changes.values())) == ()
    copy = shutil.copytree(new, tmp_path / "copy")
    result = library.inject(helper, [old], new)
    library.write(result.injected)
    with opened(new) as one, opened(copy) as two:
        assert [each.changed for each in matched(helper, one, two)] == [(), ()]


def test_another_compiler_is_no_change(helper: Helper, bench: Bench, tmp_path: Path) -> None:
    """What another compiler made of the same source is the same module, wherever its lines stand; other code is not."""
    answer = "-module(dep).\n-export([f/1]).\nf(A) ->\n    case A of 1 -> {n}; _ -> g(A) end.\ng(A) -> [A].\n"
    twos, threes = answer.format(n="lists:seq(1, 2)"), answer.format(n="lists:seq(1, 3)")
    for place, source in (("old", twos), ("again", f"\n%% moved\n{twos}"), ("other", threes)):
        ebin = make_app(tmp_path / place, App("dep", "0.3", {"dep": source}))
        if place != "old":
            # Code of another compiler: other instructions, and its own version in the compile info.
            compile_text(source, ebin, "+no_line_info", module="dep")
            rewrite(bench, ebin / "dep.beam", "CInf", 'lists:keystore(version, 1, Term, {version, "7.6"})')
    for place, change in (("again", "same"), ("other", "changed")):
        with opened(tmp_path / "old") as one, opened(tmp_path / place) as second:
            assert [each.change for app in matched(helper, one, second) for each in app.modules] == [change]


def test_changed_code_wants_another_vsn(helper: Helper, tmp_path: Path) -> None:
    """An application whose code changed and whose vsn did not is M142, and one that stayed as it is none."""
    make_app(tmp_path / "old", DEP)
    make_app(tmp_path / "new", _changed(DEP, "dep", "-module(dep).\n-export([f/0]).\nf() -> 2.\n"))
    with opened(tmp_path / "old") as old, opened(tmp_path / "new") as new:
        (found,) = same_versions(matched(helper, old, new))
    assert found.code == "M142"
    assert "dep" in found.message
    assert "0.3" in found.message


def test_one_folder_under_two_names_is_no_upgrade(tmp_path: Path) -> None:
    """With dev_mode both versions are links to one folder: M141. A dependency that both share lies where it lies."""
    build = tmp_path / "build"
    make_app(build, NEW, "shop")
    root = tmp_path / "rel"
    for vsn in ("1.0.0", "2.0.0"):
        make_root(root, vsn, [DEP])
        (root / "lib" / f"shop-{vsn}").symlink_to(build / "shop")
        rel = root / "releases" / vsn / "shop.rel"
        rel.write_text(rel.read_text().replace("[{dep", f'[{{shop, "{vsn}"}}, {{dep'), encoding="utf-8")
    with opened(Path(f"{root}@1.0.0")) as old, opened(Path(f"{root}@2.0.0")) as new, opened(build) as lib:
        assert [each and each.code for each in (one_folder(old, new), one_folder(old, lib))] == ["M141", "M141"]
        assert one_folder(new, new) is not None
    plain = make_root(tmp_path / "plain", "1.0.0", [OLD, DEP])
    make_root(plain, "2.0.0", [NEW, DEP])
    with opened(Path(f"{plain}@1.0.0")) as old, opened(Path(f"{plain}@2.0.0")) as new:
        assert one_folder(old, new) is None


def test_a_record_named_for_a_release_is_that_of_every_server_that_says_nothing(helper: Helper, tmp_path: Path) -> None:
    """`--record` with two releases: servers with that record take part; one that speaks for itself is left its own."""
    silent = (
        '-module({name}).\n-behaviour(gen_server).\n-vsn("{vsn}").\n-export([init/1, handle_call/3, handle_cast/2]).\n'
        "-record(state, {{a{more}}}).\n{said}init(A) -> {{ok, #state{{a = A}}}}.\n"
        "handle_call(_, _, S) -> {{reply, ok, S}}.\nhandle_cast(_, S) -> {{noreply, S}}.\n"
    )
    own = "-record(conn, {{c{more}}}).\n-state_record(conn).\n-export([c/0]).\nc() -> #conn{{}}.\n"
    parser = '-module(scan).\n-vsn("{vsn}").\n-export([f/1]).\n-record(state, {{a{more}}}).\nf(A) -> #state{{a = A}}.\n'
    for vsn, more in (("1", ""), ("2", ", b = 0")):
        sources = {
            "kv": silent.format(name="kv", vsn=vsn, more=more, said=""),
            "own": silent.format(name="own", vsn=vsn, more="", said=own.format(more=more)),
            "scan": parser.format(vsn=vsn, more=more),
            "same": silent.format(name="same", vsn=vsn, more="", said=""),
        }
        make_app(tmp_path / vsn, App("shop", vsn, sources))
    planned = library.preview(helper, [tmp_path / "1"], tmp_path / "2", Request(choice=Choice("state")))
    told = {each.new.name: (each.verdict, each.plan and each.plan.state.name) for each in planned if each.new}
    assert told == {"kv": ("migrate", "state"), "own": ("migrate", "conn"), "same": ("unchanged", "state")}
    said = library.preview(helper, [tmp_path / "1"], tmp_path / "2")
    assert [(each.job.new.stem, [one.code for one in each.diagnostics]) for each in said] == [
        ("kv", ["M450"]),
        ("own", []),
    ]
