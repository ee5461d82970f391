%% What came up to OTP 29: strict generators, generators side by side, several values from one comprehension, nominal types,
%% long names of atoms.
-module(m).
-moduledoc "A store.".
-behaviour(gen_server).
-vsn("29").
-export([init/1, handle_call/3, handle_cast/2, code_change/3, a_function_with_a_name_that_is_far_longer_than_other_names_are/1]).
-nominal id() :: integer().
-nominal key() :: binary().
-record(item, {key :: key(), hits = 0 :: non_neg_integer()}).
-record(state, {name = ~"shop" :: binary(),
                items = [] :: [#item{}],
                id = 0 :: id(),
                pairs = [{A, B} || A <- [1, 2] && B <- [3, 4]] :: [{integer(), integer()}],
                strict = [X || {X, _} <:- [{1, 2}]] :: [integer()],
                bits = << <<X>> || <<X>> <:= <<1, 2>> >> :: binary(),
                index = #{K => V || K := V <:- #{a => 1}} :: #{atom() => integer()},
                flat = [X, -X || X <- [1, 2]] :: [integer()],
                both = #{X => 1, {X} => 2 || X <- [1]} :: map()}).
-state_record(state).
init([]) -> {ok, #state{items = [#item{key = ~"k"}]}}.
handle_call(get, _, S) -> {reply, [X || X <:- S#state.items], S}.
handle_cast(_, S) -> {noreply, S}.
code_change(_, #state{} = S, _) ->
    _ = [{I, J} || I <:- S#state.items && J := _ <- S#state.index],
    {ok, S}.
a_function_with_a_name_that_is_far_longer_than_other_names_are(X) when is_integer(X, 1, 5) -> X.
