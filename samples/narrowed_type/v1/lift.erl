%% Says whether a lift may be used.
-module(lift).
-behaviour(gen_server).
-vsn("1.0.0").

-export([start_link/1]).
-export([init/1, handle_call/3, handle_cast/2]).

-record(state, {status = idle :: idle | moving | broken | stuck, floor = 0 :: integer()}).
-state_record(state).

start_link(Argument) -> gen_server:start_link(?MODULE, Argument, []).

init(Floor) -> {ok, #state{floor = Floor}}.

handle_call(status, _From, State) ->
    {reply, State#state.status, State}.

handle_cast(_Request, State) ->
    {noreply, State}.
