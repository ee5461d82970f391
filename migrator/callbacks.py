"""Nouns: the functions by which OTP asks a module to convert its state.

Sources: the callbacks `code_change` of https://www.erlang.org/doc/man/gen_server.html, gen_event, gen_statem and
gen_fsm, and `system_code_change/4` of https://www.erlang.org/doc/man/sys.html.
"""

from __future__ import annotations

from dataclasses import dataclass

from migrator.records import FunctionName


@dataclass(frozen=True, slots=True)
class Callback:
    """A function that converts states.

    `state`, `vsn` and `extra` are the positions (from 1) of those arguments, `others` the names of the rest by
    position. `reply` are the positions in the `{ok, …}` tuple that it answers: the state is the element `State`.
    """

    function: FunctionName
    state: int
    vsn: int
    extra: int
    others: tuple[tuple[int, str], ...] = ()
    reply: tuple[str, ...] = ("State",)
    takes_thrown: bool = False

    @property
    def arity(self) -> int:
        """The number of arguments."""
        return self.function.arity


GEN_SERVER = Callback(FunctionName("code_change", 3), state=2, vsn=1, extra=3, takes_thrown=True)
GEN_EVENT = Callback(FunctionName("code_change", 3), state=2, vsn=1, extra=3)
GEN_STATEM = Callback(
    FunctionName("code_change", 4),
    state=3,
    vsn=1,
    extra=4,
    others=((2, "StateName"),),
    reply=("StateName", "State"),
)
SPECIAL = Callback(FunctionName("system_code_change", 4), state=1, vsn=3, extra=4, others=((2, "Module"),))

BY_BEHAVIOUR = {
    "gen_server": GEN_SERVER,
    "gen_event": GEN_EVENT,
    "gen_statem": GEN_STATEM,
    "gen_fsm": GEN_STATEM,
}

KNOWN = (GEN_SERVER, GEN_STATEM, SPECIAL)


def callback_of(behaviours: tuple[str, ...], functions: frozenset[FunctionName]) -> Callback:
    """The callback that migrates a module's state.

    Its first behaviour with a state says it; without one, the conversion function that it defines; without any,
    `code_change/3` as a `gen_server` has it, which is also what is synthesised then.
    """
    for behaviour in behaviours:
        if behaviour in BY_BEHAVIOUR:
            return BY_BEHAVIOUR[behaviour]
    for callback in KNOWN:
        if callback.function in functions:
            return callback
    return GEN_SERVER
