%% A probe of another author, in three versions.
-module(probe).
-behaviour(gen_server).
-vsn("2.0").

-export([start_link/1]).
-export([init/1, handle_call/3, handle_cast/2]).

-record(probe, {name, interval = 1000, count = 0, limit = 10, unit = ms}).

start_link(Argument) -> gen_server:start_link(?MODULE, Argument, []).

init(Name) -> {ok, #probe{name = Name}}.

handle_call(name, _From, Probe) ->
    {reply, Probe#probe.name, Probe}.

handle_cast(_Request, State) ->
    {noreply, State}.
