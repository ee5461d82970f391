%% Sends mail.
-module(mailer).
-behaviour(gen_server).
-vsn("1.1.0").

-export([start_link/1, server/1]).
-export([init/1, handle_call/3, handle_cast/2]).

-record(state, {host, port = 25, sent = 0}).
-state_record(state).

start_link(Host) -> gen_server:start_link(?MODULE, Host, []).

server(Mailer) -> gen_server:call(Mailer, server).

init(Host) ->
    {ok, #state{host = Host}}.

handle_call(server, _From, State) ->
    {reply, {State#state.host, State#state.port}, State}.

handle_cast({send, _Mail}, State) ->
    {noreply, State#state{sent = State#state.sent + 1}}.
