%% What things cost.
-module(shop_catalogue).
-vsn("2.0.0").
-behaviour(gen_server).
-export([start_link/0, price/1]).
-export([init/1, handle_call/3, handle_cast/2]).

-record(state, {
    prices :: #{binary() => pos_integer()},
    lookups = 0 :: non_neg_integer(),
    currency = eur :: eur | usd
}).
-state_record(state).
-state_migration([{rename, hits, lookups}]).

start_link() ->
    gen_server:start_link({local, ?MODULE}, ?MODULE, [], []).

%% In cents.
price(Item) ->
    gen_server:call(?MODULE, {price, Item}).

init([]) ->
    {ok, #state{prices = #{<<"apple">> => 25, <<"melon">> => 310}}}.

handle_call({price, Item}, _From, #state{prices = Prices, lookups = Count} = State) ->
    {reply, maps:get(Item, Prices, unknown), State#state{lookups = Count + 1}}.

handle_cast(_Message, State) ->
    {noreply, State}.
