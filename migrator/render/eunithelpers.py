"""The functions at the end of a generated EUnit module: how its tests reach the migration, and read records by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from migrator.terms import atom_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from migrator.examples.suite import Kept, Suite

_WIDTH = 100


def arguments(suite: Suite, vsn: str, state: str, extra: str) -> str:
    """The arguments of the conversion function, in its order."""
    callback = suite.callback
    placed = {callback.vsn: vsn, callback.state: state, callback.extra: extra}
    for position, name in callback.others:
        placed[position] = atom_text(suite.module) if name == "Module" else _other(name)
    return ", ".join(placed[position] for position in sorted(placed))


def _other(name: str) -> str:
    """An atom for what the migration hands on as it is: the state's name of a machine."""
    return {"StateName": "a_state_name"}.get(name, f"{name[:1].lower()}{name[1:]}")


def helpers(suite: Suite, tests: str) -> list[str]:
    """The functions that the tests come to, each with an empty line behind it."""
    known = (_by_trace(suite) if suite.own is not None else _directly(suite)) | _fields(suite)
    used: set[str] = set()
    text = tests
    while found := {name for name in known if name not in used and f"{name}(" in text}:
        used |= found
        text = "\n".join(known[name] for name in found)
    if not used:
        return []
    return [f"%% --- helpers {'-' * 84}\n", *(known[name] for name in known if name in used)]


def _directly(suite: Suite) -> dict[str, str]:
    module, function = atom_text(suite.module), suite.callback.function.name
    answer = ", ".join(["ok", *("New" if each == "State" else _other(each) for each in suite.callback.reply)])
    return {
        "upgrade": (
            "upgrade(OldVsn, State) ->\n"
            f"    {{{answer}}} = {module}:{function}({arguments(suite, 'OldVsn', 'State', '[]')}),\n"
            "    New.\n"
        ),
        "downgrade": _DOWNGRADE,
    }


_DOWNGRADE = "downgrade(Vsn, State) ->\n    upgrade({down, Vsn}, State).\n"


