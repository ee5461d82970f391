%% Orders, with what they cost: those under way, in whatever the callers put them.
-module(orders).
-behaviour(gen_server).
-vsn("2.0.0").

-export([start_link/0, keep/3, next/1]).
-export([init/1, handle_call/3, handle_cast/2]).

-record(item, {name, parts = [], price = 0 :: non_neg_integer()}).
-record(order, {number, item, paid = false :: boolean()}).
-record(state, {kept = #{}, queue = [], count = 0 :: non_neg_integer()}).
-state_record(state).
-state_migration([{deep, kept}, {deep, queue}, {in, order, [{rename, id, number}]}]).

start_link() ->
    gen_server:start_link(?MODULE, [], []).

keep(Orders, Key, Names) ->
    gen_server:call(Orders, {keep, Key, Names}).

next(Orders) ->
    gen_server:call(Orders, next).

init([]) ->
    {ok, #state{}}.

handle_call({keep, Key, [Name | Names]}, _From, #state{kept = Kept, count = Count} = State) ->
    Item = #item{name = Name, parts = [#item{name = Part} || Part <- Names]},
    Order = #order{number = Count, item = Item},
    {reply, Count, State#state{kept = Kept#{Key => {open, Order}}, count = Count + 1}};
handle_call(next, _From, #state{queue = Queue} = State) ->
    {reply, Queue, State}.

handle_cast(_Request, State) ->
    {noreply, State}.
