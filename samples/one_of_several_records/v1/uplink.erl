-module(uplink).
-behaviour(gen_server).
-vsn("1.0.0").

-export([init/1, handle_call/3, handle_cast/2]).

-record(connecting, {host :: string(), tries = 0 :: non_neg_integer()}).
-record(connected, {host :: string(), socket :: reference()}).

-type link() :: #connecting{} | #connected{} | stopped.
-state_type(link).
-export_type([link/0]).

init([]) ->
    {ok, stopped};
init(Host) ->
    {ok, #connecting{host = Host}}.

handle_call(tries, _From, #connecting{tries = Tries} = State) ->
    {reply, Tries, State};
handle_call(tries, _From, State) ->
    {reply, 0, State}.

handle_cast({up, Socket}, #connecting{host = Host}) ->
    {noreply, #connected{host = Host, socket = Socket}};
handle_cast(stop, _State) ->
    {noreply, stopped}.
