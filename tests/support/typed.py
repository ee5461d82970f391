"""Small modules whose state is not the bare record, for the tests of `-state_type` and of `{state, Up, Down}`."""

from __future__ import annotations


def typed(*forms: str, vsn: str = '"1"', behaviour: str = "gen_server", name: str = "m") -> str:
    """The source of a module of these forms whose `init/1` takes the state itself; attributes are put first."""
    lines = "\n".join(forms).splitlines()
    attributes = "\n".join(line for line in lines if line.startswith("-"))
    functions = "\n".join(line for line in lines if not line.startswith("-"))
    calls = {
        "gen_server": (
            "-export([init/1, handle_call/3, handle_cast/2]).",
            "init(S) -> {ok, S}.\nhandle_call(get, _, S) -> {reply, S, S}.\nhandle_cast(_, S) -> {noreply, S}.",
        ),
        "gen_statem": (
            "-export([init/1, callback_mode/0, on/3]).",
            "init(D) -> {ok, on, D}.\ncallback_mode() -> state_functions.\non(_, _, _) -> keep_state_and_data.",
        ),
    }
    exports, rest = calls[behaviour]
    init = "" if "init(" in functions else rest
    if not init:
        exports, init = exports.replace("init/1, ", ""), rest.partition("\n")[2]
        exports = exports.replace("-export([", "-export([init/1, ")
    return f"-module({name}).\n-behaviour({behaviour}).\n-vsn({vsn}).\n{exports}\n{attributes}\n{init}\n{functions}\n"
