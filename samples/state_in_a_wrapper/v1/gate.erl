-module(gate).
-behaviour(gen_server).
-vsn("1.0.0").

-export([init/1, handle_call/3, handle_cast/2]).

-record(state, {name :: atom(), limit = 10 :: pos_integer()}).

-type wrapped() :: {#state{}, Conns :: #{pid() => reference()}, Count :: non_neg_integer()}.
-state_type(wrapped).
-export_type([wrapped/0]).

init(Name) ->
    {ok, {#state{name = Name}, #{}, 0}}.

handle_call(name, _From, {#state{name = Name}, _, _} = State) ->
    {reply, Name, State}.

handle_cast(accepted, {#state{} = State, Conns, Count}) ->
    {noreply, {State, Conns, Count + 1}}.
