%% What came up to OTP 27: documentation in the source, sigils, texts of several lines, `maybe`, comprehensions of maps.
-module(m).
-moduledoc """
A store.
""".
-behaviour(gen_server).
-vsn("27").
-export([init/1, handle_call/3, handle_cast/2, code_change/3, ready/0]).
-record(item, {key :: binary(), hits = 0 :: non_neg_integer()}).
-record(state, {name = ~"shop" :: binary(),
                items = [] :: [#item{}],
                text = """
                    two
                      lines
                    """ :: string(),
                odd = ~B"\s\d" :: binary(),
                index = #{K => V || K := V <- #{a => 1}} :: #{atom() => integer()},
                ready = maybe ok ?= ready(), 1 else _ -> 2 end :: integer()}).
-state_record(state).
-doc "Starts it.".
init([]) -> {ok, #state{items = [#item{key = ~"k"}]}}.
-doc #{since => ~"1.0"}.
handle_call(get, _, S) -> {reply, S, S}.
-doc false.
handle_cast(_, S) -> {noreply, S}.
code_change(_, S, _) ->
    maybe
        #state{items = [_ | _]} ?= S,
        {ok, S}
    else
        #state{} = Empty -> {ok, Empty};
        Other -> {ok, Other}
    end.
ready() -> ok.
