%% Measures how full a tank is.
-module(tank).
-behaviour(gen_server).
-vsn("1.0.0").

-export([start_link/1]).
-export([init/1, handle_call/3, handle_cast/2]).

-record(state, {level = 0 :: integer(), unit :: atom()}).
-state_record(state).

start_link(Argument) -> gen_server:start_link(?MODULE, Argument, []).

init(Unit) -> {ok, #state{unit = Unit}}.

handle_call(level, _From, State) ->
    {reply, State#state.level, State}.

handle_cast(_Request, State) ->
    {noreply, State}.