def _by_trace(suite: Suite) -> dict[str, str]:
    """With a function of the module's own behind the conversion, what that is handed tells what was converted."""
    module, function = atom_text(suite.module), suite.callback.function.name
    own, arity = atom_text(suite.own or ""), suite.callback.arity
    variables = {suite.callback.state: "New", suite.callback.extra: "NewExtra"}
    pattern = ", ".join(variables.get(position, "_") for position in range(1, arity + 1))
    return {
        "upgrade": "upgrade(OldVsn, State) ->\n    {New, _Extra} = handed(OldVsn, State, []),\n    New.\n",
        "downgrade": _DOWNGRADE,
        "handed": (
            f"%% The state and Extra that {module}'s own {function}/{arity} is handed: its call is traced.\n"
            "%% What it makes of them (a change, a refusal, no end at all) is its own affair and not checked.\n"
            "handed(OldVsn, State, Extra) ->\n"
            "    {Pid, Monitor} = traced(true, OldVsn, State, Extra),\n"
            "    receive\n"
            f"        {{trace, Pid, call, {{{module}, {own}, [{pattern}]}}}} ->\n"
            "            exit(Pid, kill),\n"
            "            receive {'DOWN', Monitor, process, Pid, _} -> delivered(Pid) end,\n"
            "            {New, NewExtra};\n"
            "        {'DOWN', Monitor, process, Pid, Why} ->\n"
            "            delivered(Pid),\n"
            "            receive\n"
            f"                {{trace, Pid, call, {{{module}, {own}, [{pattern}]}}}} -> {{New, NewExtra}}\n"
            "            after 0 ->\n"
            "                error({refused, OldVsn, State, Why})\n"
            "            end\n"
            "    end.\n"
        ),
        "answered": (
            f"%% What {module}'s own {function}/{arity} answers, and what is made of that.\n"
            "answered(OldVsn, State) ->\n"
            "    {Pid, Monitor} = traced([{'_', [], [{exception_trace}]}], OldVsn, State, []),\n"
            "    Result = receive\n"
            "        {'DOWN', Monitor, process, Pid, {answer, Answer}} -> Answer;\n"
            "        {'DOWN', Monitor, process, Pid, {_, Raised, _}} -> Raised\n"
            "    end,\n"
            "    delivered(Pid),\n"
            "    {last_answer(Pid, Result), Result}.\n"
        ),
        "last_answer": (
            "%% It may call itself: the first call is the last one to end. An exception is passed on as it is.\n"
            "last_answer(Pid, Last) ->\n"
            "    receive\n"
            "        {trace, Pid, return_from, _, Answer} -> last_answer(Pid, Answer);\n"
            "        {trace, Pid, exception_from, _, {throw, Answer}} -> last_answer(Pid, Answer);\n"
            "        {trace, Pid, exception_from, _, {_, Raised}} -> last_answer(Pid, Raised)\n"
            "    after 0 ->\n"
            "        Last\n"
            "    end.\n"
        ),
        "traced": (
            "%% Calls the migration in a process of its own; what is traced of the own function is in the mailbox.\n"
            "traced(What, OldVsn, State, Extra) ->\n"
            f"    {{module, {module}}} = code:ensure_loaded({module}),\n"
            f"    Own = {{{module}, {own}, {arity}}},\n"
            "    1 = erlang:trace_pattern(Own, What, [local]),\n"
            "    {Pid, Monitor} = spawn_monitor(fun() ->\n"
            "        receive go -> ok end,\n"
            f"        try {module}:{function}({arguments(suite, 'OldVsn', 'State', 'Extra')}) of\n"
            "            Answer -> exit({answer, Answer})\n"
            "        catch\n"
            "            throw:Thrown -> exit({answer, Thrown});\n"
            "            Class:Raised:Stack -> exit({Class, Raised, lists:sublist(Stack, 1)})\n"
            "        end\n"
            "    end),\n"
            "    1 = erlang:trace(Pid, true, [call]),\n"
            "    Pid ! go,\n"
            "    {Pid, Monitor}.\n"
        ),
        "delivered": (
            "%% All that is traced of an ended process is in the mailbox, and nothing more will be.\n"
            "delivered(Pid) ->\n"
            "    Delivered = erlang:trace_delivered(Pid),\n"
            "    receive {trace_delivered, Pid, Delivered} -> ok end,\n"
            f"    1 = erlang:trace_pattern({{{module}, {own}, {arity}}}, false, [local]),\n"
            "    ok.\n"
        ),
    }


def _fields(suite: Suite) -> dict[str, str]:
    kinds = {"new_fields": suite.kept} | {f"old_{each.label}_fields": each.kept for each in suite.versions}
    found = {name: _named(name, kept) for name, kept in kinds.items() if kept.tag is not None}
    return found | {
        "fields": (
            "%% The fields of a record by their names. It has to be that record, of as many fields.\n"
            "fields(Tag, Names, State) ->\n"
            "    ?assertEqual({Tag, length(Names) + 1}, {element(1, State), tuple_size(State)}),\n"
            "    lists:zip(Names, tl(tuple_to_list(State))).\n"
        ),
        "without": (
            "%% All but those of which the migration alone does not tell the value.\n"
            "without(Names, Fields) ->\n"
            "    [Field || {Name, _} = Field <- Fields, not lists:member(Name, Names)].\n"
        ),
    }


def _named(name: str, kept: Kept) -> str:
    tag, names = atom_text(kept.tag or ""), ", ".join(map(atom_text, kept.fields))
    body = f"    fields({tag}, [{names}], State)."
    if len(body) > _WIDTH:
        body = f"    fields({tag}, [\n{_wrapped(kept.fields)}\n    ], State)."
    return f"{name}(State) ->\n{body}\n"


def _wrapped(fields: Sequence[str]) -> str:
    """The names, as many on a line as fit."""
    lines = [" " * 7]
    for at, field in enumerate(fields):
        piece = f" {atom_text(field)}{'' if at == len(fields) - 1 else ','}"
        if len(lines[-1]) + len(piece) > _WIDTH and at:
            lines.append(" " * 7)
        lines[-1] += piece
    return "\n".join(lines)
