%% Measures: a list of readings, the newest first.
-module(meter).
-behaviour(gen_server).
-vsn("2.0.0").

-export([start_link/0]).
-export([init/1, handle_call/3, handle_cast/2, code_change/3]).

-record(reading, {at :: integer(), value :: number(), unit = watt :: atom()}).
-record(state, {name = main :: atom(), readings = [] :: [#reading{}]}).
-state_record(state).

start_link() ->
    gen_server:start_link(?MODULE, [], []).

init([]) ->
    {ok, #state{}}.

handle_call(newest, _From, #state{readings = [#reading{value = Value} | _]} = State) ->
    {reply, {ok, Value}, State};
handle_call(newest, _From, State) ->
    {reply, error, State}.

handle_cast({read, At, Value}, #state{readings = Readings} = State) ->
    {noreply, State#state{readings = [#reading{at = At, value = Value} | Readings]}}.

code_change(_OldVsn, State, _Extra) ->
    {ok, State}.
