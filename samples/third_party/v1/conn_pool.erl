%% A pool of connections, as it could come from another author: it does not know the migrator.
-module(conn_pool).
-behaviour(gen_server).
-vsn("3.1").

-export([start_link/1, checkout/1]).
-export([init/1, handle_call/3, handle_cast/2]).

-record(pool, {size, idle = [], strategy = fifo}).

start_link(Size) -> gen_server:start_link(?MODULE, Size, []).

checkout(Pool) -> gen_server:call(Pool, checkout).

init(Size) ->
    {ok, #pool{size = Size, idle = lists:seq(1, Size)}}.

handle_call(checkout, _From, #pool{idle = [Connection | Idle]} = Pool) ->
    {reply, {ok, Connection}, Pool#pool{idle = Idle}};
handle_call(checkout, _From, Pool) ->
    {reply, full, Pool}.

handle_cast({checkin, Connection}, #pool{idle = Idle, strategy = fifo} = Pool) ->
    {noreply, Pool#pool{idle = Idle ++ [Connection]}};
handle_cast({checkin, Connection}, #pool{idle = Idle, strategy = lifo} = Pool) ->
    {noreply, Pool#pool{idle = [Connection | Idle]}}.
