%% Something that is lent for a time, in milliseconds.
-module(lease).
-behaviour(gen_server).
-vsn("2.0.0").

-export([start_link/2, left/1]).
-export([init/1, handle_call/3, handle_cast/2]).

-record(state, {what, ttl = 60_000}).
-state_record(state).
-state_migration([{convert, ttl, secs_to_ms, ms_to_secs}]).
-compile({nowarn_unused_function, [{secs_to_ms, 1}, {ms_to_secs, 2}]}).

start_link(What, Milliseconds) -> gen_server:start_link(?MODULE, {What, Milliseconds}, []).

left(Lease) -> gen_server:call(Lease, left).

init({What, Milliseconds}) ->
    {ok, #state{what = What, ttl = Milliseconds}}.

handle_call(left, _From, State) ->
    {reply, State#state.ttl, State}.

handle_cast({extend, Milliseconds}, State) ->
    {noreply, State#state{ttl = State#state.ttl + Milliseconds}}.

secs_to_ms(Seconds) -> Seconds * 1000.

%% A car is due to the minute.
ms_to_secs(Milliseconds, #{what := car}) -> Milliseconds div 60_000 * 60;
ms_to_secs(Milliseconds, _State) -> Milliseconds div 1000.
