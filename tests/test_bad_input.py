"""Bad input, each a diagnostic with its own code and exit code, and nothing written."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support.cases import contents, refused, rewrite, run, server, with_chunk

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.cases import Bench

pytest_plugins = ["tests.support.bench"]

OLD = server("a")
NEW = server("a, b = 5", vsn='"2"')


def forms(expression: str) -> str:
    """Debug info with other forms or options, made of `Forms` and `Options`."""
    return (
        "(fun({debug_info_v1, erl_abstract_code, {Forms, Options}}) ->"
        f" {{debug_info_v1, erl_abstract_code, {expression}}} end)(Term)"
    )


def _absent(_: Bench, old: Path, new: Path) -> tuple[Path, Path]:
    return old, new.with_name("absent.beam")


def _absent_old(_: Bench, old: Path, new: Path) -> tuple[Path, Path]:
    return old.with_name("absent.beam"), new


def _folder(_: Bench, old: Path, new: Path) -> tuple[Path, Path]:
    return old, new.parent


def _text(_: Bench, old: Path, new: Path) -> tuple[Path, Path]:
    new.write_text("-module(m).\n")
    return old, new


def _empty(_: Bench, old: Path, new: Path) -> tuple[Path, Path]:
    old.write_bytes(b"")
    return old, new


def _cut(_: Bench, old: Path, new: Path) -> tuple[Path, Path]:
    new.write_bytes(new.read_bytes()[:-100])
    return old, new


def _longer(_: Bench, old: Path, new: Path) -> tuple[Path, Path]:
    old.write_bytes(old.read_bytes() + b"more")
    return old, new


def _bad_gzip(_: Bench, old: Path, new: Path) -> tuple[Path, Path]:
    new.write_bytes(b"\x1f\x8b\x08\x00" + new.read_bytes())
    return old, new


def _other_module(bench: Bench, _: Path, new: Path) -> tuple[Path, Path]:
    return bench.compile(server("a", name="other"), "other", name="other"), new


def _swapped(_: Bench, old: Path, new: Path) -> tuple[Path, Path]:
    return new, old


def _stripped(bench: Bench, old: Path, new: Path) -> tuple[Path, Path]:
    bench.eval(f'{{ok, _}} = beam_lib:strip_files(["{new}"])')
    return old, new


def _without(bench: Bench, old: Path, new: Path) -> tuple[Path, Path]:
    return bench.compile(OLD, old.parent.name, "[no_debug_info]"), new


def _no_chunk(_: Bench, old: Path, new: Path) -> tuple[Path, Path]:
    new.write_bytes(with_chunk(new.read_bytes(), "Dbgi", None))
    return old, new


def _encrypted(bench: Bench, old: Path, new: Path) -> tuple[Path, Path]:
    if bench.eval("is_list(catch crypto:info_lib())") == "false":
        pytest.skip("this Erlang has no crypto")
    return old, bench.compile(NEW, new.parent.name, '[debug_info, {debug_info_key, "a key"}]')


def _backend(bench: Bench, old: Path, new: Path) -> tuple[Path, Path]:
    rewrite(bench, new, "Dbgi", "{debug_info_v1, elixir_erl, {elixir_v1, #{}, []}}")
    return old, new


def _no_record(bench: Bench, old: Path, new: Path) -> tuple[Path, Path]:
    del new
    return old, bench.compile(NEW.replace("-state_record(state)", "-state_record(sate)"), "v2")


def _no_old_record(bench: Bench, old: Path, new: Path) -> tuple[Path, Path]:
    del old
    return bench.compile(server("a", record="other").replace("-state_record(other).", ""), "v1"), new


def _silent(bench: Bench, old: Path, new: Path) -> tuple[Path, Path]:
    del new
    return old, bench.compile(NEW.replace("-state_record(state).", ""), "v2")


def _two(bench: Bench, old: Path, new: Path) -> tuple[Path, Path]:
    del new
    return old, bench.compile(server("a, b = 5", "-state_record(other).\n-record(other, {x}).", vsn='"2"'), "v2")


def _no_name(bench: Bench, old: Path, new: Path) -> tuple[Path, Path]:
    del new
    return old, bench.compile(NEW.replace("-state_record(state).", '-state_record("state").'), "v2")


def _decides(text: str) -> Callable[[Bench, Path, Path], tuple[Path, Path]]:
    def made(bench: Bench, old: Path, new: Path) -> tuple[Path, Path]:
        del new
        return old, bench.compile(server("a, b = 5", f"-state_migration([{text}]).", vsn='"2"'), "v2")

    return made


def _uncompilable(bench: Bench, old: Path, new: Path) -> tuple[Path, Path]:
    broken = (
        "{function, {99, 1}, broken, 0, [{clause, {99, 1}, [], [], [{call, {99, 5}, {atom, {99, 5}, nowhere}, []}]}]}"
    )
    rewrite(bench, new, "Dbgi", forms(f"{{lists:droplast(Forms) ++ [{broken}, lists:last(Forms)], Options}}"))
    return old, new


def _core_transform(bench: Bench, old: Path, new: Path) -> tuple[Path, Path]:
    rewrite(bench, new, "Dbgi", forms("{Forms, [{core_transform, some_transform} | Options]}"))
    return old, new


def _not_ours(bench: Bench, old: Path, new: Path) -> tuple[Path, Path]:
    del new
    return old, bench.compile(server("a, b = 5", "-state_migrated([{made, by_hand}]).", vsn='"2"'), "v2")


def _read_only(_: Bench, old: Path, new: Path) -> tuple[Path, Path]:
    new.chmod(0o444)
    return old, new


def _unreadable(_: Bench, old: Path, new: Path) -> tuple[Path, Path]:
    # Opens and cannot be read, for root too.
    del new
    return old, Path("/proc/self/mem")


def _of_otp(version: str) -> Callable[[Bench, Path, Path], tuple[Path, Path]]:
    def made(bench: Bench, old: Path, new: Path) -> tuple[Path, Path]:
        rewrite(bench, new, "CInf", f'lists:keystore(version, 1, Term, {{version, "{version}"}})')
        return old, new

    return made


CASES: dict[str, tuple[str, int, Callable[[Bench, Path, Path], tuple[Path, Path]], str]] = {
    "no such file": ("M101", 4, _absent, "absent.beam: no such file"),
    "no such old file": ("M101", 4, _absent_old, "absent.beam"),
    "a folder": ("M102", 4, _folder, "is a folder"),
    "source instead of a beam": ("M103", 4, _text, "is not a beam"),
    "an empty file": ("M103", 4, _empty, "is not a beam"),
    "a truncated beam": ("M104", 4, _cut, "cut off"),
    "more than a beam": ("M104", 4, _longer, "more in the file"),
    "a broken gzip stream": ("M104", 4, _bad_gzip, "gzip"),
    "a beam of another module": ("M105", 4, _other_module, "not two versions of one module"),
    "old and new swapped": ("M106", 4, _swapped, "swapped"),
    "a stripped beam": ("M107", 4, _stripped, "debug_info"),
    "built without debug info": ("M107", 4, _without, "debug_info"),
    "no debug info chunk": ("M107", 4, _no_chunk, "debug_info"),
    "encrypted without a key": ("M108", 4, _encrypted, ".erlang.crypt"),
    "another backend": ("M109", 4, _backend, "elixir_erl"),
    "no record of that name": ("M110", 4, _no_record, "no record sate"),
    "no such record before": ("M110", 4, _no_old_record, "no record state"),
    "no state_record": ("M111", 4, _silent, "-state_record(state)."),
    "two state_record": ("M112", 4, _two, "-state_record(state)., -state_record(other)."),
    "a name that is none": ("M114", 4, _no_name, "names no record"),
    "a decision that fits nothing": ("M113", 4, _decides("{rename, aa, b}"), "did you mean a?"),
    "an unreadable decision": ("M114", 4, _decides("{rename, one}"), "is no decision"),
    "a module that does not compile again": ("M115", 4, _uncompilable, "m.erl:99:5: function nowhere/0 undefined"),
    "a core transform": ("M116", 4, _core_transform, "some_transform"),
    "a state_migrated of another's": ("M117", 4, _not_ours, "state_migrated"),
    "a read-only target": ("M118", 4, _read_only, "chmod u+w"),
    "a file that cannot be read": ("M119", 4, _unreadable, "cannot be read"),
    "a newer OTP's beam": ("M202", 5, _of_otp("8.5.1"), "OTP 27"),
    "an older OTP's beam": ("M202", 5, _of_otp("7.6"), "OTP 23"),
    "an unknown OTP's beam": ("M202", 5, _of_otp("99.1"), "99.1"),
}


@pytest.mark.parametrize("name", CASES)
def test_it_is_refused_and_nothing_is_written(bench: Bench, name: str) -> None:
    """Each kind of bad input has its code, its exit and its words, and leaves every file as it was."""
    code, exit_code, make, said = CASES[name]
    old, new = bench.beams(OLD, NEW)
    given = make(bench, old, new)
    assert said in refused(bench, code, exit_code, *given)


def test_a_beam_of_another_otp_with_nothing_to_do(bench: Bench) -> None:
    """A dependency that another OTP built is no trouble where its state is the same: nothing is compiled into it."""
    old, new = bench.beams(OLD, OLD.replace('-vsn("1")', '-vsn("2")'))
    rewrite(bench, new, "CInf", 'lists:keystore(version, 1, Term, {version, "7.6"})')
    done = run("inject", old, new)
    assert (done.returncode, done.stderr) == (0, "")
    assert "nothing to do" in done.stdout


def test_a_key_that_does_not_fit(bench: Bench, tmp_path: Path) -> None:
    """Debug info that the key at hand does not open is M108."""
    old, new = bench.beams(OLD, NEW)
    _encrypted(bench, old, new)
    home = tmp_path / "home"
    home.mkdir()
    (home / ".erlang.crypt").write_text('[{debug_info, des3_cbc, [], "another key"}].\n')
    assert "M108" in refused(bench, "M108", 4, old, new, HOME=str(home), XDG_CACHE_HOME=cache_home())


def cache_home() -> str:
    """Where the helper is kept compiled, whatever HOME says."""
    return os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")


@pytest.mark.parametrize("how", ["option", "variable"])
def test_no_erlang(bench: Bench, how: str) -> None:
    """No erl where it is looked for is M201, exit 5, and says how to get one."""
    given = bench.beams(OLD, NEW)
    if how == "option":
        said = refused(bench, "M201", 5, "--erl", "/nonexistent/erl", *given)
    else:
        said = refused(bench, "M201", 5, *given, MIGRATOR_ERL="/nonexistent/erl")
    assert "/nonexistent/erl" in said
    assert "--erl PATH" in said


def test_nothing_to_work_on(bench: Bench) -> None:
    """Two folders without a beam are M120."""
    for name in ("one", "two"):
        (bench.folder / name).mkdir()
    refused(bench, "M120", 4, bench.folder / "one", bench.folder / "two")


def test_an_application_in_two_places(bench: Bench) -> None:
    """A release that holds one application twice is M123."""
    for folder in ("one/lib/app-1/ebin", "two/lib/app-1/ebin", "two/lib/app-2/ebin"):
        bench.compile(OLD, folder)
    refused(bench, "M123", 4, bench.folder / "one", bench.folder / "two")


@pytest.mark.parametrize("command", ["eject", "inspect", "scan"])
@pytest.mark.parametrize("name", ["no such file", "source instead of a beam", "a truncated beam"])
def test_the_other_commands_refuse_too(bench: Bench, command: str, name: str) -> None:
    """eject, inspect and scan refuse what is no beam with the same codes, and write nothing."""
    code, exit_code, make, _ = CASES[name]
    _, bad = make(bench, *bench.beams(OLD, NEW))
    before = contents(bench.folder)
    done = run(command, bad)
    assert (done.returncode, code in done.stderr, "Traceback" in done.stderr) == (exit_code, True, False)
    assert contents(bench.folder) == before
