"""Native records (OTP 29) are told by the definition that each value keeps: what finds it out, and who asks for it.

    'definition of kv'(#_{} = Value) ->
        {records:get_module(Value), records:get_name(Value), records:is_exported(Value), …};
    'definition of kv'(_) ->
        none.

A pattern takes any value that has its fields, and no guard sees which others that has. So a function that takes native
records apart asks for the definition first:

    'session up of kv'(Value) ->
        'session up of kv'(Value, 'definition of kv'(Value)).

    'session up of kv'(#_{user = User}, {kv, session, false, [user]}) ->
        #session{owner = User};
    'session up of kv'(Value, _) ->
        Value.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from migrator.forms import Application, Clause, Function, Text, Variable, native_in
from migrator.naming import definition_name

if TYPE_CHECKING:
    from collections.abc import Iterable

    from migrator.plan import Plan

_VALUE = Variable("Value")


def by_definition(plan: Plan, function: Function) -> tuple[Function, ...]:
    """The function as it is, or where it has a pattern for a native record, with what asks for the definition first.

    The value is its first argument; the last clause takes all others as well.
    """
    if all(native_in(each.arguments[0]) is None for each in function.clauses):
        return (function,)
    clauses = tuple(replace(each, arguments=(*each.arguments, _asked(each))) for each in function.clauses)
    others = tuple(Variable(f"Moved{number}") for number in range(1, len(function.clauses[0].arguments)))
    arguments = (_VALUE, *others)
    told = Application(function.name, (*arguments, Application(definition_name(plan), (_VALUE,))))
    return Function(function.name, (Clause(arguments, (), (told,)),)), replace(function, clauses=clauses)


def _asked(clause: Clause) -> Text | Variable:
    native = native_in(clause.arguments[0])
    return Variable("_") if native is None else Text(native.definition.text)


def definition_functions(plan: Plan, functions: Iterable[Function]) -> tuple[Function, ...]:
    """The function that finds a definition out, where one of these calls it."""
    name = definition_name(plan)
    if not any(_calls(each, name) for function in functions for clause in function.clauses for each in clause.body):
        return ()
    told = ", ".join(f"records:{each}(Value)" for each in ("get_module", "get_name", "is_exported", "get_field_names"))
    clauses = Clause((Text("#_{} = Value"),), (), (Text(f"{{{told}}}"),)), Clause((Variable("_"),), (), (Text("none"),))
    return (Function(name, clauses),)


def _calls(expression: object, name: str) -> bool:
    match expression:
        case Application(function, arguments):
            return function == name or any(_calls(each, name) for each in arguments)
    return False
