"""Section 7 of the contract: the beam that comes out."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from migrator import library
from migrator.errors import HelperFault
from migrator.request import Request
from migrator.splice import prove
from tests.support.cases import chunks, codes, injected, own, server, with_chunk

if TYPE_CHECKING:
    from migrator.otp import Helper
    from tests.support.cases import Bench

pytest_plugins = ["tests.support.bench"]

KEEP = "(_, State, _) -> {ok, State}"
OLD = server("a")
LIVELY = """
-export([boom/1, table/0, small/1, funs/0]).
-custom([one, two]).
-custom(three).
-author("someone").
boom(X) ->
    Y = X + 1,
    error({boom, Y}).
table() -> [{N, list_to_atom("k" ++ integer_to_list(N))} || N <- lists:seq(1, 3)].
small(X) when X > 1, X < 100 -> case X rem 2 of 0 -> "even text"; _ -> <<"odd text">> end.
funs() -> F = fun(A) -> fun(B) -> {A, B} end end, (F(1))(2).
"""


def lively(*forms: str, vsn: str | None = '"2"') -> str:
    """A new version with functions and attributes of many kinds."""
    return server("a, b = 5", *forms, LIVELY, vsn=vsn)


def attribute(bench: Bench, beam: bytes) -> str:
    """The raw attributes of a beam, in their order."""
    path = bench.folder / "raw.beam"
    path.write_bytes(beam)
    return bench.eval(
        f'{{ok, {{_, [{{"Attr", B}}]}}}} = beam_lib:chunks("{path}", ["Attr"]), '
        "[A || {N, _} = A <- binary_to_term(B), N =/= state_migrated]"
    )


@pytest.mark.parametrize("form", ["", own(KEEP)], ids=["without", "with its own"])
def test_only_ours_is_new(bench: Bench, form: str) -> None:
    """Section 7: all chunks but those that the compiler makes of forms are the same, in the same order."""
    _, new = bench.beams(OLD, lively(form))
    before = new.read_bytes()
    after = bench.install(OLD, lively(form))
    was, now = dict(chunks(before)), dict(chunks(after))
    assert [name for name, _ in chunks(before)] == [name for name, _ in chunks(after)]
    assert {name: was[name] for name in ("CInf", "Meta") if name in was} == {
        name: now[name] for name in ("CInf", "Meta") if name in now
    }
    assert attribute(bench, before) == attribute(bench, after)


CALLS = (
    "[m:table(), m:small(2), m:small(3), m:funs(), catch m:small(0)]",
    "try m:boom(1) catch error:R:S -> {R, hd(S)} end",
    "lists:sort(m:module_info(exports))",
    "[A || {N, _} = A <- m:module_info(attributes), N =/= state_migrated]",
    "m:module_info(compile)",
)


@pytest.mark.parametrize("call", CALLS)
def test_other_functions_answer_as_before(bench: Bench, call: str) -> None:
    """Section 7: every other function does what it did, with file and line, and the module says the same of itself."""
    _, new = bench.beams(OLD, lively(own(KEEP)))
    bench.node.load("m", new.read_bytes())
    before = bench.eval(call)
    bench.install(OLD, lively(own(KEEP)))
    assert bench.eval(call) == before
    assert "undef" not in before


def test_only_code_change_is_exported_newly(bench: Bench) -> None:
    """Section 7: the exports are those there were, and the conversion function."""
    _, new = bench.beams(OLD, lively())
    bench.node.load("m", new.read_bytes())
    before = bench.eval("m:module_info(exports)")
    bench.install(OLD, lively())
    assert bench.eval(f"m:module_info(exports) -- {before}") == "[{code_change,3}]"


def test_a_vsn_by_checksum_is_kept(bench: Bench) -> None:
    """Section 7: the vsn that the compiler had made from the checksum stays as it was."""
    _, new = bench.beams(OLD, lively(vsn=None))
    vsn = "proplists:get_value(vsn, m:module_info(attributes))"
    bench.node.load("m", new.read_bytes())
    before = bench.eval(vsn)
    bench.install(OLD, lively(vsn=None))
    assert bench.eval(vsn) == before


OPTIONS = {
    "plain": "[debug_info]",
    "deterministic": "[debug_info, deterministic]",
    "compressed": "[debug_info, compressed]",
    "export_all": "[debug_info, export_all, nowarn_export_all]",
    "warnings as errors": "[debug_info, warnings_as_errors]",
    "inline": "[debug_info, inline, {inline_size, 100}]",
    "no optimisation": "[debug_info, no_type_opt, no_copt]",
    "a macro and an include path": "[debug_info, {d, 'SOME', 1}, {i, \"/nowhere\"}]",
    "no line numbers": "[debug_info, no_line_info]",
    "compile info of its own": "[debug_info, {compile_info, [{by, someone}]}]",
}
ATTRIBUTES = {
    "inline": "-compile(inline).",
    "inline one": "-compile({inline, [helper/1]}).\n-export([calls/1]).\nhelper(X) -> X * 2.\n"
    "calls(X) -> helper(X) + 1.",
    "inline code_change": "-compile({inline, [code_change/3]}).\n-export([calls/1]).\n"
    "calls(X) -> code_change(v, X, []).\n" + own(KEEP),
    "export_all": "-compile([export_all, nowarn_export_all]).",
    "warnings as errors": "-compile(warnings_as_errors).",
    "on_load": "-on_load(start/0).\nstart() -> ok.",
    "nifs": "-nifs([native/0]).\n-export([native/0]).\nnative() -> erlang:nif_error(none).",
    "a file of its own": '-file("other.yrl", 10).\n-export([here/0]).\nhere() -> error(here).',
    "unused": "-compile([nowarn_unused_function, nowarn_unused_record]).\nunused() -> ok.",
    "no auto import": "-compile({no_auto_import, [length/1]}).\n-export([length/1]).\nlength(_) -> mine.",
    "own is_record": "-compile({no_auto_import, [element/2, tuple_size/1]}).\n"
    "-export([element/2]).\nelement(_, _) -> mine.\n"
    "-export([tuple_size/1]).\ntuple_size(_) -> 0.",
}


def round_trip(bench: Bench, new: str, options: str = "[debug_info]") -> bytes:
    """Injects twice and ejects; gives the beam with the migration, loaded."""
    *_, path = bench.beams(OLD, new, options=options)
    original = path.read_bytes()
    once = bench.install(OLD, new, options=options)
    path.write_bytes(once)
    old = bench.folder / "v1" / "m.beam"
    again = library.inject(bench.helper, [old], path)
    assert (0, once) == (again.exit, again.injected[0].after)
    assert library.eject(bench.helper, path).after == original
    assert bench.convert("v", "{state,1}") == "{ok,{state,1,5}}"
    assert bench.convert('{down, "1"}', "{state,1,2}") == "{ok,{state,1}}"
    return once


@pytest.mark.parametrize("options", OPTIONS.values(), ids=OPTIONS.keys())
def test_inject_is_idempotent_and_eject_its_inverse_with_options(bench: Bench, options: str) -> None:
    """Section 7: the same again gives the same bytes and eject the original's, whatever the compile options."""
    round_trip(bench, lively(), options)


