"""`verify` knows what types of OTP's own modules mean, and of Elixir's library, by the beams of the Erlang in use."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

import pytest

from migrator import library, otp
from migrator.request import Request
from migrator.terms import Atom
from migrator.verifying.findings import Trial, Verified
from tests.support.cases import decided, server

if TYPE_CHECKING:
    from pathlib import Path

    from migrator.otp import Helper
    from tests.support.cases import Bench

pytest_plugins = ["tests.support.bench"]

SAME = "-export([same/1]).\nsame(Value) -> Value."
TYPES = (
    "calendar:datetime()",
    "calendar:datetime1970()",
    "erl_anno:anno()",
    "erl_parse:abstract_form()",
    "erlang:timestamp()",
    "ets:tid()",
    "file:filename_all()",
    "file:file_info()",
    "gen_server:from()",
    "gen_statem:event_type()",
    "inet:ip_address()",
    "inet:socket()",
    "inet:hostent()",
    "logger:metadata()",
    "maps:iterator(atom(), integer())",
    "rand:state()",
    "re:mp()",
    "ssl:tls_option()",
    "supervisor:child_spec()",
    "timer:tref()",
    "unicode:chardata()",
    "uri_string:uri_map()",
)


def tried(bench: Bench, *sources: str, states: int = 120) -> Verified:
    """What comes of the way from the old version to the new one."""
    olds_and_new = bench.beams(*sources)
    (verified,) = library.verify(bench.helper, olds_and_new[:-1], olds_and_new[-1], Request(), Trial(states, seed=1))
    return verified


def told(verified: Verified) -> tuple[list[str], list[str], str]:
    """What is said of it: codes, what is not shown of types, and the result."""
    unshown = [each for way in verified.tried for each in way.unshown if "type" in each and "what " not in each[:5]]
    return [each.code for each in verified.diagnostics], unshown, verified.result


SECONDS = """-export([up/1, down/1]).
up(When) -> calendar:datetime_to_gregorian_seconds(When).
down(Seconds) -> calendar:gregorian_seconds_to_datetime(Seconds).
"""


def test_a_function_of_a_date_gets_dates(bench: Bench) -> None:
    """A function that takes a `calendar:datetime()` is tried with those that there are, and nothing is said."""
    default = "{{1970, 1, 1}, {0, 0, 0}}"
    old = server(f"since = {default} :: calendar:datetime()", vsn='"1"')
    new = server("since = 0 :: non_neg_integer()", decided("{convert, since, up, down}"), SECONDS, vsn='"2"')
    assert told(tried(bench, old, new)) == ([], [], "holds")


def test_of_a_field_without_a_type_it_is_said_that_its_values_are_guessed(bench: Bench) -> None:
    """Without a type any tuple may lie there: what the function does not take is a warning."""
    old = server("since = {{1970, 1, 1}, {0, 0, 0}}", vsn='"1"')
    new = server("since = 0", decided("{convert, since, up, down}"), SECONDS, vsn='"2"')
    codes, unshown, result = told(tried(bench, old, new))
    assert (set(codes), result) == ({"M651"}, "holds")
    assert any("since" in each for each in unshown)


def of_types(types: list[str]) -> tuple[str, str]:
    """Two versions whose record has a field of each type, which a function hands on as it is."""
    names = [f"f{number}" for number in range(len(types))]
    fields = ", ".join(f"{name} :: {type_}" for name, type_ in zip(names, types, strict=True))
    decisions = decided(", ".join(f"{{convert, {name}, same, same}}" for name in names))
    init = f"init(Made) -> {{ok, #state{{{', '.join(f'{name} = Made' for name in names)}}}}}."
    return server(fields, init, vsn='"1"'), server(fields, decisions, SAME, init, vsn='"2"')


def test_values_of_types_of_otp_are_of_their_types(bench: Bench) -> None:
    """What is made of a type is of that type when it is judged, and none of these types is unknown."""
    assert told(tried(bench, *of_types(list(TYPES)), states=60)) == ([], [], "holds")


@pytest.mark.skipif("MIGRATOR_VERIFY_TYPES" not in os.environ, reason="all types of OTP: MIGRATOR_VERIFY_TYPES=1")
def test_values_of_every_type_of_otp_are_of_their_types(bench: Bench) -> None:
    """The same for all that OTP declares, some hundreds at a time; some have no value at all."""
    erl = otp.find_erl(None)
    say = 'io:format("~s", [code:lib_dir()]), halt().'
    folder = subprocess.run([erl, "-noshell", "-eval", say], capture_output=True, text=True, check=True).stdout
    types = [each for each in _all_types(bench.helper, folder) if not _has_no_value(each)]
    assert len(types) > 10_000
    for begin in range(0, len(types), 300):
        verified = tried(bench, *of_types(types[begin : begin + 300]), states=20)
        assert [each.message for each in verified.diagnostics if each.kind.exit == 1] == []


def _has_no_value(type_: str) -> bool:
    """Types that OTP's modules use by mistake, or on purpose, that no value has."""
    return any(
        each in type_ for each in ("no_return", "'none'", "rsa_pss", "public_key:public_key", "internal_options")
    )


