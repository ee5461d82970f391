%% One order: open until it is paid. Where nobody pays in time it is given up.
-module(shop_order).
-vsn("1.0.0").
-behaviour(gen_statem).
-export([start_link/3, pay/1, status/1, collect/1]).
-export([init/1, callback_mode/0, open/3, paid/3]).

%% The time to pay in seconds.
-record(order, {id :: pos_integer(), item :: binary(), quantity :: pos_integer(), hold = 900 :: pos_integer()}).
-state_record(order).

start_link(Id, Item, Quantity) ->
    gen_statem:start_link(named(Id), ?MODULE, {Id, Item, Quantity}, []).

%% What it costs, in cents.
pay(Id) ->
    gen_statem:call(named(Id), pay).

status(Id) ->
    gen_statem:call(named(Id), status).

%% Paid and taken away: its process ends.
collect(Id) ->
    gen_statem:call(named(Id), collect).

named(Id) ->
    {global, {order, Id}}.

callback_mode() ->
    state_functions.

init({Id, Item, Quantity}) ->
    Data = #order{id = Id, item = Item, quantity = Quantity},
    {ok, open, Data, [{{timeout, hold}, Data#order.hold * 1000, give_up}]}.

open({call, From}, status, _Data) ->
    {keep_state_and_data, [{reply, From, open}]};
open({call, From}, pay, #order{item = Item, quantity = Quantity} = Data) ->
    Cents = Quantity * shop_catalogue:price(Item),
    ok = ledger:enter(Cents),
    ok = shop_events:tell({paid, Item}),
    {next_state, paid, Data, [{{timeout, hold}, cancel}, {reply, From, Cents}]};
open({timeout, hold}, give_up, _Data) ->
    {stop, normal}.

paid({call, From}, status, _Data) ->
    {keep_state_and_data, [{reply, From, paid}]};
paid({call, From}, collect, _Data) ->
    {stop_and_reply, normal, [{reply, From, collected}]}.
