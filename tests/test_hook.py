"""`hook`: all migrations of a release in one run, in each shape that a release has, all of them or none."""

from __future__ import annotations

import gzip
import json
import shutil
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from migrator.diagnostics import Refused
from migrator.errors import InputFault
from migrator.lockfile import text_of
from migrator.locks import locked_release
from migrator.release.chunks import has_debug_info
from migrator.release.hook import Wanted, hook
from migrator.request import Request
from tests.support.beams import compile_text
from tests.support.cases import run as run_command
from tests.support.cases import server
from tests.support.hooks import PURE, apps, beams_in, codes, refused, unpacked
from tests.support.releases import App, make_root, make_tar

if TYPE_CHECKING:
    from migrator.otp import Helper
    from migrator.terms import Term
    from tests.support.node import Node

pytest_plugins = ["tests.support.hooks"]


def test_all_applications_take_part(helper: Helper, roots: tuple[Path, Path], wanted: dict[str, bytes]) -> None:
    """Dependencies too are migrated, all other files stay, modes are kept, and beams have the time of now."""
    old, new = roots
    kv = new / "lib/shop-2.0/ebin/kv.beam"
    kv.chmod(0o640)
    before = beams_in(new)
    started = time.time()
    run = hook(helper, [old / "lib"], new / "lib", Request())
    assert (run.exit, [each.outcome for each in run.modules]) == (0, ["injected", "injected"])
    assert [each.application for each in run.modules] == ["dep", "shop"]
    assert beams_in(new) == {**before, **wanted}
    assert kv.stat().st_mode & 0o777 == 0o640
    assert kv.stat().st_mtime >= int(started)
    assert not list(new.rglob(".migrator*"))


def test_twice_is_once(helper: Helper, roots: tuple[Path, Path]) -> None:
    """The same again touches no file."""
    old, new = roots
    hook(helper, [old], new, Request())
    before = {path: (path.stat().st_mtime_ns, path.stat().st_ino) for path in new.rglob("*")}
    run = hook(helper, [old], new, Request())
    assert [each.outcome for each in run.modules] == ["already", "already"]
    assert {path: (path.stat().st_mtime_ns, path.stat().st_ino) for path in new.rglob("*")} == before


def _given(root: Path, shape: str) -> Path:
    """The release in that shape."""
    vsn = next((root / "releases").iterdir()).name
    if shape == "tarball":
        return make_tar(root, root.parent / f"shop-{vsn}.tar.gz")
    return {"lib": root / "lib", "root": root, "named": Path(f"{root}@{vsn}")}[shape]


@pytest.mark.parametrize("old", ["lib", "root", "named", "tarball", "lock"])
@pytest.mark.parametrize("new", ["lib", "root", "named", "tarball"])
def test_every_shape_gives_the_same_beams(  # noqa: PLR0913, PLR0917 - fixtures
    old: str, new: str, helper: Helper, roots: tuple[Path, Path], wanted: dict[str, bytes], tmp_path: Path
) -> None:
    """Whatever shape OLD and NEW are given in, the beams are those of `inject`, byte for byte."""
    before = beams_in(roots[1])
    source = _lock(helper, roots[0], tmp_path / "states.lock") if old == "lock" else _given(roots[0], old)
    target = _given(roots[1], new)
    run = hook(helper, [source], target, Request())
    assert run.exit == 0
    after = beams_in(unpacked(target, tmp_path / "out") if new == "tarball" else roots[1])
    assert after == {**before, **wanted}
    assert all(str(tmp_path) in str(each.path) for each in run.modules)


def _lock(helper: Helper, root: Path, path: Path) -> Path:
    path.write_text(text_of(locked_release(helper, root, Request()).entries))
    return path


