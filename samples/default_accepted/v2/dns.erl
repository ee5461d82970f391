%% Resolves names, and remembers them from the first question on.
-module(dns).
-behaviour(gen_server).
-vsn("2.0.0").

-export([start_link/1]).
-export([init/1, handle_call/3, handle_cast/2]).

-record(state, {servers, cache}).
-state_record(state).
-state_migration([{default, cache}]).

start_link(Argument) -> gen_server:start_link(?MODULE, Argument, []).

init(Servers) -> {ok, #state{servers = Servers, cache = new_cache(Servers)}}.

handle_call(known, _From, #state{cache = undefined, servers = Servers} = State) ->
    {reply, 0, State#state{cache = new_cache(Servers)}};
handle_call(known, _From, State) ->
    {reply, maps:size(State#state.cache), State}.

new_cache(Servers) -> maps:from_list([{Server, []} || Server <- Servers]).

handle_cast(_Request, State) ->
    {noreply, State}.
