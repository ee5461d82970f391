%% Keeps a room warm.
-module(thermostat).
-behaviour(gen_server).
-vsn("1.0.0").

-export([start_link/0, set/2]).
-export([init/1, handle_call/3, handle_cast/2]).

-record(state, {celsius = 20}).
-state_record(state).

start_link() -> gen_server:start_link(?MODULE, [], []).

set(Thermostat, Celsius) -> gen_server:call(Thermostat, {set, Celsius}).

init([]) ->
    {ok, #state{}}.

handle_call({set, Celsius}, _From, State) ->
    {reply, ok, State#state{celsius = Celsius}}.

handle_cast(_Request, State) ->
    {noreply, State}.
