%% Rings.
-module(doorbell).
-behaviour(gen_server).
-vsn("1.0.0").

-export([start_link/0, ring/1]).
-export([init/1, handle_call/3, handle_cast/2]).

-record(state, {}).
-state_record(state).

start_link() -> gen_server:start_link(?MODULE, [], []).

ring(Doorbell) -> gen_server:call(Doorbell, ring).

init([]) ->
    {ok, #state{}}.

handle_call(ring, _From, State) ->
    {reply, "ding", State}.

handle_cast(_Request, State) ->
    {noreply, State}.
