%% Counts what a shop sells.
-module(shop_stats).
-behaviour(gen_server).
-vsn("1.0.0").

-export([start_link/0, sold/3]).
-export([init/1, handle_call/3, handle_cast/2]).

-record(state, {online = 0, counter = 0}).
-state_record(state).

start_link() -> gen_server:start_link(?MODULE, [], []).

sold(Stats, Where, Number) -> gen_server:cast(Stats, {sold, Where, Number}).

init([]) ->
    {ok, #state{}}.

handle_call(total, _From, State) ->
    {reply, State#state.online + State#state.counter, State}.

handle_cast({sold, online, Number}, State) ->
    {noreply, State#state{online = State#state.online + Number}};
handle_cast({sold, counter, Number}, State) ->
    {noreply, State#state{counter = State#state.counter + Number}}.
