%% Counts what flows, and how often it was read.
-module(meter).
-behaviour(gen_server).
-vsn("1.0.0").

-export([start_link/0, add/2, average/1]).
-export([init/1, handle_call/3, handle_cast/2]).

-record(state, {total = 0, readings = 0}).
-state_record(state).

start_link() -> gen_server:start_link(?MODULE, [], []).

add(Meter, Amount) -> gen_server:cast(Meter, {add, Amount}).

average(Meter) -> gen_server:call(Meter, average).

init([]) ->
    {ok, #state{}}.

handle_call(average, _From, #state{total = Total, readings = Readings} = State) ->
    {reply, Total / max(Readings, 1), State}.

handle_cast({add, Amount}, #state{total = Total, readings = Readings} = State) ->
    {noreply, State#state{total = Total + Amount, readings = Readings + 1}}.
