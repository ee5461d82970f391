%% Keeps values for a while.
-module(keeper).
-behaviour(gen_server).
-vsn("2.0.0").

-export([start_link/1, to_seconds/1, to_minutes/1]).
-export([init/1, handle_call/3, handle_cast/2]).

-record(state, {name, ttl = 300, hits = 0, misses = 0}).
-state_record(state).
-state_migration([{from, "1.0.0", [{convert, ttl, to_seconds, to_minutes}]}]).

start_link(Argument) -> gen_server:start_link(?MODULE, Argument, []).

init(Name) -> {ok, #state{name = Name}}.

handle_call(ttl, _From, State) ->
    {reply, State#state.ttl, State}.

to_seconds(Minutes) -> Minutes * 60.

to_minutes(Seconds) -> Seconds div 60.

handle_cast(_Request, State) ->
    {noreply, State}.
