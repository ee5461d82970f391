"""What the tests of the contract share: small modules, their beams, the real node that runs them, and the command."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from migrator import library
from migrator.request import Request

if TYPE_CHECKING:
    from migrator.diagnostics import Diagnostic
    from migrator.library import Injection
    from migrator.otp import Helper
    from migrator.outcomes import Planned
    from tests.support.node import Node

ROOT = Path(__file__).parent.parent.parent

# Runs in the node: Erlang in, Erlang out, as text; and a compiler that costs no start of its own.
BENCH = """
-module(case_bench).
-export([eval/1, compile/3]).

eval(Text) ->
    {ok, Tokens, _} = erl_scan:string(unicode:characters_to_list(Text)),
    {ok, Exprs} = erl_parse:parse_exprs(Tokens),
    {value, Value, _} = erl_eval:exprs(Exprs, []),
    %% Since OTP 26 the keys of a map have no order of their own, and a modifier that gives them one.
    Format = case list_to_integer(erlang:system_info(otp_release)) >= 26 of true -> "~0tkp"; false -> "~0tp" end,
    unicode:characters_to_binary(io_lib:format(Format, [Value])).

compile(Path, Folder, Text) ->
    {ok, Tokens, _} = erl_scan:string(binary_to_list(Text) ++ "."),
    {ok, Options} = erl_parse:parse_term(Tokens),
    Given = [return_errors, {outdir, binary_to_list(Folder)} | Options],
    case compile:file(binary_to_list(Path), Given) of
        {ok, _} -> ok;
        {ok, _, _} -> ok
    end.
"""


def server(fields: str, *forms: str, vsn: str | None = '"1"', record: str = "state", name: str = "m") -> str:
    """The source of a gen_server that keeps such a record; among the forms the attributes are put first.

    An `init/1` among the forms replaces the one that is there otherwise.
    """
    attributes, functions = _sorted("\n".join(forms))
    init = "" if "\ninit(" in functions else f"init(_) -> {{ok, #{record}{{}}}}."
    return f"""
-module({name}).
-behaviour(gen_server).
{"" if vsn is None else f"-vsn({vsn})."}
-export([init/1, handle_call/3, handle_cast/2]).
-record({record}, {{{fields}}}).
-state_record({record}).
{attributes}
{functions}
{init}
handle_call(get, _, State) -> {{reply, State, State}}.
handle_cast(_, State) -> {{noreply, State}}.
"""


def _sorted(text: str) -> tuple[str, str]:
    """The attributes and the functions of a text in which every form ends with its line."""
    forms: list[str] = [""]
    for line in text.splitlines():
        forms[-1] += f"\n{line}"
        if line.rstrip().endswith("."):
            forms.append("")
    first = [form for form in forms if form.lstrip().startswith("-") and not form.lstrip().startswith("-file")]
    return "".join(first), "".join(form for form in forms if form not in first)


def own(*clauses: str) -> str:
    """An exported `code_change/3` of these clauses."""
    return "-export([code_change/3]).\n" + ";\n".join(f"code_change{clause}" for clause in clauses) + "."


@dataclass(frozen=True)
class Bench:
    """A helper, a real node and a folder of the test's own."""

    helper: Helper
    node: Node
    folder: Path

    def eval(self, text: str) -> str:
        """What this Erlang expression is in the node, as Erlang text on one line."""
        value = self.node.apply("case_bench", "eval", f"{text}.".encode())
        assert isinstance(value, bytes)
        return value.decode()

    def compile(self, source: str, place: str, options: str = "[debug_info]", name: str = "m") -> Path:
        """The beam of that source, in the folder `place` beside the source."""
        folder = self.folder / place
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{name}.erl"
        path.write_text(source, encoding="utf-8")
        self.node.apply("case_bench", "compile", str(path).encode(), str(folder).encode(), options.encode())
        return folder / f"{name}.beam"

    def beams(self, *sources: str, options: str = "[debug_info]", name: str = "m") -> list[Path]:
        """The beams of several versions of a module, the new one last."""
        return [self.compile(source, f"v{number}", options, name) for number, source in enumerate(sources, start=1)]

    def preview(self, *sources: str, request: Request | None = None, name: str = "m") -> Planned:
        """The plan from the old versions to the last of these sources."""
        *olds, new = self.beams(*sources, name=name)
        (planned,) = library.preview(self.helper, olds, new, request or Request())
        return planned

    def inject(
        self, *sources: str, request: Request | None = None, options: str = "[debug_info]", name: str = "m"
    ) -> Injection:
        """What comes of injecting, nothing is written."""
        *olds, new = self.beams(*sources, options=options, name=name)
        return library.inject(self.helper, olds, new, request)

    def install(
        self, *sources: str, request: Request | None = None, options: str = "[debug_info]", name: str = "m"
    ) -> bytes:
        """The new beam with its migration, loaded into the node."""
        beam = injected(self.inject(*sources, request=request, options=options, name=name))
        self.node.load(name, beam)
        return beam

    def start(self, source: str, state: str) -> str:
        """A process of that version, of a module whose `init/1` takes the state itself; gives its name."""
        self.node.load("m", self.compile(source, "running").read_bytes())
        return self.eval(f"live_node:start(gen_server, m, {state})")

    def upgrade(self, name: str, beam: bytes, vsn: str, extra: str = "[]") -> str:
        """What becomes of the process when it is upgraded as release_handler does it."""
        return self.eval(f"live_node:upgrade({name}, m, {self._read(beam)}, {vsn}, {extra})")

    def downgrade(self, name: str, old: bytes, vsn: str, extra: str = "[]") -> str:
        """What becomes of the process when it is downgraded to the old beam."""
        return self.eval(f"live_node:downgrade({name}, m, {self._read(old)}, {vsn}, {extra}, [])")

    def _read(self, beam: bytes) -> str:
        path = self.folder / "given.beam"
        path.write_bytes(beam)
        return f'element(2, {{ok, _}} = file:read_file("{path}"))'

    def convert(self, vsn: str, state: str, extra: str = "[]") -> str:
        """What `m:code_change(Vsn, State, Extra)` answers in the node, thrown or not."""
        return self.eval(f"live_node:convert(m, {vsn}, {state}, {extra})")


