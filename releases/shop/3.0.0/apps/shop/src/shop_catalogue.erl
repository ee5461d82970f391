%% What things cost.
-module(shop_catalogue).
-vsn("3.0.0").
-behaviour(gen_server).
-compile({nowarn_unused_function, [in_cents/1]}).
-export([start_link/0, price/1]).
-export([init/1, handle_call/3, handle_cast/2]).

-record(price, {cents :: pos_integer(), currency = eur :: eur | usd}).
-record(state, {
    prices :: #{binary() => #price{}},
    lookups = 0 :: non_neg_integer()
}).
-state_record(state).
-state_migration([
    {convert, prices, with_currency, in_cents},
    {from, "1.0.0", [{rename, hits, lookups}]},
    {from, "2.0.0", [{drop, currency}]}
]).

start_link() ->
    gen_server:start_link({local, ?MODULE}, ?MODULE, [], []).

%% In cents.
price(Item) ->
    gen_server:call(?MODULE, {price, Item}).

init([]) ->
    {ok, #state{prices = with_currency(#{<<"apple">> => 25, <<"melon">> => 310})}}.

handle_call({price, Item}, _From, #state{prices = Prices, lookups = Count} = State) ->
    {reply, cents(maps:find(Item, Prices)), State#state{lookups = Count + 1}}.

handle_cast(_Message, State) ->
    {noreply, State}.

cents({ok, #price{cents = Cents}}) -> Cents;
cents(error) -> unknown.

%% The way of `prices` from 2.0.0 and back.
with_currency(Prices) ->
    maps:map(fun(_Item, Cents) -> #price{cents = Cents} end, Prices).

in_cents(Prices) ->
    maps:map(fun(_Item, #price{cents = Cents}) -> Cents end, Prices).
