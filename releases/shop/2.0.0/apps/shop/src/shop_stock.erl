%% What is in stock, batch by batch.
-module(shop_stock).
-behaviour(gen_server).
-export([start_link/0, left/1, take/2]).
-export([init/1, handle_call/3, handle_cast/2]).

-record(batch, {item :: binary(), left :: non_neg_integer(), shelf = main :: atom()}).
-record(state, {batches = [] :: [#batch{}]}).
-state_record(state).

start_link() ->
    gen_server:start_link({local, ?MODULE}, ?MODULE, [], []).

left(Item) ->
    gen_server:call(?MODULE, {left, Item}).

%% `ok`, or `sold_out` where there is less than that.
take(Item, Quantity) ->
    gen_server:call(?MODULE, {take, Item, Quantity}).

init([]) ->
    {ok, #state{batches = [#batch{item = Item, left = 1000000} || Item <- [<<"apple">>, <<"melon">>]]}}.

handle_call({left, Item}, _From, #state{batches = Batches} = State) ->
    {reply, lists:sum([Left || #batch{item = It, left = Left} <- Batches, It =:= Item]), State};
handle_call({take, Item, Quantity}, _From, #state{batches = Batches} = State) ->
    case lists:keytake(Item, #batch.item, Batches) of
        {value, #batch{left = Left} = Batch, Others} when Left >= Quantity ->
            {reply, ok, State#state{batches = [Batch#batch{left = Left - Quantity} | Others]}};
        _ ->
            {reply, sold_out, State}
    end.

handle_cast(_Message, State) ->
    {noreply, State}.
