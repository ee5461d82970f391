"""What a file may ask for is bounded: atoms, memory, nesting, time; beyond it a diagnostic says which file."""

from __future__ import annotations

import io
import os
import resource
import socket
import subprocess
import tarfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from migrator import library
from migrator.diagnostics import CATALOGUE, MOST_LISTED, MOST_SHOWN, Diagnostic, Refused, bounded
from migrator.lockfile import Entry, text_of
from migrator.release.members import MOST_MEMBERS
from migrator.render.json import diagnostics_json
from migrator.render.report import render_report
from tests.support import hostile
from tests.support.cases import command_line, contents, environment, run, server, with_chunk

if TYPE_CHECKING:
    from collections.abc import Callable

    from migrator.otp import Helper
    from tests.support.cases import Bench

pytest_plugins = ["tests.support.bench"]

MB = 1 << 20


def _literals(beam: bytes) -> bytes:
    bomb = hostile.packed(bytes(200 * MB))[6:]
    return with_chunk(beam, "LitT", (100).to_bytes(4) + bomb)


def _claiming(beam: bytes) -> bytes:
    # Believable by its size, and nothing of it is true.
    return with_chunk(beam, "Dbgi", b"\x83\x50" + (100 * MB).to_bytes(4) + bytes(MB))


BEAMS: dict[str, tuple[str, Callable[[bytes], bytes]]] = {
    "a million names in debug info": (
        "M155",
        lambda beam: with_chunk(beam, "Dbgi", hostile.debug_info(hostile.names(1_001_000))),
    ),
    "a million atoms": ("M155", lambda beam: with_chunk(beam, "AtU8", hostile.atom_chunk(1_100_000))),
    "terms for 1.5 GB": (
        "M156",
        lambda beam: with_chunk(beam, "Dbgi", hostile.packed(b"l" + (10**8).to_bytes(4) + b"j" * (10**8 + 1))),
    ),
    "a chunk for 190 MB": ("M156", lambda beam: with_chunk(beam, "Dbgi", hostile.packed(bytes(190 * MB)))),
    "literals for 200 MB": ("M156", _literals),
    "a size that is not true": ("M104", _claiming),
    "deep decisions": ("M158", lambda beam: with_chunk(beam, "Dbgi", hostile.debug_info(hostile.nested(100_000)))),
    "a deep vsn": (
        "M158",
        lambda beam: with_chunk(
            beam, "Attr", b"\x83" + hostile.list_of([hostile.tuple_of(hostile.atom("vsn"), hostile.nested(100_000))])
        ),
    ),
    # The module's own form is not found among them.
    "deep forms": (
        "M105",
        lambda beam: with_chunk(
            beam,
            "Dbgi",
            hostile.packed(
                hostile.tuple_of(
                    hostile.atom("debug_info_v1"),
                    hostile.atom("erl_abstract_code"),
                    hostile.tuple_of(hostile.list_of([hostile.nested(100_000)]), hostile.nested(100_000)),
                )
            ),
        ),
    ),
}


@pytest.mark.parametrize("name", BEAMS)
def test_a_beam_that_asks_for_too_much(bench: Bench, helper: Helper, name: str) -> None:
    """The beam is named with what is too much of it, its bytes stay, and the helper goes on with the next one."""
    code, make = BEAMS[name]
    old, new = bench.beams(server("a"), server("a, b", vsn='"2"'))
    sound = new.read_bytes()
    new.write_bytes(make(sound))
    before = new.read_bytes()
    found = library.inject(helper, [old], new).diagnostics
    assert ([each.code for each in found], str(new) in found[0].message) == ([code], True)
    assert new.read_bytes() == before
    new.write_bytes(sound)
    assert library.inject(helper, [old], new).exit == 0


def test_the_memory_it_takes(bench: Bench) -> None:
    """Of all these beams in one folder the command and its Erlang together take less than 2 GB, and each is named."""
    ebin = bench.compile(server("a"), "ebin").parent
    sound = (ebin / "m.beam").read_bytes()
    for number, (_, make) in enumerate(BEAMS.values()):
        (ebin / f"m{number}.beam").write_bytes(make(sound))
    done = run("scan", ebin)
    assert (done.returncode, "Traceback" in done.stderr) == (4, False)
    # A deep vsn is no matter for `scan`.
    assert [number for number in range(len(BEAMS)) if f"m{number}.beam" in done.stderr] == [0, 1, 2, 3, 4, 5, 6, 8]
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss < 2 << 20
    assert not list(Path.cwd().glob("erl_crash.dump"))


