%% Keeps items in every container that OTP has.
-module(store).
-behaviour(gen_server).
-vsn("1.0.0").

-export([start_link/1]).
-export([init/1, handle_call/3, handle_cast/2]).

-record(item, {name :: atom()}).
-record(state, {
    array = array:new() :: array:array(#item{} | undefined),
    dict = dict:new() :: dict:dict(atom(), #item{}),
    orddict = [] :: orddict:orddict(atom(), #item{}),
    tree = gb_trees:empty() :: gb_trees:tree(atom(), #item{}),
    ordered = gb_sets:new() :: gb_sets:set(#item{}),
    set = sets:new() :: sets:set(#item{}),
    new_set = sets:new([{version, 2}]) :: sets:set(#item{}),
    queue = queue:new() :: queue:queue(#item{}),
    map = #{} :: #{#item{} => [#item{}]},
    tuple = {none, []} :: {#item{} | none, [#item{}]}
}).
-state_record(state).

start_link(Argument) -> gen_server:start_link(?MODULE, Argument, []).

init([]) -> {ok, #state{}}.

handle_call({store, Key, Name}, _From, #state{dict = Dict} = State) ->
    {reply, ok, State#state{dict = dict:store(Key, #item{name = Name}, Dict)}}.

handle_cast(_Request, State) ->
    {noreply, State}.
