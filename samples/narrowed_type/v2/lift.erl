%% Says whether a lift may be used.
-module(lift).
-behaviour(gen_server).
-vsn("2.0.0").

-export([start_link/1, up/1, down/1]).
-export([init/1, handle_call/3, handle_cast/2]).

-record(state, {status = idle :: idle | moving | {out_of_order, atom()}, floor = 0 :: integer()}).
-state_record(state).
-state_migration([{convert, status, up, down}]).

start_link(Argument) -> gen_server:start_link(?MODULE, Argument, []).

init(Floor) -> {ok, #state{floor = Floor}}.

handle_call(status, _From, State) ->
    {reply, State#state.status, State}.

up(Status) when Status =:= broken; Status =:= stuck -> {out_of_order, Status};
up(Status) -> Status.

down({out_of_order, stuck}) -> stuck;
down({out_of_order, _Reason}) -> broken;
down(Status) -> Status.

handle_cast(_Request, State) ->
    {noreply, State}.