def test_an_ebin_alone(helper: Helper, roots: tuple[Path, Path], wanted: dict[str, bytes]) -> None:
    """Of two `ebin` folders that application alone is done."""
    old, new = (root / "lib" / f"shop-{vsn}" / "ebin" for root, vsn in zip(roots, ("1.0", "2.0"), strict=True))
    before = beams_in(roots[1])
    assert hook(helper, [old], new, Request()).exit == 0
    assert beams_in(roots[1]) == {**before, "kv": wanted["kv"]}


def test_a_tarball_twice(helper: Helper, roots: tuple[Path, Path], tmp_path: Path) -> None:
    """The same again leaves the tarball's file alone; the same inputs give the same bytes."""
    old, new = roots
    tarball = make_tar(new, tmp_path / "shop.tar.gz")
    shutil.copyfile(tarball, tmp_path / "again.tar.gz")
    hook(helper, [old], tarball, Request())
    status = tarball.stat()
    run = hook(helper, [old], tarball, Request())
    assert [each.outcome for each in run.modules] == ["already", "already"]
    assert (tarball.stat().st_ino, tarball.stat().st_mtime_ns) == (status.st_ino, status.st_mtime_ns)
    hook(helper, [old], tmp_path / "again.tar.gz", Request())
    assert (tmp_path / "again.tar.gz").read_bytes() == tarball.read_bytes()


def _replaced(root: Path, app: str, module: str, source: str, tmp_path: Path) -> None:
    """Puts another build of a module into a release."""
    made = make_root(tmp_path / f"other-{module}", "x", [App(app, "x", {module: source})])
    shutil.copyfile(made / f"lib/{app}-x/ebin/{module}.beam", next(root.glob(f"lib/{app}-*/ebin/{module}.beam")))


def test_undecided_are_told_all_at_once(helper: Helper, roots: tuple[Path, Path], tmp_path: Path) -> None:
    """What a person must decide is told of all modules, one after the other, and nothing is written."""
    old, new = roots
    _replaced(new, "shop", "kv", server("name", vsn='"2.0"', name="kv"), tmp_path)
    _replaced(new, "dep", "pool", server("users", vsn='"2.0"', name="pool"), tmp_path)
    before = beams_in(new)
    run = hook(helper, [old], new, Request())
    assert run.exit == 3
    open_ = [(each.code, each.module) for each in run.diagnostics if each.severity == "decision"]
    assert open_ == [("M301", "pool"), ("M301", "kv")]
    assert beams_in(new) == before
    allowed = hook(helper, [old], new, Request(allow=frozenset({"drop"})))
    assert [each.outcome for each in allowed.modules] == ["injected", "injected"]


def test_a_word_is_no_attribute(helper: Helper, tmp_path: Path) -> None:
    """A module without debug info that calls a function or anything else `state_record` is passed by."""
    for vsn in ("1.0", "2.0"):
        source = f"-module(m).\n-export([state_record/0]).\n-note([state_record]).\nstate_record() -> {vsn}.\n"
        root = make_root(tmp_path / vsn, vsn, [App("shop", vsn, {"m": source, "kv": server("name", name="kv")})])
        compile_text(source, root / f"lib/shop-{vsn}/ebin", "+no_debug_info", module="m")
    run = hook(helper, [tmp_path / "1.0"], tmp_path / "2.0", Request())
    assert (run.exit, [each.planned.job.new.stem for each in run.modules]) == (0, ["kv"])


def test_one_that_fails_stops_all(helper: Helper, roots: tuple[Path, Path]) -> None:
    """Where one beam cannot be read, none is changed."""
    old, new = roots
    path = new / "lib/dep-2.0/ebin/pool.beam"
    path.write_bytes(path.read_bytes()[:200] + b"state_record")
    before = beams_in(new)
    run = hook(helper, [old], new, Request())
    assert (run.exit, codes(run)) == (4, ["M104"])
    assert beams_in(new) == before


