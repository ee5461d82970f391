"""`appup` with what people wrote beside the source, and judged by systools before anything is written."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from migrator.release.drafts import Move, Prepared, Steps, Upgrade, Versions
from migrator.release.instructions import Load, Update, term_of
from migrator.release.scripts import written
from migrator.terms import term_text
from tests.support.appups import App, entries, module, release, relup, server
from tests.support.cases import contents, run

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def new(tmp_path: Path) -> Path:
    """Two releases of one application with a changed server; gives the folder of the new application."""
    release(tmp_path / "old", shop=App("1.0.0", {"kv": server("kv"), "plain": module("plain")}))
    changed = {"kv": server("kv", "changed"), "plain": module("plain", "f() -> 1.", exports="f/0")}
    folder = release(tmp_path / "new", shop=App("2.0.0", changed)) / "shop-2.0.0"
    (folder / "src").mkdir()
    return folder


def test_what_appup_src_comes_to_is_started_from(new: Path, tmp_path: Path) -> None:
    """Its entries for other versions are there, with the variables filled in; ours is added, and twice is once."""
    (new / "src/shop.appup.src").write_text('{"{{vsn}}", [{"{{was}}", [restart_emulator]}], []}.\n')
    arguments = ["appup", "--define", "was=0.9", tmp_path / "old/lib", tmp_path / "new/lib"]
    assert run(*arguments).returncode == 0
    vsn, up, _ = entries(new / "ebin/shop.appup")
    assert (vsn, list(up)) == ("2.0.0", ["1.0.0", "0.9"])
    before = contents(new)
    assert ", unchanged" in run(*arguments).stdout
    assert contents(new) == before


def test_fragments_go_around(new: Path, tmp_path: Path) -> None:
    """What is written to go before and behind does; a module that has an instruction there gets none of ours."""
    (new / "src/shop.appup.pre.src").write_text(
        '{"2.*", [{"1.*", [{apply, {io, format, ["up"]}}, {load_module, plain}]}], []}.\n'
    )
    (new / "src/shop.appup.post.src").write_text('{".*", [], [{<<".*">>, [{apply, {io, format, ["down"]}}]}]}.\n')
    done = run("appup", tmp_path / "old/lib", tmp_path / "new/lib")
    _, up, down = entries(new / "ebin/shop.appup")
    step = "{update,kv,{advanced,[]},brutal_purge,brutal_purge,[]}"
    assert [term_text(each) for each in up["1.0.0"]] == [  # type: ignore[union-attr]
        '{apply,{io,format,["up"]}}',
        "{load_module,plain}",
        step,
    ]
    assert term_text(down["1.0.0"][-1]) == '{apply,{io,format,["down"]}}'  # type: ignore[index]
    assert done.returncode == 0
    assert '{apply,{io,format,["down"]}}' in relup(tmp_path / "old/lib", tmp_path / "new/lib")


def test_what_systools_refuses_is_not_written(new: Path, tmp_path: Path) -> None:
    """An instruction that is none, or a module that the .app does not list, is an error, and nothing is written."""
    (new / "src/shop.appup.pre.src").write_text('{".*", [{".*", [{load_modul, plain}]}], []}.\n')
    before = contents(tmp_path)
    done = run("appup", tmp_path / "old/lib", tmp_path / "new/lib")
    assert (done.returncode, "error[M174]" in done.stderr) == (4, True)
    (new / "src/shop.appup.pre.src").unlink()
    app = new / "ebin/shop.app"
    app.write_text(app.read_text().replace("[kv, plain]", "[kv]"))
    done = run("appup", tmp_path / "old/lib", tmp_path / "new/lib")
    assert (done.returncode, "names plain, which the .app does not list" in done.stderr) == (4, True)
    assert not set(contents(tmp_path)) - set(before)


def test_an_instruction_that_must_be_done_by_itself() -> None:
    """It comes before those that it must, and hangs together with none by a dependency; the others keep their order."""
    versions = {name: Versions(name, "shop", None, None) for name in ("a", "sup", "w", "z")}
    instructions = {
        "a": Load("a"),
        "w": Update("w", deps=("a",)),
        "sup": Update("sup", deps=("w",)),
        "z": Load("z", ("a",)),
    }
    upgrade = Upgrade(None, {}, versions, instructions, ("a", "w", "z", "sup"), (), (), (), ())  # type: ignore[arg-type]
    steps = {"shop": Steps(moves=(Move("sup", before=("w",)),))}
    made = written(upgrade, "shop", Prepared(steps, steps))
    assert [term_text(term_of(each)) for each in made.up] == [
        "{load_module,a}",
        "{update,sup,soft,brutal_purge,brutal_purge,[]}",
        "{update,w,soft,brutal_purge,brutal_purge,[]}",
        "{load_module,z,[a]}",
    ]
    assert [each.module for each in made.down if each is not None] == ["sup", "z", "w", "a"]  # type: ignore[union-attr]
