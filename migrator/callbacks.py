"""Nouns: the functions by which OTP asks a module to convert its state.

Sources: the callbacks `code_change` of https://www.erlang.org/doc/man/gen_server.html, gen_event, gen_statem and
gen_fsm, and `system_code_change/4` of https://www.erlang.org/doc/man/sys.html.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from migrator.records import FunctionName
from migrator.terms import Atom

if TYPE_CHECKING:
    from migrator.modules import Module
    from migrator.terms import Term


@dataclass(frozen=True, slots=True)
class Callback:
    """A function that converts states.

    `state`, `vsn` and `extra` are the positions (from 1) of those arguments, `others` the names of the rest by
    position. `reply` are the positions in the `{ok, …}` tuple that it answers: the state is the element `State`.
    `takes_thrown`: OTP calls it under a `catch`, so that a thrown `{ok, …}` is an answer too.
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
    takes_thrown=True,
)
SPECIAL = Callback(
    FunctionName("system_code_change", 4), state=1, vsn=3, extra=4, others=((2, "Module"),), takes_thrown=True
)

BY_BEHAVIOUR = {
    "gen_server": GEN_SERVER,
    "gen_event": GEN_EVENT,
    "gen_statem": GEN_STATEM,
    "gen_fsm": GEN_STATEM,
}

# What sys calls when a special process goes on: each has one, also where nobody wrote a conversion for it.
CONTINUES = FunctionName("system_continue", 3)

KNOWN = (GEN_SERVER, GEN_STATEM, SPECIAL)


def declared(value: Term) -> Callback | None:
    """The callback that `-state_callback(value)` names; None where the value has no such form.

    `{Function, Arity, StateArgument}`, where OldVsn is argument 1 and Extra the last, or
    `{Function, Arity, StateArgument, OldVsnArgument, ExtraArgument}`.
    """
    match value:
        case (Atom(name), int(arity), int(state)):
            places = (state, 1, arity)
        case (Atom(name), int(arity), int(state), int(vsn), int(extra)):
            places = (state, vsn, extra)
        case _:
            return None
    if len(set(places)) < len(places) or not all(1 <= place <= arity for place in places):
        return None
    others = tuple((place, f"Argument{place}") for place in range(1, arity + 1) if place not in places)
    return Callback(FunctionName(name, arity), *places, others)


def unknown_behaviours(module: Module) -> tuple[str, ...]:
    """The behaviours of a module whose callback is a guess: it has no known one and no conversion function at all."""
    guessed = not module.attribute("state_callback") and CONTINUES not in module.functions
    written = any(callback.function in module.functions for callback in KNOWN)
    if not guessed or written or any(behaviour in BY_BEHAVIOUR for behaviour in module.behaviours):
        return ()
    return module.behaviours


def callback_of(module: Module) -> Callback:
    """The callback that migrates a module's state.

    `-state_callback` says it, else its first behaviour with a state; without one, the conversion function that it
    defines; without any, that of a special process where it handles system messages, else `code_change/3` as a
    `gen_server` has it, which is also what is synthesised then.
    """
    for attribute in module.attribute("state_callback"):
        callback = declared(attribute.value)
        if callback is not None:
            return callback
    for behaviour in module.behaviours:
        if behaviour in BY_BEHAVIOUR:
            return BY_BEHAVIOUR[behaviour]
    for callback in KNOWN:
        if callback.function in module.functions:
            return callback
    return SPECIAL if CONTINUES in module.functions else GEN_SERVER
