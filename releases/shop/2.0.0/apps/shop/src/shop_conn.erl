%% One connection: a line asks, a line answers.
-module(shop_conn).
-vsn("2.0.0").
-behaviour(gen_server).
-export([start_link/1, go/1]).
-export([init/1, handle_call/3, handle_cast/2, handle_info/2]).

-record(conn, {socket :: gen_tcp:socket(), requests = 0 :: non_neg_integer(), since :: integer()}).
-state_record(conn).
-state_migration([{init, since, now_in_seconds}]).

start_link(Socket) ->
    gen_server:start_link(?MODULE, Socket, []).

%% From now on the socket is this process's.
go(Connection) ->
    gen_server:cast(Connection, go).

init(Socket) ->
    {ok, #conn{socket = Socket, since = now_in_seconds()}}.

handle_call(_Request, _From, Conn) ->
    {reply, unknown, Conn}.

handle_cast(go, #conn{socket = Socket} = Conn) ->
    ok = inet:setopts(Socket, [{active, once}]),
    {noreply, Conn}.

handle_info({tcp, Socket, Line}, #conn{requests = Served} = Conn) ->
    Request = string:lexemes(string:chomp(Line), " "),
    ok = shop_stats:count(kind(Request)),
    ok = gen_tcp:send(Socket, [answer(Request, Conn), $\n]),
    ok = inet:setopts(Socket, [{active, once}]),
    {noreply, Conn#conn{requests = Served + 1}};
handle_info({tcp_closed, Socket}, #conn{socket = Socket} = Conn) ->
    {stop, normal, Conn}.

answer([<<"price">>, Item], _Conn) ->
    io_lib:format("~tp", [shop_catalogue:price(Item)]);
answer([<<"stock">>, Item], _Conn) ->
    integer_to_list(shop_stock:left(Item));
answer([<<"order">>, Item, Quantity], _Conn) ->
    ok = shop_stock:take(Item, binary_to_integer(Quantity)),
    Id = erlang:unique_integer([positive]),
    {ok, _Order} = shop_order_sup:start_order(Id, Item, binary_to_integer(Quantity)),
    integer_to_list(Id);
answer([<<"pay">>, Id], _Conn) ->
    integer_to_list(shop_order:pay(binary_to_integer(Id)));
answer([<<"status">>, Id], _Conn) ->
    atom_to_list(shop_order:status(binary_to_integer(Id)));
answer([<<"collect">>, Id], _Conn) ->
    atom_to_list(shop_order:collect(binary_to_integer(Id)));
answer([<<"paid">>], _Conn) ->
    integer_to_list(shop_events:paid());
answer([<<"balance">>], _Conn) ->
    integer_to_list(ledger:balance());
answer([<<"served">>], #conn{requests = Served}) ->
    integer_to_list(Served);
answer([<<"since">>], #conn{since = Since}) ->
    integer_to_list(Since);
answer([<<"requests">>], _Conn) ->
    integer_to_list(shop_stats:all());
answer(_Request, _Conn) ->
    "unknown".

kind([<<"order">> | _]) -> order;
kind([<<"pay">> | _]) -> pay;
kind(_) -> ask.

now_in_seconds() ->
    erlang:system_time(second).