@pytest.mark.parametrize("form", ATTRIBUTES.values(), ids=ATTRIBUTES.keys())
def test_inject_is_idempotent_and_eject_its_inverse_with_attributes(bench: Bench, form: str) -> None:
    """Section 7: the same again gives the same bytes and eject the original's, whatever the module says."""
    own_one = form if "code_change" in form else f"{form}\n{own(KEEP)}"
    round_trip(bench, server("a, b = 5", own_one, vsn='"2"'))


def test_our_functions_are_not_exported_with_export_all(bench: Bench) -> None:
    """Section 7: with export_all the exports are those there were, and the conversion function."""
    round_trip(bench, lively(own(KEEP), "-compile([export_all, nowarn_export_all])."))
    names = bench.eval("[F || {F, _} <- m:module_info(exports), lists:member($\\s, atom_to_list(F))]")
    assert names == "[]"


def test_both_places_of_compile_options_are_kept(bench: Bench) -> None:
    """Section 7: the options in the compile info and in debug info are those there were."""
    options = "[debug_info, {d, 'SOME', 1}, inline]"
    _, path = bench.beams(OLD, lively(), options=options)
    read = (
        "F = fun(P) -> {ok, {_, [{compile_info, I}]}} = beam_lib:chunks(P, [compile_info]),"
        '{ok, {_, [{"Dbgi", D}]}} = beam_lib:chunks(P, ["Dbgi"]), {_, _, {_, O}} = binary_to_term(D), {I, O} end, '
    )
    before = bench.eval(f'{read} F("{path}")')
    path.write_bytes(injected(library.inject(bench.helper, [bench.folder / "v1" / "m.beam"], path)))
    assert bench.eval(f'{read} F("{path}")') == before
    assert "{d,'SOME',1}" in before


