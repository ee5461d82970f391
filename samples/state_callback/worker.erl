%% A behaviour of our own: a process that does one job after the other. It is a special process itself, and asks the
%% module that it works for to convert its state.
-module(worker).

-export([start_link/2, do/2]).
-export([init/3, system_continue/3, system_terminate/4, system_code_change/4, system_get_state/1, system_replace_state/2]).

-callback start(Argument :: term()) -> State :: term().
-callback work(Job :: term(), State :: term()) -> State :: term().
-callback migrate(OldVsn :: term(), State :: term(), Extra :: term()) -> {ok, State :: term()}.
-optional_callbacks([migrate/3]).

start_link(Module, Argument) -> proc_lib:start_link(?MODULE, init, [self(), Module, Argument]).

do(Worker, Job) ->
    Worker ! {job, Job},
    ok.

init(Parent, Module, Argument) ->
    State = Module:start(Argument),
    proc_lib:init_ack(Parent, {ok, self()}),
    loop(Parent, sys:debug_options([]), {Module, State}).

loop(Parent, Debug, {Module, State}) ->
    receive
        {system, From, Request} -> sys:handle_system_msg(Request, From, Parent, ?MODULE, Debug, {Module, State});
        {job, Job} -> loop(Parent, Debug, {Module, Module:work(Job, State)})
    end.

system_continue(Parent, Debug, Loop) -> loop(Parent, Debug, Loop).

system_terminate(Reason, _Parent, _Debug, _Loop) -> exit(Reason).

system_code_change({Module, State}, Module, OldVsn, Extra) ->
    case Module:migrate(OldVsn, State, Extra) of
        {ok, New} -> {ok, {Module, New}};
        Refused -> Refused
    end.

system_get_state({_Module, State}) -> {ok, State}.

system_replace_state(Change, {Module, State}) ->
    New = Change(State),
    {ok, New, {Module, New}}.
