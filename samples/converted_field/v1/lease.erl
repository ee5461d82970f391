%% Something that is lent for a time, in seconds.
-module(lease).
-behaviour(gen_server).
-vsn("1.0.0").

-export([start_link/2, left/1]).
-export([init/1, handle_call/3, handle_cast/2]).

-record(state, {what, ttl = 60}).
-state_record(state).

start_link(What, Seconds) -> gen_server:start_link(?MODULE, {What, Seconds}, []).

left(Lease) -> gen_server:call(Lease, left).

init({What, Seconds}) ->
    {ok, #state{what = What, ttl = Seconds}}.

handle_call(left, _From, State) ->
    {reply, State#state.ttl, State}.

handle_cast({extend, Seconds}, State) ->
    {noreply, State#state{ttl = State#state.ttl + Seconds}}.