def test_a_parse_transform_does_not_run_again(bench: Bench) -> None:
    """Section 7: the forms of debug info are those after the parse transform, which leaves no second mark."""
    mark = bench.folder / "mark"
    transform = f"""
-module(case_transform).
-export([parse_transform/2]).
parse_transform(Forms, _) -> ok = file:write_file("{mark}", "ran\\n", [append]), Forms.
"""
    bench.node.load("case_transform", bench.compile(transform, "pt", name="case_transform").read_bytes())
    bench.compile(OLD, "v1")
    new = bench.compile(lively("-compile({parse_transform, case_transform})."), "v2")
    made = library.inject(bench.helper, [bench.folder / "v1" / "m.beam"], new)
    assert (made.exit, mark.read_text()) == (0, "ran\n")


def test_on_load_does_not_run(bench: Bench) -> None:
    """Section 7: compiling and proving never load the module."""
    mark = bench.folder / "mark"
    form = f'-on_load(mark/0).\nmark() -> file:write_file("{mark}", "ran").'
    injected(bench.inject(OLD, lively(form)))
    assert not mark.exists()


@pytest.mark.parametrize("key", ['"a key of mine"', '{des3_cbc, "a key of mine"}'])
def test_encrypted_debug_info_stays_encrypted(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, key: str
) -> None:
    """Section 7: with its key at hand, encrypted debug info is read and stays encrypted with the same key."""
    if bench.eval("is_list(catch crypto:info_lib())") == "false":
        pytest.skip("this Erlang has no crypto")
    given = f"[debug_info, {{debug_info_key, {key}}}]"
    home = tmp_path / "home"
    home.mkdir()
    (home / ".erlang.crypt").write_text('[{debug_info, des3_cbc, [], "a key of mine"}].\n')
    (home / ".erlang.crypt").chmod(0o600)
    monkeypatch.setenv("HOME", str(home))
    old, new = bench.beams(OLD, lively(), options=given)
    original = new.read_bytes()
    assert dict(chunks(original))["Dbgi"][:10] == b"\x00\x08des3_cbc"
    with library.start() as helper:
        once = injected(library.inject(helper, [old], new))
        assert dict(chunks(once))["Dbgi"][:10] == b"\x00\x08des3_cbc"
        new.write_bytes(once)
        assert library.inject(helper, [old], new).injected[0].after == once
        assert library.eject(helper, new).after == original
    bench.node.load("m", once)
    assert bench.convert("v", "{state,1}") == "{ok,{state,1,5}}"


def test_our_functions_have_a_file_of_their_own(bench: Bench) -> None:
    """Section 7: in a stack trace our functions stand under their own file, and the module's under theirs."""
    bench.install(OLD, server("a, b = 5", own("(_, _, _) -> error(here)"), vsn='"2"'))
    trace = "try m:code_change(v, {state,1}, []) catch error:here:S -> "
    trace += "[proplists:get_value(file, At) || {m, _, _, At} <- S] end"
    assert bench.eval(trace).endswith('m.erl"]')
    default = server("a, b = (fun() -> error(there) end)()", vsn='"2"')
    bench.install(OLD, default)
    trace = trace.replace("error:here", "error:there")
    assert "migration.erl" in bench.eval(trace)


def test_generated_names_are_unlike_any_written_by_hand(bench: Bench) -> None:
    """Section 7: names of ours have spaces in them, and a function called like ours is none."""
    beam = bench.install(OLD, lively(own(KEEP)))
    path = bench.folder / "named.beam"
    path.write_bytes(beam)
    locals_ = bench.eval(
        f'{{ok, {{_, [{{locals, L}}]}}}} = beam_lib:chunks("{path}", [locals]),'
        " [F || {F, _} <- L, hd(atom_to_list(F)) =/= $-]"
    )
    assert locals_ == bench.eval(f"[F || F <- {locals_}, lists:member($\\s, atom_to_list(F))]")


def test_the_attribute_says_what_was_generated(bench: Bench) -> None:
    """Section 7: `-state_migrated` tells the vsns, and each field's source and fate."""
    new = server("a, now, b = 5", "-state_migration([{rename, was, now}, {drop, gone}]).", vsn='"2"')
    bench.install(server("a, was, gone"), new)
    said = bench.eval("lists:keyfind(from, 1, proplists:get_value(state_migrated, m:module_info(attributes)))")
    for part in ('"1"', "{a,{copy,a}}", "{now,{rename,was}}", "{b,{default,", "{gone,accepted}", "{was,{rename,now}}"):
        assert part in said


def three(bench: Bench, vsns: tuple[str, str] = ('"1"', '"2"')) -> tuple[Path, Path, Path]:
    """Two old versions and a new one."""
    one, two, new = bench.beams(
        server("a", vsn=vsns[0]), server("b, a", vsn=vsns[1]), server("a, b = 0, c = 1", own(KEEP), vsn='"3"')
    )
    return one, two, new