def injected(injection: Injection) -> bytes:
    """The one beam that came of it; fails with what was said against it."""
    assert injection.exit == 0, [f"{each.code} {each.message}" for each in injection.diagnostics]
    (one,) = injection.injected
    assert one.after is not None, "there was nothing to inject"
    return one.after


def codes(found: Planned | Injection) -> list[str]:
    """The codes of all that was said but for information, in order."""
    return [each.code for each in found.diagnostics if each.severity != "info"]


def chunks(beam: bytes) -> list[tuple[str, bytes]]:
    """The chunks of a beam that is not compressed."""
    found = []
    at = 12
    while at < len(beam):
        size = int.from_bytes(beam[at + 4 : at + 8])
        found.append((beam[at : at + 4].decode("latin-1"), beam[at + 8 : at + 8 + size]))
        at += 8 + (size + 3) // 4 * 4
    return found


def built(parts: list[tuple[str, bytes]]) -> bytes:
    """A beam of these chunks."""
    body = b"".join(
        name.encode("latin-1") + len(content).to_bytes(4) + content + bytes(-len(content) % 4)
        for name, content in parts
    )
    return b"FOR1" + (len(body) + 4).to_bytes(4) + b"BEAM" + body


def with_chunk(beam: bytes, name: str, content: bytes | None) -> bytes:
    """The beam with that chunk replaced, added at the end, or gone."""
    parts = [(each, content if each == name else old) for each, old in chunks(beam)]
    if name not in dict(parts):
        parts.append((name, content))
    return built([(each, data) for each, data in parts if data is not None])


def rewrite(bench: Bench, path: Path, chunk: str, expression: str) -> None:
    """Replaces the term in a chunk by what the expression makes of `Term`."""
    bench.eval(
        f'{{ok, _, Cs}} = beam_lib:all_chunks("{path}"), {{_, B}} = lists:keyfind("{chunk}", 1, Cs),'
        f"Term = binary_to_term(B), New = term_to_binary({expression}),"
        f'{{ok, Beam}} = beam_lib:build_module(lists:keyreplace("{chunk}", 1, Cs, {{"{chunk}", New}})),'
        f'file:write_file("{path}", Beam)'
    )


def command_line(*arguments: object) -> list[str]:
    """The command as a user starts it."""
    return [sys.executable, "-c", "from migrator.cli import main; main()", *map(str, arguments)]


def environment(**changes: str) -> dict[str, str]:
    """Our environment with the command importable, and these changes."""
    return os.environ | {"PYTHONPATH": str(ROOT), "NO_COLOR": "1"} | changes


def run(*arguments: object, **changes: str) -> subprocess.CompletedProcess[str]:
    """Runs the command to its end."""
    return subprocess.run(
        command_line(*arguments),
        env=environment(**changes),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        stdin=subprocess.DEVNULL,
    )


def contents(folder: Path) -> dict[Path, bytes]:
    """All files below a folder, with what is in them."""
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def refused(bench: Bench, code: str, exit_code: int, *arguments: object, **changes: str) -> str:
    """Runs inject, and preview as JSON, which must refuse with that code and leave all files alone; gives stderr."""
    before = contents(bench.folder)
    done = run("inject", *arguments, **changes)
    shown = run("preview", "--format", "json", *arguments, **changes)
    assert (exit_code, "") == (done.returncode, done.stdout), done.stderr
    assert re.search(rf"\b{code}\b", done.stderr), done.stderr
    assert "Traceback" not in done.stderr + shown.stderr
    assert contents(bench.folder) == before
    if shown.returncode:
        assert shown.returncode == exit_code
        assert code in [each["code"] for each in json.loads(shown.stdout)["diagnostics"]]
    return done.stderr


def decided(*decisions: str) -> str:
    """The attribute with these decisions."""
    return f"-state_migration([{', '.join(decisions)}])."


def one(planned: Planned, code: str) -> Diagnostic:
    """The one diagnostic of that code."""
    (found,) = (each for each in planned.diagnostics if each.code == code)
    return found
