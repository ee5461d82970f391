%% A server that changed in each of ten releases.
-module(ten).
-behaviour(gen_server).
-vsn("4.0").

-export([start_link/1]).
-export([init/1, handle_call/3, handle_cast/2]).

-record(state, {owner = nobody, name, hits = 0, tags = []}).
-state_record(state).

start_link(Argument) -> gen_server:start_link(?MODULE, Argument, []).

init(Name) -> {ok, #state{name = Name}}.

handle_call(name, _From, State) ->
    {reply, State#state.name, State}.

handle_cast(_Request, State) ->
    {noreply, State}.