def test_paths_that_are_not_there(helper: Helper, roots: tuple[Path, Path], tmp_path: Path) -> None:
    """A release that is not there is named."""
    for old, new in ((tmp_path / "none", roots[1]), (roots[0], tmp_path / "none")):
        with pytest.raises(InputFault) as fault:
            hook(helper, [old], new, Request())
        assert (fault.value.reason, fault.value.path) == ("no_such_file", tmp_path / "none")


def test_one_folder_under_two_names(helper: Helper, roots: tuple[Path, Path], tmp_path: Path) -> None:
    """With `dev_mode` both versions are one folder, and a release is not upgraded to itself: M141."""
    _, new = roots
    linked = tmp_path / "rel" / "lib"
    linked.mkdir(parents=True)
    (linked / "shop-1.0").symlink_to(new / "lib" / "shop-2.0")
    assert refused(helper, [linked], new / "lib") == ["M141"]
    assert refused(helper, [new], new) == ["M141"]


def test_code_that_changed_without_a_new_vsn(helper: Helper, roots: tuple[Path, Path], tmp_path: Path) -> None:
    """An application whose code changed and whose vsn did not is refused; what `hook` itself changed does not count."""
    old, new = roots
    copy = tmp_path / "copy"
    shutil.copytree(new, copy)
    hook(helper, [old], new, Request())
    assert hook(helper, [old, new], copy, Request()).exit == 0
    _replaced(copy, "shop", "text", PURE.format(vsn=3), tmp_path)
    assert refused(helper, [new], copy) == ["M142"]


def test_a_module_that_moved(helper: Helper, roots: tuple[Path, Path]) -> None:
    """A module that moved between applications is found and migrated, and it is said."""
    old, new = roots
    (new / "lib/dep-2.0/ebin/pool.beam").rename(new / "lib/shop-2.0/ebin/pool.beam")
    (new / "lib/dep-2.0/ebin/dep.app").unlink()
    run = hook(helper, [old / "lib"], new / "lib", Request())
    assert [(each.application, each.planned.job.new.stem) for each in run.modules] == [("shop", "kv"), ("shop", "pool")]
    assert "M424" in codes(run)


def _stripped(root: Path, node: Node) -> None:
    """Strips all beams as relx does."""
    for path in root.rglob("*.beam"):
        answer = node.apply("beam_lib", "strip", path.read_bytes(), [list(b"Attr")])
        assert isinstance(answer, tuple)
        assert isinstance(answer[1], tuple)
        assert isinstance(answer[1][1], bytes)
        path.write_bytes(answer[1][1])


@pytest.mark.parametrize("debug", ["lib", "root", "tarball", "lock"])
def test_stripped_releases(  # noqa: PLR0913, PLR0917 - fixtures
    debug: str,
    helper: Helper,
    node: Node,
    built: Path,
    roots: tuple[Path, Path],
    wanted: dict[str, bytes],
    tmp_path: Path,
) -> None:
    """With debug info from elsewhere the beams are those of `inject`, stripped and compressed as those before."""
    old, new = roots
    for root in roots:
        _stripped(root, node)
    source = {
        "lib": built / "1.0/lib",
        "root": built / "1.0",
        "tarball": make_tar(built / "1.0", tmp_path / "debug.tar.gz"),
        "lock": tmp_path / "states.lock",
    }[debug]
    if debug == "lock":
        _lock(helper, built / "1.0", source)
    before = beams_in(new)
    assert set(codes(hook(helper, [old], new, Request()))) == {"M107"}
    run = hook(helper, [old], new, Request(), Wanted((source,), (built / "2.0",)))
    assert run.exit == 0
    (tmp_path / "ebin").mkdir()
    for name, beam in wanted.items():
        (tmp_path / "ebin" / f"{name}.beam").write_bytes(beam)
    _stripped(tmp_path / "ebin", node)
    assert beams_in(new) == {**before, **beams_in(tmp_path / "ebin")}
    assert not any(has_debug_info(each) for each in beams_in(new).values())
    again = hook(helper, [old], new, Request(), Wanted((source,), (built / "2.0",)))
    assert [each.outcome for each in again.modules] == ["already", "already"]
    node.load("kv", beams_in(new)["kv"])
    state = node.apply("kv", "code_change", list(b"1.0"), _term(node, "{state, me, #{a => 1}}"), [])
    assert state == _term(node, "{ok, {state, me, #{a => 1}, 0}}")


