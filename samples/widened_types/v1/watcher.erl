%% Watches something, and counts.
-module(watcher).
-behaviour(gen_server).
-vsn("1.0.0").

-export([start_link/1]).
-export([init/1, handle_call/3, handle_cast/2]).

-type status() :: up | down.
-record(state, {
    name :: atom(),
    status = down :: status(),
    load = 0 :: integer(),
    port :: 1..1024 | undefined,
    seen = [] :: [status()]
}).
-state_record(state).

start_link(Argument) -> gen_server:start_link(?MODULE, Argument, []).

init(Name) -> {ok, #state{name = Name}}.

handle_call(status, _From, State) ->
    {reply, State#state.status, State}.

handle_cast(_Request, State) ->
    {noreply, State}.
