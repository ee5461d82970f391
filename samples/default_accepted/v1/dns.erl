%% Resolves names.
-module(dns).
-behaviour(gen_server).
-vsn("1.0.0").

-export([start_link/1]).
-export([init/1, handle_call/3, handle_cast/2]).

-record(state, {servers}).
-state_record(state).

start_link(Argument) -> gen_server:start_link(?MODULE, Argument, []).

init(Servers) -> {ok, #state{servers = Servers}}.

handle_call(servers, _From, State) ->
    {reply, State#state.servers, State}.

handle_cast(_Request, State) ->
    {noreply, State}.