def _term(node: Node, text: str) -> Term:
    tokens = node.apply("erl_scan", "string", list(f"{text}.".encode()))
    assert isinstance(tokens, tuple)
    parsed = node.apply("erl_parse", "parse_term", tokens[1])
    assert isinstance(parsed, tuple)
    return parsed[1]


def test_an_old_release_that_was_itself_injected(
    helper: Helper, node: Node, built: Path, roots: tuple[Path, Path], tmp_path: Path
) -> None:
    """A stripped release that a hook had changed is matched with the debug info of before that change."""
    old, second = roots
    hook(helper, [old], second, Request())
    _stripped(second, node)
    third = make_root(tmp_path / "3.0", "3.0", apps("3.0", "name, users = #{}, hits = 0, more = []"))
    run = hook(helper, [second], third, Request(), Wanted((built / "2.0",)))
    assert [each.outcome for each in run.modules] == ["injected", "injected"]


def test_no_stripped_beam_loses_an_earlier_migration(
    helper: Helper, node: Node, built: Path, roots: tuple[Path, Path], tmp_path: Path
) -> None:
    """A later run from another OLD alone, which would make the beams without the first migration, is refused: M153."""
    first, new = roots
    second = make_root(tmp_path / "1.5", "1.5", apps("1.5", "name"))
    _stripped(new, node)
    debug = Wanted((), (built / "2.0",))
    assert hook(helper, [first], new, Request(), debug).exit == 0
    before = beams_in(new)
    run = hook(helper, [second], new, Request(), debug)
    assert (run.exit, codes(run)) == (4, ["M153", "M153"])
    assert '"1.0"' in run.diagnostics[0].message
    assert beams_in(new) == before
    both = hook(helper, [first, second], new, Request(), debug)
    assert [each.outcome for each in both.modules] == ["injected", "injected"]
    assert hook(helper, [second, first], new, Request(), debug).exit == 0


def test_debug_info_that_was_migrated_since(
    helper: Helper, node: Node, built: Path, roots: tuple[Path, Path], tmp_path: Path
) -> None:
    """A stripped release packed without migrations takes the debug info of a lib folder that has them by now."""
    old, new = roots
    lib = tmp_path / "lib"
    shutil.copytree(built / "2.0/lib", lib)
    assert hook(helper, [old], lib, Request()).exit == 0
    _stripped(new, node)
    assert not any(b"state_migrated" in gzip.decompress(each) for each in beams_in(new).values())
    run = hook(helper, [old], new, Request(), Wanted((), (lib,)))
    assert (run.exit, [each.outcome for each in run.modules]) == (0, ["injected", "injected"])
    _stripped(lib, node)
    assert beams_in(new) == beams_in(lib)


def test_a_refused_tarball_is_called_as_it_was_given(
    helper: Helper, node: Node, built: Path, roots: tuple[Path, Path], tmp_path: Path
) -> None:
    """What is said of a file in a tarball names the tarball, not the folder where it lies for a moment."""
    old, new = roots
    other = tmp_path / "other"
    shutil.copytree(built / "2.0", other)
    _replaced(other, "shop", "kv", server("name, other", vsn='"2.0"', name="kv"), tmp_path)
    _stripped(new, node)
    tarball = make_tar(new, tmp_path / "shop.tar.gz")
    with pytest.raises(Refused) as refusal:
        hook(helper, [old], tarball, Request(), Wanted((), (other,)))
    assert [each.place for each in refusal.value.diagnostics] == [f"{tarball}/lib/shop-2.0/ebin/kv.beam"]
    assert "migrator-" not in str(refusal.value.diagnostics)


