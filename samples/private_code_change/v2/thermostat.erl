%% Keeps a room warm, and no warmer than the law says. The function that sees to it is called code_change/3, for
%% historical reasons, and is not exported.
-module(thermostat).
-behaviour(gen_server).
-vsn("1.1.0").

-export([start_link/0, set/2]).
-export([init/1, handle_call/3, handle_cast/2]).

-record(state, {celsius = 20, limit = 25}).
-state_record(state).

start_link() -> gen_server:start_link(?MODULE, [], []).

set(Thermostat, Celsius) -> gen_server:call(Thermostat, {set, Celsius}).

init([]) ->
    code_change(fresh, #state{}, []).

handle_call({set, Celsius}, _From, State) ->
    {ok, New} = code_change(running, State#state{celsius = Celsius}, []),
    {reply, ok, New}.

handle_cast(_Request, State) ->
    {noreply, State}.

code_change(_Why, State, _Extra) when State#state.celsius > State#state.limit ->
    {ok, State#state{celsius = State#state.limit}};
code_change(_Why, State, _Extra) ->
    {ok, State}.
