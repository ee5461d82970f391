%% Sends mail, in secret.
-module(mailer).
-behaviour(gen_server).
-vsn("2.0.0").

-export([start_link/1, server/1]).
-export([init/1, handle_call/3, handle_cast/2]).

-record(state, {host, port = 587, tls = true, delivered = 0}).
-state_record(state).
-state_migration([{rename, sent, delivered}]).

start_link(Host) -> gen_server:start_link(?MODULE, Host, []).

server(Mailer) -> gen_server:call(Mailer, server).

init(Host) ->
    {ok, #state{host = Host}}.

handle_call(server, _From, State) ->
    {reply, {State#state.host, State#state.port, State#state.tls}, State}.

handle_cast({send, _Mail}, State) ->
    {noreply, State#state{delivered = State#state.delivered + 1}}.
