%% Counts; an Erlang module of a project that make builds.
-module(counter).
-behaviour(application).
-behaviour(supervisor).
-export([start/2, stop/1, init/1]).

start(_Type, _Arguments) ->
    supervisor:start_link(?MODULE, []).

stop(_State) ->
    ok.

init([]) ->
    {ok, {#{}, [#{id => counter_server, start => {counter_server, start_link, []}}]}}.
