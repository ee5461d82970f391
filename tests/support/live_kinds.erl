%% Processes of each kind, and where each keeps the state that its module converts.
-module(live_kinds).
-export([start/3, put_state/4, state/3, machine/2, put_machine/3, upgrade/6, downgrade/6]).

%% A process of that kind, started on that argument; `special` is one that its module starts by itself.
start(gen_event, Module, Argument) ->
    {ok, Pid} = gen_event:start(),
    ok = gen_event:add_handler(Pid, Module, Argument),
    named(Pid);
start(special, Module, Argument) ->
    {ok, Pid} = Module:start_link(Argument),
    unlink(Pid),
    named(Pid);
start(Behaviour, Module, Argument) ->
    live_node:start(Behaviour, Module, Argument).

named(Pid) ->
    Name = list_to_atom("live_" ++ integer_to_list(erlang:unique_integer([positive]))),
    register(Name, Pid),
    Name.

put_state(Kind, Module, Name, State) ->
    _ = sys:replace_state(Name, fun(Whole) -> with(Kind, Module, Whole, State) end),
    State = state(Kind, Module, Name),
    ok.

state(Kind, Module, Name) -> inner(Kind, Module, sys:get_state(Name)).

%% What sys says of a process's state, and the part that its module keeps. sys asks a gen_event for each handler.
inner(gen_statem, _, {_, Data}) -> Data;
inner(gen_fsm, _, {_, Data}) -> Data;
inner(gen_event, Module, Handlers) ->
    {Module, _, State} = lists:keyfind(Module, 1, Handlers),
    State;
inner(_, _, State) -> State.

with(gen_statem, _, {StateName, _}, Data) -> {StateName, Data};
with(gen_fsm, _, {StateName, _}, Data) -> {StateName, Data};
with(gen_event, Module, {Module, Id, _}, State) -> {Module, Id, State};
with(gen_event, _, Other, _) -> Other;
with(_, _, _, State) -> State.

%% The state of a state machine, which is beside its data.
machine(_, Name) ->
    {StateName, _} = sys:get_state(Name),
    StateName.

put_machine(_, Name, StateName) ->
    {StateName, _} = sys:replace_state(Name, fun({_, Data}) -> {StateName, Data} end),
    ok.

upgrade(Kind, Name, Module, Beam, OldVsn, Extra) ->
    outcome(Kind, Module, live_node:upgrade(Name, Module, Beam, OldVsn, Extra)).

downgrade(Kind, Name, Module, OldBeam, Vsn, Extra) ->
    outcome(Kind, Module, live_node:downgrade(Name, Module, OldBeam, Vsn, Extra, [])).

outcome(Kind, Module, {ok, Whole}) -> {ok, inner(Kind, Module, Whole)};
outcome(_, _, Answer) -> Answer.
