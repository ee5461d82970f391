%% Sends mail: through which host, and what waits.
-module(mailer).
-behaviour(gen_server).
-vsn("1.0.0").

-export([start_link/1, route/1]).
-export([init/1, handle_call/3, handle_cast/2]).

-record(state, {host = "localhost", port = 25, waiting = []}).
-state_record(state).

start_link(Host) ->
    gen_server:start_link(?MODULE, Host, []).

route(Mailer) ->
    gen_server:call(Mailer, route).

init(Host) ->
    {ok, #state{host = Host}}.

handle_call(route, _From, #state{host = Host, port = Port} = State) ->
    {reply, {Host, Port}, State}.

handle_cast(_Request, State) ->
    {noreply, State}.
