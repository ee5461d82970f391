%% Fetches pages: how it connects, and how long it waits.
-module(fetch).
-behaviour(gen_server).
-vsn("1.0.0").

-export([start_link/1, limits/1]).
-export([init/1, handle_call/3, handle_cast/2]).

-record(net, {port = 80 :: inet:port_number()}).
-record(conf, {host :: string(), net = #net{} :: #net{}}).
-record(state, {conf :: #conf{}, timeout = 5000 :: timeout(), retries = 3 :: non_neg_integer(), done = 0 :: non_neg_integer()}).
-state_record(state).

start_link(Host) ->
    gen_server:start_link(?MODULE, Host, []).

limits(Fetch) ->
    gen_server:call(Fetch, limits).

init(Host) ->
    {ok, #state{conf = #conf{host = Host}}}.

handle_call(limits, _From, #state{timeout = Timeout, retries = Retries} = State) ->
    {reply, {Timeout, Retries}, State}.

handle_cast(_Request, State) ->
    {noreply, State}.
