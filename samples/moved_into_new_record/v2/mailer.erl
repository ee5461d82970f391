%% Sends mail: by which route, and what waits since when.
-module(mailer).
-behaviour(gen_server).
-vsn("2.0.0").

-export([start_link/1, route/1]).
-export([init/1, handle_call/3, handle_cast/2]).

-record(route, {host, port = 25, secure}).
-record(state, {route, waiting = [], since = never, sent = 0}).
-state_record(state).
-state_migration([{move, host, [route, host]}, {move, port, [route, port]}]).

start_link(Host) ->
    gen_server:start_link(?MODULE, Host, []).

route(Mailer) ->
    gen_server:call(Mailer, route).

init(Host) ->
    {ok, #state{route = #route{host = Host, secure = false}}}.

handle_call(route, _From, #state{route = #route{host = Host, port = Port}} = State) ->
    {reply, {Host, Port}, State}.

handle_cast(_Request, State) ->
    {noreply, State}.
