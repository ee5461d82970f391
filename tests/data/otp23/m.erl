%% As OTP 21 to 23 have it: annotations are lines, sets are of version 1.
-module(m).
-behaviour(gen_server).
-vsn("23").
-export([init/1, handle_call/3, handle_cast/2, code_change/3]).
-record(item, {key :: binary(), hits = 0 :: non_neg_integer()}).
-record(state, {name = <<"shop">> :: binary(),
                items = [] :: [#item{}],
                old = sets:from_list([a]) :: sets:set(atom())}).
-state_record(state).
init([]) -> {ok, #state{items = [#item{key = <<"k">>}]}}.
handle_call(get, _, S) -> {reply, S, S}.
handle_cast(_, S) -> {noreply, S}.
code_change(_, S, _) -> try {ok, S#state{}} catch error:{badrecord, _}:_ -> {ok, S} end.
