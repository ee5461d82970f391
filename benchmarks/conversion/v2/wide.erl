%% The new version: one field renamed, one dropped, two added. It has no code_change of its own.
-module(wide).
-behaviour(gen_server).
-vsn("2").

-export([init/1, handle_call/3, handle_cast/2]).

-record(state, {name, host, port, socket, clients = #{}, queue = [], sent = 0, received = 0, since = 0,
                timeout = 5000, retries = 3}).
-state_record(state).
-state_migration([{rename, users, clients}, {drop, legacy}]).

init([Name, Host, Port]) ->
    {ok, #state{name = Name, host = Host, port = Port}}.

handle_call(clients, _From, State) ->
    {reply, State#state.clients, State}.

handle_cast({queue, Item}, State) ->
    {noreply, State#state{queue = [Item | State#state.queue]}}.
