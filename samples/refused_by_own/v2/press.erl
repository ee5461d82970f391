%% A machine that presses parts, with a force. It is not upgraded while it presses.
-module(press).
-behaviour(gen_server).
-vsn("2.0.0").

-export([start_link/0, status/1]).
-export([init/1, handle_call/3, handle_cast/2, code_change/3]).

-record(state, {status = idle, force = 100}).
-state_record(state).

start_link() -> gen_server:start_link(?MODULE, [], []).

status(Press) -> gen_server:call(Press, status).

init([]) ->
    {ok, #state{}}.

handle_call(status, _From, State) ->
    {reply, {State#state.status, State#state.force}, State}.

handle_cast({status, Status}, State) ->
    {noreply, State#state{status = Status}}.

code_change({down, _Vsn}, State, _Extra) ->
    {ok, State};
code_change(_OldVsn, #state{status = pressing}, _Extra) ->
    {error, machine_is_pressing};
code_change(_OldVsn, State, _Extra) ->
    {ok, State}.