@pytest.mark.skipif("MIGRATOR_FUZZ" not in os.environ, reason="a minute; `make fuzz` runs it")
def test_atoms_of_many_files(bench: Bench) -> None:
    """Beams that each stay below the limit are refused once all of them have named four million, and no sooner.

    A beam that was read before names nothing new, so it can be read again at any time; the helper lives.
    """
    beam = bench.compile(server("a"), "ebin/a")
    sound = beam.read_bytes()
    with library.start() as helper:

        def said(number: int) -> list[str]:
            many = hostile.list_of(hostile.atom(f"{number}x{each:x}") for each in range(900_000))
            # In a chunk that every reader of a beam decodes.
            attributes = hostile.list_of([hostile.tuple_of(hostile.atom("more"), many)])
            beam.write_bytes(with_chunk(sound, "Attr", b"\x83" + attributes))
            return [each.code for each in library.scan(helper, [beam.parent])[1]]

        seen = [said(number) for number in (0, 1, 2, 3, 4, 3)]
        beam.write_bytes(sound)
        seen += [[each.code for each in library.scan(helper, [beam.parent])[1]]]
    assert seen == [[], [], [], [], ["M155"], [], []]


def test_a_lock_of_many_names(bench: Bench) -> None:
    """Entries of a lock that name a hundred thousand atoms each come to a plan or a refusal."""
    beam = bench.compile(server("a, b", vsn='"2"'), "new")
    path = bench.folder / "states.lock"
    names = ", ".join(f"n{number:x}" for number in range(100_000))
    path.write_text(
        text_of([Entry("m", f'"{vsn}"', ("  {record, state}.", f"  {{beside, [{names}]}}.")) for vsn in range(2)]),
        encoding="utf-8",
    )
    done = run("preview", path, beam)
    assert "Traceback" not in done.stderr
    assert done.returncode in {0, 3, 4, 5}


# --- texts


@pytest.mark.parametrize(
    ("text", "code", "place"),
    [
        ("[" * 100_000, "M140", ":1:401"),
        ("[a|" * 100_000, "M140", ":1:1201"),
        ("#{" * 100_000, "M140", ":1:802"),
        ("%" * (3 * MB), "M159", ""),
        ('"' * 99_999, "M140", ":1:"),
        ("1" * (2 * MB - 1), "M140", ":1:"),
        ("<<1:99999999999>>.", "M140", ":1:"),
    ],
)
def test_a_text_that_asks_for_too_much(bench: Bench, text: str, code: str, place: str) -> None:
    """A file of terms is refused with the place, in a headline that fits a screen."""
    ebin = bench.compile(server("a"), "app/ebin").parent
    (ebin / "app.app").write_text(text, encoding="utf-8")
    with pytest.raises(Refused) if code == "M140" else pytest.raises(Exception, match="app") as caught:
        library.preview(bench.helper, [ebin], ebin)
    (found,) = library.diagnostics_of(caught.value)
    assert (found.code, place in found.place) == (code, True)
    assert len(found.message) < 300


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("migrate m.\ninit a = " + "(" * 100_000, "M114"),
        ("migrate m.\n" + "drop a.\n" * 300_000, "M159"),
        ("migrate " + "m" * MB + ".", "M113"),
    ],
)
def test_rules_that_ask_for_too_much(bench: Bench, text: str, code: str) -> None:
    """A decisions file likewise."""
    old, new = bench.beams(server("a"), server("a, b", vsn='"2"'))
    rules = bench.folder / "m.migration"
    rules.write_text(text, encoding="utf-8")
    done = run("preview", "--rules", rules, old, new)
    assert (done.returncode, done.stdout, "Traceback" in done.stderr) == (4, "", False)
    assert code in done.stderr


def test_many_bad_decisions(bench: Bench) -> None:
    """Of thousands of decisions that fit nothing some are shown, and how many more there are."""
    old, new = bench.beams(server("a"), server("a, b = 1", vsn='"2"'))
    rules = bench.folder / "m.migration"
    rules.write_text("migrate m.\n" + "drop nope.\n" * 4_900, encoding="utf-8")
    done = run("preview", "--rules", rules, old, new)
    assert done.returncode == 4
    assert done.stderr.count("error[M113]") == MOST_SHOWN + 1
    assert f"error[M113] {4_900 - MOST_SHOWN} more M113 are not shown" in done.stderr


