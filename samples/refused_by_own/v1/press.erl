%% A machine that presses parts.
-module(press).
-behaviour(gen_server).
-vsn("1.0.0").

-export([start_link/0, status/1]).
-export([init/1, handle_call/3, handle_cast/2]).

-record(state, {status = idle}).
-state_record(state).

start_link() -> gen_server:start_link(?MODULE, [], []).

status(Press) -> gen_server:call(Press, status).

init([]) ->
    {ok, #state{}}.

handle_call(status, _From, State) ->
    {reply, State#state.status, State}.

handle_cast({status, Status}, State) ->
    {noreply, State#state{status = Status}}.
