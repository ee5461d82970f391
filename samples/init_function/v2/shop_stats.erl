%% Counts what a shop sells, and keeps the sum.
-module(shop_stats).
-behaviour(gen_server).
-vsn("1.1.0").

-export([start_link/1, sold/3]).
-export([init/1, handle_call/3, handle_cast/2]).

-record(state, {online = 0, counter = 0, total, currency}).
-state_record(state).
-state_migration([{init, total, sum}, {init, currency, house_currency}]).
-compile({nowarn_unused_function, [{sum, 1}, {house_currency, 0}]}).

start_link(Currency) -> gen_server:start_link(?MODULE, Currency, []).

sold(Stats, Where, Number) -> gen_server:cast(Stats, {sold, Where, Number}).

init(Currency) ->
    {ok, #state{total = 0, currency = Currency}}.

handle_call(total, _From, State) ->
    {reply, {State#state.total, State#state.currency}, State}.

handle_cast({sold, online, Number}, State) ->
    {noreply, State#state{online = State#state.online + Number, total = State#state.total + Number}};
handle_cast({sold, counter, Number}, State) ->
    {noreply, State#state{counter = State#state.counter + Number, total = State#state.total + Number}}.

%% For a process that was started by 1.0.0.
sum(#{online := Online, counter := Counter}) -> Online + Counter.

house_currency() -> eur.
