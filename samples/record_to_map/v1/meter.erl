-module(meter).
-behaviour(gen_server).
-vsn("1.0.0").

-export([init/1, handle_call/3, handle_cast/2]).

-record(state, {unit :: atom(), total = 0 :: number()}).
-state_record(state).

init(Unit) ->
    {ok, #state{unit = Unit}}.

handle_call(total, _From, State) ->
    {reply, State#state.total, State}.

handle_cast({add, Value}, #state{total = Total} = State) ->
    {noreply, State#state{total = Total + Value}}.