def test_more_decisions_than_anyone_needs(bench: Bench) -> None:
    """Beyond the limit nothing is held against anything: one message, in the file and in the module's own attribute."""
    many = ",".join(["{drop, nope}"] * 6_000)
    old, new = bench.beams(server("a"), server("a, b = 1", f"-state_migration([{many}]).", vsn='"2"'))
    found = library.preview(bench.helper, [old], new)[0].diagnostics
    assert [(each.code, "6000" in each.message) for each in found] == [("M159", True)]


def test_what_is_shown_of_many() -> None:
    """The first of each code in their order, and in the place of the next one how many more of it there are."""
    kinds = [CATALOGUE["M103"], CATALOGUE["M107"]]
    found = [Diagnostic(kinds[number % 3 == 0], f"{number}") for number in range(30)]
    shown = bounded(found, 4)
    assert [each.message for each in shown] == [
        *("0", "1", "2", "3", "4", "5", "6"),
        "16 more M103 are not shown (not a beam)",
        "9",
        "6 more M107 are not shown (no debug info)",
    ]
    assert bounded(found, 20) == tuple(found)
    assert len(diagnostics_json([found[0]] * 20_000)) == MOST_LISTED + 1


def test_what_a_terminal_would_obey() -> None:
    """Control characters in names of files and in what stands in them are shown, not sent."""
    found = Diagnostic(CATALOGUE["M103"], "a\x1b[31m\x07.beam", "one\ntwo\x9b", "a\r", ("\x00",))
    assert render_report([found]) == ("error[M103] a\\x1b[31m\\x07.beam\n  at a\\x0d\n  one\ntwo\\x9b\n    \\x00\n")


def test_a_name_that_is_not_utf_8(bench: Bench) -> None:
    """A folder of that name is read; where Erlang would have to find it, that is said, and nothing is done (M119)."""
    place = bench.folder / os.fsdecode(b"\xff")
    for vsn in ("1", "2"):
        root = bench.compile(server("a" if vsn == "1" else "a, b = 1", vsn=f'"{vsn}"'), f"{vsn}/shop-{vsn}/ebin").parent
        (root / "shop.app").write_text(f'{{application, shop, [{{vsn, "{vsn}"}}, {{modules, [m]}}]}}.')
        (bench.folder / vsn).rename(place.with_name(place.name + vsn))
    old, new = (place.with_name(place.name + vsn) for vsn in ("1", "2"))
    assert run("preview", old, new).returncode == 0
    for command in ("appup", "verify"):
        done = run(command, old, new)
        assert (done.returncode, "M119" in done.stderr) == (4, True), done.stderr


# --- what is no file


def _pipe(path: Path) -> None:
    os.mkfifo(path)


def _socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as one:
        one.bind(str(path))


def _device(path: Path) -> None:
    path.symlink_to("/dev/zero")


NO_FILES: list[tuple[Callable[[Path], None], str, str]] = [
    *(
        (_pipe, "M166", name)
        for name in ("kv.beam", "shop.app", "shop.appup", "kv.migration", "shop.tar.gz", "old.lock")
    ),
    *((make, "M166", name) for make in (_socket, _device) for name in ("kv.beam", "kv.migration")),
    (Path.mkdir, "M102", "kv.beam"),
    (Path.mkdir, "M102", "shop.app"),
]


@pytest.mark.parametrize(("make", "code", "name"), NO_FILES)
def test_no_file_in_the_place_of_one(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, make: Callable[[Path], None], code: str, name: str
) -> None:
    """A pipe that nobody writes to, a socket, a device, a folder: said at once, and nobody waits."""
    for vsn in ("1", "2"):
        bench.compile(server("a" if vsn == "1" else "a, b = 1", vsn=f'"{vsn}"'), f"{vsn}/shop-{vsn}/ebin")
    old, new = bench.folder / "1", bench.folder / "2"
    ebin = new / "shop-2" / "ebin"
    # A socket's path has 107 bytes at most.
    monkeypatch.chdir(ebin)
    make(Path(name))
    arguments: tuple[object, ...] = ("preview", old, new)
    if name == "kv.migration":
        arguments = ("preview", "--rules", ebin / name, old, new)
    elif name in {"shop.tar.gz", "old.lock"}:
        arguments = ("scan", ebin / name)
    elif name == "shop.appup":
        arguments = ("hook", old, new)
    done = run(*arguments)
    assert "Traceback" not in done.stderr
    assert (done.returncode, code in done.stderr) == (4, True), done.stderr