def _all_types(helper: Helper, folder: str) -> list[str]:
    from pathlib import Path  # noqa: PLC0415 - for this alone

    found = []
    for beam in sorted(Path(folder).glob("*/ebin/*.beam")):
        answer = helper.call_many([(Atom("declared"), beam.read_bytes())], 60)[0]
        match answer:
            case (list(types), _):
                for name, parameters, _, _ in types:  # type: ignore[misc]
                    arguments = ", ".join("any()" for _ in parameters)  # type: ignore[union-attr]
                    found.append(f"'{beam.stem}':'{name.name}'({arguments})")  # type: ignore[union-attr]
    return found


def test_records_of_otp_headers_have_their_types(bench: Bench) -> None:
    """A record that a header of OTP's brings speaks of types of OTP's modules."""
    include = '-include_lib("kernel/include/file.hrl").'
    old = server("info = #file_info{} :: #file_info{}", vsn='"1"').replace("-behaviour", f"{include}\n-behaviour", 1)
    up = "-export([up/1, down/1]).\nup(#file_info{mtime = At}) -> seconds(At).\n"
    seconds = "seconds({_, _} = At) -> calendar:datetime_to_gregorian_seconds(At);\nseconds(At) -> At.\n"
    down = "down(At) -> #file_info{mtime = At}."
    changed = decided("{convert, info, up, down}")
    new = server("info = 0 :: non_neg_integer() | undefined", changed, up + seconds + down, vsn='"2"')
    new = new.replace("-behaviour", f"{include}\n-behaviour", 1)
    assert told(tried(bench, old, new)) == ([], [], "holds")


def test_what_only_its_module_can_make_need_not_be_taken(bench: Bench) -> None:
    """A value that has the form of an opaque type is not one that its module takes: the function is not to blame."""
    old = server("t :: digraph:graph()", "init(G) -> {ok, #state{t = G}}.", vsn='"1"')
    up = "-export([up/1]).\nup(G) -> length(digraph:vertices(G))."
    new = server("t = 0 :: integer()", decided("{convert, t, up, none}"), up, vsn='"2"')
    new = new.replace("{convert, t, up, none}", "{convert, t, up, down}").replace("up/1]", "up/1, down/1]")
    new += "\ndown(_) -> digraph:new()."
    codes, _, _ = told(tried(bench, old, new))
    assert set(codes) <= {"M651", "M652"}


# --- Elixir ---

STRUCT = "{attribute, 1, type, {t, {type, 1, binary, []}, []}}"


def elixir(erl: Path, folder: Path, module: str, form: str) -> None:
    """A beam with debug info as Elixir writes it, in a library of that name."""
    folder.mkdir(parents=True)
    (folder / "elixir.app").write_text('{application, elixir, [{vsn, "1"}]}.\n', encoding="utf-8")
    info = f"{{elixir_erl, {{elixir_v1, #{{module => '{module}'}}, [{form}]}}}}"
    code = (
        f"{{ok, _, B}} = compile:forms([{{attribute, 1, module, '{module}'}}], [{{debug_info, {info}}}]),"
        f' ok = file:write_file("{folder}/{module}.beam", B), halt().'
    )
    subprocess.run([erl, "-noshell", "-eval", code], check=True, capture_output=True)


def test_types_of_elixir_come_from_its_library_beside(bench: Bench, erl: Path, tmp_path: Path) -> None:
    """A `String.t()` is UTF-8: a function that makes characters of it takes each."""
    old = server("name = <<>> :: 'Elixir.String':t()", vsn='"1"')
    both = (
        "-export([up/1, down/1]).\nup(B) -> unicode:characters_to_list(B).\ndown(L) -> unicode:characters_to_binary(L)."
    )
    new = server("name = [] :: string()", decided("{convert, name, up, down}"), both, vsn='"2"')
    olds_and_new = bench.beams(old, new)
    placed = []
    for number, path in enumerate(olds_and_new):
        lib = tmp_path / str(number) / "lib"
        elixir(erl, lib / "elixir" / "ebin", "Elixir.String", STRUCT)
        (lib / "m" / "ebin").mkdir(parents=True)
        placed.append(path.rename(lib / "m" / "ebin" / "m.beam"))
    (verified,) = library.verify(bench.helper, placed[:1], placed[1], Request(), Trial(120, seed=1))
    # The plan cannot look into Elixir's types, and warns of it; states are made of them all the same.
    assert told(verified) == (["M410"], [], "holds")
