%% Keeps values for a while.
-module(keeper).
-behaviour(gen_server).
-vsn("1.0.0").

-export([start_link/1]).
-export([init/1, handle_call/3, handle_cast/2]).

-record(state, {name, ttl = 5}).
-state_record(state).

start_link(Argument) -> gen_server:start_link(?MODULE, Argument, []).

init(Name) -> {ok, #state{name = Name}}.

handle_call(ttl, _From, State) ->
    {reply, State#state.ttl * 60, State}.

handle_cast(_Request, State) ->
    {noreply, State}.
