"""Names in generated code: variables for fields, and functions that no one writes by hand."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from migrator.fieldplans import field_plans
from migrator.recordplan import Given, TakenDefault
from migrator.records import FunctionName
from migrator.terms import is_variable

if TYPE_CHECKING:
    from collections.abc import Iterable

    from migrator.plan import Plan

_TOKEN = re.compile(r"(?<![\w@])[A-Z_\u00c0-\u00d6\u00d8-\u00de][\w@]*")
_WORD = re.compile(r"[A-Za-z0-9]+")


def variables_in(text: str) -> frozenset[str]:
    """All that could be a variable in a piece of Erlang source; too many rather than too few."""
    return frozenset(_TOKEN.findall(text))


def taken_names(plan: Plan) -> frozenset[str]:
    """The variables that defaults and expressions of this plan may meet."""
    texts = [
        each.source.text for each, _ in field_plans(plan.migrations) if isinstance(each.source, Given | TakenDefault)
    ]
    return plan.names.union(*map(variables_in, texts))


def fresh(wanted: str, taken: Iterable[str]) -> str:
    """`wanted`, or with the first number behind it that makes a name not taken."""
    names = set(taken)
    number, name = 1, wanted
    while name in names or f"_{name}" in names:
        number += 1
        name = f"{wanted}{number}"
    return name


def field_variables(fields: Iterable[str], taken: frozenset[str]) -> dict[str, str]:
    """A variable for each field: `user_name` becomes UserName, made unlike each other and all that is taken."""
    names: dict[str, str] = {}
    used = set(taken)
    for field in fields:
        words = _WORD.findall(field)
        wanted = "".join(word[0].upper() + word[1:] for word in words)
        if not is_variable(wanted):
            wanted = f"Field{wanted}"
        names[field] = fresh(wanted, used)
        used.add(names[field])
    return names


def built_in(plan: Plan, name: str, arity: int) -> str:
    """A function of `erlang` as it is called here: with its module where the bare name means another function."""
    return f"erlang:{name}" if FunctionName(name, arity) in plan.hidden else name


# As OTP allows for an atom: https://www.erlang.org/doc/efficiency_guide/advanced.html
_LONGEST_ATOM = 255


def _of_module(plan: Plan, name: str) -> str:
    """A name that no one writes by hand; it tells the module where there is room."""
    told = f"{name} of {plan.module}"
    return told if len(told) <= _LONGEST_ATOM else f"{name[: _LONGEST_ATOM - 12]} of this mod"


def own_name(plan: Plan) -> str:
    """The module's own conversion function, once it is wrapped."""
    return _of_module(plan, plan.callback.function.name)


def down_name(plan: Plan) -> str:
    """Our function for downgrades."""
    return _of_module(plan, f"{plan.callback.function.name} down")


def up_name(plan: Plan) -> str:
    """Our function for upgrades, where the states of one version are native records."""
    return _of_module(plan, f"{plan.callback.function.name} up")


def definition_name(plan: Plan) -> str:
    """Our function that tells which definition a native record keeps."""
    return _of_module(plan, "definition")


def broken_name(plan: Plan) -> str:
    """Our function that tells a broken container from one in which something fails."""
    return _of_module(plan, "broken container")


def definition_variable(plan: Plan) -> str:
    """The variable for the definition that a state keeps."""
    return fresh("Definition", taken_names(plan))


def result_name(plan: Plan) -> str:
    """Our function that converts what the module's own function answered on a downgrade."""
    return _of_module(plan, f"{plan.callback.function.name} down result")


def extra_name(plan: Plan) -> str:
    """Our function that adds the old state to Extra."""
    return _of_module(plan, "extra with old_state")


def inner_name(plan: Plan, name: str) -> str:
    """Our function for what lies inside the state."""
    return _of_module(plan, name)


def value_name(plan: Plan, field: str, number: int) -> str:
    """Our function that evaluates an expression for a field."""
    return _of_module(plan, f"value {number} of {field}")


def file_name(plan: Plan) -> str:
    """The file that stack traces name for our functions."""
    return f"{plan.module}.migration.erl"