def test_what_a_shell_hands_over_is_read(bench: Bench) -> None:
    """A pipe without a name is read to its end."""
    old, new = bench.beams(server("a"), server("a, b = 1", vsn='"2"'))
    line = f'exec "$@" preview <(cat {old}) <(cat {new})'
    done = subprocess.run(
        ["bash", "-c", line, "bash", *command_line()], env=environment(), capture_output=True, text=True, check=False
    )
    assert (done.returncode, "-record(" in done.stdout or "code_change" in done.stdout) == (0, True), done.stderr


# --- tarballs

MEMBERS = MOST_MEMBERS if "MIGRATOR_FUZZ" in os.environ else 6_000
TARBALLS: dict[str, tuple[str, Callable[[Path], object]]] = {
    "zeros": ("M157", lambda path: hostile.zeros(path, hostile.header("lib/a-1/ebin/a.beam", 300 * MB), 300 * MB)),
    "a header of zeros": ("M104", lambda path: hostile.zeros(path, hostile.header("x", 300 * MB, b"x"), 300 * MB)),
    "a name of zeros": ("M104", lambda path: hostile.zeros(path, hostile.header("x", 300 * MB, b"L"), 300 * MB)),
    "a size below nothing": ("M104", lambda path: hostile.zeros(path, hostile.header("lib/a", -1024), MB)),
    "a header of a size below nothing": ("M104", lambda path: hostile.zeros(path, hostile.header("x", -512, b"x"), MB)),
    "headers without end": (
        "M104",
        lambda path: hostile.zeros(path, (hostile.header("x", 512, b"L") + bytes(512)) * 5000, MB),
    ),
    "members without end": (
        "M157",
        lambda path: hostile.zeros(path, hostile.header("x", 0) * (MEMBERS + 1), MB),
    ),
}


@pytest.mark.parametrize("name", TARBALLS)
def test_a_tarball_that_asks_for_too_much(
    helper: Helper, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """It is named, nothing of it stays, and no more than a little of it was ever in memory."""
    # To go through as many as may be takes ten seconds.
    monkeypatch.setattr("migrator.release.members.MOST_MEMBERS", MEMBERS)
    code, make = TARBALLS[name]
    path = tmp_path / "shop.tar.gz"
    make(path)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(Refused) as refused:
        library.scan(helper, [path])
    (found,) = refused.value.diagnostics
    assert (found.code, str(path) in found.message) == (code, True)
    assert len(found.message) < 400
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100 << 10
    assert [each.name for each in tmp_path.iterdir()] == ["shop.tar.gz"]


def test_members_that_lead_elsewhere(bench: Bench, helper: Helper, tmp_path: Path) -> None:
    """Links, devices, names that are absolute or climb, a member twice: nothing is written but in our own folder."""
    beam = bench.compile(server("a"), "v").read_bytes()
    path = tmp_path / "place" / "shop.tar.gz"
    path.parent.mkdir()
    names = [
        "../up.beam",
        "lib/../../up.beam",
        f"{tmp_path}/absolute.beam",
        "lib/x-1/ebin/../../../../up.beam",
        "lib//x/ebin/m.beam",
    ]
    kinds = (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE, tarfile.DIRTYPE)
    with tarfile.open(path, "w:gz") as tar:
        for kind in kinds:
            for name in ("lib/x-1/ebin", "lib/x-1/ebin/m.beam"):
                info = tarfile.TarInfo(name)
                info.type, info.linkname, info.devmajor, info.devminor = kind, str(tmp_path), 1, 5
                tar.addfile(info)
        for name in (*names, "lib/x-1/ebin/m.beam", "lib/x-1/ebin/m.beam", "lib/x-1/ebin/" + "n" * 5000 + ".app"):
            info = tarfile.TarInfo(name)
            info.size = len(beam)
            tar.addfile(info, io.BytesIO(beam))
    before = contents(tmp_path)
    with pytest.raises(Refused) as refused:
        library.scan(helper, [path])
    assert [(each.code, len(each.message) < 400) for each in refused.value.diagnostics] == [("M104", True)]
    assert contents(tmp_path) == before
