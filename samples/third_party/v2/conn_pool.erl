%% A pool of connections, as it could come from another author: it does not know the migrator.
-module(conn_pool).
-behaviour(gen_server).
-vsn("4.0").

-export([start_link/1, checkout/1]).
-export([init/1, handle_call/3, handle_cast/2]).

-record(pool, {size, idle = [], overflow = 0, max_overflow = 10}).

start_link(Size) -> gen_server:start_link(?MODULE, Size, []).

checkout(Pool) -> gen_server:call(Pool, checkout).

init(Size) ->
    {ok, #pool{size = Size, idle = lists:seq(1, Size)}}.

handle_call(checkout, _From, #pool{idle = [Connection | Idle]} = Pool) ->
    {reply, {ok, Connection}, Pool#pool{idle = Idle}};
handle_call(checkout, _From, #pool{size = Size, overflow = Overflow, max_overflow = Max} = Pool) when Overflow < Max ->
    {reply, {ok, Size + Overflow + 1}, Pool#pool{overflow = Overflow + 1}};
handle_call(checkout, _From, Pool) ->
    {reply, full, Pool}.

handle_cast({checkin, Connection}, #pool{size = Size, overflow = Overflow} = Pool) when Connection > Size ->
    {noreply, Pool#pool{overflow = Overflow - 1}};
handle_cast({checkin, Connection}, #pool{idle = Idle} = Pool) ->
    {noreply, Pool#pool{idle = Idle ++ [Connection]}}.
