-module(gate).
-behaviour(gen_server).
-vsn("2.0.0").

-export([init/1, handle_call/3, handle_cast/2]).

-record(state, {name :: atom(), max = 10 :: pos_integer(), refused = 0 :: non_neg_integer()}).

-type wrapped() :: {#state{}, Conns :: #{pid() => reference()}, Count :: non_neg_integer()}.
-state_type(wrapped).
-export_type([wrapped/0]).
-state_migration([{rename, limit, max}]).

init(Name) ->
    {ok, {#state{name = Name}, #{}, 0}}.

handle_call(name, _From, {#state{name = Name}, _, _} = State) ->
    {reply, Name, State}.

handle_cast(accepted, {#state{max = Max, refused = Refused} = State, Conns, Max}) ->
    {noreply, {State#state{refused = Refused + 1}, Conns, Max}};
handle_cast(accepted, {#state{} = State, Conns, Count}) ->
    {noreply, {State, Conns, Count + 1}}.
