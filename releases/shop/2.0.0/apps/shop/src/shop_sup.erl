% All of the shop's processes, those first that others call.
-module(shop_sup).
-behaviour(supervisor).
-export([start_link/0, init/1]).

start_link() ->
    supervisor:start_link({local, ?MODULE}, ?MODULE, []).

init([]) ->
    {ok, {#{strategy => one_for_one}, [
        #{id => shop_catalogue, start => {shop_catalogue, start_link, []}},
        #{id => shop_stock, start => {shop_stock, start_link, []}},
        #{id => shop_events, start => {shop_events, start_link, []}, modules => dynamic},
        #{id => shop_stats, start => {shop_stats, start_link, []}},
        #{id => shop_order_sup, start => {shop_order_sup, start_link, []}, type => supervisor},
        #{id => shop_conn_sup, start => {shop_conn_sup, start_link, []}, type => supervisor},
        #{id => shop_front, start => {shop_front, start_link, []}}
    ]}}.
