%% Watches something, and counts.
-module(watcher).
-behaviour(gen_server).
-vsn("2.0.0").

-export([start_link/1]).
-export([init/1, handle_call/3, handle_cast/2]).

-type status() :: up | down | unknown.
-record(state, {
    name :: atom() | binary(),
    status = down :: status(),
    load = 0 :: number(),
    port :: inet:port_number() | 1..1024 | undefined,
    seen = [] :: [status()],
    since = 0 :: integer()
}).
-state_record(state).
-export_type([status/0]).

start_link(Argument) -> gen_server:start_link(?MODULE, Argument, []).

init(Name) -> {ok, #state{name = Name}}.

handle_call(status, _From, State) ->
    {reply, State#state.status, State}.

handle_cast(_Request, State) ->
    {noreply, State}.
