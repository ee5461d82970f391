%% A server that changed in each of ten releases.
-module(ten).
-behaviour(gen_server).
-vsn("10.0").

-export([start_link/1]).
-export([init/1, handle_call/3, handle_cast/2]).

-record(state, {label, owner = nobody, hits = 0, misses = 0, since = 0, limit = 100, mode = active}).
-state_record(state).
-state_migration([{rename, name, label}, {drop, tags}]).

start_link(Argument) -> gen_server:start_link(?MODULE, Argument, []).

init(Name) -> {ok, #state{label = Name}}.

handle_call(name, _From, State) ->
    {reply, State#state.label, State}.

handle_cast(_Request, State) ->
    {noreply, State}.
