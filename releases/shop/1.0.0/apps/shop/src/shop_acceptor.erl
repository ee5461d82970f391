%% Accepts connections, one after another, and hands each to a process of its own. It keeps no state and waits in the
%% kernel: an upgrade that changed this module would kill it with its second purge, so it does as little as it can.
-module(shop_acceptor).
-export([start_link/1, loop/1]).

start_link(Listen) ->
    {ok, proc_lib:spawn_link(?MODULE, loop, [Listen])}.

loop(Listen) ->
    {ok, Socket} = gen_tcp:accept(Listen),
    {ok, Connection} = shop_conn_sup:start_connection(Socket),
    ok = gen_tcp:controlling_process(Socket, Connection),
    ok = shop_conn:go(Connection),
    ok = shop_front:accepted(),
    ?MODULE:loop(Listen).
