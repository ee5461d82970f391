%% The connections, a process each.
-module(shop_conn_sup).
-behaviour(supervisor).
-export([start_link/0, start_connection/1]).
-export([init/1]).

start_link() ->
    supervisor:start_link({local, ?MODULE}, ?MODULE, []).

start_connection(Socket) ->
    supervisor:start_child(?MODULE, [Socket]).

init([]) ->
    Connection = #{id => shop_conn, start => {shop_conn, start_link, []}, restart => temporary},
    {ok, {#{strategy => simple_one_for_one}, [Connection]}}.
