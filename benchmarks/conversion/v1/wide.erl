%% The old version of a server with a state of ten fields.
-module(wide).
-behaviour(gen_server).
-vsn("1").

-export([init/1, handle_call/3, handle_cast/2]).

-record(state, {name, host, port, socket, users = #{}, queue = [], sent = 0, received = 0, since = 0, legacy = []}).
-state_record(state).

init([Name, Host, Port]) ->
    {ok, #state{name = Name, host = Host, port = Port}}.

handle_call(users, _From, State) ->
    {reply, State#state.users, State}.

handle_cast({queue, Item}, State) ->
    {noreply, State#state{queue = [Item | State#state.queue]}}.