@pytest.mark.parametrize("vsns", [('"1"', '"2"'), ("undefined", '"x"'), ("{a, b}", "1.5"), ("2", "1")])
def test_one_after_the_other_is_both_at_once(bench: Bench, vsns: tuple[str, str]) -> None:
    """Section 7: A, then B, gives the bytes of A and B at once, in any order."""
    one, two, new = three(bench, vsns)
    original = new.read_bytes()
    results = set()
    for order in ([[one, two]], [[two, one]], [[one], [two]], [[two], [one]], [[one], [one, two]], [[one, two], [one]]):
        new.write_bytes(original)
        for olds in order:
            new.write_bytes(injected(library.inject(bench.helper, olds, new)))
        results.add(new.read_bytes())
    assert len(results) == 1
    assert library.eject(bench.helper, new).after == original


def test_the_same_vsn_with_other_decisions_replaces(bench: Bench) -> None:
    """Section 7: injecting the same vsn again with other decisions replaces what was there."""
    old, new = bench.beams(server("a, x"), server("b = 5, a", "-state_migration({drop, x}).", vsn='"2"'))
    first = injected(library.inject(bench.helper, [old], new))
    old.write_bytes(bench.compile(server("a, y, x"), "other").read_bytes())
    asked = library.inject(bench.helper, [old], new, Request(allow=frozenset({"drop"})))
    wanted = injected(asked)
    new.write_bytes(first)
    assert injected(library.inject(bench.helper, [old], new, Request(allow=frozenset({"drop"})))) == wanted
    assert first != wanted


def test_what_is_there_and_unchanged_is_nothing_to_do(bench: Bench) -> None:
    """Section 7: where the records are the same there is nothing to inject, and nothing to eject."""
    found = bench.inject(server("a"), server("a", vsn='"2"'))
    assert (found.exit, found.injected[0].after) == (0, None)
    assert library.eject(bench.helper, bench.folder / "v2" / "m.beam").after is None


def test_the_same_bytes_in_every_folder(bench: Bench, helper: Helper, tmp_path: Path) -> None:
    """Section 7: the same inputs give the same bytes in another folder, and from another helper."""
    old, new = bench.beams(OLD, lively(own(KEEP)))
    elsewhere = tmp_path / "else where" / "ö"
    elsewhere.mkdir(parents=True)
    copies = [Path(shutil.copy(path, elsewhere / f"{path.parent.name}.beam")) for path in (old, new)]
    with library.start() as other:
        there = injected(library.inject(other, [copies[0]], copies[1]))
    assert injected(library.inject(helper, [old], new)) == there


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("foreign", "chunk"),
        ("code", "the code of"),
        ("attribute", "attribute"),
        ("export", "export"),
        ("forms", "abstract code"),
    ],
)
def test_the_proof_sees_what_differs(bench: Bench, change: str, said: str) -> None:
    """Section 7: a beam that differs in anything that is not ours fails the proof."""
    before = bench.compile(lively(own(KEEP)), "v2").read_bytes()
    good = injected(bench.inject(OLD, lively(own(KEEP))))
    other = LIVELY.replace("X + 1", "X + 2")
    tampered = {
        "foreign": with_chunk(good, "CASE", b"odd"),
        "code": injected(bench.inject(OLD, server("a, b = 5", own(KEEP), other, vsn='"2"'))),
        "attribute": injected(bench.inject(OLD, lively(own(KEEP), vsn='"3"'))),
        "export": injected(bench.inject(OLD, lively(own(KEEP), "-export([more/0]).\nmore() -> 1."))),
        "forms": injected(bench.inject(OLD, server("a, b = 5", own(KEEP), other, vsn='"2"'))),
    }[change]
    assert prove(bench.helper, [(before, good)]) == [()]
    (found,) = prove(bench.helper, [(before, tampered)])
    assert not isinstance(found, HelperFault)
    assert any(said in each for each in found), found


def test_several_modules_are_done_with_one_helper_alike(bench: Bench) -> None:
    """Section 7: what comes out does not depend on what the same helper did before."""
    alone = injected(bench.inject(OLD, lively(own(KEEP))))
    for _ in range(3):
        injected(bench.inject(server("x, y"), server("y, x, z = [X || X <- [1]]", vsn='"2"')))
        assert injected(bench.inject(OLD, lively(own(KEEP)))) == alone


def test_nothing_is_said_against_a_plain_module(bench: Bench) -> None:
    """Section 7: a module without anything odd is migrated without a word."""
    assert codes(bench.inject(OLD, lively())) == []
