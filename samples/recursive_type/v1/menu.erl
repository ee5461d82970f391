%% A menu with menus in it.
-module(menu).
-behaviour(gen_server).
-vsn("1.0.0").

-export([start_link/1]).
-export([init/1, handle_call/3, handle_cast/2]).

-record(node, {label :: string(), below = [] :: [tree()]}).
-type tree() :: #node{} | leaf.
-record(state, {root = leaf :: tree(), size = 0 :: non_neg_integer()}).
-state_record(state).

start_link(Argument) -> gen_server:start_link(?MODULE, Argument, []).

init(Label) -> {ok, #state{root = #node{label = Label}, size = 1}}.

handle_call(size, _From, State) ->
    {reply, State#state.size, State}.

handle_cast(_Request, State) ->
    {noreply, State}.
