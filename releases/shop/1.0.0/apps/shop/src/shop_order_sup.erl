%% The orders, a process each.
-module(shop_order_sup).
-behaviour(supervisor).
-export([start_link/0, start_order/3]).
-export([init/1]).

start_link() ->
    supervisor:start_link({local, ?MODULE}, ?MODULE, []).

start_order(Id, Item, Quantity) ->
    supervisor:start_child(?MODULE, [Id, Item, Quantity]).

init([]) ->
    Order = #{id => shop_order, start => {shop_order, start_link, []}, restart => temporary},
    {ok, {#{strategy => simple_one_for_one}, [Order]}}.
