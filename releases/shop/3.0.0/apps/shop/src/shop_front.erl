%% Owns the socket that listens, and the process that accepts.
-module(shop_front).
-behaviour(gen_server).
-export([start_link/0, accepted/0, port/0, connections/0]).
-export([init/1, handle_call/3, handle_cast/2]).

-record(state, {listen :: gen_tcp:socket(), acceptor :: pid(), accepted = 0 :: non_neg_integer()}).
-state_record(state).

start_link() ->
    gen_server:start_link({local, ?MODULE}, ?MODULE, [], []).

%% One more connection.
accepted() ->
    gen_server:cast(?MODULE, accepted).

port() ->
    gen_server:call(?MODULE, port).

%% How many were accepted.
connections() ->
    gen_server:call(?MODULE, connections).

init([]) ->
    {ok, Listen} = gen_tcp:listen(wanted(), [binary, {packet, line}, {active, false}, {reuseaddr, true}]),
    {ok, Acceptor} = shop_acceptor:start_link(Listen),
    {ok, #state{listen = Listen, acceptor = Acceptor}}.

%% SHOP_PORT goes before the configuration; 0 is any that is free.
wanted() ->
    {ok, Configured} = application:get_env(shop, port),
    list_to_integer(os:getenv("SHOP_PORT", integer_to_list(Configured))).

handle_call(connections, _From, #state{accepted = Accepted} = State) ->
    {reply, Accepted, State};
handle_call(port, _From, #state{listen = Listen} = State) ->
    {ok, Port} = inet:port(Listen),
    {reply, Port, State}.

handle_cast(accepted, #state{accepted = Accepted} = State) ->
    {noreply, State#state{accepted = Accepted + 1}}.
