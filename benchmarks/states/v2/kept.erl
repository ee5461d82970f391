%% A server that keeps records in a list, in a map and in a tree, and a table that holds none; the new version: a field more in the state and in each item, and one of each renamed.
-module(kept).
-behaviour(gen_server).
-vsn("2").

-export([init/1, handle_call/3, handle_cast/2]).

-record(item, {id :: integer(), title :: binary(), count = 0 :: integer(), since = 0 :: integer()}).
-type tree() :: nil | {tree(), #item{}, tree()}.
-record(state, {list = [] :: [#item{}], map = #{} :: #{integer() => #item{}}, tree = nil :: tree(),
                rows :: #{integer() => integer()} | undefined, seen = 0 :: integer()}).
-state_record(state).
-state_migration([{rename, table, rows}, {in, item, [{rename, name, title}]}]).

init(Make) ->
    {ok, Make()}.

handle_call(sizes, _From, #state{list = [#item{} | _] = List} = State) ->
    {reply, length(List), State};
handle_call(sizes, _From, State) ->
    {reply, map_size(State#state.map), State}.

handle_cast(clear, _State) ->
    {noreply, #state{}}.