def test_debug_info_of_another_build(
    helper: Helper, node: Node, built: Path, roots: tuple[Path, Path], tmp_path: Path
) -> None:
    """Debug info that does not fit the stripped beam's code is refused: M152, and nothing is written."""
    old, new = roots
    other = tmp_path / "other"
    shutil.copytree(built / "2.0", other)
    _replaced(other, "shop", "kv", server("name, other", vsn='"2.0"', name="kv"), tmp_path)
    _stripped(new, node)
    before = beams_in(new)
    assert refused(helper, [old], new, Wanted((), (other,))) == ["M152"]
    assert beams_in(new) == before


def test_appups_are_mended_in_the_same_run(helper: Helper, roots: tuple[Path, Path]) -> None:
    """Without `--fix-appup` there are warnings; with it the entry is mended beside the beams."""
    old, new = roots
    appup = new / "lib/shop-2.0/ebin/shop.appup"
    appup.write_text('{"2.0", [{"1.0", [{load_module, kv}]}], [{"1.0", []}]}. % mine\n')
    assert codes(hook(helper, [old], new, Request())) == ["M421", "M419"]
    run = hook(helper, [old], new, Request(), Wanted(appups="fix"))
    assert (codes(run), run.mended) == (["M419"], (appup,))
    update = "{update, kv, {advanced, []}}"
    assert appup.read_text() == f'{{"2.0", [{{"1.0", [{update}]}}], [{{"1.0", [{update}]}}]}}. % mine\n'


def test_a_tarball_is_judged_by_its_relup(helper: Helper, roots: tuple[Path, Path], tmp_path: Path) -> None:
    """A release that has a relup is judged by that, whatever its appups say; a tarball must have one of both."""
    old, new = roots
    assert codes(hook(helper, [old], make_tar(new, tmp_path / "none.tar.gz"), Request())) == ["M422"]
    half = '{"2.0", [{"1.0", [], [CHANGE]}], [{"1.0", [], [CHANGE]}]}.'
    change = "{suspend, [kv, pool]}, {code_change, up, [{kv, []}, {pool, []}]}, {resume, [kv, pool]}"
    relup = new / "releases/2.0/relup"
    relup.write_text(half.replace("CHANGE", change))
    assert codes(hook(helper, [old], make_tar(new, tmp_path / "good.tar.gz"), Request())) == []
    relup.write_text(half.replace("CHANGE", change.replace(", {pool, []}", "")))
    run = hook(helper, [old], make_tar(new, tmp_path / "bad.tar.gz"), Request())
    assert codes(run) == ["M422"]
    assert str(tmp_path / "bad.tar.gz") in run.diagnostics[0].place


def test_the_command(roots: tuple[Path, Path], tmp_path: Path) -> None:
    """The command tells each module on stdout; with `--format json` stdout is one document whatever the exit."""
    old, new = roots
    done = run_command("hook", old, new)
    assert done.returncode == 0
    lib = new / "lib"
    assert done.stdout == (
        f'pool: "1.0" <-> "2.0" is in {lib}/dep-2.0/ebin/pool.beam\n'
        f'kv: "1.0" <-> "2.0" is in {lib}/shop-2.0/ebin/kv.beam\n'
        "2 injected, 0 already there, 0 without a changed state\n"
    )
    said = json.loads(run_command("hook", "--format", "json", old, new).stdout)
    assert [(each["module"], each["application"], each["outcome"]) for each in said["modules"]] == [
        ("pool", "dep", "already"),
        ("kv", "shop", "already"),
    ]
    failed = run_command("hook", "--format", "json", tmp_path / "none", new)
    assert failed.returncode == 4
    assert [each["code"] for each in json.loads(failed.stdout)["diagnostics"]] == ["M101"]
