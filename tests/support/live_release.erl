%% An application with a process of each kind under a supervisor, upgraded and downgraded by OTP's release_handler.
-module(live_release).
-behaviour(supervisor).
-behaviour(application).
-export([main/1]).
-export([start/2, stop/1, init/1]).

%% Folder holds `kinds.terms`, {Kind, Module, Argument, Before, Up, Down} for each process, and the application's two
%% versions. Prints what is not as it should be, or that all is.
main([Folder]) ->
    ok = logger:set_primary_config(level, error),
    {ok, Kinds} = file:consult(filename:join(Folder, "kinds.terms")),
    {ok, _} = application:ensure_all_started(sasl),
    true = code:add_patha(filename:join(Folder, "plant-1/ebin")),
    ok = application:load(plant),
    ok = application:set_env(plant, kinds, Kinds),
    ok = application:start(plant),
    [start_state(Each) || Each <- Kinds],
    Pids = pids(Kinds),
    {ok, _} = release_handler:upgrade_app(plant, filename:join(Folder, "plant-2")),
    Up = [{up, Module, Found} || {Kind, Module, _, _, Wanted, _} <- Kinds, (Found = state(Kind, Module)) =/= Wanted],
    {ok, _} = release_handler:downgrade_app(plant, filename:join(Folder, "plant-1")),
    Down = [{down, Module, Found} || {Kind, Module, _, _, _, Wanted} <- Kinds, (Found = state(Kind, Module)) =/= Wanted],
    Restarted = [restarted || pids(Kinds) =/= Pids],
    io:format("~tp~n", [Up ++ Down ++ Restarted]),
    halt(0).

start(_, _) ->
    {ok, Kinds} = application:get_env(plant, kinds),
    supervisor:start_link({local, ?MODULE}, ?MODULE, Kinds).

stop(_) -> ok.

init(Kinds) ->
    {ok, {#{}, [child(Kind, Module, Argument) || {Kind, Module, Argument, _, _, _} <- Kinds]}}.

child(gen_event, Module, _) ->
    #{id => Module, start => {gen_event, start_link, []}, modules => dynamic};
child(_, Module, none) ->
    #{id => Module, start => {Module, start_link, []}, modules => [Module]};
child(_, Module, Argument) ->
    #{id => Module, start => {Module, start_link, [Argument]}, modules => [Module]}.

start_state({Kind, Module, Argument, Before, _, _}) ->
    [ok = gen_event:add_handler(pid(Module), Module, Argument) || Kind =:= gen_event],
    ok = live_kinds:put_state(Kind, Module, pid(Module), Before).

state(Kind, Module) -> live_kinds:state(Kind, Module, pid(Module)).

pids(Kinds) -> [pid(Module) || {_, Module, _, _, _, _} <- Kinds].

pid(Module) ->
    {Module, Pid, _, _} = lists:keyfind(Module, 1, supervisor:which_children(?MODULE)),
    Pid.
