%% A server that keeps records in a list, in a map and in a tree, and a table that holds none; the old version.
-module(kept).
-behaviour(gen_server).
-vsn("1").

-export([init/1, handle_call/3, handle_cast/2]).

-record(item, {id :: integer(), name :: binary(), count = 0 :: integer()}).
-type tree() :: nil | {tree(), #item{}, tree()}.
-record(state, {list = [] :: [#item{}], map = #{} :: #{integer() => #item{}}, tree = nil :: tree(),
                table :: #{integer() => integer()} | undefined}).
-state_record(state).

init(Make) ->
    {ok, Make()}.

handle_call(sizes, _From, #state{list = [#item{} | _] = List} = State) ->
    {reply, length(List), State};
handle_call(sizes, _From, State) ->
    {reply, map_size(State#state.map), State}.

handle_cast(clear, _State) ->
    {noreply, #state{}}.
