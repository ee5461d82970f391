-module(uplink).
-behaviour(gen_server).
-vsn("2.0.0").

-export([init/1, handle_call/3, handle_cast/2]).

-record(connecting, {host :: string(), port = 443 :: inet:port_number(), tries = 0 :: non_neg_integer()}).
-record(connected, {host :: string(), port = 443 :: inet:port_number(), link :: reference()}).

-type link() :: #connecting{} | #connected{} | stopped.
-state_type(link).
-export_type([link/0]).
-state_migration([{in, connected, [{rename, socket, link}]}]).

init([]) ->
    {ok, stopped};
init({Host, Port}) ->
    {ok, #connecting{host = Host, port = Port}};
init(Host) ->
    {ok, #connecting{host = Host}}.

handle_call(tries, _From, #connecting{tries = Tries} = State) ->
    {reply, Tries, State};
handle_call(tries, _From, State) ->
    {reply, 0, State}.

handle_cast({up, Link}, #connecting{host = Host, port = Port}) ->
    {noreply, #connected{host = Host, port = Port, link = Link}};
handle_cast(stop, _State) ->
    {noreply, stopped}.
